"""Solutions to findings: each fault once, errors first, with its argument and a counter-example."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import PurePath
from typing import Any

from ..core import constraint
from ..core.constraint import Constraint, Location, Origin
from ..explore import Exploration, Way
from ..solve import Facts, solve
from ..trace.recorder import Gap, Record
from . import origins, wording
from .catalogue import by_slug
from .diagnostic import SEVERITIES, Finding, Fix, Verdict
from .evidence import related_places, said
from .faults import Fault, Solved, exits, solve_ways
from .fixes import SEEN_THROUGH, Subject, anew

GAPS = {
    "unknown": "rule",
    "rule": "rule",
    "opaque": "opaque",
    "data": "number",
    "recursion": "recursion",
    "internal": "internal",
}


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
        subjects: the errors that an operation stands behind, with their calls.
    """

    verdict: Verdict
    findings: tuple[Finding, ...]
    constraints: tuple[Constraint, ...]
    solved: tuple[Solved, ...]
    notes: tuple[str, ...]
    inferred: tuple[Constraint, ...]
    subjects: tuple[tuple[Finding, Subject], ...]


def diagnose(
    exploration: Exploration,
    root: Any,
    facts: Sequence[Constraint],
    unbounded: Sequence[str],
    anonymous: Iterable[str] = (),
) -> Diagnosis:
    """Findings and the verdict.

    Args:
        exploration: the ways through the model.
        root: the model itself, for the names and places of its layers.
        facts: what was declared to hold.
        unbounded: symbols that may be 0.
        anonymous: symbols that nobody named, which may be pinned without being a fault.
    """
    state = _State(root, frozenset(anonymous), exploration.ways)
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
    ordered = sorted(state.findings.values(), key=lambda f: SEVERITIES.index(f.severity))
    return Diagnosis(
        verdict,
        tuple(ordered),
        _joint(tuple(state.residuals), facts, unbounded),
        tuple(solved),
        _notes(exploration),
        tuple(state.inferred),
        tuple(state.subjects),
    )


def _verdict(solved: Sequence[Solved], state: _State) -> Verdict:
    if solved and all(one.solution.verdict == "unsatisfiable" or one.raises for one in solved):
        return Verdict.UNSATISFIABLE
    if state.never:
        return Verdict.UNSATISFIABLE
    if state.incomplete or not solved:
        return Verdict.INCOMPLETE
    if state.residuals or any(one.solution.verdict == "unsatisfiable" for one in solved):
        return Verdict.CONDITIONAL
    if any(one.raises for one in solved):
        return Verdict.CONDITIONAL
    return Verdict.VALID


