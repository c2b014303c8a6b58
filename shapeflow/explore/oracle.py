"""What answers the questions of one run: facts, and decisions where the facts are silent."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ..core import constraint, dims
from ..core.constraint import Constraint, Location
from ..core.dims import Size
from ..solve import Facts
from ..trace.source import Span

INSTANCES = (3, 1, 2, 5)
"""Sizes that stand for all of a loop bound; the first is the main path's."""


@dataclass(frozen=True)
class Decision:
    """A side taken where the facts were silent.

    Attributes:
        kind: "size" (a relation between sizes), "value" (entries of a tensor) or "instance" (a
            symbol given a number).
        question: the relation; for an instance, that the symbol equals the number.
        words: what was asked, in words.
        answer: the side taken: 1 or 0, or the number.
        others: the answers not taken.
        location: where user code asked.
    """

    kind: str
    question: Constraint | None
    words: str
    answer: int
    others: tuple[int, ...]
    location: Location | None

    @property
    def condition(self) -> Constraint | None:
        """The relation that taking this side means; None for values."""
        if self.question is None or self.kind == "instance":
            return self.question
        return self.question if self.answer else self.question.negated()


class PathOracle:
    """Answers along one path: the prefix is replayed, then defaults are taken."""

    def __init__(self, facts: Iterable[Constraint], unbounded: Iterable[str], prefix: Sequence[int]) -> None:
        self.facts = Facts(facts, unbounded)
        self.prefix = tuple(prefix)
        self.decisions: list[Decision] = []
        self.instances: dict[str, int] = {}
        self.values: dict[Location | str, int] = {}

    def settle(self, question: Constraint) -> bool | None:
        """What the facts entail."""
        return self.facts.decide(question)

    def assume(self, fact: Constraint) -> None:
        """A requirement holds from here on, unless it is refuted already."""
        if self.facts.decide(fact) is None:
            self.facts.assume(fact)

    def choose(self, question: Constraint, where: Span | None) -> bool:
        """A side of a branch on sizes."""
        known = self.facts.decide(question)
        if known is not None:
            return known
        default = _usual(question)
        answer = self.take("size", question, str(question), default, (1 - default,), where)
        self.facts.assume(question if answer else question.negated())
        return bool(answer)

    def choose_value(self, words: str, where: Span | None) -> bool:
        """A side of a branch on entries; the same place takes the same side again."""
        place = where.location if where else words
        if place not in self.values:
            self.values[place] = self.take("value", None, words, 1, (0,), where)
        return bool(self.values[place])

    def instantiate(self, size: Size, why: str, where: Span | None) -> int:
        """A number for a size: its symbols are given numbers one by one."""
        size = self.facts.reduce(size)
        while not isinstance(size, int):
            name = size.symbols[0]
            free = next(leaf for leaf in dims.leaves(size) if leaf.name == name)
            symbol = dims.Dim((((((free, 1),), 1)),))
            number = self.take_number(symbol, why, where)
            self.facts.assume(constraint.equal(symbol, number))
            self.instances[name] = number
            size = self.facts.reduce(dims.rewrite(size, lambda a, f=free, n=number: n if a is f else None))
        return size

    def take_number(self, symbol: dims.Dim, why: str, where: Span | None) -> int:
        least = self.facts.bounds(symbol)[0] or 0
        usual = INSTANCES if least <= 1 else tuple(least + n - 1 for n in INSTANCES)
        values = [n for n in usual if self.facts.decide(constraint.equal(symbol, n)) is not False]
        values = values or [max(least, 1)]
        question = constraint.equal(symbol, values[0])
        number = self.take("instance", question, why, values[0], tuple(values[1:]), where)
        self.decisions[-1] = _with_number(self.decisions[-1], symbol, number)
        return number

    def take(
        self,
        kind: str,
        question: Constraint | None,
        words: str,
        default: int,
        others: tuple[int, ...],
        where: Span | None,
    ) -> int:
        i = len(self.decisions)
        answer = default
        if i < len(self.prefix):
            answer = self.prefix[i]
            others = tuple(n for n in (default, *others) if n != answer)
        location = where.location if where else None
        self.decisions.append(Decision(kind, question, words, answer, others, location))
        return answer


def _with_number(decision: Decision, symbol: dims.Dim, number: int) -> Decision:
    question = constraint.equal(symbol, number)
    return Decision("instance", question, decision.words, number, decision.others, decision.location)


def _usual(question: Constraint) -> int:
    """The side that most sizes take: the one of distinct, fairly large sizes."""
    sizes = {name: 101 + 12 * i for i, name in enumerate(question.symbols)}
    try:
        return int(question.at(sizes))
    except ZeroDivisionError:
        return 0
