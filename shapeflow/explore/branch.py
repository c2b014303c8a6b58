"""One run with the decisions that led it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from ..core import dims
from ..core.constraint import Constraint, Location
from ..core.dims import Dim, Size
from ..trace import Run, Span
from .decision import Answer, Decision

SIDES = ("false", "true", "true every other time")
"""How the sides of a branch on entries are called."""


@dataclass(frozen=True, eq=False)
class Branch:
    """One run with the decisions that led it.

    Attributes:
        run: what was recorded.
        decisions: the sides taken, in order.
        answers: what was answered only because symbols had the numbers they had.
        bounds: the sizes that were asked for as numbers.
        instances: the numbers that symbols were given.
        hints: further numbers of interest for them.
        rough: symbols of which a function that is not linear was taken.
        taken: where each symbol was asked for as a number.
    """

    run: Run
    decisions: tuple[Decision, ...]
    answers: Mapping[tuple[Constraint, Location | None], Answer]
    bounds: tuple[Size, ...]
    instances: Mapping[str, int]
    hints: Mapping[str, tuple[int, ...]]
    rough: frozenset[str]
    taken: Mapping[str, tuple[Span | None, ...]]

    @cached_property
    def sides(self) -> Mapping[Any, int]:
        """The side taken of each question; the numbers of symbols are apart."""
        return {
            (str(d.question) if d.question else d.words, d.location): d.answer
            for d in self.decisions
            if d.kind != "instance"
        }

    @property
    def key(self) -> Any:
        """What branches that differ in numbers only have in common."""
        return frozenset(self.sides.items()), frozenset(self.instances)

    def agrees(self, other: Branch) -> bool:
        """Whether no question has different answers in both."""
        return all(other.sides.get(key, side) == side for key, side in self.sides.items())

    @cached_property
    def symbols(self) -> Mapping[str, Dim]:
        """The symbols that were given numbers, by name."""
        found = {}
        for d in self.decisions:
            if d.kind == "instance" and d.question is not None and isinstance(d.question.left, Dim):
                found[d.question.left.symbols[0]] = d.question.left
        return found

    @property
    def condition(self) -> tuple[Constraint, ...]:
        """The relations between sizes that lead this way, numbers apart."""
        found = (d.condition for d in self.decisions if d.kind == "size")
        return tuple(dict.fromkeys(c for c in found if c is not None and not on_data(c)))

    @property
    def sides_taken(self) -> tuple[Constraint, ...]:
        """As ``condition``, relations that speak of data included."""
        found = (d.condition for d in self.decisions if d.kind == "size")
        return tuple(c for c in found if c is not None)

    @property
    def pins(self) -> tuple[Constraint, ...]:
        """That the symbols have the numbers they were given."""
        pins = (d.question for d in self.decisions if d.kind == "instance" and d.question)
        return tuple(pin for pin in pins if not on_data(pin))

    @property
    def values(self) -> tuple[str, ...]:
        """The branches on entries that it takes."""
        return tuple(
            f"{d.words} is {SIDES[d.answer]}"
            for d in self.decisions
            if d.kind == "value" or (d.kind == "size" and d.question and on_data(d.question))
        )

    @property
    def last(self) -> Decision | None:
        """The last decision that gives no number."""
        kinds = "instance", "joined"
        return next((d for d in reversed(self.decisions) if d.kind not in kinds), None)

    @property
    def ended(self) -> bool:
        """Whether the run came to a result."""
        return self.run.raised is None and self.run.whole

    @property
    def end(self) -> Any:
        """How the run ended, to compare runs by."""
        raised = self.run.raised
        return (raised.kind, raised.location) if raised else self.run.whole

    def prefix_with(self, name: str, number: int) -> tuple[int, ...]:
        """The answers that lead to the same place with another number for a symbol."""
        answers: list[int] = []
        for d in self.decisions:
            if d.kind == "instance" and d.question is not None and d.question.symbols == (name,):
                return (*answers, number)
            answers.append(d.answer)
        raise KeyError(name)


def on_data(relation: Constraint) -> bool:
    """Whether a relation speaks of sizes that depend on data."""
    return any(leaf.kind == "opaque" for size in relation.sizes() for leaf in dims.leaves(size))
