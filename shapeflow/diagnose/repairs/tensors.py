"""Repairs of an operand: its axes put in order, one more or fewer, one part of it, other sizes."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from ...core.constraint import Location
from ...core.dims import Size
from ...core.notation import format_shape
from ...core.shape import Shape
from ...trace.edits import At, operands, site_of, skipped
from ...trace.record import Record
from .. import origins, wording
from .point import Candidate, Point, Subject, point, points, size_text, within, wrapped

EXCHANGES = ((0, 1), (1, 2), (0, 2), (2, 3), (1, 3))
"""The pairs of axes that are tried in each other's place, the likeliest first."""


def _exchanged(shape: Shape, one: int, other: int) -> Shape:
    """A shape with two axes in each other's place."""
    after = list(shape)
    after[one], after[other] = after[other], after[one]
    return tuple(after)


def _transposed(subject: Subject, at: Point, one: int, other: int) -> Candidate:
    """The candidate that transposes an operand."""
    change = _method("transpose", one, other)
    return at.changed(f".transpose({one}, {other})", change, subject.world)


def axes_swapped(
    subject: Subject, at: Point, axis: int | None = None, wanted: Size | None = None
) -> Iterator[Candidate]:
    """Two axes exchanged, such that the one concerned gets the size that is wanted."""
    shape, rank = at.shape, len(at.shape)
    for one, other in EXCHANGES:
        if other >= rank or shape[one] == shape[other]:
            continue
        if axis is not None and wanted is not None and at.record is subject.record:
            if not -rank <= axis < rank or _exchanged(shape, one, other)[axis] != wanted:
                continue
        yield _transposed(subject, at, one, other)


def axes_fitted(subject: Subject, at: Point) -> Iterator[Candidate]:
    """Two axes exchanged, such that operands that do not fit each other do."""
    shapes = [tuple(tensor.value or ()) for _, tensor in origins.operands(subject.record)]
    same = shapes.index(at.shape) if at.shape in shapes else None
    others = [shape for i, shape in enumerate(shapes) if i != same]
    if not subject.record.signature.startswith("(*A), (*B)"):
        yield from axes_swapped(subject, at)
        return
    if same is None:  # what a layer of torch's made of it does not get other axes by this
        if len(at.shape) not in map(len, shapes):
            yield from axes_swapped(subject, at)
        return
    for one, other in EXCHANGES:
        if other < len(at.shape):
            after = _exchanged(at.shape, one, other)
            if all(_fit(after, shape) for shape in others):
                yield _transposed(subject, at, one, other)


def _fit(one: Sequence[Size], other: Sequence[Size]) -> bool:
    """Whether shapes are equal from behind, but for axes of size 1."""
    pairs = zip(reversed(one), reversed(other), strict=False)
    return all(a == b or a == 1 or b == 1 for a, b in pairs)


def undone(subject: Subject, at: Point) -> Iterator[Candidate]:
    """Without the call that gave an operand its axes."""
    made = origins.maker(at.tensor, subject.records)
    for before, _ in origins.history(at.tensor, subject.records):
        if not isinstance(before, Record) or before.location != at.record.location:
            made = before  # what the layer does inside with an operand is not the user's to undo
            break
    if not isinstance(made, Record) or made.op.rpartition(".")[2] not in UNDOABLE:
        return
    found = subject.world.call(made)
    if found is None or not made.given or not hasattr(made.given[0], "value"):
        return
    node, scope = found
    inner = getattr(node, "value", None)
    if inner is None and isinstance(getattr(node, "func", None), ast.Attribute):
        inner = node.func.value  # type: ignore[attr-defined]
    if not isinstance(inner, ast.expr):
        return
    text = f"write {scope.source.text(inner)} for {scope.source.text(node)}"
    changes = {site_of(made): At(skipped, within(subject.world, made))}
    yield Candidate(text, made.location, changes)


UNDOABLE = (
    "transpose permute t squeeze unsqueeze __getitem__ swapaxes movedim mT T flatten select"
).split()
"""Operations that change the order or the number of axes, and that may have been one too many."""


