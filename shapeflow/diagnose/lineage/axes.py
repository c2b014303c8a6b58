"""Where the axes of a tensor come from: the words that the pass over the records thinks in."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from ...core.dims import Dim, Size
from ...core.shape import product

NO_MARKS: Mapping[str, Any] = {}


class Root:
    """The birth of an axis; two axes with one root go through the same things.

    Attributes:
        kind: ``input``, ``feature``, ``layers``, ``directions``, ``copies``, or ``other``.
        words: what a person calls it, such as "B" or "the hidden features of rnn".
        record: the call that made it, None for an input's.
    """

    __slots__ = ("kind", "record", "words")

    def __init__(self, kind: str, words: str, record: Any = None) -> None:
        self.kind, self.words, self.record = kind, words, record

    def __repr__(self) -> str:
        return f"<{self.kind} {self.words}>"


class Part(NamedTuple):
    """A factor of an axis: the root, and how many of its entries there are."""

    root: Root
    size: Size


class Axis(NamedTuple):
    """One axis of one tensor.

    Attributes:
        parts: its factors, the slowest first; none for an axis of size 1.
        size: the product of their sizes.
        marks: what was done along it, by word:
            ``one``    how an axis of size 1 came to be
            ``pad``    the call that padded it (or an input's lengths say so)
            ``order``  the sort that its entries are in the order of
            ``norm``   the softmax along it
            ``packed`` (time axis, batch axis) of a packed sequence
            ``longer`` steps that were put before it
            ``place``  the call that gives each entry a vector by its place
    """

    parts: tuple[Part, ...]
    size: Size
    marks: Mapping[str, Any] = NO_MARKS

    @property
    def root(self) -> Root | None:
        """The root of an axis that has only one."""
        return self.parts[0].root if len(self.parts) == 1 else None

    def marked(self, **marks: Any) -> Axis:
        """The axis with marks set, or taken away where None."""
        merged = {**self.marks, **marks}
        return self._replace(marks={k: v for k, v in merged.items() if v is not None} or NO_MARKS)


def one(how: str) -> Axis:
    """An axis of size 1."""
    return Axis((), 1, {"one": how})


class Known:
    """What is known of one tensor.

    Attributes:
        axes: the lineage of each axis.
        source: the ``id`` of the tensor whose entries these are, in another shape perhaps.
        tags: what the whole tensor is, by word:
            ``made``   it depends on sizes and numbers only
            ``step``   (root, index): it is, or follows from, one step of that axis
            ``state``  ("h" or "c", record): the state that a recurrent layer returned
            ``perm``   the sort whose order its entries are; ``inverse``, ``sorted`` likewise
            ``offset`` what was added to lengths that were an input
            ``last``   the event of taking the last step of a bidirectional layer's output
    """

    __slots__ = ("axes", "source", "tags")

    def __init__(
        self, axes: tuple[Axis, ...], source: int, tags: Mapping[str, Any] = NO_MARKS
    ) -> None:
        self.axes, self.source, self.tags = axes, source, tags

    def having(self, axes: Sequence[Axis]) -> Known:
        """The same entries on other axes."""
        return Known(tuple(axes), self.source, self.tags)

    def find(self, root: Root) -> list[int]:
        """The axes that have a root among their factors."""
        return [i for i, axis in enumerate(self.axes) if any(p.root is root for p in axis.parts)]


def holds_both(axes: Iterable[Axis]) -> bool:
    """Whether both directions of a bidirectional layer are still there."""
    return any(part.root.kind == "directions" for axis in axes for part in axis.parts)


def stride_in(axis: Axis, root: Root) -> Size | None:
    """How far apart, within an axis, two neighbours along a root are; None where not clear."""
    found = [i for i, part in enumerate(axis.parts) if part.root is root]
    if len(found) != 1:
        return None
    return product(part.size for part in axis.parts[found[0] + 1 :])


def is_symbolic(part: Part) -> bool:
    """Whether a factor is an axis of an input whose size may be any number."""
    return part.root.kind == "input" and isinstance(part.size, Dim)
