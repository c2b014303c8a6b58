"""Inverses, decompositions and equations of matrices: torch.linalg."""

from __future__ import annotations

from math import inf
from typing import Any

from ..core import constraint, dims
from ..core.shape import Shape, product
from . import layout
from .call import Call
from .common import accepts, empty, like, same_dtype, title, vanishes
from .dtypes import COMPLEX_OF, FLOAT_OF, category
from .registry import op
from .value import Value

PRECISE = ("float32", "float64", "complex64", "complex128")
FREE = dict.fromkeys(
    """lu linalg_lu linalg_lu_factor linalg_lu_factor_ex linalg_eigh linalg_eigvalsh linalg_cond
    cholesky""".split(), "bifc") | dict.fromkeys(
    """svd linalg_svd linalg_svdvals linalg_cholesky linalg_cholesky_ex det linalg_det
    linalg_ldl_factor linalg_ldl_factor_ex linalg_solve""".split(), "f")  # fmt: skip
"""The kinds of dtypes that go unchecked where a matrix is empty."""


def matrix(call: Call, x: Value, of: str = "A", square: bool = True) -> None:
    """Demands a batch of (square) matrices of a dtype that LAPACK knows."""
    if len(x) < 2:
        call.fail("a matrix needs two axes", kind="rank", of=of)
    if square:
        call.equal(x[-2], x[-1], "the matrix must be square", kind="size", of=of, axis=-2)
    free = "bifc"[category(x.dtype)] in FREE.get(title(call), "")
    if x.dtype not in PRECISE and not (free and vanishes(call, x)):
        because = f"{title(call)} needs float or complex numbers of 32 bits or more"
        call.wrong(because, kind="dtype", of=of)


def columns(shape: Shape, dtype: str) -> Value:
    """Matrices stored column by column, as LAPACK leaves them."""
    rank = len(shape)
    if rank < 2:
        return Value(shape, dtype)
    return Value(shape, dtype, layout.dense(shape, (*range(rank - 2), rank - 1, rank - 2)))


@op("inverse inv linalg_inv linalg_cholesky")
def inverse(call: Call, A: Value, *, upper: bool = False) -> Value:
    """(*B, n, n) -> (*B, n, n)"""
    matrix(call, A)
    return columns(tuple(A), A.dtype)


@op("cholesky cholesky_inverse")
def cholesky(call: Call, input: Value, upper: bool = False) -> Value:
    """(*B, n, n) -> (*B, n, n)"""
    if title(call) == "cholesky" and vanishes(call, input):  # whatever is empty comes back
        return like(call, input)
    matrix(call, input, "input")
    return columns(tuple(input), input.dtype)


@op("linalg_inv_ex linalg_cholesky_ex")
def inverse_ex(
    call: Call, A: Value, *, upper: bool = False, check_errors: bool = False
) -> list[Value]:
    """(*B, n, n) -> [(*B, n, n), (*B)]"""
    return [inverse(call, A), Value(A[:-2], "int32")]


@op("matrix_exp linalg_matrix_exp")
def matrix_exp(call: Call, A: Value) -> Value:
    """(*B, n, n) -> (*B, n, n)"""
    if len(A) < 2:
        call.fail("a matrix needs two axes", kind="rank", of="A")
    accepts(call, A.dtype, "fc", "A")
    call.equal(A[-2], A[-1], "the matrix must be square", kind="size", of="A", axis=-2)
    _, fits = layout.viewed(A, (product(A[:-2]), *A[-2:]), call.settled)
    if A[-1] == 1 or (fits != constraint.ALWAYS and call.is_one(A[-1])):
        return like(call, A)  # the exponential of each entry
    if len(A) > 3 and not vanishes(call, A):
        because = "the layout of the matrices must let the axes of the batch merge"
        call.require(fits, because, kind="layout", of="A")
    return call.tensor(A, A.dtype)


@op("matrix_power linalg_matrix_power")
def matrix_power(call: Call, A: Value, n: int) -> Value:
    """(*B, n, n) -> (*B, n, n)"""
    if n < 0:
        matrix(call, A)
    if len(A) < 2:
        call.fail("a matrix needs two axes", kind="rank", of="A")
    call.equal(A[-2], A[-1], "the matrix must be square", kind="size", of="A", axis=-2)
    if n > 1 and not empty(A):
        accepts(call, A.dtype, "ifc", "A")
    return columns(tuple(A), A.dtype) if n == -1 else Value(A, A.dtype)


