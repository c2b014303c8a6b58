"""Views: how the factors of some axes fall into other axes, and whether they are torn apart."""

from __future__ import annotations

from collections.abc import Sequence

from ...core.dims import Dim, Size, floordiv, symbols_of
from ...core.shape import product
from .axes import NO_MARKS, Axis, Part, Root, one

MOST_PARTS = 8


def regrouped(axes: Sequence[Axis], sizes: Sequence[Size]) -> list[Axis] | None:
    """The axes of a view of these sizes, None where they cut through factors."""
    left = [(part, axis) for axis in reversed(axes) for part in reversed(axis.parts)]
    found: list[Axis] = []
    for size in sizes:
        if size == 1:
            found.append(one("view"))
            continue
        taken: list[tuple[Part, Axis]] = []
        count: Size = 1
        while count != size:
            if not left:
                return None
            part, axis = left.pop()
            if quotient(size, count * part.size) is not None:
                taken.append((part, axis))
                count = count * part.size
                continue
            needed = quotient(size, count)
            rest = quotient(part.size, needed) if needed is not None else None
            if needed is None or rest is None:
                return None
            taken.append((_piece(part, needed), axis))
            left.append((_piece(part, rest), axis))
            count = size
        found.append(_joined(taken, size))
    return None if left else found


def _joined(taken: Sequence[tuple[Part, Axis]], size: Size) -> Axis:
    parts = tuple(part for part, _ in taken)
    whole = taken[0][1]
    if all(axis is whole for _, axis in taken) and whole.size == size:
        return whole
    norms = [axis.marks["norm"] for _, axis in taken if "norm" in axis.marks]
    return Axis(parts, size, {"norm": norms[0]} if norms else NO_MARKS)


def _piece(part: Part, size: Size) -> Part:
    """A factor of a factor."""
    root = part.root
    return part if part.size == size else Part(Root("piece", f"a part of {root.words}"), size)


def quotient(a: Size, b: Size) -> Size | None:
    """a / b where b divides a whatever the symbols stand for."""
    if isinstance(a, int) and isinstance(b, int):
        return a // b if b and a % b == 0 else None
    if a is b:
        return 1
    if isinstance(a, int) or b == 0:
        return None
    whole = floordiv(a, b)
    return whole if whole * b == a else None


def torn(axes: Sequence[Axis], sizes: Sequence[Size]) -> tuple[int, ...] | None:
    """The order of the axes that a view of these sizes stood for, if it tears them apart.

    A view keeps the entries in their places in memory. It tears an axis apart where the sizes are
    those of the axes in another order, or where an axis of an input that may have any size comes
    out at the same size but with other neighbours. The result is empty where it does and no order
    of the axes gives the sizes. A view whose sizes do not have the product of the axes' is not
    judged: it is met at some sizes only, such as ``T = 1``, and its places are others there.
    """
    parts = [part for axis in axes for part in axis.parts]
    wanted = [size for size in sizes if size != 1]
    if len(parts) < 2 or len(parts) > MOST_PARTS or not all(map(_is_plain, (*wanted, *sizes))):
        return None
    if not all(_is_plain(part.size) for part in parts):
        return None
    symbols = [name for part in parts for name in symbols_of(part.size)]
    if len(set(symbols)) < len(symbols):  # as where each row is shifted by its place
        return None
    if product(part.size for part in parts) != product(wanted):
        return None
    order = _assigned(parts, wanted)
    if order is not None:
        if order == tuple(range(len(parts))):
            return None
        return order
    return () if any(_moved(parts, wanted, i) for i in range(len(parts))) else None


def _is_plain(size: Size) -> bool:
    """Whether a size is a product of symbols and a number."""
    if isinstance(size, int):
        return size >= 1
    return len(size.terms) == 1 and all(atom.kind == "symbol" for atom, _ in size.terms[0][0])


def _assigned(parts: Sequence[Part], wanted: Sequence[Size]) -> tuple[int, ...] | None:
    """Whole factors dealt out to the wanted sizes: their order, the least disturbed one."""

    def deal(free: tuple[int, ...], places: Sequence[Size]) -> tuple[int, ...] | None:
        if not places:
            return () if not free else None
        for chosen in _subsets(parts, free, places[0]):
            rest = deal(tuple(i for i in free if i not in chosen), places[1:])
            if rest is not None:
                return chosen + rest
        return None

    return deal(tuple(range(len(parts))), wanted)


def _subsets(parts: Sequence[Part], free: tuple[int, ...], size: Size) -> list[tuple[int, ...]]:
    """The sets of factors whose product is a size, those that come first foremost."""
    found: list[tuple[int, ...]] = []

    def grow(chosen: tuple[int, ...], start: int, left: Size) -> None:
        if left == 1 and chosen:
            found.append(chosen)
            return
        for k in range(start, len(free)):
            rest = quotient(left, parts[free[k]].size)
            if rest is not None:
                grow((*chosen, free[k]), k + 1, rest)

    grow((), 0, size)
    return found


def _moved(parts: Sequence[Part], wanted: Sequence[Size], index: int) -> bool:
    """Whether an input's axis of any size comes out whole with other neighbours."""
    part = parts[index]
    if not isinstance(part.size, Dim) or part.root.kind != "input":
        return False
    if sum(other.size is part.size for other in parts) != 1:
        return False
    places = [i for i, size in enumerate(wanted) if size is part.size]
    if len(places) != 1:
        return False
    before = product(other.size for other in parts[index + 1 :])
    return before != product(wanted[places[0] + 1 :])
