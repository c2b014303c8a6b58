"""Writing into memory that the call reads, or that several entries share: as PyTorch has it."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product

import pytest
import torch
from torch import Tensor

import shapeflow


def written(x: Tensor, index: object, value: Callable[[Tensor], Tensor]) -> Tensor:
    y = x.clone()
    y[index] = value(y)
    return y


def stepped(x: Tensor) -> Tensor:
    y = x.clone()
    y[1:] += y[:-1]
    return y


def parted(x: Tensor, axis: int) -> Tensor:
    y = x.clone()
    first, second = y.chunk(2, axis)
    first.mul_(second)
    return y


CASES: list[tuple[Callable[[Tensor], Tensor], str]] = [
    (lambda x: x[None].expand(4, -1, -1).add_(1), "B T"),
    (lambda x: x[None].expand(4, -1, -1).zero_(), "B T"),
    (lambda x: x.clone().expand(3, -1, -1)[0].add_(1), "B T"),
    (lambda x: x.clone().sum(1, keepdim=True).expand(-1, 2).mul_(2), "B T"),
    (stepped, "B T"),
    (lambda x: written(x, (slice(None), slice(1, None)), lambda y: y[:, :-1]), "B T"),
    (lambda x: written(x, (slice(None), 0), lambda y: y[:, -1]), "B T"),
    (lambda x: written(x, 0, lambda y: y[-1]), "B T"),
    (lambda x: written(x, slice(None), lambda y: y), "B T"),
    (lambda x: written(x, slice(None), lambda y: y.flip(0)), "B T"),
    (lambda x: parted(x, 0), "4 T"),
    (lambda x: parted(x, 1), "B 4"),
    (lambda x: (y := x.clone()).mul_(y.select(0, 0)), "B T"),
    (lambda x: (y := x.clone()).mul_(y), "B T"),
    (lambda x: (y := x.clone()).view(-1).add_(y.view(-1)), "B T"),
    (lambda x: (y := x.clone()).copy_(y.t()), "T T"),
    (lambda x: (y := x.clone()).unbind(0)[0].sub_(y.unbind(0)[1]), "2 T"),
    (lambda x: (y := x.clone()).narrow(0, 0, 2).sub_(y.narrow(0, 1, 2)), "3 T"),
    (lambda x: (y := x.clone())[:2].sub_(y[2:]), "4 T"),
]


@pytest.mark.parametrize(("forward", "spec"), CASES)
def test_verdict_is_pytorchs(forward: Callable[[Tensor], Tensor], spec: str) -> None:
    report = shapeflow.check(forward, spec)
    assert report.verdict != "incomplete"
    for batch, time in product((1, 2, 3, 4), repeat=2):
        sizes = {"B": batch, "T": time}
        shape = [sizes.get(name) or int(name) for name in spec.split()]
        accepted = report.accepts(**{name: sizes[name] for name in report.symbols})
        assert accepted is runs(forward, shape), shape


def runs(forward: Callable[[Tensor], Tensor], shape: list[int]) -> bool:
    try:
        forward(torch.ones(shape))
    except RuntimeError:
        return False
    return True


def test_condition_reads_well() -> None:
    report = shapeflow.check(stepped, "B T")
    assert [str(c) for c in report.constraints] == ["B <= 2"]


def test_view_from_a_symbolic_place() -> None:
    def forward(x: Tensor, n: Tensor) -> Tensor:
        y = x.clone()
        y[n.size(0) :].add_(1)
        return y[-n.size(0) :]

    report = shapeflow.check(forward, "T 3", "N")
    assert report.verdict == "valid"
