"""The ``ok`` lines with the axes of their tensors in other orders in memory: strides of results."""

from __future__ import annotations

import random
from dataclasses import replace
from itertools import permutations

import pytest

from shapeflow.ops import Value
from shapeflow.ops.layout import permuted

from . import draw, harness, test_cases, variants

assert test_cases  # it fills the table
ORDERS = 4


def lines() -> list[harness.Case]:
    """The lines that have a tensor of two axes or more."""
    found = (line.case for line in draw.drawables())
    return [case for case in found if any(len(x) > 1 for x in specs(case))]


def specs(case: harness.Case) -> list[Value]:
    return harness.flat(harness.read([case.args, case.kwargs], None))


def laid(x: Value, rng: random.Random) -> Value:
    """The tensor with its axes in another order in memory."""
    order = rng.choice([(0, 2, 3, 1) if len(x) == 4 else None, *permutations(range(len(x)))])
    order = order or tuple(reversed(range(len(x))))
    memory = Value((x[axis] for axis in order), x.dtype)
    return permuted(memory, sorted(range(len(x)), key=order.__getitem__))


@pytest.mark.parametrize("case", lines(), ids=str)
def test_results_lie_as_in_pytorch(case: harness.Case) -> None:
    given, rng = variants.admitted(case), random.Random(0)
    found = [
        (path, x)
        for path, x in variants.leaves(given)
        if len(x) > 1 and x.strides is None and x.known is None and 0 not in x
    ]
    for path, _ in [*found * ORDERS, *[(None, None)] * ORDERS]:
        args, kwargs = given
        for place, x in found:
            if path in (place, None):
                args, kwargs = variants.put((args, kwargs), place, laid(x, rng))
        assert not list(draw.compared(replace(case, data="cpu"), args, kwargs))
