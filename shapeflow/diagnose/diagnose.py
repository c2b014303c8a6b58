"""Solutions to findings: each fault once, errors first, with its argument and a counter-example."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import PurePath
from typing import Any

from ..core.constraint import Constraint
from ..explore import Exploration
from ..solve import Facts, solve
from ..trace.recorder import Record
from .cascades import promote, repairs, told_once
from .diagnostic import SEVERITIES, Finding, Verdict
from .faults import Solved, exits, solve_ways
from .fixes import Repair
from .state import State


@dataclass(frozen=True)
class Diagnosis:
    """What is to be reported.

    Attributes:
        verdict: of the whole model.
        findings: errors first, then in program order.
        constraints: residual conditions in solved form.
        solved: each way with its solution.
        notes: what to know of the analysis itself.
        inferred: what anonymous sizes were found to be.
        repairs: what may help with an error: candidates to try.
        calls: the errors that an operation stands behind: the requirement and the call.
    """

    verdict: Verdict
    findings: tuple[Finding, ...]
    constraints: tuple[Constraint, ...]
    solved: tuple[Solved, ...]
    notes: tuple[str, ...]
    inferred: tuple[Constraint, ...]
    repairs: tuple[Repair, ...]
    calls: tuple[tuple[Finding, Constraint, Record], ...]


def diagnose(
    exploration: Exploration,
    root: Any,
    facts: Sequence[Constraint],
    unbounded: Sequence[str],
    anonymous: Iterable[str] = (),
    brief: bool = False,
) -> Diagnosis:
    """Findings and the verdict.

    Args:
        exploration: the ways through the model.
        root: the model itself, for the names and places of its layers.
        facts: what was declared to hold.
        unbounded: symbols that may be 0.
        anonymous: symbols that nobody named, which may be pinned without being a fault.
        brief: whether it is enough to know what is wrong, without the argument and the conditions
            of all ways together.
    """
    state = State(root, frozenset(anonymous), exploration.ways, brief)
    solved = solve_ways(exploration.ways, facts, unbounded)
    for one in solved:
        for fault in one.faults:
            state.tell(fault)
        for demand in one.solution.undecided:
            state.undecided(demand)
        refused = one.solution.verdict == "unsatisfiable"
        for gap in one.way.run.gaps:
            if not (refused and gap.kind == "follows"):  # PyTorch does not get there
                state.gap(gap)
        if one.way.unfitted:
            state.unfitted(one.way)
    for way, requirement in exits([one.way for one in solved]):
        state.exit(way, requirement, facts, unbounded)
    if exploration.spent is not None:
        state.spent(exploration)
    verdict = _verdict(solved, state)
    if verdict is Verdict.UNSATISFIABLE:
        promote(state)
    state.findings = told_once(state.findings)
    residuals = [
        r for r, one in state.residuals.items() if one or verdict is not Verdict.UNSATISFIABLE
    ]
    ordered = sorted(state.findings.values(), key=lambda f: SEVERITIES.index(f.severity))
    return Diagnosis(
        verdict,
        tuple(ordered),
        tuple(residuals) if brief else _joint(residuals, facts, unbounded),
        tuple(solved),
        _notes(exploration),
        tuple(state.inferred),
        tuple(repairs(state)),
        tuple(state.calls),
    )


def _verdict(solved: Sequence[Solved], state: State) -> Verdict:
    if state.doubted:
        return Verdict.INCOMPLETE
    if state.never:
        return Verdict.UNSATISFIABLE
    if solved and all(one.solution.verdict == "unsatisfiable" or one.raises for one in solved):
        missed = any(gap.kind == "number" for one in solved for gap in one.way.run.gaps)
        return Verdict.INCOMPLETE if missed else Verdict.UNSATISFIABLE
    if state.incomplete or not solved:
        return Verdict.INCOMPLETE
    if state.residuals or any(one.solution.verdict == "unsatisfiable" for one in solved):
        return Verdict.CONDITIONAL
    if any(one.raises for one in solved):
        return Verdict.CONDITIONAL
    return Verdict.VALID


def _joint(
    residuals: Sequence[Constraint], facts: Sequence[Constraint], unbounded: Sequence[str]
) -> tuple[Constraint, ...]:
    """The conditions of all ways together, in solved form."""
    if not any(r.options for r in residuals):
        return tuple(residuals)
    solution = solve(sorted(residuals, key=lambda r: len(r.options)), Facts(facts, unbounded))
    if solution.cores or solution.undecided:
        return tuple(r for r in residuals if not r.options)
    return tuple(residual.constraint for residual in solution.residuals)


def _notes(exploration: Exploration) -> tuple[str, ...]:
    tried: dict[str, set[int]] = {}
    loops: dict[str, dict[str, None]] = {}
    for way in exploration.ways:
        for name, numbers in way.instances.items():
            if len(numbers) > 1 and name not in way.loops:
                tried.setdefault(name, set()).update(numbers)
            places = (
                f"{PurePath(place.file).name}:{place.line}" for place in way.loops.get(name, ())
            )
            loops.setdefault(name, {}).update(dict.fromkeys(places))
    notes = [
        f"checked for {name} in {{{', '.join(map(str, sorted(numbers)))}}}: "
        "Python needs it as a number"
        for name, numbers in tried.items()
    ]
    notes += [
        f"for all {name}: each step of the loop at {' and '.join(places)} takes and gives the same "
        "shapes"
        for name, places in loops.items()
        if places and name not in tried
    ]
    records = [record for way in exploration.ways for record in way.run.records.values()]
    probed = dict.fromkeys(record.op for record in records if record.probed)
    notes += [f"{op} was probed: it has no rule, and its law is that of trials" for op in probed]
    return tuple(notes)


__all__ = ["Diagnosis", "diagnose"]
