"""Wrong: padding, sorted batches, views and copies."""

from __future__ import annotations

from typing import Any

import torch
import torch.nn.functional as F
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from .programs import READER, Case, collected, padded

CASES: list[Case] = []
case = collected(CASES)


@case("B T 3", "B:int64", codes="SF504", **READER)
def last_padded_step(m: Any, x: Any, lengths: Any) -> Any:
    return m.head(padded(m, x, lengths)[:, -1])


@case("B T 3", "B:int64", codes="SF504", **READER)
def mean_of_padded_steps(m: Any, x: Any, lengths: Any) -> Any:
    return m.head(padded(m, x, lengths).mean(1))


@case("B T 3", "B:int64", codes="SF504", **READER)
def largest_of_padded_steps(m: Any, x: Any, lengths: Any) -> Any:
    return m.head(padded(m, x, lengths).max(dim=1)[0])


@case("B T 3", "B:int64", codes="SF504", score=nn.Linear(5, 1), **READER)
def attention_over_padded_steps(m: Any, x: Any, lengths: Any) -> Any:
    out = padded(m, x, lengths)
    weights = torch.softmax(m.score(out), dim=1)
    return m.head((weights * out).sum(1))


@case("B T 3", "B:int64", codes="SF504", **READER)
def lengths_never_read(m: Any, x: Any, lengths: Any) -> Any:
    return m.head(m.rnn(x)[0][:, -1])


@case("B T 3", "B:int64", codes="SF513", **READER)
def sorted_and_left_so(m: Any, x: Any, lengths: Any) -> Any:
    lengths, order = lengths.sort(descending=True)
    pack = pack_padded_sequence(x[order], lengths, batch_first=True)
    return m.head(m.rnn(pack)[1][-1])


@case("B T 3", "B:int64", codes="SF513", **READER)
def sorted_twice(m: Any, x: Any, lengths: Any) -> Any:
    order = torch.argsort(lengths, descending=True)
    pack = pack_padded_sequence(x.index_select(0, order), lengths[order], batch_first=True)
    return m.head(m.rnn(pack)[1][-1])[order]


@case("B T 3", "B:int64", codes="SF513", **READER)
def sorted_outputs(m: Any, x: Any, lengths: Any) -> Any:
    lengths, order = torch.sort(lengths, 0, True)
    pack = pack_padded_sequence(x[order], lengths.cpu(), batch_first=True)
    return pad_packed_sequence(m.rnn(pack)[0], batch_first=True)[0]


@case("B T 3", "B:int64", "B:int64", codes="SF513", **READER)
def sorted_scores_against_targets(m: Any, x: Any, lengths: Any, target: Any) -> Any:
    lengths, order = lengths.sort(0, descending=True)
    pack = pack_padded_sequence(x[order], lengths, batch_first=True)
    return F.cross_entropy(m.head(m.rnn(pack)[1][0]), target)


@case("B T 3", "B:int64", "B 4", codes="SF513", rnn=nn.GRU(3, 5, batch_first=True))
def sorted_beside_unsorted(m: Any, x: Any, lengths: Any, more: Any) -> Any:
    lengths, order = lengths.sort(descending=True)
    pack = pack_padded_sequence(x[order], lengths, batch_first=True)
    return torch.cat([m.rnn(pack)[1][-1], more], dim=1).sum()


@case("B T 3", "B:int64", codes="SF514", rnn=nn.GRU(3, 5, batch_first=True))
def lengths_without_the_marker(m: Any, x: Any, lengths: Any) -> Any:
    start = x.new_zeros(x.size(0), 1, 3)
    return padded(m, torch.cat([start, x], 1), lengths)[:, 1:]


@case("T B 3", "B:int64", codes="SF514", rnn=nn.GRU(3, 5))
def lengths_without_two_markers(m: Any, x: Any, lengths: Any) -> Any:
    x = torch.cat([x.new_zeros(2, x.size(1), 3), x])
    out, _ = m.rnn(pack_padded_sequence(x, lengths, enforce_sorted=False))
    return pad_packed_sequence(out)[0][2:]


@case("B T 5", "B 4 5", codes="SF507")
def copies_by_cat(m: Any, memory: Any, query: Any) -> Any:
    memory = torch.cat([memory] * 4, dim=0)
    return torch.bmm(memory, query.reshape(-1, 5, 1))


@case("B T 3", "B T:bool", codes="SF504", score=nn.Linear(3, 1))
def mask_never_read(m: Any, x: Any, mask: Any) -> Any:
    return (m.score(x).softmax(1) * x).sum(1)


@case("B T 3", "B:int64", codes="SF513", **READER)
def lengths_sorted_alone(m: Any, x: Any, lengths: Any) -> Any:
    lengths, _ = lengths.sort(descending=True)
    return m.rnn(pack_padded_sequence(x, lengths, batch_first=True))[1][-1]