class _State:
    """Findings as they are found; equal ones are told once."""

    def __init__(self, root: Any, anonymous: frozenset[str], ways: Sequence[Way]) -> None:
        self.root, self.anonymous, self.ways = root, anonymous, ways
        self.findings: dict[Any, Finding] = {}
        self.residuals: dict[Constraint, None] = {}
        self.incomplete = False
        self.never = False
        self.inferred: dict[Constraint, None] = {}
        self.twins: dict[Any, str] = {}
        self.pairs: dict[Any, str] = {}
        self.subjects: list[tuple[Finding, Subject]] = []

    # -- faults and conditions -------------------------------------------------------------------

    def tell(self, fault: Fault) -> None:
        """One contradiction or condition as a finding."""
        demand, way = fault.demand, fault.way
        origin = demand.origin
        record = way.run.records.get(origin.node) if origin else None
        pins = fault.residual is None or self.pins(fault.residual)
        self.keep(way, fault.residual.constraint if fault.residual else constraint.never(origin))
        if fault.residual is not None and self.is_quiet(fault.residual.constraint):
            return
        severity = "error" if pins and not _only_small(way.condition) else "note"
        key = (origin.location, origin.because, origin.axis, severity) if origin else demand
        if key in self.findings or self.follows(fault) or self.is_twin(fault, severity):
            return
        finding = self.findings[key] = self.finding(fault, record, severity)
        if severity == "error" and record is not None:
            self.subjects.append(
                (finding, Subject(finding, demand, record, self.root, way.run.records, way.demands))
            )

    def is_twin(self, fault: Fault, severity: str) -> bool:
        """Whether the same is told of another operand of the call, such as the other state of an
        LSTM; that finding then names both."""
        origin = fault.demand.origin
        if origin is None or not origin.operands:
            return False
        name = origin.operands[0]
        if "[" not in name:
            return False
        because = origin.because.replace(name, f"{name.partition('[')[0]}[*]")
        mark = (origin.location, because, str(fault.demand), severity)
        first = self.twins.setdefault(mark, name)
        if first == name:
            return False
        key = (origin.location, origin.because.replace(name, first), origin.axis, severity)
        known = self.findings.get(key)
        if known is None or first not in known.message:
            return False
        both = replace(known, message=known.message.replace(first, f"{first} and {name}", 1))
        self.findings[key] = both
        self.subjects = [
            (both, replace(subject, finding=both)) if finding is known else (finding, subject)
            for finding, subject in self.subjects
        ]
        return True

    def follows(self, fault: Fault) -> bool:
        """Whether a contradiction between the same two sizes was told of the same call already:
        what a layer does inside with a tensor that does not fit is no news."""
        demand, origin = fault.demand, fault.demand.origin
        if fault.core is None or origin is None or demand.kind != "equal":
            return False
        pair = (origin.location, frozenset((demand.left, demand.right)))
        return self.pairs.setdefault(pair, origin.node) != origin.node

    def finding(self, fault: Fault, record: Record | None, severity: str) -> Finding:
        demand, way, origin = fault.demand, fault.way, fault.demand.origin
        told = demand
        if fault.core is not None and fault.known is not None:
            told = wording.simplified(demand, fault.known)
        everywhere = all(_makes(one, demand) for one in self.ways)
        when = "" if everywhere else wording.when_text(way.condition, way.values)
        cause = fault.core or fault.residual
        witness = cause.fails_at if cause is not None else None
        name = wording.subject(record, self.root)
        if fault.core is not None:
            text = wording.demand_text(told, record) + when
        else:
            assert fault.residual is not None
            text = wording.condition_text(demand, fault.residual.constraint, when)
        related = related_places(demand, record, way.run.records, self.root)
        kept = origins.kept(record, way.run.records) if record is not None else None
        if kept is not None:
            text += f" ({kept[0]} was kept from call {kept[1].turn})"
        members = fault.core.members if fault.core else ()
        return Finding(
            code=by_slug(origin.code if origin and origin.code else "size").code,
            severity=severity,
            message=f"{name}: {text}",
            location=origin.location if origin else None,
            related=tuple(related),
            because=wording.argument(told, record, way.run.records, self.root),
            constraints=(*members, demand),
            witness=dict(witness or {}),
            pytorch_message=said(demand, record, witness or {}, way),
            operation=record.op if record else "",
            signature=record.signature if record else "",
            operands=wording.shapes_of(record, demand),
            node=origin.node if origin else "",
            fixes=() if kept is None else (anew(*kept),),
        )

    def pins(self, residual: Any) -> bool:
        """Whether a condition equates declared sizes or gives one a number."""
        names = set(residual.constraint.symbols)
        return bool(residual.pins) and not names & self.anonymous

    def is_quiet(self, relation: Constraint) -> bool:
        """Whether a condition only says what an anonymous size is."""
        names = set(relation.symbols)
        return relation.kind == "equal" and bool(names & self.anonymous)

    def keep(self, way: Way, relation: Constraint) -> None:
        """A residual condition, under the circumstances of its way."""
        if self.is_quiet(relation):
            self.inferred.setdefault(relation, None)
            return
        if way.values and relation.kind == "never":
            return
        elsewhere = [c.negated() for c in way.condition]
        whole = (
            constraint.any_of([*elsewhere, relation], relation.origin) if elsewhere else relation
        )
        if whole.kind != "never":
            self.residuals.setdefault(whole, None)

    def exit(
        self, way: Way, requirement: Constraint, facts: Sequence[Constraint], unbounded: Any
    ) -> None:
        """A way that ends in an exception: the requirement that it is not taken."""
        raised = way.run.raised
        assert raised is not None
        origin = requirement.origin
        if way.values:
            text = f"{origin.because if origin else ''}{wording.when_text((), way.values)}"
            self.add("raises", "note", text, raised.location, requirement)
            return
        solution = solve([requirement], Facts(facts, unbounded))
        because = origin.because if origin else ""
        for residual in solution.residuals:
            self.residuals.setdefault(residual.constraint, None)
            severity = "error" if residual.pins or not raised.stated else "note"
            text = f"{because}: runs only where {residual.constraint}"
            self.add("raises", severity, text, raised.location, requirement, residual.fails_at)
        for core in solution.cores:
            self.never = self.never or not way.condition
            self.add("raises", "error", because, raised.location, requirement, core.fails_at)

    def add(
        self,
        slug: str,
        severity: str,
        text: str,
        location: Location | None,
        relation: Constraint | None = None,
        witness: Mapping[str, int] | None = None,
        fixes: tuple[Fix, ...] = (),
    ) -> None:
        """A finding that no operation stands behind."""
        finding = Finding(
            by_slug(slug).code,
            severity,
            text,
            location,
            constraints=(relation,) if relation is not None else (),
            witness=dict(witness or {}),
            fixes=fixes,
        )
        self.findings.setdefault((location, text), finding)

    # -- what could not be analysed ----------------------------------------------------------------

    def gap(self, gap: Gap) -> None:
        """Something in the model that could not be analysed; what follows from it is not told."""
        self.incomplete = True
        if gap.kind == "follows":
            return
        kind = GAPS.get(gap.kind, "opaque")
        fixes = (Fix(SEEN_THROUGH, gap.location),) if gap.kind in ("opaque", "unknown") else ()
        self.add(kind, "note", f"incomplete: {gap.text}", gap.location, fixes=fixes)

    def undecided(self, demand: Constraint) -> None:
        """A requirement that the solver leaves open."""
        self.incomplete = True
        origin = demand.origin or Origin("")
        text = f"incomplete: it is not known for which sizes {demand} holds: {origin.because}"
        self.add("undecided", "note", text, origin.location, demand)

    def unfitted(self, way: Way) -> None:
        """Instances of a loop that follow no known law."""
        self.incomplete = True
        names = " and ".join(way.instances)
        text = f"incomplete: what depends on {names} follows no law that covers all sizes"
        self.add("number", "note", text, None)

    def spent(self, exploration: Exploration) -> None:
        """The budget of paths ran out."""
        self.incomplete = True
        place = exploration.spent if isinstance(exploration.spent, Location) else None
        text = (
            f"incomplete: {exploration.runs} ways through forward were explored, and there are more"
        )
        self.add("paths", "note", text, place)


def _only_small(condition: Sequence[Constraint]) -> bool:
    """Whether a way is taken by small sizes only: inequalities, and none that large sizes meet.

    That such sizes are too small is a condition worth knowing, like a kernel that does not fit.
    """
    if not condition or any(c.kind not in ("at_least", "distinct") for c in condition):
        return False
    large = {
        name: 10_007 + 101 * i
        for i, name in enumerate(sorted({n for c in condition for n in c.symbols}))
    }
    return not all(c.at(large) for c in condition)


def _makes(way: Way, demand: Constraint) -> bool:
    """Whether a way comes by a demand, at the same place."""
    place = demand.origin.location if demand.origin else None
    return any(d == demand and d.origin and d.origin.location == place for d in way.demands)


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
