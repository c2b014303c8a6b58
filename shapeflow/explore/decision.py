"""What a run was asked and answered: decisions, and what makes a run start or stop otherwise."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ..core.constraint import Constraint, Location
from ..trace import Interruption


class Again(Interruption):
    """Something was met that must be known from the beginning: the run starts again.

    Attributes:
        place: where it stands: the head of a loop whose end depends on sizes, which are then
            given numbers, the reading of a number whose sign is asked about, or a branch on
            entries that is met again.
    """

    def __init__(self, place: Any) -> None:
        super().__init__("again")
        self.place = place


@dataclass(frozen=True)
class Decision:
    """A side taken where the facts were silent.

    Attributes:
        kind: "size" (a relation between sizes), "joined" (one whose sides come together again),
            "value" (entries of a tensor) or "instance" (a symbol given a number).
        question: the relation; for an instance, that the symbol equals the number.
        words: what was asked, in words.
        answer: the side taken: 1 or 0, in turns, or the number.
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
        """The relation that taking this side means; None for values, and where both are meant."""
        if self.kind == "joined":
            return None
        if self.question is None or self.kind == "instance":
            return self.question
        return self.question if self.answer else self.question.negated()


JOINED = 2
"""What is added to the side that is taken where both sides come together again."""


@dataclass(frozen=True)
class Joint:
    """Where both sides of a branch come together again.

    Attributes:
        side: the one whose values hold for both.
        line: the first line of both; 0 where the function returns.
    """

    side: int
    line: int


class Stopped(Interruption):
    """A run that was made for the sake of one branch has come behind it."""


@dataclass(frozen=True)
class Answer:
    """An answer that is so only because a symbol was given a number.

    Other numbers may lead another way: whoever generalises over the numbers must look there, too.

    Attributes:
        question: what was asked.
        answer: what was answered.
        location: where user code asked.
        branches: whether code may go another way there; not so in a law or at the head of a loop.
    """

    question: Constraint
    answer: bool
    location: Location | None
    branches: bool = True

    @property
    def condition(self) -> Constraint:
        """The relation that the answer means."""
        return self.question if self.answer else self.question.negated()


__all__ = ["JOINED", "Again", "Answer", "Decision", "Joint", "Stopped"]
