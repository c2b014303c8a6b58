"""Random sizes, relations and assignments, and the truth by trying every point of a box."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import product

from hypothesis import strategies as st

from shapeflow.core import constraint, dims
from shapeflow.core.constraint import Constraint
from shapeflow.core.dims import Size

NAMES = ("A", "B", "C")
small = st.integers(-4, 8)
divisors = st.integers(2, 5)
names = st.sampled_from(NAMES).map(dims.symbol)
leaves = st.one_of(names, names, small)


def _extend(inner: st.SearchStrategy[Size]) -> st.SearchStrategy[Size]:
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


sizes: st.SearchStrategy[Size] = st.recursive(leaves, _extend, max_leaves=5)
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


def holds(relation: Constraint, at: Mapping[str, int]) -> bool | None:
    """Whether a relation holds at a point; None where something is divided by 0."""
    try:
        return relation.at(at)
    except ZeroDivisionError:
        return None


def box(
    relations: Sequence[Constraint], high: int, unbounded: Sequence[str] = ()
) -> Iterator[dict[str, int]]:
    """Every point with sizes up to ``high`` for the names in some relations."""
    used = sorted({name for relation in relations for name in relation.symbols})
    spans = [range(0 if name in unbounded else 1, high + 1) for name in used]
    for values in product(*spans):
        yield dict(zip(used, values, strict=True))


def admitted(
    given: Sequence[Constraint],
    relations: Sequence[Constraint],
    high: int,
    unbounded: Sequence[str] = (),
) -> Iterator[dict[str, int]]:
    """The points of the box at which all given facts hold and everything has a value."""
    for at in box([*given, *relations], high, unbounded):
        if all(holds(fact, at) for fact in given) and None not in [
            holds(relation, at) for relation in relations
        ]:
            yield at
