"""A small run of the fuzz, and that it sees and shrinks what is wrong."""

import pytest

from shapeflow.report import Report

from ..workers import results
from .generate import generate
from .judge import judge
from .program import Program, Step
from .shrink import shrink

PROGRAMS = 150


def test_random_programs_agree() -> None:
    differing = []
    conditional = 0
    for number in range(PROGRAMS):
        outcome = judge(generate(0, number), number)
        conditional += outcome.verdict in ("conditional", "unsatisfiable")
        if outcome.kind:
            differing.append(f"--only {number}: {outcome.text}")
    assert not differing, "\n".join(differing)
    assert conditional > PROGRAMS // 8, "hardly any program has a fault or a condition"


def test_a_program_is_the_same_each_time() -> None:
    assert generate(3, 7) == generate(3, 7)
    assert generate(3, 7) != generate(3, 8)


def test_what_is_wrong_is_seen_and_shrunk(monkeypatch: pytest.MonkeyPatch) -> None:
    steps = (
        Step("v1 = a.relu()", "relu", {"v1": "B T"}),
        Step("v2 = v1.t()", "t", {"v2": "T B"}),
        Step("v3 = a + 1", "add", {"v3": "B T"}),
    )
    program = Program({"a": "B T", "b": "N"}, steps)
    assert not judge(program).kind
    accepts = Report.accepts

    def wrong(self: Report, **sizes: int) -> bool:
        return not any(node.target == "t" for node in self.graph.nodes) and accepts(self, **sizes)

    monkeypatch.setattr(Report, "accepts", wrong)
    assert judge(program).kind == "false alarm"
    small = shrink(program, lambda other: judge(other).kind == "false alarm")
    assert [step.kind for step in small.steps] == ["t"]
    assert len(small.inputs) == 1


def test_a_process_that_ends_is_told_of() -> None:
    found = {number: code for number, _, code in results(_fragile, range(6), 2)}
    assert found == {0: 0, 1: 0, 2: 0, 3: 9, 4: 0, 5: 0}


def _fragile(number: int) -> int:
    if number == 3:
        raise SystemExit(9)
    return number
