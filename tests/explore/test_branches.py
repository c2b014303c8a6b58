"""Branches on sizes and on entries; each way must be what PyTorch does there."""

import contextlib
import math
import random
from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import Tensor, nn

import shapeflow
from tests.agreement import agrees, is_symbolic


def on_rank(x: Tensor, state: Tensor | None = None) -> Tensor:
    if x.dim() == 2:
        return x
    return x if state is None else state


def on_size(x: Tensor) -> Tensor:
    if x.size(0) > 4:
        return x[:4]
    if x.size(0) == 2:
        return x.new_zeros(1)
    return x


def on_two_sizes(x: Tensor) -> Tensor:
    if x.size(0) > x.size(1) and x.size(1) % 2 == 0:
        return x.sum(0)
    return x.sum(1)


def padded(x: Tensor) -> Tensor:
    if x.size(1) % 4:
        x = torch.nn.functional.pad(x, (0, 0, 0, 4 - x.size(1) % 4))
    return x.view(x.size(0), -1, 4, 3)


def asserted(x: Tensor) -> Tensor:
    assert x.size(0) % 2 == 0, "an even batch is needed"
    return x.view(2, -1, 3)


def raised(x: Tensor) -> Tensor:
    if x.size(1) < 3:
        raise ValueError("too short")
    return x[:, 2]


def in_a_row(x: Tensor) -> Tensor:
    for limit in (2, 4, 6):
        if x.size(0) > limit:
            x = x[:-1]
    return x


def conditional_expression(x: Tensor) -> Tensor:
    return x[: 3 if x.size(0) > 3 else 1]


def square_root(x: Tensor) -> Tensor:
    return x[:1] if math.sqrt(x.size(0)) > 2 else x


def by_float(x: Tensor) -> Tensor:
    return x[:1] if x.size(0) / x.size(1) > 0.5 else x


def by_truth(x: Tensor) -> Tensor:
    return x if x.size(0) and not x.size(1) - 3 else x.sum(1)


SIZES: list[Callable[..., object]] = [
    on_size, on_two_sizes, padded, asserted, raised, in_a_row, conditional_expression, square_root,
    by_truth,
]  # fmt: skip


@pytest.mark.parametrize("function", SIZES)
def test_branch_on_sizes(function: Callable[..., object]) -> None:
    agrees(function, "B T 3", sizes={"B": range(1, 9), "T": range(1, 7)})


def test_settled_branches_fork_nothing() -> None:
    assert is_symbolic(agrees(on_rank, "B T 3"))
    assert is_symbolic(agrees(asserted, "2*N T 3"))
    assert is_symbolic(agrees(raised, "B T 3", where="T >= 3", sizes={"T": [3, 5]}))


def test_condition_of_a_raise_is_told_with_its_text_and_place() -> None:
    report = shapeflow.check(raised, "B T 3")
    (finding,) = report.findings
    assert "too short" in finding.message
    assert finding.location is not None
    assert finding.location.text.strip() == 'raise ValueError("too short")'
    assert [str(c) for c in report.constraints] == ["T >= 3"]


def test_condition_of_an_assert_is_told_with_its_text() -> None:
    report = shapeflow.check(asserted, "B T 3")
    assert "an even batch is needed" in report.findings[0].message
    assert [str(c) for c in report.constraints] == ["B % 2 == 0"]


def test_each_way_has_its_condition_and_its_outputs() -> None:
    report = shapeflow.check(conditional_expression, "B 2")
    ways = {tuple(map(str, path.condition)): str(path.outputs[0]) for path in report.paths}
    assert ways == {("B >= 4",): "3", ("B <= 3",): "1"}


def test_branch_on_entries_goes_both_ways() -> None:
    def forward(x: Tensor) -> Tensor:
        return x @ torch.zeros(4, 4) if x.sum() > 0 else x

    report = shapeflow.check(forward, "B 3")
    assert len(report.paths) == 2
    assert [path.values for path in report.paths] == [
        ("x.sum() > 0 is true",),
        ("x.sum() > 0 is false",),
    ]
    assert any("expected 4" in f.message or "4" in f.message for f in report.findings)


def test_random_choice_goes_both_ways() -> None:
    def forward(x: Tensor, target: Tensor) -> Tensor:
        step, steps = x[:, 0], []
        for t in range(target.size(1)):
            step = target[:, t] if random.random() < 0.5 else step @ torch.zeros(3, 3)
            steps.append(step)
        return torch.stack(steps, 1)

    report = shapeflow.check(forward, "B T 3", "B T 3")
    assert report.verdict == "valid"
    assert {path.values for path in report.paths} == {
        ("random.random() < 0.5 is true",),
        ("random.random() < 0.5 is false",),
        ("random.random() < 0.5 is true every other time",),
    }


def test_branches_without_number_spend_the_budget() -> None:
    def forward(x: Tensor) -> Tensor:
        for axis, size in enumerate(x.shape):
            x = x.narrow(axis, 0, 10) if size > 10 else x
        return x

    report = shapeflow.check(forward, "A B C D E F G")
    assert report.verdict == "incomplete"
    assert any("64 ways" in finding.message for finding in report.findings)


def test_loop_that_ends_when_entries_say_so_is_incomplete() -> None:
    def forward(x: Tensor) -> Tensor:
        while (x > 0).any():
            x = x - 1
        return x

    report = shapeflow.check(forward, "B 3")
    assert report.verdict == "incomplete"
    assert any("for as long as" in finding.message for finding in report.findings)