def axis_moved(subject: Subject, at: Point, axis: int, wanted: Size) -> Iterator[Candidate]:
    """The axis that has the wanted size put where it is wanted; the batch stays where it is."""
    rank = len(at.shape)
    place = axis % rank if -rank <= axis < rank else 0
    found = [i for i, size in enumerate(at.shape) if size == wanted and i not in (0, place)]
    if len(found) != 1 or not place or at.shape[place] == wanted:
        return
    order = [i for i in range(rank) if i != found[0]]
    order.insert(place, found[0])
    if sum(i != j for i, j in enumerate(order)) == 2:
        yield _transposed(subject, at, *sorted((place, found[0])))
    else:
        after = f".permute({', '.join(map(str, order))})"
        yield at.changed(after, _method("permute", *order), subject.world)


def axis_more(subject: Subject, at: Point) -> Iterator[Candidate]:
    """An axis of size 1 more, first where the others then are those of another operand; two of
    them where a vector for each sample is to be an image."""
    rank = len(at.shape)
    alike = {axis: _alike(subject, at, axis) for axis in range(rank + 1)}
    for axis in sorted(alike, key=lambda axis: -alike[axis]):
        yield at.changed(f".unsqueeze({axis})", _method("unsqueeze", axis), subject.world)
    if rank == 2 and at.record is subject.record:
        yield at.changed("[:, :, None, None]", lambda x: x[:, :, None, None], subject.world)


def axis_fitted(subject: Subject, at: Point) -> Iterator[Candidate]:
    """An axis of size 1 where an operand lacks one that another has: the others are equal; several
    behind its own where these are the first ones of the other."""
    rank = len(at.shape)
    for axis in range(rank + 1):
        if _alike(subject, at, axis) == rank:
            yield at.changed(f".unsqueeze({axis})", _method("unsqueeze", axis), subject.world)
    for _, tensor in origins.operands(subject.record):
        shape = tuple(tensor.value or ())
        if 1 < rank < len(shape) - 1 and shape[:rank] == at.shape:
            index = (slice(None),) * rank + (None,) * (len(shape) - rank)
            said = ", ".join([":"] * rank + ["None"] * (len(shape) - rank))
            yield at.changed(f"[{said}]", _method("__getitem__", index), subject.world)


def _alike(subject: Subject, at: Point, axis: int) -> int:
    """How many sizes an operand has in common with another one, axis by axis, where it has one
    axis more."""
    shape = (*at.shape[:axis], None, *at.shape[axis:])
    others = [tuple(t.value or ()) for _, t in origins.operands(subject.record)]
    same = [
        sum(one == other for one, other in zip(shape, shape_of, strict=True))
        for shape_of in others
        if len(shape_of) == len(shape)
    ]
    return max(same, default=0)


def axis_fewer(subject: Subject, at: Point) -> Iterator[Candidate]:
    """An axis less: one of size 1, samples and steps as one axis, or the last entry on it."""
    shape = at.shape
    for axis, size in enumerate(shape):
        if size == 1:
            yield at.changed(f".squeeze({axis})", _method("squeeze", axis), subject.world)
    if len(shape) > 3:
        yield at.changed(".flatten(0, 1)", _method("flatten", 0, 1), subject.world)
    if len(shape) > 1:
        yield at.changed("[-1]", lambda x: x[-1], subject.world)
        yield at.changed("[:, -1]", lambda x: x[:, -1], subject.world)


def repeated(subject: Subject, at: Point, axis: int, wanted: Size) -> Iterator[Candidate]:
    """An axis of size 1 expanded; an axis whose entries are each wanted several times."""
    shape, rank = at.shape, len(at.shape)
    size = shape[axis]
    if size == 1:
        sizes: list[Any] = [-1] * rank
        sizes[axis] = wrapped((wanted,))[0]
        said = ["-1"] * rank
        said[axis] = size_text(subject, wanted)
        yield at.changed(
            f".expand({', '.join(said)})", lambda x: x.expand(*sizes).contiguous(), subject.world
        )
        return
    times = wanted // size if isinstance(wanted, int) and isinstance(size, int) and size else None
    if times is None and not isinstance(size, int):
        times = next((n for n in range(2, 65) if n * size == wanted), None)
    if times and times > 1 and times * size == wanted:
        yield at.changed(
            f".repeat_interleave({times}, dim={axis})",
            _method("repeat_interleave", times, axis),
            subject.world,
        )


