"""Wrong: broadcasting, and calls along an axis."""

from __future__ import annotations

from typing import Any

import torch
import torch.nn.functional as F
from torch import nn

from .programs import Case, collected

CASES: list[Case] = []
case = collected(CASES)


@case("B 3", "B", codes="SF508", head=nn.Linear(3, 1))
def column_against_row(m: Any, x: Any, y: Any) -> Any:
    return ((m.head(x) - y) ** 2).mean()


@case("B 3", "B", codes="SF508", head=nn.Linear(3, 1))
def column_against_row_in_a_loss(m: Any, x: Any, y: Any) -> Any:
    return F.mse_loss(m.head(x), y)


@case("B 3", "B:int64", codes="SF508", head=nn.Linear(3, 4))
def accuracy_of_all_pairs(m: Any, x: Any, y: Any) -> Any:
    return (m.head(x).argmax(1, keepdim=True) == y).float().mean()


@case("B 3", "B:int64", "B", codes="SF508", head=nn.Linear(3, 4))
def chosen_values_against_targets(m: Any, x: Any, action: Any, target: Any) -> Any:
    value = m.head(x).gather(1, action.unsqueeze(1))
    return (value - target).abs().mean()


@case("B 1", "B 3", codes="SF508", head=nn.Linear(3, 1))
def mask_of_rows(m: Any, mask: Any, x: Any) -> Any:
    return m.head(x).squeeze(1) * mask


@case("B T 3", "B T 4", codes="SF508", head=nn.Linear(3, 1))
def loss_of_two_widths(m: Any, x: Any, y: Any) -> Any:
    return F.smooth_l1_loss(m.head(x), y)


@case("B T 3", codes="SF509", score=nn.Linear(3, 1))
def softmax_of_one_score(m: Any, x: Any) -> Any:
    return (m.score(x).softmax(-1) * x).sum(1)


@case("B T 3", codes="SF509", rnn=nn.GRU(3, 5, batch_first=True), score=nn.Linear(5, 1))
def softmax_over_the_batch(m: Any, x: Any) -> Any:
    out, _ = m.rnn(x)
    return (F.softmax(m.score(out), dim=0) * out).sum(1)


@case("B Q 4", "B K 4", codes="SF509")
def softmax_over_queries(m: Any, q: Any, k: Any) -> Any:
    return F.softmax(q @ k.transpose(1, 2), dim=1) @ k


@case("B T 3", codes="SF509", rnn=nn.GRU(3, 5, batch_first=True), head=nn.Linear(5, 4))
def softmax_over_steps(m: Any, x: Any) -> Any:
    return m.head(m.rnn(x)[0]).log_softmax(dim=1)


@case("B T 3", codes="SF509", head=nn.Linear(3, 4), soft=nn.Softmax(dim=0))
def softmax_over_examples(m: Any, x: Any) -> Any:
    return m.soft(m.head(x.mean(1)))


@case("B T 3", codes="SF509", rnn=nn.GRU(3, 5, batch_first=True))
def mean_over_the_batch(m: Any, x: Any) -> Any:
    return m.rnn(x)[0].mean(0)


@case("B T:int64", codes="SF509", embed=nn.Embedding(9, 4))
def unit_steps(m: Any, words: Any) -> Any:
    return F.normalize(m.embed(words))


@case("B T 3", "B T 3", codes="SF509", head=nn.Linear(3, 4))
def similarity_along_steps(m: Any, x: Any, y: Any) -> Any:
    return F.cosine_similarity(m.head(x), m.head(y))


@case("B T 3", codes="SF509", rnn=nn.GRU(3, 5, batch_first=True), head=nn.Linear(5, 4))
def classes_among_the_batch(m: Any, x: Any) -> Any:
    return m.head(m.rnn(x)[1][-1]).argmax(0)


@case("B 3", codes="SF515", head=nn.Linear(3, 1))
def squeezed(m: Any, x: Any) -> Any:
    return m.head(x).squeeze()


@case("B T 3", codes="SF515", rnn=nn.GRU(3, 5, batch_first=True))
def squeezed_state(m: Any, x: Any) -> Any:
    return torch.squeeze(m.rnn(x)[1])


@case("B T 3", codes="SF509", rnn=nn.LSTM(3, 5, batch_first=True, bidirectional=True),
      head=nn.Linear(5, 2))  # fmt: skip
def directions_along_the_batch(m: Any, x: Any) -> Any:
    _, (h, _) = m.rnn(x)
    return m.head(torch.cat([h[0], h[1]], dim=0))


@case("B T 6", "B T:bool", codes="SF509")
def mask_of_queries(m: Any, x: Any, mask: Any) -> Any:
    scores = x @ x.transpose(1, 2)
    scores = scores.masked_fill(~mask.unsqueeze(2), -1e9)
    return scores.softmax(-1) @ x


@case("B T:int64", codes="SF509", embed=nn.Embedding(9, 4), norm=nn.InstanceNorm1d(4))
def channels_last_norm(m: Any, words: Any) -> Any:
    return m.norm(m.embed(words))


@case("B T:int64", codes="SF509", embed=nn.Embedding(9, 4))
def unit_steps_by_hand(m: Any, words: Any) -> Any:
    x = m.embed(words)
    return x / x.norm(dim=1, keepdim=True)


@case("B 4", codes="SF509", head=nn.Linear(4, 3))
def best_example_of_each_class(m: Any, x: Any) -> Any:
    return m.head(x).argmax(dim=0)


@case("B 5", "B", codes="SF508", mean=nn.Linear(5, 1))
def distribution_of_all_pairs(m: Any, x: Any, action: Any) -> Any:
    noise = torch.distributions.Normal(m.mean(x), 1.0, validate_args=False)
    return noise.log_prob(action).mean()
