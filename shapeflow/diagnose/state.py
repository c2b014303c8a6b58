"""Findings as they are found, each once."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from ..core import constraint
from ..core.constraint import Constraint, Location, Origin
from ..explore import Exploration, Way
from ..solve import Facts, solve
from ..trace.recorder import Gap, Record
from ..trace.source import calls_here
from . import origins, wording
from .catalogue import by_slug
from .code.scope import World
from .diagnostic import Finding, Fix
from .evidence import made_with, past, places_of_exception, shown
from .faults import Fault
from .fixes import SEEN_THROUGH, anew
from .trail import places

GAPS = {
    "unknown": "rule",
    "rule": "rule",
    "opaque": "opaque",
    "memory": "opaque",
    "data": "number",
    "recursion": "recursion",
    "internal": "internal",
}


TOGETHER = ("broadcast", "join", "size")
"""Kinds of requirements whose faults of one call are one, be they on several axes."""


class State:
    """Findings as they are found; equal ones are told once."""

    def __init__(
        self, root: Any, anonymous: frozenset[str], ways: Sequence[Way], brief: bool
    ) -> None:
        self.root, self.anonymous, self.ways, self.brief = root, anonymous, ways, brief
        self.findings: dict[Any, Finding] = {}
        self.residuals: dict[Constraint, bool] = {}
        self.incomplete = False
        self.never = self.doubted = False
        self.inferred: dict[Constraint, None] = {}
        self.twins: dict[Any, Origin] = {}
        self.together: dict[Any, Origin] = {}
        self.pairs: dict[Any, str] = {}
        self.ranks: dict[Any, Constraint] = {}
        self.grown: dict[Any, Constraint] = {}
        self.calls: list[tuple[Finding, Constraint, Record]] = []
        self.exceptions: list[tuple[Finding, Way]] = []
        self.faults: dict[int, tuple[Finding, Fault]] = {}
        self.worlds: dict[int, World] = {}

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
        key = _key(origin, severity) if origin else demand
        if key in self.findings or self.follows(fault, severity):
            return
        if self.is_told(fault, record, severity):
            return
        finding = self.findings[key] = self.finding(fault, record, severity)
        self.faults[id(finding)] = finding, fault
        if finding.severity == "error" and record is not None:
            self.calls.append((finding, fault.demand, record))

    def is_told(self, fault: Fault, record: Record | None, severity: str) -> bool:
        """Whether a finding of the same call tells this one, too: the same of another operand that
        is the same tensor, or of the other state of an LSTM; or of another axis."""
        origin = fault.demand.origin
        if origin is None or record is None:
            return False
        if origin.operands and self.is_twin(fault, origin, record, severity):
            return True
        if origin.code not in TOGETHER or fault.demand.kind == "never":
            return False
        first = self.together.setdefault((origin.location, origin.code, severity), origin)
        if first is origin:
            return False
        more = self.text(fault, record)
        return self.retell(first, severity, lambda text: wording.joined(text, more))

    def is_twin(self, fault: Fault, origin: Origin, record: Record, severity: str) -> bool:
        """Whether the same is told of another operand, whose finding then names both."""
        name = origin.operands[0]
        base = name.partition("[")[0]
        which = base if base != name else id(origins.operand(record, name))
        said = wording.renamed(origin.because, name, "*")
        mark = (origin.location, which, said, str(fault.demand), severity)
        first = self.twins.setdefault(mark, origin)
        if first.operands[0] == name:
            return False
        told = wording.renamed(first.because, first.operands[0], f"{first.operands[0]} and {name}")
        return self.retell(first, severity, lambda text: text.replace(first.because, told))

    def retell(self, origin: Origin, severity: str, change: Callable[[str], str]) -> bool:
        """Changes the message of what was told of a requirement; False where nothing was."""
        key = _key(origin, severity)
        known = self.findings.get(key)
        if known is None:
            return False
        told = self.findings[key] = replace(known, message=change(known.message))
        self.calls = [(told if f is known else f, d, r) for f, d, r in self.calls]
        self.faults[id(told)] = told, self.faults[id(known)][1]
        return True

    def follows(self, fault: Fault, severity: str) -> bool:
        """Whether the same was told already: what a layer does inside with a tensor that does not
        fit, another axis that grows in the same way, a second turn of a loop, what a call asks of
        a tensor whose number of axes is wrong."""
        demand, origin = fault.demand, fault.demand.origin
        if origin is None:
            return False
        if origin.code == "rank":
            first = self.ranks.setdefault((origin.location, origin.op), demand)
            return first is not demand and first.kind == "never"
        told = demand.options[0] if demand.kind == "any" and demand.options else demand
        if told.kind != "equal":
            return False
        more = told.left - told.right
        if told.symbols and isinstance(more, int):
            first = self.grown.setdefault((severity, abs(more)), demand)
            return first is not demand
        if fault.core is None or demand.kind != "equal":
            return False
        pair = (origin.location, frozenset((demand.left, demand.right)))
        return self.pairs.setdefault(pair, origin.node) != origin.node

    def finding(self, fault: Fault, record: Record | None, severity: str) -> Finding:
        """A contradiction or condition as it is told, with its argument unless ``brief``."""
        demand, way, origin = fault.demand, fault.way, fault.demand.origin
        told = _plain(fault)
        cause = fault.core or fault.residual
        witness = cause.fails_at if cause is not None else None
        text = self.text(fault, record)
        kept = origins.kept(record, way.run.records) if record is not None else None
        if kept is not None:
            text += f" ({kept[0]} was kept from call {kept[1].turn})"
        members = fault.core.members if fault.core else ()
        finding = Finding(
            code=by_slug(origin.code if origin and origin.code else "size").code,
            severity=severity,
            message=f"{wording.subject(record, self.root)}: {text}",
            location=origin.location if origin else None,
            constraints=(*members, demand),
            witness=dict(witness or {}),
            operation=record.op if record else "",
            signature=record.signature if record else "",
            operands=wording.shapes_of(record, demand),
            fixes=() if kept is None else (anew(*kept),),
            node=origin.node if origin else "",
        )
        if self.brief:
            return finding
        message, sizes = shown(demand, record, witness or {}, way)
        if message is None and severity == "error":
            return self.disputed(finding)
        found = past(demand, record, self.world(way))
        made = made_with(demand, record, found, self.root)
        return replace(
            finding,
            related=tuple(places(found, record.location if record is not None else None)),
            because=wording.argument(told, record, way.run.records, self.root, made),
            pytorch_message=message or "",
            witness=dict(sizes),
        )

    def text(self, fault: Fault, record: Record | None) -> str:
        """What is demanded and what was given, and when."""
        way = fault.way
        everywhere = all(_makes(one, fault.demand) for one in self.ways)
        when = "" if everywhere else wording.when_text(way.condition, way.values)
        if fault.residual is None:
            return wording.demand_text(_plain(fault), record) + when
        return wording.condition_text(fault.demand, fault.residual.constraint, when)

    def disputed(self, finding: Finding) -> Finding:
        """What a rule refuses and PyTorch accepts: no error, and no verdict either."""
        self.incomplete = self.doubted = True
        sizes = ", ".join(f"{name} = {number}" for name, number in (finding.witness or {}).items())
        text = f"incomplete: {finding.message}, but PyTorch accepts the call"
        return replace(
            finding,
            code=by_slug("internal").code,
            severity="note",
            message=f"{text} at {sizes}" if sizes else text,
            fixes=(),
        )

    def world(self, way: Way) -> World:
        """What is known of a way where the source is read."""
        found = self.worlds.get(id(way))
        if found is None:
            found = self.worlds[id(way)] = World(
                self.root, way.run.records.values(), calls_here({})
            )
        return found

    def pins(self, residual: Any) -> bool:
        """Whether a condition equates declared sizes or gives one a number."""
        names = set(residual.constraint.symbols)
        return bool(residual.pins) and not names & self.anonymous

    def is_quiet(self, relation: Constraint) -> bool:
        """Whether a condition only says what an anonymous size is."""
        names = set(relation.symbols)
        return relation.kind == "equal" and bool(names & self.anonymous)

    def keep(self, way: Way, relation: Constraint) -> None:
        """A residual condition, under the circumstances of its way; of a contradiction, that its
        way is not taken, which is no condition where none can be taken."""
        if self.is_quiet(relation):
            self.inferred.setdefault(relation, None)
            return
        if way.values and relation.kind == "never":
            return
        elsewhere = [c.negated() for c in way.condition]
        whole = (
            constraint.any_of([*elsewhere, relation], relation.origin) if elsewhere else relation
        )
        for part in whole.options if whole.kind == "all" else (whole,):
            if part.kind != "never":
                self.residuals.setdefault(part.because(whole.origin), relation.kind != "never")

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
            self.residuals.setdefault(residual.constraint, True)
            severity = "error" if residual.pins or not raised.stated else "note"
            text = f"{because}: runs only where {residual.constraint}"
            self.raises(way, severity, text, requirement, residual.fails_at)
        for core in solution.cores:
            self.never = self.never or not way.condition
            self.raises(way, "error", because, requirement, core.fails_at)

    def raises(
        self, way: Way, severity: str, text: str, relation: Constraint, witness: Any
    ) -> None:
        """An exception as a finding."""
        raised = way.run.raised
        assert raised is not None
        found = self.add("raises", severity, text, raised.location, relation, witness)
        if found is None or self.brief:
            return
        full = replace(
            found,
            related=tuple(places_of_exception(self.world(way), raised)),
            pytorch_message=f"{raised.kind}: {raised.message}" if raised.message else raised.kind,
        )
        self.findings[raised.location, text] = full
        if severity == "error":
            self.exceptions.append((full, way))

    def add(
        self,
        slug: str,
        severity: str,
        text: str,
        location: Location | None,
        relation: Constraint | None = None,
        witness: Mapping[str, int] | None = None,
        fixes: tuple[Fix, ...] = (),
    ) -> Finding | None:
        """A finding that no operation stands behind; None where it was told already."""
        finding = Finding(
            by_slug(slug).code,
            severity,
            text,
            location,
            constraints=(relation,) if relation is not None else (),
            witness=dict(witness or {}),
            fixes=fixes,
        )
        if (location, text) in self.findings:
            return None
        self.findings[location, text] = finding
        return finding

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
    large = constraint.large_sizes(sorted({n for c in condition for n in c.symbols}))
    return not all(c.at(large) for c in condition)


def _key(origin: Origin, severity: str) -> Any:
    """What makes two faults the same."""
    return origin.location, origin.because, origin.axis, severity


def _plain(fault: Fault) -> Constraint:
    """What is demanded, with the numbers that are known."""
    if fault.core is None or fault.known is None:
        return fault.demand
    return wording.simplified(fault.demand, fault.known)


def _makes(way: Way, demand: Constraint) -> bool:
    """Whether a way comes by a demand, at the same place."""
    place = demand.origin.location if demand.origin else None
    return any(d == demand and d.origin and d.origin.location == place for d in way.demands)
