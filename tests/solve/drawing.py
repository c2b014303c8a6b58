"""Random sizes, relations and assignments, and the truth by trying every point of a box."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from itertools import product

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from shapeflow.core import constraint, dims
from shapeflow.core.constraint import Constraint
from shapeflow.core.dims import Size

NAMES = ("A", "B", "C")
thoroughly = settings(
    max_examples=int(os.environ.get("SHAPEFLOW_EXAMPLES", "120")),
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)
small = st.integers(-4, 8)
divisors = st.integers(2, 5)
names = st.sampled_from(NAMES).map(dims.symbol)
unbounded = st.sets(st.sampled_from(NAMES), max_size=1).map(sorted)


def _wider(inner: st.SearchStrategy[Size]) -> st.SearchStrategy[Size]:
    return st.one_of(
        st.builds(lambda a, b: a + b, inner, inner),
        st.builds(lambda a, b: a - b, inner, inner),
        st.builds(lambda a, b: a * b, inner, inner),
        st.builds(lambda a, n: a * n, inner, small),
        st.builds(dims.floordiv, inner, divisors),
        st.builds(dims.mod, inner, divisors),
        st.builds(dims.floordiv, inner, names),
        st.builds(dims.maximum, inner, inner),
        st.builds(dims.minimum, inner, inner),
    )


sizes: st.SearchStrategy[Size] = st.recursive(st.one_of(names, names, small), _wider, max_leaves=5)
simple: st.SearchStrategy[Constraint] = st.one_of(
    st.builds(constraint.equal, sizes, sizes),
    st.builds(constraint.at_least, sizes, sizes),
    st.builds(constraint.distinct, sizes, sizes),
    st.builds(constraint.divides, st.one_of(divisors, divisors, names), sizes),
)
relations: st.SearchStrategy[Constraint] = st.one_of(
    simple,
    simple,
    simple,
    st.lists(simple, min_size=2, max_size=3).map(constraint.any_of),
    st.lists(simple, min_size=2, max_size=2).map(constraint.all_of),
)
facts: st.SearchStrategy[list[Constraint]] = st.lists(relations, max_size=3)


def box(
    relations: Sequence[Constraint], high: int = 7, unbounded: Sequence[str] = ()
) -> Iterator[dict[str, int]]:
    """Every point with sizes up to ``high`` for the names in some relations."""
    used = sorted({name for relation in relations for name in relation.symbols})
    spans = [range(0 if name in unbounded else 1, high + 1) for name in used]
    for values in product(*spans):
        yield dict(zip(used, values, strict=True))


def holds(relations: Sequence[Constraint], at: dict[str, int]) -> bool:
    """Whether all relations hold at a point."""
    return all(relation.at(at) for relation in relations)


def admitted(
    given: Sequence[Constraint], others: Sequence[Constraint], unbounded: Sequence[str] = ()
) -> Iterator[dict[str, int]]:
    """The points of the box at which all given facts hold, with values for ``others`` too."""
    return (at for at in box([*given, *others], unbounded=unbounded) if holds(given, at))
