"""A result that is not as promised is blamed on the operation that lost or swapped an axis."""

from collections.abc import Callable

import pytest
import torch
from torch import Tensor, nn

import shapeflow


class Reader(nn.Module):
    """A recurrent layer, something done with its outputs, and a head behind that."""

    def __init__(self, between: Callable[[Tensor], Tensor]) -> None:
        super().__init__()
        self.rnn = nn.LSTM(3, 8, batch_first=True)
        self.head = nn.Sequential(nn.ReLU(), nn.Linear(8, 5))
        self.between = between

    def forward(self, x: Tensor) -> Tensor:
        return self.head(self.between(self.rnn(x)[0]))


def last_of_the_batch(out: Tensor) -> Tensor:
    return out[-1]  # here


def merged(out: Tensor) -> Tensor:
    return out.reshape(-1, 8)  # here


def swapped(out: Tensor) -> Tensor:
    return out.transpose(0, 1)  # here


def mean_of_the_batch(out: Tensor) -> Tensor:
    return out.mean(0)  # here


def swapped_and_stacked(out: Tensor) -> Tensor:
    steps = out.permute(1, 0, 2)  # here
    return torch.cat([steps, steps], 0)[: out.size(1)] * 2


LOST = [
    (last_of_the_batch, "B 5", "out[-1] makes (T, 8) of (B, T, 8)"),
    (merged, "B T 5", "Tensor.reshape makes (B*T, 8) of (B, T, 8)"),
    (swapped, "B T 5", "Tensor.transpose makes (T, B, 8) of (B, T, 8)"),
    (mean_of_the_batch, "B 5", "Tensor.mean makes (T, 8) of (B, T, 8)"),
    (swapped_and_stacked, "B T 5", "Tensor.permute makes (T, B, 8) of (B, T, 8)"),
]


@pytest.mark.parametrize(("between", "promise", "told"), LOST)
def test_blamed(between: Callable[[Tensor], Tensor], promise: str, told: str) -> None:
    report = shapeflow.check(Reader(between), "B T 3", returns=promise)
    finding = report.findings[0]
    assert finding.severity == "error" and finding.code == "SF102"
    assert finding.location is not None and finding.location.text.endswith("# here")
    assert told in finding.message


@pytest.mark.parametrize("promise", ["B 5", "B T 6"])
def test_nothing_was_lost(promise: str) -> None:
    report = shapeflow.check(Reader(lambda out: out), "B T 3", returns=promise)
    finding = report.findings[0]
    assert finding.code == "SF102"
    assert finding.location is not None and "self.head(" in finding.location.text


def test_kept_promise() -> None:
    assert shapeflow.check(Reader(lambda out: out), "B T 3", returns="B T 5").verdict == "valid"


def test_one_of_several_results() -> None:
    def forward(x: Tensor) -> tuple[Tensor, Tensor]:
        steps = x.flatten(0, 1)
        return x * 2, steps + 1

    report = shapeflow.check(forward, "B T 3", returns=("B T 3", "B T 3"))
    (finding,) = report.findings
    assert finding.location is not None and "x.flatten(0, 1)" in finding.location.text
    assert "result[1]" in finding.message
