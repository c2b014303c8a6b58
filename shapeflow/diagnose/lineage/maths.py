"""Arithmetic: reductions, softmax, products of matrices."""

from __future__ import annotations

from typing import Any

from ...trace.recorder import Record
from ...trace.sizes import unwrap
from ...trace.tensor import SymbolicTensor
from ..origins import argument
from .axes import Axis, Known, one
from .broadcast import broadcast
from .flow import (
    Flow,
    axis_of,
    handles,
    kept_tags,
    operands,
    short_name,
)

_SECOND = frozenset("norm renorm std var quantile nanquantile kthvalue".split())
"""Reductions whose second argument may be something else than the axis."""


@handles("add sub __add__ __radd__ __sub__ __iadd__ __isub__")
def shift(flow: Flow, record: Record) -> Any:
    """Sums: a number that is added to lengths is remembered."""
    found = flow.otherwise(record)
    known = flow.of(record.given[0])
    number = argument(record, 1, "other")
    if found is not None and "offset" in known.tags and isinstance(number, int):
        sign = -1 if "sub" in record.op else 1
        tags = {**found.tags, "offset": known.tags["offset"] + sign * number}
        return Known(found.axes, 0, tags)
    return found


# -- along one axis --------------------------------------------------------------------------------


@handles("softmax log_softmax softmin gumbel_softmax special_softmax special_log_softmax")
def softmax(flow: Flow, record: Record) -> Any:
    """Entries that share out a weight of 1 along an axis."""
    known = flow.of(record.given[0])
    rank = len(known.axes)
    place = 3 if "gumbel" in record.op else 1
    dim = argument(record, place, "dim", -1 if place == 3 else None)
    implicit = dim is None
    if implicit:
        dim = 0 if rank in (0, 1, 3) else 1  # what torch falls back to
    at = axis_of(dim, rank)
    if at is None:
        return known
    event = flow.event("softmax", record, known, at, implicit)
    masks = known.tags.get("masks", ())
    if masks and all(at not in along for _, along in masks):
        flow.event("unmasked", record, known, at, masks[-1])
    axes = list(known.axes)
    axes[at] = axes[at].marked(norm=event)
    return Known(tuple(axes), 0, {k: v for k, v in known.tags.items() if k in ("made", "step")})


@handles("masked_fill")
def masked(flow: Flow, record: Record) -> Any:
    """Scores with some of them taken out; where the mask goes along is remembered."""
    found = flow.otherwise(record)
    mask = argument(record, 1, "mask")
    known = flow.of(record.given[0])
    if found is None or mask.__class__ is not SymbolicTensor:
        return found
    rank = len(known.axes)
    over = flow.of(mask).axes
    along = {rank - len(over) + i for i, axis in enumerate(over) if axis.parts}
    before = known.tags.get("masks", ())
    return Known(found.axes, 0, {**found.tags, "masks": (*before, (record, frozenset(along)))})


@handles("normalize cosine_similarity")
def normalize(flow: Flow, record: Record) -> Any:
    """Entries divided by their norm along an axis."""
    known = flow.of(record.given[0])
    two = record.op.endswith("similarity")
    at = axis_of(argument(record, 2, "dim", 1), len(known.axes))
    if at is not None:
        flow.event("normalize", record, known, at)
    if two and at is not None:
        return Known((*known.axes[:at], *known.axes[at + 1 :]), 0)
    return flow.otherwise(record)


