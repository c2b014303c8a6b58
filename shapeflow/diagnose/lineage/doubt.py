"""What a judge says: a doubt about one call, with its reasons and what might help."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from ...core.constraint import Location
from ...core.dims import Size
from ...ops import Value
from ...trace.recorder import Record
from .. import origins
from .axes import Axis, Known, Root
from .flow import Event, Flow

Place = Record | Location | None


@dataclass(frozen=True)
class Remedy:
    """A change that might help.

    Attributes:
        text: the change, in one line.
        location: where to make it.
        changes: what a trial takes in the place of what it finds; None where it cannot be tried.
    """

    text: str
    location: Location | None
    changes: Mapping[str, Any] | None = None


@dataclass(frozen=True)
class Doubt:
    """Code that runs and is probably wrong.

    Attributes:
        slug: of its entry in the catalogue.
        record: the call that does it.
        text: what is the matter, without the name of the call.
        because: the chain of reasons, each with its place.
        related: further places, with what stands there.
        remedies: what might help, the likeliest first.
    """

    slug: str
    record: Record
    text: str
    because: tuple[tuple[str, Place], ...] = ()
    related: tuple[tuple[Place, str], ...] = ()
    remedies: tuple[Remedy, ...] = field(default=())


Judge = Callable[[Flow, Any], Iterator[Doubt]]


@dataclass(frozen=True)
class Reordered:
    """An edit of a call: its first operand with its axes, or their factors, in another order.

    Attributes:
        order: the order of the axes, or of the factors where there are ``sizes``.
        sizes: the sizes of all factors, where axes are taken apart first.
    """

    order: tuple[int, ...]
    sizes: tuple[Size, ...] = ()

    def __call__(self, name: str, value: Any) -> Any:
        if name in ("input", "x", "self", "operand 1") and isinstance(value, Value):
            sizes = self.sizes or tuple(value)
            return Value([sizes[i] for i in self.order], value.dtype)
        return value

    def known(self, before: Known) -> Known:
        """The lineage of the operand after the edit."""
        axes = before.axes
        if self.sizes:
            axes = tuple(Axis((part,), part.size) for axis in axes for part in axis.parts)
        return before.having([axes[i] for i in self.order])


def place(where: Place) -> Location | None:
    """The location of a call, or the location itself."""
    return where.location if isinstance(where, Record) else where


def words(flow: Flow, root: Root | None) -> str:
    """The axes of a root, as a person would say it."""
    if root is None:
        return "several axes at once"
    if root.kind == "input":
        for tensor, known in flow.inputs:
            for i, axis in enumerate(known.axes):
                if axis.root is root:
                    return f"{root.words} (axis {i} of {tensor.value.words or 'the input'})"
    return root.words


def axis_words(flow: Flow, axis: Axis) -> str:
    """An axis by what it is made of."""
    if not axis.parts:
        return "an axis of size 1"
    return " and ".join(words(flow, part.root) for part in axis.parts)


def event_axis(event: Event) -> Axis:
    """The axis that an event speaks of."""
    return event.known.axes[event.axis]


def made_at(root: Any, record: Record) -> list[tuple[Place, str]]:
    """The place in a constructor where the layer of a call is made."""
    path = record.path
    while path:
        location = origins.definition(root, path)
        if location is not None:
            return [(location, f"{path} is made here")]
        path = path.rpartition(".")[0]
        if not is_of_torch(origins.submodule(root, path)):
            break
    return []


def is_of_torch(module: Any) -> bool:
    """Whether a module is one of torch's own, inside which the user edits nothing."""
    return type(module).__module__.startswith("torch.nn.")


def swapped_order(rank: int, a: int, b: int) -> tuple[int, ...]:
    """The order of axes in which two have changed places."""
    order = list(range(rank))
    order[a], order[b] = order[b], order[a]
    return tuple(order)
