"""Which sizes a group of instances stands for, and which further instances that needs.

The runs of a group differ in the numbers of their symbols only. They are cut into pieces, each
under one law and for one region. A law for a region without an end is believed from three numbers
on; a region with both ends must show as many, or all its numbers. Where an answer was so only
thanks to a number, numbers that give the other answer are tried as well.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from ..core import constraint
from ..core.constraint import Constraint, Location
from ..solve import Facts
from ..trace import Gap
from .branch import Branch
from .decision import Answer
from .fit import LEAST, Ambiguous, NoLaw
from .induction import settled, suspects
from .merge import common_law, is_grid
from .numbers import AROUND, Numbers

Ends = tuple[int | None, int | None]
"""The least and the greatest number of a region; None where it has no end."""
MOST = 16
"""Numbers of one symbol that are tried at most."""
WIDE = 4
"""How many times the least number a law must hold, where a function that is not linear is met."""


@dataclass(frozen=True)
class Part:
    """Instances under one law.

    Attributes:
        branch: the run that stands for them.
        condition: the sizes that lead here.
        demands, outputs: the law.
        instances: the numbers tried.
        unfitted: whether no law was found, so that this is one instance alone.
        gaps: sizes that were not looked at.
        others: further runs under the same law.
        loops: for symbols about which all numbers are settled by induction: where the loops are.
    """

    branch: Branch
    condition: tuple[Constraint, ...]
    demands: tuple[Constraint, ...]
    outputs: Any
    instances: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    unfitted: bool = False
    gaps: tuple[Gap, ...] = ()
    others: tuple[Branch, ...] = ()
    loops: Mapping[str, tuple[Location, ...]] = field(default_factory=dict)


@dataclass(frozen=True)
class Piece:
    """Runs with the region that they stand for.

    Attributes:
        runs: the runs.
        ends: the range of each symbol that was given numbers.
        told: answers that lead here.
    """

    runs: tuple[Branch, ...]
    ends: Mapping[str, Ends]
    told: tuple[Constraint, ...] = ()

    def numbers(self, name: str) -> list[int]:
        """The numbers that a symbol has in these runs."""
        return sorted({run.instances[name] for run in self.runs})

    def where(self, name: str, numbers: Sequence[int], ends: Ends) -> Piece:
        """The runs in which a symbol has one of these numbers."""
        runs = tuple(run for run in self.runs if run.instances[name] in numbers)
        return replace(self, runs=runs, ends={**self.ends, name: ends})

    @property
    def condition(self) -> tuple[Constraint, ...]:
        """The region as relations."""
        found = []
        for name, symbol in self.runs[0].symbols.items():
            low, high = self.ends[name]
            if low is not None and low == high:
                found.append(constraint.equal(symbol, low))
                continue
            found += [constraint.at_least(symbol, low)] if low is not None else []
            found += [constraint.at_least(high, symbol)] if high is not None else []
        return (*found, *self.told)


class Regions:
    """Cuts one group into parts, and collects the runs that are still needed.

    Attributes:
        wanted: prefixes of runs that would tell more.
    """

    def __init__(
        self,
        group: Sequence[Branch],
        rivals: Sequence[Branch],
        facts: Sequence[Constraint],
        unbounded: Sequence[str],
    ) -> None:
        self.group, self.rivals, self.first, self.facts = group, rivals, group[0], facts
        self.numbers = Numbers(group, facts, unbounded)
        self.wanted: dict[tuple[int, ...], None] = {}
        self.gaps: dict[str, Gap] = {}

    def parts(self) -> list[Part]:
        """The parts; ``wanted`` says what would make them better."""
        ends: dict[str, Ends] = dict.fromkeys(self.first.symbols, (None, None))
        pieces = [self.bounded(Piece(tuple(self.group), ends))]
        for name in self.first.symbols:
            pieces = [inner for piece in pieces for inner in self.stretches(piece, name)]
        parts = [self.ended(part) for piece in pieces for part in self.cut(piece)]
        return [
            replace(
                part,
                condition=tuple(dict.fromkeys((*self.first.condition, *part.condition))),
                gaps=tuple(dict.fromkeys((*self.gaps.values(), *self.met(part)))),
            )
            for part in parts
        ]

    def met(self, part: Part) -> Iterator[Gap]:
        """What the runs met that a part tells: all but what follows from faults of other parts."""
        for run in self.group:
            for gap in run.run.gaps:
                if gap.kind != "follows" or run is part.branch or run in part.others:
                    yield replace(gap, node="")

    def ended(self, part: Part) -> Part:
        """The part, with an end where beyond it there are ever more results."""
        for name, symbol in self.first.symbols.items():
            last = part.instances[name][-1]
            if self.grows_on(part, name) and self.leads_beyond(part, name, last):
                end = constraint.at_least(last, symbol)
                part = replace(part, condition=(*part.condition, end), unfitted=True)
        return part

    def leads_beyond(self, part: Part, name: str, last: int) -> bool:
        """Whether most of the numbers behind the last one lead to a part, too."""

        def led(number: int, relations: Sequence[Constraint]) -> bool:
            at = {**self.first.instances, name: number}
            told = [relation.substitute(at) for relation in relations]
            return all(relation.symbols or relation.at({}) for relation in told)

        behind = [n for n in range(last + 1, last + AROUND) if led(n, self.facts)]
        relations = (*self.first.condition, *part.condition)
        return 2 * sum(led(n, relations) for n in behind) > len(behind)

    def grows_on(self, part: Part, name: str) -> bool:
        """Whether larger numbers bring ever more results, as an axis that is cut does."""
        runs = [run for run in self.rivals if name in run.instances]
        counts = {run.instances[name]: len(run.run.leaves) for run in runs}
        if part.instances[name][-1] < max(counts):
            return False
        seen = list(dict.fromkeys(counts[number] for number in sorted(counts)))
        return len(seen) > 2 and seen == sorted(seen)

    def want(self, name: str, *numbers: int, needed: bool = True) -> None:
        """Asks for runs with other numbers for a symbol; missing those that are needed is noted."""
        tried = {run.instances[name] for run in self.rivals if name in run.instances}
        for number in numbers:
            if number in tried:
                continue
            if len(tried) >= MOST:
                if needed:
                    self.miss(f"more than {MOST} values of {name} would have to be looked at")
                return
            self.wanted.update(dict.fromkeys(run.prefix_with(name, number) for run in self.group))

    def miss(self, text: str, location: Location | None = None) -> None:
        """Notes sizes that are not looked at."""
        self.gaps.setdefault(text, Gap("number", text, location))

    # -- answers thanks to a number --------------------------------------------------------------

    def bounded(self, piece: Piece) -> Piece:
        """The piece bounded by the answers that all its runs share; others are looked for."""
        told: list[Constraint] = []
        for answer in _shared(piece.runs):
            known = self.numbers.within((*piece.condition, *told))
            if known.decide(answer.question) is not None:
                continue
            told.append(answer.condition)
            names = [name for name in piece.ends if name in answer.question.symbols]
            if any(self.is_tried(answer, name, known) for name in names):
                continue
            found = {name: self.numbers.beyond(answer, name, known) for name in names}
            for name, numbers in found.items():
                self.want(name, *numbers)
            if not any(found.values()):
                text = f"sizes with {answer.condition.negated()} were not looked at"
                self.miss(text, answer.location)
        return replace(piece, told=(*piece.told, *told)) if told else piece

    def is_tried(self, answer: Answer, name: str, known: Facts) -> bool:
        """Whether another run has a number on the other side of an answer, as far as is known."""
        others = dict(self.first.instances)
        numbers = {run.instances[name] for run in self.rivals if name in run.instances}
        return any(
            self.numbers.side(answer, name, number, others) is not answer.answer
            and known.decide(constraint.equal(self.first.symbols[name], number)) is not False
            for number in numbers
        )

    # -- regions ---------------------------------------------------------------------------------

    def stretches(self, piece: Piece, name: str) -> Iterator[Piece]:
        """The piece cut where a number of another group lies between."""
        own = piece.numbers(name)
        every = {n for run in self.rivals for n in [run.instances.get(name)] if n is not None}
        strange = sorted(n for n in every - set(own) if self.is_inside(piece, name, n))
        inside = [n for n in own]
        while inside:
            low = max((n for n in strange if n < inside[0]), default=None)
            high = min((n for n in strange if n > inside[0]), default=None)
            now = [n for n in inside if high is None or n < high]
            ends = self.sharp(name, low, now[0]), self.sharp(name, high, now[-1])
            yield piece.where(name, now, ends)
            inside = inside[len(now) :]

    def is_inside(self, piece: Piece, name: str, number: int) -> bool:
        """Whether the answers that bound a piece let a number be one of it, beside some numbers of
        the other symbols."""
        at = {**self.first.instances, name: number}
        told = [relation.substitute(at) for relation in piece.told]
        if all(relation.symbols or relation.at({}) for relation in told):
            return True
        others = [relation.substitute({name: number}) for relation in piece.told]
        return any(relation.symbols for relation in others) and Facts(others).consistent

    def sharp(self, name: str, strange: int | None, own: int) -> int | None:
        """The end of a stretch; where numbers lie between the groups, one of them is tried."""
        if strange is None:
            return None
        between = range(min(strange, own) + 1, max(strange, own))
        open_numbers = list(self.numbers.admissible(self.first.symbols[name], between))
        if open_numbers:
            self.want(name, open_numbers[len(open_numbers) // 2])
        return own

    def cut(self, piece: Piece) -> list[Part]:
        """Parts under one law each."""
        piece = self.bounded(piece)
        try:
            return [self.under_one_law(piece)]
        except Ambiguous as more:
            self.want(more.name, more.number)
            return self.alone(piece)
        except NoLaw:
            pass
        for answer, yes, no in _splits(piece):
            sides = (yes, answer.question), (no, answer.question.negated())
            return [
                part
                for runs, told in sides
                for part in self.cut(replace(piece, runs=runs, told=(*piece.told, told)))
            ]
        for name in piece.ends:
            numbers = piece.numbers(name)
            for k in range(1, len(numbers)):
                low, high = piece.ends[name]
                tail = piece.where(name, numbers[k:], (numbers[k], high))
                if self.has_law(tail) and self.goes_on(tail, name):
                    self.sharp(name, numbers[k - 1], numbers[k])
                    head = piece.where(name, numbers[:k], (low, numbers[k] - 1))
                    return [*self.cut(tail), *self.cut(head)]
        return self.alone(piece)

    def goes_on(self, tail: Piece, name: str) -> bool:
        """Whether a law that earlier numbers do not follow is met at twice its first number, too:
        what is 3 at 9, 10 and 11 may be a third."""
        low, high = tail.ends[name]
        numbers = tail.numbers(name)
        if high is not None or low is None or numbers[-1] >= 2 * low:
            return True
        self.want(name, *self.numbers.nearest(self.first.symbols[name], [2 * low]))
        return False

    def has_law(self, piece: Piece) -> bool:
        """Whether the instances of a region follow one law."""
        try:
            self.under_one_law(piece)
        except (NoLaw, Ambiguous):
            return False
        return True

    def under_one_law(self, piece: Piece) -> Part:
        """All runs of a piece as one part; NoLaw where there is none."""
        if not is_grid([run.instances for run in piece.runs]):
            raise NoLaw
        for name in piece.ends:
            self.expect_enough(piece, name)
        rare = not any(answer.branches for answer, _, _ in _splits(piece))
        outputs, demands = common_law(piece.runs, rare)
        tried = {name: tuple(piece.numbers(name)) for name in piece.ends}
        loops = settled(piece.runs, outputs, demands)
        for name in piece.ends:
            if name not in loops:
                self.want_suspects(piece, name)
        first, *rest = piece.runs
        others = tuple(rest)
        return Part(first, piece.condition, demands, outputs, tried, others=others, loops=loops)

    def expect_enough(self, piece: Piece, name: str) -> None:
        """NoLaw where a symbol was tried at too few numbers; more of them are asked for."""
        numbers = piece.numbers(name)
        symbol = piece.runs[0].symbols[name]
        low, high = piece.ends[name]
        low = self.numbers.least(symbol) if low is None else low
        whole = range(low, (numbers[-1] + MOST if high is None else high) + 1)
        others = [
            n
            for n in self.numbers.admissible(symbol, whole)
            if n not in numbers and self.is_inside(piece, name, n)
        ]
        if len(numbers) < LEAST and others:
            above = [n for n in others if n > numbers[-1]] or others
            self.want(name, *above[: LEAST - len(numbers)])
            raise NoLaw
        if name in self.first.rough and high is None and numbers[-1] < WIDE * max(numbers[0], 1):
            self.want(name, *self.numbers.nearest(symbol, [WIDE * numbers[0]]))
            raise NoLaw
        hints = [n for n in self.first.hints.get(name, ()) if n not in numbers]
        hints = [n for n in hints if (high is None or n <= high) and self.is_inside(piece, name, n)]
        self.want(name, *self.numbers.nearest(symbol, hints))

    def want_suspects(self, piece: Piece, name: str) -> None:
        """Asks for the numbers at which the code of a loop may do something else."""
        low, high = piece.ends[name]
        tried = piece.numbers(name)
        numbers = [n for n in suspects(piece.runs) if n not in tried]
        numbers = [
            n for n in numbers if (high is None or n <= high) and self.is_inside(piece, name, n)
        ]
        nearest = self.numbers.nearest(piece.runs[0].symbols[name], numbers)
        self.want(name, *nearest, needed=False)

    def alone(self, piece: Piece) -> list[Part]:
        """Each run for itself: no law covers other numbers."""
        return [
            Part(
                run,
                run.pins,
                run.run.demands,
                run.run.outputs,
                {name: (number,) for name, number in run.instances.items()},
                unfitted=len(piece.runs) > 1 or not self.is_exact(piece),
            )
            for run in piece.runs
        ]

    def is_exact(self, piece: Piece) -> bool:
        """Whether a region has no other number than the one tried."""
        return all(low is not None and low == high for low, high in piece.ends.values())


def _shared(group: Sequence[Branch]) -> list[Answer]:
    """The answers that every run got, and the same in each."""
    first = group[0]
    return [
        answer
        for key, answer in first.answers.items()
        if all(key in run.answers and run.answers[key].answer is answer.answer for run in group)
    ]


def _splits(piece: Piece) -> Iterator[tuple[Answer, tuple[Branch, ...], tuple[Branch, ...]]]:
    """The questions that every run was asked, with the runs that differ in the answer."""
    for key, answer in piece.runs[0].answers.items():
        if all(key in run.answers for run in piece.runs):
            yes = tuple(run for run in piece.runs if run.answers[key].answer)
            no = tuple(run for run in piece.runs if not run.answers[key].answer)
            if yes and no:
                yield answer, yes, no


__all__ = ["Part", "Regions"]
