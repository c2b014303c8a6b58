"""The result's contract: what ``returns`` promises, as requirements on the outputs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from ..core import constraint, dims
from ..core.constraint import Constraint, Origin
from ..core.notation import format_shape
from ..core.shape import Shape
from ..explore import Way
from ..report import is_shape


def promised(way: Way, contract: Any) -> Way:
    """The way with the demands that its outputs are as promised.

    Args:
        way: a way through the model.
        contract: shapes nested like the result; None promises nothing of that part.
    """
    if way.outputs is None:
        return way
    nodes = [node for node, _ in way.run.leaves]
    demands = tuple(_demands(way.outputs, contract, way, iter(nodes), "the result"))
    return replace(way, demands=(*way.demands, *demands))


def _demands(
    found: Any, wanted: Any, way: Way, nodes: Iterator[str], words: str
) -> Iterator[Constraint]:
    if is_shape(found):
        node = next(nodes, "")
        if wanted is not None:
            yield from _leaf(found, wanted, way, node, words)
        return
    parts, promises = _parts(found), _parts(wanted)
    if parts is None:
        if wanted is not None:
            yield constraint.never(
                _origin(way, "", f"{words} is no tensor, and {_text(wanted)} was promised")
            )
        return
    if wanted is None:
        promises = [None] * len(parts)
    if promises is None or is_shape(wanted) or len(promises) != len(parts):
        text = f"{words} has {len(parts)} parts, and {_text(wanted)} was promised"
        yield constraint.never(_origin(way, "", text))
        return
    for i, (part, promise) in enumerate(zip(parts, promises, strict=True)):
        yield from _demands(part, promise, way, nodes, f"{words}[{i}]")


def _parts(tree: Any) -> list[Any] | None:
    if isinstance(tree, dict):
        return list(tree.values())
    return list(tree) if isinstance(tree, tuple | list) else None


def _leaf(found: Shape, wanted: Any, way: Way, node: str, words: str) -> Iterator[Constraint]:
    if not is_shape(wanted) or len(found) != len(wanted):
        text = f"{words} was promised to be {_text(wanted)}, and is {format_shape(found)}"
        yield constraint.never(_origin(way, node, text))
        return
    for axis, (size, promise) in enumerate(zip(found, wanted, strict=True)):
        anonymous = any(name.startswith("_") for name in dims.symbols_of(promise))
        if size != promise and not anonymous:
            text = f"axis {axis} of {words} must be as promised in {_text(wanted)}"
            origin = replace(_origin(way, node, text), axis=axis)
            yield constraint.equal(size, promise, origin)


def _origin(way: Way, node: str, because: str) -> Origin:
    record = way.run.records.get(node)
    return Origin(because, node, "returns", record.location if record else None, code="contract")


def _text(wanted: Any) -> str:
    if is_shape(wanted):
        return format_shape(wanted)
    return "nothing" if wanted is None else str(wanted)
