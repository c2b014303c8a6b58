"""Which repairs are tried for which kind of fault, the likeliest first."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from fractions import Fraction
from typing import Any

from ...core.dims import Size
from .. import origins
from . import calls, joins, layers, shortcuts, tensors, views
from .point import Candidate, Point, Subject, points


def candidates(subject: Subject) -> Iterator[Candidate]:
    """Repairs to try, the likeliest first."""
    family = FAMILIES.get(subject.code)
    if family is not None:
        yield from family(subject)


def _points(subject: Subject) -> list[Point]:
    """The operands concerned, each with what it was made from."""
    names = [subject.named] if subject.named else []
    names += [n for n, _ in origins.operands(subject.record) if n not in (*names, "weight", "bias")]
    names = [n for n in names if n != "hx[1]" or "hx[0]" not in names]  # which changes with it
    return [point for name in names for point in points(subject, name)]


def _own(subject: Subject) -> list[Point]:
    """The operand that a requirement names."""
    return list(points(subject, subject.named))[:1]


def _axis(subject: Subject) -> int | None:
    return subject.demand.origin.axis if subject.demand.origin else None


def _is_given(subject: Subject) -> bool:
    """Whether a size that does not fit is one of an input's, which no layer made."""
    return any(subject.demand.left in shape for shape in subject.inputs.values())


def _features(subject: Subject) -> Iterator[Candidate]:
    wanted = subject.demand.right
    yield from layers.divided(subject, subject.named, wanted)
    for at in _own(subject):
        yield from tensors.last_of_both(subject, at)
        yield from joins.joined_to(subject, at, _axis(subject), wanted)
        if (axis := _axis(subject)) is not None and _is_given(subject):
            yield from tensors.axis_moved(subject, at, axis, wanted)
    yield from layers.constructor(subject)
    yield from layers.other_order(subject)
    yield from layers.producer(subject)
    for at in _points(subject):
        if at.record is subject.record and len(at.shape) > 2:
            axis = _axis(subject) if at.name == subject.named else None
            yield from tensors.axes_swapped(subject, at, axis, wanted)
    yield from calls.numbers_behind(subject, subject.named, wanted)
    yield from tensors.resized(subject)


def _hidden(subject: Subject) -> Iterator[Candidate]:
    yield from calls.numbers_behind(subject, subject.named, subject.demand.right)
    for at in _own(subject):
        yield from tensors.directions_merged(subject, at)
    yield from layers.constructor(subject)
    yield from layers.producer(subject)
    yield from tensors.resized(subject)


def _layers(subject: Subject) -> Iterator[Candidate]:
    wanted = subject.demand.right
    explicit = layers.is_explicit(subject, "num_layers", "bidirectional")
    if not explicit:
        yield from layers.constructor(subject)
    yield from calls.numbers_behind(subject, subject.named, wanted)
    for at in _own(subject):
        yield from tensors.directions_merged(subject, at)
        yield from tensors.part(subject, at, 0, wanted)
        yield from tensors.axes_swapped(subject, at, 0, wanted)
    if explicit:
        yield from layers.constructor(subject)
    yield from tensors.resized(subject)


def _batch(subject: Subject) -> Iterator[Candidate]:
    axis, wanted = _axis(subject), subject.demand.right
    if not layers.is_explicit(subject, "batch_first"):
        yield from layers.other_order(subject)
    if axis is not None:
        yield from calls.numbers_behind(subject, subject.named, wanted, in_call=True)
    for at in _own(subject):
        if axis is not None and at.shape:
            place = axis % len(at.shape)
            yield from tensors.undone(subject, at)
            yield from tensors.axes_swapped(subject, at, axis, wanted)
            yield from tensors.repeated(subject, at, place, wanted)
    yield from layers.other_order(subject)
    yield from tensors.resized(subject)


def _rank(subject: Subject) -> Iterator[Candidate]:
    found = _points(subject)
    if subject.code == "structure":
        for at in _own(subject):
            yield from tensors.paired(subject, at)
    for at in found:
        yield from tensors.undone(subject, at)
    near = [at for at in found if at.record is subject.record]
    for at in [*near, *(at for at in found if at not in near)]:
        rank = len(at.shape)
        if rank <= 2:
            yield from tensors.axis_more(subject, at)
            yield from tensors.axis_fewer(subject, at)
        else:
            yield from tensors.axis_fewer(subject, at)
            yield from tensors.axis_more(subject, at)


def _loss(subject: Subject) -> Iterator[Candidate]:
    scores = next(iter(points(subject, "input")), None)
    if scores is not None and len(scores.shape) > 2:
        last = len(scores.shape) - 1
        yield scores.changed(f".transpose(1, {last})", _transposed(last), subject.world)
        yield from calls.flattened(subject, scores)
    for at in _points(subject):
        yield from tensors.directions_joined(subject, at)
    for at in [p for p in _points(subject) if p.record is subject.record]:
        yield from tensors.axis_fewer(subject, at)
        yield from tensors.axes_swapped(subject, at)
    yield from tensors.resized(subject)


