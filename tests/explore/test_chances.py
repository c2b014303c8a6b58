"""What depends on random numbers and on numbers read from tensors goes every way it can."""

from __future__ import annotations

import random
from typing import Any

import numpy
import pytest
import torch
from torch import Tensor

import shapeflow


def shapes(model: Any, *inputs: str) -> set[str]:
    """The shapes of the results of all paths."""
    return {", ".join(map(str, path.outputs)) for path in shapeflow.check(model, *inputs).paths}


@pytest.mark.parametrize(
    "draw",
    [
        lambda: random.random(),
        lambda: random.uniform(0, 1),
        lambda: 1 - random.gauss(0, 1),
        lambda: numpy.random.rand(),
        lambda: numpy.random.uniform(),
    ],
)
def test_a_random_fraction_goes_both_ways(draw: Any) -> None:
    def forward(x: Tensor) -> Tensor:
        return x[:, 0] if draw() < 0.5 else x

    assert shapes(forward, "B T") == {"B", "B, T"}


@pytest.mark.parametrize(
    ("draw", "shape"),
    [
        (lambda t: random.randint(1, t), "B, random_1+1"),
        (lambda t: random.randrange(t), "B, random_1"),
        (lambda t: random.randrange(3, 9), "B, min(T,random_1+3)"),
        (lambda t: numpy.random.randint(t), "B, random_1"),
    ],
)
def test_a_random_whole_number_is_a_size_of_its_own(draw: Any, shape: str) -> None:
    assert shapes(lambda x: x[:, : draw(x.size(1))], "B T") == {shape}


def test_random_arrays_stay_numbers() -> None:
    assert shapes(lambda x: x * float(numpy.random.rand(3).sum()), "B") == {"B"}


def test_a_branch_in_a_loop_also_changes_sides() -> None:
    def forward(x: Tensor) -> Tensor:
        steps = []
        for t in range(x.size(1)):
            steps.append(x[:, t] if random.random() < 0.5 else x[:, t, :1])
        return torch.stack(steps)

    report = shapeflow.check(forward, "B T 3")
    [error] = [finding for finding in report.findings if finding.severity == "error"]
    assert error.code == "SF211"
    assert "T >= 2" in str(report)


def test_a_number_read_from_a_tensor_is_negative_where_code_asks() -> None:
    def forward(x: Tensor, n: Tensor) -> Tensor:
        last = n.max().item()
        if last < 0:
            return torch.cat([x, x])[:, last + x.size(1)]
        return x

    report = shapeflow.check(forward, "B T", "B:int64")
    assert [(path.values[0], str(path.outputs[0])) for path in report.paths] == [
        ("n.max().item() < 0 is false", "B"),
        ("n.max().item() < 0 is true", "2*B"),
    ]
    assert [str(c) for c in report.constraints] == ["2*T >= item_1+1"]


def test_a_number_read_from_a_tensor_is_a_size_where_code_does_not_ask() -> None:
    def forward(x: Tensor, n: Tensor) -> Tensor:
        last = n.max().item()
        return x[:, :last] if last != 3 else x[:, :3]

    report = shapeflow.check(forward, "B T", "B:int64")
    assert report.verdict == "valid"
    assert all(" < 0 " not in words for path in report.paths for words in path.values)