@case("B T 3", codes="SF505", rnn=nn.LSTM(3, 5, 2, batch_first=True), head=nn.Linear(10, 2))
def layers_into_features(m: Any, x: Any) -> Any:
    _, (h, _) = m.rnn(x)
    return m.head(h.view(-1, 10))


@case("B T 3", codes="SF505", rnn=nn.GRU(3, 5, bidirectional=True, batch_first=True))
def directions_behind_the_batch(m: Any, x: Any) -> Any:
    return m.rnn(x)[1].reshape(x.size(0), 2, 5).sum(1)


@case("T B 3", codes="SF505", rnn=nn.GRU(3, 5), head=nn.Linear(5, 2))
def time_major_viewed_as_batch_first(m: Any, x: Any) -> Any:
    out, _ = m.rnn(x)
    rows = m.head(out.reshape(-1, 5))
    return rows.view(x.size(1), x.size(0), 2)


@case("B T 8", codes="SF505", query=nn.Linear(8, 8))
def heads_before_steps(m: Any, x: Any) -> Any:
    q = m.query(x).view(x.size(0), 2, x.size(1), 4)
    return (q @ q.transpose(-1, -2)).softmax(-1)


@case("B 4 T 9", codes="SF505", rnn=nn.GRU(36, 5, batch_first=True))
def channels_and_steps(m: Any, x: Any) -> Any:
    return m.rnn(x.reshape(x.size(0), -1, 36))[0]


@case("B 16 3", codes="SF505", conv=nn.Conv1d(3, 4, 3))
def fixed_sizes_turned(m: Any, x: Any) -> Any:
    return m.conv(x.view(-1, 3, 16))


@case("B T 3", codes="SF505", rnn=nn.GRU(3, 5, 3, bidirectional=True, batch_first=True))
def layers_and_directions(m: Any, x: Any) -> Any:
    h = m.rnn(x)[1]
    return h.view(2, 3, x.size(0), 5)[:, -1].sum(0)


@case("B T 3", codes="SF505", rnn=nn.GRU(3, 5, bidirectional=True, batch_first=True))
def features_and_directions(m: Any, x: Any) -> Any:
    return m.rnn(x)[0].view(x.size(0), x.size(1), 5, 2).sum(-1)


@case("T B 3", "B T:int64", codes="SF506", rnn=nn.GRU(3, 5))
def scores_and_targets_in_other_orders(m: Any, x: Any, tags: Any) -> Any:
    return F.cross_entropy(m.rnn(x)[0].view(-1, 5), tags.reshape(-1))


@case("B T 3", "T B 3", codes="SF506", head=nn.Linear(3, 3))
def predictions_and_targets_in_other_orders(m: Any, x: Any, y: Any) -> Any:
    return F.mse_loss(m.head(x).flatten(0, 1), y.flatten(0, 1))


@case("B T 3", "T B 4", codes="SF506")
def features_of_other_rows(m: Any, x: Any, y: Any) -> Any:
    return torch.cat([x.view(-1, 3), y.view(-1, 4)], dim=-1)


@case("B 4 3", "B 5", codes="SF507", cell=nn.GRUCell(3, 5))
def beams_of_a_state(m: Any, x: Any, state: Any) -> Any:
    return m.cell(x.flatten(0, 1), state.repeat(4, 1))


@case("B T 5", "B 4 5", codes="SF507")
def memory_of_beams(m: Any, memory: Any, query: Any) -> Any:
    memory = memory.repeat(4, 1, 1)
    return torch.bmm(memory, query.view(-1, 5, 1))


@case("B 5", codes="SF507")
def copies_viewed_by_row(m: Any, x: Any) -> Any:
    return x.repeat(4, 1).view(x.size(0), 4, 5)


@case("B T 5", codes="SF507 ", head=nn.Linear(5, 1))
def steps_of_a_state(m: Any, x: Any) -> Any:
    state = x[:, 0].repeat(x.size(1), 1).view(x.size(0), x.size(1), 5)
    return m.head(torch.tanh(state + x))


@case("B T 3", codes="SF505", cell=nn.GRUCell(3, 5))
def stacked_steps_viewed_as_batch_first(m: Any, x: Any) -> Any:
    state, steps = x.new_zeros(x.size(0), 5), []
    for t in range(x.size(1)):
        state = m.cell(x[:, t], state)
        steps.append(state)
    return torch.stack(steps).view(x.size(0), x.size(1), 5)


@case("B T 3", codes="SF505", rnn=nn.GRU(3, 5, batch_first=True))
def steps_joined_along_the_batch(m: Any, x: Any) -> Any:
    state, steps = None, []
    for t in range(x.size(1)):
        out, state = m.rnn(x[:, t : t + 1], state)
        steps.append(out)
    return torch.cat(steps).view(x.size(0), x.size(1), -1)
