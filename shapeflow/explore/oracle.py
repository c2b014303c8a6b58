"""What answers the questions of one run: facts, and decisions where the facts are silent."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from itertools import permutations
from types import CodeType
from typing import Any

from ..core import constraint, dims
from ..core.constraint import Constraint, Location
from ..core.dims import Size
from ..solve import Facts, Memory
from ..trace import NONLINEAR, Span, Watch, Watches, asking_frame
from .decision import JOINED, Again, Answer, Decision, Joint, Stopped

INSTANCES = (2, 0, 1, 4)
"""Which of the admissible numbers stand for all of a loop bound; the first is the main path's."""
SEARCHED = 64
FAR_APART = (10, 16, 40)
"""Numbers that are looked at, too, where a function that is not linear takes a size."""
MOST_HINTS = 6
FARTHEST = 512
"""The largest number that a size is divided by to be looked at where its quotient changes."""
ROUNDS = 6
"""How often one place may leave a question open before it is taken for the head of a loop; in
several frames, as those of a recursion, twice as often."""
IN_TURNS = 2
"""The side of a branch on entries that is true at every other time that its place asks."""
ASKED = 1000
"""How often one place may ask about entries before the loop around it is given up."""


def _with(size: Size, leaf: dims.Atom, number: Size) -> Size:
    """A size with a number in the place of one of its symbols."""
    return dims.rewrite(size, lambda atom: number if atom is leaf else None)


