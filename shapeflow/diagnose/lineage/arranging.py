"""Operations that arrange entries: permutations, views, copies, joins."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ...core.dims import Dim, substitute, symbol
from ...core.shape import product
from ...trace.recorder import Record
from ..origins import argument
from .axes import NO_MARKS, Axis, Known, Part, Root, holds_both, one
from .broadcast import compare
from .flow import Flow, axis_of, handles, run_tensors
from .regroup import regrouped, torn

_KEPT = "contiguous clone detach to float double half long int cpu cuda data alias type_as"


@handles(f"{_KEPT} bool dropout feature_dropout")
def same_entries(flow: Flow, record: Record) -> Any:
    """The same entries on the same axes."""
    known = flow.of(record.given[0]) if record.given else None
    if known is not None and "dropout" in record.op and flow.fixed(known):
        return Known(known.axes, 0, {**known.tags, "drawn": record})
    return known


@handles("bernoulli uniform normal")
def drawn(flow: Flow, record: Record) -> Any:
    """Random entries; where only sizes and numbers have a part in them, a mask perhaps."""
    first = next(run_tensors(record.given[:1]), None)
    known = flow.of(first) if first is not None else None
    if known is None or not flow.fixed(known):
        return None
    return Known(known.axes, 0, {**known.tags, "drawn": record})


@handles("transpose swapaxes swapdims")
def transpose(flow: Flow, record: Record) -> Any:
    """Two axes change places."""
    known = flow.of(record.given[0])
    rank = len(known.axes)
    a = axis_of(argument(record, 1, "dim0", record.kwargs.get("axis0")), rank)
    b = axis_of(argument(record, 2, "dim1", record.kwargs.get("axis1")), rank)
    if a is None or b is None:
        return None
    axes = list(known.axes)
    axes[a], axes[b] = axes[b], axes[a]
    return known.having(axes)


@handles("t T mT H mH adjoint")
def turned(flow: Flow, record: Record) -> Any:
    """The last two axes change places; ``T`` turns all of them round."""
    known = flow.of(record.given[0])
    axes = list(known.axes)
    if record.op.endswith(".T"):
        axes.reverse()
    elif len(axes) > 1:
        axes[-1], axes[-2] = axes[-2], axes[-1]
    return known.having(axes)


@handles("permute")
def permute(flow: Flow, record: Record) -> Any:
    """The axes in another order."""
    known = flow.of(record.given[0])
    dims = _numbers(record, 1, "dims")
    order = [axis_of(d, len(known.axes)) for d in dims]
    if sorted(-1 if i is None else i for i in order) != list(range(len(known.axes))):
        return None
    return known.having([known.axes[i] for i in order if i is not None])


@handles("movedim moveaxis")
def movedim(flow: Flow, record: Record) -> Any:
    """One axis goes elsewhere."""
    known = flow.of(record.given[0])
    rank = len(known.axes)
    start = axis_of(argument(record, 1, "source"), rank)
    end = axis_of(argument(record, 2, "destination"), rank)
    if start is None or end is None:
        return None
    axes = list(known.axes)
    axes.insert(end, axes.pop(start))
    return known.having(axes)


def _numbers(record: Record, position: int, name: str) -> list[Any]:
    """Sizes or axes, given as several arguments or as one sequence."""
    items = record.given[position:] or (record.kwargs.get(name, ()),)
    first = items[0]
    return list(first) if isinstance(first, tuple | list) else list(items)


# -- views -----------------------------------------------------------------------------------------


@handles("view reshape view_as reshape_as flatten unflatten ravel")
def view(flow: Flow, record: Record) -> Any:
    """Other axes for the same entries, row by row."""
    known, sizes = flow.of(record.given[0]), flow.shape(record.result)
    if record.result.__class__ is not record.given[0].__class__:
        return None
    edit = flow.changes.get(f"@{record.node}")
    if edit is not None and hasattr(edit, "known"):
        known = edit.known(known)
    if flow.numbers and product(axis.size for axis in known.axes) != product(sizes):
        known = known.having(lifted(flow, known.axes))
        sizes = tuple(_rest(flow, size) for size in sizes)
    axes = regrouped(known.axes, sizes)
    whole = axes is not None and not any(p.root.kind == "piece" for a in axes for p in a.parts)
    if not whole and "made" not in known.tags and "weight" not in known.tags:
        order = torn(known.axes, sizes)
        if order is not None and not (axes is not None and _regroups(known.axes, order)):
            flow.event("torn", record, known, 0, (order, sizes))
    if axes is None:
        axes = [flow.like(size, [known]) for size in sizes]
    last = known.tags.get("last")
    tags = known.tags
    if last is not None:
        tags = {k: v for k, v in tags.items() if k != "last" or holds_both(axes)}
    return Known(tuple(axes), known.source, tags)


def _rest(flow: Flow, size: Any) -> Any:
    """The number that a size is in this run where it is a quotient, as of a -1 in a loop."""
    if isinstance(size, int) or all(a.kind == "symbol" for m, _ in size.terms for a, _ in m):
        return size
    number = substitute(size, flow.numbers)
    return number if isinstance(number, int) else size


def _regroups(axes: Sequence[Axis], order: Sequence[int]) -> bool:
    """Whether no more happens than that one axis, as of channels, is cut into other groups."""
    parts = [(i, part) for i, axis in enumerate(axes) for part in axis.parts]
    moved = [parts[k] for place, k in enumerate(order) if place != k]
    owners = {i for i, _ in moved}
    return len(owners) == 1 and all(part.root.kind == "piece" for _, part in moved)


def lifted(flow: Flow, axes: Sequence[Axis]) -> list[Axis]:
    """Axes with symbols for the numbers that a loop was run for."""
    symbols = {flow.roots.get(symbol(name)): symbol(name) for name in flow.numbers}

    def size_of(part: Part) -> Any:
        dim = symbols.get(part.root)
        return dim if dim is not None and flow.same(part.size, dim) else part.size

    found = []
    for axis in axes:
        parts = tuple(Part(part.root, size_of(part)) for part in axis.parts)
        found.append(Axis(parts, product(part.size for part in parts), axis.marks))
    return found


@handles("unsqueeze")
def unsqueeze(flow: Flow, record: Record) -> Any:
    """A new axis of size 1."""
    known = flow.of(record.given[0])
    at = axis_of(argument(record, 1, "dim"), len(known.axes) + 1)
    if at is None:
        return None
    return known.having([*known.axes[:at], one("unsqueeze"), *known.axes[at:]])


@handles("squeeze")
def squeeze(flow: Flow, record: Record) -> Any:
    """Axes of size 1 taken away."""
    known = flow.of(record.given[0])
    dims = argument(record, 1, "dim")
    if dims is None:
        loose = [i for i, axis in enumerate(known.axes) if isinstance(axis.size, Dim)]
        if loose:
            flow.event("squeeze", record, known, loose[0])
        axes = [axis for axis in known.axes if axis.parts]
    else:
        rank = len(known.axes)
        given = dims if isinstance(dims, tuple | list) else (dims,)
        gone = {axis_of(d, rank) for d in given}
        axes = [a for i, a in enumerate(known.axes) if i not in gone or a.parts]
    if len(axes) != len(flow.shape(record.result)):
        return Known(tuple(flow.like(s, [known]) for s in flow.shape(record.result)), known.source)
    return known.having(axes)


# -- copies ----------------------------------------------------------------------------------------


@handles("expand expand_as broadcast_to")
def expand(flow: Flow, record: Record) -> Any:
    """Axes of size 1 stretched."""
    known, sizes = flow.of(record.given[0]), flow.shape(record.result)
    axes = []
    for i, size in enumerate(sizes):
        place = i - len(sizes)
        own = known.axes[place] if -place <= len(known.axes) else None
        if own is not None and (own.parts or size == 1):
            axes.append(own)
        else:
            axes.append(flow.sized(size))
    return Known(tuple(axes), known.source, known.tags)


@handles("repeat tile")
def repeat(flow: Flow, record: Record) -> Any:
    """Copies one behind another: the copies are the slow factor of an axis."""
    known, sizes = flow.of(record.given[0]), flow.shape(record.result)
    axes = []
    for i, size in enumerate(sizes):
        place = i - len(sizes)
        own = known.axes[place] if -place <= len(known.axes) else one("made")
        if own.size == size:
            axes.append(own)
        elif not own.parts:
            axes.append(flow.sized(size))
        else:
            count = _ratio(size, own.size)
            root = Root("copies", "the copies", record)
            parts = (Part(root, count), *own.parts) if count is not None else ()
            axes.append(Axis(parts, size) if parts else flow.sized(size))
    return Known(tuple(axes), known.source, known.tags)


@handles("repeat_interleave")
def repeat_interleave(flow: Flow, record: Record) -> Any:
    """Each entry several times: the copies are the fast factor of an axis."""
    known, sizes = flow.of(record.given[0]), flow.shape(record.result)
    at = axis_of(argument(record, 2, "dim"), len(known.axes))
    if at is None:
        return None
    own, size = known.axes[at], sizes[at]
    count = _ratio(size, own.size)
    if count is None:
        return None
    copies = Part(Root("interleaved", "the copies", record), count)
    parts = (*own.parts, copies) if count != 1 else own.parts
    return known.having([*known.axes[:at], Axis(parts, size), *known.axes[at + 1 :]])


def _ratio(size: Any, part: Any) -> Any:
    from .regroup import quotient

    return quotient(size, part)


# -- joins -----------------------------------------------------------------------------------------


@handles("cat concat concatenate")
def cat(flow: Flow, record: Record) -> Any:
    """Tensors one behind another along an axis."""
    parts = [flow.of(t) for t in run_tensors(argument(record, 0, "tensors"))]
    sizes = flow.shape(record.result)
    at = axis_of(argument(record, 1, "dim", record.kwargs.get("axis", 0)), len(sizes))
    parts = [known for known in parts if len(known.axes) == len(sizes)]
    if at is None or not parts:
        return None
    axes = [_beside(flow, record, [known.axes[i] for known in parts]) for i in range(len(sizes))]
    axes[at] = _joined(flow, record, parts, at, sizes[at])
    states = [known.tags.get("state") for known in parts]
    if len(parts) > 1 and states[0] is not None and all(s == states[0] for s in states):
        flow.event("states_joined", record, parts[0], at)
    return Known(tuple(axes), 0, _joint_tags(parts))


def _beside(flow: Flow, record: Record, axes: Sequence[Axis]) -> Axis:
    """An axis that all joined tensors have."""
    known = [a for a in axes if a.parts and a.parts[0].root.kind not in ("other", "weight")]
    best = known[0] if known else axes[0]
    for axis in known[1:]:
        if len(axis.parts) > 1 or len(best.parts) > 1:
            compare(flow, record, best, axis)
        if axis.marks.get("order") is not best.marks.get("order") and axis.root is best.root:
            order = axis.marks.get("order") or best.marks.get("order")
            flow.event("unlike_order", record, Known((best, axis), 0), 0, order)
    return best


def _joined(flow: Flow, record: Record, parts: Sequence[Known], at: int, size: Any) -> Axis:
    """The axis along which tensors are joined."""
    pieces = [known.axes[at] for known in parts]
    if len(parts) > 1 and all(known is parts[0] for known in parts) and pieces[0].parts:
        copies = Part(Root("copies", "the copies", record), len(parts))
        return Axis((copies, *pieces[0].parts), size)
    steps = [known.tags.get("step") for known in parts]
    if len(parts) > 1 and all(steps) and all(not axis.parts for axis in pieces):
        root = steps[0][0]  # type: ignore[index]
        if all(step is not None and step[0] is root for step in steps):
            return Axis((Part(root, size),), size)
    if len(parts) > 1 and pieces[0].parts and _are_steps(steps):
        if all(axis.parts == pieces[0].parts for axis in pieces):  # whole steps, one behind another
            return Axis((Part(steps[0][0], len(parts)), *pieces[0].parts), size)  # type: ignore[index]
    long = [axis for axis in pieces if axis.root is not None and axis.root.kind == "input"]
    fixed = [axis for axis in pieces if isinstance(axis.size, int)]
    if len(long) == 1 and len(fixed) == len(pieces) - 1:
        flow.reads(long[0], "steps", record, "something of a fixed length is put beside it")
        before = sum(a.size for a in pieces[: pieces.index(long[0])] if isinstance(a.size, int))
        marks = {"longer": before} if before else NO_MARKS
        return Axis((Part(long[0].parts[0].root, size),), size, marks)
    if len(pieces) > 1 and all(axis.parts for axis in pieces):
        return Axis((Part(Root("joined", "a joined axis", record), size),), size)
    return flow.sized(size) if size != 1 else pieces[0]


def _are_steps(steps: Sequence[Any]) -> bool:
    """Whether tensors are, or follow from, different steps of one axis."""
    if not all(steps) or any(step[0] is not steps[0][0] for step in steps):
        return False
    return len({step[1] for step in steps}) == len(steps)


@handles("stack")
def stack(flow: Flow, record: Record) -> Any:
    """Tensors side by side along a new axis."""
    parts = [flow.of(t) for t in run_tensors(argument(record, 0, "tensors"))]
    sizes = flow.shape(record.result)
    at = axis_of(argument(record, 1, "dim", record.kwargs.get("axis", 0)), len(sizes))
    if at is None or not parts or any(len(k.axes) != len(sizes) - 1 for k in parts):
        return None
    axes = [
        _beside(flow, record, [known.axes[i] for known in parts]) for i in range(len(sizes) - 1)
    ]
    steps = [known.tags.get("step") for known in parts]
    if sizes[at] == 1:
        new = one("unsqueeze")
    elif all(steps) and all(s[0] is steps[0][0] for s in steps):  # type: ignore[index]
        new = Axis((Part(steps[0][0], sizes[at]),), sizes[at])  # type: ignore[index]
    else:
        new = flow.sized(sizes[at])
    return Known((*axes[:at], new, *axes[at:]), 0, _joint_tags(parts))


def _joint_tags(parts: Sequence[Known]) -> Any:
    tags: dict[str, Any] = {}
    if all("made" in known.tags for known in parts):
        tags["made"] = True
    kinds = {known.tags.get("state") for known in parts}
    if len(kinds) == 1 and None not in kinds:
        tags["state"] = kinds.pop()
    return tags or NO_MARKS


@handles("meshgrid broadcast_tensors")
def several(flow: Flow, record: Record) -> Any:
    """As many results as operands."""
    tensors = list(run_tensors(record.given))
    if not isinstance(record.result, tuple | list) or len(tensors) != len(record.result):
        return None
    found = []
    for tensor, result in zip(tensors, record.result, strict=True):
        known, sizes = flow.of(tensor), flow.shape(result)
        same = tuple(axis.size for axis in known.axes) == sizes
        found.append(known if same else Known(tuple(map(flow.sized, sizes)), 0, known.tags))
    return found
