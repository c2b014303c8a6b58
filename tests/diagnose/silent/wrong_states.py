"""Wrong: states of recurrent layers."""

from __future__ import annotations

from typing import Any

import torch
from torch import nn

from .programs import Case, collected

CASES: list[Case] = []
case = collected(CASES)


@case("B T 3", "1 B 5", codes="SF510", rnn=nn.GRU(3, 5, batch_first=True))
def state_never_passed(m: Any, x: Any, state: Any) -> Any:
    out, state = m.rnn(x)
    return out, state


@case("B T 3", ("2 B 5", "2 B 5"), codes="SF510", rnn=nn.LSTM(3, 5, 2, batch_first=True))
def states_never_passed(m: Any, x: Any, state: Any) -> Any:
    return m.rnn(x)


@case("B T 3", codes="SF510", cell=nn.LSTMCell(3, 5))
def state_of_the_first_step(m: Any, x: Any) -> Any:
    h, c = x.new_zeros(x.size(0), 5), x.new_zeros(x.size(0), 5)
    return torch.stack([m.cell(x[:, t], (h, c))[0] for t in range(x.size(1))], 1)


@case("B T 3", codes="SF510", cell=nn.GRUCell(3, 5))
def state_made_anew(m: Any, x: Any) -> Any:
    outputs = []
    for step in x.unbind(1) if False else [x[:, t] for t in range(x.size(1))]:
        outputs.append(m.cell(step, torch.zeros(x.size(0), 5)))
    return torch.stack(outputs, 1)


@case("B T 3", codes="SF510", cell=nn.LSTMCell(3, 5))
def cell_state_not_kept(m: Any, x: Any) -> Any:
    h, c = x.new_zeros(x.size(0), 5), x.new_zeros(x.size(0), 5)
    for t in range(x.size(1)):
        h, _ = m.cell(x[:, t], (h, c))
    return h


@case("B T 3", codes="SF510", rnn=nn.GRU(3, 5, batch_first=True), head=nn.Linear(5, 3))
def steps_without_a_state(m: Any, x: Any) -> Any:
    step, found = x[:, :1], []
    for _ in range(x.size(1)):
        out, _ = m.rnn(step)
        step = m.head(out)
        found.append(step)
    return torch.cat(found, 1)


@case("B T 3", codes="SF510", rnn=nn.GRU(3, 5, 2, batch_first=True), head=nn.Linear(5, 2))
def lower_layer(m: Any, x: Any) -> Any:
    return m.head(m.rnn(x)[1][0])


@case("B T 3", codes="SF510", rnn=nn.LSTM(3, 5, batch_first=True, bidirectional=True))
def one_direction(m: Any, x: Any) -> Any:
    _, (h, _) = m.rnn(x)
    return h[-1]


@case("B S 3", "B T 3", codes="SF510", encoder=nn.GRU(3, 5, batch_first=True),
      bridge=nn.Linear(5, 5), decoder=nn.GRU(3, 5, batch_first=True))  # fmt: skip
def bridge_to_nowhere(m: Any, x: Any, y: Any) -> Any:
    _, h = m.encoder(x)
    h = torch.tanh(m.bridge(h))
    out, _ = m.decoder(y)
    return out


@case("B S 3", "B T 3", codes="SF511", encoder=nn.LSTM(3, 5, batch_first=True),
      decoder=nn.LSTM(3, 5, batch_first=True))  # fmt: skip
def states_in_the_wrong_order(m: Any, x: Any, y: Any) -> Any:
    _, (c, h) = m.encoder(x)
    return m.decoder(y, (h, c))[0]


@case("B T 3", codes="SF511", cell=nn.LSTMCell(3, 5))
def cell_states_in_the_wrong_order(m: Any, x: Any) -> Any:
    c, h = m.cell(x[:, 0])
    for t in range(1, x.size(1)):
        h, c = m.cell(x[:, t], (h, c))
    return h


@case("B S 3", "B T 3", codes="SF510", encoder=nn.GRU(3, 5, batch_first=True),
      decoder=nn.GRU(3, 5, batch_first=True))  # fmt: skip
def encoder_for_nothing(m: Any, x: Any, y: Any) -> Any:
    _, h = m.encoder(x)
    out, h = m.decoder(y)
    return out


@case("B T 3", codes="SF510", encode=nn.GRU(3, 5, batch_first=True),
      decode=nn.GRU(3, 5, batch_first=True), head=nn.Linear(5, 3))  # fmt: skip
def own_predictions_from_one_state(m: Any, x: Any) -> Any:
    state, word, words = m.encode(x)[1], x[:, -1:], []
    for _ in range(4):
        out, _ = m.decode(word, state)
        word = m.head(out)
        words.append(word)
    return torch.cat(words, 1)
