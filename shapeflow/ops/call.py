"""What a rule talks to: one call of one operation.

A rule states every requirement here, in a person's words, and gets on with the shape that the
operation would have if the requirement held. Whether it holds is decided elsewhere.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, NoReturn, Protocol

from ..core import constraint, dims
from ..core.constraint import Constraint, Origin
from ..core.dims import Dim, Size
from ..core.shape import Shape
from .value import Value


class Asker(Protocol):
    """Who answers the questions that a rule has about sizes: the trace under way."""

    def demand(self, requirement: Constraint) -> None:
        """Takes a requirement down."""

    def proved(self, requirement: Constraint) -> bool:
        """Whether a requirement holds in any case, so that it need not be taken down."""

    def settle(self, question: Constraint) -> bool | None:
        """True or False where the facts entail it, else None; never takes a side."""

    def choose(self, question: Constraint) -> bool:
        """True or False; where the facts do not entail it, the path is forked."""

    def instantiate(self, size: Size, why: str) -> int:
        """A number for a size that Python needs as such; forks over a few values."""

    def fresh(self, words: str, at_most: Size | None = None) -> Size:
        """A size that depends on data: nothing is known of it but its bounds."""

    def data_size(
        self, name: str, at_least: Size | None = None, at_most: Size | None = None
    ) -> Size:
        """The data-dependent size of that name: the same one for the same name."""


class Fault(Exception):
    """A requirement failed in such a way that the operation has no result to go on with."""


class Call:
    """One call: the rule's way to state requirements, ask about sizes and describe results.

    Attributes:
        op: dotted name of the operation.
        asker: who takes requirements and answers questions.
        default_dtype: torch's default floating dtype.
        memory: the size of the first operand's memory, and where in it that begins; None where
            it is not known.
    """

    __slots__ = ("asker", "default_dtype", "memory", "node", "op")

    def __init__(
        self, op: str, asker: Asker, node: str = "", default_dtype: str = "float32"
    ) -> None:
        self.op, self.asker, self.node, self.default_dtype = op, asker, node, default_dtype
        self.memory: tuple[Size, Size] | None = None

    # -- requirements --------------------------------------------------------------------------

    def equal(
        self,
        actual: Size,
        expected: Size,
        because: str,
        *,
        kind: str = "size",
        of: str = "",
        axis: int | None = None,
    ) -> None:
        """Demands ``actual == expected``.

        Args:
            actual: the size that was given.
            expected: the size that the operation needs.
            because: the requirement in plain words, without numbers.
            kind: slug of the finding, see ``diagnose.catalogue``.
            of: name of the operand that has ``actual``.
            axis: its axis.
        """
        if actual is not expected and actual != expected:
            self.require(constraint.equal(actual, expected), because, kind=kind, of=of, axis=axis)

    def at_least(
        self,
        actual: Size,
        least: Size,
        because: str,
        *,
        kind: str = "size",
        of: str = "",
        axis: int | None = None,
    ) -> None:
        """Demands ``actual >= least``."""
        if not (isinstance(actual, int) and isinstance(least, int) and actual >= least):
            self.require(constraint.at_least(actual, least), because, kind=kind, of=of, axis=axis)

    def divides(
        self,
        number: Size,
        size: Size,
        because: str,
        *,
        kind: str = "divisibility",
        of: str = "",
        axis: int | None = None,
    ) -> None:
        """Demands ``size % number == 0``."""
        self.require(constraint.divides(number, size), because, kind=kind, of=of, axis=axis)

    def require(
        self,
        requirement: Constraint,
        because: str,
        *,
        kind: str = "size",
        of: str = "",
        axis: int | None = None,
    ) -> None:
        """Demands any relation between sizes."""
        if requirement.kind != "never" and not requirement.options:
            left, right = requirement.left, requirement.right
            if not isinstance(left, Dim) and not isinstance(right, Dim):
                if requirement.at({}):
                    return
            elif requirement.kind != "equal" and self.asker.proved(requirement):
                return  # equations are kept: a repair puts all of a call's right together
        operands = (of,) if of else ()
        origin = Origin(because, self.node, self.op, None, operands, axis, kind)
        self.asker.demand(requirement.because(origin))

    def wrong(self, because: str, *, kind: str, of: str = "", axis: int | None = None) -> None:
        """States a fault that no sizes repair; the rule goes on with the result it would have."""
        self.require(constraint.never(), because, kind=kind, of=of, axis=axis)

    def fail(self, because: str, *, kind: str, of: str = "", axis: int | None = None) -> NoReturn:
        """States a fault after which the operation has no result to go on with."""
        self.wrong(because, kind=kind, of=of, axis=axis)
        raise Fault(because)

    def rank(self, x: Shape, *ranks: int, of: str, because: str = "", kind: str = "rank") -> None:
        """Demands that ``x`` has one of these numbers of axes; the rule stops where it has not."""
        if len(x) not in ranks:
            wanted = " or ".join(map(str, ranks))
            because = because or f"{of} must have {wanted} {'axis' if wanted == '1' else 'axes'}"
            self.fail(f"{because}, and it has {len(x)}", kind=kind, of=of)

    def axis(self, dim: Any, rank: int, of: str = "input") -> int:
        """The axis ``dim`` of an operand of that rank, counted from 0 (a scalar has one axis)."""
        if isinstance(dim, float):
            self.fail("an axis must be a whole number", kind="argument", of="dim")
        place: int = self.number(dim, "an axis")
        span = max(rank, 1)
        if not -span <= place < span:
            self.fail(
                f"axis {place} is out of range: {of} has {rank} {'axis' if rank == 1 else 'axes'}",
                kind="axis",
                of=of,
            )
        return place % span

    def axes(self, dim: Any, rank: int, of: str = "input") -> tuple[int, ...]:
        """Several axes, each once; None and an empty list mean all."""
        if dim is None or (isinstance(dim, list | tuple) and not dim):
            return tuple(range(rank))
        found = tuple(
            self.axis(d, rank, of) for d in (dim if isinstance(dim, list | tuple) else (dim,))
        )
        for d in found:
            if found.count(d) > 1:
                self.fail(f"axis {d} is named twice", kind="axis", of=of)
        return found

    # -- broadcasting --------------------------------------------------------------------------

    def compatible(
        self, a: Size, b: Size, because: str, *, of: str = "", axis: int | None = None
    ) -> Size:
        """Demands "equal, or one of them is 1" and gives the size of the result."""
        if a is b or a == b or b == 1:
            return a
        if a == 1:
            return b
        if isinstance(a, int) and isinstance(b, int):
            self.equal(b, a, because, kind="broadcast", of=of, axis=axis)
            return a
        options = [constraint.equal(x, y) for x, y in ((a, b), (a, 1), (b, 1))]
        options = [o for o in options if isinstance(o.left, Dim) or isinstance(o.right, Dim)]
        if self.asker.settle(options[0]) if options else False:
            return a if isinstance(a, int) or not isinstance(b, int) else b
        self.require(constraint.any_of(options), because, kind="broadcast", of=of, axis=axis)
        return self.merged(a, b)

    def merged(self, a: Size, b: Size) -> Size:
        """The size that two have in common that are equal, or one of which is 1."""
        if a == b or b == 1:
            return a
        if a == 1 or isinstance(b, int):
            return b
        if isinstance(a, int):
            return a
        if all(self.asker.settle(constraint.at_least(size, 1)) for size in (a, b)):
            return dims.maximum(a, b)
        return dims.maximum(a, b) * dims.minimum(a, b, 1)  # 0 against 1 is 0

    def broadcast(self, *shapes: Shape, because: str = "") -> Shape:
        """The common shape of operands that are broadcast against each other."""
        because = because or "sizes of the operands must be equal, or one of them 1"
        result = shapes[0]
        for shape in shapes[1:]:
            if result == shape:
                continue
            if len(shape) > len(result):
                result = (1,) * (len(shape) - len(result)) + tuple(result)
            else:
                shape = (1,) * (len(result) - len(shape)) + tuple(shape)
            result = tuple(
                self.compatible(a, b, because, axis=i - len(shape))
                for i, (a, b) in enumerate(zip(result, shape, strict=True))
            )
        return tuple(result)

    # -- questions -----------------------------------------------------------------------------

    def settled(self, question: Constraint) -> bool | None:
        """What the facts say of a relation: True, False, or None where they leave it open."""
        return self.asker.settle(question)

    def is_one(self, size: Size) -> bool:
        """Whether a size is 1; forks the path where that is open."""
        if isinstance(size, int):
            return size == 1
        return self.asker.choose(constraint.equal(size, 1))

    def holds(self, question: Constraint) -> bool:
        """Whether a relation holds; forks the path where that is open."""
        return self.asker.choose(question)

    def length(self, size: Size, why: str) -> int:
        """A number for a size that decides how many results there are."""
        return size if isinstance(size, int) else self.asker.instantiate(size, why)

    def number(self, size: Any, what: str) -> int:
        """A size that must be a number; instantiated where it is symbolic."""
        return self.asker.instantiate(size, what) if isinstance(size, Dim) else int(size)

    def fresh(self, words: str, at_most: Size | None = None) -> Size:
        """A size that depends on data."""
        return self.asker.fresh(words, at_most)

    def data_size(
        self, name: str, at_least: Size | None = None, at_most: Size | None = None
    ) -> Size:
        """The data-dependent size of that name: the same one for the same name."""
        return self.asker.data_size(name, at_least, at_most)

    # -- results -------------------------------------------------------------------------------

    def tensor(
        self,
        shape: Iterable[Size],
        dtype: str | None = None,
        strides: Shape | None = None,
        known: object = None,
    ) -> Value:
        """A result with a dtype or strides of its own; a plain tuple takes the rule's defaults."""
        return Value(shape, dtype or "", strides, known)

    def sizes(self, given: Sequence[Any]) -> tuple[Size, ...]:
        """Sizes given one by one, or as one list: ``view(2, 3)`` and ``view((2, 3))``."""
        if len(given) == 1 and isinstance(given[0], list | tuple):
            given = given[0]
        return tuple(given)

    def each(self, value: Any, n: int, what: str) -> tuple[Any, ...]:
        """An argument that is one number for all axes, or one per axis: ``kernel_size``."""
        if not isinstance(value, list | tuple):
            return (value,) * n
        if len(value) == 1:
            return tuple(value) * n
        if len(value) != n:
            self.fail(
                f"{what} must be one number or {n}, and {len(value)} were given", kind="argument"
            )
        return tuple(value)
