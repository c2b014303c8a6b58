"""Entrywise operations: which axes meet, and what it means where they differ."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ...core.dims import Size
from ...trace.recorder import Record
from .axes import NO_MARKS, Axis, Known, Part, Root, is_symbolic, stride_in
from .flow import Flow, short_name

_DIVIDES = frozenset("div true_divide __truediv__ __rtruediv__ divide".split())
_MASKS = frozenset("masked_fill where mul __mul__ __rmul__ multiply".split())
_ADDS = frozenset("add sub __add__ __radd__ __sub__ __rsub__".split())


def broadcast(
    flow: Flow, record: Record, operands: Sequence[Known], sizes: Sequence[Size]
) -> Known:
    """The lineage of what comes of several operands, entry by entry."""
    rank = len(sizes)
    if any(len(known.axes) > rank for known in operands):
        return Known(tuple(flow.like(s, operands) for s in sizes), 0)
    axes = []
    name = short_name(record.op)
    for i, size in enumerate(sizes):
        met = [known.axes[i - rank] for known in operands if len(known.axes) >= rank - i]
        axes.append(_met(flow, record, name, met, size, operands))
    _outer(flow, record, operands, rank)
    return Known(tuple(axes), 0, _tags(flow, record, operands))


def _met(
    flow: Flow, record: Record, name: str, met: Sequence[Axis], size: Size,
    operands: Sequence[Known],
) -> Axis:  # fmt: skip
    """The axis that comes of several that meet."""
    if size == 1:
        return next((axis for axis in met if axis.marks), met[0] if met else flow.sized(1))
    held = [axis for axis in met if axis.parts]
    if not held:
        return flow.sized(size)
    best = next((a for a in held if a.parts[0].root.kind not in ("other", "weight")), held[0])
    marks = dict(best.marks)
    for axis in held:
        if axis is not best:
            if len(axis.parts) > 1 or len(best.parts) > 1:
                compare(flow, record, best, axis)
            _orders(flow, record, best, axis, operands)
            if ("place" in axis.marks) != ("place" in best.marks) and axis.root is best.root:
                _placed(flow, record, best, operands)
            for key, mark in axis.marks.items():
                marks.setdefault(key, mark)
    if "pad" in marks and _masked(name, held, operands):
        del marks["pad"]
    if "norm" in marks and name in _DIVIDES:
        del marks["norm"]
    parts = best.parts if best.size is size or best.size == size else flow.sized(size).parts
    return Axis(parts, size, marks or NO_MARKS)


def _masked(name: str, held: Sequence[Axis], operands: Sequence[Known]) -> bool:
    """Whether padded steps are told from others in this call."""
    if name == "masked_fill" or name == "where":
        return True
    return len(held) > 1 and any("pad" not in axis.marks for axis in held)


def compare(flow: Flow, record: Record, left: Axis, right: Axis) -> None:
    """Notes where the rows of two merged axes are in different orders."""
    for part in left.parts:
        if not is_symbolic(part):
            continue
        here, there = stride_in(left, part.root), stride_in(right, part.root)
        if here is not None and there is not None and not flow.same(here, there):
            flow.event("rows", record, Known((left, right), 0), 0, part.root)
            return


def _placed(flow: Flow, record: Record, axis: Axis, operands: Sequence[Known]) -> None:
    """Notes along which axis of a tensor its entries are told apart by their places."""
    for known in operands:
        for i, own in enumerate(known.axes):
            if own.root is axis.root and "place" not in own.marks:
                flow.event("placed", record, known, i, "place")
                return


def _orders(flow: Flow, record: Record, left: Axis, right: Axis, operands: Sequence[Known]) -> None:
    """Notes where a sorted batch meets one that is not."""
    a, b = left.marks.get("order"), right.marks.get("order")
    if a is b or left.root is not right.root:
        return
    if any("made" in known.tags or "weight" in known.tags for known in operands):
        return
    flow.event("unlike_order", record, Known((left, right), 0), 0, a or b)


def _outer(flow: Flow, record: Record, operands: Sequence[Known], rank: int) -> None:
    """Notes where two operands stretch one another to a table of all pairs of one axis."""
    if len(operands) != 2:
        return
    flat, tall = sorted(operands, key=lambda known: len(known.axes))
    missing = len(tall.axes) - len(flat.axes)
    if not missing or not flat.axes or flat.source == tall.source:
        return
    if "made" in flat.tags or "made" in tall.tags:
        return
    for i, axis in enumerate(tall.axes[missing:]):
        other = flat.axes[i]
        if axis.parts or axis.marks.get("one") in ("unsqueeze", "view", "weight", "made"):
            continue
        root = other.root
        if root is None or root.kind in ("other", "weight"):
            continue
        for k in range(missing):
            if tall.axes[k].root is root:
                flow.event("outer", record, tall, k, (flat, i, missing + i))
                return


def _tags(flow: Flow, record: Record, operands: Sequence[Known]) -> Mapping[str, Any]:
    """What is known of the whole result."""
    tags: dict[str, Any] = {}
    if all("made" in known.tags for known in operands):
        tags["made"] = True
    drawn = next((known for known in operands if "drawn" in known.tags), None)
    if drawn is not None and "made" in tags:
        tags["drawn"] = drawn.tags["drawn"]
    elif drawn is not None and len(operands) == 2:
        other = operands[0] if operands[1] is drawn else operands[1]
        flow.event("drawn", record, other, 0, drawn)
    steps = [known.tags["step"] for known in operands if "step" in known.tags]
    if steps and all(step[0] is steps[0][0] for step in steps):
        tags["step"] = max(steps, key=lambda step: step[1])
    return tags or NO_MARKS


__all__ = ["Part", "Root", "broadcast", "compare"]
