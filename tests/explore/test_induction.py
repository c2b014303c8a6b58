"""Loops that are settled for all numbers of steps, and those that look alike and are not."""

import random
from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import Tensor, nn

import shapeflow
from tests.agreement import agrees


class Steps(nn.Module):
    """Parts that loops are made of; the way through them is given."""

    def __init__(self, way: Callable[["Steps", Tensor], Any]) -> None:
        super().__init__()
        self.way = way
        self.cell, self.out = nn.GRUCell(3, 5), nn.Linear(5, 2)
        self.lstm = nn.ModuleList([nn.LSTMCell(3, 5), nn.LSTMCell(5, 5)])
        self.encoder, self.mixed = nn.GRU(3, 5, batch_first=True), nn.GRUCell(8, 5)
        self.many = nn.ModuleList([nn.GRUCell(3, 5) for _ in range(8)])
        self.places = nn.Parameter(torch.zeros(10, 3))
        self.count, self.window = 0, 11

    def forward(self, x: Tensor) -> Any:
        return self.way(self, x)

    def one(self, x: Tensor, h: Tensor | None) -> Tensor:
        if h is None:
            h = x.new_zeros(x.size(0), 5)
        return self.cell(x, h)

    def attend(self, h: Tensor, memory: Tensor) -> Tensor:
        weights = (memory @ h.unsqueeze(-1)).softmax(1)
        return (weights * memory).sum(1)

    def counted(self, x: Tensor) -> Tensor:
        self.count += 1
        return self.cell(x if self.count < 8 else x[:, :2])


def collected(self: Steps, x: Tensor) -> Tensor:
    h, steps = x.new_zeros(x.size(0), 5), []
    for t in range(x.size(1)):
        h = self.cell(x[:, t], h)
        steps.append(self.out(h))
    return torch.stack(steps, 1)


def over_the_tensor(self: Steps, x: Tensor) -> Tensor:
    h = None
    for step in x.transpose(0, 1):
        h = self.one(step, h)
    return self.out(h)


def comprehension(self: Steps, x: Tensor) -> Tensor:
    steps = [self.out(self.cell(x[:, t])) for t in range(x.size(1))]
    return torch.stack(steps, 1).log_softmax(-1)


def attention(self: Steps, x: Tensor) -> Tensor:
    memory, h = self.encoder(x)
    h, steps = h[-1], []
    for t in range(x.size(1)):
        h = self.mixed(torch.cat([x[:, t], self.attend(h, memory)], -1), h)
        steps.append(h)
    return self.out(torch.stack(steps, 1))


def filled_backwards(self: Steps, x: Tensor) -> Tensor:
    out, h = x.new_zeros(x.size(0), x.size(1), 5), x.new_zeros(x.size(0), 5)
    for t in reversed(range(x.size(1))):
        h = self.cell(x[:, t], h)
        out[:, t] = h
    return out


def stacked_cells(self: Steps, x: Tensor) -> Tensor:
    states = [(x.new_zeros(x.size(0), 5),) * 2 for _ in self.lstm]
    steps = []
    for step in x.unbind(1):
        for i, cell in enumerate(self.lstm):
            states[i] = cell(step, states[i])
            step = states[i][0]
        steps.append(step)
    return torch.stack(steps, 1)


def total(self: Steps, x: Tensor) -> Tensor:
    loss = x.new_zeros(())
    for step in x.unbind(1):
        loss += self.cell(step).square().mean()
    return loss


SETTLED = [
    collected, over_the_tensor, comprehension, attention, filled_backwards, stacked_cells, total,
]  # fmt: skip


@pytest.mark.parametrize("way", SETTLED)
def test_settled_for_all(way: Callable[..., Any]) -> None:
    report = agrees(Steps(way), "B T 3", sizes={"B": [1, 4], "T": [1, 2, 7, 13]})
    (note,) = report.notes
    assert note.startswith("for all T: each step of the loop at test_induction.py:")


# -- what depends on the number of the step ------------------------------------------------------


def another_at_seven(self: Steps, x: Tensor) -> Tensor:
    h = x.new_zeros(x.size(0), 5)
    for t in range(x.size(1)):
        h = self.cell(x[:, t], h)
        if t == 7:
            h = h[:, :4]
    return h


def table_of_ten(self: Steps, x: Tensor) -> Tensor:
    h = x.new_zeros(x.size(0), 5)
    for t in range(x.size(1)):
        h = self.cell(x[:, t] + self.places[t], h)
    return h


def list_of_eight(self: Steps, x: Tensor) -> Tensor:
    h = x.new_zeros(x.size(0), 5)
    for t in range(x.size(1)):
        h = self.many[t](x[:, t], h)
    return h


def counter(self: Steps, x: Tensor) -> Tensor:
    h, n = x.new_zeros(x.size(0), 5), 0
    for step in x.unbind(1):
        n = n + 1
        if n > 8:
            step = step[:, :2]
        h = self.cell(step, h)
    return h


def hidden_counter(self: Steps, x: Tensor) -> Tensor:
    self.count = 0
    return torch.stack([self.counted(x[:, t]) for t in range(x.size(1))], 1)


def length_of_what_grew(self: Steps, x: Tensor) -> Tensor:
    steps = []
    for step in x.unbind(1):
        steps.append(self.cell(step))
    return steps[0][:, :4] if len(steps) > 8 else steps[0]


def number_behind_the_loop(self: Steps, x: Tensor) -> Tensor:
    for t in range(x.size(1)):
        h = self.cell(x[:, t])
    return h[:, :4] if t > 8 else h


