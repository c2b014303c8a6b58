"""What is known about sizes, and questions about what follows from it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from math import inf

from ..core import constraint
from ..core.constraint import Constraint
from ..core.dims import Atom, Size
from . import normal
from .bounds import compounds, leaves
from .quotients import exact
from .refute import refuted
from .samples import Samples
from .store import Store
from .tighten import tighten

STEPS = 30
"""How many rows a new fact may tighten."""
NEAR, FAR = 24, 200
"""How many connected rows a question looks at, first and then once more."""


class Memory:
    """What was decided after some facts, for whoever comes to the same facts again.

    Attributes:
        answers: what the facts say to each question; None where they leave it open.
        after: the memory of what is known once one more fact is.
    """

    __slots__ = ("after", "answers")

    def __init__(self) -> None:
        self.answers: dict[Constraint, bool | None] = {}
        self.after: dict[Constraint, Memory] = {}

    def behind(self, fact: Constraint) -> Memory:
        """What was decided once this fact was known, too."""
        found = self.after.get(fact)
        if found is None:
            found = self.after[fact] = Memory()
        return found


class Facts:
    """Everything known about sizes so far.

    A symbol is at least 1 unless it is named in ``unbounded``; those, and opaque sizes, are at
    least 0. Every answer True or False is a proof for all sizes that the facts allow.

    Args:
        facts: what is known at first.
        unbounded: the symbols that may be 0.
        memory: what others decided who began with the same facts and symbols; shared with them.
    """

    def __init__(
        self,
        facts: Iterable[Constraint] = (),
        unbounded: Iterable[str] = (),
        memory: Memory | None = None,
    ) -> None:
        self._memory = Memory() if memory is None else memory
        self.store = Store(frozenset(unbounded))
        self._facts: list[Constraint] = []
        self._divisible = False
        self._settled: dict[Constraint, bool] = {}
        self._samples = Samples(self.store)
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
        return self._samples.alive

    def remember(self, witness: Mapping[str, int]) -> None:
        """Keep an assignment that satisfies everything known, for later questions."""
        self._samples.remember(witness)

    def _mend(self) -> None:
        if self._learnt:
            self._samples.update(self._learnt)
            self._learnt.clear()

    def copy(self) -> Facts:
        """An independent copy."""
        other = Facts(unbounded=self.unbounded)
        other.store = self.store.copy()
        other._facts, other._divisible = list(self._facts), self._divisible
        other._settled, other._memory = dict(self._settled), self._memory
        other._samples = self._samples.copy(other.store)
        other._learnt = dict(self._learnt)
        return other

    def assume(self, fact: Constraint) -> None:
        """Add a fact."""
        self._facts.append(fact)
        self._divisible = self._divisible or self._speaks_of_divisors(fact)
        if _plain(fact) is True or self.store.contradiction:
            return
        self._memory = self._memory.behind(fact)
        self.store.add(normal.defined(fact, self.store.ranges))
        tighten(self.store, STEPS, self._learnt)

    def reduce(self, size: Size) -> Size:
        """The size modulo the known equalities: N becomes B once B == N is known."""
        try:
            return self.store.external(self.store.reduce(size))
        except ZeroDivisionError:
            return size

    def bounds(self, size: Size) -> tuple[int | None, int | None]:
        """Least and greatest value; None where there is none or none is known."""
        try:
            size = self.store.reduce(size)
        except ZeroDivisionError:
            return None, None
        if self.store.contradiction:
            return None, None
        low, high = self.store.ranges.of(size)
        rows = dict.fromkeys(r for a in leaves(size) for r in self.store.index.get(a, ()))
        for row in [row for row in rows if row.kind == "at_least"]:
            above, below = size - row.left, size + row.left
            low = max(low, above) if isinstance(above, int) else low
            high = min(high, below) if isinstance(below, int) else high
        return None if low == -inf else int(low), None if high == inf else int(high)

    def decide(self, constraint: Constraint) -> bool | None:
        """True: holds for all sizes the facts allow. False: for none. None: depends, or unknown."""
        plain = _plain(constraint)
        if plain is not None:
            return plain or self.store.contradiction
        if self.store.contradiction:
            return True
        if constraint in self._settled:
            return self._settled[constraint]
        answers = self._memory.answers
        if constraint not in answers:
            answers[constraint] = self._decide(constraint)
        answer = answers[constraint]
        if answer is not None:
            self._settled[constraint] = answer
        return answer

    def negation(self, relation: Constraint) -> Constraint:
        """What holds exactly where the relation does not, also where it has no value."""
        return normal.negated(normal.defined(relation, self.store.ranges), self.store.ranges)

    def _decide(self, relation: Constraint) -> bool | None:
        relation = normal.defined(relation, self.store.ranges)
        reduced = self.store.reduced(relation)
        found = normal.normal(reduced, self.store.ranges)
        if reduced is not relation and not isinstance(found, bool):
            stated = normal.normal(relation, self.store.ranges)
            found = stated if isinstance(stated, bool) else found
        if isinstance(found, bool):
            return found
        if found in self.store.rows:
            return True
        self._mend()
        seen = self._samples.outcomes(found)
        if len(seen) == 2:
            return None
        connected = any(self.store.index.get(atom) for atom in self.store.leaves_of(found))
        for limit in (NEAR, FAR) if connected and len(self.store.rows) > NEAR else (NEAR,):
            negated = normal.negated(found, self.store.ranges)
            if False not in seen and self._refutes(negated, limit):
                return True
            if True not in seen and self._refutes(found, limit):
                return False
        if not self._divisible:
            return None
        whole = relation.map(lambda size: exact(size, self._divides))
        return None if whole == relation else self.decide(whole)

    def settled(self, size: Size) -> Size:
        """The size without the roundings that make no difference: ``2*((H+1)//2)`` is H where H is
        even."""
        return exact(size, self._divides) if self._divisible else size

    def _divides(self, number: int, size: Size) -> bool:
        return self.decide(constraint.divides(number, size)) is True

    def _speaks_of_divisors(self, relation: Constraint) -> bool:
        """Whether a relation says that a number divides a size, as ``T - 2*(T//2) == 0`` does."""
        if relation.kind == "equal" and any(map(compounds, relation.sizes())):
            found = normal.normal(relation, self.store.ranges)
            return not isinstance(found, bool) and found.kind == "divides"
        return relation.kind == "divides" or any(map(self._speaks_of_divisors, relation.options))

    def _refutes(self, relation: Constraint, limit: int) -> bool:
        near = self.store.leaves_of(relation)
        case = self.store.around(near, limit)
        case.add(relation)
        return refuted(case)


def _plain(relation: Constraint) -> bool | None:
    """The answer where both sides are the same size or are numbers."""
    if relation.options:
        return None
    if relation.kind == "never":
        return False
    if relation.kind in ("any", "all"):
        return relation.kind == "all"
    left, right = relation.left, relation.right
    if isinstance(left, int):
        if isinstance(right, int):
            return relation.at({})
    elif left is right and relation.kind != "divides" and not compounds(left):
        return relation.kind != "distinct"
    return None
