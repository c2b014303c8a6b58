"""Repairs for a call that is handed what is no tensor: the pair of a recurrent layer, a packed
sequence."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ...core.constraint import Location
from ...trace.edits import At, is_packed, result, site_of, unpacked
from ...trace.record import Record
from ...trace.run import Raised
from ..code.scope import World
from ..code.sites import entry
from ..trail import Trail
from .point import Candidate, within

MOST = 4


def of_exception(world: World, raised: Raised, found: Trail) -> Iterator[Candidate]:
    """Another result for the layers that a failing call depends on, the last first."""
    for record in _suspects(world, raised, found):
        path = record.path or "the layer"
        given = record.result
        if not isinstance(given, tuple) or not given:
            continue
        edit: Any
        place: Location | None = record.location
        if is_packed(given[0]):
            first = bool(getattr(record.function, "batch_first", False))
            edit = unpacked(first)
            text = f"unpack the output of {path}: pad_packed_sequence(out, batch_first={first})[0]"
        else:
            edit = result(lambda pair: pair[0])
            inside = within(world, record) is not None
            place = entry(world, record.path) if inside else place
            text = f"take the output of {path} alone, {path}(...)[0]"
            if inside:
                text = f"wrap {path} in a module that returns its output alone, rnn(x)[0]"
        yield Candidate(text, place, {site_of(record): At(edit, within(world, record))})


def _suspects(world: World, raised: Raised, found: Trail) -> list[Record]:
    """The calls that a failing one depends on, as far as the source shows, the last first."""
    lines = {
        (step.location.file, step.location.line) for _, steps in found.operands for step in steps
    }
    near = []
    for records in world.calls.values():
        for record in records:
            place = record.location
            same = raised.span is not None and record.span is not None and place is not None
            if place is None or not same:
                continue
            if (place.file, place.line) in lines or place == raised.location:
                near.append(record)
    return near[::-1][:MOST]
