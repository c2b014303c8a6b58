"""Reductions: axes disappear, or keep size 1."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import inf
from typing import Any

from ..core.dims import Size
from .call import Call
from .common import (
    accepts,
    at_least_float,
    drop,
    empty,
    pointwise,
    real_numbers,
    same_dtype,
    vanishes,
)
from .dtypes import FLOAT_OF, category, promote_two, result_type
from .layout import contiguous
from .registry import enter, op
from .value import Value

Axes = int | Sequence[int] | None

ORDERED = "bif"
# Names, kinds of dtypes (b, i, f, c), dtype of the result, and whether an empty axis is refused.
SEVERAL = [
    ("sum", "bifc", "whole", False),
    ("mean", "fc", "same", False),
    ("amax amin", ORDERED, "same", True),
    ("logsumexp special_logsumexp", "bifc", "float", False),
    ("all any", "bifc", "truth", False),
]
SINGLE = [
    ("prod", "bifc", "whole", False),
    ("argmax argmin", "if", "int64", True),
]


def _kept(call: Call, x: Value, axes: Sequence[int], refused: bool) -> None:
    """Demands entries along the axes where an empty reduction has no value."""
    for axis in axes if refused and x else ():
        call.at_least(x[axis], 1, "the axis that is reduced must have at least one entry",
                      kind="values", of="input", axis=axis - len(x))


def _result(call: Call, x: Value, policy: str, dtype: str | None) -> str:
    """The dtype of a reduction: that asked for, or as its family decides."""
    if policy == "truth":
        return "uint8" if x.dtype == "uint8" else "bool"
    if policy == "int64" or (policy == "whole" and category(x.dtype) < 2):
        return dtype or "int64"
    return dtype or (at_least_float(x.dtype, call) if policy == "float" else x.dtype)


def _several(kinds: str, policy: str, refused: bool) -> Callable[..., Any]:
    def rule(call: Call, input: Value, dim: Axes = None, keepdim: bool = False, *,
             dtype: str | None = None) -> Value:
        """(*S) -> (*S without the reduced axes)"""
        if kinds != ORDERED or not empty(input):
            accepts(call, dtype or input.dtype, kinds, "input")
        axes = () if policy == "truth" and _is_none_of(dim) else call.axes(dim, len(input))
        _kept(call, input, axes, refused)
        if policy == "float" and not keepdim and input and not empty(input) and _is_none_of(dim):
            call.fail("no axes are reduced only where they are kept", kind="argument", of="dim")
        known = policy == "truth" and not drop(input, axes, keepdim) and 0 in input
        return call.tensor(
            drop(input, axes, keepdim), _result(call, input, policy, dtype),
            known=_short(call.op) == "all" if known else None,
        )  # fmt: skip

    return rule


def _is_none_of(dim: Any) -> bool:
    """Whether axes are named, and none."""
    return isinstance(dim, list | tuple) and not dim


def _short(name: str) -> str:
    return name.rpartition(".")[2]


def _single(kinds: str, policy: str, refused: bool) -> Callable[..., Any]:
    several = _several(kinds, policy, refused)

    def rule(call: Call, input: Value, dim: Any = None, keepdim: bool = False, *,
             dtype: str | None = None) -> Any:
        """(*S) -> (*S without the reduced axis)"""
        if isinstance(dim, list | tuple):
            call.fail("this reduces one axis, or all where none is given", kind="argument",
                      of="dim")
        return several(call, input, dim, keepdim, dtype=dtype)

    return rule


for _names, _kinds, _policy, _refused in SEVERAL:
    enter(tuple(_names.split()), _several(_kinds, _policy, _refused), "same", "contiguous")
for _names, _kinds, _policy, _refused in SINGLE:
    enter(tuple(_names.split()), _single(_kinds, _policy, _refused), "same", "contiguous")


def _pair(call: Call, x: Value, dim: int, keepdim: bool, kinds: str = "bif") -> list[Value]:
    """Values and indices of a reduction of one axis."""
    accepts(call, x.dtype, kinds, "input")
    axis = call.axis(dim, len(x))
    _kept(call, x, (axis,), True)
    shape = drop(x, (axis,), keepdim)
    return [call.tensor(shape, x.dtype), call.tensor(shape, "int64")]


@op("max min")
def maximum(call: Call, input: Value, dim: Any = None, keepdim: bool = False, *,
            other: Value | None = None) -> Any:
    """(*S) -> () or (*S without the reduced axis), twice; or (*A), (*B) -> (*broadcast(A, B))"""
    other = dim if isinstance(dim, Value) else other
    if other is not None:
        return pointwise(call, (input, other), "bif")
    if dim is not None:
        return _pair(call, input, dim, keepdim)
    accepts(call, input.dtype, "bif", "input")
    _kept(call, input, range(len(input)), True)
    return call.tensor((), input.dtype)


@op("median nanmedian")
def median(call: Call, input: Value, dim: int | None = None, keepdim: bool = False) -> Any:
    """(*S) -> () or (*S without the reduced axis), twice"""
    if dim is not None:
        return _pair(call, input, dim, keepdim, "if")
    if not empty(input):
        accepts(call, input.dtype, "if", "input")
    return call.tensor((), input.dtype)


@op("mode")
def mode(call: Call, input: Value, dim: int = -1, keepdim: bool = False) -> list[Value]:
    """(*S) -> (*S without the reduced axis), twice"""
    loose = category(input.dtype) == 3 and (not input or vanishes(call, input))
    return _pair(call, input, dim, keepdim, "bifc" if loose else "bif")


@op("kthvalue")
def kthvalue(
    call: Call, input: Value, k: Size, dim: int = -1, keepdim: bool = False
) -> list[Value]:
    """(*S) -> (*S without the reduced axis), twice"""
    size = input[call.axis(dim, len(input))] if input else 1
    call.at_least(k, 1, "the rank of the wanted value counts from one", kind="index", of="k")
    call.at_least(size, k, "the axis must have at least as many entries as the rank that is wanted",
                  kind="index", of="input", axis=dim)
    return _pair(call, input, dim, keepdim, "if" if input else "bifc")


@op("aminmax")
def aminmax(
    call: Call, input: Value, *, dim: int | None = None, keepdim: bool = False
) -> list[Value]:
    """(*S) -> (*S without the reduced axes), twice"""
    accepts(call, input.dtype, "bif", "input")
    axes = call.axes(dim, len(input))
    _kept(call, input, axes, True)
    return [call.tensor(drop(input, axes, keepdim), input.dtype)] * 2


@op("nansum nanmean")
def nansum(call: Call, input: Value, dim: Axes = None, keepdim: bool = False, *,
           dtype: str | None = None) -> Value:
    """(*S) -> (*S without the reduced axes)"""
    mean = "mean" in call.op
    for found in (input.dtype, dtype or input.dtype):
        accepts(call, found, "f" if mean else "bif", "input")
    shape = drop(input, call.axes(dim, len(input)), keepdim)
    return call.tensor(shape, _result(call, input, "whole", dtype))


@op("std var")
def std(call: Call, input: Value, *args: Any, dim: Axes = None, unbiased: bool = True,
        keepdim: bool = False, correction: Any = None) -> Value:
    """(*S) -> (*S without the reduced axes)"""
    if args and not isinstance(args[0], bool):
        dim = args[0]
        keepdim = args[2] if len(args) > 2 else keepdim
    if category(input.dtype) < 2:
        call.wrong(f"{call.op.rpartition('.')[2]} needs floats: convert the input first",
                   kind="dtype", of="input")
    axes = call.axes(dim, len(input))
    dtype = FLOAT_OF.get(input.dtype, input.dtype)
    return call.tensor(drop(input, axes, keepdim), dtype)


@op("std_mean var_mean")
def std_mean(call: Call, input: Value, *args: Any, **kwargs: Any) -> list[Value]:
    """(*S) -> (*S without the reduced axes), twice"""
    spread = std(call, input, *args, **kwargs)
    return [spread, call.tensor(spread, input.dtype)]


@op("norm")
def norm(call: Call, input: Value, p: Any = "fro", dim: Axes = None, keepdim: bool = False,
         out: Any = None, dtype: str | None = None) -> Value:
    """(*S) -> (*S without the reduced axes)"""
    accepts(call, input.dtype, "fc", "input")
    if dtype and (category(dtype) != category(input.dtype) or promote_two(input.dtype,
                                                                          dtype) != dtype):
        call.wrong("dtype must hold the entries of the input", kind="dtype", of="dtype")
    axes = call.axes(dim, len(input))
    real_numbers(call, p=p)
    if isinstance(p, str) and p not in ("fro", "nuc"):
        call.fail("the only norms with names are 'fro' and 'nuc'", kind="argument", of="p")
    named = len(dim) if isinstance(dim, list | tuple) else len(axes)
    if (p == "nuc" and named != 2) or (p == "fro" and isinstance(dim, list | tuple) and named > 2):
        call.fail("the norm of a matrix needs exactly two axes", kind="rank", of="input")
    if p == "nuc" and input.dtype in ("float16", "bfloat16"):
        call.wrong("a norm by singular values needs 32 bits or more", kind="dtype", of="input")
    _kept(call, input, axes, isinstance(p, int | float) and (p < 0 or p == inf))
    found = dtype or input.dtype
    return call.tensor(drop(input, axes, keepdim), FLOAT_OF.get(found, found))


@op("count_nonzero")
def count_nonzero(call: Call, input: Value, dim: Axes = None) -> Value:
    """(*S) -> (*S without the reduced axes)"""
    return call.tensor(drop(input, call.axes(dim, len(input)), False), "int64")


@op("quantile nanquantile")
def quantile(call: Call, input: Value, q: Any, dim: int | None = None, keepdim: bool = False, *,
             interpolation: str = "linear") -> Value:
    """(*S), (*Q) -> (*Q, *S without the reduced axis)"""
    if input.dtype not in ("float32", "float64"):
        call.wrong("quantiles need float32 or float64", kind="dtype", of="input")
    lead: tuple[Size, ...] = ()
    if isinstance(q, int | float) and not 0 <= q <= 1:
        call.wrong("q must be between zero and one", kind="argument", of="q")
    if isinstance(q, Value):
        call.rank(q, 0, 1, of="q", because="q is a number or a list of them")
        same_dtype(call, input, q, because="q must have the dtype of the input")
        lead = tuple(q)
    axes = call.axes(dim, len(input))
    _kept(call, input, range(len(input)), True)
    kept = drop(input, axes, keepdim)
    *steps, last = contiguous((*kept, *(lead or (1,))))
    return call.tensor((*lead, *kept), input.dtype, (*((last,) * len(lead)), *steps))


@op("dist")
def dist(call: Call, input: Value, other: Value, p: Any = 2) -> Value:
    """(*A), (*B) -> ()"""
    real_numbers(call, p=p)
    call.broadcast(input, other)
    common = result_type((input, other), call.default_dtype)
    accepts(call, "bool" if "bool" in (input.dtype, other.dtype) else common, "fc")
    return call.tensor((), FLOAT_OF.get(common, common))
