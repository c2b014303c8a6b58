"""A small run of single operations at drawn sizes and arguments, and that it sees what is wrong."""

import random

import pytest

from shapeflow.ops import registry

from . import test_cases  # noqa: F401  (it reads the tables)
from .draw import Drawing, compared
from .harness import Case, read

DRAWS = 400


def test_drawn_calls_agree() -> None:
    found = [Drawing(random.Random(f"0-{number}")).differences() for number in range(DRAWS)]
    assert sum(differences is not None for differences in found) > DRAWS * 0.9
    assert not [difference for differences in found for difference in differences or ()]


def test_a_wrong_rule_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    rule = registry.lookup("torch.add")
    assert rule is not None
    monkeypatch.setitem(registry._RULES, "mm", rule)
    case = Case("mm", ("2 3", "2 3"), {}, data="cpu")
    (difference, *_) = compared(case, read(case.args, {}), {})
    assert difference.kind == "false valid"
