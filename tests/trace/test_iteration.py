"""Loops over tensors and sizes; each result must be what PyTorch gives, at one step as at many."""

import functools
from collections.abc import Callable

import pytest
import torch
from torch import Tensor
from torch.nn.utils import rnn

import shapeflow
from tests.agreement import agrees


def summed(x: Tensor) -> Tensor:
    total = x[0] * 0
    for step in x:
        total = total + step
    return total


def enumerated(x: Tensor) -> Tensor:
    out = x.new_zeros(x.size(1), x.size(0), 3)
    for i, step in enumerate(x):
        out[:, i] = step
    return out


def backwards(x: Tensor) -> Tensor:
    steps = []
    for t in range(x.size(1) - 1, -1, -1):
        steps.append(x[:, t])
    return torch.stack(steps, dim=1)


def first_differs(x: Tensor) -> Tensor:
    steps: list[Tensor] = []
    for t in range(x.size(1)):
        steps.append(x[:, t] if t == 0 else steps[-1] + x[:, t])
    return torch.stack(steps, 1)


def last_differs(x: Tensor) -> Tensor:
    steps = []
    for t in range(x.size(1)):
        steps.append(x[:, t] if t == x.size(1) - 1 else x[:, t] * 2)
    return torch.stack(steps, 1)


def counted(x: Tensor) -> Tensor:
    t, total = 0, x[:, 0] * 0
    while t < x.size(1):
        total = total + x[:, t]
        t += 1
    return total


def consumed(x: Tensor) -> Tensor:
    total = x[:, 0] * 0
    while x.size(1) > 0:
        total, x = total + x[:, 0], x[:, 1:]
    return total


def halved(x: Tensor) -> Tensor:
    while x.size(1) > 1:
        if x.size(1) % 2:
            x = torch.cat([x, x[:, -1:]], 1)
        x = x[:, ::2] + x[:, 1::2]
    return x


def recursive(x: Tensor) -> Tensor:
    return x[:, 0] if x.size(1) == 1 else x[:, 0] + recursive(x[:, 1:])


def both_directions(x: Tensor) -> Tensor:
    forwards = list(x.unbind(1))
    pairs = zip(forwards, forwards[::-1], strict=True)
    return torch.stack([torch.cat([a, b], -1) for a, b in pairs], 1)


def cell(x: Tensor) -> Tensor:
    weights, state = (torch.randn(16, 3), torch.randn(16, 4)), torch.zeros(x.size(0), 4)
    h = c = state
    for t in range(x.size(1)):
        h, c = torch.lstm_cell(x[:, t], (h, c), *weights)
    return h


