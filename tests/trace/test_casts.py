"""``int``, ``float`` and ``range`` keep sizes symbolic where the module only calls them."""

import math
import sys
import types
from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import Tensor

import shapeflow
from tests.agreement import agrees, is_symbolic


def batch(x: Tensor) -> Tensor:
    return x.new_zeros(int(x.size(0)), int(x.size(1) / 2), int(x.size(1) * 0.25) + 1)


def scaled(x: Tensor) -> Tensor:
    return x / float(x.size(1)) * float(x.size(0)) ** 0.5 + math.sqrt(float(x.size(1)))


def longest(x: Tensor, lengths: Tensor) -> Tensor:
    return x[:, : int(lengths.max())]


def ordinary(x: Tensor) -> Tensor:
    return x.new_zeros(int("7"), int(3.9), int(True), int("ff", 16), int(float("2.5")))


def whole_as_a_chunk(x: Tensor) -> Tensor:
    length = x.size(1)
    return torch.stack([x[:, at : at + length] for at in range(0, length, length)])


def last_two(x: Tensor) -> Tensor:
    if x.size(1) < 2:
        return x[:, :0]
    n = x.size(1)
    return torch.stack([x[:, t] for t in (*range(n - 2, n), *range(n - 1, n - 3, -1))], 1)


def no_steps(x: Tensor) -> Tensor:
    for _ in range(x.size(1) + 1, x.size(1)):
        x = x.flatten()
    return x


@pytest.mark.parametrize("function", [whole_as_a_chunk, last_two, no_steps])
def test_ranges_of_a_known_number_of_steps(function: Callable[..., object]) -> None:
    report = agrees(function, "B T", sizes={"T": range(1, 6)})
    assert not any(path.instances for path in report.paths)


def test_range_of_a_step_that_may_be_zero() -> None:
    def forward(x: Tensor) -> Tensor:
        return x.new_zeros(len(range(0, x.size(1), x.size(1) - 1)))

    report = agrees(forward, "B T", sizes={"T": range(1, 9)})
    assert report.verdict == "conditional"


@pytest.mark.parametrize("function", [batch, scaled])
def test_casts_stay_symbolic(function: Callable[..., object]) -> None:
    assert is_symbolic(agrees(function, "B T", sizes={"T": range(1, 12)}))


def test_casts_of_other_things_are_as_ever() -> None:
    assert shapeflow.check(ordinary, "B").outputs == (7, 3, 1, 255, 2)


def test_entry_of_a_tensor_stays_a_size_of_data() -> None:
    report = shapeflow.check(longest, "B T 3", "B:int64")
    assert report.verdict == "valid"
    assert str(report.outputs[1]).startswith("min(T,")


def test_globals_are_as_before() -> None:
    shapeflow.check(batch, "B T")
    assert "int" not in globals()
    assert "float" not in globals()
    shapeflow.check(no_steps, "B T")
    assert "range" not in globals()


def module_of(source: str) -> Any:
    """A module made of source text."""
    home = types.ModuleType("made_for_the_test")
    home.__file__ = __file__
    sys.modules[home.__name__] = home
    code = compile(source, __file__, "exec")
    types.FunctionType(code, vars(home))()
    return home


HELD = """
def forward(x):
    sizes = tuple(map(int, x.shape))
    assert type(sizes[0]) is int and isinstance(int(x.size(1)), int)
    return x.new_zeros(*sizes)
"""


def test_module_that_holds_int_gets_numbers() -> None:
    report = agrees(module_of(HELD).forward, "B T")
    assert report.paths[0].instances.keys() == {"B", "T"}


def test_loop_over_a_number_from_data() -> None:
    def forward(x: Tensor, lengths: Tensor) -> Tensor:
        return torch.stack([x[:, t] for t in range(int(lengths.max()))], 1)

    report = shapeflow.check(forward, "B T 3", "B:int64")
    assert report.verdict == "conditional"
    assert [str(c) for c in report.constraints] == ["T >= item_1"]
