"""Repairs of a view: reshape in its place, other numbers, another width before it."""

from __future__ import annotations

from collections.abc import Iterator
from math import prod
from typing import Any

from ...core.dims import Dim, Size
from ...trace.conjugates import is_pending
from ...trace.edits import arguments, renamed
from ...trace.sizes import unwrap
from .calls import at, number
from .point import Candidate, Subject, points

VIEWS = ("Tensor.view", "Tensor.reshape", "torch.reshape")


def reshaped(subject: Subject) -> Iterator[Candidate]:
    """``reshape`` in the place of ``view``, which memory does not allow, or ``resolve_conj``."""
    record = subject.record
    if any(map(is_pending, record.args[:1])):
        for point in list(points(subject, "input"))[:1]:
            yield point.changed(".resolve_conj()", _resolved, subject.world)
    elif record.op == "Tensor.view":
        text = "use reshape in the place of view, which copies where it must"
        yield Candidate(text, record.location, at(subject, record, renamed("reshape")))
        for point in list(points(subject, "input"))[:1]:
            yield point.changed(".contiguous()", lambda x: x.contiguous(), subject.world)


def _resolved(x: Any) -> Any:
    return x.resolve_conj().resolve_neg()


def sizes_of_view(subject: Subject) -> Iterator[Candidate]:
    """Other numbers in a view: those that the tensor has, or -1."""
    record = subject.record
    if record.op not in VIEWS or not record.given:
        return
    value = getattr(record.given[0], "value", None)
    if value is None:
        return
    given: list[Any] = [unwrap(item) for item in record.given[1:]]
    for position, item in enumerate(given):
        if type(item) is not int or item in (-1, 1):
            continue
        for wanted in _fitting(value, given, position):
            yield from number(subject, record, position + 1, item, wanted)
    for position, item in enumerate(given):
        if item in tuple(value):
            continue  # an axis of the tensor stays that axis
        if not any(type(g) is int and g == -1 for g in given) and isinstance(item, int | Dim):
            text = f"write -1 for the size of axis {position}"
            yield Candidate(text, record.location, at(subject, record, arguments(-1, position + 1)))


def width_of_view(subject: Subject) -> Size | None:
    """How wide the rows would have to be that a view gives several axes; None where it does not."""
    record = subject.record
    shape = tuple(getattr(record.given[0], "value", None) or ()) if record.given else ()
    sizes = [unwrap(item) for item in record.given[2:]]
    if record.op not in VIEWS or len(shape) != 2 or not sizes:
        return None
    return prod(sizes) if all(type(size) is int and size > 0 for size in sizes) else None


def _fitting(value: tuple[Size, ...], given: list[Any], position: int) -> list[int]:
    """Numbers that would fit in a view at a position, the likeliest first."""
    fixed = 1
    for size in value:
        fixed *= size if isinstance(size, int) else 1
    others = 1
    for place, size in enumerate(given):
        if place != position and isinstance(size, int) and size > 0:
            others *= size
    if not others or fixed % others or fixed // others < 1:
        return []
    rest, actual = fixed // others, given[position]
    if not any(type(size) is int and size == -1 for size in given):
        return [rest]
    divisors = [n for n in range(2, min(rest, 2 * actual + 1)) if rest % n == 0]
    return [*sorted(divisors, key=lambda n: abs(n - actual))[:2], rest]
