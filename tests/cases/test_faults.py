"""Faults as people make them are told, and their repaired twins are left in peace."""

from typing import Any

import pytest
import torch

import shapeflow
from shapeflow import Report
from tests.agreement import agrees, outcome, real
from tests.cases import faults

X = ("B T 3",)
CASES: list[tuple[str, tuple[Any, ...], str, str, str]] = [
    # model, specs, verdict of the fault, code, a part of the line where it is told
    ("Bidirectional", X, "unsatisfiable", "SF202", "self.head(self.rnn(x)[0])"),
    ("OwnState", X, "conditional", "SF204", "self.rnn(x, (h, h))"),
    ("LayersOfState", ("T B 3",), "unsatisfiable", "SF205", "self.rnn(x, torch.zeros("),
    ("BareState", ("T B 3",), "unsatisfiable", "SF206", "self.rnn(x, h if"),
    ("Projected", X, "unsatisfiable", "SF203", "self.rnn(x, (h, c))"),
    ("Decoder", ("B S 3", "B T 3"), "unsatisfiable", "SF203", "self.decoder(target, state)"),
    ("Attention", X, "conditional", "SF208", "torch.bmm(query, keys)"),
    ("Convolved", X, "conditional", "SF202", "self.rnn(y if"),
    ("Fed", ("B 3", 3), "unsatisfiable", "SF202", "self.cell(x, h)"),
    ("CellOverTime", X, "conditional", "SF204", "self.cell(step, h)"),
    ("Concatenated", ("B T:int64", "B 4"), "unsatisfiable", "SF202", "self.rnn(torch.cat("),
    ("PackedTags", ("B T 3", "B:int64"), "unsatisfiable", "SF202", "self.head(out)"),
    ("Stacked", X, "unsatisfiable", "SF202", "layer(x)"),
]
each_case = pytest.mark.parametrize(
    ("name", "specs", "verdict", "code", "line"), CASES, ids=[case[0] for case in CASES]
)
NO_FIX = {"Attention"}  # which of two transposes is meant, nobody can know
NO_VALUES = {"PackedTags"}  # lengths of zeros are no lengths


def checked(name: str, fault: bool, specs: tuple[Any, ...]) -> Report:
    """The report on a model, with its fault or without."""
    return shapeflow.check(getattr(faults, name)(fault), *specs)


@each_case
def test_fault_is_told_once(name: str, specs: Any, verdict: str, code: str, line: str) -> None:
    report = checked(name, True, specs)
    (finding,) = [f for f in report.findings if f.severity == "error"]
    assert report.verdict == verdict
    assert finding.code == code
    place = finding.location
    assert place.text[place.column - 1 : place.end_column - 1].startswith(line.split("(")[0])
    assert line in place.text


@each_case
def test_twin_is_right(name: str, specs: Any, verdict: str, code: str, line: str) -> None:
    report = checked(name, False, specs)
    assert report.verdict == "valid"
    assert not report.findings


@each_case
def test_fault_has_a_fix_that_was_tried(
    name: str, specs: Any, verdict: str, code: str, line: str
) -> None:
    finding = checked(name, True, specs).findings[0]
    assert any(fix.verified for fix in finding.fixes) or name in NO_FIX


@each_case
def test_pytorch_says_so(name: str, specs: Any, verdict: str, code: str, line: str) -> None:
    """The counter-example really fails, with the words that the finding quotes."""
    report = checked(name, True, specs)
    finding = report.findings[0]
    sizes = dict.fromkeys(report.symbols, 2) | dict(finding.witness)
    assert finding.pytorch_message
    assert not report.accepts(**sizes)
    if name in NO_VALUES:
        return
    arguments = real(specs, sizes)
    model = getattr(faults, name)(True)
    assert outcome(model, arguments) is None
    with pytest.raises(Exception) as raised:
        model(*arguments)
    if verdict == "conditional":
        assert str(raised.value) == finding.pytorch_message


@pytest.mark.parametrize("fault", [True, False], ids=["fault", "twin"])
@each_case
def test_report_says_what_pytorch_does(
    name: str, specs: Any, verdict: str, code: str, line: str, fault: bool
) -> None:
    if name not in NO_VALUES:
        agrees(getattr(faults, name)(fault), *specs, sizes=dict.fromkeys("BTS", (1, 2, 3, 5, 8)))


@pytest.mark.parametrize("fault", [True, False], ids=["fault", "twin"])
def test_packed_really_runs_or_fails(fault: bool) -> None:
    model = faults.PackedTags(fault)
    ran = outcome(model, (torch.rand(3, 4, 3), torch.tensor([4, 1, 2])))
    assert (ran is None) is fault
