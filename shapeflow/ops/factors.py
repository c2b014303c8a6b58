"""Factors of matrices (LU, LDL, Householder, low rank) and equations that they solve."""

from __future__ import annotations

from typing import Any

from ..core import constraint, dims
from ..core.dims import Size
from ..core.shape import Shape, product
from . import layout
from .call import Call
from .common import expandable, same_dtype
from .counts import natural
from .dtypes import FLOAT_OF, category
from .matrices import EQUATIONS, PRECISE, columns, is_vector, lu_factor, matrix, solve
from .permute import movedim
from .registry import op
from .reshape import laid_as
from .value import Value

DRIVERS = (None, "gels", "gelsy", "gelsd", "gelss")
PIVOTS = "there must be one pivot for each row or column, whichever are fewer"


def _nothing(dtype: str) -> Value:
    return Value((0,), dtype)


# -- LU and LDL --------------------------------------------------------------------------------


@op("linalg_lu_factor_ex")
def lu_factor_ex(
    call: Call, A: Value, *, pivot: Any = True, check_errors: Any = False
) -> list[Value]:
    """(*B, n, m) -> [(*B, n, m), (*B, k), (*B)], k = min(n, m)"""
    return [*lu_factor(call, A, pivot=pivot), Value(A[:-2], "int32")]


@op("lu")
def lu(
    call: Call, A: Value, pivot: Any = True, get_infos: Any = False, out: Any = None
) -> list[Value]:
    """(*B, n, m) -> [(*B, n, m), (*B, k)], and with get_infos (*B); k = min(n, m)"""
    found = lu_factor_ex(call, A, pivot=pivot)
    return found if get_infos else found[:2]


@op("linalg_lu")
def linalg_lu(call: Call, A: Value, *, pivot: Any = True) -> list[Value]:
    """(*B, n, m) -> [(*B, n, n), (*B, n, k), (*B, k, m)], k = min(n, m)"""
    lu_factor(call, A, pivot=pivot)
    return _unpacked(A)


def _unpacked(A: Value) -> list[Value]:
    *batch, n, m = A
    k = dims.minimum(n, m)
    return [Value((*batch, *pair), A.dtype) for pair in ((n, n), (n, k), (k, m))]


@op("lu_unpack")
def lu_unpack(
    call: Call, LU_data: Value, LU_pivots: Value, unpack_data: Any = True,
    unpack_pivots: Any = True,
) -> list[Value]:  # fmt: skip
    """(*B, n, m), (*B, k) -> [(*B, n, n), (*B, n, k), (*B, k, m)]"""
    if len(LU_data) < 2:
        call.fail("a matrix needs two axes", kind="rank", of="LU_data")
    if unpack_pivots:
        _pivots(call, LU_data, LU_pivots)
    p, *factors = _unpacked(LU_data)
    empty = _nothing(LU_data.dtype)
    return [p if unpack_pivots else empty, *(factors if unpack_data else [empty, empty])]


def _pivots(call: Call, factors: Value, pivots: Value) -> None:
    """Demands the pivots that belong to the factors."""
    if pivots.dtype != "int32":
        call.wrong("pivots must be int32", kind="dtype", of="pivots")
    call.rank(pivots, len(factors) - 1, of="pivots")
    for axis, size in enumerate((*factors[:-2], dims.minimum(*factors[-2:]))):
        call.equal(pivots[axis], size, PIVOTS, of="pivots", axis=axis)


@op("linalg_lu_solve")
def linalg_lu_solve(
    call: Call, LU: Value, pivots: Value, B: Value, *, left: Any = True, adjoint: Any = False
) -> Value:
    """(*B, n, n), (*B, n), (*B, n, k) -> (*B, n, k)"""
    matrix(call, LU, "LU")
    _pivots(call, LU, pivots)
    matrix(call, B, "B", square=False)
    same_dtype(call, LU, B)
    result = _solution(call, LU, B, -2 if left else -1)
    return result if left else Value(tuple(result), result.dtype)


def _solution(call: Call, A: Value, B: Value, axis: int = -2) -> Value:
    """The solution of equations whose right side may be broadcast."""
    call.equal(B[axis], A[-1], EQUATIONS, kind="matmul", of="B", axis=axis)
    return columns((*call.broadcast(A[:-2], B[:-2]), *B[-2:]), A.dtype)


