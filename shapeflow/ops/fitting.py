"""Laws for the results of runs: variables that must agree are taken as one."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from itertools import combinations
from math import lcm, prod
from typing import Any, Protocol

from ..core import dims
from ..core.constraint import Constraint
from ..core.dims import Dim, Size
from ..core.laws import FAR, Laws, Point
from .outcome import Leaf

STEPS = (12, 4, 2, 1, -1, -2)
"""How far to go where a large step is refused."""
ROUNDS = 12


class Runs(Protocol):
    """The runs so far, and more of them."""

    symbols: list[Dim]
    numbers: list[int]
    outcomes: dict[Point, tuple[Any, list[Leaf]] | None]

    @property
    def accepted(self) -> list[Point]:
        """The points that PyTorch accepts."""

    def ask(self, point: Point) -> bool | None:
        """Whether PyTorch accepts a point; None where it is not asked."""


class Fit:
    """Finds the laws of a result.

    Attributes:
        groups: variables that must agree, by index, each with the size that they have together.
        anchor: the point around which polynomials are fitted.
    """

    def __init__(self, runs: Runs, relations: Sequence[Constraint]) -> None:
        self.runs = runs
        self.groups = groups_of(runs.symbols, relations)
        self.anchor = max(runs.accepted, key=self.merit)
        symbols = [runs.symbols[group[0]] for group, _ in self.groups]
        steps = tuple(self.step(k) for k in range(len(self.groups)))
        self.joint = Laws(symbols, runs.numbers, self.joined(self.anchor), steps)
        self.single = Laws(runs.symbols, runs.numbers, self.anchor, (0,) * len(self.anchor))

    def merit(self, point: Point) -> tuple[bool, int, int]:
        """How good an anchor a point is: groups agree, sizes differ, and are of middling size."""
        even = all(len({point[i] for i in group}) == 1 for group, _ in self.groups)
        joined = self.joined(point)
        return even, len(set(joined)), min((*joined, 12)) - sum(x > FAR for x in joined)

    def joined(self, point: Point) -> Point:
        """The values of the groups at a point."""
        return tuple([max([point[i] for i in group]) for group, _ in self.groups])

    def spread(self, values: Point) -> Point:
        """The point near the anchor at which the groups have these values."""
        point = list(self.anchor)
        for (group, _), value in zip(self.groups, values, strict=True):
            for i in group:
                point[i] = value
        return tuple(point)

    def step(self, k: int) -> int:
        """How far a group may go from the anchor."""
        values = self.joined(self.anchor)
        numbers = [n for n in self.runs.numbers if n <= 64]
        for step in (lcm(FAR, *numbers[:2]), FAR, *STEPS):
            if self.runs.ask(self.spread((*values[:k], values[k] + step, *values[k + 1 :]))):
                return step
        return 0

    def leaves(self) -> list[Leaf] | None:
        """The laws of all leaves; None where one has none."""
        found: list[Leaf] = []
        for number, leaf in enumerate(self.at(self.anchor)):
            sizes = [self.law(_size(axis), number) for axis in range(len(leaf.sizes))]
            shape = tuple(size for size in sizes if size is not None)
            if len(shape) < len(sizes):
                return None
            found.append(self.with_strides(number, shape))
        return found

    def at(self, point: Point) -> list[Leaf]:
        """The leaves of the result at an accepted point."""
        outcome = self.runs.outcomes[point]
        assert outcome is not None
        return outcome[1]

    def with_strides(self, number: int, shape: tuple[Size, ...]) -> Leaf:
        """A leaf with its layout, where that is not the usual one."""
        if all(self.at(point)[number].strides is None for point in self.runs.accepted):
            return Leaf(shape)
        products = {prod(some) for n in range(len(shape)) for some in combinations(shape, n)}
        likely = sorted(products, key=str)
        strides = [self.law(_stride(axis), number, likely) for axis in range(len(shape))]
        known = tuple(stride for stride in strides if stride is not None)
        whole = len(known) == len(shape)
        return Leaf(shape, known if whole else None, whole)

    def law(
        self, value: Number, number: int, likely: Iterable[Size] = ()
    ) -> Size | None:
        """The law of one number in a leaf; None where it has none."""
        examples: dict[Point, int] = {}
        joined: dict[Point, int] | None = {}
        for _ in range(ROUNDS):
            found = {p: value(self.at(p)[number]) for p in self.runs.accepted}
            examples = {p: x for p, x in found.items() if x is not None}
            if not examples:
                return 1
            joined = self.joint_examples(examples)
            wanted = [self.spread(p) for p in self.joint.wanted(joined)] if joined else []
            if not any([self.runs.ask(p) for p in wanted if p not in self.runs.outcomes]):
                break
        law = self.joint.fit(joined, likely) if joined else None
        if law is None:
            return self.single.fit(examples, likely)
        together = {str(self.runs.symbols[group[0]]): size for group, size in self.groups}
        return dims.substitute(law, together)

    def joint_examples(self, examples: dict[Point, int]) -> dict[Point, int] | None:
        """The examples in terms of groups; None where they contradict one another so."""
        found: dict[Point, int] = {}
        for point, value in examples.items():
            if found.setdefault(self.joined(point), value) != value:
                return None
        return found


Number = Callable[[Leaf], int | None]
"""One number of a leaf; None where it is of no account."""


def _size(axis: int) -> Number:
    return lambda leaf: _whole(leaf.sizes[axis])


def _stride(axis: int) -> Number:
    def stride(leaf: Leaf) -> int | None:
        sizes = leaf.sizes
        if sizes[axis] == 1 or 0 in sizes:
            return None
        return _whole(leaf.strides[axis] if leaf.strides else prod(sizes[axis + 1 :]))

    return stride


def _whole(size: Size) -> int | None:
    return size if isinstance(size, int) else None


def groups_of(
    symbols: Sequence[Dim], relations: Iterable[Constraint]
) -> list[tuple[list[int], Size]]:
    """Variables that must agree, apart from sizes of 1, and what their common size is."""
    owner = list(range(len(symbols)))
    loose: set[int] = set()
    for relation in relations:
        same = relation.options[0] if relation.kind == "any" else relation
        ends = [i for i, s in enumerate(symbols) if s is same.left or s is same.right]
        if same.kind == "equal" and len(ends) == 2:
            first, second = (owner[i] for i in ends)
            owner = [first if o == second else o for o in owner]
            loose.update(ends if relation.kind == "any" else ())
    found: list[tuple[list[int], Size]] = []
    for o in dict.fromkeys(owner):
        group = [i for i, other in enumerate(owner) if other == o]
        members = [symbols[i] for i in group]
        found.append((group, dims.maximum(*members) if loose & set(group) else members[0]))
    return found


__all__ = ["Fit", "Runs", "groups_of"]
