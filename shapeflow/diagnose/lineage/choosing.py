"""Operations that choose entries: indexing, slices, gathers, sorts."""

from __future__ import annotations

from typing import Any

from ...core.dims import Dim, Size
from ...ops.ranges import held
from ...trace.recorder import Record
from ...trace.sizes import unwrap
from ...trace.tensor import SymbolicTensor
from ..origins import argument
from .axes import NO_MARKS, Axis, Known, Part, holds_both, one
from .flow import Flow, axis_of, handles, kept_tags, run_tensors

LAST = "last"
UNKNOWN = object()
"""A bound of a slice of which nothing is known."""


@handles("__getitem__")
def getitem(flow: Flow, record: Record) -> Any:
    """Indexing as in numpy: numbers, slices, None, an ellipsis, tensors."""
    known = flow.of(record.given[0])
    index = record.given[1]
    items = index if isinstance(index, tuple) else (index,)
    edit = flow.changes.get(f"@{record.node}")
    if edit is not None and hasattr(edit, "known"):
        known = edit.known(known)
    if known.tags.get("packed_parts"):
        return None
    return indexed(flow, record, known, list(items))


def indexed(flow: Flow, record: Record, known: Known, items: list[Any]) -> Known | None:
    """The lineage of what an index takes out of a tensor."""
    taking = [i for i in items if i is not None and i is not Ellipsis]
    count = sum(_width(item) for item in taking)
    if any(item is Ellipsis for item in items):
        at = next(i for i, item in enumerate(items) if item is Ellipsis)
        items[at : at + 1] = [slice(None)] * (len(known.axes) - count)
    axes: list[Axis] = []
    taker = _Taker(flow, record, known, axes)
    for item in items:
        if item is None:
            axes.append(one("unsqueeze"))
        elif not taker.take(item):
            return None
    axes += known.axes[taker.place :]
    sizes = flow.shape(record.result)
    if len(axes) != len(sizes):
        return None
    axes = [
        a if a.size == s or "place" in a.marks else flow.like(s, [known])
        for a, s in zip(axes, sizes, strict=True)
    ]
    return Known(tuple(axes), 0 if taker.tags else known.source, taker.result_tags())


def _width(item: Any) -> int:
    if item.__class__ is SymbolicTensor and item.value is not None and item.value.dtype == "bool":
        return len(item.value)
    return 1


class _Taker:
    """Goes along the axes of a tensor as an index does."""

    def __init__(self, flow: Flow, record: Record, known: Known, axes: list[Axis]) -> None:
        self.flow, self.record, self.known, self.axes = flow, record, known, axes
        self.place = 0
        self.tags: dict[str, Any] = {}
        self.arrays = 0

    def take(self, item: Any) -> bool:
        """One item of the index; False where it is not understood."""
        if self.place >= len(self.known.axes):
            return False
        axis = self.known.axes[self.place]
        if isinstance(item, slice):
            self.axes.append(sliced(self.flow, self.record, self.known, self.place, item))
            if self.axes[-1] is not axis:
                self.tags.setdefault("part", True)
                if not self.axes[-1].parts and axis.root is not None:
                    start = _bound(item.start)
                    self.tags["step"] = (axis.root, start if isinstance(start, int) else 0)
        elif item.__class__ is SymbolicTensor:
            if not self.chosen(axis, item):
                return False
            self.place += _width(item)
            return True
        else:
            number = unwrap(item)
            if isinstance(number, bool) or not isinstance(number, int | Dim):
                return False
            self.number(axis, number)
        self.place += 1
        return True

    def number(self, axis: Axis, number: Size) -> None:
        """One entry of an axis."""
        where = number
        if isinstance(number, Dim) and isinstance(axis.size, Dim) and axis.size - number == 1:
            where = -1
        self.flow.event("select", self.record, self.known, self.place, where)
        if axis.root is not None and isinstance(where, int):
            self.tags["step"] = (axis.root, where)
        self.tags["part"] = True

    def chosen(self, axis: Axis, index: Any) -> bool:
        """Entries of an axis that a tensor names."""
        named = self.flow.of(index)
        if index.value is None or index.value.dtype == "bool":
            return False
        self.arrays += 1
        if self.arrays > 1:
            return True
        if len(named.axes) == 1:
            self.axes.append(ordered(axis, named))
        else:
            self.axes += named.axes
        self.tags["part"] = True
        return True

    def result_tags(self) -> Any:
        tags = {**kept_tags(self.known), **self.tags}
        tags.pop("part", None)
        for word in ("state", "input", "offset", "sorted"):
            if word in self.known.tags:
                tags[word] = self.known.tags[word]
        last = self.known.tags.get(LAST)
        if last is not None and holds_both(self.axes):
            tags[LAST] = last
        event = self.last_of_both()
        if event is not None:
            tags[LAST] = event
        return tags or NO_MARKS

    def last_of_both(self) -> Any:
        """The event of taking the last step of both directions, if this is it."""
        if not holds_both(self.axes):
            return None
        events = self.flow.events.get("select", [])
        mine = [e for e in events[-3:] if e.record is self.record and e.detail == -1]
        return mine[0] if mine else None


