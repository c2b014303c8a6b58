"""Triangles, diagonals and norms of matrices, and distances between vectors."""

from __future__ import annotations

from math import inf
from typing import Any

from ..core import constraint, dims
from ..core.constraint import Constraint
from ..core.dims import Size
from ..core.shape import Shape, product
from . import layout
from .call import Call
from .common import accepts, drop, empty, pointwise, same_dtype
from .dtypes import FLOAT_OF, category, promote_two
from .registry import op
from .value import Value


@op("tril triu")
def triangle(call: Call, input: Value, diagonal: int = 0) -> Shape:
    """(*B, n, m) -> (*B, n, m)"""
    if len(input) < 2:
        call.fail("a triangle needs two axes", kind="rank", of="input")
    return tuple(input)


@op("trace")
def trace(call: Call, input: Value) -> Value:
    """(n, m) -> ()"""
    call.rank(input, 2, of="input")
    accepts(call, input.dtype, "ifc", "input")
    return Value((), "int64" if category(input.dtype) < 2 else input.dtype)


def _two_axes(call: Call, rank: int, dim1: int, dim2: int) -> tuple[int, int]:
    first, second = call.axis(dim1, rank), call.axis(dim2, rank)
    if first == second:
        call.fail("a diagonal needs two different axes", kind="axis")
    return first, second


@op("diagonal", layout="view")
def diagonal(call: Call, input: Value, offset: int = 0, dim1: int = 0, dim2: int = 1) -> Value:
    """(*A, n, *B, m, *C) -> (*A, *B, *C, k), k <= min(n, m)"""
    first, second = _two_axes(call, len(input), dim1, dim2)
    rows, columns = input[first] - max(-offset, 0), input[second] - max(offset, 0)
    size = dims.minimum(rows, columns)
    size = dims.maximum(0, size) if offset else size
    strides = layout.strides_of(input)
    rest = [d for d in range(len(input)) if d not in (first, second)]
    step = strides[first] + strides[second]
    shape = (*(input[d] for d in rest), size)
    return layout.view(input, shape, (*(strides[d] for d in rest), step))


@op("linalg_diagonal", layout="view")
def linalg_diagonal(
    call: Call, A: Value, *, offset: int = 0, dim1: int = -2, dim2: int = -1
) -> Value:
    """(*B, n, m) -> (*B, k), k <= min(n, m)"""
    return diagonal(call, A, offset, dim1, dim2)


@op("diag")
def diag(call: Call, input: Value, diagonal: int = 0) -> Shape:
    """(n) -> (n, n), (n, m) -> (k)"""
    call.rank(input, 1, 2, of="input")
    if len(input) == 1:
        return (input[0] + abs(diagonal),) * 2
    return tuple(_diagonal(call, input, diagonal))


_diagonal = diagonal


@op("diagflat")
def diagflat(call: Call, input: Value, offset: int = 0) -> Shape:
    """(*S) -> (n, n)"""
    return (product(input) + abs(offset),) * 2


@op("diag_embed")
def diag_embed(call: Call, input: Value, offset: int = 0, dim1: int = -2, dim2: int = -1) -> Value:
    """(*S, n) -> (*S, n, n)"""
    if not input:
        call.fail("a diagonal needs an axis", kind="rank", of="input")
    first, second = sorted(_two_axes(call, len(input) + 1, dim1, dim2))
    shape: list[Size] = list(input[:-1])
    for axis in (first, second):
        shape.insert(axis, input[-1] + abs(offset))
    return Value(shape, input.dtype)


# -- norms -------------------------------------------------------------------------------------


def _norm(call: Call, x: Value, axes: tuple[int, ...], keepdim: bool, dtype: str | None) -> Value:
    accepts(call, x.dtype, "fc", "input")
    if dtype and (category(dtype) != category(x.dtype) or promote_two(x.dtype, dtype) != dtype):
        call.wrong("dtype must hold the entries of the input", kind="dtype", of="dtype")
    found = dtype or x.dtype
    return Value(drop(x, axes, keepdim), FLOAT_OF.get(found, found))


