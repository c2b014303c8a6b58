"""Results taken apart: a skeleton that can be compared, and the numbers in it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ..core.dims import Dim, Size
from ..core.shape import Shape, substitute
from . import layout
from .value import Sizes, Value


@dataclass(frozen=True)
class Leaf:
    """One tensor of a result, or some sizes that are a result themselves.

    Attributes:
        sizes: the shape, or the sizes.
        strides: None where the tensor is contiguous, and for sizes.
        fitted: whether laws were found for the strides.
    """

    sizes: Shape
    strides: Shape | None = None
    fitted: bool = True

    def substitute(self, sizes: Mapping[str, Size]) -> Leaf:
        """The same with symbols replaced."""
        strides = self.strides and substitute(self.strides, sizes)
        return Leaf(substitute(self.sizes, sizes), strides, self.fitted)


def flatten(tree: Any) -> tuple[Any, list[Leaf]]:
    """A hashable skeleton, and the leaves in order."""
    if isinstance(tree, Value):
        strides = None if tree.strides is None else layout.tidy(tuple(tree), tree.strides)
        return ("tensor", len(tree), tree.dtype, tree.device), [Leaf(tuple(tree), strides)]
    if isinstance(tree, Sizes):
        return ("sizes", len(tree)), [Leaf(tuple(tree))]
    if isinstance(tree, int) and not isinstance(tree, bool):
        return ("size",), [Leaf((tree,))]
    if isinstance(tree, list | tuple):
        parts = [flatten(item) for item in tree]
        return ("list", *(s for s, _ in parts)), [leaf for _, leaves in parts for leaf in leaves]
    return ("object", type(tree).__name__, tree if tree.__hash__ else repr(tree)), []


def rebuilt(skeleton: Any, leaves: Iterator[Leaf]) -> Any:
    """The result of a skeleton and of leaves with laws in them."""
    kind, *rest = skeleton
    if kind == "list":
        return [rebuilt(part, leaves) for part in rest]
    if kind == "object":
        return rest[1]
    leaf = next(leaves)
    if kind == "tensor":
        return Value(leaf.sizes, rest[1], leaf.strides, device=rest[2])
    if kind == "sizes":
        return Sizes(leaf.sizes)
    (size,) = leaf.sizes
    return size


def numbers_of(size: int | Dim) -> Iterator[int]:
    """The numbers that a size is written with."""
    yield from [size] if isinstance(size, int) else [c for _, c in size.terms]