@op("pinverse linalg_pinv")
def pinv(call: Call, A: Value, rcond: Any = None, *, atol: Any = None, rtol: Any = None,
         hermitian: bool = False) -> Shape:  # fmt: skip
    """(*B, n, m) -> (*B, m, n)"""
    matrix(call, A, square=hermitian and not empty(A))
    return (*_tolerated(call, A, rcond, atol, rtol), A[-1], A[-2])


def _tolerated(call: Call, A: Value, *tolerances: Any) -> Shape:
    """The batch of the matrices, and of tolerances that are tensors."""
    given = [x for x in tolerances if isinstance(x, Value)]
    if any(category(x.dtype) == 3 for x in given):
        call.wrong("a tolerance cannot be complex", kind="dtype", of="tol")
    nothing = vanishes(call, A) if any(map(len, given)) else empty(A)
    return A[:-2] if nothing else call.broadcast(A[:-2], *given)


@op("det logdet linalg_det")
def det(call: Call, A: Value) -> Shape:
    """(*B, n, n) -> (*B)"""
    matrix(call, A)
    return A[:-2]


@op("slogdet linalg_slogdet")
def slogdet(call: Call, A: Value) -> list[Value]:
    """(*B, n, n) -> [(*B), (*B)]"""
    sign = Value(det(call, A), A.dtype)
    return [sign, Value(sign, FLOAT_OF.get(A.dtype, A.dtype))]


@op("linalg_cond")
def cond(call: Call, A: Value, p: Any = None) -> Value:
    """(*B, n, m) -> (*B)"""
    if p not in (None, "fro", "nuc", 1, -1, 2, -2, inf, -inf):
        call.fail("there is no norm of matrices of this order", kind="argument", of="p")
    matrix(call, A, square=p not in (None, 2, -2))
    return Value(A[:-2], FLOAT_OF.get(A.dtype, A.dtype))


@op("linalg_matrix_rank")
def matrix_rank(call: Call, A: Value, tol: Any = None, hermitian: bool = False, *,
                atol: Any = None, rtol: Any = None) -> Value:  # fmt: skip
    """(*B, n, m) -> (*B)"""
    limits = [x for x in (tol, atol, rtol) if isinstance(x, Value)]
    if not limits or len(A) < 2 or not empty(A):
        matrix(call, A, square=hermitian)
    return Value(_tolerated(call, A, tol, atol, rtol), "int64")


# -- decompositions ----------------------------------------------------------------------------


@op("linalg_qr")
def qr(call: Call, A: Value, mode: str = "reduced") -> list[Value]:
    """(*B, n, m) -> [(*B, n, k), (*B, k, m)], k = min(n, m) or n"""
    if mode not in ("reduced", "complete", "r"):
        call.fail("the mode must be reduced, complete or r", kind="argument", of="mode")
    matrix(call, A, square=False)
    *batch, n, m = A
    k = n if mode == "complete" else dims.minimum(n, m)
    q = Value((0,), A.dtype) if mode == "r" else columns((*batch, n, k), A.dtype)
    return [q, columns((*batch, k, m), A.dtype)]


@op("qr")
def old_qr(call: Call, input: Value, some: bool = True) -> list[Value]:
    """(*B, n, m) -> [(*B, n, k), (*B, k, m)], k = min(n, m) or n"""
    return qr(call, input, "reduced" if some else "complete")


@op("linalg_svd")
def svd(call: Call, A: Value, full_matrices: bool = True, *, driver: Any = None) -> list[Value]:
    """(*B, n, m) -> [(*B, n, n), (*B, k), (*B, m, m)], k = min(n, m)"""
    matrix(call, A, square=False)
    if driver is not None and A.device == "cpu":
        call.wrong("only a GPU has several drivers", kind="argument", of="driver")
    *batch, n, m = A
    k = dims.minimum(n, m)
    left, right = (n, m) if full_matrices else (k, k)
    values = Value((*batch, k), FLOAT_OF.get(A.dtype, A.dtype))
    return [columns((*batch, n, left), A.dtype), values, columns((*batch, right, m), A.dtype)]


@op("svd")
def old_svd(call: Call, input: Value, some: bool = True, compute_uv: bool = True) -> list[Value]:
    """(*B, n, m) -> [(*B, n, k), (*B, k), (*B, m, k)], k = min(n, m)"""
    u, s, vh = svd(call, input, not some or not compute_uv)
    v = Value((*vh[:-2], vh[-1], vh[-2]), vh.dtype)
    if not compute_uv:
        u, v = Value(tuple(u), u.dtype), columns(tuple(v), v.dtype)
    return [u, s, v]


