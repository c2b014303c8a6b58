"""When two views of one memory get into each other's way (``at::get_overlap_status``)."""

from __future__ import annotations

from itertools import permutations

from ..core import constraint
from ..core.constraint import Constraint
from ..core.dims import Size
from ..core.shape import product
from ..ops import Value, layout


def apart(
    a: Value, first_a: Size, b: Value, first_b: Size, whole: bool = False
) -> Constraint:
    """The relation under which two views of one memory do not get into each other's way.

    Views of the very same entries do so only where ``whole`` says it.
    """
    behind_a, behind_b = first_a + product(a), first_b + product(b)
    same = [(first_a, first_b), (behind_a, behind_b)]
    same += zip(layout.strides_of(a), layout.strides_of(b), strict=False)
    return constraint.any_of(
        [
            constraint.at_least(first_a, behind_b),
            constraint.at_least(first_b, behind_a),
            constraint.equal(product(a), 0),
            constraint.all_of(_equal(*pair) for pair in same)
            if len(a) == len(b) and not whole
            else constraint.never(),
            dense(a).negated(),
            dense(b).negated(),
        ]
    )


def _equal(a: Size, b: Size) -> Constraint:
    difference = a - b
    if isinstance(difference, int):
        return constraint.never() if difference else constraint.ALWAYS
    return constraint.equal(a, b)


def dense(x: Value) -> Constraint:
    """The relation under which a tensor has no gaps, whatever the order of its axes."""
    if x.strides is None:
        return constraint.ALWAYS
    orders = permutations(range(len(x))) if len(x) < 4 else [tuple(range(len(x)))]
    return constraint.any_of(layout.lies_as(layout.permuted(x, order)) for order in orders)
