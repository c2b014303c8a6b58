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
from . import origins
from .code.scope import World
from .diagnostic import Finding, Fix, Verdict
from .repairs import calls, layers, tensors
from .repairs.point import Candidate, Changes, Point, Subject, points

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
        calls: for errors that an operation stands behind, the requirement and the call.
    """

    findings: Sequence[Finding]
    verdict: Verdict
    calls: Sequence[tuple[Finding, Constraint, Record]]


Attempt = Callable[[Changes], Outcome]
"""Analyses the model again under changes."""


def anew(name: str, made: Record) -> Fix:
    """What helps where something is kept from a call with other sizes."""
    text = (
        f"make {name} anew, or reset it, before a call with other sizes; or leave out the last, "
        "smaller batch (drop_last=True)"
    )
    return Fix(text, made.location)


def with_fixes(
    findings: Sequence[Finding],
    repairs: Sequence[tuple[Finding, World, Callable[[], Iterator[Candidate]]]],
    verdict: Verdict,
    attempt: Attempt,
) -> tuple[Finding, ...]:
    """The findings, errors among them with the fixes that were found.

    Args:
        findings: all findings.
        repairs: for the errors that something may help with, what to try.
        verdict: of the model as it is.
        attempt: makes a trial.
    """
    done: list[Finding] = []
    errors = [f for f in findings if f.severity == "error"]
    known = {id(finding): (world, found) for finding, world, found in repairs[:MOST_FINDINGS]}
    end = time.monotonic() + SECONDS
    for finding in findings:
        if id(finding) not in known:
            done.append(finding)
            continue
        world, found = known[id(finding)]
        trials = _Trials(finding, errors, verdict, attempt, world, end)
        fixes = (*trials.fixes(found()), *finding.fixes)
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

    def fixes(self, found: Iterator[Candidate]) -> list[Fix]:
        """The first few repairs that help."""
        kept: dict[tuple[Any, str], Fix] = {}
        tried: list[Candidate] = []
        for candidate in islice(found, MOST_TRIES):
            if len(kept) >= MOST_FIXES or time.monotonic() > self.end:
                break
            known = (candidate.location, candidate.text) in kept or any(
                candidate is other for other in tried
            )
            if known or (candidate.is_last and kept):
                continue
            tried.append(candidate)
            good = self.tried(candidate)
            if good is not None:
                fix = Fix(good.text, good.location, verified=True)
                kept.setdefault((good.location, good.text), fix)
        return list(kept.values())

    def tried(self, candidate: Candidate) -> Candidate | None:
        """The candidate, with what has to follow from it, where it helps; else None."""
        outcome = self.attempt(candidate.changes)
        new = self.new(outcome)
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

    def new(self, outcome: Outcome) -> list[Finding] | None:
        """The errors that were not there before; None where the finding is still there."""
        if outcome.verdict is Verdict.INCOMPLETE and self.verdict is not Verdict.INCOMPLETE:
            return None
        errors = [f for f in outcome.findings if f.severity == "error"]
        if _mark(self.finding) in map(_mark, errors):
            return None
        return [f for f in errors if _mark(f) not in self.before]

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


def candidates(subject: Subject) -> Iterator[Candidate]:
    """Repairs to try, the likeliest first."""
    family = FAMILIES.get(subject.code)
    if family is not None:
        yield from family(subject)


def _points(subject: Subject) -> list[Point]:
    """The operands concerned, each with what it was made from."""
    names = [subject.named] if subject.named else []
    names += [n for n, _ in origins.operands(subject.record) if n not in (*names, "weight", "bias")]
    names = [n for n in names if n != "hx[1]" or "hx[0]" not in names]  # which changes with it
    return [point for name in names for point in points(subject, name)]


def _own(subject: Subject) -> list[Point]:
    """The operand that a requirement names."""
    return list(points(subject, subject.named))[:1]


def _axis(subject: Subject) -> int | None:
    return subject.demand.origin.axis if subject.demand.origin else None


def _features(subject: Subject) -> Iterator[Candidate]:
    wanted = subject.demand.right
    for at in _own(subject):
        yield from tensors.last_of_both(subject, at)
    yield from layers.constructor(subject)
    yield from layers.other_order(subject)
    yield from layers.producer(subject)
    for at in _points(subject):
        if at.record is subject.record and len(at.shape) > 2:
            axis = _axis(subject) if at.name == subject.named else None
            yield from tensors.axes_swapped(subject, at, axis, wanted)
    yield from calls.numbers_behind(subject, subject.named, wanted)
    yield from tensors.resized(subject)


def _hidden(subject: Subject) -> Iterator[Candidate]:
    yield from calls.numbers_behind(subject, subject.named, subject.demand.right)
    for at in _own(subject):
        yield from tensors.directions_merged(subject, at)
    yield from layers.constructor(subject)
    yield from layers.producer(subject)
    yield from tensors.resized(subject)


def _layers(subject: Subject) -> Iterator[Candidate]:
    wanted = subject.demand.right
    explicit = layers.is_explicit(subject, "num_layers", "bidirectional")
    if not explicit:
        yield from layers.constructor(subject)
    yield from calls.numbers_behind(subject, subject.named, wanted)
    for at in _own(subject):
        yield from tensors.directions_merged(subject, at)
        yield from tensors.part(subject, at, 0, wanted)
        yield from tensors.axes_swapped(subject, at, 0, wanted)
    if explicit:
        yield from layers.constructor(subject)
    yield from tensors.resized(subject)


def _batch(subject: Subject) -> Iterator[Candidate]:
    axis, wanted = _axis(subject), subject.demand.right
    if not layers.is_explicit(subject, "batch_first"):
        yield from layers.other_order(subject)
    if axis is not None:
        yield from calls.numbers_behind(subject, subject.named, wanted, in_call=True)
    for at in _own(subject):
        if axis is not None and at.shape:
            place = axis % len(at.shape)
            yield from tensors.axes_swapped(subject, at, axis, wanted)
            yield from tensors.repeated(subject, at, place, wanted)
    yield from layers.other_order(subject)
    yield from tensors.resized(subject)


def _rank(subject: Subject) -> Iterator[Candidate]:
    found = _points(subject)
    if subject.code == "structure":
        for at in _own(subject):
            yield from tensors.paired(subject, at)
    for at in found:
        yield from tensors.undone(subject, at)
    near = [at for at in found if at.record is subject.record]
    for at in [*near, *(at for at in found if at not in near)]:
        rank = len(at.shape)
        if rank <= 2:
            yield from tensors.axis_more(subject, at)
            yield from tensors.axis_fewer(subject, at)
        else:
            yield from tensors.axis_fewer(subject, at)
            yield from tensors.axis_more(subject, at)


def _loss(subject: Subject) -> Iterator[Candidate]:
    scores = next(iter(points(subject, "input")), None)
    if scores is not None and len(scores.shape) > 2:
        last = len(scores.shape) - 1
        yield scores.changed(f".transpose(1, {last})", _transposed(last), subject.world)
        yield from calls.flattened(subject, scores)
    for at in _points(subject):
        yield from tensors.directions_joined(subject, at)
    for at in [p for p in _points(subject) if p.record is subject.record]:
        yield from tensors.axis_fewer(subject, at)
        yield from tensors.axes_swapped(subject, at)
    yield from tensors.resized(subject)


def _transposed(last: int) -> Callable[[Any], Any]:
    return lambda x: x.transpose(1, last)


def _join(subject: Subject) -> Iterator[Candidate]:
    axis = _axis(subject)
    near = [p for p in _points(subject) if p.record is subject.record]
    sizes = [size for p in near if (size := calls.size_along(p.shape, axis)) is not None]
    usual = max(sizes, key=sizes.count) if sizes else None
    odd = [p for p in near if usual is None or calls.size_along(p.shape, axis) != usual]
    for at in near:
        yield from tensors.aligned(subject, at, [p.shape for p in near])
    for at in odd:
        yield from tensors.undone(subject, at)
        yield from tensors.axes_swapped(subject, at, axis, usual)
        if axis is not None and calls.size_along(at.shape, axis) is not None and usual is not None:
            yield from tensors.repeated(subject, at, axis, usual)
    yield from calls.joined(subject)
    for at in odd:
        yield from layers.windows(subject, at.tensor)
    yield from tensors.resized(subject)


def _broadcast(subject: Subject) -> Iterator[Candidate]:
    demand = subject.demand.options[0] if subject.demand.options else subject.demand
    for name, _ in origins.operands(subject.record):
        for wanted in (demand.left, demand.right):
            yield from calls.numbers_behind(subject, name, wanted)
    near = [p for p in _points(subject) if p.record is subject.record]
    for at in near:
        yield from tensors.undone(subject, at)
    yield from tensors.kept(subject)
    for at in near:
        yield from layers.windows(subject, at.tensor)
    for at in sorted(_points(subject), key=lambda p: not p.is_handed_on):
        yield from tensors.axes_swapped(subject, at)
    for at in near:
        yield from tensors.axis_more(subject, at)


def _elements(subject: Subject) -> Iterator[Candidate]:
    yield from calls.sizes_of_view(subject)
    yield from calls.nearby_numbers(subject)


def _index(subject: Subject) -> Iterator[Candidate]:
    wanted = subject.demand.left if subject.demand.kind == "at_least" else subject.demand.right
    for name, _ in origins.operands(subject.record):
        yield from calls.numbers_behind(subject, name, wanted)
    yield from calls.nearby_numbers(subject)
    yield from _rank(subject)


def _matmul(subject: Subject) -> Iterator[Candidate]:
    yield from layers.constructor(subject)
    for at in [p for p in _points(subject) if p.record is subject.record]:
        yield from tensors.axes_swapped(subject, at)
    yield from tensors.resized(subject)


FAMILIES: dict[str, Callable[[Subject], Iterator[Candidate]]] = {
    "features": _features,
    "hidden": _hidden,
    "layers": _layers,
    "batch": _batch,
    "rank": _rank,
    "structure": _rank,
    "expand": _rank,
    "axis": _rank,
    "loss": _loss,
    "join": _join,
    "broadcast": _broadcast,
    "elements": _elements,
    "layout": calls.reshaped,
    "index": _index,
    "matmul": _matmul,
    "dtype": calls.dtypes,
    "packed": calls.packing,
}
"""By what kind of requirement failed: the repairs that help with it."""

__all__ = ["Attempt", "Candidate", "Changes", "Outcome", "Subject", "candidates", "with_fixes"]
