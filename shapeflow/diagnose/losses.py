"""Which operation lost, merged or swapped an axis that a result should have."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ..core.dims import Dim
from ..core.notation import format_shape
from ..core.shape import Shape
from ..ops import Value
from ..trace.recorder import Record
from . import origins
from .wording import spelled


def culprit(
    last: str, found: Shape, wanted: Shape, records: Mapping[str, Record]
) -> tuple[Record, str] | None:
    """The operation that is to blame for a result, and what it does, in words.

    Args:
        last: the node of the call that makes the result.
        found: its shape.
        wanted: the shape that was promised.
        records: the calls by node.

    Returns:
        None where no axis that was promised was there before.
    """
    missing = [size for size in _plain(wanted) if size not in found]
    for size in missing:
        for record in _back(last, records):
            for shape in _operands(record):
                made = _results(record)
                if size in shape and made and not any(size in result for result in made):
                    return record, _told(record, shape, made[0])
    if missing:
        return None
    order = [size for size in _plain(wanted) if size in found]
    if order == [size for size in _plain(found) if size in order]:
        return None
    for record in _back(last, records):
        for shape in _operands(record):
            for result in _results(record):
                if _ordered(order, shape) == order and _is_turned(order, result):
                    return record, _told(record, shape, result)
    return None


def _plain(shape: Shape) -> list[Dim]:
    """The sizes that are one symbol, each once."""
    plain = [d for d in shape if isinstance(d, Dim) and d.symbols == (str(d),)]
    return list(dict.fromkeys(plain))


def _ordered(sizes: Sequence[Dim], shape: Shape) -> list[Dim]:
    return [size for size in _plain(shape) if size in sizes]


def _is_turned(order: Sequence[Dim], shape: Shape) -> bool:
    """Whether a shape has all of these sizes in another order."""
    there = _ordered(order, shape)
    return len(there) == len(order) and there != list(order)


def _back(last: str, records: Mapping[str, Record]) -> Iterator[Record]:
    """The calls that a result is made by, the last one first."""
    place = {name: i for i, name in enumerate(records)}
    pending, seen = {last}, set()
    while pending:
        name = max(pending, key=lambda n: place.get(n, -1))
        pending.discard(name)
        if name not in records or name in seen:
            continue
        seen.add(name)
        record = records[name]
        yield record
        for _, tensor in origins.operands(record):
            made = origins.maker(tensor, records)
            if isinstance(made, Record):
                pending.add(made.node)


def _operands(record: Record) -> Iterator[Shape]:
    for _, tensor in origins.operands(record):
        if tensor.value is not None:
            yield tuple(tensor.value)


def _results(record: Record) -> list[Shape]:
    return [tuple(value) for value in _values(record.value or record.result)]


def _values(tree: Any) -> Iterator[Value]:
    if isinstance(tree, Value):
        yield tree
    elif isinstance(getattr(tree, "value", None), Value):
        yield tree.value
    elif isinstance(tree, tuple | list):
        for part in tree:
            yield from _values(part)


def _told(record: Record, shape: Shape, result: Shape) -> str:
    return f"{spelled(record)} makes {format_shape(result)} of {format_shape(shape)}"


__all__ = ["culprit"]
