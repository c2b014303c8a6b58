"""Laws through examples: what a number is as a function of a few variables.

A law is a constant, a variable, a product, a sum, the larger or the smaller of two; else a
polynomial without powers, divided by a number and rounded down; else one of these cut off at
another. What is found gives every example; whether it holds elsewhere is for others to try.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import chain, combinations, permutations, product
from math import gcd, prod

from . import dims
from .dims import Atom, Dim, Size

Point = tuple[int, ...]
Examples = Mapping[Point, int]
FAR = 1680
"""A distance that many numbers divide."""
MOST_CORNERS = 4
"""Variables of which a polynomial is looked for at most."""


def variables_in(sizes: Iterable[Size]) -> list[Dim]:
    """What varies in some sizes: atoms that share no symbol, else the symbols themselves."""
    whole = dict.fromkeys(atom for size in sizes for atom in dims.atoms(size))
    owners: dict[Atom, set[Atom]] = {}
    for atom in whole:
        for leaf in dims.leaves(dims.of_atom(atom)):
            owners.setdefault(leaf, set()).add(atom)
    found: dict[Dim, None] = {}
    for atom in whole:
        inner = list(dims.leaves(dims.of_atom(atom)))
        alone = all(len(owners[leaf]) == 1 for leaf in inner)
        found.update(dict.fromkeys(map(dims.of_atom, [atom] if alone else inner)))
    return list(found)


def interpolated(
    corners: Sequence[tuple[int, int]], symbols: Sequence[Dim], at: Callable[[Point], Size | None]
) -> tuple[Size, int] | None:
    """The polynomial without powers through the corners of a box, as a numerator and a divisor.

    Args:
        corners: the two values of each variable.
        symbols: the variables.
        at: the value at a corner, None where it is not known.
    """
    total: Size = 0
    for corner in product(*corners):
        value = at(corner)
        if value is None:
            return None
        for number, (low, high), symbol in zip(corner, corners, symbols, strict=True):
            value = value * (symbol - low if number == high else high - symbol)
        total = total + value
    return total, prod(high - low for low, high in corners)


class Laws:
    """Finds laws in some variables.

    Attributes:
        symbols: the variables.
        numbers: constants that are likely to play a part.
        anchor, steps: where polynomials are fitted: a point, and how far to go along each variable;
            a step is 0 where there is nowhere to go.
    """

    def __init__(
        self, symbols: Sequence[Dim], numbers: Sequence[int], anchor: Point, steps: Point
    ) -> None:
        self.symbols, self.numbers = symbols, numbers
        self.names = [symbol.symbols[0] for symbol in symbols]
        self.anchor, self.steps = anchor, steps

    def at(self, law: Size, point: Point) -> int | None:
        """The value of a law; None where it has none."""
        try:
            return dims.evaluate(law, dict(zip(self.names, point, strict=True)))
        except ZeroDivisionError:
            return None

    def gives(self, law: Size, examples: Examples) -> bool:
        """Whether a law gives all examples."""
        return all(self.at(law, point) == value for point, value in examples.items())

    def fit(self, examples: Examples, likely: Iterable[Size] = ()) -> Size | None:
        """The simplest law found that gives all examples; None where there is none."""
        values = set(examples.values())
        if len(values) == 1:
            return values.pop()
        for law in chain(self.simple(), likely):
            if self.gives(law, examples):
                return law
        far = self.far(examples) or (examples[max(examples)], 0, 0)
        if self.gives(far[0], examples):
            return far[0]
        parts = self.factors(examples)
        for law in chain([] if parts is None else [parts], self.extremes()):
            if self.gives(law, examples):
                return law
        for other in self.limits(values):
            for cut in (dims.maximum(far[0], other), dims.minimum(far[0], other)):
                if self.gives(cut, examples):
                    return cut
        return None

    def wanted(self, examples: Examples) -> list[Point]:
        """Points that would help: the corners of a box, then one that tells laws apart."""
        if len(set(examples.values())) == 1 or any(
            self.gives(law, examples) for law in self.simple()
        ):
            return []
        corners = [point for point in self.corners(examples) if point not in examples]
        telling = list(self.telling(examples))[:1]
        if not corners and not telling and self.fit(examples) is None:
            telling = [p for line in self.lines(examples) for p in list(self.telling(line))[:1]]
        return corners or telling

    def simple(self) -> Iterator[Size]:
        """The laws that need no fitting, the simplest first."""
        yield from self.symbols
        for few in range(2, len(self.symbols) + 1):
            for chosen in combinations(self.symbols, few):
                yield dims.maximum(*chosen)
                yield prod(chosen)
                yield sum(chosen)
                yield dims.minimum(*chosen)
        for a, b in combinations(self.symbols, 2):
            for one, other in ((a, b), (b, a)):
                yield dims.floordiv(one, other)
                yield -dims.floordiv(-one, other)
        for a in self.symbols:
            for law in (a * a, dims.floordiv(a * a + a, 2), dims.floordiv(a * a - a, 2)):
                yield from (law, *(n * law for n in self.numbers))

    def extremes(self) -> Iterator[Size]:
        """The smaller or the larger of two variables, one of them a little less."""
        for a, b in permutations(self.symbols, 2):
            for n in dict.fromkeys((1, 2, *self.numbers[:6])):
                yield dims.minimum(a, b - n)
                yield dims.maximum(a, b - n)
                yield dims.maximum(dims.minimum(a, b - n), 0)

    def limits(self, values: set[int]) -> Iterator[Size]:
        """What a law may be cut off at: the ends of what was seen, and simple laws."""
        yield from {0: None, 1: None, min(values): None, max(values): None}
        yield from self.symbols
        yield from (symbol + d for symbol in self.symbols for d in (-1, 1))
        yield from (n * symbol for symbol in self.symbols for n in self.numbers if n > 1)
        yield from (dims.maximum(symbol - n, 0) for symbol in self.symbols for n in self.numbers)
        yield from (dims.minimum(symbol, n) for symbol in self.symbols for n in self.numbers)

    def lines(self, examples: Examples) -> list[Examples]:
        """The examples that differ from the anchor in one variable, without a common factor."""
        found: list[Examples] = []
        for i in self.relevant(examples):
            line = {
                p: v
                for p, v in examples.items()
                if (*p[:i], *p[i + 1 :]) == (*self.anchor[:i], *self.anchor[i + 1 :])
            }
            factor = gcd(*line.values()) or 1
            found.append({p: v // factor for p, v in line.items()})
        return found if len(found) > 1 else []

    def factors(self, examples: Examples) -> Size | None:
        """The law that is a product of laws in one variable each."""
        laws = [self.fit(line) for line in self.lines(examples)]
        known = [law for law in laws if law is not None]
        if not known or len(known) < len(laws):
            return None
        whole = prod(known)
        there = self.at(whole, self.anchor)
        here = examples[self.anchor]
        return here // there * whole if there and here % there == 0 else None

    # -- polynomials, rounded down -----------------------------------------------------------------

    def moved(self, chosen: Sequence[int]) -> Point:
        """The anchor with some variables one step on."""
        return tuple(
            x + s if i in chosen else x
            for i, (x, s) in enumerate(zip(self.anchor, self.steps, strict=True))
        )

    def relevant(self, examples: Examples) -> list[int]:
        """The variables that a step of changes the value."""
        start = examples.get(self.anchor)
        return [
            i
            for i, step in enumerate(self.steps)
            if step and examples.get(self.moved([i]), start) != start
        ]

    def corners(self, examples: Examples) -> list[Point]:
        """The points that a polynomial is fitted through."""
        found = self.relevant(examples)
        if len(found) > MOST_CORNERS:
            return []
        return [self.moved(some) for n in range(len(found) + 1) for some in combinations(found, n)]

    def far(self, examples: Examples) -> tuple[Size, int, int] | None:
        """The law of large sizes, and between which constants the one in it may lie.

        The polynomial is that of the numerator without its constant.
        """
        found = self.polynomial(examples)
        if found is None:
            return None
        numerator, divisor = found
        lowest, highest = self.offsets(numerator, divisor, examples)
        if lowest > highest:  # the law is another one for small sizes
            beyond = {
                p: v
                for p, v in examples.items()
                if all(x >= a for x, a in zip(p, self.anchor, strict=True))
            }
            lowest, highest = self.offsets(numerator, divisor, beyond)
        if lowest > highest:
            return None
        least = min(range(lowest, highest + 1), key=abs) if highest - lowest < 99 else lowest
        return dims.floordiv(numerator + least, divisor), lowest, highest

    def polynomial(self, examples: Examples) -> tuple[Size, int] | None:
        """Numerator and divisor, without a common factor and without the constant."""
        found = self.relevant(examples)
        if not found or len(found) > MOST_CORNERS:
            return None
        places = {
            tuple(self.moved(some)[i] for i in found): self.moved(some)
            for n in range(len(found) + 1)
            for some in combinations(found, n)
        }
        box = [tuple(sorted((self.anchor[i], self.anchor[i] + self.steps[i]))) for i in found]
        fitted = interpolated(
            [(low, high) for low, high in box],
            [self.symbols[i] for i in found],
            lambda corner: examples.get(places[corner]),
        )
        if fitted is None:
            return None
        numerator, divisor = fitted
        terms = [(m, c) for m, c in dims.as_dim(numerator).terms if m]
        common = gcd(divisor, *(c for _, c in terms))
        return dims.sum_terms([(m, c // common) for m, c in terms], 0), divisor // common

    def offsets(self, numerator: Size, divisor: int, examples: Examples) -> tuple[int, int]:
        """The least and the largest constant with which the rounded quotient gives the examples."""
        lows = [divisor * v - (self.at(numerator, p) or 0) for p, v in examples.items()]
        return max(lows), min(lows) + divisor - 1

    def telling(self, examples: Examples) -> Iterator[Point]:
        """Points at which the laws differ that the examples leave open, the best ones first."""
        far, found = self.far(examples), self.polynomial(examples)
        if far is None or found is None or far[1] == far[2]:
            return
        (numerator, divisor), (_, low, high) = found, far
        middle = (low + high + 1) // 2
        rests: dict[Point, int] = {}
        for i in self.relevant(examples):
            for r in range(1, min(divisor, 500) + 1):
                point = tuple(x + r * (j == i) for j, x in enumerate(self.anchor))
                flip = -(self.at(numerator, point) or 0) % divisor  # constants from here on go up
                flip += (low - flip + divisor - 1) // divisor * divisor
                if low < flip <= high:
                    rests[point] = abs(flip - middle)
        yield from sorted(rests, key=lambda point: rests[point])


__all__ = ["FAR", "Examples", "Laws", "Point", "interpolated", "variables_in"]
