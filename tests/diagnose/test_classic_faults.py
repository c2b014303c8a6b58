"""The classic faults of recurrent models: operand, axis, both sizes, and what repairs them."""

import pytest
from torch import nn

import shapeflow
from shapeflow.report import Finding, Report


class Reader(nn.Module):
    """Reads one series after the other."""

    def __init__(self, kind: str = "RNN", hidden: int = 3) -> None:
        super().__init__()
        self.rnn = getattr(nn, kind)(3, hidden, batch_first=True)

    def forward(self, series, state=None):
        out, _ = self.rnn(series, state)
        return out


def only(report: Report) -> Finding:
    """The one finding of a report."""
    (finding,) = report.findings
    return finding


@pytest.mark.parametrize("kind", ["RNN", "GRU", "LSTM"])
def test_wrong_features(kind: str) -> None:
    finding = only(shapeflow.check(Reader(kind), "10 1 5"))
    assert finding.message == (
        f"rnn (nn.{kind}): the last size of the input must be the layer's input_size: "
        "expected 3, got 5"
    )
    assert ("input", "10 1 5") in finding.operands
    assert (
        "input.size(-1) must be equal to input_size. Expected 3, got 5" in finding.pytorch_message
    )
    assert [fix.text for fix in finding.fixes if fix.verified] == [
        "make rnn with input_size=5",
        "pass series of shape (10, 1, 3)",
    ]


@pytest.mark.parametrize("kind", ["RNN", "GRU"])
def test_wrong_hidden_size_and_wrong_batch_are_both_told(kind: str) -> None:
    width, batch = shapeflow.check(Reader(kind), "10 1 3", state="1 1 5").findings
    assert width.message.endswith(
        "the last size of hx must be the layer's hidden size: expected 3, got 5"
    )
    assert batch.message.endswith(
        "the batch of hx (its axis 1, whatever batch_first says) must be the batch of the input: "
        "expected 10, got 1"
    )
    assert width.pytorch_message == "Expected hidden size (1, 10, 3), got [1, 10, 5]"
    assert batch.pytorch_message == "Expected hidden size (1, 10, 3), got [1, 1, 3]"
    for finding in (width, batch):
        assert any("(1, 10, 3)" in fix.text and fix.verified for fix in finding.fixes)
    assert shapeflow.check(Reader(kind), "10 1 3", state="1 10 3").verdict == "valid"


def test_wrong_hidden_size_alone() -> None:
    finding = only(shapeflow.check(Reader(), "10 1 3", state="1 10 5"))
    assert (finding.code, finding.fixes[0].text) == ("SF203", "make rnn with hidden_size=5")


def test_batches_of_ten_and_two() -> None:
    report = shapeflow.check(Reader(), "10 7 3", state="1 2 3")
    finding = only(report)
    assert report.verdict == "unsatisfiable"
    assert finding.code == "SF204"
    assert finding.message.endswith("expected 10, got 2")
    assert any(fix.text.startswith("pass state of shape (1, 10, 3)") for fix in finding.fixes)


def test_batches_that_may_differ() -> None:
    report = shapeflow.check(Reader(), "B T 3", state="1 N 3")
    finding = only(report)
    assert report.verdict == "conditional"
    assert finding.severity == "error"
    assert finding.message.endswith("(N against B): runs only where N == B")
    assert finding.fixes[0].text == "pass state of shape (1, B, 3), where B is series.size(0)"
    assert finding.fixes[0].verified


@pytest.mark.parametrize("kind", ["RNN", "GRU"])
def test_state_laid_out_like_the_input(kind: str) -> None:
    """A state with the batch first, as many expect of batch_first=True."""
    report = shapeflow.check(Reader(kind), "B T 3", state="B 1 3")
    finding = only(report)
    assert finding.code == "SF205"
    assert [report.accepts(B=b, T=2) for b in (1, 2)] == [True, False]
    assert any("(1, B, 3)" in fix.text and fix.verified for fix in finding.fixes)


def test_pair_of_states_is_told_once_for_both() -> None:
    finding = only(shapeflow.check(Reader("LSTM"), "B T 3", state=("1 B 5", "1 B 5")))
    assert "hx[0] and hx[1]" in finding.message


def test_call_is_underlined() -> None:
    place = only(shapeflow.check(Reader(), "10 1 5")).location
    assert place.text == "        out, _ = self.rnn(series, state)"
    assert place.text[place.column - 1 : place.end_column - 1] == "self.rnn(series, state)"
    assert place.line == place.end_line


def test_layer_is_shown_where_it_is_made() -> None:
    (place, words), *_ = only(shapeflow.check(Reader(), "10 1 5")).related
    assert words == "rnn is made here"
    assert place.text.strip() == "self.rnn = getattr(nn, kind)(3, hidden, batch_first=True)"
