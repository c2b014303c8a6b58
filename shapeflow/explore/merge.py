"""Instances brought under one law: the shapes, and the requirements, for all numbers at once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import product
from typing import Any

from ..core.constraint import Constraint
from ..solve import Facts
from .branch import Branch
from .fit import LEAST, Fitter, NoLaw, Point


def common_law(group: Sequence[Branch], rare: bool) -> tuple[Any, tuple[Constraint, ...]]:
    """The outputs and the demands of all instances, as functions of their numbers.

    Args:
        group: the runs.
        rare: whether laws of the rarer kinds are looked for.

    Raises:
        NoLaw: they differ in kind, or follow no known law.
        Ambiguous: they follow several.
    """
    first = group[0]
    if any(b.end != first.end for b in group):
        raise NoLaw
    points = [b.instances for b in group]
    if not is_grid(points):
        raise NoLaw
    symbols = {name: symbol for b in group for name, symbol in b.symbols.items()}
    fitter = Fitter(points, symbols, [bound for b in group for bound in b.bounds], rare)
    outputs = fitter.tree([b.run.outputs for b in group]) if first.ended else None
    return outputs, tuple(_demands(group, fitter))


def is_grid(points: Sequence[Point]) -> bool:
    """Whether every combination of the numbers is there."""
    names = list(points[0])
    axes = [sorted({point[name] for point in points}) for name in names]
    known = {tuple(point[name] for name in names) for point in points}
    return all(place in known for place in product(*axes))


def _demands(group: Sequence[Branch], fitter: Fitter) -> Iterator[Constraint]:
    """What all instances demand, in the order of the longest, each once."""
    tables = [_by_place(branch.run.demands) for branch in group]
    places: dict[Any, None] = {}
    for table in sorted(tables, key=len, reverse=True):
        places.update(dict.fromkeys(table))
    for place in places:
        yield from _at_place([table.get(place, []) for table in tables], fitter)


def _by_place(demands: Sequence[Constraint]) -> dict[Any, list[Constraint]]:
    table: dict[Any, dict[Constraint, None]] = {}
    for demand in demands:
        origin = demand.origin
        kind = (demand.kind, len(demand.options))
        place = (origin.location, origin.op, origin.because, origin.axis) if origin else ()
        table.setdefault((*place, *kind), {}).setdefault(demand)
    return {place: _strongest(list(known)) for place, known in table.items()}


def _strongest(demands: list[Constraint]) -> list[Constraint]:
    """Requirements without those that another one implies: ``T >= 2`` beside ``T >= 3``."""
    kept: list[Constraint] = []
    for demand in demands:
        if demand.kind == "at_least":
            for i, other in enumerate(kept):
                margin = (demand.left - demand.right) - (other.left - other.right)
                if isinstance(margin, int):
                    kept[i] = demand if margin < 0 else other
                    break
            else:
                kept.append(demand)
        else:
            kept.append(demand)
    return kept


def _at_place(rows: Sequence[Sequence[Constraint]], fitter: Fitter) -> Iterator[Constraint]:
    """One requirement of one call, at each instance.

    Where all instances say as much, a law through what they say comes first: ``T <= 3``, said at 3
    steps, holds at fewer as well, but says nothing of the 4 that the law ``T <= T`` covers. What
    holds at an instance need not have been said there; a requirement that some instances make and
    that fails at others must follow a law.
    """
    if len({len(row) for row in rows}) == 1:
        try:
            yield from list(_laws(rows, fitter))
            return
        except NoLaw:
            pass
    points = fitter.points
    pairs = list(zip(rows, points, strict=True))
    common = [c for c in max(rows, key=len) if all(c in row or _true(c, p) for row, p in pairs)]
    yield from common
    rest = [[c for c in row if c not in common] for row in rows]
    if len({len(row) for row in rest}) != 1:
        rest = [[c for c in row if not _true(c, p)] for row, p in zip(rest, points, strict=True)]
    yield from _laws(rest, fitter)


def _laws(rows: Sequence[Sequence[Constraint]], fitter: Fitter) -> Iterator[Constraint]:
    """The laws that relations follow; where an instance has none, they must hold there anyway."""
    told = [i for i, row in enumerate(rows) if row]
    if len({len(rows[i]) for i in told}) > 1 or 0 < len(told) < min(LEAST, len(rows)):
        raise NoLaw
    part = fitter.at([fitter.points[i] for i in told]) if told else fitter
    for column in zip(*(rows[i] for i in told), strict=True):
        law = part.relation(column)
        for i, point in enumerate(fitter.points):
            if i not in told and Facts().decide(law.substitute(point)) is not True:
                raise NoLaw
        yield law


def _true(demand: Constraint, point: Mapping[str, int]) -> bool:
    """Whether a requirement holds at an instance; not where it has no value there."""
    at = demand.substitute(point)
    return not at.symbols and at.at({})


__all__ = ["common_law", "is_grid"]