@op("lu_solve")
def lu_solve(call: Call, input: Value, LU_data: Value, LU_pivots: Value) -> Value:
    """(*B, n, k), (*B, n, n), (*B, n) -> (*B, n, k)"""
    return linalg_lu_solve(call, LU_data, LU_pivots, input)


@op("linalg_ldl_factor")
def ldl_factor(call: Call, A: Value, *, hermitian: Any = False) -> list[Value]:
    """(*B, n, n) -> [(*B, n, n), (*B, n)]"""
    matrix(call, A)
    return [columns(tuple(A), A.dtype), Value(A[:-1], "int32")]


@op("linalg_ldl_factor_ex")
def ldl_factor_ex(
    call: Call, A: Value, *, hermitian: Any = False, check_errors: Any = False
) -> list[Value]:
    """(*B, n, n) -> [(*B, n, n), (*B, n), (*B)]"""
    return [*ldl_factor(call, A), Value(A[:-2], "int32")]


@op("linalg_ldl_solve")
def ldl_solve(
    call: Call, LD: Value, pivots: Value, B: Value, *, hermitian: Any = False
) -> Value:
    """(*B, n, n), (*B, n), (*B, n, k) -> (*B, n, k)"""
    matrix(call, LD, "LD")
    matrix(call, B, "B", square=False)
    same_dtype(call, LD, B)
    if category(pivots.dtype) != 1:
        call.wrong("pivots must be integers", kind="dtype", of="pivots")
    call.rank(pivots, len(LD) - 1, of="pivots")
    for axis, size in enumerate(LD[:-1]):
        call.equal(pivots[axis], size, PIVOTS, of="pivots", axis=axis)
    return _solution(call, LD, B)


# -- reflections -------------------------------------------------------------------------------


@op("geqrf")
def geqrf(call: Call, input: Value) -> list[Value]:
    """(*B, n, m) -> [(*B, n, m), (*B, k)], k = min(n, m)"""
    matrix(call, input, "input", square=False)
    k = dims.minimum(*input[-2:])
    return [columns(tuple(input), input.dtype), Value((*input[:-2], k), input.dtype)]


@op("linalg_householder_product orgqr")
def householder_product(call: Call, input: Value, tau: Value) -> Value:
    """(*B, n, m), (*B, k) -> (*B, n, m)"""
    matrix(call, input, "input", square=False)
    because = "there must be at least as many rows as columns"
    call.at_least(input[-2], input[-1], because, of="input", axis=-2)
    _reflections(call, input, tau, input[-1])
    return columns(tuple(input), input.dtype)


def _reflections(call: Call, x: Value, tau: Value, most: Size) -> None:
    """Demands at most so many reflections, of the batch of the matrices."""
    call.rank(tau, len(x) - 1, of="tau")
    because = "there cannot be more reflections than columns"
    call.at_least(most, tau[-1], because, of="tau", axis=-1)
    for axis, size in enumerate(x[:-2]):
        because = "tau must have the batch of the matrices"
        call.equal(tau[axis], size, because, kind="batch", of="tau", axis=axis)
    same_dtype(call, x, tau)


@op("ormqr")
def ormqr(
    call: Call, input: Value, tau: Value, other: Value, left: Any = True, transpose: Any = False
) -> Value:
    """(*B, n, k), (*B, k), (*B, n, m) -> (*B, n, m)"""
    matrix(call, input, "input", square=False)
    matrix(call, other, "other", square=False)
    axis = -2 if left else -1
    because = "the product needs as many rows of reflections as other has along its side"
    call.equal(other[axis], input[-2], because, kind="matmul", of="other", axis=axis)
    least = dims.minimum(other[axis], input[-1])
    because = "there must be one reflection for each column, or each row of the product"
    call.equal(tau[-1] if tau else 0, least, because, of="tau", axis=-1)
    _reflections(call, input, tau, input[-1])
    call.rank(other, len(input), of="other")
    for d, size in enumerate(input[:-2]):
        because = "other must have the batch of the matrices"
        call.equal(other[d], size, because, kind="batch", of="other", axis=d)
    same_dtype(call, input, other)
    return columns(tuple(other), other.dtype)


# -- equations ---------------------------------------------------------------------------------


@op("linalg_solve_ex")
def solve_ex(
    call: Call, A: Value, B: Value, *, left: Any = True, check_errors: Any = False
) -> list[Value]:
    """(*B, n, n), (*B, n, k) -> [(*B, n, k), (*B)]"""
    return [solve(call, A, B, left=left), Value(A[:-2], "int32")]


