"""The list of idioms, and what they share."""

from __future__ import annotations

from collections.abc import Callable

from shapeflow.core.dims import Size
from shapeflow.ops import Value

from .operands import Operands
from .workshop import Unfit

IDIOMS: list[Callable[[Operands], None]] = []


def idiom(function: Callable[[Operands], None]) -> Callable[[Operands], None]:
    """Enters a function that adds a step."""
    IDIOMS.append(function)
    return function


def features(maker: Operands, name: str, axis: int = -1) -> int:
    """A size that a layer can be built for."""
    size = maker.pool[name][axis]
    if maker.mood != "sound" and maker.rng.random() < 0.15:
        return maker.rng.randint(2, 6)
    if not isinstance(size, int) or not 0 < size < 40:
        raise Unfit
    return size


def one(maker: Operands, text: str, kind: str, shape: tuple[Size, ...], *layers: str,
        dtype: str = "float32") -> str:
    """A step with one result."""
    name = maker.name()
    maker.add(f"{name} = {text}", kind, {name: Value(shape, dtype)}, layers, guessed=True)
    return name
