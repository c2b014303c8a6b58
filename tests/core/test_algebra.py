"""To sympy and back without a change of value."""

import pytest
import sympy
from hypothesis import example, given, settings

from shapeflow.core import dims
from shapeflow.core.constraint import any_of, divides, equal
from shapeflow.core.dims import Dim, Size, evaluate

from .drawing import points, sizes

A, B = dims.symbol("A"), dims.symbol("B")
seldom = settings(max_examples=60, deadline=None)


@seldom
@given(sizes, points)
def test_round_trip_by_value(size: Size, at: dict[str, int]) -> None:
    try:
        expected = evaluate(size, at)
    except ZeroDivisionError:
        return
    if isinstance(size, Dim):
        try:
            back = Dim.from_sympy(size.sympy)
            assert evaluate(back, at) == expected
        except ZeroDivisionError:
            return


@seldom
@example(A + dims.maximum(3 // (A * B), 2), {"A": 1, "B": 2})
@given(sizes, points)
def test_sympy_gives_the_same_value(size: Size, at: dict[str, int]) -> None:
    try:
        expected = evaluate(size, at)
    except ZeroDivisionError:
        return
    if isinstance(size, Dim):
        named = {dims.symbol(name).sympy: value for name, value in at.items()}
        assert size.sympy.subs(named, simultaneous=True) == expected


def test_symbols_are_positive_whole_numbers() -> None:
    assert A.sympy.is_positive and A.sympy.is_integer
    assert A.sympy == sympy.Symbol("A", integer=True, positive=True)


FROM = [
    (lambda a, b: 2 * a + b, 2 * A + B),
    (lambda a, b: (a + b) ** 2, A * A + 2 * A * B + B * B),
    (lambda a, b: sympy.floor(a / 2), A // 2),
    (lambda a, b: sympy.floor(a / 2 + sympy.Rational(1, 2)), (A + 1) // 2),
    (lambda a, b: sympy.ceiling(a / 2), (A + 1) // 2),
    (lambda a, b: sympy.Mod(a, 4), A % 4),
    (lambda a, b: sympy.Max(a, b, 3), dims.maximum(A, B, 3)),
    (lambda a, b: sympy.floor(a / b), A // B),
    (lambda a, b: sympy.Integer(3), 3),
]


@pytest.mark.parametrize(("write", "size"), FROM)
def test_from_sympy(write: object, size: Size) -> None:
    assert Dim.from_sympy(write(A.sympy, B.sympy)) == size  # type: ignore[operator]


@pytest.mark.parametrize(
    "expression", [sympy.Rational(1, 2), sympy.sqrt(A.sympy), sympy.pi, A.sympy / 2]
)
def test_what_is_no_size(expression: sympy.Expr) -> None:
    with pytest.raises(ValueError, match=r"no size|no whole number"):
        Dim.from_sympy(expression)


def test_relations() -> None:
    assert equal(A, B).sympy == sympy.Eq(A.sympy, B.sympy)
    assert divides(4, A).sympy == sympy.Eq(sympy.Mod(A.sympy, 4), 0)
    both = any_of([equal(A, B), equal(A, 1)]).sympy
    assert both == sympy.Or(sympy.Eq(A.sympy, B.sympy), sympy.Eq(A.sympy, 1))
