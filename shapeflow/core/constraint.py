"""Relations between sizes, and where each came from."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from . import dims
from .dims import Size
from .printing import bracketed, inequality

if TYPE_CHECKING:
    import sympy

COMPARISONS = {"equal": "==", "at_least": ">=", "distinct": "!="}


@dataclass(frozen=True, slots=True)
class Location:
    """A piece of the user's source.

    Lines count from 1 and columns from 1, as editors count; ``end_column`` is the first column
    behind the piece. ``text`` is the source line.
    """

    file: str
    line: int
    column: int = 1
    end_line: int = 0
    end_column: int = 0
    text: str = ""

    def __str__(self) -> str:
        return f"{self.file}:{self.line}"


@dataclass(frozen=True, slots=True)
class Origin:
    """Who demands a constraint.

    Attributes:
        because: the requirement in a person's words ("batch size of hx and of the input").
        node: name of the node in the recorded graph, if any.
        op: dotted name of the operation, or "where", "branch", "assert".
        location: the call in the user's source.
        operands: what the two sides are, in words, left then right.
        axis: the axis of the left operand that is concerned, if one is.
        code: the finding's code, where the operation knows it better than the catalogue.
    """

    because: str
    node: str = ""
    op: str = ""
    location: Location | None = None
    operands: tuple[str, ...] = ()
    axis: int | None = None
    code: str = ""


@dataclass(frozen=True, slots=True)
class Constraint:
    """A relation between sizes.

    ``kind`` is one of

    ========== =============================== =====================
    equal      ``left == right``
    at_least   ``left >= right``
    distinct   ``left != right``
    divides    ``left % right == 0``
    any        one of ``options`` holds        broadcasting, squeeze
    all        all of ``options`` hold         conditions of a path
    never      nothing satisfies it            a rank or type fault
    ========== =============================== =====================

    The origin takes no part in equality: two equal relations are one, whoever demands them.
    """

    kind: str
    left: Size = 0
    right: Size = 0
    options: tuple[Constraint, ...] = ()
    origin: Origin | None = field(default=None, compare=False)

    @property
    def symbols(self) -> tuple[str, ...]:
        """Names of the symbols it speaks of, sorted."""
        return tuple(sorted({name for size in self.sizes() for name in dims.symbols_of(size)}))

    def sizes(self) -> Iterator[Size]:
        """Both sides, also those of the options."""
        if self.options:
            for option in self.options:
                yield from option.sizes()
        else:
            yield self.left
            yield self.right

    def holds(self, **sizes: int) -> bool:
        """Whether it holds at these sizes; KeyError names a symbol that is missing."""
        return self.at(sizes)

    def may_hold(self, sizes: Mapping[str, int]) -> bool:
        """False where these sizes violate it, whatever others it speaks of, too."""
        if self.options:
            found = (option.may_hold(sizes) for option in self.options)
            return any(found) if self.kind == "any" else all(found)
        if set(self.symbols) <= set(sizes):
            return self.at(sizes)
        rest = self.substitute(sizes)
        return bool(rest.symbols) or rest.at({})

    def at(self, sizes: Mapping[str, int]) -> bool:
        """Whether it holds at these sizes, given as a mapping."""
        if self.kind == "any":
            return any([option.at(sizes) for option in self.options])
        if self.kind == "all":
            return all([option.at(sizes) for option in self.options])
        if self.kind == "never":
            return False
        try:
            left, right = dims.evaluate(self.left, sizes), dims.evaluate(self.right, sizes)
        except ZeroDivisionError:  # a size that does not exist satisfies nothing
            return False
        if self.kind == "equal":
            return left == right
        if self.kind == "at_least":
            return left >= right
        if self.kind == "distinct":
            return left != right
        return right != 0 and left % right == 0

    def substitute(self, sizes: Mapping[str, Size]) -> Constraint:
        """The same relation with symbols replaced; never, where a size then divides by zero."""
        if self.options:
            return replace(self, options=tuple(o.substitute(sizes) for o in self.options))
        try:
            return self.map(lambda size: dims.substitute(size, sizes))
        except ZeroDivisionError:  # a size that does not exist satisfies nothing
            return never(self.origin)

    def map(self, change: Any) -> Constraint:
        """The same relation with ``change`` applied to every size in it."""
        if self.options:
            return replace(self, options=tuple(option.map(change) for option in self.options))
        return replace(self, left=change(self.left), right=change(self.right))

    def negated(self) -> Constraint:
        """The relation that holds exactly where this one does not."""
        if self.kind == "equal":
            return replace(self, kind="distinct")
        if self.kind == "distinct":
            return replace(self, kind="equal")
        if self.kind == "at_least":
            return replace(self, left=self.right, right=self.left + 1)
        if self.kind == "divides":
            if self.right == 0:  # nothing is a multiple of 0
                return replace(ALWAYS, origin=self.origin)
            rest = distinct(dims.mod(self.left, self.right), 0, self.origin)
            if isinstance(self.right, int):
                return rest
            return _joined("any", (equal(self.right, 0), rest), self.origin)
        if self.kind == "never":
            return replace(self, kind="all", options=())
        options = tuple(option.negated() for option in self.options)
        return _joined("all" if self.kind == "any" else "any", options, self.origin)

    def because(self, origin: Origin | None) -> Constraint:
        """The same relation demanded by ``origin``."""
        return replace(self, origin=origin)

    @property
    def sympy(self) -> sympy.Basic:
        """As a sympy relational or boolean."""
        from .algebra import constraint_to_sympy

        return constraint_to_sympy(self)

    def __str__(self) -> str:
        if self.kind == "at_least":
            return inequality(self.left, self.right)
        if self.kind in COMPARISONS:
            return f"{self.left} {COMPARISONS[self.kind]} {self.right}"
        if self.kind == "divides":
            return f"{bracketed(self.left)} % {bracketed(self.right)} == 0"
        if self.kind == "never":
            return "never"
        word = " or " if self.kind == "any" else " and "
        return word.join(
            f"({o})" if o.options and len(o.options) > 1 else str(o) for o in self.options
        ) or ("never" if self.kind == "any" else "always")


def equal(left: Size, right: Size, origin: Origin | None = None) -> Constraint:
    """``left == right``."""
    return Constraint("equal", left, right, origin=origin)


def at_least(left: Size, right: Size, origin: Origin | None = None) -> Constraint:
    """``left >= right``."""
    return Constraint("at_least", left, right, origin=origin)


def distinct(left: Size, right: Size, origin: Origin | None = None) -> Constraint:
    """``left != right``."""
    return Constraint("distinct", left, right, origin=origin)


def divides(number: Size, size: Size, origin: Origin | None = None) -> Constraint:
    """``size % number == 0``."""
    return Constraint("divides", size, number, origin=origin)


def any_of(options: Iterable[Constraint], origin: Origin | None = None) -> Constraint:
    """At least one of the options holds."""
    return _joined("any", tuple(options), origin)


def all_of(options: Iterable[Constraint], origin: Origin | None = None) -> Constraint:
    """All the options hold."""
    return _joined("all", tuple(options), origin)


def never(origin: Origin | None = None) -> Constraint:
    """What nothing satisfies."""
    return Constraint("never", origin=origin)


def may_be_zero(name: str, facts: Iterable[Constraint]) -> bool:
    """Whether a fact such as ``T >= 0`` says that a symbol, otherwise at least 1, may be 0."""
    return any(
        fact.kind == "at_least" and str(fact.left) == name and fact.right == 0 for fact in facts
    )


def large_sizes(names: Iterable[str]) -> dict[str, int]:
    """Numbers for symbols that are as large as need be, and no two of them equal."""
    return {name: 10_007 + 101 * i for i, name in enumerate(names)}


ALWAYS = Constraint("all")
"""What everything satisfies."""


def _joined(kind: str, options: tuple[Constraint, ...], origin: Origin | None) -> Constraint:
    flat: dict[Constraint, None] = {}
    for option in options:
        same = option.kind == kind
        for inner in option.options if same else (option,):
            if inner.kind == "never":
                if kind == "all":
                    return never(origin)
                continue
            if inner.kind == "all" and not inner.options and kind == "any":
                return replace(ALWAYS, origin=origin)
            flat[inner] = None
    if kind == "any":
        flat = dict.fromkeys(_grown(flat))
    if len(flat) == 1:
        return replace(next(iter(flat)), origin=origin)
    if not flat and kind == "any":
        return never(origin)
    return Constraint(kind, options=tuple(flat), origin=origin)


def _grown(options: Iterable[Constraint]) -> list[Constraint]:
    """Options, inequalities with the equation beside them taken in: ``T <= 15 or T == 16`` is
    ``T <= 16``."""
    known = list(options)
    bounds = [option for option in known if option.kind == "at_least"]
    for bound in bounds:
        beside = bound.left - bound.right + 1
        for option in known:
            gap = option.left - option.right
            if option.kind == "equal" and beside in (gap, -gap):
                wider = at_least(bound.left + 1, bound.right, bound.origin)
                rest = [wider if other is bound else other for other in known]
                return _grown(other for other in rest if other is not option)
    return known
