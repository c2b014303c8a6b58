"""Which part of another tensor's memory a view takes, and what in-place operations demand of that.

PyTorch refuses to write into memory that another operand of the same call shares, unless it is the
very same view (``at::get_overlap_status``); it looks no further where one of them has gaps.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import torch

from ..core import constraint
from ..core.constraint import Constraint
from ..core.dims import Dim, Size
from ..core.shape import product
from ..ops import Call, Value, layout, lookup
from ..ops.apply import apply
from ..ops.registry import bare
from .beforehand import look_at_rows, owner_of
from .overlap import apart
from .results import COPIED, EACH, OVERLAPPING, RESHAPING, SEEN
from .tensor import SymbolicTensor

if TYPE_CHECKING:
    from .recorder import Recorder

RETYPED = set("real imag view_as_real view_as_complex view".split())
"""Operations whose results share memory though they have another dtype."""
PARTS = {"unbind": 1, "split": 2, "chunk": 2, "tensor_split": 2, "split_with_sizes": 2}
"""Operations with several views for a result, and the place of their axis."""
EXPANDING = {"expand", "expand_as", "broadcast_to"}
"""Operations that repeat the entry of an axis that has one."""
UNFOLLOWED = set("diagonal as_strided imag unfold slice hsplit vsplit dsplit".split())
REFUSING = set(
    "add addcdiv addcmul addr arctan2 atan2 bernoulli bitwise_and bitwise_left_shift bitwise_or "
    "bitwise_right_shift bitwise_xor clamp clamp_max clamp_min clip copy copysign div divide eq "
    "float_power floor_divide fmod gcd ge greater greater_equal gt heaviside hypot igamma igammac "
    "lcm le lerp less less_equal logical_and logical_or logical_xor lt masked_fill mul multiply "
    "ne nextafter not_equal pow remainder sub subtract true_divide xlogy __iadd__ __imul__ "
    "__itruediv__ __isub__ __iand__ __ior__ __ixor__ __ipow__ __ifloordiv__ __imod__ __ilshift__ "
    "__irshift__ __setitem__".split()
)
"""In-place operations that refuse operands that lie partly in what is written."""
KEEPING = set(
    "index_add index_copy index_fill index_put index_reduce put scatter scatter_add "
    "scatter_reduce".split()
)
"""In-place operations that refuse operands in what is written, and be it the same."""
FILLING = {"index_fill", "masked_fill"}
"""In-place operations that take the entry of their last operand before they write."""


def share(
    recorder: Recorder, result: Any, name: str, args: Any, given: Any, named: Mapping[str, Any]
) -> None:
    """Remembers that the tensors of a result lie in the memory of the first operand, or of each."""
    if name.rpartition(".")[2] in EACH and isinstance(result, tuple | list):
        for part, operand in zip(result, args if len(args) > 1 else args[0], strict=True):
            recorder.alias(part, operand)
            part.offset, part.is_view = recorder.symbolic(operand).offset, None
        return
    if name == "torch.einsum":
        args, given = args[1:], given[1:]
    if not isinstance(args[0], torch.Tensor) or not isinstance(given[0], Value):
        return
    origin, short = recorder.symbolic(args[0]), name.rpartition(".")[2]
    if isinstance(result, SymbolicTensor):
        other = result.value is not None and result.value.dtype != given[0].dtype
        if other and short not in RETYPED:
            return
        recorder.alias(result, args[0])
        seen = _kept(recorder, short, given, named, result.value)
        result.offset = _sum(origin.offset, start(name, given, named) if seen is not None else None)
        result.copies = origin.copies
        if short not in COPIED:
            result.repeats = (*origin.repeats, *_repeats(short, given[0], result.value))
        if seen is not None and seen != constraint.ALWAYS:
            strides = zip(given[0], layout.strides_of(given[0]), strict=True)
            repeated = tuple(size for size, stride in strides if stride == 0)
            if result.value is not None and short not in ("contiguous", "ravel"):
                result.value.source = given[0], seen
            result.copies = {**origin.copies, id(result): (seen, repeated, result.value)}
        result.is_view = _is_view(short, given, result, seen)
    elif isinstance(result, tuple | list):
        short = short.removeprefix("unsafe_")
        offset = origin.offset if short in PARTS else None
        for part in result:
            recorder.alias(part, args[0])
            part.offset, part.copies, part.repeats = offset, origin.copies, origin.repeats
            part.is_view = _is_view(short, given, part, constraint.ALWAYS)
            offset = _sum(offset, _width(PARTS.get(short, 0), given, named, part.value))


def _repeats(short: str, x: Value, result: Value | None) -> Iterator[tuple[Constraint, Size]]:
    """The axes that an operation expands where they have one entry, which is open."""
    if short in EXPANDING and result is not None:
        for size, wanted in zip(reversed(x), reversed(result), strict=False):
            if isinstance(size, Dim) and size != wanted:
                yield constraint.equal(size, 1), wanted


def _kept(
    recorder: Recorder, short: str, given: Sequence[Any], named: Mapping[str, Any],
    result: Value | None,
) -> Constraint | None:  # fmt: skip
    """The relation under which a result is no copy; None where that is not known."""
    x = given[0]
    if short not in COPIED or x.strides is None:
        return constraint.ALWAYS
    if result is None or (short == "contiguous" and len(given) + len(named) > 1):
        return None
    if short in ("contiguous", "ravel"):
        return layout.lies_as(x)
    if short in ("to", "type"):
        return None if named else constraint.ALWAYS
    return layout.viewed(x, tuple(result), recorder.settle)[1]


def _is_view(
    short: str, given: Sequence[Any], result: SymbolicTensor, kept: Constraint | None
) -> bool | None:
    """Whether a result is a view to autograd; None where it may be a copy, or the operand."""
    if short in ("detach", "data") or torch.is_inference_mode_enabled():
        return False
    if short == "view" and result.value is not None and result.value.dtype == given[0].dtype:
        return True
    if kept != constraint.ALWAYS:
        return None
    followed = short != "__getitem__" or result.offset is not None
    return True if followed and short in SEEN else None


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
    if short in UNFOLLOWED:
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
    parts = _parts(index)
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
    if short == "detach_" or short in RESHAPING:
        _demand_own(recorder, call, short, target)
    if short not in OVERLAPPING:
        _demand_single(call, target)
    elif short == "embedding_renorm_":
        look_at_rows(recorder, call, target.value)
    elif short == "baddbmm_" and target.value is not None and 0 in layout.strides_of(target.value):
        text = "whether a product may be added to expanded entries depends on the kernel"
        recorder.gap("memory", text, call.node)
    short = bare(short)
    others = list(_sharing(target, args[1:-1] if short in FILLING else args[1:]))
    if not others or short not in REFUSING | KEEPING or target.value is None:
        return
    if short == "index_put" and len(given) == 3 and _fills(given[1], given[2]):
        return
    region, begin, whole = target.value, target.offset, short in KEEPING
    if short == "__setitem__":
        index, whole = _plain(given[1])
        if whole and _fills(given[1], given[2]):
            return
        begin = _sum(begin, _first(region, index))
        rule = lookup("Tensor.__getitem__")
        assert rule is not None
        region = apply(rule, call, (region, index), {}) if begin is not None else region
    for place, other in enumerate(others):
        if other is target and short != "__setitem__":
            relation = constraint.never() if whole else constraint.ALWAYS
        elif begin is None or other.offset is None or other.value is None:
            recorder.gap("memory", "an operand may share the memory that is written", call.node)
            continue
        else:
            seen = other.value
            if short == "addr" and place == 0 and other is args[1]:  # as a column
                seen = layout.inserted(seen, 1)
            relation = apart(region, begin, seen, other.offset, whole)
            if len(region) and product(region) == 1 and call.settled(relation) is True:
                relation = apart(region, begin, seen, other.offset, whole=True)
                if call.settled(relation) is not True:
                    recorder.gap("memory", "two views of one entry may differ in steps", call.node)
                    continue
            copies = [copy for _, copy in target.copies.items() ^ other.copies.items()]
            relation = constraint.any_of([relation, *(seen.negated() for seen, *_ in copies)])
            turned = any(list(layout.turned(value)) for *_, value in copies if value is not None)
            if turned and call.settled(relation) is not True:
                recorder.gap("memory", "where a view lies depends on the sizes", call.node)
                continue
        because = "an operand must not share part of the memory that is written into"
        if call.settled(relation) is not True:
            call.require(relation, because, kind="inplace", of="other")


def _demand_single(call: Call, target: SymbolicTensor) -> None:
    """Demands that what may be a view of an expanded tensor is none, or has no entry twice."""
    found = [(seen, size) for seen, sizes, _ in target.copies.values() for size in sizes]
    for seen, size in (*found, *target.repeats):
        because = "an axis that is expanded has one entry, which cannot hold several"
        relation = constraint.any_of([seen.negated(), constraint.equal(size, 1)])
        call.require(relation, because, kind="inplace", of="input")


def _plain(index: Any) -> tuple[Any, bool]:
    """An index with all of an axis where entries are listed, and whether that is anywhere."""
    parts: list[Any] = []
    for part in _parts(index):
        if isinstance(part, Value):
            parts += [slice(None)] * (len(part) if part.dtype == "bool" else 1)
        elif isinstance(part, list):
            parts.append(slice(None))
        else:
            parts.append(part)
    return tuple(parts), any(isinstance(p, Value | list) for p in _parts(index))


def _parts(index: Any) -> list[Any]:
    return list(index) if type(index) is tuple else [index]


def _fills(index: Any, value: Any) -> bool:
    """Whether one value is written where masks say."""
    listed = [part for part in _parts(index) if isinstance(part, Value | list)]
    masks = all(isinstance(part, Value) and part.dtype == "bool" for part in listed)
    return masks and isinstance(value, Value) and product(value) == 1


def _demand_own(recorder: Recorder, call: Call, short: str, target: SymbolicTensor) -> None:
    """What a call that changes a tensor itself, not its entries, demands of its views."""
    if short == "detach_" and target.is_view is None:
        recorder.gap("memory", "a tensor is detached that may be a view", call.node)
    elif short == "detach_" and target.is_view:
        call.wrong("a view cannot be detached in place", kind="inplace", of="input")
    elif short in RESHAPING:
        for twin in list(_twins(recorder, target)):
            twin.value = None
            recorder.gap("memory", "a tensor may be another one, whose shape changes", call.node)


def _twins(recorder: Recorder, target: SymbolicTensor) -> Iterator[SymbolicTensor]:
    """The tensors that may be the very same one."""
    owner = owner_of(target)
    for other in (owner, *recorder.aliases.get(id(owner), ())):
        a, b = other.value, target.value
        if other is not target and None in (other.is_view, target.is_view):
            if a is not None and (b is None or _alike(a, b)):
                yield other


def _alike(a: Value, b: Value) -> bool:
    """Whether two shapes are equal, or may be at some sizes."""
    return len(a) == len(b) and all(
        x == y or isinstance(x, Dim) or isinstance(y, Dim) for x, y in zip(a, b, strict=True)
    )


def _sharing(target: SymbolicTensor, args: Sequence[Any]) -> Iterator[SymbolicTensor]:
    for other in args:
        if type(other) in (tuple, list):
            yield from _sharing(target, other)
        elif isinstance(other, SymbolicTensor) and other.value is not None:
            if owner_of(other) is owner_of(target):
                yield other
