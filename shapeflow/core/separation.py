"""Relations that separate what is accepted from what is refused, learnt from examples.

The relations come from a list of usual ones; those that an accepted example violates are out. Of
the others the fewest are chosen that account for every refused example. What they say elsewhere is
to be tried: ``Separation.doubts`` proposes where.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import combinations, permutations

from . import constraint, dims
from .constraint import Constraint
from .dims import Dim, Size
from .laws import Point

DIVISORS = (2, 3, 4, 5, 6, 7, 8, 9, 10, 12, 16)
TRIED = 4
"""Points proposed at a time, of those to be accepted and for each relation."""
MANY = 5
"""Variables beyond which relations between three are not looked for."""


def usual(symbols: Sequence[Dim], numbers: Sequence[int]) -> Iterator[Constraint]:
    """The relations that operations demand, the likely ones first."""
    pairs = list(combinations(symbols, 2))
    for a, b in pairs:
        same = constraint.equal(a, b)
        yield same
        yield constraint.any_of([same, constraint.equal(a, 1), constraint.equal(b, 1)])
        yield constraint.any_of([same, constraint.equal(a, 1)])
        yield constraint.any_of([same, constraint.equal(b, 1)])
    for a in symbols:
        for n in dict.fromkeys((1, *numbers)):
            yield constraint.equal(a, n)
            yield constraint.any_of([constraint.equal(a, n), constraint.equal(a, 1)])
        for n in dict.fromkeys((*DIVISORS, *(n for n in numbers if n > 1))):
            yield constraint.divides(n, a)
    for a, b in pairs:
        yield constraint.any_of([constraint.equal(a, 1), constraint.equal(b, 1)])
        yield constraint.any_of([constraint.at_least(a, 2), constraint.at_least(b, 2)])
    for a, b in permutations(symbols, 2):
        yield constraint.divides(a, b)
        for n in numbers:
            if n > 1:
                yield constraint.equal(a, n * b)
            yield constraint.equal(a, b + n)
    yield from _joined(symbols, numbers)


def _joined(symbols: Sequence[Dim], numbers: Sequence[int]) -> Iterator[Constraint]:
    """Relations of products and sums."""
    for few in range(2, len(symbols) + 1):
        for chosen in combinations(symbols, few):
            whole: Size = 1
            for size in chosen:
                whole = whole * size
            for n in dict.fromkeys((1, *numbers)):
                yield constraint.equal(whole, n)
                if n > 1:
                    yield constraint.divides(n, whole)
            if len(symbols) > MANY:
                continue
            for size in symbols:
                if size not in chosen:
                    yield constraint.equal(whole, size)
                    yield constraint.divides(size, whole)
                    yield constraint.equal(sum(chosen), size)
                    for n in numbers:
                        if n > 1:
                            yield constraint.equal(n * whole, size)
                            yield constraint.equal(whole, n * size)


class Separation:
    """What is known of accepted and refused points.

    Attributes:
        alive: the relations that no accepted point violates.
        accepted, refused: the points.
    """

    def __init__(self, symbols: Sequence[Dim], numbers: Sequence[int]) -> None:
        self.symbols = tuple(symbols)
        self.names = [symbol.symbols[0] for symbol in symbols]
        self.accepted: list[Point] = []
        self.refused: list[Point] = []
        self.alive: dict[Constraint, None] = {}
        self.extend(numbers)
        self.forms = [*symbols, *(-a for a in symbols)]
        self.forms += [a - b for a, b in permutations(symbols, 2)]
        if len(symbols) <= MANY:
            self.forms += [a + b - c for a, b, c in permutations(symbols, 3) if str(a) < str(b)]

    def extend(self, numbers: Sequence[int]) -> None:
        """Takes more numbers into account."""
        for relation in usual(self.symbols, numbers):
            if relation not in self.alive and all(self.meets(p, relation) for p in self.accepted):
                self.alive[relation] = None

    def add(self, point: Point, accepted: bool) -> None:
        """Takes an example down."""
        (self.accepted if accepted else self.refused).append(point)
        if accepted:
            self.alive = {r: None for r in self.alive if self.meets(point, r)}

    def meets(self, point: Point, relation: Constraint) -> bool:
        """Whether a relation holds at a point."""
        return relation.at(dict(zip(self.names, point, strict=True)))

    def bounds(self) -> Iterator[Constraint]:
        """The bounds that are as narrow as the accepted points leave them."""
        for form in self.forms:
            least = min(self.value(form, point) for point in self.accepted)
            yield constraint.at_least(form, least)

    def value(self, form: Size, point: Point) -> int:
        """The value of a size at a point."""
        return dims.evaluate(form, dict(zip(self.names, point, strict=True)))

    def relations(self) -> tuple[tuple[Constraint, ...], int]:
        """The relations chosen, and how many refused points they do not account for."""
        left = dict.fromkeys(self.refused)
        chosen: list[Constraint] = []
        possible = [*self.alive, *self.bounds()] if self.accepted else []
        broken = {r: [p for p in left if not self.meets(p, r)] for r in possible}
        while left:
            best = max(
                possible, key=lambda r: sum(p in left for p in broken[r]), default=constraint.ALWAYS
            )
            gone = [p for p in broken.get(best, ()) if p in left]
            if not gone:
                break
            chosen.append(best)
            for point in gone:
                del left[point]
        kept = [r for r in chosen if not self.is_implied(r, [o for o in chosen if o is not r])]
        return tuple(kept), len(left)

    def is_implied(self, relation: Constraint, others: Iterable[Constraint]) -> bool:
        """Whether the others account for the refused points of a relation."""
        others = list(others)
        return all(
            self.meets(point, relation) or not all(self.meets(point, r) for r in others)
            for point in self.refused
        )

    def doubts(
        self, relations: Sequence[Constraint], points: Iterable[Point]
    ) -> list[tuple[bool, Point]]:
        """Points to try, and what is expected there, the most telling first of each kind.

        A point is telling where relations say no that might have been chosen as well, or where of
        the chosen ones a single one says no.
        """
        known = {*self.accepted, *self.refused}
        rivals = [
            r
            for r in dict.fromkeys((*self.alive, *self.bounds()))
            if r not in relations and any(not self.meets(p, r) for p in self.refused)
        ]
        yes: dict[Point, set[Constraint]] = {}
        no: dict[Constraint, dict[Point, int]] = {r: {} for r in relations}
        for point in dict.fromkeys(points):
            against = [r for r in relations if not self.meets(point, r)]
            if point in known or len(against) > 1:
                continue
            also = {r for r in rivals if not self.meets(point, r)}
            if not against:
                yes[point] = also
            elif against[0].kind == "at_least":
                distance = self.value(against[0].left, point) - self.middle(against[0])
                no[against[0]][point] = abs(distance)
            else:
                no[against[0]][point] = len(also)
        chosen = [(True, p) for p in _covering(yes)]
        queues = [chosen]
        for relation, found in no.items():
            best = sorted(found, key=found.__getitem__)
            queues.append([(False, p) for p in (best[:1] if relation.kind == "at_least" else best)])
        return [queue[i] for i in range(TRIED) for queue in queues if i < len(queue)]

    def has_open(self, relations: Iterable[Constraint]) -> bool:
        """Whether a lower bound has values right below it of which nothing is known."""
        bounds = [r for r in relations if r.kind == "at_least"]
        return any(self.below(r) < dims.evaluate(r.right, {}) - 1 for r in bounds)

    def middle(self, bound: Constraint) -> int:
        """The value between a lower bound and the largest one below it that was refused."""
        return (self.below(bound) + dims.evaluate(bound.right, {})) // 2

    def below(self, bound: Constraint) -> int:
        """The largest value under a lower bound that was refused."""
        least = dims.evaluate(bound.right, {})
        values = [self.value(bound.left, point) for point in self.refused]
        return max((value for value in values if value < least), default=least - 2)


def _covering(points: dict[Point, set[Constraint]]) -> list[Point]:
    """Points in such an order that each adds as much as possible to those before it."""
    chosen: list[Point] = []
    covered: set[Constraint] = set()
    while points and len(chosen) < TRIED:
        best = max(points, key=lambda p: (len(points[p] - covered), len(points[p])))
        covered |= points.pop(best)
        chosen.append(best)
    return chosen


__all__ = ["Separation", "usual"]