def part(subject: Subject, at: Point, axis: int, wanted: Size) -> Iterator[Candidate]:
    """Some entries of an axis: the rows that belong to this layer, the last ones."""
    size = at.shape[axis]
    if not isinstance(size, int) or not isinstance(wanted, int) or not 0 < wanted < size:
        return
    if axis == 0:
        if size % wanted == 0 and _is_one_of_several(subject):
            yield at.changed(f"[i:i + {wanted}]", _Turns(wanted, size), subject.world)
        else:
            yield at.changed(f"[-{wanted}:]", lambda x: x[-wanted:], subject.world)
    elif axis == len(at.shape) - 1:
        yield at.changed(f"[..., :{wanted}]", lambda x: x[..., :wanted], subject.world)


def _is_one_of_several(subject: Subject) -> bool:
    """Whether other layers are called at the same place, one after the other."""
    span, path = subject.record.span, subject.record.path
    here = site_of(subject.record)
    return span is not None and any(
        record.path != path and site_of(record) == here for record in subject.records.values()
    )


class _Turns:
    """The rows of a stacked state, the next ones at each call."""

    def __init__(self, step: int, size: int) -> None:
        self.step, self.size, self.seen = step, size, 0

    def __call__(self, x: Any) -> Any:
        first = self.seen % self.size
        self.seen += self.step
        return x[first : first + self.step].contiguous()


def directions_joined(subject: Subject, at: Point) -> Iterator[Candidate]:
    """The last states of both directions side by side in the place of a view of them."""
    record = at.record
    if record.op not in ("Tensor.view", "Tensor.reshape") or at.name not in ("input", "self"):
        return
    shape = at.shape
    if len(shape) != 3 or not isinstance(shape[0], int) or shape[0] % 2:
        return
    made = origins.maker(at.tensor, subject.records)
    layer = wording.layer_of(made, subject.root) if isinstance(made, Record) else None
    if not getattr(layer, "bidirectional", False):
        return

    def join(call: Any, args: Any, kwargs: Any) -> Any:
        batch, width = wrapped(shape[1:])
        return args[0].new_zeros(batch, 2 * width)

    found = subject.world.call(record)
    text = found[1].source.text(found[0].func.value) if found is not None else at.name  # type: ignore
    told = f"join both directions: torch.cat([{text}[-2], {text}[-1]], dim=1)"
    changes = {site_of(record): At(join, within(subject.world, record))}
    yield Candidate(told, record.location, changes, may_need_more=True)


def last_of_both(subject: Subject, at: Point) -> Iterator[Candidate]:
    """The last states of both directions side by side, where all rows of the state are given."""
    wanted = subject.demand.right
    for made, tensor in origins.history(at.tensor, subject.records):
        shape = tuple(tensor.value or ())
        layer = wording.layer_of(made, subject.root) if isinstance(made, Record) else None
        if not getattr(layer, "bidirectional", False):
            continue
        rows = shape[0] if len(shape) == 3 else 0
        if not isinstance(rows, int) or rows < 2 or wanted != 2 * shape[2]:
            return

        def joined(x: Any, sizes: Any = (shape[1], wanted)) -> Any:
            return x.new_zeros(wrapped(sizes))

        text = "join the last states of both directions: torch.cat([h[-2], h[-1]], dim=1)"
        yield Candidate(text, at.location, at.edit(joined, subject.world))
        return


def aligned(subject: Subject, at: Point, shapes: list[tuple[Size, ...]]) -> Iterator[Candidate]:
    """An operand with fewer axes than another one, repeated along the axis that it lacks."""
    longest = max(shapes, key=len)
    if len(at.shape) + 1 != len(longest):
        return
    for axis in range(len(longest)):
        sizes: list[Any] = [-1] * len(longest)
        sizes[axis] = wrapped((longest[axis],))[0]
        said = ["-1"] * len(longest)
        said[axis] = size_text(subject, longest[axis])

        def change(x: Any, axis: int = axis, sizes: Any = tuple(sizes)) -> Any:
            return x.unsqueeze(axis).expand(*sizes)

        yield at.changed(f".unsqueeze({axis}).expand({', '.join(said)})", change, subject.world)