def _transposed(last: int) -> Callable[[Any], Any]:
    return lambda x: x.transpose(1, last)


def _join(subject: Subject) -> Iterator[Candidate]:
    axis = _axis(subject)
    near = [p for p in _points(subject) if p.record is subject.record]
    sizes = [size for p in near if (size := calls.size_along(p.shape, axis)) is not None]
    usual = max(sizes, key=sizes.count) if sizes else None
    odd = [p for p in near if usual is None or calls.size_along(p.shape, axis) != usual]
    for at in near:
        yield from tensors.aligned(subject, at, [p.shape for p in near])
    for at in odd:
        yield from tensors.undone(subject, at)
        yield from tensors.axes_swapped(subject, at, axis, usual)
        if axis is not None and calls.size_along(at.shape, axis) is not None and usual is not None:
            yield from tensors.repeated(subject, at, axis, usual)
    yield from joins.joined(subject)
    yield from _strided(subject, (subject.demand.left, subject.demand.right))
    for at in odd:
        yield from layers.windows(subject, at.tensor)
    yield from tensors.resized(subject)


def _broadcast(subject: Subject) -> Iterator[Candidate]:
    demand = subject.demand.options[0] if subject.demand.options else subject.demand
    sizes = (demand.left, demand.right)
    near = [p for p in _points(subject) if p.record is subject.record]
    yield from tensors.kept(subject)
    for at in near:
        yield from tensors.axis_fitted(subject, at)
    for name, _ in origins.operands(subject.record):
        for wanted in sizes:
            yield from calls.numbers_behind(subject, name, wanted)
    unlike = [
        (name, wanted)
        for name, tensor in origins.operands(subject.record)
        for wanted in sizes
        if wanted not in tuple(tensor.value or ())
    ]
    for name, wanted in unlike:
        yield from layers.divided(subject, name, wanted)
    for name, wanted in unlike:
        yield from layers.producer(subject, name, wanted)
    yield from _strided(subject, sizes)
    yield from shortcuts.projected(subject, near)
    for at in near:
        yield from tensors.undone(subject, at)
    for at in near:
        yield from layers.windows(subject, at.tensor)
    for at in sorted(_points(subject), key=lambda p: not p.is_handed_on):
        yield from tensors.axes_fitted(subject, at)


def _strided(subject: Subject, sizes: tuple[Size, ...]) -> Iterator[Candidate]:
    """Another stride for a convolution, such that its result is as small as the other operand, or
    not smaller."""
    for size, wanted in itertools.permutations(sizes):
        if isinstance(size, int) and isinstance(wanted, int) and min(size, wanted) > 1:
            for _, tensor in origins.operands(subject.record):
                if size in tuple(tensor.value or ()):
                    yield from layers.strided(subject, tensor, Fraction(size, wanted))


def _elements(subject: Subject) -> Iterator[Candidate]:
    for at in _own(subject) or list(points(subject, "input"))[:1]:
        yield from tensors.directions_joined(subject, at)
    yield from views.sizes_of_view(subject)
    if (width := views.width_of_view(subject)) is not None:
        yield from layers.producer(subject, "input", width)
    yield from calls.nearby_numbers(subject)


def _index(subject: Subject) -> Iterator[Candidate]:
    wanted = subject.demand.left if subject.demand.kind == "at_least" else subject.demand.right
    for name, _ in origins.operands(subject.record):
        yield from calls.numbers_behind(subject, name, wanted)
    yield from calls.nearby_numbers(subject)
    yield from _rank(subject)


def _matmul(subject: Subject) -> Iterator[Candidate]:
    yield from layers.constructor(subject)
    yield from calls.swapped(subject)
    for at in [p for p in _points(subject) if p.record is subject.record]:
        yield from tensors.axes_swapped(subject, at)
    yield from calls.parameters_sized(subject)
    yield from tensors.resized(subject)


def _size(subject: Subject) -> Iterator[Candidate]:
    yield from calls.as_padding(subject)
    if subject.demand.kind == "equal" and subject.named:
        yield from calls.numbers_behind(subject, subject.named, subject.demand.right)
        yield from layers.constructor(subject)
        for at in _own(subject):
            yield from tensors.axes_swapped(subject, at, _axis(subject), subject.demand.right)
        yield from tensors.resized(subject)


FAMILIES: dict[str, Callable[[Subject], Iterator[Candidate]]] = {
    "features": _features,
    "hidden": _hidden,
    "layers": _layers,
    "batch": _batch,
    "rank": _rank,
    "structure": _rank,
    "expand": _rank,
    "axis": _rank,
    "loss": _loss,
    "join": _join,
    "broadcast": _broadcast,
    "elements": _elements,
    "size": _size,
    "layout": views.reshaped,
    "index": _index,
    "matmul": _matmul,
    "dtype": calls.dtypes,
    "packed": calls.packing,
}
"""By what kind of requirement failed: the repairs that help with it."""
