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
            difference = size - other
            if isinstance(difference, int):
                kept[i] = size if pick(difference, 0) == difference else other
                break
        else:
            kept.append(size)
    if len(kept) == 1:
        return kept[0]
    kept.sort(key=lambda size: (isinstance(size, int), str(size)))
    return dims.of_atom(dims.Atom(kind, "", tuple(kept)))


def _is_absorbed(size: Size, among: list[Size], kind: str) -> bool:
    """Whether others decide: ``max(T, min(T, 20))`` is T."""
    inner = dims.sole_atom(size)
    if inner is None or inner.kind != ("min" if kind == "max" else "max"):
        return False
    return any(other is not size and other in inner.args for other in among)
