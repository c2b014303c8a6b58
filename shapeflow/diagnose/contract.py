"""The result's contract: what ``returns`` promises, as requirements on the outputs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from ..core import constraint, dims
from ..core.constraint import Constraint, Origin
from ..core.dims import Size
from ..core.notation import format_shape
from ..core.shape import Shape, is_shape
from ..explore import Way
from .losses import culprit


def promised(way: Way, contract: Any) -> Way:
    """The way with the demands that its outputs are as promised.

    Args:
        way: a way through the model.
        contract: shapes nested like the result; None promises nothing of that part.
    """
    unknown = way.run.raised is not None or way.run.gaps or way.unfitted
    if way.outputs is None and unknown:
        return way
    nodes = iter([node for node, _ in way.run.leaves])
    demands = tuple(_demands(way.outputs, contract, way, nodes, ""))
    return replace(way, demands=(*way.demands, *demands))


def _demands(
    found: Any, wanted: Any, way: Way, nodes: Iterator[str], place: str
) -> Iterator[Constraint]:
    words = f"result{place}" if place else "the result"
    if is_shape(found):
        node = next(nodes, "")
        if wanted is not None:
            yield from _leaf(found, wanted, way, node, words)
        return
    parts = _parts(found)
    promises = dict.fromkeys(parts or {}) if wanted is None else _parts(wanted)
    if parts is None or promises is None:
        if wanted is not None:
            is_what = "is no tensor" if parts is None else f"has {_counted(parts)}"
            text = f"{words} {is_what}, and {_text(wanted)} was promised"
            yield constraint.never(_origin(way, "", text))
        return
    if list(parts) != list(promises):
        text = f"{words} has {_counted(parts)}, and {_text(wanted)} was promised"
        yield constraint.never(_origin(way, "", text))
        return
    for key, part in parts.items():
        yield from _demands(part, promises[key], way, nodes, f"{place}[{key!r}]")


def _parts(tree: Any) -> dict[Any, Any] | None:
    """The parts of a structure by key or number; None for what has none."""
    if isinstance(tree, dict):
        return tree
    whole = isinstance(tree, tuple | list) and not is_shape(tree)
    return dict(enumerate(tree)) if whole else None


def _counted(parts: dict[Any, Any]) -> str:
    if any(not isinstance(key, int) for key in parts):
        return f"the keys {', '.join(map(repr, parts))}"
    return f"{len(parts)} part{'s' * (len(parts) != 1)}"


def _leaf(found: Shape, wanted: Any, way: Way, node: str, words: str) -> Iterator[Constraint]:
    if not is_shape(wanted) or len(found) != len(wanted):
        text = f"{words} was promised to be {_text(wanted)}, and is {format_shape(found)}"
        yield constraint.never(_blamed(way, node, text, found, wanted))
        return
    for axis, (size, promise) in enumerate(zip(found, wanted, strict=True)):
        if size != promise and not _anonymous(promise):
            text = f"axis {axis} of {words} must be as promised in {_text(wanted)}"
            origin = replace(_blamed(way, node, text, found, wanted), axis=axis)
            yield constraint.equal(size, promise, origin)


def _anonymous(size: Size) -> list[str]:
    return [name for name in dims.symbols_of(size) if name.startswith("_")]


def _origin(way: Way, node: str, because: str) -> Origin:
    maker = _maker(way, node) if node else ""
    record = way.run.records.get(maker)
    return Origin(because, maker, "returns", record.location if record else None, code="contract")


def _blamed(way: Way, node: str, because: str, found: Shape, wanted: Any) -> Origin:
    """The origin of a promise that is not kept: the call that lost or swapped the axis."""
    origin = _origin(way, node, because)
    if not is_shape(wanted):
        return origin
    blame = culprit(origin.node, found, wanted, way.run.records)
    if blame is None or blame[0].node == origin.node:
        return origin
    record, told = blame
    origin = replace(origin, node=record.node, location=record.location)
    return replace(origin, because=f"{because}, but {told}")


def _maker(way: Way, name: str) -> str:
    """The call that makes a result, which may be one of several that it gives."""
    nodes = {node.name: node for node in way.run.graph.nodes}
    node: Any = nodes.get(name)
    while node is not None and node.name not in way.run.records:
        inputs = node.all_input_nodes
        node = inputs[0] if len(inputs) == 1 else None
    return node.name if node is not None else name


def _text(wanted: Any) -> str:
    if is_shape(wanted):
        sizes = {name: dims.symbol("_") for size in wanted for name in _anonymous(size)}
        return format_shape(tuple(dims.substitute(size, sizes) for size in wanted))
    if isinstance(wanted, tuple | list):
        return f"({', '.join(map(_text, wanted))})"
    if isinstance(wanted, dict):
        return "{" + ", ".join(f"{key!r}: {_text(part)}" for key, part in wanted.items()) + "}"
    return "nothing" if wanted is None else str(wanted)
