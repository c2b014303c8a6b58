"""Specs as text: what each means, and one clear sentence for what is none."""

import pytest

from shapeflow import ShapeflowError
from shapeflow.core import dims
from shapeflow.spec import Spec, parse_spec

B, H, T = map(dims.symbol, "BHT")


@pytest.mark.parametrize(
    ("text", "spec"),
    [
        ("B T 3", Spec((B, T, 3))),
        ("  B   T ", Spec((B, T))),
        ("", Spec(())),
        (":bool", Spec((), "bool")),
        ("B T:int64", Spec((B, T), "int64")),
        ("B:long", Spec((B,), "int64")),
        ("B : double", Spec((B,), "float64")),
        ("2*B T-1 H//4", Spec((2 * B, T - 1, H // 4))),
        ("(B+1)*2 H%8", Spec((2 * B + 2, H % 8))),
        ("_ T _", Spec((None, T, None))),
        ("... 3", Spec((3,), leading=True)),
        ("...:int64", Spec((), "int64", leading=True)),
        ("0 B", Spec((0, B))),
        ("größe", Spec((dims.symbol("größe"),))),
    ],
)
def test_text(text: str, spec: Spec) -> None:
    assert parse_spec(text) == spec


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("B+", "column 3 should be a size: a number, a name or '(', not the end"),
        ("B T)", "column 4 should be an operator (+ - * // %) or the end, not ')'"),
        ("(B", "column 3 should be ')', not the end"),
        ("B T + 1", "column 5 should be a size: a number, a name or '(', not '+'"),
        ("2**B", "column 3 should be a size: a number, a name or '(', not '*B'"),
        ("B/2", "column 2 should be a number, a name or an operator, not '/2'"),
        ("1.5", "column 2 should be a number, a name or an operator, not '.5'"),
        ("B,T", "column 2 should be an operator (+ - * // %) or the end, not ',T'"),
        ("T B//0", "column 6 should be a divisor other than 0, not '0'"),
        ("B ... F", "column 3 should be a size: '...' stands first, not '...'"),
        ("... ...", "column 5 should be a size: '...' stands first, not '...'"),
    ],
)
def test_notation_error_has_its_column(text: str, told: str) -> None:
    with pytest.raises(ShapeflowError) as raised:
        parse_spec(text)
    assert str(raised.value) == f"cannot read {text!r}: {told}"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("B -1", "'B -1' has the size -1: sizes are at least 0"),
        ("2-3", "'2-3' has the size -1: sizes are at least 0"),
        ("B:flot32", "'B:flot32' names the dtype 'flot32', which torch does not have"),
        ("B:", "'B:' names the dtype '', which torch does not have"),
    ],
)
def test_what_no_tensor_can_have(text: str, told: str) -> None:
    with pytest.raises(ShapeflowError) as raised:
        parse_spec(text)
    assert str(raised.value) == told
