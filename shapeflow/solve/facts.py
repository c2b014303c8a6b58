"""What is known about sizes, and questions about what follows from it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from math import inf

from ..core.constraint import Constraint
from ..core.dims import Atom, Size
from . import normal
from .refute import PATTERNS, defining, holds, pick, refuted, tighten
from .store import Store

STEPS = 30
"""How many rows a new fact may tighten."""
NEAR, FAR = 24, 200
"""How many connected rows a question looks at, first and then once more."""


class Facts:
    """Everything known about sizes so far.

    A symbol is at least 1 unless it is named in ``unbounded``; those, and opaque sizes, are at
    least 0. Every answer True or False is a proof for all sizes that the facts allow.
    """

    def __init__(self, facts: Iterable[Constraint] = (), unbounded: Iterable[str] = ()) -> None:
        self.store = Store(frozenset(unbounded))
        self._facts: list[Constraint] = []
        self._answers: dict[Constraint, bool | None] = {}
        self._samples = _Samples(self.store)
        self._learnt: dict[Atom, None] = {}
        for fact in facts:
            self.assume(fact)

    @property
    def facts(self) -> tuple[Constraint, ...]:
        """The facts as they were assumed, in order."""
        return tuple(self._facts)

    @property
    def unbounded(self) -> frozenset[str]:
        """Symbols that may be 0."""
        return self.store.ranges.unbounded

    @property
    def consistent(self) -> bool:
        """False once the facts were shown to contradict each other."""
        return not self.store.contradiction

    @property
    def satisfied(self) -> bool:
        """Whether an assignment is at hand that satisfies everything known."""
        self._mend()
        return any(own is not None for own in self._samples.chosen)

    def remember(self, witness: Mapping[str, int]) -> None:
        """Keep an assignment that satisfies everything known, for later questions."""
        self._samples.chosen[0] = dict(witness)

    def _mend(self) -> None:
        if self._learnt:
            self._samples.update(self._learnt)
            self._learnt.clear()

    def copy(self) -> Facts:
        """An independent copy."""
        other = Facts(unbounded=self.unbounded)
        other.store = self.store.copy()
        other._facts = list(self._facts)
        other._answers = dict(self._answers)
        other._samples = self._samples.copy(other.store)
        other._learnt = dict(self._learnt)
        return other

    def assume(self, constraint: Constraint) -> None:
        """Add a fact."""
        self._facts.append(constraint)
        if _plain(constraint) is True or self.store.contradiction:
            return
        self._answers = {c: a for c, a in self._answers.items() if a is not None}
        self.store.add(constraint)
        self._learnt.update(self.store.touched)
        tighten(self.store, STEPS)

    def reduce(self, size: Size) -> Size:
        """The size modulo the known equalities: N becomes B once B == N is known."""
        try:
            return self.store.external(self.store.reduce(size))
        except ZeroDivisionError:
            return size

    def bounds(self, size: Size) -> tuple[int | None, int | None]:
        """Least and greatest value; None where there is none or none is known."""
        try:
            low, high = self.store.ranges.of(self.store.reduce(size))
        except ZeroDivisionError:
            return None, None
        return None if low == -inf else int(low), None if high == inf else int(high)

    def decide(self, constraint: Constraint) -> bool | None:
        """True: holds for all sizes the facts allow. False: for none. None: depends, or unknown."""
        plain = _plain(constraint)
        if plain is not None:
            return plain or self.store.contradiction
        if self.store.contradiction:
            return True
        if constraint in self._answers:
            return self._answers[constraint]
        answer = self._answers[constraint] = self._decide(constraint)
        return answer

    def _decide(self, relation: Constraint) -> bool | None:
        try:
            reduced = relation.map(self.store.reduce)
            found = normal.normal(reduced, self.store.ranges)
            if reduced != relation and not isinstance(found, bool):
                stated = normal.normal(relation, self.store.ranges)
                found = stated if isinstance(stated, bool) else found
        except ZeroDivisionError:  # it has no value anywhere
            return None
        if isinstance(found, bool):
            return found
        self._mend()
        seen = self._samples.outcomes(found)
        if len(seen) == 2:
            return None
        near, defined = self.store.leaves_of(found), defining(found)
        for limit in (NEAR, FAR):
            if False not in seen and self._refutes(
                normal.negated(found, self.store.ranges), defined, limit
            ):
                return True
            if True not in seen and self._refutes(found, defined, limit):
                return False
            if sum(len(self.store.index.get(atom, ())) for atom in near) == 0:
                break
            if len(self.store.rows) <= limit:
                break
        return None

    def _refutes(self, relation: Constraint, defined: list[Constraint], limit: int) -> bool:
        near = self.store.leaves_of(relation)
        case = self.store.around(near, limit)
        case.add(*defined, relation)
        return refuted(case)


class _Samples:
    """A few assignments that satisfy the store, kept up to date as it grows.

    A question with both answers among them is open, and no proof need be tried.
    """

    def __init__(self, store: Store) -> None:
        self.store = store
        self.order: dict[str, int] = {}
        self.chosen: list[dict[str, int] | None] = [{} for _ in range(PATTERNS)]

    def copy(self, store: Store) -> _Samples:
        """An independent copy for a copy of the store."""
        other = _Samples(store)
        other.order = dict(self.order)
        other.chosen = [None if own is None else dict(own) for own in self.chosen]
        return other

    def value(self, atom: Atom, pattern: int) -> int:
        """The value of a symbol in one of the assignments."""
        own = self.chosen[pattern]
        low, high = self.store.ranges.leaf(atom)
        if own and atom.name in own:
            return int(min(max(own[atom.name], low), high))
        return pick(low, high, self.order.setdefault(atom.name, len(self.order)), pattern)

    def at(self, relation: Constraint, pattern: int) -> dict[str, int]:
        """The assignment, for the symbols of a relation."""
        return {a.name: self.value(a, pattern) for a in self.store.leaves_of(relation)}

    def outcomes(self, relation: Constraint) -> set[bool]:
        """The answers to a question in the store's own symbols."""
        seen: set[bool] = set()
        for pattern, own in enumerate(self.chosen):
            if own is None:
                continue
            try:
                seen.add(relation.at(self.at(relation, pattern)))
            except ZeroDivisionError:
                continue
            if len(seen) == 2:
                break
        return seen

    def update(self, touched: Iterable[Atom]) -> None:
        """Mend the assignments after something was learnt about some symbols."""
        rows = dict.fromkeys(r for a in touched for r in self.store.index.get(a, ()))
        for pattern in range(PATTERNS):
            if self.chosen[pattern] is not None and not all(
                self._holds(row, pattern) or self._mend(row, pattern) for row in rows
            ):
                self.chosen[pattern] = None

    def _holds(self, row: Constraint, pattern: int) -> bool:
        return holds([row], self.at(row, pattern))

    def _mend(self, row: Constraint, pattern: int) -> bool:
        """Change one symbol so that the row and all its neighbours hold."""
        own = self.chosen[pattern]
        assert own is not None
        for atom in self.store.leaves_of(row):
            old = self.value(atom, pattern)
            for value in (*range(1, 9), old + 1, old - 1, 2 * old, 12, 16, 24, 32, 64, 0):
                own[atom.name] = value
                if all(self._holds(r, pattern) for r in self.store.index[atom]):
                    return True
            own[atom.name] = old
        return False


def _plain(relation: Constraint) -> bool | None:
    """The answer where both sides are the same size or are numbers."""
    if relation.options:
        return None
    if relation.kind == "never":
        return False
    if relation.kind in ("any", "all"):
        return relation.kind == "all"
    left, right = relation.left, relation.right
    if isinstance(left, int) and isinstance(right, int):
        return relation.at({})
    if left is right and relation.kind != "divides":
        return relation.kind != "distinct"
    return None
