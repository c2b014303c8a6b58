"""Wrong: batch and time."""

from __future__ import annotations

from typing import Any

import torch
import torch.nn.functional as F
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from .programs import Case, collected

CASES: list[Case] = []
case = collected(CASES)


@case("B T 3", codes="SF501", rnn=nn.LSTM(3, 5), head=nn.Linear(5, 2))
def time_major_layer_last_step(m: Any, x: Any) -> Any:
    out, _ = m.rnn(x)
    return m.head(out[:, -1, :])


@case("B T:int64", codes="SF501", embed=nn.Embedding(9, 3), rnn=nn.GRU(3, 5))
def time_major_layer_mean_of_steps(m: Any, words: Any) -> Any:
    return m.rnn(m.embed(words))[0].mean(dim=1)


@case("B T:int64", codes="SF501", embed=nn.Embedding(9, 3), rnn=nn.GRU(3, 5), head=nn.Linear(5, 9))
def time_major_layer_next_word(m: Any, words: Any) -> Any:
    scores = m.head(m.rnn(m.embed(words[:, :-1]))[0])
    return F.cross_entropy(scores.flatten(0, 1), words[:, 1:].flatten())


@case("B 1 T", codes="SF501", conv=nn.Conv1d(1, 4, 3, padding=1), rnn=nn.LSTM(4, 5))
def time_major_layer_after_convolution(m: Any, wave: Any) -> Any:
    return m.rnn(m.conv(wave).transpose(1, 2))[0]


@case("B T 3 8 8", codes="SF501", conv=nn.Conv2d(3, 4, 3), rnn=nn.LSTM(4, 5))
def time_major_layer_frames_in_a_loop(m: Any, video: Any) -> Any:
    frames = [m.conv(video[:, t]).mean((2, 3)) for t in range(video.size(1))]
    return m.rnn(torch.stack(frames, dim=1))[0]


@case("B T 8", codes="SF501", first=nn.LSTM(8, 8, batch_first=True), second=nn.LSTM(8, 5))
def two_layers_that_disagree(m: Any, x: Any) -> Any:
    return m.second(m.first(x)[0])[0]


@case("B T 8", codes="SF501",
      attend=nn.TransformerEncoderLayer(8, 2, 16), head=nn.Linear(8, 2))  # fmt: skip
def attention_along_the_batch(m: Any, x: Any) -> Any:
    return m.head(m.attend(x).mean(dim=1))


@case("B T 3", codes="SF501", first=nn.LSTM(3, 6), second=nn.LSTM(6, 5), head=nn.Linear(5, 2))
def two_time_major_layers_last_step(m: Any, x: Any) -> Any:
    return m.head(m.second(m.first(x)[0])[0][:, -1])


@case("B T 8", codes="SF501", head=nn.Linear(8, 2), places=nn.Embedding(90, 8),
      first=nn.TransformerEncoderLayer(8, 2, 16),
      second=nn.TransformerEncoderLayer(8, 2, 16))  # fmt: skip
def encoder_along_the_batch(m: Any, x: Any) -> Any:
    x = x + m.places(torch.arange(x.size(1)))
    return m.head(m.second(m.first(x))[:, -1])


@case("B T 3", codes="SF502", rnn=nn.GRU(3, 5, batch_first=True), head=nn.Linear(5, 2))
def last_of_batch(m: Any, x: Any) -> Any:
    return m.head(m.rnn(x)[0][-1])


@case("T B 3", codes="SF501", rnn=nn.GRU(3, 5), head=nn.Linear(5, 2))
def last_of_batch_time_major(m: Any, x: Any) -> Any:
    return m.head(m.rnn(x)[0][:, -1])


@case("B T 3", codes="SF502", rnn=nn.GRU(3, 5, batch_first=True))
def last_of_batch_select(m: Any, x: Any) -> Any:
    return torch.tanh(m.rnn(x)[0]).select(0, -1)


@case("B T 3", codes="SF502", rnn=nn.GRU(3, 5, batch_first=True))
def last_of_batch_by_length(m: Any, x: Any) -> Any:
    return m.rnn(x)[0][x.size(0) - 1]


@case("B T 3", codes="SF502", rnn=nn.LSTM(3, 5, 2, batch_first=True))
def last_of_batch_in_a_state(m: Any, x: Any) -> Any:
    _, (h, _) = m.rnn(x)
    return h[:, -1]


