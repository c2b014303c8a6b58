"""Shapes: plain tuples of sizes, and the few helpers that rules share."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from . import dims
from .dims import Size

Shape = tuple[Size, ...]


def product(sizes: Iterable[Size]) -> Size:
    """All sizes multiplied; 1 for none."""
    total: Size = 1
    for size in sizes:
        total = total * size
    return total


def total(sizes: Iterable[Size]) -> Size:
    """All sizes added; 0 for none."""
    result: Size = 0
    for size in sizes:
        result = result + size
    return result


def substitute(tree: Any, sizes: Mapping[str, Size]) -> Any:
    """A tree of shapes (tuples, lists, dicts) with symbols replaced everywhere."""
    return with_sizes(tree, lambda size: dims.substitute(size, sizes))


def with_sizes(tree: Any, change: Callable[[Size], Size]) -> Any:
    """A tree of shapes (tuples, lists, dicts) with ``change`` applied to every size in it."""
    if isinstance(tree, int | dims.Dim) and not isinstance(tree, bool):
        return change(tree)
    if isinstance(tree, dict):
        return {key: with_sizes(value, change) for key, value in tree.items()}
    if isinstance(tree, tuple | list):
        return type(tree)(with_sizes(value, change) for value in tree)
    return tree


def symbols_in(tree: Any) -> list[str]:
    """Names of the symbols in a tree of shapes, in order of appearance."""
    found: dict[str, None] = {}
    if isinstance(tree, dims.Dim):
        for leaf in dims.leaves(tree):
            found[leaf.name] = None
    elif isinstance(tree, dict):
        for value in tree.values():
            found.update(dict.fromkeys(symbols_in(value)))
    elif isinstance(tree, tuple | list):
        for value in tree:
            found.update(dict.fromkeys(symbols_in(value)))
    return list(found)


def is_shape(tree: Any) -> bool:
    """Whether a node of a result structure is a shape: a tuple of sizes."""
    return isinstance(tree, tuple) and all(
        isinstance(size, int | dims.Dim) and not isinstance(size, bool) for size in tree
    )
