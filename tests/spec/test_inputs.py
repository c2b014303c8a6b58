"""What may be given for an argument: text, tensors, plain values, and structures of all that."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import pytest
import torch

import shapeflow


def shown(tree: Any) -> Any:
    """A structure with sizes as text."""
    if isinstance(tree, Mapping):
        return {key: shown(part) for key, part in tree.items()}
    if isinstance(tree, list | tuple):
        return [shown(part) for part in tree]
    return str(tree)


@pytest.mark.parametrize(
    ("given", "shape"),
    [
        ("B T", ["B", "T"]),
        ("2*B (T+1)*3", ["2*B", "3*T+3"]),
        (torch.zeros(4, 7), ["4", "7"]),
        (torch.empty(5, 0, device="meta"), ["5", "0"]),
        (np.zeros((2, 3), "float32"), ["2", "3"]),
    ],
)
def test_shapes(given: Any, shape: Any) -> None:
    report = shapeflow.check(lambda x: x * 2, given)
    assert shown(report.inputs["x"]) == shown(report.outputs) == shape


@pytest.mark.parametrize("dtype", ["int64", "float64", "bool", "bfloat16", "complex64"])
def test_dtype_reaches_the_model(dtype: str) -> None:
    def model(x):
        assert x.dtype is getattr(torch, dtype)
        return x

    assert shapeflow.check(model, f"B 3:{dtype}").ok
    assert shapeflow.check(model, torch.zeros(2, 3, dtype=getattr(torch, dtype))).ok


@pytest.mark.parametrize("value", [None, 3, 2.5, True])
def test_plain_value_is_passed_on(value: Any) -> None:
    report = shapeflow.check(lambda x, option: (x, option), "B 3", value)
    assert report.outputs[1] == report.inputs["option"] == value
    assert report.symbols == ("B",)


def test_literal_is_text_and_no_spec() -> None:
    def model(x, how):
        return x.sum(0) if how == "B 3" else x

    assert shown(shapeflow.check(model, "B 3", shapeflow.literal("B 3")).outputs) == ["3"]


class State(NamedTuple):
    h: Any
    c: Any


@dataclass
class Batch:
    words: Any
    lengths: Any = None


@pytest.mark.parametrize(
    ("given", "model"),
    [
        (("B 3", "B 4"), lambda s: torch.cat([s[0], s[1]], 1)),
        (["B 3", "B 4"], lambda s: torch.cat(s, 1)),
        ({"a": "B 3", "b": "B 4"}, lambda s: torch.cat(list(s.values()), 1)),
        (State("B 3", "B 4"), lambda s: torch.cat([s.h, s.c], 1)),
        (Batch("B 3", "B 4"), lambda s: torch.cat([s.words, s.lengths], 1)),
        (({"a": ["B 3", None]}, State("B 4", 1)), lambda s: torch.cat([s[0]["a"][0], s[1].h], 1)),
    ],
    ids=["tuple", "list", "dict", "named tuple", "dataclass", "nested"],
)
def test_structure(given: Any, model: Any) -> None:
    report = shapeflow.check(model, given)
    assert report.verdict == "valid"
    assert report.symbols == ("B",)
    assert shown(report.outputs) == ["B", "7"]


def test_anonymous_size_is_inferred() -> None:
    report = shapeflow.check(torch.nn.Linear(3, 2), "B _")
    assert report.verdict == "valid"
    assert shown(report.inputs["input"]) == ["B", "3"]


def test_anonymous_size_may_be_that_of_another_input() -> None:
    report = shapeflow.check(lambda x, y: torch.cat([x, y], 1), "B 3", "_ 4")
    assert shown(report.inputs["y"]) == ["B", "4"]
    assert report.symbols == ("B",)


def test_computed_size_must_exist() -> None:
    report = shapeflow.check(torch.nn.Linear(3, 2), "T-2 3")
    assert [str(fact) for fact in report.facts] == ["T >= 2"]
    assert [report.accepts(T=t) for t in (1, 2, 3)] == [False, True, True]