@op("linalg_vector_norm")
def vector_norm(
    call: Call, x: Value, ord: Any = 2, dim: Any = None, keepdim: bool = False, *, dtype: Any = None
) -> Value:
    """(*S) -> (*S without the reduced axes)"""
    axes = call.axes(dim, len(x), "x")
    if isinstance(ord, int | float) and (ord < 0 or ord == inf):
        for axis in axes:
            because = "the norm of nothing needs an order between 0 and infinity"
            call.at_least(x[axis] if x else 1, 1, because, kind="values", of="x", axis=axis)
    return _norm(call, x, axes, keepdim, dtype)


@op("linalg_matrix_norm")
def matrix_norm(
    call: Call, A: Value, ord: Any = "fro", dim: Any = (-2, -1), keepdim: bool = False, *,
    dtype: Any = None,
) -> Value:  # fmt: skip
    """(*B, n, m) -> (*B)"""
    if len(A) < 2:
        call.fail("a matrix needs two axes", kind="rank", of="A")
    axes = call.axes(dim, len(A), "A") if dim not in ((), []) else ()
    if len(axes) != 2:
        call.fail("the norm of a matrix needs two axes", kind="axis", of="dim")
    if ord not in ("fro", "nuc", 1, -1, 2, -2, inf, -inf):
        call.fail("there is no norm of matrices of this order", kind="argument", of="ord")
    if ord in ("nuc", 2, -2) and A.dtype in ("float16", "bfloat16"):
        call.wrong("a norm by singular values needs 32 bits or more", kind="dtype", of="A")
    for axis in axes if ord == -2 else axes[1:] if ord == -1 else axes[:1] if ord == -inf else ():
        because = "the smallest of nothing is not defined"
        call.at_least(A[axis], 1, because, kind="values", of="A", axis=axis)
    return _norm(call, A, axes, keepdim, dtype)


@op("linalg_norm")
def linalg_norm(
    call: Call, input: Value, ord: Any = None, dim: Any = None, keepdim: bool = False, *,
    dtype: Any = None,
) -> Value:  # fmt: skip
    """(*S) -> (*S without the reduced axes)"""
    if ord is None and dim is None:
        return vector_norm(call, input, 2, dim, keepdim, dtype=dtype)
    axes = dim if isinstance(dim, list | tuple) else range(len(input)) if dim is None else [dim]
    if len(axes) not in (1, 2):
        call.fail("a norm of this order needs one or two axes", kind="axis", of="dim")
    if len(axes) == 2 and ord is not None:
        return matrix_norm(call, input, ord, tuple(axes), keepdim, dtype=dtype)
    if isinstance(ord, str):
        call.fail("a vector has no norm of this name", kind="argument", of="ord")
    return vector_norm(call, input, 2 if ord is None else ord, list(axes), keepdim, dtype=dtype)


@op("nuclear_norm")
def nuclear_norm(call: Call, input: Value, dim: Any = None, keepdim: Any = False) -> Value:
    """(*B, n, m) -> (*B)"""
    if isinstance(dim, bool):
        dim, keepdim = None, dim
    return matrix_norm(call, input, "nuc", (-2, -1) if dim is None else dim, keepdim)


@op("frobenius_norm")
def frobenius_norm(call: Call, input: Value, dim: Any, keepdim: Any = False) -> Value:
    """(*S) -> (*S without the axes)"""
    if isinstance(dim, list | tuple) and len(dim) > 2:
        call.fail("the norm is over at most two axes", kind="axis", of="dim")
    accepts(call, input.dtype, "fc", "input")
    return vector_norm(call, input, 2, dim, keepdim)


@op("F.normalize")
def normalize(
    call: Call, input: Value, p: float = 2.0, dim: Any = 1, eps: float = 1e-12, out: Any = None
) -> Value:
    """(*S) -> (*S)"""
    vector_norm(call, input, p, dim)
    return pointwise(call, [input])


# -- distances ---------------------------------------------------------------------------------


@op("cosine_similarity")
def cosine_similarity(call: Call, x1: Value, x2: Value, dim: int = 1, eps: float = 1e-8) -> Value:
    """broadcast(*A, *B) -> without axis dim"""
    shape = call.broadcast(x1, x2)
    dtype = promote_two(x1.dtype, x2.dtype)
    accepts(call, dtype, "f")
    axis = call.axis(dim, len(shape))
    return Value(drop(shape, [axis], False), dtype)


