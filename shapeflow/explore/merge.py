"""Instances of one way brought under one law."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ..core import constraint, dims
from ..core.constraint import Constraint
from ..trace.run import Run
from .fit import NoLaw, fit, fit_tree
from .oracle import Decision


@dataclass(frozen=True)
class Branch:
    """One run with the decisions that led it."""

    run: Run
    decisions: tuple[Decision, ...]
    instances: Mapping[str, int]

    @property
    def key(self) -> Any:
        """What branches that differ in instances only have in common."""
        asked = {
            (str(d.question) if d.question else d.words, d.location, d.answer)
            for d in self.decisions
            if d.kind != "instance"
        }
        return frozenset(asked), frozenset(self.instances)

    @property
    def condition(self) -> tuple[Constraint, ...]:
        """The relations between sizes that lead this way, instances apart."""
        found = (d.condition for d in self.decisions if d.kind == "size")
        return tuple(dict.fromkeys(c for c in found if c is not None and not _on_data(c)))

    @property
    def values(self) -> tuple[str, ...]:
        """The branches on entries that it takes."""
        return tuple(
            f"{d.words} is {'true' if d.answer else 'false'}"
            for d in self.decisions
            if d.kind == "value" or (d.kind == "size" and d.question and _on_data(d.question))
        )

    @property
    def last(self) -> Decision | None:
        """The last decision that is no instance."""
        return next((d for d in reversed(self.decisions) if d.kind != "instance"), None)

    @property
    def ended(self) -> bool:
        """Whether the run came to a result."""
        return self.run.raised is None and self.run.whole


def _on_data(relation: Constraint) -> bool:
    """Whether a relation speaks of sizes that depend on data."""
    return any(leaf.kind == "opaque" for size in relation.sizes() for leaf in dims.leaves(size))


@dataclass(frozen=True)
class Part:
    """Instances under one law."""

    branch: Branch
    condition: tuple[Constraint, ...]
    values: tuple[str, ...]
    demands: tuple[Constraint, ...]
    outputs: Any
    instances: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    unfitted: bool = False


def merged(group: Sequence[Branch]) -> list[Part]:
    """The parts that a group of instances falls into: one, or the smallest apart from the rest."""
    first = group[0]
    if not first.instances:
        return [Part(first, first.condition, first.values, first.run.demands, first.run.outputs)]
    if not _complete(group):
        return [_alone(b, _pins(b), unfitted=True) for b in group]
    try:
        return [_under_one_law(group, ())]
    except NoLaw:
        pass
    apart = _apart(group)
    if apart is not None:
        rest, odd, name, number = apart
        try:
            larger = constraint.at_least(_symbol(odd, name), number + 1)
            return [
                _under_one_law(rest, (larger,)),
                _alone(odd, (constraint.equal(_symbol(odd, name), number),)),
            ]
        except NoLaw:
            pass
    return [_alone(b, _pins(b), unfitted=True) for b in group]


def _complete(group: Sequence[Branch]) -> bool:
    """Whether every instance that was to be tried is there: one left out proves nothing."""
    wanted = 1
    for decision in group[0].decisions:
        if decision.kind == "instance":
            wanted *= 1 + len(decision.others)
    return len(group) >= wanted


def _under_one_law(group: Sequence[Branch], condition: tuple[Constraint, ...]) -> Part:
    """All instances as one part; NoLaw where they differ in kind or follow no known law."""
    first = group[0]
    if any(b.ended != first.ended or _end(b) != _end(first) for b in group):
        raise NoLaw
    points = [b.instances for b in group]
    outputs = fit_tree(points, [b.run.outputs for b in group]) if first.ended else None
    demands = tuple(_demands(group, points))
    tried = {name: tuple(sorted({p[name] for p in points})) for name in points[0]}
    return Part(first, (*first.condition, *condition), first.values, demands, outputs, tried)


def _end(branch: Branch) -> Any:
    raised = branch.run.raised
    return (raised.kind, raised.location) if raised else None


def _apart(group: Sequence[Branch]) -> tuple[list[Branch], Branch, str, int] | None:
    """The rest, and the one instance of the smallest number of a symbol, where that is one."""
    for name in group[0].instances:
        least = min(b.instances[name] for b in group)
        odd = [b for b in group if b.instances[name] == least]
        rest = [b for b in group if b.instances[name] != least]
        if len(odd) == 1 and len(rest) >= 2:
            return rest, odd[0], name, least
    return None


def _alone(branch: Branch, pins: tuple[Constraint, ...], unfitted: bool = False) -> Part:
    tried = {name: (number,) for name, number in branch.instances.items()}
    condition = (*branch.condition, *pins)
    return Part(
        branch, condition, branch.values, branch.run.demands, branch.run.outputs, tried, unfitted
    )


def _symbol(branch: Branch, name: str) -> Any:
    for decision in branch.decisions:
        if decision.kind == "instance" and decision.question is not None:
            if decision.question.symbols == (name,):
                return decision.question.left
    raise NoLaw


def _pins(branch: Branch) -> tuple[Constraint, ...]:
    return tuple(d.question for d in branch.decisions if d.kind == "instance" and d.question)


# -- demands -------------------------------------------------------------------------------------


def _demands(group: Sequence[Branch], points: Sequence[Mapping[str, int]]) -> Iterator[Constraint]:
    """What all instances demand, in the order of the longest, each once."""
    tables = [_by_place(branch.run.demands) for branch in group]
    places: dict[Any, None] = {}
    for table in sorted(tables, key=len, reverse=True):
        places.update(dict.fromkeys(table))
    for place in places:
        yield from _at_place([table.get(place, []) for table in tables], points)


def _by_place(demands: Sequence[Constraint]) -> dict[Any, list[Constraint]]:
    table: dict[Any, list[Constraint]] = {}
    for demand in demands:
        origin = demand.origin
        place = (origin.location, origin.op, origin.because, origin.axis, demand.kind) if origin else None
        known = table.setdefault(place, [])
        if demand not in known:
            known.append(demand)
    return table


def _at_place(rows: list[list[Constraint]], points: Sequence[Mapping[str, int]]) -> Iterator[Constraint]:
    """One requirement of one call, at each instance."""
    common = [c for c in max(rows, key=len) if all(c in row or _true(c, p) for row, p in zip(rows, points, strict=True))]
    yield from common
    rest = [
        [c for c in row if c not in common and not _true(c, point)]
        for row, point in zip(rows, points, strict=True)
    ]
    if len({len(row) for row in rest}) == 1:
        try:
            yield from [_fitted(points, column) for column in zip(*rest, strict=True)]
            return
        except NoLaw:
            pass
    for row, point in zip(rest, points, strict=True):
        for demand in row:
            yield _only_at(demand, point)


def _true(demand: Constraint, point: Mapping[str, int]) -> bool:
    at = demand.substitute(point)
    return not at.symbols and at.at({})


def _fitted(points: Sequence[Mapping[str, int]], column: Sequence[Constraint]) -> Constraint:
    first = column[0]
    if first.options:
        if any(len(c.options) != len(first.options) for c in column):
            raise NoLaw
        options = [_fitted(points, part) for part in zip(*(c.options for c in column), strict=True)]
        return Constraint(first.kind, options=tuple(options), origin=first.origin)
    left = fit(points, [c.left for c in column])
    right = fit(points, [c.right for c in column])
    return Constraint(first.kind, left, right, origin=first.origin)


def _only_at(demand: Constraint, point: Mapping[str, int]) -> Constraint:
    """The demand, where the symbols have these numbers."""
    elsewhere = [constraint.distinct(dims.symbol(name), number) for name, number in point.items()]
    return constraint.any_of([*elsewhere, demand.substitute(point)], demand.origin)
