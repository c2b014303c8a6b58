"""Rows of a table looked up by indices."""

from __future__ import annotations

from typing import Any

from ..core import constraint
from ..core.dims import Dim, Size
from ..core.shape import product
from .bounds import all_inside, nonempty
from .call import Call
from .common import accepts, empty
from .dtypes import is_float, promote_two
from .ranges import extremes
from .registry import op
from .value import Value


def indices(call: Call, x: Value, of: str = "input") -> None:
    """Demands a dtype that can index."""
    if x.dtype not in ("int64", "int32"):
        call.wrong("indices must be int64 or int32", kind="dtype", of=of)


_indexing = indices


@op("F.embedding")
def embedding(
    call: Call,
    input: Value,
    weight: Value,
    padding_idx: int | None = None,
    max_norm: Any = None,
    norm_type: float = 2.0,
    scale_grad_by_freq: bool = False,
    sparse: bool = False,
) -> Value:
    """(*S), (num, D) -> (*S, D)"""
    call.rank(weight, 2, of="weight")
    indices(call, input)
    if padding_idx is not None:
        needed = padding_idx + 1 if padding_idx > 0 else -padding_idx
        because = "padding_idx must be an index of the table"
        call.at_least(weight[0], needed, because, kind="index", of="weight", axis=0)
    if max_norm is not None:
        _rescalable(call, weight, input)
    all_inside(call, input, weight[0], room="the number of embeddings")
    nonempty(call, weight[0], product(input), "weight")
    return Value((*input, weight[1]), weight.dtype)


@op("torch.embedding")
def table(
    call: Call,
    weight: Value,
    indices: Value,
    padding_idx: int = -1,
    scale_grad_by_freq: bool = False,
    sparse: bool = False,
) -> Value:
    """(num, D), (*S) -> (*S, D)"""
    return embedding(call, indices, weight)


@op("torch.embedding_renorm_", layout="view")
def embedding_renorm(
    call: Call, weight: Value, indices: Value, max_norm: float, norm_type: float
) -> Value:
    """(num, D), (*S) -> (num, D)"""
    call.rank(weight, 2, of="weight")
    _rescalable(call, weight, indices)
    _indexing(call, indices, "indices")
    all_inside(call, indices, weight[0], of="indices", from_end=True)
    nonempty(call, weight[0], product(indices), "weight")
    return weight


def _rescalable(call: Call, weight: Value, chosen: Value) -> None:
    """Demands a table whose rows can be made shorter, where any is looked up."""
    if not empty(chosen):
        accepts(call, weight.dtype, "fc", "weight")


@op("F.embedding_bag")
def embedding_bag(
    call: Call, input: Value, weight: Value, offsets: Value | None = None, max_norm: Any = None,
    norm_type: float = 2, scale_grad_by_freq: bool = False, mode: str = "mean",
    sparse: bool = False, per_sample_weights: Value | None = None,
    include_last_offset: bool = False, padding_idx: int | None = None,
) -> Value:  # fmt: skip
    """(B, n), (num, D) -> (B, D), or (n), (num, D), (B) -> (B, D)"""
    if is_float(input.dtype) and not is_float(weight.dtype):
        input, weight = weight, input
    call.rank(weight, 2, of="weight")
    call.rank(input, 1, 2, of="input")
    if not is_float(weight.dtype):
        call.wrong("the weight must be of a float dtype", kind="dtype", of="weight")
    if max_norm is not None:
        _rescalable(call, weight, input)
    _check_mode(call, mode, scale_grad_by_freq or sparse, input, weight, per_sample_weights)
    bags = _bags(call, input, offsets, include_last_offset)
    if len(input) == 2 or not include_last_offset:  # else the offsets may leave all out
        nonempty(call, weight[0], product((input[0], bags)), "weight")
    slow = mode == "max" or padding_idx is not None or weight.dtype == "float64"
    if slow and len(input) == 1:  # else it reads and writes out of bounds
        one = constraint.any_of((constraint.at_least(bags, 1), constraint.equal(input[0], 0)))
        call.require(one, "indices need a bag to go to", kind="values", of="offsets", axis=0)
    return Value((bags, weight[1]), weight.dtype)


def _bags(call: Call, input: Value, offsets: Value | None, last: bool) -> Size:
    """How many bags the indices make: one a row, or one an offset."""
    if len(input) == 2:
        if offsets is not None:
            because = "rows of indices are bags already, which need no offsets"
            call.wrong(because, kind="argument", of="offsets")
        indices(call, input)
        because = "a bag must hold at least one index"
        call.at_least(input[1], 1, because, kind="values", of="input", axis=1)
        return input[0]
    if offsets is None or len(offsets) != 1:
        call.fail("one row of indices needs an axis of offsets", kind="rank", of="offsets")
    indices(call, Value((), promote_two(input.dtype, offsets.dtype)))
    because = "the offsets must include that of the end"
    call.at_least(offsets[0], int(last), because, kind="values", of="offsets", axis=0)
    return offsets[0] - last


def _check_mode(
    call: Call, mode: str, special: bool, input: Value, weight: Value, factors: Value | None
) -> None:
    if mode not in ("sum", "mean", "max"):
        call.fail("the mode must be sum, mean or max", kind="argument", of="mode")
    if mode == "max" and special:
        because = "mode max has neither sparse gradients nor gradients scaled by frequency"
        call.wrong(because, kind="argument", of="mode")
    if factors is None:
        return
    if mode != "sum":
        because = "weights of single samples need mode sum"
        call.wrong(because, kind="argument", of="per_sample_weights")
    if factors.dtype != weight.dtype:
        because = "per_sample_weights must have the dtype of the weight"
        call.wrong(because, kind="dtype", of="per_sample_weights")
    call.rank(factors, len(input), of="per_sample_weights")
    for axis, (given, wanted) in enumerate(zip(factors, input, strict=True)):
        because = "per_sample_weights must have the shape of the input"
        call.equal(given, wanted, because, kind="size", of="per_sample_weights", axis=axis)


@op("one_hot")
def one_hot(call: Call, tensor: Value, num_classes: Size = -1) -> Value:
    """(*S) -> (*S, num_classes)"""
    if tensor.dtype != "int64":
        call.wrong("classes must be int64 numbers", kind="dtype", of="tensor")
    given = extremes(tensor.known)
    if given is not None:
        because = "a class must not be negative"
        call.at_least(given.low, 0, because, kind="index", of="tensor")
    if isinstance(num_classes, Dim) or num_classes >= 0:
        needed = given.high + 1 if given else 1
        because = "there must be more classes than the largest index"
        if product(tensor) != 0 or num_classes == 0:
            call.at_least(num_classes, needed, because, kind="index", of="num_classes")
        return Value((*tensor, num_classes), "int64")
    if num_classes != -1:
        call.fail("num_classes must not be negative", kind="argument", of="num_classes")
    because = "the number of classes cannot be found in no indices"
    call.at_least(product(tensor), 1, because, kind="values", of="tensor")
    found = given.high + 1 if given else call.fresh("number of classes")
    return Value((*tensor, found), "int64")
