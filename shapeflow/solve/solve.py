"""The whole question: which sizes satisfy all constraints, and if none, why not."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import count

from ..core.constraint import Constraint
from . import normal
from .core import minimal
from .facts import Facts
from .forms import pins, solved
from .nearby import Nearby
from .refute import holds
from .witness import find

NEIGHBOURS = 8, 60, 1500
"""How many connected conditions a counter-example takes into account: least, most, in all."""


@dataclass(frozen=True)
class Residual:
    """A condition that holds for some sizes only.

    Attributes:
        constraint: the condition in solved form, with the origin of ``sources[0]``.
        sources: the constraints that it stands for, in program order.
        holds_at: sizes that satisfy everything.
        fails_at: small sizes that satisfy the facts, and the other residuals where that is
            possible, but not this one.
        pins: whether it equates named symbols with each other or one with a number, rather than
            being an inequality, a divisibility or a disequality.
    """

    constraint: Constraint
    sources: tuple[Constraint, ...]
    holds_at: dict[str, int] | None
    fails_at: dict[str, int] | None
    pins: bool


@dataclass(frozen=True)
class Core:
    """A constraint that cannot hold.

    Attributes:
        constraint: the one that cannot hold.
        members: the fewest facts and earlier conditions, in program order, that exclude it; none
            where it is false by itself.
        fails_at: small sizes that satisfy the facts, and the earlier conditions where that is
            possible; there it fails.
    """

    constraint: Constraint
    members: tuple[Constraint, ...]
    fails_at: dict[str, int] | None


@dataclass(frozen=True)
class Solution:
    """The answer: ``verdict`` is valid, conditional, unsatisfiable or unknown.

    Attributes:
        verdict: ``unsatisfiable`` if there is a core, else ``unknown`` if something is undecided,
            else ``conditional`` if there is a residual, else ``valid``.
        residuals: the conditions in program order, redundant ones dropped.
        cores: constraints that cannot hold.
        undecided: constraints for which neither a proof nor a pair of witnesses was found.
        witness: sizes that satisfy the facts and all residuals.
    """

    verdict: str
    residuals: tuple[Residual, ...]
    cores: tuple[Core, ...]
    undecided: tuple[Constraint, ...]
    witness: dict[str, int] | None


@dataclass
class _Condition:
    """An open constraint on its way to a Residual."""

    constraint: Constraint
    sources: list[Constraint]


def solve(constraints: Sequence[Constraint], facts: Facts) -> Solution:
    """Decide the constraints in program order, on top of the facts."""
    return _Run(facts).run(constraints)


class _Run:
    """One run of ``solve``: what is known so far and what has been found."""

    def __init__(self, facts: Facts) -> None:
        self.facts, self.known = facts, facts.copy()
        self.names = dict.fromkeys(name for fact in facts.facts for name in fact.symbols)
        self.open: dict[Constraint, _Condition] = {}
        self.accepted: list[Constraint] = []
        self.cores: list[Core] = []
        self.undecided: list[Constraint] = []

    def run(self, constraints: Sequence[Constraint]) -> Solution:
        """Take all constraints, then describe what is left open."""
        for source in constraints:
            self.names.update(dict.fromkeys(source.symbols))
            if source.kind == "all" and self.known.decide(source) is False:
                self.cores.append(self.core(source, source))
                continue
            for part in _parts(source):
                self.take(part, source)
        witness = self.witness()
        residuals = self.residuals(witness)
        for residual in [r for r in residuals if r.fails_at is None or r.holds_at is None]:
            residuals.remove(residual)
            for source in residual.sources:
                self.unclear(source)
        verdict = self.verdict(residuals)
        return Solution(
            verdict, tuple(residuals), tuple(self.cores), tuple(self.undecided), witness
        )

    def verdict(self, residuals: Sequence[Residual]) -> str:
        """One word for all that was found."""
        if self.cores:
            return "unsatisfiable"
        if self.undecided:
            return "unknown"
        return "conditional" if residuals else "valid"

    def take(self, part: Constraint, source: Constraint) -> None:
        """Drop, refute or assume one constraint."""
        answer = self.known.decide(part)
        if answer is True:
            self.merge(part, source)
            return
        if answer is None:
            form = solved(part, self.known)
            self.known.assume(part)
            if self.known.consistent and self.satisfiable():
                self.accepted.append(part)
                condition = self.open.setdefault(self.key(part), _Condition(form, []))
                condition.sources.append(source)
                return
            consistent = self.known.consistent
            self.known = Facts([*self.facts.facts, *self.accepted], self.facts.unbounded)
            if consistent:
                self.unclear(source)
                return
        self.cores.append(self.core(part, source))

    def unclear(self, source: Constraint) -> None:
        """Neither proved nor shown to depend: said once for each constraint."""
        if not any(source is other for other in self.undecided):
            self.undecided.append(source)

    def satisfiable(self) -> bool:
        """Whether sizes are at hand that satisfy everything known."""
        if self.known.satisfied:
            return True
        witness = self.witness()
        if witness is not None:
            self.known.remember(witness)
        return witness is not None

    def merge(self, part: Constraint, source: Constraint) -> None:
        """Count a settled constraint among the sources of the condition that it repeats."""
        condition = self.open.get(self.key(part)) if self.open else None
        if condition is not None:
            condition.sources.append(source)

    def key(self, part: Constraint) -> Constraint:
        """What equivalent statements of a constraint have in common."""
        store = self.facts.store
        found = normal.normal(store.reduced(part), store.ranges)
        return part if isinstance(found, bool) else found

    def core(self, part: Constraint, source: Constraint) -> Core:
        """Why a constraint cannot hold."""
        among, unbounded = [*self.facts.facts, *self.accepted], self.facts.unbounded
        if part is not source and minimal(source, [], unbounded) is not None:
            part = source
        members = minimal(part, among, unbounded)
        fails = [self.facts.negation(part)]
        at = find(fails, self.known) or find(fails, self.facts)
        return Core(source, tuple(among) if members is None else members, at and self.complete(at))

    def witness(self) -> dict[str, int] | None:
        """Sizes that satisfy the facts and all accepted conditions."""
        at = find([], self.known)
        return None if at is None else self.complete(at)

    def complete(self, at: dict[str, int]) -> dict[str, int]:
        """The same sizes, and some for the symbols on which nothing depends."""
        free = [name for name in self.names if name not in at]
        used = set(at.values())
        unused = (value for value in count(2) if value not in used)
        return at | dict(zip(free, unused, strict=False))

    def residuals(self, witness: dict[str, int] | None) -> list[Residual]:
        """The open conditions that do not follow from the others, with their witnesses."""
        conditions = self.without_redundant(list(self.open.values()))
        near = Nearby([*self.facts.facts, *(c.constraint for c in conditions)])
        first = len(self.facts.facts)
        return [
            self.residual(condition, near, first + i, witness)
            for i, condition in enumerate(conditions)
        ]

    @cached_property
    def everything(self) -> tuple[Nearby, dict[int, int]]:
        """The facts and all open conditions, redundant ones too, and where each of these stands."""
        first = len(self.facts.facts)
        near = Nearby([*self.facts.facts, *(c.constraint for c in self.open.values())])
        return near, {id(c): i for i, c in enumerate(self.open.values(), first)}

    def without_redundant(self, conditions: list[_Condition]) -> list[_Condition]:
        """The conditions that do not follow from the facts and the others."""
        near = Nearby([*self.facts.facts, *(c.constraint for c in conditions)])
        first, most = len(self.facts.facts), self.neighbours()
        dropped: set[int] = set()
        for i, condition in enumerate(conditions, first):
            names = condition.constraint.symbols
            others = [j for j in near.around(names, most, i) if j not in dropped]
            if (
                others
                and others[-1] >= first
                and self.among(near, others).decide(condition.constraint)
            ):
                dropped.add(i)
        return [c for i, c in enumerate(conditions, first) if i not in dropped]

    def neighbours(self) -> int:
        """How many connected conditions to look at, fewer if there are many in all."""
        least, most, total = NEIGHBOURS
        return max(least, min(most, total // (len(self.open) or 1)))

    def among(self, near: Nearby, chosen: Sequence[int]) -> Facts:
        """Only some of the facts and conditions."""
        return Facts((near.relations[i] for i in chosen), self.facts.unbounded)

    def residual(
        self, condition: _Condition, near: Nearby, i: int, witness: dict[str, int] | None
    ) -> Residual:
        """A condition with the sizes at which it holds and fails."""
        form = condition.constraint
        others = [near.relations[j] for j in near.around(form.symbols, self.neighbours(), i)]
        before, base = self.earlier(condition), witness or {}
        fails = self.failing(condition, others, base)
        if fails is None or not holds(before, fails):
            both = list(dict.fromkeys([*others, *before]))
            fails = self.failing(condition, both, base) or fails
        fails = fails or self.failing(condition, before, {})
        fails = fails or self.failing(condition, self.facts.facts, {})
        return Residual(form, tuple(condition.sources), witness, fails, pins(form))

    def earlier(self, condition: _Condition) -> list[Constraint]:
        """The facts and conditions nearby that come before a condition, redundant ones too."""
        near, places = self.everything
        place = places[id(condition)]
        chosen = near.around(condition.constraint.symbols, self.neighbours(), place)
        return [near.relations[i] for i in chosen if i < place]

    def failing(
        self, condition: _Condition, relations: Sequence[Constraint], base: dict[str, int]
    ) -> dict[str, int] | None:
        """Sizes at which relations hold and a condition fails, so that what it comes from does."""
        known = Facts(relations, self.facts.unbounded)
        at = find([self.facts.negation(condition.constraint)], known)
        if at is None:
            return None
        at = self.complete(base | at)
        fits = holds(self.facts.facts, at) and not holds(condition.sources, at)
        return at if fits else None


def _parts(constraint: Constraint) -> Iterator[Constraint]:
    if constraint.kind != "all":
        yield constraint
        return
    for option in constraint.options:
        yield from _parts(option.because(option.origin or constraint.origin))
