"""Laws of an operation without a rule: found by running it at a few sizes.

``probe`` is given the sizes that vary and a function that runs the operation at numbers for them.
It looks for the relations that separate what PyTorch accepts from what it refuses, and for a law
of every size of the result; both are tried at sizes that played no part in finding them.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

from ..core import constraint, dims
from ..core.constraint import Constraint
from ..core.dims import Dim, Size
from ..core.laws import FAR, Point
from ..core.separation import Separation
from .call import Call
from .fitting import Fit
from .outcome import Leaf, flatten, numbers_of, rebuilt

MOST = 60
"""Runs of the operation at most, for one set of variables."""
STARTS = 30
"""Runs until it has to be accepted once."""
FOR_RELATIONS = 40
"""Runs after which relations that nothing contradicts are taken for true."""
ROUNDS = 20
SMALL = (12, 24, 8, 6, 18, 4, 10, 16)
LARGE = (48, 240, 96, 144, 336, 192, 528, 624)
NUMBERS = 24
HELD_OUT = 5
"""Sizes at which laws are tried that were found without them."""
ABOUT_SHAPES = re.compile(r"size|shape|dim|rank|axis|axes|element|match|broadcast", re.I)
WORDS = {
    "equal": "PyTorch accepts it only where these sizes agree",
    "distinct": "PyTorch accepts it only where these sizes differ",
    "at_least": "PyTorch accepts it only where the size is large enough",
    "divides": "PyTorch accepts it only where the division leaves no rest",
    "any": "PyTorch accepts it only where one of these holds",
}


class Refusal(Exception):
    """PyTorch refuses the call; the text is its message."""


class Unable(Exception):
    """The call cannot be made for a reason that has nothing to do with sizes."""


class TooLarge(Exception):
    """The call is not made at such sizes."""


Run = Callable[[Point], Any]
"""Runs the operation at numbers for the variables: the result as rules give it, with numbers."""


@dataclass(frozen=True)
class Probed:
    """What probing found.

    Attributes:
        result: as a rule gives it.
        reason: what is not known, in words; "" where all is.
        known: whether there is a result.
    """

    result: Any
    reason: str = ""
    known: bool = False


def probe(call: Call, variables: Sequence[Dim], run: Run, numbers: Iterable[int] = ()) -> Probed:
    """States what an operation requires and gives its result.

    Args:
        call: the call; takes the requirements.
        variables: the sizes that vary in its arguments.
        run: runs the operation.
        numbers: the numbers among its arguments.

    Raises:
        Fault: PyTorch refuses it at all sizes.
    """
    try:
        return _Search(call, variables, run, numbers).probed()
    except Unable as unable:
        return Probed(None, str(unable))


class _Search:
    """The runs so far and what follows from them.

    Attributes:
        outcomes: what came of a run: leaves and skeleton of the result, None where it was refused.
    """

    def __init__(
        self, call: Call, variables: Sequence[Dim], run: Run, numbers: Iterable[int]
    ) -> None:
        self.call, self.variables, self.run = call, tuple(variables), run
        self.symbols = [dims.symbol(f"v{i}") for i in range(len(variables))]
        few = dict.fromkeys(n for n in numbers if 1 <= n <= 4096)
        self.numbers = [n for n in few if n > 1][:NUMBERS]
        pairs = [f(a, b) for a in few for b in few for f in (int.__mul__, int.__add__, int.__sub__)]
        self.numbers += [n for n in dict.fromkeys(pairs) if 1 < n <= 4096 and n not in few]
        del self.numbers[NUMBERS:]
        self.outcomes: dict[Point, tuple[Any, list[Leaf]] | None] = {}
        self.messages: dict[str, None] = {}
        self.separation = Separation(self.symbols, self.numbers)
        self.random = random.Random(len(variables))
        self.allowed: dict[tuple[Size, int], bool] = {}

    # -- runs --------------------------------------------------------------------------------------

    def admits(self, point: Point) -> bool:
        """Whether nothing that is known of the sizes speaks against a point."""
        pairs = list(zip(self.variables, point, strict=True))
        if any(number < 0 or not self.may_be(size, number) for size, number in pairs):
            return False
        return all(
            self.may_be(a - b, m - n) for i, (a, m) in enumerate(pairs) for b, n in pairs[:i]
        )

    def may_be(self, size: Size, number: int) -> bool:
        """Whether a size may have a value as far as it is known."""
        key = (size, number)
        if key not in self.allowed:
            known = self.call.settled(constraint.equal(size, number))
            self.allowed[key] = known is not False
        return self.allowed[key]

    def ask(self, point: Point) -> bool | None:
        """Whether PyTorch accepts a point; None where it is not asked."""
        if point in self.outcomes:
            return self.outcomes[point] is not None
        if len(self.outcomes) >= MOST or not self.admits(point):
            return None
        try:
            self.outcomes[point] = flatten(self.run(point))
        except Refusal as refusal:
            self.outcomes[point] = None
            self.messages.setdefault(str(refusal))
        except TooLarge:
            return None
        self.separation.add(point, self.outcomes[point] is not None)
        return self.outcomes[point] is not None

    @property
    def accepted(self) -> list[Point]:
        """The points that PyTorch accepts."""
        return self.separation.accepted

    # -- the order of things -----------------------------------------------------------------------

    def probed(self) -> Probed:
        """Everything in order."""
        if not self.started():
            return self.refused()
        self.separated()
        narrowed = self.narrowed()
        if narrowed is not None:
            return narrowed
        skeletons = {skeleton for skeleton, _ in filter(None, self.outcomes.values())}
        if len(skeletons) > 1:
            return Probed(None, "the structure of its result follows no known law")
        found = self.laws()
        relations, left = self.separation.relations()
        real = dict(zip(self.names, self.variables, strict=True))
        for relation in relations:
            self.call.require(relation.substitute(real), WORDS[relation.kind], kind="size")
        if found is None:
            return Probed(None, "the sizes of its result follow no known law")
        leaves = [leaf.substitute(real) for leaf in found]
        reason = "which sizes it accepts follows no known law" if left else ""
        if not reason and not all(leaf.fitted for leaf in leaves):
            reason = "how its result lies in memory follows no known law"
        return Probed(rebuilt(skeletons.pop(), iter(leaves)), reason, known=True)

    @property
    def names(self) -> list[str]:
        """The names of the variables in relations and laws."""
        return self.separation.names

    def started(self) -> bool:
        """Looks for a point that PyTorch accepts."""
        for point in self.starts():
            self.ask(point)
            if len(self.outcomes) > STARTS and not self.accepted:
                return False
            if self.accepted and len(self.outcomes) >= 4:
                break
        if self.accepted:
            self.separation.extend(list(dict.fromkeys(self.accepted[0])))
        return bool(self.accepted)

    def starts(self) -> Iterator[Point]:
        """Points to begin with: distinct sizes, equal ones, then those that are spoken of."""
        n = len(self.variables)
        for scale in (SMALL, LARGE):
            yield tuple(scale[i % len(scale)] for i in range(n))
        yield from ((number,) * n for number in (12, 1))
        for _ in range(2):  # messages may speak of more numbers after the first round
            self.learn_numbers()
            yield from ((number,) * n for number in self.numbers)
        yield from ((number,) * n for number in (2, 3, 4, 5, 16, 32, 64))
        pool = [*self.numbers, 1, 2, 4, 12]
        for _ in range(4 * MOST):
            yield tuple(self.random.choice(pool) for _ in range(n))

    def learn_numbers(self) -> None:
        """Takes the numbers in PyTorch's messages into account, but not those that were tried."""
        tried = {number for point in self.outcomes for number in point}
        found = dict.fromkeys(
            int(n) for text in self.messages for n in re.findall(r"\d+", text) if len(n) < 5
        )
        more = [n for n in found if n > 1 and n not in tried and n not in self.numbers]
        self.numbers = [*self.numbers, *more[:NUMBERS]]
        self.separation.extend(more[:NUMBERS])

    def refused(self) -> Probed:
        """What to say where PyTorch accepted nothing."""
        if not self.messages:
            raise Unable("it cannot be run at any sizes that are known to be possible")
        message = next(iter(self.messages)).strip().split("\n")[0].rstrip(".")
        if len(self.messages) == 1 and ABOUT_SHAPES.search(message):
            self.call.fail(f"PyTorch refuses it: {message}", kind="size")
        return Probed(None, f"PyTorch refused it at all sizes that were tried: {message}")

    # -- which sizes are accepted ------------------------------------------------------------------

    def separated(self) -> None:
        """Tries what the relations say until nothing contradicts them."""
        start = max(self.accepted, key=lambda p: len(set(p)))
        stuck = []
        for i, number in enumerate(start):
            moves = [self.ask(_with(start, (i,), other)) for other in (number + 1, 1, 2 * number)]
            if not any(moves):
                stuck.append(i)
        for few in (2, 3):
            for chosen in combinations(stuck, few) if len(stuck) > few else ():
                if len(self.outcomes) < FOR_RELATIONS:
                    self.ask(_with(start, chosen, 2 * start[chosen[0]]))
        self.settled()

    def settled(self) -> None:
        """Tries doubtful points until none contradicts the relations, nor could a rival do."""
        for _ in range(ROUNDS):
            relations, _ = self.separation.relations()
            rivals = len(self.separation.alive)
            for expected, point in self.separation.doubts(relations, self.near(relations)):
                answer = self.ask(point)
                if answer is not None and answer is not expected:
                    break
            else:
                told = len(self.separation.alive) == rivals
                if len(self.outcomes) > FOR_RELATIONS or (
                    told and not self.separation.has_open(relations)
                ):
                    break

    def near(self, relations: Sequence[Constraint]) -> Iterator[Point]:
        """Points around the accepted ones, and around the edges of the relations."""
        edges = [abs(n) for r in relations for size in r.sizes() for n in numbers_of(size)]
        edges = [n for n in edges if 0 < n < FAR]
        values = [1, 2, 3, 4, 5, 7, 8, 12, 13, 24, *self.numbers, 0]
        values += [n + d for n in (*edges, *self.numbers[:6]) for d in (-1, 1)] + edges
        values += [(a + b) // 2 for p in self.accepted[:4] for a in p for b in edges]
        bases = self.random.sample(self.accepted, min(4, len(self.accepted)))
        count = len(self.variables)
        for base in bases:
            for i in range(count):
                for value in (*values, *base, base[i] + 1, 2 * base[i]):
                    point = (*base[:i], value, *base[i + 1 :])
                    yield point
                    yield self.repaired(point, relations)
                    j = self.random.randrange(count)
                    yield tuple(value if k in (i, j) else x for k, x in enumerate(base))
            for bound in (r for r in relations if r.kind == "at_least"):
                yield from self.at_bound(base, bound)
        for _ in range(80):
            point = tuple(self.random.choice(values) for _ in range(count))
            yield point
            yield self.repaired(point, relations)

    def at_bound(self, point: Point, bound: Constraint) -> Iterator[Point]:
        """A point moved to a lower bound, just below it, and half the way to what was refused."""
        now = self.separation.value(bound.left, point)
        least = dims.evaluate(bound.right, {})
        terms = dict(dims.as_dim(bound.left).terms)
        for i, symbol in enumerate(self.symbols):
            slope = terms.get(symbol.terms[0][0], 0)
            for wanted in (self.separation.middle(bound), least - 1, least) if slope else ():
                yield (*point[:i], point[i] + slope * (wanted - now), *point[i + 1 :])

    def repaired(self, point: Point, relations: Iterable[Constraint]) -> Point:
        """A point changed so that it meets simple relations."""
        sizes = dict(zip(self.names, point, strict=True))
        for relation in relations:
            if relation.kind == "any":
                relation = self.random.choice(relation.options)
            names = [n for n in relation.symbols if str(relation.left) == n]
            other = relation.right
            if relation.at(sizes) or not names:
                continue
            number = dims.evaluate(other, sizes)
            if relation.kind in ("equal", "at_least"):
                sizes[names[0]] = number
            elif relation.kind == "divides":
                sizes[names[0]] *= number
        return tuple(sizes.values())

    # -- results of several structures -------------------------------------------------------------

    def narrowed(self) -> Probed | None:
        """Goes on with one variable fixed, where the structure of the result depends on it."""
        known = {p: o[0] for p, o in self.outcomes.items() if o is not None}
        if len(set(known.values())) < 2:
            return None
        for i, size in enumerate(self.variables):
            others = {skeleton for p, skeleton in known.items() if p[i] != 1}
            if len(others) == 1 and any(p[i] == 1 for p in known):
                if self.call.is_one(size):
                    return self.fixed(i, 1)
                return probe(self.call, self.variables, self.run, self.numbers)
        for i, size in enumerate(self.variables):
            by: dict[int, set[Any]] = {}
            for point, skeleton in known.items():
                by.setdefault(point[i], set()).add(skeleton)
            if all(len(skeletons) == 1 for skeletons in by.values()):
                number = self.call.length(size, "it decides how many results there are")
                return self.fixed(i, number)
        return None

    def fixed(self, i: int, number: int) -> Probed:
        """The same with a number for one variable."""
        rest = [*self.variables[:i], *self.variables[i + 1 :]]
        return probe(self.call, rest, lambda p: self.run((*p[:i], number, *p[i:])), self.numbers)

    # -- laws --------------------------------------------------------------------------------------

    def laws(self) -> list[Leaf] | None:
        """The law of every leaf of the result; None where one has none."""
        found: list[Leaf] | None = None
        for _ in range(ROUNDS):
            relations, _ = self.separation.relations()
            found = Fit(self, relations).leaves()
            if found is None or self.confirmed(found, relations):
                break
            self.settled()
        return found

    def confirmed(self, found: Sequence[Leaf], relations: Sequence[Constraint]) -> bool:
        """Whether laws hold at sizes that they were not found through."""
        tried = 0
        points = [p for yes, p in self.separation.doubts(relations, self.near(relations)) if yes]
        edges = [n + d for n in self.numbers[:4] for d in (-1, 0, 1)]
        base = max(self.accepted, key=lambda p: len(set(p)))
        around = [(*base[:i], e, *base[i + 1 :]) for i in range(len(base)) for e in edges]
        points += self.random.sample(around, min(len(around), 2 * HELD_OUT))
        spread = [LARGE, SMALL, (7, 11, 5, 13, 3, 9, 17, 2), (101, 64, 37, 50, 75, 20, 33, 90)]
        count = len(self.variables)
        points += [self.repaired(tuple(s[i % 8] for i in range(count)), relations) for s in spread]
        for point in dict.fromkeys(points):
            if point in self.outcomes or self.ask(point) is None:
                continue
            outcome = self.outcomes[point]
            if outcome is None or not self.agrees(found, point, outcome[1]):
                return False
            tried += 1
            if tried >= 2 * HELD_OUT:
                break
        return True

    def agrees(self, found: Sequence[Leaf], point: Point, leaves: Sequence[Leaf]) -> bool:
        """Whether laws give what came of a run."""
        value = self.separation.value
        given = [[value(law, point) for law in leaf.sizes] for leaf in found]
        return given == [list(leaf.sizes) for leaf in leaves]


def _with(point: Point, places: Iterable[int], number: int) -> Point:
    """A point with a number at some places."""
    return tuple(number if i in places else x for i, x in enumerate(point))


__all__ = ["Probed", "Refusal", "TooLarge", "Unable", "probe"]
