"""Shapes as values: what a tensor says of its own sizes."""

from __future__ import annotations

from typing import Any

from ..core import constraint
from ..core.dims import Dim, Size
from ..core.shape import Shape, product
from . import layout
from .call import Call
from .dtypes import category, width
from .registry import op
from .value import Sizes, Value


def own_axis(call: Call, dim: Any, x: Shape, of: str = "input") -> int:
    """An axis that the operand really has: a scalar has none."""
    if not len(x):
        call.fail(f"{of} is a scalar and has no axes", kind="axis", of=of)
    return call.axis(dim, len(x), of)


@op("Tensor.size", "Tensor.shape")
def size(call: Call, input: Value, dim: Any = None) -> Any:
    """(*S) -> S, or its entry at dim"""
    return Sizes(input) if dim is None else input[own_axis(call, dim, input)]


@op("Tensor.stride")
def stride(call: Call, input: Value, dim: Any = None) -> Any:
    """(*S) -> steps between neighbours along each axis"""
    strides = layout.strides_of(input)
    return Sizes(strides) if dim is None else strides[own_axis(call, dim, input)]


@op("Tensor.dim Tensor.ndim Tensor.ndimension")
def dim(call: Call, input: Value) -> int:
    """(*S) -> number of axes"""
    return len(input)


@op("numel Tensor.nelement")
def numel(call: Call, input: Value) -> Size:
    """(*S) -> product(S)"""
    return product(input)


@op("Tensor.__len__")
def length(call: Call, input: Value) -> Size:
    """(N, *S) -> N"""
    if not len(input):
        call.fail("a scalar tensor has no length", kind="rank", of="input")
    return input[0]


@op("Tensor.element_size Tensor.itemsize")
def element_size(call: Call, input: Value) -> int:
    """(*S) -> bytes of one entry"""
    return width(input.dtype)


@op("Tensor.nbytes")
def nbytes(call: Call, input: Value) -> Size:
    """(*S) -> bytes of all entries"""
    return product(input) * width(input.dtype)


@op("is_floating_point")
def is_floating_point(call: Call, input: Value) -> bool:
    """(*S) -> whether the dtype is floating"""
    return category(input.dtype) == 2


@op("is_complex")
def is_complex(call: Call, input: Value) -> bool:
    """(*S) -> whether the dtype is complex"""
    return category(input.dtype) == 3


@op("Tensor.is_signed torch.is_signed")
def is_signed(call: Call, input: Value) -> bool:
    """(*S) -> whether the dtype has negative numbers"""
    return input.dtype not in ("bool", "uint8", "uint16", "uint32", "uint64")


@op("Tensor.is_contiguous")
def is_contiguous(call: Call, input: Value, *, memory_format: Any = None) -> bool:
    """(*S) -> whether the entries lie in the order of the axes"""
    wanted = layout.formatted(input, memory_format)
    if "channels_last" in str(memory_format) and (wanted is None or 0 in input):
        return False
    relation = layout.lies_as(input, wanted)
    if relation == constraint.ALWAYS:
        return True
    open_sizes = [d for d in input if call.settled(constraint.at_least(d, 1)) is not True]
    nothing = constraint.any_of(constraint.equal(d, 0) for d in open_sizes)
    if wanted is not None:
        return call.holds(constraint.all_of([relation, nothing.negated()]))
    return call.holds(constraint.any_of([relation, nothing]))


@op("Tensor.is_same_size torch.is_same_size")
def is_same_size(call: Call, input: Value, other: Value) -> bool:
    """(*S), (*R) -> whether S = R"""
    if len(input) != len(other):
        return False
    pairs = [(a, b) for a, b in zip(input, other, strict=True) if a != b]
    if any(isinstance(a, int) and isinstance(b, int) for a, b in pairs):
        return False
    return not pairs or call.holds(constraint.all_of(constraint.equal(a, b) for a, b in pairs))


@op("torch.broadcast_shapes")
def broadcast_shapes(call: Call, *shapes: Any) -> Sizes:
    """S, .. -> broadcast(S, ..)"""
    given = [(s,) if isinstance(s, int | Dim) else tuple(s) for s in shapes]
    for shape in given:
        for d in shape:
            call.at_least(d, 0, "a size must be at least 0", kind="argument")
    return Sizes(call.broadcast(*given) if given else ())