def test_loop_that_entries_may_end_early_is_followed() -> None:
    def forward(x: Tensor) -> Tensor:
        for _ in range(5):
            x = x @ torch.zeros(3, 3)
            if (x == 0).all():
                break
        return x

    assert shapeflow.check(forward, "B 3").verdict == "valid"


# -- try statements --------------------------------------------------------------------------------


def handled(x: Tensor) -> Tensor:
    try:
        return x @ torch.zeros(3, 4)
    except RuntimeError:
        return x


def other_kind(x: Tensor) -> Tensor:
    try:
        return x @ torch.zeros(3, 4)
    except ValueError:
        return x


def index(x: Tensor) -> Tensor:
    try:
        return x[:, 5]
    except IndexError:
        return x[:, 0]


def suppressed(x: Tensor) -> Tensor:
    y = x
    with contextlib.suppress(RuntimeError):
        y = x.view(-1, 4)
    return y


def outer(x: Tensor) -> Tensor:
    try:
        try:
            y = x.view(x.size(0), 2, -1)
        finally:
            x = x * 2
    except Exception as error:
        y = x.unsqueeze(1) if error.args else x
    return y


def in_the_caller(x: Tensor) -> Tensor:
    try:
        return _halved(x)
    except (TypeError, RuntimeError):
        return x


def _halved(x: Tensor) -> Tensor:
    return x.view(x.size(0), 2, -1).sum(1)


TRIES: list[Callable[..., object]] = [handled, other_kind, index, suppressed, outer, in_the_caller]


@pytest.mark.parametrize("function", TRIES)
def test_fault_inside_try_is_a_branch(function: Callable[..., object]) -> None:
    agrees(function, "B T", sizes={"B": [1, 2, 4], "T": range(1, 9)})


def test_what_cannot_be_analysed_is_noted_also_where_it_is_caught() -> None:
    def forward(x: Tensor) -> Any:
        try:
            return torch.from_numpy(x.numpy())
        except BaseException:
            return x

    assert shapeflow.check(forward, "B 3").verdict == "incomplete"


def test_symbol_that_a_number_of_another_cancels() -> None:
    class Steps(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.pool, self.cell = nn.MaxPool1d(3), nn.RNNCell(4, 4)

        def forward(self, a: Tensor, b: Tensor) -> Tensor:
            pooled, state = self.pool(a), torch.zeros(a.size(1), 4)
            for t in range(b.size(1)):
                state = self.cell(b[:, t], state)
            return pooled.reshape(2, 2, -1)

    report = shapeflow.check(Steps(), a="2 B T", b="2 T 2")
    assert report.verdict == "unsatisfiable"


def test_what_one_number_of_a_symbol_leaves_open_is_told() -> None:
    def forward(x: Tensor) -> Tensor:
        y = x.clone()
        z = y.unfold(0, 1, 1)[:, 0]
        for _ in range(1, x.size(0)):
            z = z + 1  # no view of y any more
        return y.add_(z)

    report = shapeflow.check(forward, "N")
    assert report.verdict == "incomplete"
    assert "may share the memory" in str(report)


def test_what_follows_from_a_call_that_fails_does_not_matter() -> None:
    class Squeezing(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.rnn = nn.RNN(8, 8)
            self.labels = nn.Linear(8, 3)

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            steps, _ = self.rnn(x.squeeze(1).transpose(0, 1))
            return self.labels(steps[0]) * steps.shape[2]

    report = agrees(Squeezing(), "B C T 8", sizes={"B": (1, 3), "T": (1, 4)})
    assert [str(c) for c in report.constraints] == ["C == 1"]
    assert report.verdict == "conditional"


def harmless(x: Tensor) -> Tensor:
    if x.size(0) >= 64:
        x = x.contiguous()
    if x.size(1) > 100:
        x = x.clone()
    return x.view(-1, 6) if x.dim() > 1 else x


def test_a_branch_that_makes_no_difference_leaves_one_way() -> None:
    report = shapeflow.check(harmless, "B T 3")
    assert [path.condition for path in report.paths] == [()]
    assert [str(relation) for relation in report.constraints] == ["(B*T) % 2 == 0"]
    agrees(harmless, "B T 3", sizes={"B": [1, 2, 64, 65], "T": [1, 4, 101]})


def test_a_branch_that_makes_a_difference_leaves_two() -> None:
    def pooled(x: Tensor) -> Tensor:
        if x.size(0) >= 64:
            x = x.contiguous()
        return x.sum(1) if x.size(1) > 100 else x.sum(2)

    report = shapeflow.check(pooled, "B T 3")
    assert sorted(str(c) for path in report.paths for c in path.condition) == [
        "T <= 100",
        "T >= 101",
    ]


def test_a_number_that_a_demand_leaves_to_an_answer_is_tried() -> None:
    class Steps(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.gru = nn.GRU(3, 1, batch_first=True)

        def forward(self, x: Tensor, steps: Tensor, turned: Tensor) -> Tensor:
            self.gru(x)
            total = sum(steps[:, t] for t in range(steps.size(1)))
            return turned.permute(1, 0).reshape(turned.shape) + total[0]

    sizes = {"B": range(1, 9), "H": range(2, 9)}
    agrees(Steps(), "B 2 H//2", "2 B", "B H", sizes=sizes)
