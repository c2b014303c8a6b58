"""What a finding rests on: the places that had a part in it, and PyTorch's own word."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from ..core import dims
from ..core.constraint import Constraint, Location
from ..explore import Way
from ..trace.recorder import Record
from ..trace.replay import Unplayable, replay
from . import origins, wording


def related_places(
    demand: Constraint, record: Record | None, records: Mapping[str, Record], root: Any
) -> list[tuple[Location, str]]:
    """Where the sizes came from, and where a person would edit."""
    found: dict[Location, str] = {}
    if record is None:
        return []
    if record.path and wording.layer_of(record, root) is not None:
        place = origins.definition(root, record.path)
        if place is not None:
            found[place] = f"{record.path} is made here"
    name = demand.origin.operands[0] if demand.origin and demand.origin.operands else ""
    one = origins.operand(record, name)
    for label, tensor in [(name, one)] if one is not None else origins.operands(record):
        for made, _ in origins.history(tensor, records):
            if isinstance(made, origins.Source):
                place = made.definition(root)
                text = f"{made} is made here"
            else:
                place = made.location
                text = f"{label} comes from here"
                if made.path and wording.layer_of(made, root) is not None:
                    layer = origins.definition(root, made.path)
                    if layer is not None:
                        found.setdefault(layer, f"{made.path}, which makes {label}, is made here")
            if place is not None and place != record.location:
                found.setdefault(place, text)
    return list(found.items())


def said(demand: Constraint, record: Record | None, sizes: Mapping[str, int], way: Way) -> str:
    """PyTorch's own message for this fault; other faults of the same call are put right first."""
    if record is None:
        return ""
    numbers = defaultdict(lambda: 2, sizes)
    try:
        return replay(record, numbers, _repaired(demand, record, numbers, way)) or ""
    except Unplayable:
        return ""


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
