"""Axes in another order: transpose, permute, flip, roll."""

from __future__ import annotations

from typing import Any

from ..core.shape import Shape
from . import layout
from .call import Call
from .common import like, listed, vanishes
from .registry import op
from .sizes import own_axis
from .value import Value


@op("transpose swapaxes swapdims", layout="view")
def transpose(
    call: Call, input: Value, dim0: Any = None, dim1: Any = None,
    axis0: Any = None, axis1: Any = None,
) -> Value:  # fmt: skip
    """(.., n, .., m, ..) -> (.., m, .., n, ..)"""
    a = call.axis(axis0 if dim0 is None else dim0, len(input))
    b = call.axis(axis1 if dim1 is None else dim1, len(input))
    order = list(range(len(input)))
    if order:
        order[a], order[b] = b, a
    return layout.permuted(input, order)


@op("permute", layout="view")
def permute(call: Call, input: Value, *order: Any, dims: Any = None) -> Value:
    """(n_0, n_1, ..) -> (n_dims0, n_dims1, ..)"""
    wanted = listed(call, order, dims)
    if len(wanted) != len(input):
        call.fail("the new order must name every axis of the input once", kind="axis", of="input")
    axes = call.axes(wanted, len(input)) if wanted else ()
    return layout.permuted(input, axes)


@op("movedim moveaxis", layout="view")
def movedim(call: Call, input: Value, source: Any, destination: Any) -> Value:
    """(.., n, ..) -> the same with the axes source at the places destination"""
    given, wanted = listed(call, (source,)), listed(call, (destination,))
    if len(given) != len(wanted):
        call.fail("every moved axis needs one new place", kind="axis", of="input")
    if not len(input):
        return layout.permuted(input, [call.axis(d, 0) for d in given + wanted][:0])
    axes = call.axes(given, len(input)) if given else ()
    places = call.axes(wanted, len(input)) if given else ()
    moved = dict(zip(places, axes, strict=True))
    rest = (d for d in range(len(input)) if d not in axes)
    order = [moved[i] if i in moved else next(rest) for i in range(len(input))]
    return layout.permuted(input, order)


@op("t", layout="view")
def t(call: Call, input: Value) -> Value:
    """(N, M) -> (M, N); a vector or a scalar stays"""
    call.rank(input, 0, 1, 2, of="input", because="t is for at most two axes")
    return layout.permuted(input, range(len(input))[::-1])


@op("Tensor.T", layout="view")
def reversed_axes(call: Call, input: Value) -> Value:
    """(n_0, .., n_k) -> (n_k, .., n_0)"""
    return layout.permuted(input, range(len(input))[::-1])


@op("Tensor.mT adjoint Tensor.mH", layout="view")
def matrix_transposed(call: Call, input: Value) -> Value:
    """(*A, N, M) -> (*A, M, N)"""
    if len(input) == 1:
        call.fail("a matrix, or a batch of them, has at least 2 axes", kind="rank", of="input")
    return transpose(call, input, -2, -1) if len(input) else layout.permuted(input, ())


@op("Tensor.H", layout="view")
def conjugate_transposed(call: Call, input: Value) -> Value:
    """(N, M) -> (M, N)"""
    call.rank(input, 0, 2, of="input", because="H is for matrices, with 2 axes")
    return layout.permuted(input, range(len(input))[::-1])


@op("flip")
def flip(call: Call, input: Value, *order: Any, dims: Any = None) -> Value:
    """(*S) -> (*S)"""
    wanted = listed(call, order, dims)
    if wanted:
        call.axes(wanted, len(input))
    return like(call, input)


@op("fliplr flipud")
def flipped(call: Call, input: Value) -> Value:
    """(*S) -> (*S)"""
    least = 2 if call.op.endswith("fliplr") else 1
    if len(input) < least:
        call.fail(f"the input must have at least {least} axes", kind="rank", of="input")
    return like(call, input)


@op("roll")
def roll(call: Call, input: Value, shifts: Any, dims: Any = ()) -> Shape:
    """(*S) -> (*S)"""
    given, axes = listed(call, (shifts,)), listed(call, (() if dims is None else dims,))
    if not given or (len(given) != len(axes) and (axes or len(given) > 1)):
        call.fail("roll needs one shift for each axis", kind="argument", of="shifts")
    inside = range(-max(len(input), 1), max(len(input), 1))
    if all(d in inside for d in axes) or not vanishes(call, input):
        for d in axes:
            own_axis(call, d, input)
    return tuple(input)


@op("rot90")
def rot90(call: Call, input: Value, k: Any = 1, dims: Any = (0, 1)) -> Value | Shape:
    """(.., n, .., m, ..) -> (.., m, .., n, ..) for an odd k"""
    if len(dims) != 2:
        call.fail("a rotation needs two axes", kind="axis", of="input")
    if len(input) < 2:
        call.fail("the input must have at least 2 axes", kind="rank", of="input")
    a, b = call.axes(dims, len(input), "input")
    turns = call.number(k, "the number of turns") % 4
    if turns == 0:
        return tuple(input)
    flipped = call.tensor(input, input.dtype, like(call, input).strides)
    return flipped if turns == 2 else transpose(call, flipped, a, b)
