"""Sizes that a person can try by hand."""

import pytest

from shapeflow.core import dims
from shapeflow.core.constraint import at_least
from shapeflow.core.notation import parse_fact
from shapeflow.solve import Facts, find

TABLE = [  # facts, constraints, sizes
    ("",                  ["B != N"],                        {"B": 2, "N": 3}),
    ("",                  ["B == N"],                        {"B": 2, "N": 2}),
    ("",                  ["T >= 5"],                        {"T": 5}),
    ("",                  ["T <= 1"],                        {"T": 1}),
    ("",                  ["H % 4 == 0"],                    {"H": 4}),
    ("",                  ["H % 4 != 0"],                    {"H": 2}),
    ("H % 8 == 0",        ["W % 8 == 0"],                    {"W": 8, "H": 16}),
    ("",                  ["B*T == 91", "B >= 8"],           {"B": 13, "T": 7}),
    ("",                  ["5*A == 7*B"],                    {"A": 7, "B": 5}),
    ("",                  ["A//4 + A//5 == 15"],             {"A": 35}),
    ("",                  ["T == 224 or T == 229"],          {"T": 224}),
    ("A >= B+1",          ["B >= C+1"],                      {"B": 2, "C": 1, "A": 3}),
    ("",                  ["(H-7)//4+1 == 55"],              {"H": 223}),
]  # fmt: skip


@pytest.mark.parametrize(("facts", "constraints", "sizes"), TABLE)
def test_found(facts: str, constraints: list[str], sizes: dict[str, int]) -> None:
    known = Facts([parse_fact(facts)] if facts else [])
    assert find([parse_fact(text) for text in constraints], known) == sizes


def test_none_where_there_is_none() -> None:
    assert find([parse_fact("T >= 5"), parse_fact("T <= 4")], Facts()) is None
    assert find([parse_fact("T*T == 2")], Facts()) is None


def test_opaque_sizes_get_values_too() -> None:
    count = dims.opaque("count")
    assert find([at_least(count, 3)], Facts()) == {"count": 3}


def test_a_symbol_that_may_be_zero() -> None:
    assert find([parse_fact("L <= 0")], Facts(unbounded=["L"])) == {"L": 0}
    assert find([parse_fact("L <= 0")], Facts()) is None