def ordered(axis: Axis, index: Known) -> Axis:
    """An axis whose entries an index put in another order."""
    sort = index.tags.get("perm")
    size = index.axes[0].size
    if sort is not None and axis.root is not None:
        before = axis.marks.get("order")
        return axis.marked(order=sort if before is None else ("twice", sort))._replace(size=size)
    inverse = index.tags.get("inverse")
    if inverse is not None:
        return axis.marked(order=None)
    return index.axes[0]


def sliced(flow: Flow, record: Record, known: Known, at: int, item: slice) -> Axis:
    """A stretch of an axis."""
    axis = known.axes[at]
    start, stop, step = (_bound(part) for part in (item.start, item.stop, item.step))
    if start in (None, 0) and stop is None and step in (None, 1):
        return axis
    if not axis.parts:
        return axis
    if start == -1 and stop is None:
        flow.event("select", record, known, at, -1)
        return one("slice")
    start = 0 if start is None else start
    if isinstance(start, int) and start >= 0 and isinstance(stop, int) and stop - start == 1:
        if axis.root is not None:
            flow.event("stretch", record, known, at, start)
        return one("slice")
    if axis.root is not None and axis.root.kind == "input" and step in (None, 1):
        shifted = (start in (1, 2) and stop is None) or (start == 0 and stop in (-1, -2))
        if shifted:
            flow.reads(axis, "steps", record, "a step is left off its end")
            flow.event("shifted", record, known, at, start)
    size = _length(axis.size, start, stop, step)
    if "weight" in known.tags and start == 0 and isinstance(size, Dim):
        return flow.sized(size).marked(place=record)
    if size == 1:
        return one("slice")
    if len(axis.parts) > 1:
        inner = axis.parts[-1]
        if axis.parts[0].root.kind == "directions" and size == inner.size:
            return Axis((inner,), size)
        return flow.sized(size) if size is not None else flow.sized(axis.size)
    marks = {k: v for k, v in axis.marks.items() if k in ("pad", "order")}
    if axis.marks.get("longer") and start == axis.marks["longer"]:
        flow.event("cut", record, known, at, start)
    whole = axis.size if size is None else size
    return Axis((Part(axis.parts[0].root, whole),), whole, marks or NO_MARKS)


def _bound(part: Any) -> Any:
    """A bound of a slice as a size; a tensor that holds an unknown number is ``UNKNOWN``."""
    if part.__class__ is not SymbolicTensor:
        return unwrap(part)
    number = held(part.value)
    return UNKNOWN if number is None else number


def _length(size: Size, start: Any, stop: Any, step: Any) -> Size | None:
    """How many entries a slice takes, None where that is not plain."""
    if step not in (None, 1):
        return None
    begin = start
    end = size if stop is None else stop
    if isinstance(begin, int) and begin < 0:
        begin = size + begin
    if isinstance(end, int) and end < 0:
        end = size + end
    if isinstance(begin, int) and isinstance(end, int) and isinstance(size, int):
        return max(0, min(end, size) - begin)
    return end - begin if isinstance(end, int | Dim) and isinstance(begin, int | Dim) else None


@handles("select")
def select(flow: Flow, record: Record) -> Any:
    """One entry of an axis."""
    known = flow.of(record.given[0])
    at = axis_of(argument(record, 1, "dim"), len(known.axes))
    if at is None:
        return None
    return indexed(flow, record, known, [slice(None)] * at + [argument(record, 2, "index")])


@handles("narrow")
def narrow(flow: Flow, record: Record) -> Any:
    """A stretch of an axis."""
    known = flow.of(record.given[0])
    at = axis_of(argument(record, 1, "dim"), len(known.axes))
    start, length = (unwrap(argument(record, i, n)) for i, n in ((2, "start"), (3, "length")))
    if at is None or start.__class__ is SymbolicTensor:
        return None
    end = start + length
    size = known.axes[at].size
    if length == 1 and (start == -1 or (isinstance(size, Dim) and size - start == 1)):
        start, end = -1, None
    return indexed(flow, record, known, [slice(None)] * at + [slice(start, end)])


