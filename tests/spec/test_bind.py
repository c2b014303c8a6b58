"""Specs matched with parameters: one clear sentence for what does not match."""

from typing import Any

import pytest
import torch
from torch import nn

import shapeflow

RNN = nn.RNN(3, 5)


@pytest.mark.parametrize(
    ("specs", "named", "told"),
    [
        ((), {}, "RNN(input, hx=None) needs a spec for 'input'"),
        (("T B 3", "1 B 5", "B"), {}, "3 inputs were given, but RNN(input, hx=None) takes 2"),
        (("T B 3",), {"input": "B"}, "the input 'input' was given twice, by position and by name"),
        (
            ("T B 3",),
            {"h": "1 B 5"},
            "RNN(input, hx=None) has no parameter 'h' (did you mean 'hx'?)",
        ),
        (("T B 3",), {"mask": "T B"}, "RNN(input, hx=None) has no parameter 'mask'"),
        (
            ("T B 3",),
            {"where": "S > 2"},
            "where='S > 2' speaks of S, but the specs' symbols are T, B",
        ),
        (("4 2 3",), {"where": "S > 2"},
         "where='S > 2' speaks of S, but the specs' symbols are none"),
        (("T B 3",), {"where": "T >"}, "cannot read 'T >': column 4 should be a size: a number, "
         "a name or '(', not the end"),
        (("T B 3",), {"where": "T"}, "cannot read 'T': column 2 should be a comparison "
         "(== != >= <= > <), not the end"),
        (("T B 3",), {"where": 3}, "where takes facts such as 'T >= 3', not 3"),
        (("T B 3",), {"where": ["T >= 3", "T < 3"]}, "no sizes meet where: T >= 3 and T <= 2"),
        (("T B 3",), {"where": "2*T == 7"}, "no sizes meet where: 2*T == 7"),
        (("T B 3",), {"returns": "T N 5"}, "returns speaks of N, but the specs' symbols are T, B"),
        (
            ("T B 3",),
            {"returns": "... 5"},
            "returns has '...', which stands for the axes of '...' in an input",
        ),
        (("T -2 3",), {}, "'T -2 3' has the size -2: sizes are at least 0"),
        (("T B 3:floating",), {}, "'T B 3:floating' names the dtype 'floating', which torch does "
         "not have"),
        (("T B+ 3",), {}, "cannot read 'T B+ 3': column 5 should be a size: a number, a name or "
         "'(', not the end"),
    ],
)  # fmt: skip
def test_complaint(specs: tuple[Any, ...], named: dict[str, Any], told: str) -> None:
    with pytest.raises(shapeflow.ShapeflowError) as raised:
        shapeflow.check(RNN, *specs, **named)
    assert str(raised.value) == told


@pytest.mark.parametrize(
    ("model", "told"),
    [
        (nn.RNN, "RNN is a class: give an instance, such as RNN()"),
        ("net.py", "a model is an nn.Module or a function, not str"),
        (torch.relu, "relu has no Python signature to match specs with: wrap it in a function"),
    ],
)
def test_what_is_no_model(model: Any, told: str) -> None:
    with pytest.raises(shapeflow.ShapeflowError) as raised:
        shapeflow.check(model, "B 3")
    assert str(raised.value) == told


def pair(x, *rest, scale=1.0, **more):
    """A model with every kind of parameter."""
    return sum([x, *rest, *more.values()]) * scale


@pytest.mark.parametrize(
    ("specs", "named"),
    [
        (("B 3",), {}),
        (("B 3", "B 3", "B 3"), {}),
        (("B 3",), {"scale": 2.0}),
        (("B 3", "B 3"), {"other": "B 3"}),
        ((), {"x": "B 3"}),
    ],
)
def test_every_kind_of_parameter(specs: tuple[Any, ...], named: dict[str, Any]) -> None:
    assert shapeflow.check(pair, *specs, **named).output_shapes(B=4) == (4, 3)


def test_a_fact_is_used() -> None:
    model = nn.Unflatten(1, (-1, 8))
    assert shapeflow.check(model, "B H").verdict == "conditional"
    assert shapeflow.check(model, "B H", where="H % 8 == 0").verdict == "valid"


def test_facts_may_come_from_an_iterator() -> None:
    report = shapeflow.check(nn.Conv1d(3, 4, 5), "B 3 T", where=(f"T >= {n}" for n in (5, 9)))
    assert [str(fact) for fact in report.facts] == ["T >= 5", "T >= 9"]
    assert report.verdict == "valid"
