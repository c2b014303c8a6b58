"""Products of matrices in groups, and of matrices of eight-bit floats with their scales."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..core import dims
from ..core.dims import Size
from ..core.shape import product
from . import layout
from .call import Call
from .common import empty, expandable, same_dtype
from .dtypes import width
from .registry import op
from .value import Value

ALIGNED = 16
"""Bytes that the step between rows, or columns, must be a multiple of."""
TENSORWISE, ROWWISE = [0], [1]
"""torch's numbers of the recipes that the CPU knows."""
SHORT = ("float32", "bfloat16", "float16")


@op("torch._grouped_mm", layout="view")
def grouped_mm(
    call: Call, input: Value, mat2: Value, offs: Value | None = None, bias: Value | None = None,
    out_dtype: str | None = None,
) -> Value:  # fmt: skip
    """(n, K), (G, K, M), (G) -> (n, M); (n, K), (K, M), (G) -> (G, n, M); (G, n, K), .."""
    for name, x in (("mat_a", input), ("mat_b", mat2)):
        call.rank(x, 2, 3, of=name)
        if x.dtype not in SHORT:
            call.wrong("groups are of floats of at most 32 bits", kind="dtype", of=name)
        _aligned(call, x, name)
    same_dtype(call, input, mat2)
    if out_dtype not in (None, input.dtype):
        call.wrong("the result must have the dtype of mat_a", kind="dtype", of="out_dtype")
    if bias is not None:
        call.wrong("a bias is not supported yet", kind="argument", of="bias")
    if len(input) == 3 or len(mat2) == 3:
        because = "the last size of mat_a must equal the rows of mat_b"
        call.equal(mat2[-2], input[-1], because, kind="matmul", of="mat_b", axis=-2)
    return _groups(call, input, mat2, offs)


def _groups(call: Call, a: Value, b: Value, offs: Value | None) -> Value:
    """The result: a group for each offset where a matrix is cut, and rows without gaps else."""
    if (offs is None) != (len(a) == len(b) == 3):
        because = "a matrix needs offsets to be cut at, and stacked matrices must have none"
        call.fail(because, kind="argument", of="offs")
    if offs is None:
        counts = [a[0], b[0]]
    else:
        call.rank(offs, 1, of="offs")
        if offs.dtype != "int32":
            call.wrong("offsets must be int32", kind="dtype", of="offs")
        counts = [offs[0], *(x[0] for x in (a, b) if len(x) == 3)]
    for count in counts[1:]:
        call.equal(count, counts[0], "there must be as many matrices as groups", kind="batch")
    shape: tuple[Size, ...] = (a[-2], b[-1])
    unit = ALIGNED // width(a.dtype)
    row = dims.floordiv(b[-1] + unit - 1, unit) * unit
    steps: tuple[Size, ...] = (row, 1)
    if len(a) == len(b):
        shape, steps = (counts[0], *shape), (a[-2] * row, *steps)
    return layout.view(Value(shape, a.dtype), shape, steps)


def _aligned(call: Call, x: Value, of: str) -> None:
    """Demands rows, or columns, that begin at multiples of so many bytes."""
    outer, inner = layout.strides_of(x)[-2:]
    size = x[-1]
    if inner != 1 and outer == 1:
        outer, inner, size = inner, outer, x[-2]
    if inner != 1:
        call.fail("the rows or the columns must lie without gaps", kind="layout", of=of)
    because = "rows must not overlap, nor be empty"
    call.at_least(outer, dims.maximum(size, 1), because, kind="layout", of=of)
    unit = ALIGNED // width(x.dtype) if x.dtype in SHORT else 1
    because = "rows must begin at multiples of sixteen bytes"
    call.divides(unit, outer, because, kind="layout", of=of)


@op("torch._scaled_mm_v2")
def scaled_mm(
    call: Call, input: Value, mat2: Value, scale_a: Sequence[Value], recipe_a: Sequence[int],
    swizzle_a: Any, scale_b: Sequence[Value], recipe_b: Sequence[int], swizzle_b: Any,
    bias: Value | None, out_dtype: str | None, contraction_dim: Any = (), use_fast_accum: Any = 0,
) -> Value:  # fmt: skip
    """(n, K), (K, M) -> (n, M)"""
    for name, x in (("mat_a", input), ("mat_b", mat2)):
        call.rank(x, 2, of=name)
    result = Value((input[0], mat2[1]), out_dtype or input.dtype)
    if empty(result) or empty(input):
        return result
    because = "the columns of mat_a must be as many as the rows of mat_b"
    call.equal(mat2[0], input[1], because, kind="matmul", of="mat_b", axis=0)
    _contracted(call, input, mat2, contraction_dim)
    if not all("float8" in x.dtype for x in (input, mat2)):
        call.fail("scaled matrices are of eight-bit floats", kind="dtype")
    recipe, other = [int(r) for r in recipe_a], [int(r) for r in recipe_b]
    if recipe != other or recipe not in (TENSORWISE, ROWWISE):
        because = "the CPU takes one scale a tensor, or one a row and a column, of both matrices"
        call.fail(because, kind="argument", of="scale_recipe_a")
    _scaled(call, input, mat2, scale_a, scale_b, recipe == ROWWISE)
    if bias is not None:
        _biased(call, bias, tuple(result))
    return result


def _contracted(call: Call, a: Value, b: Value, axes: Any) -> None:
    """Demands that the axes that are summed over have one size."""
    if len(axes) == 1 or len(axes) > 2:
        call.fail("there must be two contracted axes", kind="argument", of="contraction_dim")
    if axes:
        first, second = (call.axis(d, 2) for d in axes)
        because = "the contracted axes must have the same size"
        call.equal(b[second], a[first], because, kind="matmul", of="mat_b", axis=second)


def _scaled(
    call: Call, a: Value, b: Value, scale_a: Sequence[Value], scale_b: Sequence[Value], rows: bool
) -> None:
    """Demands one scale for each matrix, or for each row of the left and column of the right."""
    for name, given in (("scale_a", scale_a), ("scale_b", scale_b)):
        if len(given) != 1 or given[0].dtype != "float32":
            call.fail("scales must be one tensor of float32", kind="dtype", of=name)
        if not rows:
            call.equal(product(given[0]), 1, "there must be one scale", kind="features", of=name)
            continue
        call.rank(given[0], 2, of=name)
        if layout.strides_of(given[0])[-1] != 1:
            call.wrong("the last axis of the scales must be dense", kind="layout", of=name)
    if rows:
        because = "each row of mat_a needs a scale"
        for axis, size in ((0, a[0]), (1, 1)):
            call.equal(scale_a[0][axis], size, because, kind="features", of="scale_a", axis=axis)
        expandable(call, scale_b[0], b, "scale_b")
        because = "each column of mat_b needs a scale"
        call.equal(product(scale_b[0]), b[1], because, kind="features", of="scale_b")


def _biased(call: Call, bias: Value, shape: tuple[Size, ...]) -> None:
    """Demands a bias with an entry for each column."""
    if bias.dtype not in SHORT:
        call.wrong("the bias must be of floats of at most 32 bits", kind="dtype", of="bias")
    expandable(call, bias, shape, "bias")
    because = "the bias needs one entry for each column of mat_b"
    call.equal(product(bias), shape[1], because, kind="features", of="bias")
