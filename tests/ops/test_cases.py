"""Runs every ok and bad line of the case tables, and sees that no rule goes without."""

import importlib
from pathlib import Path

import pytest

from shapeflow.ops import rules

from . import harness

for table in sorted(Path(__file__).parent.glob("cases_*.py")):
    importlib.import_module(f"{__package__}.{table.stem}")


@pytest.mark.parametrize("case", harness.CASES, ids=str)
def test_line(case: harness.Case) -> None:
    harness.check(case)


def test_every_rule_has_an_ok_line() -> None:
    named = [case.name for case in harness.CASES if not case.why]
    covered = {name for full in named for name in (full, full.rpartition(".")[2])}
    assert [rule.names for rule in rules() if not covered & set(rule.names)] == []
