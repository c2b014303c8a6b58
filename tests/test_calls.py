"""Models that remember something from call to call, called several times in a row."""

from dataclasses import dataclass
from typing import Any

import pytest
import torch
from torch import Tensor, nn

import shapeflow


class Remembering(nn.Module):
    """A recurrent layer whose state is kept, and treated in one of several ways between calls."""

    def __init__(self, treatment: str = "") -> None:
        super().__init__()
        self.rnn = nn.LSTM(3, 5, batch_first=True)
        self.hidden: tuple[Tensor, Tensor] | None = None
        self.treatment = treatment

    def start(self, x: Tensor) -> tuple[Tensor, Tensor]:
        zeros = x.new_zeros(1, x.size(0), 5)
        return zeros, zeros

    def forward(self, x: Tensor) -> Tensor:
        first = self.hidden is None or self.treatment == "reset"
        if first or (self.treatment == "compared" and self.hidden[0].size(1) != x.size(0)):
            self.hidden = self.start(x)
        out, self.hidden = self.rnn(x, self.hidden)
        if self.treatment == "detached":
            self.hidden = tuple(h.detach() for h in self.hidden)
        return out


@dataclass
class Cache:
    """Keys and values of the steps so far."""

    keys: Tensor | None = None
    values: Tensor | None = None

    def grown(self, keys: Tensor, values: Tensor) -> tuple[Tensor, Tensor]:
        if self.keys is not None:
            keys = torch.cat([self.keys, keys], 1)
            values = torch.cat([self.values, values], 1)
        self.keys, self.values = keys, values
        return keys, values


class Cached(nn.Module):
    """Attention over everything that was seen."""

    def __init__(self) -> None:
        super().__init__()
        self.mix = nn.Linear(4, 12)
        self.cache = Cache()

    def forward(self, x: Tensor) -> Tensor:
        q, k, v = self.mix(x).chunk(3, -1)
        k, v = self.cache.grown(k, v)
        return (q @ k.transpose(1, 2)).softmax(-1) @ v


class Averaging(nn.Module):
    """A buffer that each call changes."""

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("mean", torch.zeros(4))

    def forward(self, x: Tensor) -> Tensor:
        self.mean = 0.9 * self.mean + 0.1 * x.mean(0)
        return x - self.mean


@pytest.mark.parametrize("treatment", ["", "detached"])
def test_state_of_another_batch(treatment: str) -> None:
    model = Remembering(treatment)
    assert shapeflow.check(model, "B T 3").verdict == "valid"
    report = shapeflow.check(model, "B T 3", calls=2)
    (finding,) = report.findings
    assert report.verdict == "conditional" and not report.ok
    assert [str(c) for c in report.constraints] == ["B == B2"]
    assert finding.severity == "error" and finding.code == "SF204"
    assert "kept from call 1" in finding.message
    assert "drop_last=True" in finding.fixes[-1].text
    assert finding.location is not None and "self.rnn(x, self.hidden)" in finding.location.text
    assert report.accepts(B=4, T=7, B2=4, T2=2) and not report.accepts(B=4, T=7, B2=3, T2=7)
    assert model.hidden is None


@pytest.mark.parametrize("treatment", ["reset", "compared"])
def test_state_that_fits_each_batch(treatment: str) -> None:
    report = shapeflow.check(Remembering(treatment), "B T 3", calls=2)
    assert report.verdict == "valid"
    assert report.symbols == ("B", "T", "B2", "T2")
    sizes = {"B": 4, "T": 7, "B2": 3, "T2": 2}
    assert report.output_shapes(**sizes) == ((4, 7, 5), (3, 2, 5))
    assert list(report.inputs) == ["x", "x of call 2"]


def test_fact_over_both_calls() -> None:
    assert shapeflow.check(Remembering(), "B T 3", calls=2, where="B2 == B").verdict == "valid"


def test_state_left_over_from_real_data() -> None:
    model = Remembering()
    model(torch.zeros(32, 4, 3))
    report = shapeflow.check(model, "B T 3")
    assert [str(c) for c in report.constraints] == ["B == 32"]
    assert model.hidden is not None and model.hidden[0].shape == (1, 32, 5)


def test_cache_grows() -> None:
    model = Cached()
    report = shapeflow.check(model, "B T 4", calls=2, where="B2 == B")
    assert report.verdict == "valid"
    assert report.output_shapes(B=2, T=5, B2=2, T2=3) == ((2, 5, 4), (2, 3, 4))
    assert model.cache == Cache()
    apart = shapeflow.check(model, "B T 4", calls=2)
    assert any("kept from call 1" in finding.message for finding in apart.findings)


def test_buffers_that_change() -> None:
    model = Averaging()
    assert shapeflow.check(model, "B 4", calls=3).verdict == "valid"
    assert torch.equal(model.mean, torch.zeros(4))


def test_contract_of_each_call() -> None:
    assert shapeflow.check(Remembering("reset"), "B T 3", calls=2, returns="B T 5").ok


def test_names_of_further_sizes_stay_apart() -> None:
    report = shapeflow.check(lambda x, y: x @ y, "B B2", "B2 3", calls=2)
    assert report.symbols == ("B", "B2", "B_2", "B2_2")


@pytest.mark.parametrize(
    ("option", "value"), [("calls", 0), ("calls", 1.5), ("paths", True), ("seconds", -1)]
)
def test_limits_that_cannot_be(option: str, value: Any) -> None:
    with pytest.raises(shapeflow.ShapeflowError, match=f"^{option} must be a .* not {value!r}"):
        shapeflow.check(nn.Identity(), "B", **{option: value})


def test_graph_makes_all_calls() -> None:
    report = shapeflow.check(Remembering("reset"), "B T 3", calls=2)
    first, second = report.graph_module(torch.zeros(2, 3, 3), torch.zeros(4, 5, 3))
    assert first.shape == (2, 3, 5) and second.shape == (4, 5, 5)