LOOPS: list[tuple[str, Callable[..., object]]] = [
    ("for step in x", summed),
    ("enumerate", enumerated),
    ("unbind", lambda x: torch.stack([s * 2 for s in x.unbind(1)], 1)),
    ("split", lambda x: torch.cat([s * 2 for s in x.split(1, dim=1)], 1)),
    ("chunk of each", lambda x: torch.cat([s for s in x.chunk(x.size(1), 1)], 1)),
    ("zip", lambda x: torch.stack([a + b for a, b in zip(x, x.flip(0), strict=True)])),
    ("zip both directions", both_directions),
    ("reversed range", lambda x: torch.stack([x[:, t] for t in reversed(range(x.size(1)))], 1)),
    ("range backwards", backwards),
    ("generator", lambda x: torch.stack(list(x[:, t] for t in range(x.size(1))), 1)),
    ("map", lambda x: torch.stack(list(map(lambda t: x[:, t], range(x.size(1)))), 1)),
    ("reduce", lambda x: functools.reduce(torch.add, x.unbind(1))),
    ("first differs", first_differs),
    ("last differs", last_differs),
    ("while", counted),
    ("time consumed", consumed),
    ("halving", halved),
    ("recursion", recursive),
    ("lstm_cell", cell),
    ("pairs", lambda x: torch.stack([x[:, 2 * t] for t in range(x.size(1) // 2)], 1)),
    (
        "differences",
        lambda x: torch.stack([x[:, t + 1] - x[:, t] for t in range(x.size(1) - 1)], 1),
    ),
    ("every other", lambda x: torch.stack([x[:, t] for t in range(0, x.size(1), 2)], 1)),
    ("every third", lambda x: torch.stack([x[:, t] for t in range(0, x.size(1), 3)], 1)),
    ("windows", lambda x: torch.stack([x[:, t : t + 3].sum(1) for t in range(x.size(1) - 2)], 1)),
    ("triangle", lambda x: torch.cat([x[:, : t + 1] for t in range(x.size(1))], 1)),
    ("at most six", lambda x: torch.stack([x[:, t] for t in range(min(x.size(1), 6))], 1)),
    ("exactly four", lambda x: torch.stack([x[:, t] for t in range(4)], 1)),
    ("fourth of a list", lambda x: [x[:, t] for t in range(x.size(1))][3]),
    ("view of joined steps", lambda x: torch.cat(x.unbind(1)).view(x.size(0), x.size(1), 3)),
    ("squeezed steps", lambda x: torch.stack([x[:, t].squeeze() for t in range(x.size(1))], 1)),
    ("filtered", lambda x: torch.stack([x[:, t] for t in range(x.size(1)) if t % 2 == 0], 1)),
    ("list of T steps needs 12", lambda x: torch.cat(x.unbind(1), 1) @ torch.zeros(12, 2)),
]


@pytest.mark.parametrize("function", [case[1] for case in LOOPS], ids=[case[0] for case in LOOPS])
def test_loop(function: Callable[..., object]) -> None:
    agrees(function, "B T 3", sizes={"B": [1, 2, 4], "T": range(1, 15)})


def test_two_nested_loops_over_two_symbols() -> None:
    def forward(x: Tensor, y: Tensor) -> Tensor:
        rows = []
        for i in range(x.size(1)):
            row = [(x[:, i] * y[:, j]).sum(-1) for j in range(y.size(1))]
            rows.append(torch.stack(row, 1))
        return torch.stack(rows, 1)

    sizes = {"B": [2], "T": [1, 2, 3, 4, 7], "L": [1, 2, 3, 4, 7]}
    report = agrees(forward, "B T 3", "B L 3", sizes=sizes)
    assert set(report.paths[0].instances) == {"T", "L"}


def test_two_loops_after_one_another() -> None:
    def forward(x: Tensor, y: Tensor) -> Tensor:
        return torch.stack([*x.unbind(1), *y.unbind(1)], 1)

    agrees(forward, "B T 3", "B L 3", sizes={"B": [2], "T": [1, 2, 5, 8], "L": [1, 3, 5, 9]})


def packed(x: Tensor, lengths: Tensor) -> Tensor:
    batch = rnn.pack_padded_sequence(x, lengths, batch_first=True, enforce_sorted=False)
    parts = (batch.batch_sizes, batch.sorted_indices, batch.unsorted_indices)
    return rnn.pad_packed_sequence(rnn.PackedSequence(batch.data * 2, *parts), batch_first=True)[0]


def test_packed_sequences_both_ways() -> None:
    def make(B: int, T: int) -> tuple[Tensor, Tensor]:
        return torch.rand(B, T, 3), torch.full((B,), T)

    agrees(packed, "B T 3", "B:int64", make=make)


@pytest.mark.parametrize("lengths", [(2, 1), (1, 2), (0, 1), (1, 0)])
def test_every_length_is_looked_at(lengths: tuple[int, int]) -> None:
    agrees(lambda x: packed(x, torch.tensor(lengths)), "2 T 3", sizes={"T": [2, 3]})


def test_packed_sequence_comes_out() -> None:
    def forward(x: Tensor) -> rnn.PackedSequence:
        return rnn.pack_sequence([x[0], x[1]])

    report = agrees(forward, "2 T 3")
    assert [str(size) for size in report.outputs] == ["2*T", "3"]


def test_sequences_of_different_lengths_are_padded() -> None:
    def forward(a: Tensor, b: Tensor) -> Tensor:
        return rnn.pad_sequence([a, b], batch_first=True)

    agrees(forward, "A 3", "B 3")


def test_branches_beside_a_loop_are_no_steps_of_it() -> None:
    cell = torch.nn.RNNCell(4, 2)

    def model(a: Tensor, b: Tensor, c: Tensor) -> tuple[Tensor, ...]:
        state, states = torch.zeros(a.size(0), 2), []
        for t in range(a.size(1)):
            state = cell(a[:, t], state)
            states.append(state)
        joined = torch.fft.ifftn(torch.stack(states, 1).permute(2, 0, 1), s=[6, -1], dim=[1, 2])
        columns = torch.svd(b)[2]
        first = columns.sum(1) if columns.shape[1] % 2 == 0 else columns.select(1, 0)
        return joined, first, c.sum(0) if c.size(0) != 1 else c.select(0, 0)

    report = shapeflow.check(model, "N H 4", "B 2", "N H 2")
    assert report.verdict in ("valid", "conditional", "incomplete")