class PathOracle:
    """Answers along one path: the prefix is replayed, then defaults are taken.

    Attributes:
        facts: all that is known on this path, numbers of symbols included.
        general: what is known for every number that a symbol could have been given; None as long
            as none was given one.
        decisions: the sides taken.
        answers: what was answered thanks to a number only.
        bounds: the sizes that were asked for as numbers.
        instances: the numbers given.
        hints: further numbers of interest.
        rough: symbols of which a function that is not linear was taken.
        taken: where each symbol was asked for as a number; None for a place that is not known.
        joints: the branches whose sides come together again, by the answers that lead there.
        watched: the frames that asked, by the index of the decision, with what was known then.
        ends: how many decisions had been made at the end of each of these.
        watching: whether frames are watched.
        stop: the decision behind which the run is of no use.

    Args:
        memory: what the facts said in other runs.
    """

    def __init__(
        self,
        facts: Iterable[Constraint],
        unbounded: Iterable[str],
        prefix: Sequence[int],
        places: frozenset[Any] = frozenset(),
        joints: Mapping[tuple[int, ...], Joint] | None = None,
        watching: bool = False,
        stop: int | None = None,
        memory: Memory | None = None,
    ) -> None:
        self.joints, self.watching, self.stop = joints or {}, watching, stop
        self.watches, self.watched = Watches(), dict[int, tuple[Watch, Facts]]()
        self.unmet: set[int] = set()
        self.ends: dict[int, int] = {}
        self.facts = Facts(facts, unbounded, memory)
        self.general: Facts | None = None
        self.prefix, self.places = tuple(prefix), places
        self.decisions: list[Decision] = []
        self.answers: dict[tuple[Constraint, Location | None], Answer] = {}
        self.bounds: dict[Size, None] = {}
        self.instances: dict[str, int] = {}
        self.hints: dict[str, tuple[int, ...]] = {}
        self.rough: set[str] = set()
        self.taken: dict[str, dict[Span | None, None]] = {}
        self.values: dict[Any, int] = {}
        self.told: dict[int, bool] = {}
        self.entries: dict[str, Any] = {}
        self.heads: dict[Any, int] = {}
        self.again: Again | None = None

    def settle(self, question: Constraint) -> bool | None:
        """What the facts entail."""
        known = self.facts.decide(question)
        if known is not None and self.general is not None:
            self.note(question, known, None)
        return known

    def proved(self, requirement: Constraint) -> bool:
        """Whether it holds whatever numbers the instances have."""
        return (self.general or self.facts).decide(requirement) is True

    def assume(self, fact: Constraint) -> None:
        """A requirement holds from here on, unless it is refuted already."""
        if self.facts.decide(fact) is None:
            self.facts.assume(fact)

    # -- branches --------------------------------------------------------------------------------

    def choose(self, question: Constraint, where: Span | None) -> bool:
        """A side of a branch on sizes."""
        known = self.facts.decide(question)
        if known is not None:
            if self.general is not None:
                self.note(question, known, where)
            return known
        joint = self.joints.get(tuple(d.answer for d in self.decisions)) if self.joints else None
        if joint is not None:
            return self.join(question, joint, where)
        if self.is_loop(where):
            for size in question.sizes():
                self.instantiate(size, "it bounds a loop", where)
            return self.choose(question, where)
        default = _usual(question)
        answer = self.take("size", question, str(question), default, (1 - default,), where)
        self.hold(question, answer)
        if self.watching:
            self.watch(len(self.decisions) - 1)
        return bool(answer)

    def hold(self, question: Constraint, answer: int) -> None:
        """What holds from here on because of a side taken."""
        side = question if answer else question.negated()
        self.facts.assume(side)
        if self.general is not None:
            self.general.assume(side)

    def join(self, question: Constraint, joint: Joint, where: Span | None) -> bool:
        """The side that stands for both; what it means is forgotten where they are one again."""
        index, location = len(self.decisions), where.location if where else None
        saved = self.facts.copy(), self.general.copy() if self.general is not None else None
        answer = JOINED + joint.side
        self.decisions.append(Decision("joined", question, str(question), answer, (), location))
        self.hold(question, joint.side)
        self.unmet.add(index)

        def reached(line: int) -> None:
            if line == joint.line and index in self.unmet:
                self.unmet.remove(index)
                self.facts, self.general = saved
                self.watched[index][0].forget()

        watch = self.watches.begin(lambda: self.is_joined(index), reached)
        assert watch is not None, "a branch was joined where no frame can be watched"
        self.watched[index] = watch, self.facts
        return bool(joint.side)

    def watch(self, index: int) -> None:
        """Watches what comes of a decision."""

        def finished() -> None:
            self.ends[index] = len(self.decisions)
            if index == self.stop:
                raise Stopped

        watch = self.watches.begin(lambda: self.is_joined(index), None, finished)
        if watch is not None:
            self.watched[index] = watch, self.facts.copy()

    def is_joined(self, index: int) -> bool:
        """Whether the sides of all later branches have come together again."""
        later = self.decisions[index + 1 :]
        return all(d.kind == "joined" for d in later) and all(i <= index for i in self.unmet)

    def note(self, question: Constraint, known: bool, where: Span | None) -> None:
        """Remembers an answer, if another number might change it."""
        location = where.location if where else None
        key = (question, location)
        if key in self.answers or self.general is None:
            return
        if set(question.map(self.general.reduce).symbols) & set(self.instances):
            if self.general.decide(question) is None:
                branches = where is not None and (where.code, where.instruction) not in self.places
                self.answers[key] = Answer(question, known, location, branches)

    def is_loop(self, where: Span | None) -> bool:
        """Whether the place heads a loop; Again where that comes out only now."""
        if where is None:
            return False
        place = (where.code, where.instruction)
        if place in self.places:
            return True
        if self.asked((asking_frame(), place)) > ROUNDS or self.asked(place) > 2 * ROUNDS:
            self.again = Again(place)
            raise self.again
        return False

    def asked(self, head: Any) -> int:
        """How often a place has asked."""
        self.heads[head] = self.heads.get(head, 0) + 1
        return self.heads[head]

    def compare(self, question: Constraint, where: Span | None) -> bool:
        """The same where user code compares them: numbers read from tensors may be negative."""
        for name in self.entries.keys() & set(question.symbols):
            if self.entries[name] not in self.places and self.hangs_on_sign(question, name):
                self.again = Again(self.entries[name])
                raise self.again
        return self.choose(question, where)

    def hangs_on_sign(self, question: Constraint, name: str) -> bool:
        """Whether the answer is known only because a number is taken to be at least 0."""
        if self.facts.decide(question) is None:
            return False
        any_number = dims.opaque(name) - dims.opaque(f"-{name}")
        itself = next(dims.leaves(dims.opaque(name)))
        return self.facts.decide(question.map(lambda s: _with(s, itself, any_number))) is None

    def is_negative(self, size: Size, words: str, where: Span | None) -> bool:
        """Whether a number read from a tensor is a negative one, if that was asked about."""
        place = "sign", (where.code, where.instruction) if where else words
        self.entries[str(size)] = place
        if place not in self.places:
            return False
        if place not in self.values:
            self.values[place] = self.take("value", None, f"{words} < 0", 0, (1,), where)
        return bool(self.values[place])

    def choose_value(self, words: str, where: Span | None, same: int | None = None) -> bool | None:
        """A side of a branch on entries; a place that asks again gets the same one, or in turns.

        The same entries have the same answer at any place. None where the place has asked too
        often: a loop whose end nobody knows.
        """
        place = where.location if where else words
        if self.asked((asking_frame(), place)) > ASKED:
            return None
        if same is None:
            return self.side(words, place, where)
        if same not in self.told:
            self.told[same] = self.side(words, place, where)
        return self.told[same]

    def side(self, words: str, place: Any, where: Span | None) -> bool:
        """The side for entries that nobody has asked about."""
        repeated = "repeated", place
        turn = self.asked(repeated)
        if turn > 1 and repeated not in self.places:
            self.again = Again(repeated)
            raise self.again
        if place not in self.values:
            others = (0, IN_TURNS) if repeated in self.places else (0,)
            self.values[place] = self.take("value", None, words, 1, others, where)
        side = self.values[place]
        return bool(turn % 2 if side == IN_TURNS else side)

    # -- numbers ---------------------------------------------------------------------------------

    def instantiate(self, size: Size, why: str, where: Span | None) -> int:
        """A number for a size: its symbols are given numbers one by one."""
        given, size = size, self.facts.reduce(size)
        for form in (given, size):  # an equation may have put one symbol in the place of another
            if isinstance(form, dims.Dim):
                self.bounds[form] = None
                self.hint(form, why, where)
                for name in form.symbols:
                    self.taken.setdefault(name, {})[where] = None
        while not isinstance(size, int):
            name = size.symbols[0]
            free = next(leaf for leaf in dims.leaves(size) if leaf.name == name)
            symbol = dims.Dim(((((free, 1),), 1),))
            number = self.take_number(symbol, why, where)
            if self.general is None:
                self.general = self.facts.copy()
            self.facts.assume(constraint.equal(symbol, number))
            self.instances[name] = number
            size = self.facts.reduce(_with(size, free, number))
        for atom in dims.atoms(given):
            if atom.kind in ("max", "min"):  # which one it is depends on the numbers
                for a, b in permutations(atom.args, 2):
                    self.settle(constraint.at_least(a, b))
        for divided, by in _divisions(given):
            whole = self.facts.reduce(divided)
            if by > FARTHEST and isinstance(whole, int):  # the quotient grows out there
                self.settle(constraint.at_least(divided, (whole // by + 1) * by))
        return size

    def hint(self, size: dims.Dim, why: str, where: Span | None) -> None:
        """Notes further numbers at which something may change: those that the code speaks of."""
        if why == NONLINEAR:
            self.rough.update(size.symbols)
        numbers: tuple[int, ...] = FAR_APART if why == NONLINEAR else ()
        if why != NONLINEAR and where is not None:
            found = [n for n in constants_of(where.code) if n > max(INSTANCES) + 1]
            numbers = tuple(sorted({m for n in found for m in (n, n + 1)})[:MOST_HINTS])
        divisors = [d for _, d in _divisions(size) if 1 < d <= FARTHEST]
        behind = [n * d + 1 for d in divisors for n in (1, 2)]
        numbers = (*numbers, *behind[:MOST_HINTS])
        for name in size.symbols:
            self.hints[name] = tuple(dict.fromkeys((*self.hints.get(name, ()), *numbers)))

    def take_number(self, symbol: dims.Dim, why: str, where: Span | None) -> int:
        """A number for one symbol, others to be tried on paths of their own."""
        found = list(self.admissible(symbol))
        values = list(dict.fromkeys(found[min(i, len(found) - 1)] for i in INSTANCES))
        question = constraint.equal(symbol, values[0])
        number = self.take("instance", question, why, values[0], tuple(values[1:]), where)
        self.decisions[-1] = _with_number(self.decisions[-1], symbol, number)
        return number

    def admissible(self, symbol: dims.Dim) -> Iterator[int]:
        """The least numbers that the facts allow a symbol."""
        least = self.facts.bounds(symbol)[0] or 0
        if next(dims.leaves(symbol)).kind == "opaque":
            least = max(least, 1)  # a length or a count that data tells: 0 is of no use to anyone
        found = 0
        for number in range(least, least + SEARCHED):
            if self.facts.decide(constraint.equal(symbol, number)) is not False:
                found += 1
                yield number
                if found > max(INSTANCES):
                    return
        if not found:
            yield least

    def take(
        self,
        kind: str,
        question: Constraint | None,
        words: str,
        default: int,
        others: tuple[int, ...],
        where: Span | None,
    ) -> int:
        """An answer: that of the prefix, or the usual one behind it."""
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
    return Decision(
        "instance", question, decision.words, number, decision.others, decision.location
    )


@cache
def constants_of(code: CodeType) -> tuple[int, ...]:
    """The whole numbers in some code, and in the functions inside it, without their signs."""
    found = {abs(c) for c in code.co_consts if type(c) is int and abs(c) <= SEARCHED}
    for inner in code.co_consts:
        if isinstance(inner, CodeType):
            found |= set(constants_of(inner))
    return tuple(sorted(found))


def _divisions(size: Size) -> Iterator[tuple[Size, int]]:
    """What is divided by a number in a size, however deep, and that number."""
    for atom in dims.atoms(size):
        if atom.kind == "floordiv" and isinstance(atom.args[1], int):
            yield atom.args[0], atom.args[1]
        for arg in atom.args:
            yield from _divisions(arg)


def _usual(question: Constraint) -> int:
    """The side that most sizes take: the one of distinct, fairly large sizes."""
    sizes = {name: 101 + 12 * i for i, name in enumerate(question.symbols)}
    try:
        return int(question.at(sizes))
    except ZeroDivisionError:
        return 0


__all__ = ["PathOracle", "constants_of"]
