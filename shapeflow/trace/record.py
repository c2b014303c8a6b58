"""What a run takes down: calls, and what could not be analysed; and whom it asks."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from torch import Tensor
from torch.nn import Parameter

from ..core.constraint import Constraint, Location
from ..core.dims import Size
from ..ops import Value
from .source import Span

NONLINEAR = "a function that is not linear needs it as a Python number"
"""Why a size is instantiated whose use in a number of Python is not seen any further."""


class Refused(Exception):
    """PyTorch would raise here, and user code would catch it."""


class Interruption(BaseException):
    """What an oracle raises to end a run that is to be made in another way."""


class Oracle(Protocol):
    """Who decides what sizes alone do not settle: ``explore`` has the solver and the forks."""

    def settle(self, question: Constraint) -> bool | None:
        """What the facts entail."""

    def proved(self, requirement: Constraint) -> bool:
        """Whether it holds whatever numbers loop bounds are given."""

    def assume(self, fact: Constraint) -> None:
        """Something that holds from here on, such as a requirement that was not refuted."""

    def choose(self, question: Constraint, where: Span | None) -> bool:
        """A side of a branch on sizes."""

    def compare(self, question: Constraint, where: Span | None) -> bool:
        """A side of a branch on sizes where user code compares them."""

    def is_negative(self, size: Size, words: str, where: Span | None) -> bool:
        """Whether the number that an opaque size stands for is read as a negative one."""

    def choose_value(self, words: str, where: Span | None, same: int | None = None) -> bool | None:
        """A side of a branch on the entries of a tensor; None where it is asked without end.

        Equal numbers ``same`` are entries known to be equal.
        """

    def instantiate(self, size: Size, why: str, where: Span | None) -> int:
        """A number for a size."""


@dataclass(frozen=True, slots=True, eq=False)
class Record:
    """One recorded call.

    Attributes:
        node: name of its graph node.
        op: dotted name.
        function: what was called: torch's callable, or the module for a leaf.
        given, kwargs: as called, with symbolic tensors and sizes in them.
        span: the call in the user's source.
        path: attribute path of the module whose forward makes the call.
        result: what it returned.
        signature: the shape law of its rule.
        lift: makes a parameter a symbolic tensor.
        probed: whether its law was found by running it, for want of a rule.
        visit: number of the module call that makes it.
        value: what it returned, where that is one tensor; a later call in place changes that.
        turn: which call of the model makes it, where it is called several times.
    """

    node: str
    op: str
    function: Any
    given: tuple[Any, ...]
    kwargs: Mapping[str, Any]
    span: Span | None
    path: str
    result: Any
    signature: str
    lift: Callable[[Any], Any]
    probed: bool = False
    visit: int = 0
    value: Value | None = None
    turn: int = 1

    @property
    def args(self) -> tuple[Any, ...]:
        """The positional arguments, parameters as symbolic tensors."""
        return tuple([self.lift(a) if a.__class__ is Parameter else a for a in self.given])

    def lifted(self, item: Any) -> Any:
        """An argument with every tensor in it symbolic, constants too."""
        kind = item.__class__
        if kind is Parameter or kind is Tensor:
            return self.lift(item)
        if kind is tuple or kind is list:
            return kind([self.lifted(part) for part in item])
        return item

    @property
    def location(self) -> Location | None:
        """The call's place in the user's source."""
        return self.span.location if self.span else None


@dataclass(frozen=True, slots=True)
class Gap:
    """Something that could not be analysed: what and where."""

    kind: str
    text: str
    location: Location | None
    node: str = ""
