"""Each way solved: what cannot hold on it, and what holds for some sizes only."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ..core import constraint
from ..core.constraint import Constraint, Origin
from ..explore import Way
from ..solve import Core, Facts, Residual, Solution, solve


@dataclass(frozen=True)
class Fault:
    """Something to tell of one way.

    Attributes:
        way: where it was met.
        demand: the requirement as it was stated.
        core: the contradiction, None for a condition.
        residual: the condition, None for a contradiction.
        known: the facts of the way, its conditions among them.
    """

    way: Way
    demand: Constraint
    core: Core | None = None
    residual: Residual | None = None
    known: Facts | None = None


@dataclass(frozen=True)
class Solved:
    """A way and what came of its requirements.

    Attributes:
        way: a way through the model.
        solution: of its requirements.
        given: the facts and the conditions of the way.
        known: these, and what must hold.
        raises: whether user code ends it by raising.
    """

    way: Way
    solution: Solution
    given: Facts
    known: Facts
    raises: bool = False

    @property
    def faults(self) -> list[Fault]:
        """What there is to tell in program order, the contradictions of a call first."""
        way, known = self.way, self.known
        found, others = self.apart()
        cores = [Fault(way, c.constraint, core=c, known=known) for c in found]
        conditions = [Fault(way, r.sources[0], residual=r, known=known) for r in others]
        order = {node: i for i, node in enumerate(way.run.records)}
        return sorted(cores + conditions, key=lambda f: order.get(_node(f.demand), len(order)))

    def apart(self) -> tuple[Sequence[Core], Sequence[Residual]]:
        """What cannot hold and what must, such that a fault makes no other requirement one: sizes
        that were to be equal, and are not, say nothing of what has to be at least so large."""
        solution = self.solution
        bound = {id(m) for core in solution.cores if _is_limit(core) for m in core.members}
        faults = [
            r for r in solution.residuals if r.pins and any(id(s) in bound for s in r.sources)
        ]
        if not faults:
            return solution.cores, solution.residuals
        gone = {id(source) for fault in faults for source in fault.sources}
        demands = [demand for demand in self.way.demands if id(demand) not in gone]
        again = solve(demands, self.given)
        return again.cores, (*faults, *again.residuals)


def _is_limit(core: Core) -> bool:
    """Whether what cannot hold beside other requirements is no equation."""
    return core.constraint.kind not in ("equal", "never")


def _node(demand: Constraint) -> str:
    return demand.origin.node if demand.origin is not None else ""


def solve_ways(
    ways: Iterable[Way], facts: Sequence[Constraint], unbounded: Sequence[str]
) -> list[Solved]:
    """Every way that the facts allow, with its solution; ways that user code ends by raising have
    a requirement that they are not taken."""
    solved: list[Solved] = []
    for way in ways:
        known = Facts((*facts, *way.condition), unbounded)
        if known.consistent:
            solution = solve(way.demands, known)
            given = known.copy() if solution.residuals else known
            for residual in solution.residuals:
                known.assume(residual.constraint)
            solved.append(Solved(way, solution, given, known, way.run.raised is not None))
    return solved


def exits(ways: Sequence[Way]) -> list[tuple[Way, Constraint]]:
    """For each way that an exception ends: the requirement that it is not taken."""
    others = [way for way in ways if way.run.raised is None]
    found = []
    for way in ways:
        raised = way.run.raised
        if raised is None:
            continue
        origin = Origin(
            f"forward raises {raised.kind}{': ' if raised.message else ''}{raised.message}",
            op="raise",
            location=raised.location,
            code="raises",
        )
        last = way.last.condition if way.last is not None else None
        negated = [c.negated() for c in way.condition]
        short = last.negated() if last is not None and last in way.condition else None
        if short is not None and all(
            short in other.condition or _implied(short, other) for other in others
        ):
            negated = [short]
        requirement = constraint.any_of(negated, origin) if negated else constraint.never(origin)
        if way.values:
            requirement = constraint.never(origin)
        found.append((way, requirement))
    return found


def _implied(relation: Constraint, way: Way) -> bool:
    return Facts(way.condition).decide(relation) is True