@handles(
    "sum mean max min amax amin prod logsumexp median all any argmax argmin nanmean nansum "
    "std var norm mode count_nonzero"
)
def reduction(flow: Flow, record: Record) -> Any:
    """Axes brought together."""
    known = flow.of(record.given[0])
    name, rank = short_name(record.op), len(known.axes)
    dims = _dims(record, name)
    if dims.__class__ is SymbolicTensor:  # the larger of two tensors
        return flow.otherwise(record)
    if dims is None or dims == ():
        dims = tuple(range(rank))
    given = dims if isinstance(dims, tuple | list) else (dims,)
    gone = [axis_of(dim, rank) for dim in given]
    if any(at is None for at in gone):
        return flow.otherwise(record)
    keep = bool(record.kwargs.get("keepdim", len(record.given) > 2 and record.given[2] is True))
    for at in gone:
        assert at is not None
        if len(gone) < rank:
            flow.event("reduce", record, known, at, (name, keep))
        if name == "norm" and keep:
            flow.event("normalize", record, known, at)
        if name in ("sum", "mean"):
            contract(flow, record, known, at, keep)
    axes = [
        one("kept") if i in gone else axis
        for i, axis in enumerate(known.axes)
        if keep or i not in gone
    ]
    tags = kept_tags(known)
    whole = Known(tuple(axes), 0, tags)
    return [whole] * 2 if isinstance(record.result, tuple | list) else whole


def _dims(record: Record, name: str) -> Any:
    """The axes that a reduction takes away, None for all."""
    if "dim" in record.kwargs or "axis" in record.kwargs:
        return record.kwargs.get("dim", record.kwargs.get("axis"))
    place = 2 if name == "norm" else 1
    dims = argument(record, place, "dim")
    if name in _SECOND and isinstance(dims, bool):
        return None
    return unwrap(dims)


def contract(flow: Flow, record: Record, known: Known, at: int, keep: bool = False) -> None:
    """Notes a sum along an axis of weights that a softmax made."""
    event = known.axes[at].marks.get("norm")
    if event is not None:
        flow.contracted.add(event.record.node)
        return
    others = [axis.marks["norm"] for axis in known.axes if "norm" in axis.marks]
    if others and not keep:
        flow.event("contract", record, known, at, others)


# -- products of matrices --------------------------------------------------------------------------


@handles("matmul bmm mm __matmul__ linalg_matmul")
def matmul(flow: Flow, record: Record) -> Any:
    """The last axis of one operand is summed with the last but one of the other."""
    pair = [flow.of(t) for t in list(operands(record))[:2]]
    if len(pair) < 2 or min(len(pair[0].axes), len(pair[1].axes)) < 1:
        return None
    left, right = pair
    contract(flow, record, left, len(left.axes) - 1)
    contract(flow, record, right, max(0, len(right.axes) - 2))
    if len(left.axes) < 2 or len(right.axes) < 2:
        return flow.otherwise(record) if len(right.axes) > 1 else _vector(left)
    sizes = flow.shape(record.result)
    head = Known(left.axes[:-2], left.source), Known(right.axes[:-2], right.source)
    batch = broadcast(flow, record, head, sizes[:-2]) if len(sizes) > 2 else Known((), 0)
    rows, columns = _fresh(left.axes[-2]), _fresh(right.axes[-1])
    return Known((*batch.axes, rows, columns), 0)


def _vector(left: Known) -> Known:
    return Known(left.axes[:-1], 0)


def _fresh(axis: Axis) -> Axis:
    """An axis of a product: what was done along it before is no matter now, its order is."""
    return axis.marked(norm=None) if "norm" in axis.marks else axis


@handles("einsum")
def einsum(flow: Flow, record: Record) -> Any:
    """Letters that the result lacks are summed."""
    equation = record.given[0]
    known = [flow.of(t) for t in operands(record)]
    if not isinstance(equation, str) or "." in equation:
        return None
    terms, _, result = equation.replace(" ", "").partition("->")
    letters = terms.split(",")
    if len(letters) != len(known) or "->" not in equation:
        return None
    axes: dict[str, Axis] = {}
    for word, one_known in zip(letters, known, strict=True):
        if len(word) != len(one_known.axes):
            return None
        for i, letter in enumerate(word):
            axes.setdefault(letter, one_known.axes[i])
            if letter not in result:
                contract(flow, record, one_known, i)
    if any(letter not in axes for letter in result):
        return None
    return Known(tuple(_fresh(axes[letter]) for letter in result), 0)