@op("triangular_solve")
def triangular_solve(
    call: Call, b: Value, A: Value, upper: Any = True, transpose: Any = False,
    unitriangular: Any = False,
) -> list[Value]:  # fmt: skip
    """(*B, n, k), (*B, n, n) -> [(*B, n, k), (*B, n, n)]"""
    matrix(call, A)
    matrix(call, b, "b", square=False)
    same_dtype(call, A, b)
    result = _solution(call, A, b)
    return [result, columns((*result[:-2], *A[-2:]), A.dtype)]


def _batch(call: Call, input: Value, b: Value, rows: int) -> list[Size]:
    """The batch: torch takes the leading sizes of the right sides for theirs, however many."""
    batch = list(call.broadcast(input[:-2], b[: len(input) - 2]))
    if len(b) < len(input) and rows == -2:
        because = "right sides of fewer axes cannot enlarge the batch"
        for axis, size in enumerate(call.broadcast(input[:-2], b[:-2])):
            if size != 1:
                call.equal(size, batch[axis], because, kind="broadcast", of="b")
    return batch


@op("linalg_lstsq")
def lstsq(
    call: Call, input: Value, b: Value, rcond: Any = None, *, driver: str | None = None
) -> list[Value]:
    """(*B, n, m), (*B, n, k) -> [(*B, m, k), residuals, ranks, singular values]"""
    if driver not in DRIVERS:
        call.fail("there is no such driver", kind="argument", of="driver")
    matrix(call, input, "input", square=False)
    call.rank(b, *{max(len(input) - 1, 1), len(input)}, of="b")
    vector = is_vector(call, input, b)
    *_, n, m = input
    rows = -1 if vector else -2
    call.equal(b[rows], n, EQUATIONS, kind="matmul", of="b", axis=rows)
    same_dtype(call, input, b)
    batch = _batch(call, input, b, rows)
    real = FLOAT_OF.get(input.dtype, input.dtype)
    found = _least_squares(call, (*batch, m, 1 if vector else b[-1]), n, input.dtype)
    solution = layout.selected(found, len(found) - 1) if vector else found
    residuals = _nothing(real)
    if driver not in (None, "gelsy") and call.holds(constraint.at_least(n, m + 1)):
        residuals = Value((*batch, found[-1]), real)  # of full rank, as matrices mostly are
    ranks = _nothing("int64") if driver == "gels" else Value(input[:-2], "int64")
    singular = _nothing(real)
    if driver in ("gelsd", "gelss"):
        call.at_least(found[-1], 1, "this driver needs a right side", kind="values", of="b")
        singular = Value((*input[:-2], dims.minimum(n, m)), real)
    return [solution, residuals, ranks, singular]


def _least_squares(call: Call, shape: Shape, rows: Size, dtype: str) -> Value:
    """The first rows of what was the right side."""
    *batch, m, k = shape
    whole = columns((*batch, dims.maximum(m, rows), k), dtype)
    return layout.sliced(whole, len(batch), m)


@op("linalg_tensorinv")
def tensorinv(call: Call, input: Value, ind: int = 2) -> Value:
    """(*A, *B) -> (*B, *A), product(A) = product(B)"""
    if not 1 <= ind <= len(input):
        call.fail("at least one axis must stand on the left", kind="argument", of="ind")
    left, right = input[:ind], input[ind:]
    n, m = product(left), product(right)
    because = "the sizes of both sides must multiply to the same number"
    call.equal(m, n, because, kind="elements", of="input")
    matrix(call, Value((n, n), input.dtype), "input")
    return laid_as(call, columns((m, m), input.dtype), (*right, *left))


@op("linalg_tensorsolve")
def tensorsolve(call: Call, input: Value, b: Value, dims: Any = None) -> Value:
    """(*B, *S), (*B) -> (*S), product(B) = product(S)"""
    if dims is not None and len(dims):
        named = call.axes(dims, len(input))
        input = movedim(call, input, named, tuple(range(len(input) - len(named), len(input))))
    if len(b) > len(input):
        call.fail("b cannot have more axes than the input", kind="rank", of="b")
    shape = tuple(input[len(b) :])
    n = product(shape)
    because = "there must be as many unknowns as equations"
    call.equal(product(b), n, because, kind="elements", of="b")
    call.equal(product(input), n * n, because, kind="elements", of="input")
    matrix(call, Value((n, n), input.dtype), "input")
    same_dtype(call, input, b)
    return Value(shape, input.dtype)