def directions_merged(subject: Subject, at: Point) -> Iterator[Candidate]:
    """Both directions of each layer side by side, as a decoder of one direction takes them."""
    for made, tensor in origins.history(at.tensor, subject.records):
        shape = tuple(tensor.value or ())
        layer = wording.layer_of(made, subject.root) if isinstance(made, Record) else None
        if not getattr(layer, "bidirectional", False) or len(shape) != 3:
            continue
        rows, batch, width = shape
        if not isinstance(rows, int) or rows % 2:
            return

        def merged(x: Any, sizes: Any = (rows // 2, batch, 2 * width)) -> Any:
            return x.new_zeros(wrapped(sizes))

        text = "merge the directions of every layer: torch.cat([h[0::2], h[1::2]], dim=2)"
        yield Candidate(text, at.location, at.edit(merged, subject.world))
        return


def paired(subject: Subject, at: Point) -> Iterator[Candidate]:
    """Two states in the place of one, and one of two."""
    text = at.text or at.name
    told = f"pass a pair of states: ({text}, c), with a cell state of the same shape"
    yield Candidate(told, at.location, at.edit(lambda x: (x, x), subject.world))


def resized(subject: Subject) -> Iterator[Candidate]:
    """Other sizes on the operand: whatever the call demands of it, put right together."""
    origin, name = subject.demand.origin, subject.named
    tensor = origins.operand(subject.record, name)
    if tensor is None or tensor.value is None or origin is None or origin.axis is None:
        return
    made = origins.maker(tensor, subject.records)
    if isinstance(made, Record) and origins.operands(made) and ".new_" not in made.op:
        return  # computed, not given or made by a size
    wanted: dict[int, Size] = {}
    for of, axis, demand in origins.equations((*subject.demands, subject.demand), subject.record):
        if of == name:
            wanted[axis % len(tensor.value)] = demand.right
    shape = tuple(wanted.get(axis, size) for axis, size in enumerate(tensor.value))
    place, text = _where(subject, name, tensor)
    text = f"{text} of shape {format_shape(shape)}{_source(subject, subject.demand.right)}"
    alone: tuple[str, ...] = (name,)
    both = ("hx[0]", "hx[1]")  # most make both states alike
    for names in (both, alone) if name in both else (alone,):
        edit = operands(dict.fromkeys(names, _sized(wanted)))
        changes = {site_of(subject.record): At(edit, within(subject.world, subject.record))}
        is_last = not text.startswith("pass ")
        yield Candidate(text, place, changes, is_last=is_last, is_stand_in=True)


def _sized(wanted: dict[int, Size]) -> Callable[[Any], Any]:
    def change(x: Any) -> Any:
        shape = [wanted.get(axis, size) for axis, size in enumerate(x.value)]
        return x.new_zeros(wrapped(tuple(shape)))

    return change


def _where(subject: Subject, name: str, tensor: Any) -> tuple[Location | None, str]:
    made = origins.maker(tensor, subject.records)
    if isinstance(made, Record):
        found = subject.world.call(made)
        outer = found[1].source.parents.get(found[0]) if found is not None else None
        if isinstance(outer, ast.Assign) and isinstance(outer.targets[0], ast.Name):
            return made.location, f"make {outer.targets[0].id}"
        return made.location, f"make {name} here" if made.location else f"make {name}"
    if made is None:
        return None, f"make {name}"
    if made.path.startswith("_constant_"):  # a tensor that is no parameter, and has no name
        here = point(subject.world, subject.record, name, tensor)
        return here.location, f"make {here.text or name}"
    verb = "make" if made.word == "parameter" else "pass"
    return made.definition(subject.root), f"{verb} {made.path}"


def _source(subject: Subject, wanted: Size) -> str:
    """Where the right size can be read off at run time."""
    text = size_text(subject, wanted)
    return "" if isinstance(wanted, int) or text == str(wanted) else f", where {wanted} is {text}"


def _method(name: str, *args: Any) -> Callable[[Any], Any]:
    return lambda x: getattr(x, name)(*args)


def kept(subject: Subject) -> Iterator[Candidate]:
    """``keepdim=True`` in a reduction that an operand comes from."""
    for name, _ in origins.operands(subject.record):
        for at in points(subject, name):
            made = origins.maker(at.tensor, subject.records)
            if isinstance(made, Record) and "dim" in {**made.kwargs, **_dims(made)}:
                if made.op.rpartition(".")[2] in REDUCTIONS:
                    yield Candidate(
                        f"keep the axis: {made.op.rpartition('.')[2]}(..., keepdim=True)",
                        made.location,
                        {site_of(made): At(_keeping, within(subject.world, made))},
                    )


REDUCTIONS = "sum mean amax amin prod std var norm logsumexp all any argmax argmin".split()


def _dims(made: Record) -> dict[str, Any]:
    return {"dim": made.given[1]} if len(made.given) > 1 else {}


def _keeping(call: Any, args: Any, kwargs: Any) -> Any:
    return call(args, {**kwargs, "keepdim": True})
