"""The largest and the smallest of several sizes."""

from __future__ import annotations

from . import dims
from .dims import Size


def maximum(*sizes: Size) -> Size:
    """The largest of the sizes."""
    return _extreme("max", sizes)


def minimum(*sizes: Size) -> Size:
    """The smallest of the sizes."""
    return _extreme("min", sizes)


def _extreme(kind: str, sizes: tuple[Size, ...]) -> Size:
    flat: list[Size] = []
    for size in sizes:
        inner = dims.sole_atom(size)
        flat.extend(inner.args if inner is not None and inner.kind == kind else (size,))
    flat = [size for size in flat if not _is_absorbed(size, flat, kind)]
    pick = max if kind == "max" else min
    kept: list[Size] = []
    for size in flat:
        for i, other in enumerate(kept):
            low, high = spread(size - other)
            if low is not None and high is not None and (low >= 0 or high <= 0):
                kept[i] = size if pick(low, high, 0) != 0 or low == high == 0 else other
                break
        else:
            kept.append(size)
    if len(kept) == 1:
        return kept[0]
    kept.sort(key=lambda size: (isinstance(size, int), str(size)))
    return dims.of_atom(dims.Atom(kind, "", tuple(kept)))


def spread(size: Size) -> tuple[int, int] | tuple[None, None]:
    """Bounds of a size that is a sum of remainders by numbers, as ``2 - (H + 1) % 2`` is; none of
    any other size. ``n * (a//n)`` is ``a`` less something in ``0..n-1``."""
    low = high = 0
    scale = 1
    while isinstance(size, dims.Dim):
        found = next(((m, c) for m, c in size.terms if _is_quotient(m)), None)
        if found is None:
            return None, None
        m, c = found
        numerator, n = m[0][0].args
        assert isinstance(n, int)
        ends = sorted((0, -c * (n - 1)))
        scale, low, high = scale * n, low * n + ends[0], high * n + ends[1]
        size = n * (size - dims.Dim((found,))) + c * numerator
    return -(-(size + low) // scale), (size + high) // scale


def _is_quotient(m: dims.Monomial) -> bool:
    """Whether a monomial is a quotient by a number."""
    if len(m) != 1 or m[0][1] != 1 or m[0][0].kind != "floordiv":
        return False
    return isinstance(m[0][0].args[1], int)


def _is_absorbed(size: Size, among: list[Size], kind: str) -> bool:
    """Whether others decide: ``max(T, min(T, 20))`` is T."""
    inner = dims.sole_atom(size)
    if inner is None or inner.kind != ("min" if kind == "max" else "max"):
        return False
    return any(other is not size and other in inner.args for other in among)