# -- low rank ----------------------------------------------------------------------------------


@op("svd_lowrank")
def svd_lowrank(
    call: Call, A: Value, q: Any = 6, niter: Any = 2, M: Value | None = None
) -> list[Value]:
    """(*B, n, m) -> [(*B, n, k), (*B, k), (*B, m, k)], k = min(q, n, m), q = 6"""
    matrix(call, A, square=False)
    q = 6 if q is None else q
    natural(call, (q,), "the rank must be at least 0")
    if M is not None:
        expandable(call, M, A, "M")
        same_dtype(call, A, M)
    *batch, n, m = A
    k = dims.minimum(q, n, m)
    values = Value((*batch, k), FLOAT_OF.get(A.dtype, A.dtype))
    return [Value((*batch, n, k), A.dtype), values, Value((*batch, m, k), A.dtype)]


@op("pca_lowrank")
def pca_lowrank(
    call: Call, A: Value, q: Any = None, center: Any = True, niter: Any = 2
) -> list[Value]:
    """(*B, n, m) -> [(*B, n, k), (*B, k), (*B, m, k)], k = q, or min(6, n, m)"""
    matrix(call, A, square=False)
    if niter < 0:
        call.wrong("the number of iterations must be at least 0", kind="argument", of="niter")
    for axis in (-2, -1) if q is not None else ():
        because = "the rank cannot be larger than both sizes of the matrix"
        call.at_least(A[axis], q, because, kind="argument", of="A", axis=axis)
    return svd_lowrank(call, A, q, niter)


def _sized_as(call: Call, A: Value, x: Value | None, of: str, axes: tuple[int, ...]) -> None:
    """Demands as many matrices as in A, however the batch is shaped, and sizes of A."""
    if x is None:
        return
    because = f"{of} must have the sizes of A"
    if len(x) != len(A) and min(len(x), len(A)) < 3:
        call.fail(because, kind="rank", of=of)
    call.equal(product(x[:-2]), product(A[:-2]), because, of=of, axis=0)
    for axis in axes:
        call.equal(x[axis], A[axis], because, of=of, axis=axis)


@op("lobpcg")
def lobpcg(
    call: Call, A: Value, k: Any = None, B: Value | None = None, X: Value | None = None,
    n: Any = None, iK: Value | None = None, *others: Any, **options: Any,
) -> list[Value]:  # fmt: skip
    """(*B, n, n) -> [(*B, k), (*B, n, k)]"""
    matrix(call, A)
    if A.dtype not in ("float32", "float64"):
        call.wrong("the matrix must be of real floats", kind="dtype", of="A")
    same_dtype(call, A, B, X)
    _sized_as(call, A, B, "B", (-2, -1))
    _sized_as(call, A, X, "X", (-2,))
    start = (1 if k is None else k) if X is None else X[-1]
    k = start if k is None else k
    tried = start if n is None or X is not None else n
    call.at_least(tried, 1, "at least one eigenpair must be sought", kind="argument", of="k")
    because = "a matrix must have three rows for each eigenpair that is sought"
    call.at_least(A[-2], 3 * tried, because, kind="argument", of="A", axis=-2)
    k = dims.minimum(k, tried)
    if len(A) > 2:
        return [Value((*A[:-2], k), A.dtype), Value((*A[:-1], k), A.dtype)]
    return [Value((k,), A.dtype), layout.sliced(Value((A[0], tried), A.dtype), 1, k)]


# -- other -------------------------------------------------------------------------------------


@op("linalg_vander")
def vander(call: Call, x: Value, *, N: Any = None) -> Value:
    """(*B, n) -> (*B, n, N)"""
    if category(x.dtype) != 1 and x.dtype not in PRECISE:
        because = "powers need integers, or floats of 32 bits or more"
        call.wrong(because, kind="dtype", of="x")
    x = x if len(x) else Value((1,), x.dtype)
    count = x[-1] if N is None else N
    call.at_least(count, 2, "there must be at least two powers", kind="argument", of="N")
    return Value((*x, count), "int64" if category(x.dtype) == 1 else x.dtype)


@op("torch.vander")
def powers(call: Call, x: Value, N: Any = None, increasing: Any = False) -> Value:
    """(n) -> (n, N)"""
    call.rank(x, 1, of="x")
    count = x[0] if N is None else N
    natural(call, (count,), "the number of powers must be at least 0")
    return Value((x[0], count), "int64" if category(x.dtype) < 2 else x.dtype)
