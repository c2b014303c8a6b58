"""Laws fitted through instances: what a size is as a function of the loop bounds.

A law is fitted through some of the instances and must hold at all of them; where the instances
leave more than one law open, another instance is asked for that tells them apart.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import product
from math import prod
from typing import Any

from ..core import dims
from ..core.constraint import Constraint
from ..core.dims import Size

Point = Mapping[str, int]
LEAST = 3
"""Numbers of a symbol that a law needs at least: two for the fit, one for the check."""
HORIZON = 40
"""How far two laws are compared before they count as the same."""


class NoLaw(Exception):
    """The instances follow none of the known laws."""


class Ambiguous(Exception):
    """The instances follow several laws; another one, at ``number``, tells them apart."""

    def __init__(self, name: str, number: int) -> None:
        super().__init__(f"{name} = {number} is needed")
        self.name, self.number = name, number


class Fitter:
    """Finds laws in the symbols that were given numbers.

    Attributes:
        points: the numbers that the symbols had, one mapping for each instance.
        symbols: the symbols themselves, by name.
        bounds: sizes that Python asked for as numbers; lengths are likely linear in them.
    """

    def __init__(
        self, points: Sequence[Point], symbols: Mapping[str, dims.Dim], bounds: Iterable[Size] = ()
    ) -> None:
        self.points, self.symbols = points, symbols
        self.bounds = [b for b in dict.fromkeys(bounds) if set(dims.symbols_of(b)) <= set(symbols)]

    def fit(self, sizes: Sequence[Size]) -> Size:
        """The expression that gives ``sizes`` at the points.

        Raises:
            NoLaw: no known law gives the sizes.
            Ambiguous: several do, and another instance is needed.
        """
        if all(size == sizes[0] for size in sizes[1:]):
            return sizes[0]
        at = [dims.substitute(size, p) for p, size in zip(self.points, sizes, strict=True)]
        for candidate in self.likely(at, sizes):
            if self.gives(candidate, at):
                return candidate
        if len(self.symbols) != 1:
            raise NoLaw
        return self.only_one(at)

    def gives(self, law: Size, at: Sequence[Size]) -> bool:
        """Whether a law is met at all points."""
        pairs = zip(self.points, at, strict=True)
        return all(dims.substitute(law, p) == size for p, size in pairs)

    def likely(self, at: Sequence[Size], sizes: Sequence[Size]) -> Iterator[Size]:
        """The usual laws: the size as it stands at one instance, and linear ones."""
        yield from dict.fromkeys(sizes)
        yield from self.multilinear(at)
        for bound in self.bounds:
            yield from self.linear_in(bound, at)

    def linear_in(self, bound: Size, at: Sequence[Size]) -> Iterator[Size]:
        """The law ``a*bound + b`` through two instances."""
        values = [dims.evaluate(bound, point) for point in self.points]
        low, high = min(values), max(values)
        if high > low:
            first, last = at[values.index(low)], at[values.index(high)]
            slope, rest = _divided(last - first, high - low)
            if rest == 0:
                yield slope * (bound - low) + first

    def multilinear(self, at: Sequence[Size]) -> Iterator[Size]:
        """Interpolation through the corners of a box of instances."""
        names = list(self.symbols)
        corners = {name: sorted({point[name] for point in self.points})[-2:] for name in names}
        if any(len(values) < 2 for values in corners.values()) or len(names) > 3:
            return
        places = [tuple(point[name] for name in names) for point in self.points]
        table = dict(zip(places, at, strict=True))
        total: Size = 0
        for corner in product(*(corners[name] for name in names)):
            if corner not in table:
                return
            weight: Size = table[corner]
            for name, number in zip(names, corner, strict=True):
                low, high = corners[name]
                symbol = self.symbols[name]
                weight = weight * (symbol - low if number == high else high - symbol)
            total = total + weight
        quotient, rest = _divided(total, prod(high - low for low, high in corners.values()))
        if rest == 0:
            yield quotient

    def only_one(self, at: Sequence[Size]) -> Size:
        """The one law in a symbol among the rarer kinds."""
        ((name, symbol),) = self.symbols.items()
        by = sorted(
            (p[name], size) for p, size in zip(self.points, at, strict=True) if isinstance(size, int)
        )
        if len(by) < len(self.points):
            raise NoLaw
        found = list(dict.fromkeys(law for law in _rare(by, symbol, name) if self.gives(law, at)))
        if not found:
            raise NoLaw
        for other in found[1:]:
            for number in range(1, by[-1][0] + HORIZON):
                sizes = {name: number}
                if dims.evaluate(found[0], sizes) != dims.evaluate(other, sizes):
                    raise Ambiguous(name, number)
        return found[0]

    def tree(self, trees: Sequence[Any]) -> Any:
        """``fit`` on every size of trees of shapes of the same structure."""
        first = trees[0]
        if isinstance(first, int | dims.Dim) and not isinstance(first, bool):
            if any(isinstance(t, bool) or not isinstance(t, int | dims.Dim) for t in trees):
                raise NoLaw
            return self.fit(trees)
        if any(type(tree) is not type(first) for tree in trees):
            raise NoLaw
        if isinstance(first, dict):
            if any(tree.keys() != first.keys() for tree in trees):
                raise NoLaw
            return {key: self.tree([tree[key] for tree in trees]) for key in first}
        if isinstance(first, tuple | list):
            if any(len(tree) != len(first) for tree in trees):
                raise NoLaw
            return type(first)(self.tree(parts) for parts in zip(*trees, strict=True))
        if any(tree != first for tree in trees):
            raise NoLaw
        return first

    def relation(self, column: Sequence[Constraint]) -> Constraint:
        """``fit`` on both sides of relations of the same kind."""
        first = column[0]
        if any(c.kind != first.kind for c in column):
            raise NoLaw
        if first.options:
            if any(len(c.options) != len(first.options) for c in column):
                raise NoLaw
            rows = zip(*(c.options for c in column), strict=True)
            options = tuple(self.relation(row) for row in rows)
            return Constraint(first.kind, options=options, origin=first.origin)
        left, right = self.fit([c.left for c in column]), self.fit([c.right for c in column])
        return Constraint(first.kind, left, right, origin=first.origin)


def _divided(size: Size, number: int) -> tuple[Size, Size]:
    return divmod(size, number) if isinstance(size, int) else dims.divide(size, number)


def _rare(by: Sequence[tuple[int, int]], symbol: dims.Dim, name: str) -> Iterator[Size]:
    """Laws in one symbol: floors of its parts, squares, and those clamped at a constant."""
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
        yield dims.minimum(symbol - k, value)


__all__ = ["LEAST", "Ambiguous", "Fitter", "NoLaw", "Point"]
