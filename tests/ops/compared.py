"""Modules and functions of torch, wholly analysed, against the same run on real tensors."""

from __future__ import annotations

import itertools
import random
import warnings
from collections.abc import Callable, Iterator
from typing import Any

import torch
from torch import nn
from torch.nn.modules.lazy import LazyModuleMixin

import shapeflow
from shapeflow.report import Report
from shapeflow.testing.ask import tensors
from tests.agreement import real, shapes

EACH = 5
"""Sizes that the report accepts, and sizes that it does not, to ask torch about."""
TRIED, ENOUGH = 600, 100
SMALL, LIKELY = (1, 2, 3, 4, 5, 6, 7, 8, 10, 12), (2, 3, 4, 4, 5)
REFUSED = (
    RuntimeError, ValueError, IndexError, TypeError, AssertionError, ZeroDivisionError,
    AttributeError, NotImplementedError,
)  # fmt: skip
Call = Callable[..., Any]


class Typed(nn.Module):
    """Returns what a model returns, and the dtypes of the tensors in it."""

    def __init__(self, model: Any, call: Call | None) -> None:
        super().__init__()
        self.model, self.call = model, call

    def forward(self, *args: Any) -> Any:
        result = self.call(self.model, *args) if self.call else self.model(*args)
        return result, [str(x.dtype) for x in tensors(result)]


def compare(make: Callable[[], Any], *specs: Any, call: Call | None = None) -> Report:
    """Checks a model, and what the report says at drawn sizes: verdict, shapes and dtypes.

    Args:
        make: makes the model, anew where a run would change what it is.
        *specs: what it is called with.
        call: how, where it is not called with just that.
    """
    model = Typed(make(), call)
    report = shapeflow.check(model, *specs)
    assert report.verdict != "incomplete", str(report)
    agreed, lazy = 0, any(isinstance(m, LazyModuleMixin) for m in model.modules())
    for at in draws(report):
        if lazy:
            model = Typed(make(), call)
        accepted, found = report.accepts(**at), outcome(model, specs, at)
        assert accepted == isinstance(found, tuple), f"at {at}: torch says {found}\n{report}"
        if accepted:
            said = report.output_shapes(**at)
            assert alike(said, found), f"at {at}: {said}, torch says {found}"
            agreed += 1
    assert agreed or report.verdict == "unsatisfiable", f"torch was never asked\n{report}"
    return report


def outcome(model: Any, specs: Any, at: dict[str, int]) -> tuple[Any, ...] | str:
    """The shapes and dtypes of what a model returns; the message where it raises."""
    try:
        with torch.no_grad(), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            result: tuple[Any, ...] = shapes(model(*real(specs, at)))
            return result
    except REFUSED as error:
        return f"{type(error).__name__}: {error}"


def alike(said: Any, found: Any) -> bool:
    """Whether two results are equal; a size that data tells is anything."""
    if isinstance(said, tuple | list) and isinstance(found, tuple | list):
        pairs = itertools.zip_longest(said, found)
        return len(said) == len(found) and all(alike(a, b) for a, b in pairs)
    return bool(said == found) or hasattr(said, "symbols")


def draws(report: Report) -> Iterator[dict[str, int]]:
    """Sizes that the report accepts, and sizes that it does not.

    Symbols with the same letter are often equal, and many sizes are those of the layers.
    """
    chance = random.Random(0)
    left, seen = {True: EACH, False: EACH}, set()
    if report.verdict == "valid":
        left = {True: 2 * EACH, False: 1}
    for i in range(TRIED):
        if not left[True] and (not left[False] or i > ENOUGH):
            return
        shared = {name.lower(): chance.choice(SMALL + LIKELY) for name in report.symbols}
        at = {
            name: shared[name.lower()] if chance.random() < 0.9 else chance.choice(SMALL)
            for name in report.symbols
        }
        values = tuple(at.values())
        if values not in seen:
            seen.add(values)
            accepted = report.accepts(**at)
            if left[accepted]:
                left[accepted] -= 1
                yield at
