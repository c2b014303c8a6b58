"""What is said of faulty programs is confirmed by PyTorch, helps, and points at the right line."""

import re
from pathlib import Path

import pytest

from tests.agreement import agrees
from tests.corpus.__main__ import PROGRAMS, counted, lacking, load, main

SIZES = {name: (1, 2, 24, 32) for name in "BTSHWNV"}


@pytest.mark.parametrize("path", sorted(PROGRAMS.glob("*.py")), ids=lambda path: path.stem)
def test_error_is_pytorchs_and_has_a_fix(path: Path) -> None:
    program = load(path)
    report = agrees(program.build().eval(), *program.SPEC.values(), sizes=SIZES)
    errors = [finding for finding in report.findings if finding.severity == "error"]
    assert len(errors) == 1, str(report)  # each program has one fault, which is told once
    assert not {"replayed", "fixed"} & set(lacking(errors[0], path)), str(report)


def test_first_fix_is_where_a_person_would_edit() -> None:
    lines = list(counted(PROGRAMS, []))
    share = next(line for line in lines if "at the marked cause" in line and "%" in line)
    found = re.search(r"\( *(\d+)%\)", share)
    assert found is not None and int(found[1]) >= 90, "\n".join(lines)


FAULTY = """
from torch import nn

SPEC = {"input": "B 4"}


def build():
    return nn.Sequential(nn.Linear(5, 2))  # CAUSE
"""
SILENT = """
META = {"expected": "silent"}
SPEC = {"input": "B C"}


def build():
    from torch import nn

    return nn.Softmax(dim=0)
"""


def test_shares_of_a_folder_are_printed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "faulty_program.py").write_text(FAULTY)
    (tmp_path / "silent_program.py").write_text(SILENT)
    (tmp_path / "no_program.py").write_text("x = 1\n")
    assert main([str(tmp_path), "--text", str(tmp_path / "reports.txt")]) == 0
    told = capsys.readouterr().out
    assert "1 errors in 1 programs" in told and "1 (100%) with PyTorch's own message" in told
    assert "warnings for a program that runs and is wrong (1 of these)" in told
    assert "in_features" in (tmp_path / "reports.txt").read_text()
