"""What is printed can be read back, and what cannot be read is explained."""

import pickle

import pytest
from hypothesis import given, settings

from shapeflow.core import dims
from shapeflow.core.constraint import Constraint, all_of, any_of, at_least, distinct, divides, equal
from shapeflow.core.dims import Size, evaluate
from shapeflow.core.errors import NotationError, ShapeflowError
from shapeflow.core.notation import format_shape, format_spec, parse_fact, parse_size

from .drawing import in_python, points, relations, signed_points, sizes, texts

A, B, T = map(dims.symbol, "ABT")
often = settings(max_examples=300, deadline=None)


@often
@given(sizes)
def test_what_is_printed_reads_back_as_the_same_size(size: Size) -> None:
    assert parse_size(str(size)) is size or parse_size(str(size)) == size


def divides_by_something(relation: Constraint, at: dict[str, int]) -> bool:
    """Whether no divisor is 0: of ``(2*A) % A`` nothing is left but 0 when it is read."""
    if relation.options:
        return all(divides_by_something(option, at) for option in relation.options)
    try:
        return relation.kind != "divides" or evaluate(relation.right, at) != 0
    except ZeroDivisionError:
        return False


@often
@given(relations, points)
def test_what_is_printed_reads_back_as_an_equivalent_relation(
    relation: Constraint, at: dict[str, int]
) -> None:
    text = str(relation)
    if text not in ("always", "never") and divides_by_something(relation, at):
        assert parse_fact(text).at(at) == relation.at(at)


@often
@given(texts, signed_points)
def test_sizes_mean_what_python_means(text: str, at: dict[str, int]) -> None:
    try:
        size = parse_size(text)
    except (NotationError, ZeroDivisionError):
        return
    expected = in_python(text, at)
    if expected is not None:
        assert evaluate(size, at) == expected


@often
@given(sizes)
def test_a_size_survives_pickling(size: Size) -> None:
    assert pickle.loads(pickle.dumps(size)) == size


PRINTED = [  # written, printed
    ("B*T",                    "B*T"),
    ("T*B",                    "B*T"),
    ("1 + B",                  "B+1"),
    ("2*(B + 3) - B",          "B+6"),
    ("B - B",                  "0"),
    ("-B + 1",                 "1-B"),
    ("H % 4",                  "H%4"),
    ("3*(H % 4)",              "3*(H%4)"),
    ("H - 4*(H//4)",           "H%4"),
    ("(H//2)//2",              "H//4"),
    ("(4*H)//8",               "H//2"),
    ("(2*B*T)//2",             "B*T"),
    ("B*T*H//(B*T)",           "H"),
    ("max(B, 3, max(T, B))",   "max(B,T,3)"),
    ("min(B, B+1)",            "B"),
]  # fmt: skip


@pytest.mark.parametrize(("written", "printed"), PRINTED)
def test_printed(written: str, printed: str) -> None:
    assert str(parse_size(written)) == printed


FACTS = [  # written, relation
    ("B == T",              equal(B, T)),
    ("B = T",               equal(B, T)),
    ("B != T",              distinct(B, T)),
    ("B >= 3",              at_least(B, 3)),
    ("B > 3",               at_least(B, 4)),
    ("B <= 3",              at_least(3, B)),
    ("B < 3",               at_least(3, B + 1)),
    ("B % 8 == 0",          divides(8, B)),
    ("(B*T) % A == 0",      divides(A, B * T)),
    ("1 <= B <= 5",         all_of([at_least(B, 1), at_least(5, B)])),
    ("B == T or B == 1",    any_of([equal(B, T), equal(B, 1)])),
    ("A == 1 and B == 1 or T == 1",
                            any_of([all_of([equal(A, 1), equal(B, 1)]), equal(T, 1)])),
    ("A == 1 and (B == 1 or T == 1)",
                            all_of([equal(A, 1), any_of([equal(B, 1), equal(T, 1)])])),
    ("(B+1)*2 == T",        equal(2 * B + 2, T)),
]  # fmt: skip


@pytest.mark.parametrize(("written", "relation"), FACTS)
def test_facts(written: str, relation: Constraint) -> None:
    assert parse_fact(written) == relation


WRONG_SIZES = [  # text, column, what should stand there
    ("",            1,  "a size"),
    ("B +",         4,  "a size"),
    ("B T",         3,  "an operator"),
    ("2*(B",        5,  "')'"),
    ("B // 0",      6,  "a divisor other than 0"),
    ("B $ T",       3,  "a number, a name or an operator"),
    ("max(B",       6,  "')'"),
    ("B)",          2,  "an operator"),
    ("B == T",      3,  "an operator"),
    ("1" * 30,      1,  "a size"),
    ("(" * 100,     61, "brackets"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "column", "expected"), WRONG_SIZES)
def test_a_size_that_cannot_be_read(text: str, column: int, expected: str) -> None:
    with pytest.raises(NotationError) as caught:
        parse_size(text)
    assert (caught.value.text, caught.value.column) == (text, column)
    assert expected in caught.value.expected
    assert isinstance(caught.value, ShapeflowError)


WRONG_FACTS = [  # text, column, what should stand there
    ("B",            2,  "a comparison"),
    ("B ==",         5,  "a size"),
    ("B == T or",    10, "a size"),
    ("B == T T",     8,  "an operator"),
    ("B == and",     6,  "a size"),
    ("(B == T",      4,  "')'"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "column", "expected"), WRONG_FACTS)
def test_a_fact_that_cannot_be_read(text: str, column: int, expected: str) -> None:
    with pytest.raises(NotationError) as caught:
        parse_fact(text)
    assert caught.value.column == column
    assert expected in caught.value.expected


def test_the_message_shows_what_stands_there() -> None:
    with pytest.raises(NotationError, match=r"column 3 should be an operator .* not 'T'"):
        parse_size("B T")
    with pytest.raises(NotationError, match="not the end"):
        parse_size("B +")


def test_nothing_is_evaluated() -> None:
    for text in ("__import__('os')", "B.__class__", "B[0]", "lambda: 0", "B if T else 1"):
        with pytest.raises(NotationError):
            parse_size(text)


SHAPES = [
    ((), "()", ""),
    ((B,), "(B,)", "B"),
    ((B, T, 3), "(B, T, 3)", "B T 3"),
    ((2 * B + 1, B // 2), "(2*B+1, B//2)", "2*B+1 B//2"),
]


@pytest.mark.parametrize(("shape", "printed", "spec"), SHAPES)
def test_shapes(shape: tuple[Size, ...], printed: str, spec: str) -> None:
    assert format_shape(shape) == printed
    assert format_spec(shape) == spec
