"""A small run of PyTorch's own operator tests, and that what is wrong is seen."""

import random
from typing import Any

import pytest

from shapeflow.report import Report

pytest.importorskip("expecttest")

from .__main__ import GOOD, one
from .calls import calls, operators, plain, title
from .judge import judge

NAMES = (
    "cat index_select matmul narrow std_mean nn_functional_embedding nn_Linear nn_LSTM"
).split()


@pytest.fixture(scope="module")
def infos() -> dict[str, Any]:
    """The entries of the quick run by name."""
    found = {title(info): info for info in operators()}
    return {name: found[name] for name in NAMES}


@pytest.mark.parametrize("name", NAMES)
def test_operator_is_as_pytorch_has_it(infos: dict[str, Any], name: str) -> None:
    outcomes = one([infos[name]], 0, 2, 0)
    wrong = [f"{o.scheme} {o.kind}: {o.text}" for o in outcomes if o.kind not in GOOD]
    assert not wrong, "\n".join(wrong)
    assert any(o.kind == "right" and o.scheme == "axes" for o in outcomes)


def test_what_is_wrong_is_seen(infos: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    given = next(call for call in calls(infos["matmul"], 2) if plain(call) and not call.refused)
    monkeypatch.setattr(Report, "accepts", lambda self, **sizes: False)
    kinds = {outcome.kind for outcome in judge(given, random.Random(0))}
    assert "false alarm" in kinds
