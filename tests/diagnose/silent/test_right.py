"""Programs that are right get no warning."""

import pytest

from . import right_others, right_recurrent
from .programs import Case

CASES = [*right_recurrent.CASES, *right_others.CASES]


@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
def test_is_quiet(case: Case) -> None:
    assert [(f.code, f.message) for f in case.found()] == []
