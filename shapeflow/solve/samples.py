"""A few assignments that satisfy what is known, kept up to date as it grows.

A question to which they give both answers is open, and no proof need be tried. They are a
short cut only: nothing is ever proved by them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import islice

from ..core import dims
from ..core.constraint import Constraint
from ..core.dims import Atom
from .bounds import QUOTIENT
from .refute import holds, pick
from .store import Store

USED, REPAIRS = 5, 40
Change = tuple[Atom, int, list[Constraint]]
"""A symbol, its new value, and the rows that this breaks."""
VALUES = (1, 2, 3, 4, 5, 6, 7, 8, 12, 16, 24, 32, 64, 0)


class Samples:
    """Assignments to the symbols of a store; one that could not be kept up is None."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.order: dict[str, int] = {}
        self.chosen: list[dict[str, int] | None] = [{} for _ in range(USED)]

    def copy(self, store: Store) -> Samples:
        """An independent copy for a copy of the store."""
        other = Samples(store)
        other.order = dict(self.order)
        other.chosen = [None if own is None else dict(own) for own in self.chosen]
        return other

    @property
    def alive(self) -> bool:
        """Whether there is still an assignment that satisfies everything known."""
        return any(own is not None for own in self.chosen)

    def remember(self, witness: Mapping[str, int]) -> None:
        """Keep an assignment that satisfies everything known."""
        own = dict(witness)
        for atom in self.store.index:
            if atom.name[0] == QUOTIENT and atom in self.store.definitions:
                own[atom.name] = dims.evaluate(self.store.definitions[atom], witness)
        self.chosen[0] = own

    def value(self, atom: Atom, pattern: int, own: Mapping[str, int]) -> int:
        """The value of a symbol: the one it was given, or that of the pattern."""
        low, high = self.store.ranges.leaf(atom)
        if atom.name in own:
            return int(min(max(own[atom.name], low), high))
        return pick(low, high, self.order.setdefault(atom.name, len(self.order)), pattern)

    def outcomes(self, relation: Constraint) -> set[bool]:
        """The answers to a question in the store's own symbols."""
        seen: set[bool] = set()
        for pattern, own in enumerate(self.chosen):
            if own is None:
                continue
            at = {a.name: self.value(a, pattern, own) for a in self.store.leaves_of(relation)}
            seen.add(relation.at(at))
            if len(seen) == 2:
                break
        return seen

    def update(self, touched: Iterable[Atom]) -> None:
        """Mend the assignments after something was learnt about some symbols."""
        rows = dict.fromkeys(r for a in touched for r in self.store.index.get(a, ()))
        for pattern, own in enumerate(self.chosen):
            if own is not None and not all(self._mended(row, pattern, own) for row in rows):
                self.chosen[pattern] = None

    def _holds(self, row: Constraint, pattern: int, own: Mapping[str, int]) -> bool:
        at = {a.name: self.value(a, pattern, own) for a in self.store.leaves_of(row)}
        return holds((row,), at)

    def _mended(self, row: Constraint, pattern: int, own: dict[str, int]) -> bool:
        """Make a row hold by changing symbols, then the rows which that broke, and so on."""
        pending = [row]
        for _ in range(REPAIRS):
            if not pending:
                return True
            broken = pending.pop()
            if not self._holds(broken, pattern, own):
                best = self._change(broken, pattern, own)
                if best is None:
                    return False
                atom, value, others = best
                own[atom.name] = value
                pending += others
        return not pending

    def _change(self, row: Constraint, pattern: int, own: dict[str, int]) -> Change | None:
        """The change of one symbol that makes a row hold and breaks the fewest others."""
        best: Change | None = None
        for atom in self.store.leaves_of(row):
            old = self.value(atom, pattern, own)
            for value in (old + 1, old - 1, 2 * old, *VALUES):
                at = own | {atom.name: value}
                if not self._holds(row, pattern, at):
                    continue
                others = self._broken(atom, pattern, at, len(best[2]) if best else None)
                if best is None or len(others) < len(best[2]):
                    best = atom, value, others
                if len(others) <= (row.kind == "at_least"):
                    return best
        return best

    def _broken(
        self, atom: Atom, pattern: int, own: Mapping[str, int], enough: int | None
    ) -> list[Constraint]:
        """The rows of a symbol that do not hold; no further ones once there are enough."""
        broken = (r for r in self.store.index[atom] if not self._holds(r, pattern, own))
        return list(islice(broken, enough))
