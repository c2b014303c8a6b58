"""Products of matrices and vectors."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..core import constraint
from ..core.dims import Size
from ..core.shape import Shape, product
from . import layout
from .call import Call
from .common import (
    accepts,
    computes_with,
    empty,
    expandable,
    factor,
    more_than_one,
    pointwise,
    same_dtype,
    title,
    vanishes,
)
from .dtypes import category, result_type
from .registry import op
from .value import Value

INNER = "the last size of the left operand must be the size before the last of the right operand"
VECTORS = "both vectors must be equally long"


def contract(call: Call, left: Value, right: Value, because: str = INNER) -> None:
    """Demands that the sizes fit which a product sums over, and one dtype."""
    k = right[-2] if len(right) > 1 else right[-1]
    call.equal(left[-1], k, because, kind="matmul", of="left", axis=-1)
    batched = len(right) > 2 and len(left) > 1
    if not batched or not (empty(left) or empty(right)):
        factors(call, left, right)


def factors(call: Call, first: Value, *others: Value | None) -> None:
    """Demands operands of one dtype whose products can be summed."""
    same_dtype(call, first, *others)
    if not any(empty(x) for x in (first, *others[:1]) if x is not None):
        accepts(call, first.dtype, "ifc", "input")


def ranks(call: Call, **operands: tuple[Value, int]) -> None:
    """Demands a rank of each operand."""
    for name, (x, rank) in operands.items():
        call.rank(x, rank, of=name)


@op("linear")
def linear(call: Call, input: Value, weight: Value, bias: Value | None = None) -> Shape:
    """(*S, in_features), (out_features, in_features), (out_features) -> (*S, out_features)"""
    call.rank(weight, 1, 2, of="weight")
    if not input:
        call.fail("the input must have an axis of features", kind="rank", of="input")
    because = "the last size of the input must be the number of input features"
    call.equal(input[-1], weight[-1], because, kind="features", of="input", axis=-1)
    fused = bias is None or len(input) == 2 or _one_product(call, input, bias)
    factors(call, input, weight, bias if fused else None)
    result = (*input[:-1], *weight[:-1])
    if bias is None:
        return result
    if fused:
        because = "beside a bias the weight must have 2 axes"
        call.rank(weight, 2, of="weight", because=because)
    if not fused and category(bias.dtype) > category(input.dtype):
        call.wrong("the bias must fit the dtype of the result", kind="dtype", of="bias")
    shape = (product(input[:-1]), weight[0]) if fused else result
    expandable(call, bias, shape, "bias", kind="features")
    return result


def _one_product(call: Call, x: Value, bias: Value) -> bool:
    """Whether a bias is added to all rows in one product: both in order, and the bias with a single
    axis, or a single one that is longer than 1; others are added to the result."""
    if x.strides is not None or bias.strides is not None:
        plain = len(bias) == 1 and bias.dtype == x.dtype
        if plain or not call.holds(constraint.all_of([layout.lies_as(x), layout.lies_as(bias)])):
            return False
    return len(bias) == 1 or sum(not call.is_one(d) for d in bias) == 1


@op("bilinear")
def bilinear(
    call: Call, input1: Value, input2: Value, weight: Value, bias: Value | None = None
) -> Shape:
    """(*S, i), (*S, j), (o, i, j), (o) -> (*S, o)"""
    call.rank(weight, 3, of="weight")
    if not input1:
        call.fail("the inputs must have an axis of features", kind="rank", of="input1")
    call.rank(input2, len(input1), of="input2")
    for axis, (a, b) in enumerate(zip(input1[:-1], input2[:-1], strict=True)):
        because = "both inputs must have the same sizes before the last axis"
        call.equal(b, a, because, kind="batch", of="input2", axis=axis)
    for name, x, size in (("input1", input1, weight[1]), ("input2", input2, weight[2])):
        because = f"the last size of {name} must be the number of its features"
        call.equal(x[-1], size, because, kind="features", of=name, axis=-1)
        call.at_least(size, 1, f"{name} must have features", kind="features", of=name, axis=-1)
    factors(call, input1, input2, weight, bias)
    result = (*input1[:-1], weight[0])
    if bias is None:
        return result
    if not bias:
        call.fail("the bias must have an axis of features", kind="rank", of="bias")
    because = "the bias must have one entry for each output feature"
    call.equal(bias[0], weight[0], because, kind="features", of="bias", axis=0)
    return call.broadcast(result, bias)


@op("matmul linalg_matmul __matmul__")
def matmul(call: Call, input: Value, other: Value) -> Value:
    """(*A, n, k), (*B, k, m) -> (*broadcast(A, B), n, m)"""
    for name, x in (("left", input), ("right", other)):
        if not x:
            call.fail("a product of matrices needs operands with axes", kind="rank", of=name)
    contract(call, input, other)
    batch = call.broadcast(input[:-2], other[:-2])
    rows = input[-2:-1] if len(input) > 1 else ()
    columns = other[-1:] if len(other) > 1 else ()
    return call.tensor((*batch, *rows, *columns), other.dtype)


@op("__rmatmul__")
def rmatmul(call: Call, self: Value, other: Value) -> Value:
    """(*B, k, m), (*A, n, k) -> (*broadcast(A, B), n, m)"""
    return matmul(call, other, self)


@op("mm dsmm spmm")
def mm(call: Call, input: Value, mat2: Value) -> Shape:
    """(n, k), (k, m) -> (n, m)"""
    ranks(call, input=(input, 2), mat2=(mat2, 2))
    contract(call, input, mat2)
    return input[0], mat2[1]


@op("bmm")
def bmm(call: Call, input: Value, mat2: Value) -> Value:
    """(B, n, k), (B, k, m) -> (B, n, m)"""
    ranks(call, input=(input, 3), mat2=(mat2, 3))
    because = "both operands must have the same batch"
    call.equal(mat2[0], input[0], because, kind="batch", of="mat2", axis=0)
    contract(call, input, mat2)
    return call.tensor((input[0], input[1], mat2[2]), mat2.dtype)


@op("mv")
def mv(call: Call, input: Value, vec: Value) -> Shape:
    """(n, k), (k) -> (n)"""
    ranks(call, input=(input, 2), vec=(vec, 1))
    contract(call, input, vec)
    return (input[0],)


@op("dot vdot")
def dot(call: Call, input: Value, tensor: Value) -> Shape:
    """(k), (k) -> ()"""
    ranks(call, input=(input, 1), tensor=(tensor, 1))
    contract(call, input, tensor, VECTORS)
    accepts(call, input.dtype, "ifc", "input")
    return ()


@op("inner")
def inner(call: Call, input: Value, other: Value) -> Shape:
    """(*A, k), (*B, k) -> (*A, *B)"""
    if not input or not other:
        return pointwise(call, [input, other])
    because = "both operands must have the same last size"
    call.equal(input[-1], other[-1], because, kind="matmul", of="input", axis=-1)
    factors(call, input, other)
    return (*input[:-1], *other[:-1])


@op("outer ger", dtype="promote")
def outer(call: Call, input: Value, vec2: Value) -> Shape:
    """(n), (m) -> (n, m)"""
    ranks(call, input=(input, 1), vec2=(vec2, 1))
    return input[0], vec2[0]


# -- sums with a product -----------------------------------------------------------------------


def _added(
    call: Call, input: Value, result: Shape, numbers: tuple[Any, Any], *factors: Value
) -> Shape:
    """The result of ``beta*input + alpha*product``."""
    same_dtype(call, input, *factors)
    for name, number in zip(("alpha", "beta"), numbers, strict=True):
        computes_with(call, input.dtype, number, name)
    expandable(call, input, result, "input")
    return result


@op("addmm")
def addmm(
    call: Call, input: Value, mat1: Value, mat2: Value, *, beta: Any = 1, alpha: Any = 1
) -> Shape:
    """(n, m), (n, k), (k, m) -> (n, m)"""
    return _added(call, input, mm(call, mat1, mat2), (alpha, beta), mat1, mat2)


@op("addbmm")
def addbmm(
    call: Call, input: Value, batch1: Value, batch2: Value, *, beta: Any = 1, alpha: Any = 1
) -> Shape:
    """(n, m), (B, n, k), (B, k, m) -> (n, m)"""
    accepts(call, input.dtype, "ifc", "input")
    factors = () if empty(batch1[:1]) else (batch1, batch2)
    result = _added(call, input, bmm(call, batch1, batch2)[1:], (alpha, beta), *factors)
    if call.op.endswith("_") and not input:
        because = "a scalar can only be written into where it grows"
        more_than_one(call, result, because, kind="inplace")
    return result


@op("baddbmm")
def baddbmm(
    call: Call, input: Value, batch1: Value, batch2: Value, *, beta: Any = 1, alpha: Any = 1
) -> Shape:
    """(B, n, m), (B, n, k), (B, k, m) -> (B, n, m)"""
    nothing = empty(batch1) or empty(batch2)
    result = bmm(call, batch1, batch2)
    if nothing and not empty(result) and batch2.dtype == "bool" and beta != 0:
        call.wrong("a number times the input is no bool, as batch2 is", kind="dtype", of="batch2")
    if nothing and call.op.endswith("_"):
        same_dtype(call, input, batch2, because="written into is a tensor of the dtype of batch2")
    return _added(
        call, input, result, (alpha, beta), *((batch1,) if nothing else (batch1, batch2)))


@op("addmv")
def addmv(
    call: Call, input: Value, mat: Value, vec: Value, *, beta: Any = 1, alpha: Any = 1
) -> Shape:
    """(n), (n, k), (k) -> (n)"""
    result = _added(call, input, mv(call, mat, vec), (alpha, beta), mat, vec)
    loose = beta != 0 and not call.op.endswith("_") and tuple(input) != tuple(result)
    if loose and vanishes(call, mat):
        return tuple(input)  # nothing to add, nor to expand
    return result


@op("addr")
def addr(
    call: Call, input: Value, vec1: Value, vec2: Value, *, beta: Any = 1, alpha: Any = 1
) -> Shape:
    """(n, m), (n), (m) -> (n, m)"""
    result = outer(call, vec1, vec2)
    expandable(call, input, result, "input")
    dtype = result_type([input, vec1, vec2], call.default_dtype)
    factor(call, dtype, alpha)
    factor(call, dtype, beta, "beta")
    return Value(result, dtype, layout.follow(result, [input]))


# -- longer products ---------------------------------------------------------------------------


@op("chain_matmul linalg_multi_dot")
def multi_dot(call: Call, *matrices: Any) -> Shape:
    """(n, k), (k, m), .. -> (n, z)"""
    factors = [x for item in matrices for x in ([item] if isinstance(item, Value) else item)]
    vectors = (1, 2) if title(call) == "linalg_multi_dot" else (2,)
    if len(factors) < len(vectors):
        call.fail("a chain of products needs more operands", kind="argument")
    last = len(factors) - 1
    for i, x in enumerate(factors):
        call.rank(x, *(vectors if i in (0, last) else (2,)), of="matrices")
    result = factors[0]
    for x in factors[1:]:
        result = Value(matmul(call, result, x), result.dtype)
    return tuple(result)


@op("kron")
def kron(call: Call, input: Value, other: Value) -> Shape:
    """(*A), (*B) -> (*A*B)"""
    rank = max(len(input), len(other))
    a, b = _interleaved(input, rank, 0), _interleaved(other, rank, 1)
    product = pointwise(call, [a, b])
    shape = tuple(p * q for p, q in zip(product[::2], product[1::2], strict=True))
    strides, fits = layout.viewed(product, shape, call.settled)
    because = "the layouts of the operands must let neighbouring axes of the product merge"
    call.require(fits, because, kind="layout")
    return Value(shape, product.dtype, strides)


def _interleaved(x: Value, rank: int, place: int) -> Value:
    """The tensor with axes of size 1 between its own, after (0) or before (1) each."""
    shape: list[Size] = [1] * (2 * (rank - len(x)))
    for size in x:
        shape += (1, size) if place else (size, 1)
    return Value(shape, x.dtype, _strides_with_ones(x, shape))


def _strides_with_ones(x: Value, shape: Sequence[Size]) -> Shape:
    """The strides that torch gives a view which only adds axes of size 1, those of these, too."""
    found: list[Size] = []
    own, place = layout.strides_of(x), len(shape) - 1
    base: Size = own[-1] if own else 1
    here: Size = 1
    there: Size = 1
    for d in reversed(range(len(x))):
        here = here * x[d]
        if d == 0 or (x[d - 1] != 1 and own[d - 1] != here * base):
            while place >= 0 and (there != here or shape[place] == 1):
                found.append(there * base)
                there, place = there * shape[place], place - 1
            base, here, there = own[d - 1], 1, 1
    found += [1] * (len(shape) - len(found))
    return tuple(reversed(found))


@op("tensordot")
def tensordot(call: Call, a: Value, b: Value, dims: Any = 2) -> Shape:
    """(*A, *K), (*K, *B) -> (*A, *B)"""
    left, right = _summed_axes(call, a, b, dims)
    for i, j in zip(left, right, strict=True):
        because = "axes that are summed together must have equal sizes"
        call.compatible(a[i], b[j], because, of="a", axis=i)
    factors(call, a, b)
    rest = [d for i, d in enumerate(a) if i not in left]
    return (*rest, *(d for j, d in enumerate(b) if j not in right))


def _summed_axes(call: Call, a: Value, b: Value, given: Any) -> tuple[Sequence[int], Sequence[int]]:
    if isinstance(given, list | tuple) and len(given) == 2:
        pair = [list(x) if isinstance(x, list | tuple) else [x] for x in given]
        if len(pair[0]) != len(pair[1]):
            because = "both operands must name equally many axes to sum"
            call.fail(because, kind="argument", of="dims")
        if not pair[0]:
            return (), ()
        return call.axes(pair[0], len(a), "a"), call.axes(pair[1], len(b), "b")
    if isinstance(given, list | tuple):
        call.fail("the axes to sum are named for two operands", kind="argument", of="dims")
    count = call.number(given, "the number of summed axes")
    if not 0 <= count <= min(len(a), len(b)):
        call.fail("there must be as many axes as are summed", kind="axis", of="dims")
    return range(len(a) - count, len(a)), range(count)
