"""Runs every ok and bad line of the case tables, and sees that no rule goes without."""

import importlib
from pathlib import Path

import pytest

from shapeflow.ops import lookup, rules

from . import harness, variants

for table in sorted(Path(__file__).parent.glob("cases_*.py")):
    importlib.import_module(f"{__package__}.{table.stem}")


CASES = harness.CASES


@pytest.mark.parametrize("case", CASES, ids=str)
def test_line(case: harness.Case) -> None:
    harness.check(case)


def test_every_rule_has_an_ok_line() -> None:
    named = [case.name for case in CASES if not case.why]
    covered = {name for full in named for name in (full, full.rpartition(".")[2])}
    assert [rule.names for rule in rules() if not covered & set(rule.names)] == []


@pytest.mark.filterwarnings("ignore")
def test_every_rule_that_requires_something_has_a_bad_line() -> None:
    refusing = {id(lookup(case.name)) for case in CASES if case.why}
    found = []
    for case in CASES:
        if case.why or id(lookup(case.name)) in refusing:
            continue
        given = variants.admitted(case)
        for words, near in [*variants.retyped(given), *variants.reshaped(given)]:
            accepted, _, answers = variants.compared(case, near)
            if not accepted or not all(good for good, _ in answers):
                found.append((str(case), words, "the rule" if not accepted else answers))
    assert not found, f"refused, and there is no bad line: {found}"
