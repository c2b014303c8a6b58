"""Places along an axis: bounds of slices, and how many entries lie between two."""

from __future__ import annotations

from collections.abc import Iterator

from ..core import constraint, dims
from ..core.dims import Dim, Size
from ..core.shape import product
from .call import Call
from .entries import Permutation
from .value import Value


def is_negative(call: Call, place: Size) -> bool:
    """Whether a place counts from the end; forks the path where that is open."""
    if isinstance(place, int):
        return place < 0
    return not call.holds(constraint.at_least(place, 0))


def smaller(call: Call, a: Size, b: Size) -> Size:
    """The smaller of two sizes, as simple as the facts allow."""
    if call.settled(constraint.at_least(b, a)) is True:
        return a
    return b if call.settled(constraint.at_least(a, b)) is True else dims.minimum(a, b)


def larger(call: Call, a: Size, b: Size) -> Size:
    """The larger of two sizes, as simple as the facts allow."""
    if call.settled(constraint.at_least(a, b)) is True:
        return a
    return b if call.settled(constraint.at_least(b, a)) is True else dims.maximum(a, b)


def bound(call: Call, place: Size, n: Size) -> Size:
    """The place from 0 to ``n`` that a bound of a slice means."""
    if is_negative(call, place):
        return larger(call, place + n, 0)
    return smaller(call, place, n)


def distance(call: Call, start: Size, stop: Size) -> Size:
    """How many entries lie from ``start`` up to ``stop``; none where it comes first."""
    return larger(call, stop - start, 0)


def span(call: Call, start: Size | None, stop: Size | None, step: int, n: Size) -> Size:
    """How many entries of ``n`` a slice takes."""
    first: Size = 0 if start is None else bound(call, start, n)
    if stop is None and isinstance(start, Dim | int) and is_negative(call, start):
        count = smaller(call, -start, n)
    else:
        last = n if stop is None else bound(call, stop, n)
        count = distance(call, first, last)
    return -dims.floordiv(-count, step)


def inside(call: Call, index: Size, n: Size, of: str = "input", axis: int | None = None) -> None:
    """Demands that an index is one of an axis of size ``n``, counted from either end."""
    because = "an index must lie inside its axis"
    if isinstance(index, Dim) or index >= 0:
        call.at_least(n, index + 1, because, kind="index", of=of, axis=axis)
    if isinstance(index, Dim) or index < 0:
        call.at_least(n, -index, because, kind="index", of=of, axis=axis)


def all_inside(
    call: Call, index: Value, n: Size, of: str = "input", axis: int | None = None
) -> None:
    """The same for every entry of an index tensor, where they are known."""
    if isinstance(index.known, Permutation):  # of 0, 1, .., so the largest is one of them
        inside(call, product(index) - 1, n, of, axis)
    entries = [i for i in _numbers(index.known) if not isinstance(i, bool)]
    if entries:
        inside(call, max(entries), n, of, axis)
        inside(call, min(entries), n, of, axis)


def _numbers(known: object) -> Iterator[int]:
    if isinstance(known, list | tuple):
        for item in known:
            yield from _numbers(item)
    elif isinstance(known, int):
        yield known
