"""The canonical form: equal sizes are one object, and laws hold for all whole numbers."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shapeflow.core import dims
from shapeflow.core.dims import Dim, Size, evaluate, floordiv, maximum, minimum, mod

from .drawing import NAMES, points, signed_points, sizes

A, B, H = dims.symbol("A"), dims.symbol("B"), dims.symbol("H")
often = settings(max_examples=200, deadline=None)


@often
@given(sizes, sizes, signed_points)
def test_arithmetic_is_that_of_numbers(a: Size, b: Size, at: dict[str, int]) -> None:
    try:
        x, y = evaluate(a, at), evaluate(b, at)
    except ZeroDivisionError:
        return
    assert evaluate(a + b, at) == x + y
    assert evaluate(a - b, at) == x - y
    assert evaluate(a * b, at) == x * y
    assert evaluate(-a, at) == -x
    assert evaluate(maximum(a, b), at) == max(x, y)
    assert evaluate(minimum(a, b), at) == min(x, y)


@often
@given(sizes, st.integers(-6, 6).filter(bool), signed_points)
def test_division_by_a_number(a: Size, n: int, at: dict[str, int]) -> None:
    try:
        x = evaluate(a, at)
    except ZeroDivisionError:
        return
    assert evaluate(floordiv(a, n), at) == x // n
    assert evaluate(mod(a, n), at) == x % n


@often
@given(sizes, sizes, points)
def test_division_by_a_size(a: Size, n: Size, at: dict[str, int]) -> None:
    try:
        x, y = evaluate(a, at), evaluate(n, at)
        quotient, rest = floordiv(a, n), mod(a, n)
    except ZeroDivisionError:
        return
    if y:
        assert evaluate(quotient, at) == x // y
        assert evaluate(rest, at) == x % y


@often
@given(sizes, sizes, sizes)
def test_rings_laws_are_identities_of_the_form(a: Size, b: Size, c: Size) -> None:
    assert a + b is b + a or a + b == b + a
    assert (a + b) * c == a * c + b * c
    assert a - a == 0
    assert a * 1 == a


@often
@given(sizes, sizes, points)
def test_substitution_is_evaluation_in_steps(a: Size, b: Size, at: dict[str, int]) -> None:
    name = NAMES[0]
    try:
        inner = evaluate(b, at)
        expected = evaluate(a, at | {name: inner})
        replaced = dims.substitute(a, {name: b})
        found = evaluate(replaced, at)
    except ZeroDivisionError:
        return
    assert found == expected


def test_equal_forms_are_one_object() -> None:
    assert (A + 1) * (A + 1) is A * A + 2 * A + 1
    assert A**3 is A * A * A
    assert floordiv(floordiv(H, 2), 2) is floordiv(H, 4)
    assert floordiv(H - 1, 2) + 1 is floordiv(H + 1, 2)


def test_five_strided_convolutions_are_one_division() -> None:
    size: Size = H
    for _ in range(5):
        size = floordiv(size - 1, 2) + 1
    assert str(size) == "(H-1)//32+1"


def test_numbers_stay_numbers() -> None:
    assert A - A == 0 and isinstance(A - A, int)
    assert floordiv(7, 2) == 3
    assert maximum(3, 5) == 5
    assert mod(2 * A, 2) == 0


def test_the_names_in_a_size() -> None:
    size = floordiv(A * B + 1, 2) + maximum(H, 3)
    assert isinstance(size, Dim)
    assert size.symbols == ("A", "B", "H")
    assert dims.symbols_of(5) == ()


def test_a_missing_value_is_named() -> None:
    with pytest.raises(KeyError, match="B"):
        (A + B).evaluate(A=1)  # type: ignore[union-attr]


def test_division_by_zero() -> None:
    with pytest.raises(ZeroDivisionError):
        floordiv(A, 0)
    with pytest.raises(ZeroDivisionError):
        floordiv(1, A).evaluate(A=0)  # type: ignore[union-attr]


def test_order_and_truth_are_questions_for_the_solver() -> None:
    for question in (lambda: A < B, lambda: A >= 3, lambda: bool(A)):
        with pytest.raises(TypeError, match="solver"):
            question()


def test_powers() -> None:
    assert A**0 == 1
    with pytest.raises(ValueError, match="whole power"):
        A ** (-1)


def test_symbols_and_opaque_sizes_are_different() -> None:
    assert dims.symbol("A") is A
    assert dims.opaque("A") is not A