@op("pairwise_distance")
def pairwise_distance(
    call: Call, x1: Value, x2: Value, p: float = 2.0, eps: float = 1e-6, keepdim: bool = False
) -> Value:
    """broadcast(*A, *B) -> without the last axis"""
    for name, x in (("x1", x1), ("x2", x2)):
        accepts(call, x.dtype, "ifc", name)
    difference = pointwise(call, [x1, x2], policy="float")
    axis = call.axis(-1, len(difference))
    dtype = FLOAT_OF.get(difference.dtype, difference.dtype)
    return Value(drop(difference, [axis], keepdim), dtype)


@op("cdist")
def cdist(call: Call, x1: Value, x2: Value, p: float = 2.0, compute_mode: Any = None) -> Value:
    """(*A, n, k), (*B, m, k) -> (*broadcast(A, B), n, m)"""
    for name, x in (("x1", x1), ("x2", x2)):
        if len(x) < 2:
            call.fail(f"{name} must have axes of points and of features", kind="rank", of=name)
        accepts(call, x.dtype, "f", name)
    because = "the points of both operands must have equally many features"
    call.equal(x2[-1], x1[-1], because, kind="features", of="x2", axis=-1)
    if not empty(x1) and not empty(x2):
        same_dtype(call, x1, x2)
    return call.tensor((*call.broadcast(x1[:-2], x2[:-2]), x1[-2], x2[-2]), x1.dtype)


@op("pdist")
def pdist(call: Call, input: Value, p: float = 2.0) -> Shape:
    """(n, k) -> (n*(n - 1)//2)"""
    call.rank(input, 2, of="input")
    accepts(call, input.dtype, "f", "input")
    n = input[0]
    return (n * (n - 1) // 2,)


@op("cross")
def cross(call: Call, input: Value, other: Value, dim: int | None = None) -> Value:
    """broadcast(*A, *B) with 3 along dim -> the same"""
    call.rank(other, len(input), of="other")
    shape = call.broadcast(input, other)
    same_dtype(call, input, other)
    accepts(call, input.dtype, "ifc", "input")
    if not input:
        call.fail("a cross product needs an axis", kind="rank", of="input")
    because = "a cross product needs size 3 along its axis"
    if dim is None and not all(isinstance(size, int) for size in input):
        call.require(_first_of_three(input, other), because, kind="size", of="input")
        return Value(shape, input.dtype)
    if dim is None:
        dim = next((i for i, size in enumerate(input) if size == 3), -1)
    axis = call.axis(dim, len(shape))
    for name, x in (("input", input), ("other", other)):
        call.equal(x[axis], 3, because, kind="size", of=name, axis=axis)
    return Value(shape, input.dtype)


def _first_of_three(a: Value, b: Value) -> Constraint:
    """That along the first axis of ``a`` that has size 3, ``b`` has, too."""
    options, before = [], constraint.ALWAYS
    for x, y in zip(a, b, strict=True):
        here = constraint.equal(x, 3)
        options.append(constraint.all_of((before, here, constraint.equal(y, 3))))
        before = constraint.all_of((before, here.negated()))
    return constraint.any_of(options)


@op("linalg_cross")
def linalg_cross(call: Call, input: Value, other: Value, *, dim: int = -1) -> Value:
    """broadcast(*A, *B) with 3 along dim -> the same"""
    return cross(call, input, other, dim)


@op("linalg_vecdot")
def vecdot(call: Call, x: Value, y: Value, *, dim: int = -1) -> Shape:
    """broadcast(*A, *B) -> without axis dim"""
    accepts(call, x.dtype, "fc", "x")
    if len(x) == len(y) == 1:
        because = "both vectors must be equally long"
        call.equal(y[0], x[0], because, kind="matmul", of="y", axis=0)
    shape = call.broadcast(x, y)
    same_dtype(call, x, y)
    return drop(shape, [call.axis(dim, len(shape))], False)
