"""Numbers with a fraction in tensors, as far as they are quotients of sizes.

Code that counts windows writes ``ceil((length - kernel) / stride + 1)`` in tensors too; once it is
rounded it is a size again: the same one that float32 gives for sizes below some millions.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..core import dims
from ..core.dims import Size
from .ranges import DIFFERENCES, MIRRORED, SAME, SCALED, SUMS, Range, held
from .value import Value

DIVIDED = set("div divide true_divide __truediv__".split())


@dataclass(frozen=True)
class Ratio:
    """The one entry is ``above`` through ``below``.

    Attributes:
        above: any number.
        below: a positive one.
    """

    above: Size
    below: int


def ratio_of(
    name: str, args: Sequence[Any], named: Mapping[str, Any], result: Value
) -> Ratio | Range | None:
    """What is known of a result without axes, where a quotient of sizes leads to it."""
    if len(result) or named or not args or not isinstance(args[0], Value):
        return None
    x, other = args[0], held(args[1]) if len(args) == 2 else None
    whole = held(x)
    if name in DIVIDED and whole is not None and isinstance(other, int) and other > 0:
        return Ratio(whole, other)
    if not isinstance(x.known, Ratio):
        return None
    above, below = x.known.above, x.known.below
    if name == "ceil":
        return Ratio(-dims.floordiv(-above, below), 1)
    if name == "floor":
        return Ratio(dims.floordiv(above, below), 1)
    if name in SAME and below == 1:
        return Range(above, above) if result.dtype in ("int64", "int32") else x.known
    return None if other is None else _moved(name, x.known, other)


def _moved(name: str, ratio: Ratio, other: Size) -> Ratio | None:
    """What an operation with a whole number makes of a ratio."""
    above, below = ratio.above, ratio.below
    if name in SUMS:
        return Ratio(above + other * below, below)
    if name in DIFFERENCES:
        return Ratio(above - other * below, below)
    if name in MIRRORED:
        return Ratio(other * below - above, below)
    return Ratio(above * other, below) if name in SCALED else None
