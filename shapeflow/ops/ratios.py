"""Numbers with a fraction in tensors, as far as they are quotients of sizes.

Code that counts windows writes ``ceil((length - kernel) / stride + 1)`` in tensors too; once it is
rounded it is a size again: the same one that float32 gives for sizes below some millions. What
such numbers are compared with is a question about sizes, like one that is asked in Python.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..core import constraint, dims
from ..core.constraint import Constraint
from ..core.dims import Size
from .ranges import DIFFERENCES, MIRRORED, SAME, SCALED, SUMS, Range, held
from .value import Value

DIVIDED = set("div divide true_divide __truediv__".split())

COMPARED: dict[str, Callable[[Size, Size], Constraint]] = {
    **dict.fromkeys("eq __eq__".split(), constraint.equal),
    **dict.fromkeys("ne not_equal __ne__".split(), constraint.distinct),
    **dict.fromkeys("ge greater_equal __ge__".split(), constraint.at_least),
    **dict.fromkeys("le less_equal __le__".split(), lambda a, b: constraint.at_least(b, a)),
    **dict.fromkeys("gt greater __gt__".split(), lambda a, b: constraint.at_least(a, b + 1)),
    **dict.fromkeys("lt less __lt__".split(), lambda a, b: constraint.at_least(b, a + 1)),
}


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
) -> Ratio | Range | Constraint | None:
    """What is known of a result without axes, where sizes or a quotient of them lead to it."""
    if len(result) or named or not args or not isinstance(args[0], Value):
        return None
    if name in COMPARED:
        return _compared(COMPARED[name], *args)
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


def _compared(
    relation: Callable[[Size, Size], Constraint], x: Value, other: Any
) -> Constraint | None:
    """The relation between two numbers that is asked for."""
    a, b = _fraction(x), _fraction(other)
    return None if a is None or b is None else relation(a.above * b.below, b.above * a.below)


def _fraction(item: Any) -> Ratio | None:
    """A number as a ratio; None where it is not known to be one."""
    if isinstance(item, Value) and isinstance(item.known, Ratio):
        return item.known
    whole = held(item)
    return None if whole is None else Ratio(whole, 1)


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
