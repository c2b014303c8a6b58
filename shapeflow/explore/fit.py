"""Expressions fitted through instances: what a size is as a function of the loop bounds.

Candidates are fitted through some instances and must hold at all the others.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import product
from typing import Any

from ..core import dims
from ..core.dims import Size

Point = Mapping[str, int]


class NoLaw(Exception):
    """The instances follow none of the known laws."""


def fit(points: Sequence[Point], sizes: Sequence[Size]) -> Size:
    """The expression in the symbols of ``points`` that gives ``sizes`` at them; NoLaw where none."""
    if all(size == sizes[0] for size in sizes[1:]):
        return sizes[0]
    at = [dims.substitute(size, point) for point, size in zip(points, sizes, strict=True)]
    for candidate in _candidates(points, at, sizes):
        if all(
            dims.substitute(candidate, point) == size for point, size in zip(points, at, strict=True)
        ):
            return candidate
    raise NoLaw


def _candidates(points: Sequence[Point], at: Sequence[Size], sizes: Sequence[Size]) -> Iterator[Size]:
    yield from dict.fromkeys(sizes)
    names = sorted({name for point in points for name in point})
    yield from _multilinear(points, at, names)
    if len(names) == 1:
        yield from _single(points, at, dims.symbol(names[0]), names[0])


def _multilinear(points: Sequence[Point], at: Sequence[Size], names: list[str]) -> Iterator[Size]:
    """Interpolation through the corners of a box of instances."""
    corners = {name: sorted({point[name] for point in points})[-2:] for name in names}
    if any(len(values) < 2 for values in corners.values()) or len(names) > 3:
        return
    table = {tuple(point[name] for name in names): size for point, size in zip(points, at, strict=True)}
    total: Size = 0
    for chosen in product(*(range(2) for _ in names)):
        corner = tuple(corners[name][i] for name, i in zip(names, chosen, strict=True))
        if corner not in table:
            return
        weight: Size = table[corner]
        scale = 1
        for name, i in zip(names, chosen, strict=True):
            low, high = corners[name]
            weight = weight * ((dims.symbol(name) - low) if i else (high - dims.symbol(name)))
            scale *= high - low
        total = total + weight * _full_scale(corners, scale)
    scale = 1
    for low, high in corners.values():
        scale *= high - low
    quotient, rest = dims.divide(total, scale) if isinstance(total, dims.Dim) else divmod(total, scale)
    if rest == 0:
        yield quotient


def _full_scale(corners: Mapping[str, Any], scale: int) -> int:
    full = 1
    for low, high in corners.values():
        full *= high - low
    return full // scale


def _single(points: Sequence[Point], at: Sequence[Size], symbol: dims.Dim, name: str) -> Iterator[Size]:
    """Laws in one symbol: floors of its parts, squares, and those clamped at a constant."""
    by = sorted((point[name], size) for point, size in zip(points, at, strict=True) if isinstance(size, int))
    if len(by) < len(points):
        return
    last, value = by[-1]
    for d in (2, 3, 4, 8):
        for c in range(-d, 2 * d):
            for a in (1, 2, 3):
                law = dims.floordiv(a * symbol + c, d)
                yield law + value - dims.substitute(law, {name: last})
    square = symbol * symbol
    for law in (square, dims.floordiv(square + symbol, 2), dims.floordiv(square - symbol, 2)):
        yield law + value - dims.substitute(law, {name: last})
    for k in range(0, 6):
        yield dims.maximum(symbol - k, by[0][1])
        yield dims.minimum(symbol - k, by[-1][1])


def fit_tree(points: Sequence[Point], trees: Sequence[Any]) -> Any:
    """``fit`` on every size of trees of shapes of the same structure."""
    first = trees[0]
    if isinstance(first, int | dims.Dim) and not isinstance(first, bool):
        if any(isinstance(tree, tuple | list | dict | str | type(None)) for tree in trees):
            raise NoLaw
        return fit(points, trees)
    if any(type(tree) is not type(first) for tree in trees):
        raise NoLaw
    if isinstance(first, dict):
        if any(tree.keys() != first.keys() for tree in trees):
            raise NoLaw
        return {key: fit_tree(points, [tree[key] for tree in trees]) for key in first}
    if isinstance(first, tuple | list):
        if any(len(tree) != len(first) for tree in trees):
            raise NoLaw
        return type(first)(fit_tree(points, parts) for parts in zip(*trees, strict=True))
    if any(tree != first for tree in trees):
        raise NoLaw
    return first
