"""The most general input shapes of a model, found without any spec."""

from typing import Any

import pytest
import torch
from torch import nn

import shapeflow
from tests.agreement import agrees


class WithState(nn.Module):
    """A recurrent layer with its state as arguments of their own."""

    def __init__(self, kind: str = "GRU") -> None:
        super().__init__()
        self.rnn = getattr(nn, kind)(3, 5, batch_first=True)

    def forward(self, x, *state):
        return self.rnn(x, state if len(state) > 1 else state[0])[0]


class Gru(WithState):
    def forward(self, x, hx):
        return super().forward(x, hx)


class Lstm(WithState):
    def __init__(self) -> None:
        super().__init__("LSTM")

    def forward(self, x, h, c):
        return super().forward(x, h, c)


class Reader(nn.Module):
    """Words in, one label out."""

    def __init__(self) -> None:
        super().__init__()
        self.embed = nn.Embedding(100, 4)
        self.rnn = nn.GRU(4, 5, batch_first=True)
        self.head = nn.Linear(5, 2)

    def forward(self, words, hx=None):
        return self.head(self.rnn(self.embed(words), hx)[1][-1])


FOUND: list[tuple[Any, tuple[str, ...], str]] = [
    (nn.RNN(3, 5), ("T B 3",), "valid"),
    (nn.LSTM(3, 5, 2, bidirectional=True), ("T B 3",), "valid"),
    (nn.GRU(3, 5, batch_first=True), ("B T 3",), "valid"),
    (nn.LSTMCell(3, 4), ("B 3",), "valid"),
    (Gru(), ("B T 3", "1 B 5"), "valid"),
    (Lstm(), ("B T 3", "1 B 5", "1 B 5"), "valid"),
    (Reader(), ("B T:int64",), "valid"),
    (nn.Linear(3, 2), ("B T 3",), "valid"),
    (nn.Embedding(10, 4), ("B T:int64",), "valid"),
    (nn.LayerNorm(7), ("B T 7",), "valid"),
    (nn.Conv1d(3, 4, 5), ("B 3 T",), "conditional"),
    (nn.Bilinear(3, 4, 5), ("B T 3", "B T 4"), "valid"),
    (nn.Sequential(nn.Conv1d(3, 6, 3), nn.Flatten(), nn.Linear(12, 2)), ("B 3 4",), "valid"),
]  # fmt: skip


@pytest.mark.parametrize(("model", "specs", "verdict"), FOUND)
def test_found(model: Any, specs: tuple[str, ...], verdict: str) -> None:
    report = shapeflow.infer_shapes(model)
    assert report.verdict == verdict
    assert report.ok
    inputs = [" ".join(map(str, shape)) for shape in report.inputs.values()]
    assert inputs == [spec.partition(":")[0] for spec in specs]


@pytest.mark.parametrize(("model", "specs", "verdict"), FOUND)
def test_what_was_found_runs(model: Any, specs: tuple[str, ...], verdict: str) -> None:
    agrees(model, *specs)


def test_nothing_fits() -> None:
    model = nn.Sequential(nn.Linear(3, 2), nn.Linear(3, 2))
    with pytest.raises(shapeflow.ShapeflowError) as raised:
        shapeflow.infer_shapes(model)
    assert str(raised.value) == (
        "no input shapes were found for Sequential: 1 (nn.Linear): the last size of the input "
        "must be the number of input features: expected 3, got 2"
    )


def test_what_cannot_be_analysed() -> None:
    with pytest.raises(
        shapeflow.ShapeflowError, match=r"^no input shapes were found for <lambda>:"
    ):
        shapeflow.infer_shapes(lambda x: x.numpy())


def test_arguments_with_defaults_are_left_out_and_given() -> None:
    report = shapeflow.infer_shapes(Reader())
    assert list(report.inputs) == ["words"]
    assert [str(dict(other.inputs)) for other in report.alternatives] == [
        "{'words': (Dim('B'), Dim('T')), 'hx': (1, Dim('B'), 5)}"
    ]
    assert "words (B, T), hx (1, B, 5) or None -> (B, 2)" in str(report)


def test_the_signature_is_no_fault() -> None:
    report = shapeflow.infer_shapes(lambda x: x.view(-1, 4, 6).unflatten(0, (5, -1)))
    assert report.verdict == "conditional"
    assert report.ok and report.constraints


def test_what_is_not_a_number_of_seconds() -> None:
    with pytest.raises(shapeflow.ShapeflowError, match="seconds must be a number above 0, not 0"):
        shapeflow.infer_shapes(Reader(), seconds=0)


def test_function() -> None:
    report = shapeflow.infer_shapes(lambda a, b: torch.bmm(a, b))
    assert report.verdict == "valid"
    a, b = report.inputs.values()
    assert (a[0], a[2]) == (b[0], b[1])
