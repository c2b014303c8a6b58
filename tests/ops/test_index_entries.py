"""Index tensors whose entries are known are checked against the size of the axis."""

from __future__ import annotations

from typing import Any

import pytest

from shapeflow.core.notation import parse_fact, parse_size
from shapeflow.ops import Call, Value, lookup
from shapeflow.ops.apply import apply

from .harness import Ask


def demands(index: Any, *shape: str) -> list[str]:
    """What ``x[index]`` demands of the sizes of ``x``."""
    rule, ask = lookup("Tensor.__getitem__"), Ask()
    assert rule is not None
    apply(rule, Call("Tensor.__getitem__", ask), (Value(map(parse_size, shape)), index), {})
    return [str(d) for d in ask.demands if ask.facts.decide(d) is not None]


def arange(*bounds: Any) -> Value:
    rule = lookup("torch.arange")
    assert rule is not None
    made = apply(rule, Call("torch.arange", Ask()), bounds, {})
    assert isinstance(made, Value)
    return made


@pytest.mark.parametrize(
    ("index", "needs"),
    [
        (arange(5), "T >= 5"),
        (arange(2, 8, 2), "T >= 7"),
        (arange(parse_size("K")), "T >= K"),
        (Value((3,), "int64", known=[0, -4, 2]), "T >= 4"),
        ([[0, 1], [2, 3]], "T >= 4"),
    ],
)
def test_known_entries_lie_inside(index: Any, needs: str) -> None:
    assert str(parse_fact(needs)) in demands((slice(None), index), "B", "T")


def test_unknown_entries_are_taken_to_lie_inside() -> None:
    assert demands((slice(None), Value((parse_size("K"),), "int64")), "B", "T") == []
