"""Numbers that a symbol may be given next: inside a region, and beyond a question."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property

from ..core import constraint
from ..core.constraint import Constraint
from ..core.dims import Dim
from ..solve import Facts
from .branch import Branch
from .decision import Answer

AROUND = 64
"""How far from the constants of a question its other answer is looked for."""
FAR = 2048
"""The largest number that a symbol is given."""


class Numbers:
    """What the facts allow the symbols of one group of runs.

    Attributes:
        group: the runs.
        branch: one of them.
        known: what holds for all of them, whatever numbers their symbols have.
    """

    def __init__(
        self, group: Sequence[Branch], facts: Sequence[Constraint], unbounded: Sequence[str]
    ) -> None:
        self.group, self.branch = group, group[0]
        self.known = Facts((*facts, *self.branch.sides_taken), unbounded)

    @cached_property
    def demanded(self) -> Facts:
        """What holds, and what all of several runs demand, if that can hold."""
        first, *others = (dict.fromkeys(run.run.demands) for run in self.group)
        demands = [demand for demand in first if all(demand in other for other in others)]
        together = self.within(demands if others else ())
        return together if together.consistent else self.known

    def admissible(self, symbol: Dim, numbers: range) -> Iterator[int]:
        """Those of some numbers that the symbol may be."""
        for number in numbers:
            if self.known.decide(constraint.equal(symbol, number)) is not False:
                yield number

    def least(self, symbol: Dim) -> int:
        """The least number that is of interest."""
        return max(
            self.known.bounds(symbol)[0] or 0, 0 if symbol.symbols[0] in self.known.unbounded else 1
        )

    def side(
        self, answer: Answer, name: str, number: int, others: Mapping[str, int]
    ) -> bool | None:
        """What the answer would be with another number for one symbol."""
        at = answer.question.substitute({**others, name: number})
        return self.demanded.decide(at) if at.symbols else at.at({})

    def within(self, relations: Sequence[Constraint]) -> Facts:
        """What holds in a region."""
        if not relations:
            return self.known
        known = self.known.copy()
        for relation in relations:
            known.assume(relation)
        return known

    def nearest(self, symbol: Dim, numbers: Sequence[int]) -> list[int]:
        """The first admissible number from each of some numbers on."""
        found: dict[int, None] = {}
        for number in numbers:
            near = next(self.admissible(symbol, range(number, number + AROUND)), None)
            if near is not None:
                found[near] = None
        return list(found)

    def beyond(self, answer: Answer, name: str, known: Facts) -> list[int]:
        """The least few numbers of a symbol that may change an answer; none where none do."""
        symbol, others = self.branch.symbols[name], dict(self.branch.instances)
        found: list[int] = []
        for number in self.candidates(answer, symbol):
            if known.decide(constraint.equal(symbol, number)) is False:
                continue
            if self.side(answer, name, number, others) is not answer.answer:
                found.append(number)
                if len(found) == 4:
                    break
        return found[:2] + found[3:]

    def candidates(self, answer: Answer, symbol: Dim) -> Iterator[int]:
        """Admissible numbers, the small ones and those around the constants of the question."""
        constants = {int(word) for word in re.findall(r"\d+", str(answer.question))}
        near = set(range(self.least(symbol), AROUND))
        for constant in constants:
            for centre in (constant, constant // 2, 2 * constant):
                near |= set(range(max(centre - 4, 0), centre + 8))
        for number in sorted(n for n in near if self.least(symbol) <= n <= FAR):
            yield from self.admissible(symbol, range(number, number + 1))
