"""Signatures: what a model takes and gives, with the alternatives that ``infer_shapes`` found."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from ..core.notation import format_shape
from ..core.shape import is_shape
from .lines import flat

if TYPE_CHECKING:
    from ..report import Report


def tree_text(tree: Any) -> str:
    """An argument or result structure as people write it: ``(B, T, 5), (1, N, 3)``."""
    if is_shape(tree):
        return format_shape(tuple(tree))
    if isinstance(tree, Mapping):
        return "{" + ", ".join(f"{key}: {tree_text(value)}" for key, value in tree.items()) + "}"
    if isinstance(tree, tuple):
        comma = "," * (len(tree) == 1)
        return "(" + ", ".join(map(tree_text, tree)) + comma + ")"
    if isinstance(tree, list):
        return "[" + ", ".join(map(tree_text, tree)) + "]"
    return repr(tree) if isinstance(tree, str) else flat(str(tree))


def brief_text(tree: Any, most: int) -> str:
    """The same; parts of a result that take too many characters are only counted."""
    text = tree_text(tree)
    if len(text) <= most or is_shape(tree) or not isinstance(tree, Mapping | tuple | list):
        return text
    room = most // len(tree)
    named = isinstance(tree, Mapping)
    parts = []
    for key, part in tree.items() if isinstance(tree, Mapping) else enumerate(tree):
        whole = tree_text(part)
        short = whole if len(whole) <= room or is_shape(part) else f"{len(_shapes(part))} tensors"
        parts.append(f"{key}: {short}" if named else short)
    left, right = "{}" if named else "()"
    return f"{left}{', '.join(parts)}{right}"


def _shapes(tree: Any) -> list[Any]:
    if is_shape(tree) or not isinstance(tree, Mapping | tuple | list):
        return [tree] if is_shape(tree) else []
    parts = tree.values() if isinstance(tree, Mapping) else tree
    return [shape for part in parts for shape in _shapes(part)]


def unbracketed(outputs: Any) -> str:
    """Several results stand side by side, as in a return statement."""
    if isinstance(outputs, tuple) and len(outputs) > 1 and not is_shape(outputs):
        return ", ".join(map(tree_text, outputs))
    return tree_text(outputs)


def signatures(report: Report) -> list[str]:
    """The signature, and one for each alternative that is more than an argument left out."""
    told: list[tuple[dict[str, str], str]] = []
    for one in (report, *report.alternatives):
        inputs = {name: tree_text(tree) for name, tree in one.inputs.items()}
        result = "" if one.outputs is None else f" -> {unbracketed(one.outputs)}"
        where = " and ".join(map(str, one.constraints)) if report.alternatives else ""
        result += f", where {where}" if where else ""
        for known, other in told:
            if other == result and known.items() <= inputs.items():
                more = {name: text for name, text in inputs.items() if name not in known}
                known.update({name: f"{text} or None" for name, text in more.items()})
                break
        else:
            told.append((inputs, result))
    return [_joined(inputs.items()) + result for inputs, result in told]


def _joined(inputs: Iterable[tuple[str, str]]) -> str:
    return ", ".join(f"{name} {text}" for name, text in inputs)


def signature_lines(report: Report) -> Iterator[str]:
    """The signature in words; each alternative on a line of its own."""
    first, *others = signatures(report)
    yield first
    yield from (f"or {other}" for other in others)


__all__ = ["brief_text", "signature_lines", "signatures", "tree_text", "unbracketed"]
