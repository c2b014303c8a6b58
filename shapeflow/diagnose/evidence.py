"""What a finding rests on: the places that had a part in it, and PyTorch's own word."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from itertools import takewhile
from typing import Any

from ..core import dims
from ..core.constraint import Constraint, Location
from ..explore import Way
from ..trace.maker import Unplayable
from ..trace.recorder import Record
from ..trace.replay import replay
from ..trace.run import Raised
from . import origins, wording
from .code.scope import World
from .diagnostic import Reason
from .trail import GUILTY, Trail, places, trail, trail_of

OF_ENTRIES = ("index", "values")
"""Kinds of requirements that may speak of what a tensor holds: that one call is accepted says
nothing of others."""
LARGER = (3, 4, 5, 6, 8, 10, 12, 16, 24, 32, 48, 64)
"""Sizes that are tried where the smallest do not get as far as to the call."""
PROMISED = ("contract",)
"""Kinds of requirements that are not PyTorch's."""


def past(demand: Constraint, record: Record | None, world: World) -> Trail:
    """The places that the call of a requirement depends on."""
    if record is None:
        return Trail((), ())
    return trail(world, demand, record, wording.layer_of(record, world.root))


def made_with(demand: Constraint, record: Record | None, found: Trail, root: Any) -> list[Reason]:
    """The number that a layer was made with and that a requirement speaks of."""
    layer = wording.layer_of(record, root) if record is not None else None
    if layer is None or record is None or not found.layer or demand.origin is None:
        return []
    for name in GUILTY.get(demand.origin.code, ()):
        if getattr(layer, name, None) == demand.right and type(demand.right) is int:
            text = f"{record.path} is made with {name}={demand.right}"
            return [Reason(text, found.layer[0].location)]
    return []


def places_of_exception(world: World, raised: Raised) -> list[tuple[Location, str]]:
    """Where what an exception is about came from."""
    if raised.span is None:
        return []
    return places(trail_of(world, raised.span, raised.path), raised.location)


def shown(
    demand: Constraint, record: Record | None, sizes: Mapping[str, int], way: Way
) -> tuple[str | None, Mapping[str, int]]:
    """What PyTorch says, as ``said`` has it, and the sizes at which it was asked: larger ones where
    at the smallest an earlier call fails, or this one cannot be made."""
    message = said(demand, record, sizes, way)
    before = [*way.condition, *takewhile(lambda one: one is not demand, way.demands)]
    arrives = all(relation.may_hold(sizes) for relation in before)
    if record is None or not sizes or demand.kind == "never" or (arrives and message != ""):
        return message, sizes
    for number in LARGER:
        others = {name: number + i for i, name in enumerate(sizes)}
        if demand.at(others) or not all(relation.may_hold(others) for relation in before):
            continue
        again = said(demand, record, others, way)
        if again:
            return again, others
    return message, sizes


def said(
    demand: Constraint, record: Record | None, sizes: Mapping[str, int], way: Way
) -> str | None:
    """PyTorch's own message for this fault; other faults of the same call are put right first.

    Empty where PyTorch cannot be asked; None where it accepts the call.
    """
    if record is None or demand.origin is None or demand.origin.code in PROMISED:
        return ""
    numbers = defaultdict(lambda: 2, sizes)
    speaks_of_entries = demand.origin.code in OF_ENTRIES
    settles = not speaks_of_entries and not record.op.startswith("declared.")
    accepted = False
    tries: list[tuple[Record, Any]] = [(record, _repaired(demand, record, numbers, way))]
    tries += [(same, {}) for same in (record, *_drawn(record, sizes, way))]
    for played, changes in tries:
        try:
            message = replay(played, numbers, changes, speaks_of_entries)
        except Unplayable:
            continue
        if message is not None:
            return message
        accepted = True
    return None if accepted and settles else ""


def _drawn(record: Record, sizes: Mapping[str, int], way: Way) -> Iterator[Record]:
    """The same call, at each step, in the run with these numbers of steps where there is one."""
    for run, numbers in way.drawn:
        if numbers and all(sizes.get(name) == number for name, number in numbers.items()):
            same = (r for r in run.records.values() if r.op == record.op)
            yield from (r for r in same if r.location == record.location and r is not record)


def _repaired(
    demand: Constraint, record: Record, sizes: Mapping[str, int], way: Way
) -> dict[int, dict[int, int]]:
    """Sizes that put the other violated requirements of the same call right."""
    changes: dict[int, dict[int, int]] = {}
    for name, axis, other in origins.equations(way.demands, record):
        tensor = origins.operand(record, name)
        if other == demand or other.at(sizes) or tensor is None or not tensor.value:
            continue
        wanted = dims.evaluate(other.right, sizes)
        changes.setdefault(id(tensor), {})[axis % len(tensor.value)] = wanted
    return changes
