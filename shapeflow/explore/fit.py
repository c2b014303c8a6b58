"""Laws fitted through instances: what a size is as a function of the loop bounds.

A law is fitted through some of the instances and must hold at all of them; where the instances
leave more than one law open, another instance is asked for that tells them apart.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import product
from math import lcm, prod
from typing import Any

from ..core import dims
from ..core.constraint import Constraint
from ..core.dims import Size

Point = Mapping[str, int]
LEAST = 3
"""Numbers of a symbol that a law needs at least: two for the fit, one for the check."""
MANY = 7
"""Numbers that a law of a rarer kind needs."""
USUAL = (2, 3, 4, 8)
"""By what floors divide that are looked for."""
FURTHER = (5, 6, 7, 9, 10, 12, 16)
"""By what they divide where several steps were seen."""
FAR = 1000
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
        with_rare: whether laws of the rarer kinds are looked for.
    """

    def __init__(
        self,
        points: Sequence[Point],
        symbols: Mapping[str, dims.Dim],
        bounds: Iterable[Size] = (),
        with_rare: bool = True,
    ) -> None:
        self.points, self.symbols, self.with_rare = points, symbols, with_rare
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
        found = [law for law in dict.fromkeys(self.likely(at, sizes)) if self.gives(law, at)]
        if not found:
            found = list(self.through_floors(at))
        if not found and self.with_rare and len(self.symbols) == 1:
            found = self.rare(at)
        if not found:
            raise NoLaw
        self.expect_one(found)
        return found[0]

    def expect_one(self, laws: Sequence[Size]) -> None:
        """Ambiguous where laws that all hold so far differ at another number."""
        tried = {name: {p[name] for p in self.points} for name in self.symbols}
        point = dict(self.points[0])
        for other in laws[1:]:
            for name in self.symbols:
                for number in range(1, max(tried[name]) + HORIZON):
                    at = {**point, name: number}
                    same = _value(laws[0], at) == _value(other, at)
                    if number not in tried[name] and not same:
                        raise Ambiguous(name, number)

    def at(self, points: Sequence[Point]) -> Fitter:
        """The same for some of the points."""
        return Fitter(points, self.symbols, self.bounds, self.with_rare)

    def gives(self, law: Size, at: Sequence[Size]) -> bool:
        """Whether a law is met at all points; not where it has no value at one."""
        return all(_value(law, p) == size for p, size in zip(self.points, at, strict=True))

    def likely(self, at: Sequence[Size], sizes: Sequence[Size]) -> Iterator[Size]:
        """The usual laws: one size for all, the size as it mostly stands, linear ones."""
        yield at[0]
        yield from (size for size in dict.fromkeys(sizes) if sizes.count(size) > 1)
        yield from self.multilinear(at)
        for bound in self.bounds:
            yield from self.linear_in(bound, at)

    def through_floors(self, at: Sequence[Size]) -> Iterator[Size]:
        """``a//d`` where the ``a`` follow a law once they have one divisor."""
        parts = [_quotient(size) for size in at]
        if all(divisor == 1 for _, divisor in parts):
            return
        whole = lcm(*(divisor for _, divisor in parts))
        numerators = [size * (whole // divisor) for size, divisor in parts]
        for law in dict.fromkeys(self.multilinear(numerators)):
            if self.gives(law, numerators):
                yield dims.floordiv(law, whole)

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

    def rare(self, at: Sequence[Size]) -> list[Size]:
        """The laws in one symbol among the rarer kinds; they must hold at many numbers."""
        ((name, symbol),) = self.symbols.items()
        pairs = zip(self.points, at, strict=True)
        by = sorted((point[name], size) for point, size in pairs if isinstance(size, int))
        if len(by) < len(self.points):
            return []
        found = [law for law in dict.fromkeys(_rare(by, symbol, name)) if self.gives(law, at)]
        if found and len(by) < MANY:
            tried = {number for number, _ in by}
            raise Ambiguous(name, next(n for n in range(by[-1][0] + 1, FAR) if n not in tried))
        if len({size for _, size in by}) < LEAST:  # a step up may be the only one
            for number in range(by[-1][0] + 1, FAR):
                if any(dims.substitute(law, {name: number}) != by[-1][1] for law in found):
                    raise Ambiguous(name, number)
        return found

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
        left, right = [c.left for c in column], [c.right for c in column]
        divisors = [number for number in right if isinstance(number, int)]
        if first.kind == "divides" and 0 in divisors:
            raise NoLaw
        if first.kind == "divides" and len(divisors) == len(right):
            left, right = _with_one_divisor(left, divisors)
        return Constraint(first.kind, self.fit(left), self.fit(right), origin=first.origin)


def _value(law: Size, at: Point) -> Size | None:
    """What a law gives at a point; None where it divides by zero."""
    try:
        return dims.substitute(law, at)
    except ZeroDivisionError:
        return None


def _quotient(size: Size) -> tuple[Size, int]:
    """``(a, d)`` where the size is ``a//d``."""
    floors = _floors(size)
    if len(floors) != 1:
        return size, 1
    numerator, divisor = floors[0].args
    if not isinstance(divisor, int):
        return size, 1
    quotient = dims.floordiv(numerator, divisor)
    rest = size - quotient
    if _floors(rest):  # r - n//d is r + (d - 1 - n)//d
        rest = size + quotient
        numerator = divisor - 1 - numerator
    return (numerator + divisor * rest, divisor) if not _floors(rest) else (size, 1)


def _floors(size: Size) -> list[dims.Atom]:
    return [atom for atom in dims.atoms(size) if atom.kind == "floordiv"]


def _with_one_divisor(sizes: Sequence[Size], divisors: Sequence[int]) -> tuple[Any, Any]:
    whole = lcm(*divisors)
    pairs = zip(sizes, divisors, strict=True)
    return [size * (whole // divisor) for size, divisor in pairs], [whole] * len(sizes)


def _divided(size: Size, number: int) -> tuple[Size, Size]:
    return divmod(size, number) if isinstance(size, int) else dims.divide(size, number)


def _rare(by: Sequence[tuple[int, int]], symbol: dims.Dim, name: str) -> Iterator[Size]:
    """Laws in one symbol: floors of its parts, squares, and those clamped at a constant."""
    last, value = by[-1]
    stepped = len({size for _, size in by}) >= LEAST
    for d in (*USUAL, *FURTHER) if stepped else USUAL:
        for c in range(-d, 2 * d):
            for a in (1, 2, 3) if d in USUAL else (1,):
                law = dims.floordiv(a * symbol + c, d)
                yield law + value - dims.substitute(law, {name: last})
    square = symbol * symbol
    for law in (square, dims.floordiv(square + symbol, 2), dims.floordiv(square - symbol, 2)):
        yield law + value - dims.substitute(law, {name: last})
    for k in range(0, 6):
        yield dims.maximum(symbol - k, by[0][1])
        yield dims.minimum(symbol - k, value)


__all__ = ["LEAST", "Ambiguous", "Fitter", "NoLaw", "Point"]
