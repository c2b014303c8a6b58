"""Specs that jaxtyping annotations state on the parameters and the result of ``forward``."""
# ruff: noqa: F722

from typing import Any

import pytest
from torch import Tensor, nn

import shapeflow

jaxtyping = pytest.importorskip("jaxtyping")
Float, Int, Bool, Shaped = (getattr(jaxtyping, n) for n in ("Float", "Int", "Bool", "Shaped"))


class Tagger(nn.Module):
    """A tagger with annotated parameters and result."""

    def __init__(self, out: int = 5) -> None:
        super().__init__()
        self.embed = nn.Embedding(100, 8)
        self.rnn = nn.GRU(8, 6, batch_first=True)
        self.head = nn.Linear(6, out)

    def forward(
        self, words: Int[Tensor, "batch time"], hx: Float[Tensor, "1 batch 6"]
    ) -> Float[Tensor, "batch time 5"]:
        return self.head(self.rnn(self.embed(words), hx)[0])


def test_no_spec_is_needed() -> None:
    report = shapeflow.check(Tagger())
    assert report.verdict == "valid"
    assert report.symbols == ("batch", "time")
    assert report.output_shapes(batch=2, time=7) == (2, 7, 5)


def test_annotated_result_is_the_contract() -> None:
    (finding,) = shapeflow.check(Tagger(out=4)).findings
    assert finding.code == "SF102"
    assert "expected 5, got 4" in finding.message


def test_given_spec_wins() -> None:
    report = shapeflow.check(Tagger(), hx="1 N 6")
    assert report.symbols == ("batch", "time", "N")
    assert report.findings[0].code == "SF204"


def annotated(hint: Any) -> Any:
    """A function of one annotated tensor."""

    def model(x):
        return x

    model.__annotations__["x"] = hint
    return model


@pytest.mark.parametrize(
    ("hint", "shape"),
    [
        (Float[Tensor, "b t 3"], "(b, t, 3)"),
        (Float[Tensor, ""], "()"),
        (Float[Tensor, "2*b t-1"], "(2*b, t-1)"),
        (Float[Tensor, "#b t"], "(b, t)"),
        (Float[Tensor, "rows=4 t"], "(4, t)"),
        (Bool[Tensor, "b"], "(b,)"),
        (Shaped[Tensor, "b"], "(b,)"),
    ],
)
def test_notation(hint: Any, shape: str) -> None:
    report = shapeflow.check(annotated(hint))
    assert str(report).splitlines()[0] == f"model: x {shape} -> {shape}"


@pytest.mark.parametrize("hint", [Float[Tensor, "_ t"], Float[Tensor, "_any t"]])
def test_anonymous(hint: Any) -> None:
    assert shapeflow.check(annotated(hint)).symbols == ("_x_0", "t")


@pytest.mark.parametrize("hint", [Float[Tensor, "... t"], Float[Tensor, "*lead t"]])
def test_leading_axes(hint: Any) -> None:
    assert shapeflow.check(annotated(hint)).notes[0].startswith("checked for x of 1 to 5 axes")


@pytest.mark.parametrize("hint", [Float[Tensor, "b *rest"], Float[Tensor, "{n}"], Tensor, int])
def test_what_states_no_shape_needs_a_spec(hint: Any) -> None:
    with pytest.raises(shapeflow.ShapeflowError, match=r"model\(x\) needs a spec for 'x'"):
        shapeflow.check(annotated(hint))


def test_tuple_of_annotations() -> None:
    def model(state: tuple[Float[Tensor, "1 b 3"], Float[Tensor, "1 b 4"]]):
        return state[0] * 2

    model.__annotations__["state"] = tuple[Float[Tensor, "1 b 3"], Float[Tensor, "1 b 4"]]
    assert shapeflow.check(model).output_shapes(b=2) == (1, 2, 3)