@case("B T 3", codes="SF502", rnn=nn.GRU(3, 5, batch_first=True))
def last_of_batch_as_slice(m: Any, x: Any) -> Any:
    return m.rnn(x)[0][-1:]


@case("B T 3", codes="SF503", rnn=nn.GRU(3, 5, batch_first=True, bidirectional=True),
      head=nn.Linear(10, 2))  # fmt: skip
def backward_step(m: Any, x: Any) -> Any:
    return m.head(m.rnn(x)[0][:, -1])


@case("T B 3", codes="SF503", rnn=nn.LSTM(3, 5, 2, bidirectional=True), head=nn.Linear(10, 2))
def backward_step_time_major(m: Any, x: Any) -> Any:
    out, _ = m.rnn(x)
    return m.head(torch.relu(out[-1]))


@case("B T 3", codes="SF503", rnn=nn.GRU(3, 5, batch_first=True, bidirectional=True))
def backward_step_returned(m: Any, x: Any) -> Any:
    return m.rnn(x)[0][:, -1, :]


@case("B T 3", codes="SF503", rnn=nn.GRU(3, 5, batch_first=True, bidirectional=True),
      drop=nn.Dropout(0.5), head=nn.Linear(10, 2))  # fmt: skip
def backward_step_transposed(m: Any, x: Any) -> Any:
    return m.head(m.drop(m.rnn(x)[0].transpose(0, 1)[-1]))


@case("B T 3", codes="SF503", rnn=nn.GRU(3, 5, batch_first=True, bidirectional=True),
      head=nn.Linear(10, 2))  # fmt: skip
def backward_step_last_slice(m: Any, x: Any) -> Any:
    return m.head(m.rnn(x)[0][:, -1:].squeeze(1))


@case("B 9", codes="SF512", rnn=nn.LSTM(9, 5, batch_first=True), head=nn.Linear(5, 2))
def rows_as_steps(m: Any, x: Any) -> Any:
    return m.head(m.rnn(x)[0])


@case("B 9", codes="SF512", norm=nn.BatchNorm1d(9), rnn=nn.GRU(9, 5), head=nn.Linear(5, 2))
def rows_as_steps_after_norm(m: Any, x: Any) -> Any:
    return m.head(m.rnn(m.norm(x))[0])


@case("B 1 9", codes="SF512", rnn=nn.LSTM(9, 5, batch_first=True), head=nn.Linear(5, 2))
def rows_as_steps_squeezed(m: Any, x: Any) -> Any:
    return m.head(m.rnn(x.squeeze(1))[0])


@case(
    "B T 9",
    codes="SF512",
    rnn=nn.LSTM(9, 5, batch_first=True),
    last=nn.LSTM(5, 5, batch_first=True),
)
def states_as_steps(m: Any, x: Any) -> Any:
    return m.last(m.rnn(x)[0][:, -1])[0]


@case("B T 8", codes="SF501", place=nn.Embedding(50, 8),
      layer=nn.TransformerEncoderLayer(8, 2, 16, batch_first=True))  # fmt: skip
def places_along_the_batch(m: Any, x: Any) -> Any:
    return m.layer(x + m.place.weight[: x.size(0)].unsqueeze(1)).mean(1)


@case("B T 8", codes="SF501", place=nn.Embedding(50, 8),
      layer=nn.TransformerEncoderLayer(8, 2, 16, batch_first=True))  # fmt: skip
def embedded_places_along_the_batch(m: Any, x: Any) -> Any:
    places = m.place(torch.arange(x.size(0))).unsqueeze(1)
    return m.layer(x + places)[:, 0]


@case("B T 3", "B:int64", codes="SF502", rnn=nn.GRU(3, 5, batch_first=True))
def last_of_an_unpacked_batch(m: Any, x: Any, lengths: Any) -> Any:
    pack = pack_padded_sequence(x, lengths, batch_first=True, enforce_sorted=False)
    out, _ = pad_packed_sequence(m.rnn(pack)[0])
    return out[:, -1]


@case("B 9", codes="SF512", norm=nn.BatchNorm1d(9), rnn=nn.LSTM(9, 5, batch_first=True))
def batch_as_one_sequence(m: Any, x: Any) -> Any:
    return m.rnn(m.norm(x).unsqueeze(0))[0]
