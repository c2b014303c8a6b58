"""Floats computed from sizes: exact where they are fractions, and never taken for a number."""

import math
from collections.abc import Callable

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor

import shapeflow
from tests.agreement import agrees

SIZES = {"B": [1, 2, 3, 5], "T": [1, 2, 3, 4, 7, 8], "S": [1, 2, 3, 8]}


def compared(x: Tensor, y: Tensor) -> Tensor:
    return x if x.size(1) / y.size(1) > 2 else y


def at_least_one(x: Tensor, y: Tensor) -> Tensor:
    return x.new_zeros(int(2 * max(x.size(1) / y.size(1), 1.0)))


def equal_sizes(x: Tensor, y: Tensor) -> Tensor:
    return y[:1] if max(a / b for a, b in zip(x.shape, x.sin().shape, strict=True)) > 1 else y


def whole(x: Tensor, y: Tensor) -> Tensor:
    return x.new_zeros(int(x.size(1) / y.size(1)))


@pytest.mark.parametrize("model", [compared, at_least_one, equal_sizes, whole])
def test_quotients_of_sizes(model: Callable[..., object]) -> None:
    agrees(model, "B T", "B S", sizes=SIZES)


def half(x: Tensor) -> Tensor:
    return torch.arange(0, x.size(1) / 2)


def third(x: Tensor) -> Tensor:
    return torch.arange(x.size(1) / 3)


def in_halves(x: Tensor) -> Tensor:
    return torch.arange(0, x.size(1) / 4, 0.5)


def by_size(x: Tensor) -> Tensor:
    return torch.arange(0, 10, x.size(1) / 2)


def half_as_integers(x: Tensor) -> Tensor:
    return torch.arange(x.size(1) / 2, dtype=torch.int64)


def resized(x: Tensor) -> Tensor:
    return F.interpolate(x[:, None], scale_factor=x.size(0) / 2)


def resized_by_thirds(x: Tensor) -> Tensor:
    return F.interpolate(x[:, None], scale_factor=x.size(0) / 3)


@pytest.mark.parametrize(
    "model",
    [half, third, in_halves, by_size, half_as_integers, resized, resized_by_thirds],
)
def test_fractions_decide_shapes(model: Callable[..., object]) -> None:
    agrees(model, "B T", sizes=SIZES)


def test_a_root_decides_no_shape_by_itself() -> None:
    def rooted(x: Tensor) -> Tensor:
        return torch.arange(0, math.sqrt(x.size(1)))

    report = shapeflow.check(rooted, "B T")
    assert report.verdict == "incomplete" or report.output_shapes(B=1, T=9) == (3,)


def test_a_tensor_of_a_computed_float_has_no_known_entry() -> None:
    def made(x: Tensor) -> Tensor:
        return x.new_zeros(int(torch.tensor(x.size(1) / 2)))

    report = shapeflow.check(made, "B T")
    assert report.outputs != (1,)
    assert report.output_shapes(B=1, T=8) != (1,)
