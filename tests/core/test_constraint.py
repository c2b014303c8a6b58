"""Relations: where they hold, their opposites, and how they join."""

import pytest
from hypothesis import given, settings

from shapeflow.core import dims
from shapeflow.core.constraint import (
    ALWAYS,
    Constraint,
    Origin,
    all_of,
    any_of,
    at_least,
    distinct,
    divides,
    equal,
    never,
)

from .drawing import points, relations

A, B, T = map(dims.symbol, "ABT")
often = settings(max_examples=200, deadline=None)

HOLDS = [  # relation, sizes, whether it holds
    (equal(A, B),                        {"A": 2, "B": 2}, True),
    (equal(A, B),                        {"A": 2, "B": 3}, False),
    (at_least(A, 2 * B),                 {"A": 4, "B": 2}, True),
    (distinct(A, B),                     {"A": 4, "B": 2}, True),
    (divides(4, A),                      {"A": 8},         True),
    (divides(B, A),                      {"A": 8, "B": 3}, False),
    (divides(B, A),                      {"A": 8, "B": 0}, False),
    (equal(A // B, A // B),              {"A": 8, "B": 0}, False),
    (any_of([equal(A, 1), equal(B, 1)]), {"A": 2, "B": 1}, True),
    (all_of([equal(A, 1), equal(B, 1)]), {"A": 2, "B": 1}, False),
    (ALWAYS,                             {},               True),
    (never(),                            {},               False),
]  # fmt: skip


@pytest.mark.parametrize(("relation", "at", "expected"), HOLDS)
def test_holds(relation: Constraint, at: dict[str, int], expected: bool) -> None:
    assert relation.holds(**at) is expected
    assert relation.at(at) is expected


@often
@given(relations, points)
def test_the_opposite_never_holds_too(relation: Constraint, at: dict[str, int]) -> None:
    try:
        for size in relation.sizes():
            dims.evaluate(size, at)
        opposite = relation.negated()
        for size in opposite.sizes():
            dims.evaluate(size, at)
    except ZeroDivisionError:
        return
    assert opposite.at(at) is not relation.at(at)


def test_joining_flattens_and_simplifies() -> None:
    one, two, three = equal(A, 1), equal(A, 2), equal(A, 3)
    assert any_of([one, any_of([two, three])]).options == (one, two, three)
    assert all_of([one, all_of([two, one])]).options == (one, two)
    assert any_of([one]) == one
    assert any_of([one, never()]) == one
    assert any_of([one, ALWAYS]) == ALWAYS
    assert all_of([one, never()]) == never()
    assert any_of([]) == never()
    assert all_of([]) == ALWAYS


def test_the_origin_takes_no_part_in_equality() -> None:
    origin = Origin(because="batch sizes must agree")
    assert equal(A, B, origin) == equal(A, B)
    assert equal(A, B).because(origin).origin is origin
    assert len({equal(A, B, origin), equal(A, B)}) == 1


def test_symbols_and_substitution() -> None:
    relation = any_of([equal(A, B), divides(4, T)])
    assert relation.symbols == ("A", "B", "T")
    assert relation.substitute({"A": B, "T": 8}) == any_of([equal(B, B), divides(4, 8)])


def test_a_size_that_does_not_exist_satisfies_nothing() -> None:
    relation = any_of([at_least(T // (A // 2), 1), equal(T, B)])
    found = relation.substitute({"A": 1})
    assert [found.at({"B": 3, "T": t}) for t in (2, 3)] == [False, True]


def test_a_missing_size_is_named() -> None:
    with pytest.raises(KeyError, match="B"):
        equal(A, B).holds(A=1)


def test_an_equation_beside_a_bound_is_taken_in() -> None:
    beside = [at_least(15, T), equal(T, 16), equal(18, T), equal(T, 17), equal(A, 20)]
    assert any_of(beside) == any_of([at_least(18, T), equal(A, 20)])
    apart = [at_least(15, T), equal(T, 17)]
    assert any_of(apart).options == tuple(apart)
    assert all_of(apart).options == tuple(apart)
