"""What PyTorch says to a call at the counter-example: an error is what it refuses there."""

from dataclasses import replace

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional

import shapeflow
from shapeflow import Verdict
from shapeflow.ops import registry
from shapeflow.trace import targets


def strict(call, x):
    """(*A, n) -> (*A, n), n = 3"""
    call.equal(x[-1], 3, "there must be three entries", kind="size", of="x", axis=-1)
    return x


@pytest.mark.parametrize(
    ("spec", "sizes"), [("B 4", ""), ("B N", " at N = "), ("B N+4", "")], ids=str
)
def test_what_pytorch_accepts_is_no_error(monkeypatch, spec, sizes):
    wrong = replace(registry._RULES["erfinv"], function=strict)
    monkeypatch.setitem(registry._RULES, "erfinv", wrong)
    targets.rule_of.cache_clear()
    report = shapeflow.check(lambda x: torch.erfinv(x), spec)
    targets.rule_of.cache_clear()
    assert report.verdict is Verdict.INCOMPLETE and not report.ok
    assert [(f.code, f.severity) for f in report.findings] == [("SF901", "note")]
    assert "there must be three entries" in report.findings[0].message
    assert f"but PyTorch accepts the call{sizes}" in report.findings[0].message


REFUSED = {
    "dtype": (lambda x: torch.bitwise_and(x, x), "3", "not implemented"),
    "index": (lambda x: x[torch.arange(3)], "2", "out of bounds"),
    "range": (
        lambda x: functional.embedding(torch.arange(x.size(0)), x.new_zeros(4, 3)),
        "5 2",
        "index out of range",
    ),
    "memory": (lambda x: (y := x.clone())[1:].add_(y[:-1]), "3 4", "single memory location"),
    "view": (lambda x: x[1:].detach_(), "3 4", "detach"),
    "list": (lambda x: x.gather(0, torch.tensor([0, 1, 7])), "5", "index 7 is out of bounds"),
}


@pytest.mark.parametrize("kind", REFUSED)
def test_pytorch_is_quoted_where_more_than_sizes_is_refused(kind):
    model, spec, words = REFUSED[kind]
    findings = shapeflow.check(model, spec).findings
    assert [f.severity for f in findings] == ["error"]
    assert words in findings[0].pytorch_message


def test_entries_that_are_not_known_settle_nothing():
    """Zeros are put in, which the call takes; that is no word on other entries."""
    weights = torch.zeros(0, 4)
    report = shapeflow.check(lambda x: functional.embedding_bag(x, weights), "2 3:int64")
    assert [f.severity for f in report.findings] == ["error"]


def test_functions_that_are_not_made_on_the_cpu_stay_errors():
    def model(x, weight):
        return torch._weight_norm(weight, x)

    report = shapeflow.check(model, "2 1:float64", "2 3")
    assert [f.severity for f in report.findings] == ["error"]


def test_a_layer_that_turns_its_input_first() -> None:
    class Attending(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.attend = nn.MultiheadAttention(16, 4)

        def forward(self, x: Tensor, mask: Tensor) -> Tensor:
            return self.attend(x, x, x, key_padding_mask=mask)[0]

    (finding,) = shapeflow.check(Attending(), "B T 16", "B T:bool").findings
    assert [reason.text for reason in finding.because][:2] == [
        "input x is (B, T, 16)",
        "input mask is (B, T)",
    ]
