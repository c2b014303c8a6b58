"""Repairs that were tried: each candidate is applied, the model analysed again, and only what
removes the finding without a new error is called verified."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any

from ..core.constraint import Constraint
from ..trace.record import Record
from .backwards import INPUTS, Asked, Shapes, answers
from .code.scope import World
from .diagnostic import Finding, Fix, Verdict
from .repairs import layers
from .repairs.point import Candidate, Changes

MOST_FINDINGS = 8
MOST_TRIES = 16
MOST_FIXES = 3
SECONDS = 3.0
"""For how long repairs are tried, for all findings together."""

SEEN_THROUGH = (
    "use operations of torch there, or put that part into a module of its own and declare what it "
    "does: shapeflow.opaque(module, 'B T 3 -> B T 8')"
)
"""What helps where something cannot be seen through."""


@dataclass(frozen=True)
class Outcome:
    """What came of a trial.

    Attributes:
        findings: what is wrong now.
        verdict: of the changed model.
        constraints: the conditions under which it runs.
        calls: for errors that an operation stands behind, the requirement and the call.
        doubts: the warnings of the changed model, each with what else is known of it.
    """

    findings: Sequence[Finding]
    verdict: Verdict
    constraints: Sequence[Constraint]
    calls: Sequence[tuple[Finding, Constraint, Record]]
    doubts: Callable[[], Sequence[tuple[Finding, Any]]] = tuple


Attempt = Callable[[Changes], Outcome]
"""Analyses the model again under changes."""


def anew(name: str, made: Record) -> Fix:
    """What helps where something is kept from a call with other sizes."""
    text = (
        f"make {name} anew, or reset it, before a call with other sizes; or leave out the last, "
        "smaller batch (drop_last=True)"
    )
    return Fix(text, made.location)


@dataclass(frozen=True)
class Repair:
    """An error that something may help with.

    Attributes:
        finding: the error.
        world: what is known of its way.
        candidates: what to try.
        past: names of the calls that its operands were computed by.
    """

    finding: Finding
    world: World
    candidates: Callable[[], Iterator[Candidate]]
    past: frozenset[str] = frozenset()


def with_fixes(
    findings: Sequence[Finding],
    repairs: Sequence[Repair],
    verdict: Verdict,
    attempt: Attempt,
    inputs: Shapes,
) -> tuple[Finding, ...]:
    """The findings, errors among them with the fixes that were found.

    An error in what a call that failed has computed, which is gone with the first fix of that, is
    no fault of its own and is left out.

    Args:
        findings: all findings.
        repairs: for the errors that something may help with, what to try.
        verdict: of the model as it is.
        attempt: makes a trial.
        inputs: the shapes of the inputs, by what messages call them.
    """
    done: list[Finding] = []
    errors = [f for f in findings if f.severity == "error"]
    known = {id(repair.finding): repair for repair in repairs[:MOST_FINDINGS]}
    past = {id(repair.finding): repair.past for repair in repairs}
    cured: dict[str, set[Any]] = {}
    end = time.monotonic() + SECONDS
    for finding in findings:
        before = past.get(id(finding), frozenset())
        if any(_mark(finding) in marks for node, marks in cured.items() if node in before):
            continue
        if id(finding) not in known:
            done.append(finding)
            continue
        repair = known[id(finding)]
        trials = _Trials(finding, errors, verdict, attempt, repair.world, end)
        good = trials.fixes(repair.candidates())
        fixes = (*good, *trials.inputs(inputs, not good), *finding.fixes)
        for node in (finding.node, trials.cause):
            if node and trials.cured:
                cured[node] = trials.cured
        done.append(replace(finding, fixes=fixes))
    return tuple(done)


class _Trials:
    """The trials of repairs for one finding."""

    def __init__(
        self,
        finding: Finding,
        errors: Sequence[Finding],
        verdict: Verdict,
        attempt: Attempt,
        world: World,
        end: float,
    ) -> None:
        self.finding, self.verdict, self.attempt, self.world = finding, verdict, attempt, world
        self.end = end
        self.before = {_mark(f) for f in errors}
        self.cured: set[Any] = set()
        self.cause = ""
        self.left: set[Any] = set()

    def fixes(self, found: Iterator[Candidate]) -> list[Fix]:
        """The first few repairs that help; what the first of them helps with is noted."""
        kept: dict[tuple[Any, str], Fix] = {}
        tried: set[Any] = set()
        for candidate in islice(found, MOST_TRIES):
            if len(kept) >= MOST_FIXES or time.monotonic() > self.end:
                break
            key = (candidate.location, candidate.text)
            known = key in kept or (key in tried and not candidate.is_stand_in)
            if known or (candidate.is_last and kept):
                continue
            tried.add(key)
            good = self.tried(candidate)
            if good is not None and not kept and not candidate.is_last:
                self.cured, self.cause = self.before - self.left, candidate.cause
            if good is not None:
                fix = Fix(good.text, good.location, verified=True)
                kept.setdefault((good.location, good.text), fix)
        return list(kept.values())

    def inputs(self, inputs: Shapes, plain: bool) -> list[Fix]:
        """Other sizes of the inputs that would do, in the place of what is no repair."""

        def ask(shapes: Shapes) -> Asked:
            outcome = self.attempt({INPUTS: shapes})
            return Asked(outcome.verdict, outcome.constraints)

        if time.monotonic() > self.end:
            return []
        for answer in answers(self.finding, inputs, ask, plain):
            ends = [Candidate(answer.text, None, {INPUTS: shapes}) for shapes in answer.shapes]
            if all(self.tried(end) is not None for end in ends):
                return [Fix(answer.text, verified=True)]
        return []

    def tried(self, candidate: Candidate) -> Candidate | None:
        """The candidate, with what has to follow from it, where it helps; else None."""
        outcome = self.attempt(candidate.changes)
        new = self.new(outcome, candidate.is_stand_in)
        if new is None or not new:
            return candidate if new is not None else None
        if not candidate.may_need_more:
            return None
        for further in self.further(outcome, new):
            both = Candidate(
                f"{candidate.text}, and {further.text}",
                candidate.location,
                {**candidate.changes, **further.changes},
            )
            if self.new(self.attempt(both.changes)) == []:
                return both
        return None

    def new(self, outcome: Outcome, is_stand_in: bool = False) -> list[Finding] | None:
        """The errors that were not there before; None where the finding is still there."""
        if outcome.verdict is Verdict.INCOMPLETE and self.verdict is not Verdict.INCOMPLETE:
            return None
        errors = [f for f in outcome.findings if f.severity == "error"]
        self.left = {_mark(f) for f in errors}
        if _mark(self.finding) in self.left:
            return None
        new = [f for f in errors if _mark(f) not in self.before]
        return new if new or is_stand_in or not self.is_doubtful(outcome) else None

    def is_doubtful(self, outcome: Outcome) -> bool:
        """Whether the call runs now and is wrong: a view that scrambles axes, say."""
        return any(finding.location == self.finding.location for finding, _ in outcome.doubts())

    def further(self, outcome: Outcome, new: list[Finding]) -> Iterator[Candidate]:
        """What may put the one new error right: the width of the next layer."""
        if len(new) != 1:
            return
        for finding, demand, record in outcome.calls:
            code = demand.origin.code if demand.origin else ""
            if finding is new[0] and code == "features" and record.path in self.world.modules:
                layer = self.world.modules[record.path]
                yield from layers.widened(self.world, layer, record.path, demand)


def _mark(finding: Finding) -> Any:
    """What makes two findings of different runs the same."""
    demand = finding.constraints[-1] if finding.constraints else None
    origin = demand.origin if demand is not None else None
    because = origin.because if origin else finding.message
    return (
        finding.code,
        finding.location,
        because,
        origin.axis if origin else None,
        origin.operands if origin else (),
    )


__all__ = ["Attempt", "Outcome", "Repair", "with_fixes"]
