"""Sorting, ranking and differences along one axis."""

from __future__ import annotations

from typing import Any

from ..core import dims
from ..core.dims import Size
from ..core.shape import total
from .call import Call
from .common import accepts, at_least_float, drop, like, real_numbers, vanishes
from .dtypes import promote_two, result_type
from .layout import strides_of
from .registry import op
from .value import Value


@op("topk")
def topk(call: Call, input: Value, k: Size, dim: int = -1, largest: bool = True,
         sorted: bool = True) -> list[Value]:
    """(*A, n, *B) -> (*A, k, *B), (*A, k, *B)"""
    accepts(call, input.dtype, "if", "input")
    d = call.axis(dim, len(input))
    call.at_least(k, 0, "a number of entries cannot be negative", kind="index", of="k")
    call.at_least(input[d] if input else 1, k, "the axis must have at least k entries",
                  kind="index", of="input", axis=dim)
    shape = (*input[:d], k, *input[d + 1 :]) if input else ()
    return [call.tensor(shape, input.dtype), call.tensor(shape, "int64")]


@op("sort")
def sort(call: Call, input: Value, *args: Any, dim: int = -1, descending: bool = False,
         stable: bool | None = None) -> list[Value]:
    """(*S) -> (*S), (*S)"""
    accepts(call, input.dtype, "bif", "input")
    numbers = [a for a in args if not isinstance(a, bool) and a is not None]
    call.axis(numbers[0] if numbers else dim, len(input))
    return [like(call, input), like(call, input, "int64")]


@op("argsort")
def argsort(call: Call, input: Value, *args: Any, **kwargs: Any) -> Value:
    """(*S) -> (*S)"""
    return sort(call, input, *args, **kwargs)[1]


@op("msort")
def msort(call: Call, input: Value) -> Value:
    """(*S) -> (*S)"""
    return sort(call, input, dim=0)[0]


@op("histc")
def histc(call: Call, input: Value, bins: Size = 100, min: Any = 0, max: Any = 0) -> Value:
    """(*S) -> (bins)"""
    accepts(call, input.dtype, "f", "input")
    call.at_least(bins, 1, "a histogram needs at least one bin", kind="argument", of="bins")
    return call.tensor((bins,), input.dtype)


@op("diff")
def diff(call: Call, input: Value, n: int = 1, dim: int = -1, prepend: Value | None = None,
         append: Value | None = None) -> Value:
    """(*A, n, *B) -> (*A, n - 1, *B)"""
    if not input:
        call.fail("differences need at least one axis", kind="rank", of="input")
    parts = [x for x in (prepend, input, append) if x is not None]
    if n == 0 and len(parts) == 1:
        return like(call, input)
    d = call.axis(dim, len(input))
    for x, of in ((prepend, "prepend"), (append, "append")):
        if x is None:
            continue
        call.rank(x, len(input), of=of, because=f"{of} must have as many axes as the input")
        for i, size in enumerate(x):
            if i != d:
                call.equal(size, input[i],
                           f"{of} must have the sizes of the input outside the axis",
                           kind="join", of=of, axis=i)
    if n == 0:
        return like(call, input)
    call.at_least(n, 0, "the order of the difference cannot be negative", kind="argument", of="n")
    size = dims.maximum(total(x[d] for x in parts) - n, 0)
    shape = (*input[:d], size, *input[d + 1 :])
    order = strides_of(input) if len(parts) == 1 else None
    return like(call, Value(shape, result_type(parts, call.default_dtype), order))


@op("trapz trapezoid cumulative_trapezoid")
def trapezoid(call: Call, y: Value, x: Value | None = None, *, dx: Any = 1, dim: int = -1) -> Value:
    """(*A, n, *B) -> (*A, *B)"""
    if not y:
        call.fail("an integral needs an axis to run along", kind="rank", of="y")
    d, dtype = call.axis(dim, len(y), "y"), y.dtype
    if "cumulative" not in call.op and vanishes(call, y[d : d + 1]):
        return call.tensor(drop(y, (d,), False), dtype)
    shape: tuple[Size, ...] = (*y[:d], dims.maximum(y[d] - 1, 0), *y[d + 1 :])
    if x is not None:
        dtype = promote_two(dtype, x.dtype)
        spread = (1,) * (len(y) - len(x)) + tuple(x)
        if len(x) == 1:
            call.equal(x[0], y[d], "there must be one x for each entry of y along the axis", of="x")
            spread = (1,) * d + tuple(x) + (1,) * (len(y) - d - 1)
        steps = (*spread[:d], dims.maximum(spread[d] - 1, 0), *spread[d + 1 :])
        shape = call.broadcast(shape, steps)
    if "bool" in (y.dtype, x.dtype if x is not None else ""):
        call.wrong("bools cannot be integrated", kind="dtype")
    if "cumulative" not in call.op:
        shape = drop(shape, (d,), False)
    return call.tensor(shape, at_least_float(dtype, call))


@op("renorm")
def renorm(call: Call, input: Value, p: Any, dim: int, maxnorm: Any) -> Value:
    """(*S) -> (*S)"""
    accepts(call, input.dtype, "fc", "input")
    if len(input) < 2:
        call.fail("renorm needs at least two axes", kind="rank", of="input")
    call.axis(dim, len(input))
    real_numbers(call, p=p, maxnorm=maxnorm)
    if p <= 0 or maxnorm < 0:
        call.wrong("the order of a norm must be positive, and its limit not negative",
                   kind="argument", of="p" if p <= 0 else "maxnorm")
    return call.tensor(input, input.dtype)
