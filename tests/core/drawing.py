"""Random sizes as text, the same in Python's own words, and points to try them at."""

from __future__ import annotations

from hypothesis import strategies as st

from shapeflow.core import constraint
from shapeflow.core.constraint import Constraint
from shapeflow.core.dims import Size
from shapeflow.core.notation import parse_size

NAMES = ("A", "B", "n_1")
points = st.fixed_dictionaries({name: st.integers(1, 40) for name in NAMES})
signed_points = st.fixed_dictionaries({name: st.integers(-20, 40) for name in NAMES})


def _wider(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    binary = st.sampled_from(["+", "-", "*", " + ", " * "])
    return st.one_of(
        st.builds("({}){}({})".format, inner, binary, inner),
        st.builds("({})//{}".format, inner, st.integers(1, 6)),
        st.builds("({})%{}".format, inner, st.integers(1, 6)),
        st.builds("({})//({})".format, inner, st.sampled_from([*NAMES, "A*B", "A+2"])),
        st.builds("({})%{}".format, inner, st.sampled_from(NAMES)),
        st.builds("{}({},{})".format, st.sampled_from(["max", "min"]), inner, inner),
        st.builds("-({})".format, inner),
    )


texts: st.SearchStrategy[str] = st.recursive(
    st.one_of(st.sampled_from(NAMES), st.integers(0, 20).map(str)), _wider, max_leaves=6
)
sizes: st.SearchStrategy[Size] = texts.map(parse_size)
relations: st.SearchStrategy[Constraint] = st.recursive(
    st.one_of(
        st.builds(constraint.equal, sizes, sizes),
        st.builds(constraint.at_least, sizes, sizes),
        st.builds(constraint.distinct, sizes, sizes),
        st.builds(
            constraint.divides, st.one_of(st.integers(2, 6), sizes.filter(lambda n: n != 0)), sizes
        ),
    ),
    lambda inner: st.one_of(
        st.lists(inner, min_size=2, max_size=3).map(constraint.any_of),
        st.lists(inner, min_size=2, max_size=3).map(constraint.all_of),
    ),
    max_leaves=3,
)


def in_python(text: str, at: dict[str, int]) -> int | None:
    """What Python makes of a text; None where it divides by 0."""
    try:
        return int(eval(text, {"max": max, "min": min}, dict(at)))
    except ZeroDivisionError:
        return None
