"""Witnesses: small sizes at which relations hold, found by search.

The search assumes values one after the other in a store, which narrows what remains: most
assignments are forced after one or two guesses. Every answer is checked against the relations.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice, product
from math import inf
from typing import TYPE_CHECKING

from ..core import constraint, dims
from ..core.constraint import Constraint
from ..core.dims import Atom, Size, of_atom
from . import normal
from .bounds import QUOTIENT, Bound, leaves
from .linear import infeasible
from .quotients import coarseness, open_quotients
from .refute import by_extreme, by_option, holds
from .store import Store
from .tighten import tighten

if TYPE_CHECKING:
    from .facts import Facts

LIMIT, ROWS = 400, 8
"""How many partial assignments a search tries, counted more where many rows must be looked at."""
SMALL = range(2, 24)
LARGER = (24, 30, 32, 36, 48, 60, 64, 96, 128, 224, 256, 512, 1024, 4096)
NEAR, ROOM, ALL, COMBINATIONS = 10, 24, 64, 1000


def find(
    constraints: Sequence[Constraint], facts: Facts, limit: int = LIMIT
) -> dict[str, int] | None:
    """Small sizes at which the facts and all constraints hold; None where none were found.

    Different symbols get different values where that is possible, 2 or more where that is
    possible. None is no proof that there are no such sizes.
    """
    store = facts.store.copy()
    store.add(*(normal.defined(c, store.ranges) for c in constraints))
    return search(store, [*constraints, *facts.facts], limit)


def search(store: Store, relations: Sequence[Constraint], limit: int) -> dict[str, int] | None:
    """Sizes for all symbols of ``relations``, which the store already assumes."""
    if store.contradiction:
        return None
    order = list(dict.fromkeys(a for r in relations for a in store.leaves_of(r)))
    try:
        values = _Search(store, limit).run(order)
        if values is None:
            return None
        at = {atom.name: dims.evaluate(store.reduce(of_atom(atom)), values) for atom in order}
    except ZeroDivisionError:
        return None
    return at if holds(relations, at) else None


class _Search:
    """One search: the values given so far, those taken by named symbols, and what it may cost."""

    def __init__(self, store: Store, limit: int) -> None:
        self.store, self.limit, self.left = store, limit, limit
        self.used: set[int] = set()
        self.values: dict[str, int] = {}

    def run(self, order: Iterable[Atom]) -> dict[str, int] | None:
        """Values for all symbols that are not eliminated, component by component."""
        live = dict.fromkeys(a for atom in order for a in leaves(self.store.reduce(of_atom(atom))))
        places = {atom: i for i, atom in enumerate(live)}
        for atom in live:
            if atom.name in self.values:
                continue
            part = self.store.around([atom], len(self.store.rows) + 1)
            found = self.solve(part, atom, places)
            if found is None:
                return None
            self.take(found)
        return self.values

    def take(self, found: dict[Atom, int]) -> None:
        """Keep values, and remember those of named symbols."""
        self.values.update({atom.name: value for atom, value in found.items()})
        self.used.update(value for atom, value in found.items() if atom.name[0] != QUOTIENT)
        for user in dict.fromkeys(u for atom in found for u in self.store.users.get(atom, ())):
            size = self.store.replaced[user]
            if all(name in self.values for name in dims.symbols_of(size)):
                self.used.add(_value(size, self.values))

    def solve(self, part: Store, first: Atom, places: dict[Atom, int]) -> dict[Atom, int] | None:
        """Values for one symbol and all those connected with it."""
        part.thorough = False
        wanted = dict.fromkeys([first, *(a for row in part.rows for a in part.leaves_of(row))])
        rows, own = list(part.rows), list(wanted)
        spans = [_near(atom, *part.ranges.leaf(atom), len(own)) for atom in own]
        open_quotients(part)
        wanted.update(dict.fromkeys(a for row in part.rows for a in part.leaves_of(row)))
        names = sorted(wanted, key=lambda a: places.get(a, len(places)))
        tighten(part)
        self.left = self.limit
        return (
            self.guess(part.copy(), names, False)
            or self.tried(rows, own, spans)
            or self.guess(part, names, True)
        )

    def tried(
        self, rows: list[Constraint], own: list[Atom], spans: list[list[int]]
    ) -> dict[Atom, int] | None:
        """The first of all combinations of a few small values at which the rows hold."""
        for values in islice(product(*spans), COMBINATIONS):
            if holds(rows, {atom.name: value for atom, value in zip(own, values, strict=True)}):
                return dict(zip(own, values, strict=True))
        return None

    def guess(
        self, part: Store, names: list[Atom], patient: bool, taken: frozenset[int] = frozenset()
    ) -> dict[Atom, int] | None:
        """Depth first: options of any-of rows, then values of symbols, smallest first.

        Without patience only the first guess is tried each time, and ``part`` is used up.
        """
        while not part.contradiction and self.left > 0:
            cases = self.cases(part, names, patient, taken)
            if cases is None:
                return {a: dims.evaluate(part.reduce(of_atom(a)), {}) for a in names}
            for case, value in cases:
                self.left -= 1 + tighten(case) // ROWS
                if not patient:
                    part, taken = case, taken | {value}
                    break
                if not case.contradiction and not infeasible(case):
                    found = self.guess(case, names, True, taken | {value})
                    if found is not None:
                        return found
                if self.left <= 0:
                    return None
            if patient:
                return None
        return None

    def cases(
        self, part: Store, names: list[Atom], patient: bool, taken: frozenset[int]
    ) -> Iterator[tuple[Store, int]] | None:
        """What may be tried next, most promising first; None where nothing is left open."""
        split = by_option(part) or by_extreme(part)
        if split:
            return ((case, 0) for case in split)
        open_ones = [leaf for a in names for leaf in leaves(part.reduce(of_atom(a)))]
        open_ones = open_ones or [a for row in part.rows for a in part.leaves_of(row)]
        if not open_ones:
            return None
        atom = min(open_ones, key=lambda a: (_room(*part.ranges.leaf(a)), -coarseness(part, a)))
        return self.assigned(part, atom, patient, taken)

    def assigned(
        self, part: Store, atom: Atom, patient: bool, taken: frozenset[int]
    ) -> Iterator[tuple[Store, int]]:
        """The cases in which a symbol has one of the candidates as its value."""
        for value in self.candidates(part, atom, taken):
            case = part.copy() if patient else part
            case.add(constraint.equal(of_atom(atom), value))
            yield case, value if atom.name[0] != QUOTIENT else 0

    def candidates(self, part: Store, atom: Atom, taken: frozenset[int]) -> Iterator[int]:
        """Values worth a try: unused small ones, then used ones, then larger ones."""
        low, high = part.ranges.leaf(atom)
        start = _start(atom, low, high)
        near = [start + i for i in range(NEAR)]
        hints = [abs(c) for row in part.index.get(atom, ()) for c in _numbers(row)]
        many = [*SMALL, *near, *sorted({h + d for h in hints for d in (-1, 0, 1)}), *LARGER]
        if atom.name[0] == QUOTIENT:
            many = near + many
        if high < inf:
            many += range(int(max(low, high - ALL)), int(high) + 1)
        inside = [v for v in dict.fromkeys([*many[:NEAR], 1, 0, *many]) if low <= v <= high]
        done = set()
        least = low if atom.name[0] == QUOTIENT else 2
        for value in inside:
            if least <= value < start + NEAR and not self.clashes(atom, value, taken):
                done.add(value)
                yield value
        yield from (v for v in inside if v not in done)

    def clashes(self, atom: Atom, value: int, taken: frozenset[int]) -> bool:
        """Whether a named symbol would get a value that another has."""
        if atom.name[0] != QUOTIENT and (value in self.used or value in taken):
            return True
        for user in self.store.users.get(atom, ()):
            size = self.store.replaced[user]
            if leaves(size) == (atom,) and user.name[0] != QUOTIENT:
                other = _value(size, {atom.name: value})
                if other in self.used or other in taken:
                    return True
        return False


def _value(size: Size, at: dict[str, int]) -> int:
    """The value of a size; 0, which no size takes by choice, where it has none."""
    try:
        return dims.evaluate(size, at)
    except ZeroDivisionError:
        return 0


def _room(low: Bound, high: Bound) -> Bound:
    """How many values are left, if they are few."""
    return min(high - low, ROOM)


def _near(atom: Atom, low: Bound, high: Bound, many: int) -> list[int]:
    """Small values of one of ``many`` symbols, so that there are not too many combinations."""
    start = _start(atom, low, high)
    few = int(COMBINATIONS ** (1 / many))
    return [value for value in (*range(start, start + few), 1, 0) if low <= value <= high][:few]


def _start(atom: Atom, low: Bound, high: Bound) -> int:
    """Where to look first: at 2, or at the end of the range that is nearest to it."""
    least = low if atom.name[0] == QUOTIENT and low > -inf else max(2, low)
    return int(min(least, high))


def _numbers(row: Constraint) -> list[int]:
    return [c for size in row.sizes() if not isinstance(size, int) for m, c in size.terms if not m]