@handles("chunk split split_with_sizes tensor_split unbind")
def pieces(flow: Flow, record: Record) -> Any:
    """An axis in several pieces."""
    known, unbound = flow.of(record.given[0]), record.op.endswith("unbind")
    at = axis_of(argument(record, 1 if unbound else 2, "dim", 0), len(known.axes))
    if at is None or not isinstance(record.result, tuple | list):
        return None
    found = []
    axis = known.axes[at]
    for i, result in enumerate(record.result):
        sizes = flow.shape(result)
        rest = list(known.axes)
        if unbound:
            del rest[at]
        elif len(sizes) == len(rest):
            inner = axis.parts[-1] if axis.parts else None
            whole = len(axis.parts) > 1 and inner is not None and inner.size == sizes[at]
            same = whole and axis.parts[0].root.kind == "directions"
            rest[at] = Axis((inner,), sizes[at]) if same and inner else flow.sized(sizes[at])
            if axis.root is not None and sizes[at] != 1:
                rest[at] = Axis((Part(axis.root, sizes[at]),), sizes[at], axis.marks)
        tags = dict(kept_tags(known))
        if (unbound or sizes[at : at + 1] == (1,)) and axis.root is not None:
            tags["step"] = (axis.root, i)
        if "state" in known.tags:
            tags["state"] = known.tags["state"]
        found.append(Known(tuple(rest), 0, tags))
    return found


# -- sorts, and what indexes by them ---------------------------------------------------------------


class Sort:
    """A sort of the entries of a vector."""

    __slots__ = ("known", "record")

    def __init__(self, record: Record, known: Known) -> None:
        self.record, self.known = record, known


@handles("sort argsort topk")
def sort(flow: Flow, record: Record) -> Any:
    """Entries in order, and the order itself."""
    known = flow.of(record.given[0])
    if len(known.axes) != 1 or "made" in known.tags:
        return None
    result = record.result
    values = result[0] if isinstance(result, tuple | list) else None
    size = flow.shape(values if values is not None else result)
    if size != tuple(axis.size for axis in known.axes):
        return None
    perm = known.tags.get("perm")
    order = {"inverse": perm} if perm is not None else {"perm": Sort(record, known)}
    index = Known(known.axes, 0, order)
    if values is None:
        return index
    new = order.get("perm")
    tags = {"sorted": new} if new else NO_MARKS
    if "offset" in known.tags:
        tags = {**tags, "offset": known.tags["offset"]}
    axis = known.axes[0].marked(order=new) if new else known.axes[0]
    return [Known((axis,), 0, tags), index]


@handles("scatter")
def scatter(flow: Flow, record: Record) -> Any:
    """Entries written to the places that an index names."""
    index = argument(record, 2, "index")
    known = flow.of(record.given[0])
    if index.__class__ is SymbolicTensor:
        perm = flow.of(index).tags.get("perm")
        if perm is not None and len(known.axes) == 1:
            return Known(known.axes, 0, {"inverse": perm})
    return Known(known.axes, 0)


@handles("__setitem__")
def setitem(flow: Flow, record: Record) -> Any:
    """Entries written into a tensor."""
    target, index, value = (record.given[i] for i in range(3))
    known = flow.of(target)
    tags: Any = {}
    if index.__class__ is SymbolicTensor:
        perm = flow.of(index).tags.get("perm")
        if perm is not None and len(known.axes) == 1:
            tags = {"inverse": perm}
    made = "made" in known.tags and not any(
        "made" not in flow.of(t).tags for t in run_tensors((value,))
    )
    if made:
        tags["made"] = True
    axes = tuple(a.marked(pad=None) if a.marks else a for a in known.axes)
    flow.known[id(target)] = Known(axes, id(record), tags)
    return ()


@handles("index_select")
def index_select(flow: Flow, record: Record) -> Any:
    """Entries of an axis that an index names."""
    known, index = flow.of(record.given[0]), argument(record, 2, "index")
    at = axis_of(argument(record, 1, "dim"), len(known.axes))
    if at is None or index.__class__ is not SymbolicTensor:
        return None
    items = [slice(None)] * at + [index]
    return indexed(flow, record, known, items)


@handles("gather take_along_dim")
def gather(flow: Flow, record: Record) -> Any:
    """Entries that an index of the same rank names: the axes are the index's."""
    known, index = flow.of(record.given[0]), argument(record, 2, "index")
    if index.__class__ is not SymbolicTensor:
        return None
    named = flow.of(index)
    if len(named.axes) != len(known.axes):
        return None
    axes = [
        one("gather") if not b.parts else (a if a.size == b.size and a.parts else b)
        for a, b in zip(known.axes, named.axes, strict=True)
    ]
    return Known(tuple(axes), 0)
