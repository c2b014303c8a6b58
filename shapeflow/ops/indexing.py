"""``x[...]``: numbers, slices, masks, index tensors, and assignment to what they select.

As in PyTorch the index is read from left to right: numbers, slices, None and the ellipsis make
views; masks and index tensors are kept aside and applied together at the end.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from types import EllipsisType
from typing import Any

from ..core import constraint, dims
from ..core.dims import Dim, Size
from ..core.shape import Shape, product
from . import layout
from .bounds import all_inside, inside, span
from .call import Call
from .common import can_hold, empty, listed
from .counts import natural, positive
from .dtypes import category
from .ranges import number_in
from .registry import op
from .value import Value

MASKS = ("bool", "uint8")
INDICES = ("int64", "int32")


@dataclass
class Selection:
    """What is selected so far: a view, the next axis to be indexed, and indices kept aside."""

    x: Value
    axis: int = 0
    kept: dict[int, Value] = field(default_factory=dict)
    masks: int = 0
    tensors: int = 0


@op("Tensor.__getitem__", layout="view")
def getitem(call: Call, input: Value, index: Any) -> Value:
    """(*S), index -> the selected entries"""
    found = selected(call, input, index)
    return gathered(call, found.x, found.kept) if found.kept else found.x


@op("Tensor.__setitem__")
def setitem(call: Call, input: Value, index: Any, value: Any) -> None:
    """(*S), index, value -> nothing; the value must fit into the selected entries"""
    if index is False:
        return
    if index is True:
        index = None
    found = selected(call, input, index)
    shape = gathered(call, found.x, found.kept) if found.kept else found.x
    fills = (found.masks, found.tensors) == (1, 0) and product(_shape(value)) == 1
    if fills and "uint8" in [mask.dtype for mask in _index_tensors(index)]:
        call.wrong("a mask must be bool to assign one number", kind="dtype", of="mask")
    if not isinstance(value, Value):
        if input.dtype not in ("float16", "bfloat16") or isinstance(value, complex):
            can_hold(call, input.dtype, value)
        return
    if found.kept and value.dtype != input.dtype and not fills:
        call.wrong("index assignment needs a value of the same dtype", kind="dtype", of="value")
    fits(call, tuple(value), tuple(shape))


def _shape(value: Any) -> Shape:
    return value if isinstance(value, Value) else ()


def _index_tensors(index: Any) -> list[Value]:
    return [item for item in _items(index) if isinstance(item, Value)]


def fits(call: Call, value: Shape, shape: Shape, of: str = "value") -> None:
    """Demands that a value can be repeated to a shape; leading sizes of 1 may be too many."""
    because = "the assigned value must have the sizes of the selected part, or 1"
    for d in value[: max(len(value) - len(shape), 0)]:
        call.equal(d, 1, because, kind="broadcast", of=of)
    for axis in range(-min(len(value), len(shape)), 0):
        a, b = value[axis], shape[axis]
        if a != b and a != 1 and not _data_dependent(b):
            options = [constraint.equal(a, n) for n in (b, 1) if isinstance(a, Dim) or n == b]
            if isinstance(a, int) and isinstance(b, int):
                options = [constraint.never()]
            wanted = constraint.any_of(options)
            call.require(wanted, because, kind="broadcast", of=of, axis=axis)


def _data_dependent(size: Size) -> bool:
    return any(leaf.kind == "opaque" for leaf in dims.leaves(size))


# -- reading the index -------------------------------------------------------------------------


def selected(call: Call, x: Value, index: Any) -> Selection:
    """The view that the simple parts of an index make, and the masks and tensors among them."""
    items = list(_items(index))
    named = sum(_consumed(item) for item in items)
    if named > len(x):
        because = "too many indices: there must be at most one for each axis"
        call.fail(because, kind="index", of="input")
    found = Selection(x)
    for item in items:
        if item is Ellipsis:
            found.axis += len(x) - named
        else:
            _take(call, found, item)
    return found


def _items(index: Any) -> Iterator[Any]:
    """The parts of an index; nested lists of numbers become index tensors."""
    parts = (index,)
    if isinstance(index, tuple) and not isinstance(index, Value):
        parts = index
    elif isinstance(index, list) and len(index) < 32 and any(_is_part(i) for i in index):
        parts = tuple(index)
    for part in parts:
        is_list = isinstance(part, list | tuple | range) and not isinstance(part, Value)
        yield literal(list(part)) if is_list else part


def _is_part(item: Any) -> bool:
    return item is None or isinstance(item, Value | list | tuple | slice | EllipsisType)


def literal(entries: list[Any]) -> Value:
    """The index tensor that a list of numbers or bools stands for."""
    shape: list[Size] = []
    inner: Any = entries
    while isinstance(inner, list | tuple):
        shape.append(len(inner))
        inner = inner[0] if len(inner) else 0
    dtype = {bool: "bool", float: "float32"}.get(type(inner), "int64")
    return Value(shape, dtype, known=entries)


def _consumed(item: Any) -> int:
    if item is None or item is Ellipsis or isinstance(item, bool):
        return 0
    return len(item) if isinstance(item, Value) and item.dtype in MASKS else 1


def _take(call: Call, found: Selection, item: Any) -> None:
    """Applies one part of an index to the next axis."""
    x, axis = found.x, found.axis
    if axis > len(x) or (axis == len(x) and _consumed(item)):
        call.fail("too many indices: only one ellipsis is of use", kind="index", of="input")
    if isinstance(item, Value) and (len(item) or item.dtype in MASKS):
        _keep(call, found, item)
    elif item is None:
        found.x, found.axis = layout.inserted(x, axis), axis + 1
    elif isinstance(item, bool):
        _keep(call, found, Value((), "bool", known=item))
    elif isinstance(item, slice):
        found.x, found.axis = sliced(call, x, axis, item), axis + 1
    elif isinstance(item, int | Dim | Value):
        found.x = picked(call, x, axis, item)
    else:
        because = "an index must be a whole number, a slice, None, an ellipsis or a tensor of these"
        call.fail(because, kind="index", of="input")


def _keep(call: Call, found: Selection, index: Value) -> None:
    """Puts a mask or an index tensor aside; a mask stands for one index per axis."""
    if index.dtype not in MASKS:
        if index.dtype not in INDICES:
            because = "an index tensor must be int64, int32 or bool"
            call.fail(because, kind="dtype", of="index")
        axis = found.axis - len(found.x)
        beside = [d for i, d in enumerate(found.x) if i != found.axis]
        if not empty(beside):
            all_inside(call, index, found.x[axis], axis=axis, from_end=True)
        found.kept[found.axis], found.axis = index, found.axis + 1
        found.tensors += 1
        return
    if not len(index):
        found.tensors += 1
        found.x = layout.inserted(found.x, found.axis)
        found.kept[found.axis] = Value((_chosen(call, index),), "int64")
        found.axis += 1
        return
    found.masks += 1
    count = _chosen(call, index)
    for size in index:
        because = "a mask must have the sizes of the axes that it selects from"
        axis = found.axis - len(found.x)
        call.equal(size, found.x[axis], because, kind="index", of="mask", axis=axis)
        found.kept[found.axis], found.axis = Value((count,), "int64"), found.axis + 1


def _chosen(call: Call, mask: Value) -> Size:
    """How many entries of a mask are True."""
    flat: list[Any] = [mask.known]
    while flat and isinstance(flat[0], list):
        flat = [entry for part in flat for entry in part]
    if all(isinstance(entry, int) for entry in flat):
        return sum(map(bool, flat))
    return 0 if 0 in mask else call.fresh("entries that the mask selects", product(mask))


# -- one axis ----------------------------------------------------------------------------------


def picked(call: Call, x: Value, axis: int, index: Any) -> Value:
    """The view of one entry along an axis."""
    if isinstance(index, Value):
        if category(index.dtype) != 1:
            call.fail("an index must be a whole number", kind="dtype", of="index")
        if not len(index) and index.known is not None:
            all_inside(call, index, x[axis], axis=axis - len(x), from_end=True)
        else:
            call.at_least(x[axis], 1, "an index must lie inside its axis", kind="index", of="input")
    else:
        inside(call, index, x[axis], axis=axis - len(x))
    return layout.selected(x, axis)


def sliced(call: Call, x: Value, axis: int, part: slice) -> Value:
    """The view of a slice along an axis."""
    bounds = [number_in(bound) for bound in (part.start, part.stop, part.step)]
    if any(isinstance(bound, float) for bound in bounds):
        call.fail("the bounds of a slice must be whole numbers", kind="index", of="input")
    start, stop, step = bounds
    step = 1 if step is None else call.number(step, "the step of a slice")
    if step < 1:
        call.fail("the step of a slice must be at least 1", kind="index", of="input")
    if isinstance(start, Value) or isinstance(stop, Value):
        return layout.sliced(x, axis, call.fresh("entries of the slice", x[axis]), step)
    return layout.sliced(x, axis, span(call, start, stop, step, x[axis]), step)


# -- index tensors -----------------------------------------------------------------------------


def gathered(call: Call, x: Value, kept: dict[int, Value]) -> Value:
    """The entries at index tensors: their common shape stands in the place of the indexed axes.

    That place is the first one where the indexed axes are neighbours, else the front.
    """
    axes = sorted(kept)
    if axes[-1] - axes[0] >= len(axes):
        rest = [d for d in range(len(x)) if d not in kept]
        x = layout.permuted(x, [*axes, *rest])
        kept = {i: kept[axis] for i, axis in enumerate(axes)}
        axes = list(range(len(axes)))
    because = "index tensors must have equal sizes, or sizes of 1"
    common = call.broadcast(*kept.values(), because=because)
    for axis in axes:
        if not positive(call, x[axis]):
            options = [constraint.at_least(x[axis], 1), constraint.equal(product(common), 0)]
            _require_some(call, options)
    first, last = axes[0], axes[-1] + 1
    shape = (*x[:first], *common, *x[last:])
    return call.tensor(shape, x.dtype, _strides(call, x, kept, shape, common))


def _require_some(call: Call, options: list[constraint.Constraint]) -> None:
    open_ = [o for o in options if isinstance(o.left, Dim) or o.at({})]
    if not any(isinstance(o.left, int) for o in open_):
        because = "an empty axis has no entries to select"
        call.require(constraint.any_of(open_), because, kind="index", of="input")


def _strides(
    call: Call, x: Value, kept: dict[int, Value], shape: Shape, common: Shape
) -> Shape | None:
    """The layout of the result: that of an element-wise one of the input and the indices."""
    first, last = min(kept), max(kept) + 1
    own = layout.strides_of(x)
    operands: list[Shape] = [(*own[:first], *[0] * len(common), *own[last:])]
    around = (*[1] * first, *common, *[1] * (len(x) - last))
    inner = range(first, first + len(common))
    for index in kept.values():
        spread = layout.expanded(index, common)
        seen, _ = layout.viewed(spread, around, call.settled)
        steps = layout.strides_of(Value(around, strides=seen))
        operands.append(tuple(
            step if axis in inner or shape[axis] == 1 else 0 for axis, step in enumerate(steps)
        ))
    return layout.dense(shape, layout.order(shape, operands))


# -- functions ---------------------------------------------------------------------------------


def indexed_axis(call: Call, dim: Any, x: Sequence[Size]) -> int:
    """The axis that is indexed; a scalar has none."""
    if not len(x):
        call.fail("a scalar has no axis to be indexed", kind="axis", of="input")
    return call.axis(dim, len(x))


@op("select", layout="view")
def select(call: Call, input: Value, dim: Any, index: Any) -> Value:
    """(*A, n, *B) -> (*A, *B)"""
    return picked(call, input, indexed_axis(call, dim, input), index)


@op("narrow", layout="view")
def narrow(call: Call, input: Value, dim: Any, start: Any, length: Any) -> Value:
    """(*A, n, *B) -> (*A, length, *B)"""
    axis = indexed_axis(call, dim, input)
    n, place = input[axis], axis - len(input)
    natural(call, listed(call, (length,)), "the length of a narrowed axis must be at least 0")
    start = number_in(start)
    because = "a narrowed part must lie inside its axis"
    if isinstance(start, Value):
        if len(start) or category(start.dtype) != 1:
            call.fail("the start must be a whole number", kind="argument", of="start")
        call.at_least(n, length, because, kind="index", of="input", axis=place)
        return layout.sliced(input, axis, length)
    call.at_least(n, -start, because, kind="index", of="input", axis=place)
    if isinstance(start, int) and start < 0:
        start = start + n
    call.at_least(n, start + length, because, kind="index", of="input", axis=place)
    return layout.sliced(input, axis, length)
