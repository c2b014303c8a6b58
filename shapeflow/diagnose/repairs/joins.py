"""Repairs of a join: another axis to join along."""

from __future__ import annotations

from collections.abc import Iterator

from ...core.dims import Size
from ...core.shape import total
from ...trace.edits import arguments, renamed
from ...trace.record import Record
from ...trace.replay import tensors_in
from .. import origins
from .calls import at, size_along
from .point import Candidate, Point, Subject


def joined(subject: Subject) -> Iterator[Candidate]:
    """Another axis to join along."""
    record = subject.record
    if not _is_join(record):
        return
    tensors = list(tensors_in(record.args))
    rank = min((len(t.value or ()) for t in tensors), default=0)
    known = origins.argument(record, 1, "dim", 0)
    for axis in range(rank):
        if axis not in (known, known + rank):
            yield from _joined_along(subject, record, axis)


def joined_to(
    subject: Subject, point: Point, axis: int | None, wanted: Size
) -> Iterator[Candidate]:
    """Another axis to join along where that gives an operand the size that is wanted."""
    made = origins.maker(point.tensor, subject.records)
    if not isinstance(made, Record) or not _is_join(made) or axis is None:
        return
    shapes = [tuple(tensor.value or ()) for tensor in tensors_in(made.args)]
    sizes = [size for shape in shapes if (size := size_along(shape, axis)) is not None]
    if len(sizes) == len(shapes) and total(sizes) == wanted:
        yield from _joined_along(subject, made, axis % len(point.shape))


def _is_join(record: Record) -> bool:
    return record.op.endswith(("cat", "concat", "concatenate"))


def _joined_along(subject: Subject, record: Record, axis: int) -> Iterator[Candidate]:
    edit = arguments(axis, 1) if len(record.given) > 1 else renamed("", dim=axis)
    text = f"join along another axis: dim={axis}"
    yield Candidate(text, record.location, at(subject, record, edit))
