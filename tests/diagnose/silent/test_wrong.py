"""Programs that run and are wrong are warned of, with a reason, a place and a repair."""

import pytest

from . import wrong_axes, wrong_entries, wrong_sequences, wrong_states
from .programs import Case

CASES = [*wrong_axes.CASES, *wrong_entries.CASES, *wrong_sequences.CASES, *wrong_states.CASES]


@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
def test_is_warned_of(case: Case) -> None:
    found = case.found()
    assert {finding.code for finding in found} == case.codes
    for finding in found:
        assert finding.location is not None
        assert finding.because
        assert finding.fixes


@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
def test_is_switched_off(case: Case) -> None:
    assert not case.found(ignore=case.codes)
