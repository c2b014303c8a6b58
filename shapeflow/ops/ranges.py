"""The least and the largest entry of integer tensors, where they are known to be among them.

Positions, start tokens and offsets are numbers that code makes itself (``arange(T)``,
``full((B, 1), 2)``); an index rule holds them against the axis that they index.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..core import dims
from ..core.dims import Dim, Size
from ..core.shape import product
from .registry import bare
from .value import Value

SAME = set(
    "to cpu cuda long int clone contiguous detach type pin_memory as_tensor requires_grad_ "
    "view reshape flatten ravel squeeze unsqueeze".split()
)
"""Operations that keep the entries and their order."""
REORDERED = set(
    "flip roll sort msort transpose permute t swapaxes swapdims movedim moveaxis".split()
)
REPEATED = set("expand expand_as broadcast_to repeat tile repeat_interleave".split())
SUMS = set("add __add__ __radd__".split())
DIFFERENCES = set("sub subtract __sub__".split())
MIRRORED = set("rsub __rsub__".split())
SCALED = set("mul multiply __mul__ __rmul__".split())
CLAMPED = set("clamp clip clamp_min".split())
FILLED = {"zeros": 0, "zero": 0, "ones": 1}


@dataclass(frozen=True)
class Range:
    """The entries lie from ``low`` to ``high``, and both are among them.

    Attributes:
        low: the least entry.
        high: the largest.
        once: whether each number between them is there, and just once.
    """

    low: Size
    high: Size
    once: bool = False


def extremes(known: object) -> Range | None:
    """The least and the largest of what is known of a tensor's entries."""
    if isinstance(known, Range):
        return known
    numbers = [n for n in whole_numbers(known) if not isinstance(n, bool)]
    return Range(min(numbers), max(numbers)) if numbers else None


def held(item: Any) -> Size | None:
    """The whole number that an argument is, or that its only entry is known to be."""
    if isinstance(item, Value):
        known = item.known
        if len(item) or item.dtype == "bool":
            return None
        if isinstance(known, Range):
            return known.low if known.low == known.high else None
        item = known
    return item if isinstance(item, int | Dim) and not isinstance(item, bool) else None


def number_in(item: Any) -> Any:
    """A tensor as the whole number that it is known to hold; anything else as it is."""
    number = held(item) if isinstance(item, Value) else None
    return item if number is None else number


def is_order(x: Value) -> bool:
    """Whether the entries are 0, 1, .. in some order."""
    return isinstance(x.known, Range) and x.known.once and x.known.low == 0


def whole_numbers(known: object) -> Iterator[int]:
    """The whole numbers in what is known of a tensor's entries."""
    if isinstance(known, list | tuple):
        for item in known:
            yield from whole_numbers(item)
    elif isinstance(known, int):
        yield known


def made(
    name: str, args: Sequence[Any], named: Mapping[str, Any], place: int, result: Value
) -> Range | None:
    """The range of the entries of one result of a call, or of what one in place leaves behind."""
    name = plain(name)
    x = args[0] if args else None
    if name == "argsort" or (name == "sort" and place == 1):
        alone = isinstance(x, Value) and len(x) == 1
        return Range(0, product(result) - 1, True) if alone else None
    if name == "arange":
        return _counted(args, named, result)
    fill = _filled(name, args, named)
    if fill is not None:
        return Range(fill, fill)
    found = extremes(x.known) if isinstance(x, Value) else None
    if found is None or place:
        return None
    if name in SAME or name in REORDERED:
        return found
    if name in REPEATED or (name == "__getitem__" and _takes_all(args[1])):
        return Range(found.low, found.high)
    if name in SUMS or name in DIFFERENCES or name in MIRRORED:
        return _moved(name, found, args[0], args[1:], named)
    if name in SCALED:
        return _scaled(found, args[1:], named)
    return _clamped(found, args[1:], named) if name in CLAMPED else None


def plain(name: str) -> str:
    """An operation in place by the name of the one that is not; others by their own."""
    if name in ("__iadd__", "__isub__", "__imul__"):
        return name.replace("__i", "__")
    return bare(name)


def _counted(args: Sequence[Any], named: Mapping[str, Any], result: Value) -> Range | None:
    """``arange``: from its start on, in its steps."""
    start, step = named.get("start", 0), named.get("step", 1)
    if len(args) > 1:
        start, step = args[0], args[2] if len(args) > 2 else step
    if not isinstance(start, int | Dim) or not isinstance(step, int):
        return None
    last = start + step * (product(result) - 1)
    return Range(start, last, step == 1) if step > 0 else Range(last, start, step == -1)


def _filled(name: str, args: Sequence[Any], named: Mapping[str, Any]) -> Size | None:
    """The number that a whole tensor is filled with."""
    kind = name.removeprefix("new_").removesuffix("_like")
    if kind not in ("full", "fill"):
        return FILLED.get(kind)
    place = 2 if name == "new_full" else 1
    fill = args[place] if len(args) > place else named.get("fill_value", named.get("value"))
    return fill if isinstance(fill, int | Dim) and not isinstance(fill, bool) else None


def _takes_all(index: Any) -> bool:
    """Whether an index takes everything, along axes of which some may be new."""
    parts = index if type(index) is tuple else (index,)
    return all(
        part is None or part is Ellipsis or (isinstance(part, slice) and part == slice(None))
        for part in parts
    )


def _operand(rest: Sequence[Any], named: Mapping[str, Any]) -> Any:
    """The second operand; None where there is more than that."""
    other = rest[0] if rest else named.get("other")
    plain = len(rest) < 2 and not named.keys() - {"other"}
    return other if plain and not isinstance(other, bool) else None


def _moved(
    name: str, found: Range, x: Value, rest: Sequence[Any], named: Mapping[str, Any]
) -> Range | None:
    """The range of a sum or a difference."""
    other = _operand(rest, named)
    if isinstance(other, Value):
        by = extremes(other.known)  # all pairs of entries meet where no axis is long in both
        if not all(1 in pair for pair in zip(reversed(x), reversed(other), strict=False)):
            return None
    else:
        by = Range(other, other) if isinstance(other, int | Dim) else None
    if by is None:
        return None
    once = found.once and not isinstance(other, Value)
    if name in SUMS:
        return Range(found.low + by.low, found.high + by.high, once)
    if name in MIRRORED:
        return Range(by.low - found.high, by.high - found.low, once)
    return Range(found.low - by.high, found.high - by.low, once)


def _scaled(found: Range, rest: Sequence[Any], named: Mapping[str, Any]) -> Range | None:
    factor = held(_operand(rest, named))
    if not isinstance(factor, int):
        return None
    low, high = found.low * factor, found.high * factor
    return Range(low, high) if factor >= 0 else Range(high, low)


def _clamped(found: Range, rest: Sequence[Any], named: Mapping[str, Any]) -> Range | None:
    ends = [*rest, None, None]
    least, most = named.get("min", ends[0]), named.get("max", ends[1])
    if any(not isinstance(end, int | Dim | None) for end in (least, most)):
        return None
    low, high = found.low, found.high
    if least is not None:
        low, high = dims.maximum(low, least), dims.maximum(high, least)
    if most is not None:
        low, high = dims.minimum(low, most), dims.minimum(high, most)
    return Range(low, high)
