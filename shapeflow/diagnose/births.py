"""Where a size comes from: the arithmetic of the call that first has it."""

from __future__ import annotations

from typing import Any

from ..core.dims import Size
from ..core.printing import bracketed
from ..trace.record import Record
from . import origins

WIDTHS = ("out_features", "embedding_dim", "out_channels", "proj_size", "hidden_size")
JOINING = ("cat", "concat", "concatenate", "hstack")
RESHAPING = ("view", "reshape", "flatten")


def birth(record: Record, result: Any, size: Size, layer: Any) -> str:
    """How a call came to give a size that none of its operands has; empty where it is plain."""
    given = [(n, t) for n, t in origins.operands(record) if n not in ("weight", "bias")]
    shapes = [tuple(t.value) for _, t in given if t.value is not None]
    if result.value is None or size not in tuple(result.value) or any(size in s for s in shapes):
        return ""
    if layer is not None:
        return _of_layer(layer, size)
    name = record.op.rpartition(".")[2]
    if name in JOINING:
        axis = tuple(result.value).index(size)
        parts = [str(shape[axis]) for shape in shapes if axis < len(shape)]
        return f"{size} = {' + '.join(parts)}" if 1 < len(parts) <= 6 else ""
    if name in RESHAPING and shapes:
        return _product(shapes[0], size)
    return ""


def _of_layer(layer: Any, size: Size) -> str:
    for name in WIDTHS:
        width = getattr(layer, name, None)
        if not isinstance(width, int) or not width:
            continue
        if size == width:
            return f"{size} is its {name}"
        if size == 2 * width and getattr(layer, "bidirectional", False):
            return f"{size} = 2 * {name}, because it is bidirectional"
    return ""


def _product(shape: tuple[Size, ...], size: Size) -> str:
    """The neighbouring sizes that make a size together."""
    for first in range(len(shape)):
        whole: Size = shape[first]
        for last in range(first + 1, len(shape)):
            whole = whole * shape[last]
            if whole == size:
                parts = [bracketed(part) for part in shape[first : last + 1] if part != 1]
                text = " * ".join(parts)
                return f"{size} = {text}" if text.replace(" ", "") != str(size) else ""
    return ""
