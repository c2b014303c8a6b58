"""What becomes of entries one by one: parts of numbers, places, functions of Python's."""

from __future__ import annotations

from typing import Any

from ..core import constraint, dims
from ..core.dims import Size
from ..core.shape import product
from . import layout
from .call import Call
from .common import (
    accepts,
    drop,
    empty,
    expandable,
    float_only,
    like,
    listed,
    one_number,
    pointwise,
    same_dtype,
    same_sizes,
)
from .counts import natural
from .dtypes import FLOAT_OF, category
from .padding import pad
from .registry import op
from .sizes import own_axis
from .value import Value


@op("frexp", layout="view")
def frexp(call: Call, input: Value) -> list[Value]:
    """(*S) -> [(*S), (*S)]"""
    float_only(call, input)
    return [like(call, input), like(call, input, "int32")]


@op("unravel_index", layout="view")
def unravel_index(call: Call, indices: Value, shape: Any) -> list[Value]:
    """(*S), n sizes -> n of (*S)"""
    accepts(call, indices.dtype, "i", "indices")
    sizes = listed(call, (shape,)) if shape not in ((), []) else ()
    least = int(not empty(indices))
    natural(call, sizes, f"the sizes of a grid must be at least {least}", least=least)
    grid = Value((len(sizes),), "int64")
    places = pointwise(call, [layout.inserted(indices, len(indices)), grid])
    return [layout.selected(places, len(indices)) for _ in sizes]


@op("nonzero_static")
def nonzero_static(call: Call, input: Value, *, size: Any, fill_value: Any = -1) -> Value:
    """(*S) -> (size, rank)"""
    natural(call, (size,))
    return Value((size, len(input)), "int64")


@op("Tensor.sum_to_size", layout="view")
def sum_to_size(call: Call, input: Value, *sizes: Any, size: Any = None) -> Value:
    """(*S) -> (*sizes), which broadcasts to S"""
    shape = tuple(call.sizes(sizes)) if size is None else tuple(size)
    expandable(call, shape, input, "the result")
    sums = "int64" if category(input.dtype) < 2 else input.dtype
    ones = [constraint.equal(d, 1) for d, n in zip(input, shape, strict=False) if n == 1 != d]
    whole = constraint.all_of(ones)
    decide = call.settled if sums == input.dtype else call.holds
    if len(input) == len(shape) > 0 and (not ones or decide(whole)):
        return call.tensor(input, input.dtype, input.strides)
    return call.tensor(shape, sums)


@op("Tensor.resize_", layout="view")
def resize(call: Call, input: Value, *size: Any, memory_format: Any = None) -> Value:
    """(*S), sizes -> (*sizes)"""
    shape = tuple(call.sizes(size))
    natural(call, shape)
    kept = input.strides is not None and call.holds(same_sizes(shape, input))
    return call.tensor(shape, input.dtype, input.strides if kept else None)


@op("torch.resize_as_ Tensor.resize_as_", layout="view")
def resize_as(call: Call, input: Value, the_template: Value, memory_format: Any = None) -> Value:
    """(*S), (*R) -> (*R)"""
    return resize(call, input, tuple(the_template))


@op("Tensor.fill_diagonal_", layout="view")
def fill_diagonal(call: Call, input: Value, fill_value: Any, wrap: Any = False) -> Value:
    """(n, n, ..) -> (n, n, ..), or (n, m)"""
    if len(input) < 2:
        call.fail("a diagonal needs two axes", kind="rank", of="input")
    for axis in range(1, len(input)) if len(input) > 2 else ():
        because = "all axes must have the same size where there are more than two"
        call.equal(input[axis], input[0], because, of="input", axis=axis)
    one_number(call, input, fill_value, "fill_value")
    if wrap and len(input) == 2 and input.strides is not None and call.memory is not None:
        height, width = input
        room, begin = call.memory
        more = dims.floordiv(product(input) + width, width + 1) - width
        down, right = input.strides
        if right == 0 and call.is_one(width):  # an axis of size 1 was not expanded
            right = 1
        reach = begin + down * (width + 1) + (more - 1) * (down + right) + 1
        fits = [constraint.at_least(width + 1, height), constraint.equal(width, 0)]
        call.require(constraint.any_of([constraint.at_least(room, reach), *fits]),
                     "the diagonal must go on inside the memory", kind="window", of="input")
    return call.tensor(input, input.dtype, input.strides)


@op("torch.fill Tensor.fill_", layout="view")
def fill(call: Call, input: Value, value: Any) -> Value:
    """(*S), value -> (*S)"""
    one_number(call, input, value)
    return like(call, input)


@op("Tensor.apply_ Tensor.map_ Tensor.map2_", layout="view")
def apply_(call: Call, self: Value, *args: Any, **options: Any) -> Value:
    """(*S), and others that broadcast to it -> (*S)"""
    if self.device != "cpu":
        call.wrong("functions of Python only see tensors on the CPU", kind="argument")
    for name, x in zip(("the other tensor", "the second tensor"), args, strict=False):
        if isinstance(x, Value):
            expandable(call, x, self, name)
            same_dtype(call, self, x)
    return call.tensor(self, self.dtype, self.strides)


@op("torch.constant_pad_nd", layout="view")
def constant_pad_nd(call: Call, input: Value, pad: Any, value: Any = 0) -> Value:
    """(*A, n, ..) -> (*A, n + left + right, ..)"""
    return padded(call, input, pad)


padded = pad


@op("torch.norm_except_dim", layout="view")
def norm_except_dim(call: Call, v: Value, pow: Any = 2, dim: Any = 0) -> Value:
    """(*A, n, *B) -> (1, .., n, .., 1); () for dim = -1"""
    accepts(call, v.dtype, "fc", "v")
    dtype = FLOAT_OF.get(v.dtype, v.dtype)
    if isinstance(pow, int | float) and pow < 0:
        because = "a norm of a negative power needs entries"
        call.at_least(product(v), 1, because, kind="values", of="v")
    if dim == -1:
        return call.tensor((), dtype)
    axis = own_axis(call, dim, v, "v")
    call.at_least(v[axis], 1, "the axis that is kept must not be empty", of="v", axis=axis)
    rest = [i for i in range(len(v)) if i != axis]
    found: list[Size] = list(drop(v, rest, True))
    return call.tensor(found, dtype)