@op("linalg_svdvals")
def svdvals(call: Call, A: Value, *, driver: Any = None) -> Value:
    """(*B, n, m) -> (*B, k), k = min(n, m)"""
    return svd(call, A, driver=driver)[1]


@op("linalg_eigh")
def eigh(call: Call, A: Value, UPLO: str = "L") -> list[Value]:
    """(*B, n, n) -> [(*B, n), (*B, n, n)]"""
    if UPLO.upper() not in ("L", "U"):
        call.fail("UPLO must be L or U", kind="argument", of="UPLO")
    matrix(call, A)
    return [Value(A[:-1], FLOAT_OF.get(A.dtype, A.dtype)), columns(tuple(A), A.dtype)]


@op("linalg_eigvalsh")
def eigvalsh(call: Call, A: Value, UPLO: str = "L") -> Value:
    """(*B, n, n) -> (*B, n)"""
    return eigh(call, A, UPLO)[0]


@op("linalg_eig")
def eig(call: Call, A: Value) -> list[Value]:
    """(*B, n, n) -> [(*B, n), (*B, n, n)]"""
    matrix(call, A)
    dtype = COMPLEX_OF.get(A.dtype, A.dtype)
    return [Value(A[:-1], dtype), columns(tuple(A), dtype)]


@op("linalg_eigvals")
def eigvals(call: Call, A: Value) -> Value:
    """(*B, n, n) -> (*B, n)"""
    return eig(call, A)[0]


@op("linalg_lu_factor")
def lu_factor(call: Call, A: Value, *, pivot: bool = True) -> list[Value]:
    """(*B, n, m) -> [(*B, n, m), (*B, k)], k = min(n, m)"""
    matrix(call, A, square=False)
    if not pivot and A.device == "cpu":
        call.wrong("without pivots only a GPU factors matrices", kind="argument", of="pivot")
    return [columns(tuple(A), A.dtype), Value((*A[:-2], dims.minimum(A[-2], A[-1])), "int32")]


# -- equations ---------------------------------------------------------------------------------


@op("linalg_solve")
def solve(call: Call, A: Value, B: Value, *, left: bool = True) -> Value:
    """(*B, n, n), (*B, n, k) -> (*B, n, k)"""
    matrix(call, A)
    same_dtype(call, A, B)
    if not B:
        call.fail("the right side must have axes", kind="rank", of="B")
    if is_vector(call, A, B):
        if not left:
            call.fail("a vector must stand on the right side", kind="rank", of="B")
        call.equal(B[-1], A[-1], EQUATIONS, kind="matmul", of="B", axis=-1)
        return columns((*A[:-2], A[-1]), A.dtype)
    result = _solved(call, A, B, left)
    return result if left else Value(tuple(result), result.dtype)


def is_vector(call: Call, A: Value, B: Value) -> bool:
    """Whether a right side is one vector for each matrix, and no matrix."""
    same = [constraint.equal(a, b) for a, b in zip(A[:-1], B, strict=False)]
    return len(B) == 1 or (len(B) == len(A) - 1 and call.holds(constraint.all_of(same)))


EQUATIONS = "the right side must have one entry for each equation"


def _solved(call: Call, A: Value, B: Value, left: bool) -> Value:
    axis = -2 if left else -1
    call.equal(B[axis], A[-1], EQUATIONS, kind="matmul", of="B", axis=axis)
    batch = call.broadcast(A[:-2], B[:-2])
    return columns((*batch, *B[-2:]), B.dtype)


@op("linalg_solve_triangular")
def solve_triangular(
    call: Call, A: Value, B: Value, *, upper: bool, left: bool = True, unitriangular: bool = False
) -> Value:
    """(*B, n, n), (*B, n, k) -> (*B, n, k)"""
    matrix(call, A)
    B = call.tensor(B, A.dtype, B.strides)  # converted, whatever it holds
    matrix(call, B, "B", square=False)
    return _solved(call, A, B, left)


@op("cholesky_solve")
def cholesky_solve(call: Call, input: Value, input2: Value, upper: bool = False) -> Value:
    """(*B, n, k), (*B, n, n) -> (*B, n, k)"""
    matrix(call, input, "input", square=False)
    matrix(call, input2, "input2")
    same_dtype(call, input, input2)
    return _solved(call, input2, input, True)
