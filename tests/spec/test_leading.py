"""``...``: any leading axes, tried at ranks 1 to 5."""

import pytest
import torch
from torch import nn

import shapeflow


def test_all_ranks_accepted() -> None:
    report = shapeflow.check(nn.Linear(3, 2), "... 3")
    assert report.verdict == "valid"
    assert not report.findings
    assert report.notes == ("checked for input of 1 to 5 axes; what is shown is for 3",)
    assert [str(size) for size in report.outputs][-1] == "2"


@pytest.mark.parametrize(
    ("model", "spec", "told"),
    [
        (nn.GRU(3, 2), "... 3", "input may have 2 or 3 axes, not 1, 4 or 5: nn.GRU: "),
        (nn.Conv1d(3, 2, 1), "... 3 T", "input may have 2 or 3 axes, not 4 or 5: torch.conv1d: "),
        (lambda x: x[:, :, 0], "...", "x may have 3 to 5 axes, not 1 or 2: "),
        (lambda x: x.t() if x.dim() > 2 else x, "... 3", "x may have 1 or 2 axes, not 3 to 5: "),
    ],
)
def test_some_ranks_refused(model, spec, told) -> None:
    report = shapeflow.check(model, spec)
    (finding,) = report.findings
    assert report.verdict == "conditional"
    assert finding.severity == "note"
    assert finding.message.startswith(told)
    assert report.ok


def test_no_rank_accepted() -> None:
    report = shapeflow.check(nn.Linear(3, 2), "... 4")
    assert report.verdict == "unsatisfiable"
    assert [f.code for f in report.findings] == ["SF202"]


def test_what_cannot_be_analysed_stays_incomplete() -> None:
    assert shapeflow.check(lambda x: x.numpy(), "... 3").verdict == "incomplete"


def test_result_has_the_same_leading_axes() -> None:
    assert shapeflow.check(nn.Linear(3, 2), "... 3", returns="... 2").verdict == "valid"
    report = shapeflow.check(nn.Linear(3, 2), "... 3", returns="... 5")
    assert report.verdict == "unsatisfiable"
    assert "as promised in (_, _, 5): expected 5, got 2" in report.findings[0].message


def test_several_inputs_have_the_same_number_of_axes() -> None:
    report = shapeflow.check(lambda x, y: torch.cat([x, y], -1), "... 3", y="... 4")
    assert report.verdict == "valid"
    assert str(report.outputs[-1]) == "7"


def test_in_a_structure() -> None:
    report = shapeflow.check(lambda s: s["h"][0] + 1, {"h": ["... 3"]})
    assert report.notes == ("checked for s['h'][0] of 1 to 5 axes; what is shown is for 3",)
