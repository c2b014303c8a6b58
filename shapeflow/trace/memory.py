"""Which part of another tensor's memory a view takes, and what in-place operations demand of that.

PyTorch refuses to write into memory that another operand of the same call shares, unless it is the
very same view (``at::get_overlap_status``); it looks no further where one of them has gaps.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import permutations
from typing import TYPE_CHECKING, Any

import torch

from ..core import constraint
from ..core.constraint import Constraint
from ..core.dims import Dim, Size
from ..core.shape import product
from ..ops import Call, Value, layout, lookup
from ..ops.apply import apply
from .tensor import SymbolicTensor

if TYPE_CHECKING:
    from .recorder import Recorder

COPIED = set("reshape reshape_as flatten unflatten contiguous to type ravel".split())
"""Operations that copy where a view is not possible."""
RETYPED = set("real imag view_as_real view_as_complex view".split())
"""Operations whose results share memory though they have another dtype."""
PARTS = {"unbind": 1, "split": 2, "chunk": 2, "tensor_split": 2, "split_with_sizes": 2}
"""Operations with several views for a result, and the place of their axis."""
UNFOLLOWED = set("diagonal as_strided imag unfold slice hsplit vsplit dsplit".split())
REFUSING = set(
    "add addcdiv addcmul arctan2 atan2 bitwise_and bitwise_left_shift bitwise_or "
    "bitwise_right_shift bitwise_xor clamp clamp_max clamp_min clip copy copysign div divide eq "
    "floor_divide fmod gcd ge greater greater_equal gt heaviside hypot igamma igammac index_add "
    "index_copy lcm le lerp less less_equal logical_and logical_or logical_xor lt masked_fill mul "
    "multiply ne nextafter not_equal pow put remainder scatter scatter_add sub subtract "
    "true_divide xlogy __iadd__ __imul__ __itruediv__ __isub__ __iand__ __ior__ __ixor__ __ipow__ "
    "__ifloordiv__ __imod__ __ilshift__ __irshift__ __setitem__".split()
)
"""In-place operations that look for overlapping memory."""


def share(
    recorder: Recorder, result: Any, name: str, args: Any, given: Any, named: Mapping[str, Any]
) -> None:
    """Remembers that the tensors of a result lie in the memory of the first operand."""
    if not isinstance(args[0], torch.Tensor) or not isinstance(given[0], Value):
        return
    short = name.rpartition(".")[2]
    if isinstance(result, SymbolicTensor):
        if result.value is not None and result.value.dtype != given[0].dtype:
            if short not in RETYPED:
                return
        recorder.alias(result, args[0])
        result.offset = _sum(recorder.symbolic(args[0]).offset, start(name, given, named))
    elif isinstance(result, tuple | list):
        short = short.removeprefix("unsafe_")
        offset = recorder.symbolic(args[0]).offset if short in PARTS else None
        for part in result:
            recorder.alias(part, args[0])
            part.offset = offset
            offset = _sum(offset, _width(PARTS.get(short, 0), given, named, part.value))


def start(name: str, given: Sequence[Any], named: Mapping[str, Any]) -> Size | None:
    """Where a view begins in the memory of its operand, in elements; None where that is open."""
    short, x = name.rpartition(".")[2], given[0]
    if short == "__getitem__":
        return _first(x, given[1])
    if short in ("select", "narrow"):
        places = [*given[1:], *named.values()]
        if len(places) > 1 and isinstance(places[0], int) and isinstance(places[1], int | Dim):
            return _place(x, places[0] % len(x), places[1])
        return None
    if short in UNFOLLOWED or (short in COPIED and x.strides is not None):
        return None
    return 0


def _sum(a: Size | None, b: Size | None) -> Size | None:
    return None if a is None or b is None else a + b


def _place(x: Value, axis: int, index: Size) -> Size:
    """How far from the start an index along an axis lies; a symbolic one counts from the front."""
    n = x[axis]
    return layout.strides_of(x)[axis] * (
        index + n if isinstance(index, int) and index < 0 else index
    )


def _first(x: Value, index: Any) -> Size | None:
    """Where the entries that simple indices take begin; None where they are copied."""
    parts = list(index) if type(index) is tuple else [index]
    if not all(_is_simple(part) for part in parts):
        return None
    taken = sum(part is not None and part is not Ellipsis for part in parts)
    axis = 0
    first: Size = 0
    for part in parts:
        if part is Ellipsis:
            axis += len(x) - taken
        elif part is not None:
            begin = part.start if isinstance(part, slice) else part
            begin = 0 if begin is None else begin
            first, axis = first + _place(x, axis, begin), axis + 1
    return first


def _is_simple(part: Any) -> bool:
    if isinstance(part, slice):
        return isinstance(part.start, int | Dim | None)
    return part is None or part is Ellipsis or type(part) is int or isinstance(part, Dim)


def _width(place: int, given: Sequence[Any], named: Mapping[str, Any], part: Any) -> Size | None:
    """How much further the next of several parts begins."""
    axis = given[place] if len(given) > place else named.get("dim", 0)
    if part is None or not isinstance(axis, int):
        return None
    axis, x = axis % len(given[0]), given[0]
    if len(part) < len(x):  # unbind
        return layout.strides_of(x)[axis]
    return part[axis] * layout.strides_of(x)[axis]


def demand_apart(
    recorder: Recorder, call: Call, name: str, args: Sequence[Any], given: Sequence[Any]
) -> None:
    """Demands that no other operand lies partly in the memory that a call writes into."""
    target, short = recorder.symbolic(args[0]), name.rpartition(".")[2]
    if short in ("resize_", "resize_as_"):
        if target.base is not None or recorder.aliases.get(id(target)):
            recorder.gap("opaque", "a tensor is resized whose memory another one shares", call.node)
        return
    others = list(_sharing(target, args[1:]))
    if not others or (short if short.startswith("__") else short[:-1]) not in REFUSING:
        return
    region, begin = target.value, target.offset
    if short == "__setitem__" and region is not None:
        begin = _sum(begin, _first(region, given[1]))
        rule = lookup("Tensor.__getitem__")
        assert rule is not None
        region = apply(rule, call, (region, given[1]), {}) if begin is not None else None
    for other in others:
        if not (region is None or begin is None or other.offset is None or other.value is None):
            relation = apart(region, begin, other.value, other.offset)
            because = "an operand must not share part of the memory that is written into"
            call.require(relation, because, kind="inplace", of="other")


def _sharing(target: SymbolicTensor, args: Sequence[Any]) -> Iterator[SymbolicTensor]:
    for other in args:
        if isinstance(other, SymbolicTensor) and other is not target and other.value is not None:
            if _owner(other) is _owner(target):
                yield other


def _owner(x: SymbolicTensor) -> SymbolicTensor:
    return x if x.base is None else x.base


def apart(a: Value, first_a: Size, b: Value, first_b: Size) -> Constraint:
    """The relation under which two views of one memory do not get into each other's way."""
    behind_a, behind_b = first_a + product(a), first_b + product(b)
    same = [(first_a, first_b), (behind_a, behind_b)]
    same += zip(layout.strides_of(a), layout.strides_of(b), strict=False)
    return constraint.any_of(
        [
            constraint.at_least(first_a, behind_b),
            constraint.at_least(first_b, behind_a),
            constraint.equal(product(a), 0),
            constraint.all_of(_equal(*pair) for pair in same)
            if len(a) == len(b)
            else constraint.never(),
            dense(a).negated(),
            dense(b).negated(),
        ]
    )


def _equal(a: Size, b: Size) -> Constraint:
    difference = a - b
    if isinstance(difference, int):
        return constraint.never() if difference else constraint.ALWAYS
    return constraint.equal(a, b)


def dense(x: Value) -> Constraint:
    """The relation under which a tensor has no gaps, whatever the order of its axes."""
    if x.strides is None:
        return constraint.ALWAYS
    orders = permutations(range(len(x))) if len(x) < 4 else [tuple(range(len(x)))]
    return constraint.any_of(layout.lies_as(layout.permuted(x, order)) for order in orders)