def fixed_entry_of_what_grew(self: Steps, x: Tensor) -> Tensor:
    steps = [self.cell(x[:, t]) for t in range(x.size(1))]
    return steps[9] if x.size(1) > 9 else steps[0]


def growing(self: Steps, x: Tensor) -> Tensor:
    h = x[:, 0]
    for t in range(x.size(1)):
        h = torch.cat([h, x[:, t]], -1)
    return h


def last_steps(self: Steps, x: Tensor) -> Tensor:
    return torch.stack([self.cell(step) for step in x.unbind(1)], 1)[:, -self.window :]


def first_steps(self: Steps, x: Tensor) -> Tensor:
    return torch.stack([self.cell(step) for step in x.unbind(1)], 1)[:, :9]


def last_of_a_list(self: Steps, x: Tensor) -> Tensor:
    steps = [self.cell(step) for step in x.unbind(1)]
    return torch.stack(steps[-self.window :], 1)


def shortened_list(self: Steps, x: Tensor) -> Tensor:
    steps: list[Tensor] = []
    for step in x.unbind(1):
        steps.append(self.cell(step))
        if len(steps) > self.window:
            steps.pop(0)
    return torch.stack(steps, 1)


def beside_a_table(self: Steps, x: Tensor) -> Tensor:
    steps = torch.stack([step * 2 for step in x.unbind(1)], 1)
    return steps + self.places[: steps.size(1)]


def now_and_then(self: Steps, x: Tensor) -> Tensor:
    h, kept = x.new_zeros(x.size(0), 5), []
    for t in range(x.size(1)):
        h = self.cell(x[:, t], h)
        if t % 7 == 6:
            kept.append(h)
    return torch.stack([h, *kept], 1)


def resized(self: Steps, x: Tensor) -> Tensor:
    total: Tensor = sum(x[:, t] for t in range(x.size(1)))
    return total.resize_(4, 4)


BOUND = [
    another_at_seven, table_of_ten, list_of_eight, counter, hidden_counter, length_of_what_grew,
    number_behind_the_loop, fixed_entry_of_what_grew, growing, resized,
    beside_a_table, now_and_then, last_steps, first_steps, last_of_a_list, shortened_list,
]  # fmt: skip


@pytest.mark.parametrize("way", BOUND)
def test_what_hangs_on_the_step_is_not_settled(way: Callable[..., Any]) -> None:
    report = agrees(Steps(way), "B T 3", sizes={"B": [4], "T": range(1, 22)})
    assert not any("for all T" in note for note in report.notes)
    assert any("checked for T in " in note for note in report.notes)


def test_random_steps_are_not_settled() -> None:
    def forced(self: Steps, x: Tensor) -> Tensor:
        h, step = x.new_zeros(x.size(0), 5), x[:, 0]
        for t in range(x.size(1)):
            h = self.cell(step, h)
            step = x[:, t] if random.random() < 0.5 else h[:, :3]
        return h

    report = shapeflow.check(Steps(forced), "B T 3")
    assert report.verdict == "valid"
    assert not any("for all T" in note for note in report.notes)


def test_two_loops() -> None:
    def both(x: Tensor, y: Tensor) -> Tensor:
        first = torch.stack([step * 2 for step in x.unbind(1)], 1)
        second = torch.stack([step + 1 for step in y.unbind(1)], 1)
        return torch.cat([first, second], 1)

    report = shapeflow.check(both, "B T 3", "B S 3")
    assert [note.partition(":")[0] for note in report.notes] == ["for all T", "for all S"]
    assert str(report.outputs[1]) == "S+T"


def test_paths_say_where_the_loops_are() -> None:
    report = shapeflow.check(Steps(collected), "B T 3")
    assert report.paths[0].instances == {"T": (1, 2, 3, 5)}


def test_the_length_goes_by_another_name() -> None:
    def tied(x: Tensor, y: Tensor) -> Tensor:
        torch.bmm(y.transpose(1, 2), x)
        total: Tensor = sum(y[:, t] for t in range(y.size(1)))
        return total

    report = agrees(tied, "B T 5", "B B 2", sizes=dict.fromkeys("BT", (1, 2, 3, 4, 5, 6)))
    assert [str(relation) for relation in report.constraints] == ["B == T"]


def test_a_smaller_size_is_looked_for_where_it_changes() -> None:
    def factored(x: Tensor) -> Any:
        return torch.linalg.qr(torch.stack([x[:, t] * 2 for t in range(x.size(1))], 1))

    agrees(factored, "8 N", sizes={"N": (1, 4, 7, 8, 9, 24)})

    def lowrank(x: Tensor) -> Any:
        return torch.pca_lowrank(torch.stack([x[:, t] for t in range(x.size(1))], 1))

    agrees(lowrank, "9 N", sizes={"N": (6, 7, 8, 9, 12)})


def test_numbers_that_were_not_looked_at_may_run() -> None:
    layer = torch.nn.Linear(6, 3)

    def forward(x: Tensor, y: Tensor) -> Any:
        first = x.geqrf()[1]
        return sum(first[:, t] for t in range(first.size(1))), layer(y)

    assert shapeflow.check(forward, "2 T H", "min(H,T)").verdict == "incomplete"


def test_places_to_cut_at_are_tried_behind_a_loop() -> None:
    def model(a: torch.Tensor, x: torch.Tensor, y: torch.Tensor) -> tuple[torch.Tensor, ...]:
        steps = torch.stack([a[:, t] * 2 for t in range(a.size(1))], dim=1)
        y = y.flip(1) if y.size(1) != 3 else y.relu()
        return steps, y, *x.tensor_split((2, 5))

    agrees(model, "2 T", "T", "2 T")
