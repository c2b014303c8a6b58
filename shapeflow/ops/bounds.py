"""Places along an axis: bounds of slices, and how many entries lie between two."""

from __future__ import annotations

from ..core import constraint, dims
from ..core.dims import Dim, Size
from ..core.shape import product
from .call import Call
from .counts import positive
from .ranges import extremes
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
    call: Call,
    index: Value,
    n: Size,
    of: str = "input",
    axis: int | None = None,
    from_end: bool = False,
    room: str = "the size of its axis",
    entries: Size = 1,
) -> None:
    """Demands that the entries of an index tensor, where they are known, lie in an axis of size n.

    ``from_end`` tells whether negative ones count from the end, ``room`` what n is called, and
    ``entries`` how many there are, where none is looked at if there are none.
    """
    found = extremes(index.known)
    if found is None:
        return
    high, low = found.high, found.low
    because = f"an index must be at least 0 and below {room}"
    needs = [constraint.at_least(n, high + 1), constraint.at_least(low, 0)]
    if from_end:
        because = "an index must lie inside its axis"
        needs = [needs[0], constraint.at_least(high + n, 0), constraint.at_least(low + n, 0)]
    empty = [constraint.equal(count, 0) for count in (product(index), entries)]
    empty = [relation for relation in empty if call.settled(relation) is not False]
    for need in needs:
        need = constraint.any_of([*empty, need]) if empty else need
        call.require(need, because, kind="index", of=of, axis=axis)


def nonempty(call: Call, n: Size, chosen: Size, of: str = "input") -> None:
    """Demands that an axis has an entry where any is chosen."""
    if positive(call, n):
        return
    options = [constraint.at_least(n, 1), constraint.equal(chosen, 0)]
    if any(isinstance(o.left, int) and o.at({}) for o in options):
        return
    open_ = [o for o in options if isinstance(o.left, Dim)]
    because = "an empty axis has no entries to select"
    call.require(constraint.any_of(open_), because, kind="index", of=of)
