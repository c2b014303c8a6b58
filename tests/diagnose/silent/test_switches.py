"""Warnings can be switched off by code, for a line and for a call; their fixes were tried."""

from typing import Any

import pytest
import torch
from torch import nn

import shapeflow
from shapeflow.core.errors import ShapeflowError

from .programs import Forward, Program


class Last(nn.Module):
    """The last example, three times: told of, ignored by code, and ignored by another one."""

    def __init__(self) -> None:
        super().__init__()
        self.rnn = nn.GRU(3, 5, batch_first=True)

    def forward(self, x: torch.Tensor) -> tuple[torch.Tensor, ...]:
        out, _ = self.rnn(x)
        told = out[-1]
        quiet = out[-1]  # shapeflow: ignore[SF502, SF505]
        silent = out[-1]  # as it is meant  # shapeflow: ignore
        other = out[-1]  # shapeflow: ignore[SF501]
        return told, quiet, silent, other


def lines(report: shapeflow.Report) -> list[str]:
    """The source lines that are warned of."""
    found = [f.location for f in report.findings if f.severity == "warning"]
    return [place.text.split("=")[0].strip() for place in found if place is not None]


def test_comments() -> None:
    assert lines(shapeflow.check(Last().eval(), "B T 3")) == ["told", "other"]


@pytest.mark.parametrize("ignore", ["SF502", ("sf502",), ["SF501", "SF502"]])
def test_ignore(ignore: object) -> None:
    assert lines(shapeflow.check(Last().eval(), "B T 3", ignore=ignore)) == []  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("ignore", "told"),
    [
        ("SF5022", "there is no code 'SF5022'; did you mean 'SF502'"),
        ("SF204", "only warnings can be ignored, and SF204 is none"),
        ([502], "ignore takes codes such as 'SF501', not 502"),
        (502, "ignore takes codes such as 'SF501', not 502"),
    ],
)
def test_wrong_codes(ignore: object, told: str) -> None:
    with pytest.raises(ShapeflowError, match=f"^{told}"):
        shapeflow.check(Last().eval(), "B T 3", ignore=ignore)  # type: ignore[arg-type]


def test_verdict_and_fix() -> None:
    report = shapeflow.check(Last().eval(), "B T 3")
    assert report.ok
    assert report.verdict == "valid"
    first = report.findings[0]
    assert first.code == "SF502"
    assert [fix.verified for fix in first.fixes] == [True]
    assert "axis 0 of x" in first.message


class Summary(nn.Module):
    """Two layers' states beside one another, by a view or after a transposition."""

    def __init__(self, right: bool) -> None:
        super().__init__()
        self.right = right
        self.rnn = nn.GRU(3, 5, 2, batch_first=True)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        state = self.rnn(x)[1]
        if self.right:
            state = state.permute(1, 0, 2)
        return state.reshape(x.size(0), 10)


def test_fix_of_a_view_is_what_helps() -> None:
    found = shapeflow.check(Summary(False).eval(), "B T 3").findings
    assert [(fix.verified, fix.text) for fix in found[0].fixes] == [
        (True, "permute first: .permute(1, 0, 2).reshape(B, 10)")
    ]
    assert not shapeflow.check(Summary(True).eval(), "B T 3").findings


LAYER = nn.TransformerEncoderLayer(8, 2, 16)


def viewed_once_flat(m: Any, x: Any) -> Any:
    return m.rnn(x.transpose(0, 1))[0].sum(-1).flatten().view(x.size(0), x.size(1))


def squeezed_image(m: Any, x: Any) -> Any:
    return m.head(x.mean((2, 3), keepdim=True).squeeze())


@pytest.mark.parametrize(
    ("forward", "layers", "spec", "fix"),
    [
        (
            viewed_once_flat, {"rnn": nn.GRU(3, 5)}, "B T 3",
            (True, "view it as (T, B), then permute(1, 0), then reshape(B, T)"),
        ),
        (
            squeezed_image, {"head": nn.Linear(8, 2)}, "B 8 H W",
            (False, "name what is meant: squeeze((2, 3))"),
        ),
        (
            lambda m, x: m.encode(x)[:, -1],
            {"encode": nn.TransformerEncoder(LAYER, 2, enable_nested_tensor=False)}, "B T 8",
            (True, "make encode.layers.0 (nn.TransformerEncoderLayer) with batch_first=True"),
        ),
        (
            lambda m, x: m.attend(x, x, x)[0].mean(1),
            {"attend": nn.MultiheadAttention(8, 2)}, "B T 8",
            (True, "make attend with batch_first=True"),
        ),
    ],
)  # fmt: skip
def test_fix(
    forward: Forward, layers: dict[str, nn.Module], spec: str, fix: tuple[bool, str]
) -> None:
    found = shapeflow.check(Program(forward, **layers).eval(), spec).findings
    assert [(f.verified, f.text) for f in found[0].fixes] == [fix]


class LockedDropout(nn.Module):
    """One mask for all steps, where its shape is the right one; nothing in evaluation."""

    def __init__(self, shared: int) -> None:
        super().__init__()
        self.shared = shared

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        if not self.training:
            return x
        shape = [*x.shape]
        shape[self.shared] = 1
        return x * torch.empty(shape).bernoulli_(0.5)


class Dropped(nn.Module):
    """A layer that goes along the first axis behind a dropout."""

    def __init__(self, shared: int) -> None:
        super().__init__()
        self.drop, self.rnn = LockedDropout(shared), nn.LSTM(3, 5)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        out: torch.Tensor = self.rnn(self.drop(x))[0]
        return out


def test_layers_are_looked_at_in_training() -> None:
    model = Dropped(1).eval()
    found = shapeflow.check(model, "T B 3").findings
    assert [f.code for f in found] == ["SF509"]
    assert not model.drop.training
    assert not shapeflow.check(Dropped(0).eval(), "T B 3").findings


def test_names_of_symbols_say_nothing() -> None:
    told = [shapeflow.check(Last().eval(), spec).findings for spec in ("B T 3", "T B 3")]
    assert [f.code for f in told[0]] == [f.code for f in told[1]]


def test_errors_come_alone() -> None:
    class Both(Last):
        def forward(self, x: torch.Tensor) -> tuple[torch.Tensor, ...]:
            return (*super().forward(x), x @ x)

    severities = {f.severity for f in shapeflow.check(Both().eval(), "B T 3").findings}
    assert "error" in severities
    assert "warning" not in severities
