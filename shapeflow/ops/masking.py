"""Entries chosen by a condition: where, masked operations, nonzero; and sorted places."""

from __future__ import annotations

from typing import Any

from ..core import constraint
from ..core.dims import Size
from ..core.shape import Shape, product
from . import layout
from .call import Call
from .common import accepts, empty, like, one_number, same_dtype, vanishes
from .counts import natural
from .dtypes import category, result_type
from .indexing import MASKS, fits, gathered, selected
from .registry import op
from .sizes import own_axis
from .value import Value


def is_mask(call: Call, mask: Value, of: str = "mask") -> None:
    """Demands a bool tensor."""
    if mask.dtype != "bool":
        call.wrong("a mask must be bool", kind="dtype", of=of)


@op("torch.where Tensor.where", layout="view")
def where(call: Call, condition: Value, input: Any = None, other: Any = None) -> Any:
    """(*A), (*B), (*C) -> (*broadcast(A, B, C))"""
    if call.op.startswith("Tensor."):
        condition, input = input, condition
    if input is None and other is None:
        return _places(call, condition)
    if condition.dtype not in MASKS:
        call.wrong("the condition must be bool", kind="dtype", of="condition")
    tensors = [x for x in (condition, input, other) if isinstance(x, Value)]
    shape = call.broadcast(*tensors)
    dtype = result_type((input, other), call.default_dtype)
    return call.tensor(shape, dtype, layout.follow(shape, tensors))


def _places(call: Call, x: Value) -> list[Value]:
    """One index tensor per axis, for the entries that are not zero."""
    count = _nonzero(call, x)
    return [call.tensor((count,), "int64") for _ in range(max(len(x), 1))]


def _nonzero(call: Call, x: Value) -> Size:
    return 0 if 0 in x else call.fresh("entries that are not zero", product(x))


@op("nonzero argwhere", layout="view")
def nonzero(call: Call, input: Value, *, as_tuple: Any = False) -> Any:
    """(*S) -> (k, rank), or one (k,) for each axis"""
    if as_tuple:
        return _places(call, input)
    count = _nonzero(call, input)
    return layout.view(call.tensor((), "int64"), (count, len(input)), (1, count))


@op("masked_fill")
def masked_fill(call: Call, input: Value, mask: Value, value: Any) -> Shape:
    """(*A), (*B) -> (*broadcast(A, B))"""
    is_mask(call, mask)
    one_number(call, input, value)
    because = "the mask and the input must have equal sizes, or one of them 1"
    return call.broadcast(tuple(input), tuple(mask), because=because)


@op("masked_select")
def masked_select(call: Call, input: Value, mask: Value) -> Shape:
    """(*A), (*B) -> (k,)"""
    is_mask(call, mask)
    because = "the mask and the input must have equal sizes, or one of them 1"
    shape = call.broadcast(tuple(input), tuple(mask), because=because)
    return (0,) if 0 in shape else (call.fresh("entries that the mask selects", product(shape)),)


@op("masked_scatter")
def masked_scatter(call: Call, input: Value, mask: Value, source: Value) -> Shape:
    """(*A), (*B), (*R) -> (*broadcast(A, B))"""
    is_mask(call, mask)
    same_dtype(call, input, source, because="the source must have the dtype of the input")
    because = "the mask and the input must have equal sizes, or one of them 1"
    return call.broadcast(tuple(input), tuple(mask), because=because)


def _is_one(call: Call, x: Value) -> bool:
    """Whether a tensor holds one number; forks the path where that is open."""
    return call.holds(constraint.equal(product(x), 1))


@op("index_put Tensor._index_put_impl")
def index_put(
    call: Call, input: Value, indices: Any, values: Value, accumulate: Any = False
) -> Value:
    """(*S), indices, values -> (*S)"""
    if not indices:
        call.fail("at least one index must be given", kind="argument", of="indices")
    if len(indices) > len(input):
        because = "too many indices: there must be at most one for each axis"
        call.fail(because, kind="index", of="indices")
    found = selected(call, input, tuple(indices))
    shape = gathered(call, found.x, found.kept) if found.kept else found.x
    listed = [x for x in indices if isinstance(x, Value)]
    truth = any(x.dtype in MASKS and not len(x) for x in listed)
    matters = truth or values.dtype != input.dtype or listed[0].dtype == "uint8"
    fills = matters and len(listed) == found.masks + truth == 1 and _is_one(call, values)
    if truth and (accumulate or not fills) and not empty(input):
        call.wrong("one truth value is a mask for one number only", kind="index", of="indices")
    if fills and "uint8" in [x.dtype for x in listed]:
        call.wrong("a mask must be bool to assign one number", kind="dtype", of="indices")
    if values.dtype != input.dtype and (accumulate or not fills):
        call.wrong("index assignment needs a value of the same dtype", kind="dtype", of="values")
    if len(values) > len(shape):
        because = "the assigned value cannot have more axes than the selected part"
        call.wrong(because, kind="broadcast", of="values")
    fits(call, tuple(values), tuple(shape), of="values")
    return like(call, input)


# -- sorted places, counts, unique entries -----------------------------------------------------


@op("bucketize")
def bucketize(
    call: Call, input: Any, boundaries: Value, *, out_int32: Any = False, right: Any = False
) -> Value:
    """(*S), (k,) -> (*S)"""
    call.rank(boundaries, 1, of="boundaries")
    _comparable(call, boundaries, input)
    return _sorted_places(input, out_int32)


@op("torch.searchsorted Tensor.searchsorted")
def searchsorted(
    call: Call, sorted_sequence: Value, input: Any, *, out_int32: Any = False,
    right: Any = False, side: Any = None, sorter: Value | None = None,
) -> Value:  # fmt: skip
    """(*A, n), (*A, m) -> (*A, m); (n,), (*S) -> (*S)"""
    if side not in (None, "left", "right"):
        call.fail("side must be left or right", kind="argument")
    if side == "left" and right:
        call.fail("side and right must not contradict each other", kind="argument")
    if not len(sorted_sequence):
        call.fail("the sorted sequence must have at least 1 axis", kind="rank")
    _sorter(call, sorted_sequence, sorter)
    _comparable(call, sorted_sequence, input)
    if isinstance(input, Value) and len(sorted_sequence) != 1:
        because = "leading sizes of the sequence and of the values must be equal"
        if len(input) != len(sorted_sequence):
            call.fail(because, kind="rank", of="input")
        for a, b in zip(input[:-1], sorted_sequence[:-1], strict=True):
            call.equal(a, b, because, kind="batch", of="input")
    elif not isinstance(input, Value) and len(sorted_sequence) != 1:
        call.fail("a number can only be searched in a sequence of 1 axis", kind="rank")
    return _sorted_places(input, out_int32)


def _comparable(call: Call, sequence: Value, x: Any) -> None:
    """Demands numbers with an order; two kinds of them may be mixed."""
    if isinstance(x, Value) and empty(x):
        return
    accepts(call, sequence.dtype, "bif", "the sequence")
    if isinstance(x, Value):
        accepts(call, x.dtype, "if" if sequence.dtype == "bool" else "bif", "input")


def _sorter(call: Call, sequence: Value, sorter: Value | None) -> None:
    if sorter is None:
        return
    if sorter.dtype != "int64":
        call.wrong("the sorter must be int64", kind="dtype", of="sorter")
    if len(sorter) != len(sequence):
        call.fail("the sorter must have the shape of the sequence", kind="rank", of="sorter")
    for a, b in zip(sorter, sequence, strict=True):
        call.equal(a, b, "the sorter must have the shape of the sequence", of="sorter")


def _sorted_places(x: Any, out_int32: Any) -> Value:
    shape = tuple(x) if isinstance(x, Value) else ()
    return Value(shape, "int32" if out_int32 else "int64")


@op("bincount")
def bincount(call: Call, input: Value, weights: Value | None = None, minlength: Any = 0) -> Value:
    """(n,) -> (k,)"""
    call.rank(input, 1, of="input")
    if category(input.dtype) != 1:
        call.wrong("bincount counts integers", kind="dtype", of="input")
    call.at_least(minlength, 0, "minlength must be at least 0", kind="argument")
    dtype = "int64"
    nothing = empty(input) if weights is None else vanishes(call, input)
    if weights is not None:
        dtype = "float32" if weights.dtype == "float32" else "float64"
    if weights is not None and not nothing:
        call.rank(weights, 1, of="weights")
        because = "there must be one weight for each entry"
        call.equal(weights[0], input[0], because, of="weights", axis=0)
    if nothing:
        return call.tensor((minlength,), "int64")
    return call.tensor((call.fresh("values counted"),), dtype)


@op("unique unique_consecutive")
def unique(
    call: Call, input: Value, *args: Any, sorted: Any = True, return_inverse: Any = False,
    return_counts: Any = False, dim: Any = None,
) -> Any:  # fmt: skip
    """(*S) -> (k,), or (*A, k, *B) along dim"""
    accepts(call, input.dtype, "bif", "input")
    flags = [*args[0 if call.op.endswith("consecutive") else 1 :]]
    defaults = (return_inverse, return_counts, dim)
    return_inverse, return_counts, dim = (*flags, *defaults[len(flags) :])
    if dim is None:
        count = _distinct(call, product(input))
        shape: Shape = (count,)
        inverse: Shape = tuple(input)
    else:
        axis = own_axis(call, dim, input)
        rest = (*input[:axis], *input[axis + 1 :])
        natural(call, rest, "sizes outside the axis must be at least 1", 1)
        count = _distinct(call, input[axis])
        shape, inverse = (*input[:axis], count, *input[axis + 1 :]), (input[axis],)
    results: list[Any] = [call.tensor(shape, input.dtype)]
    results += [call.tensor(inverse, "int64")] if return_inverse else []
    results += [call.tensor((count,), "int64")] if return_counts else []
    return results if len(results) > 1 else results[0]


def _distinct(call: Call, size: Size) -> Size:
    return 0 if size == 0 else call.fresh("distinct entries", size)


@op("isin")
def isin(
    call: Call, elements: Any, test_elements: Any, *, assume_unique: Any = False,
    invert: Any = False,
) -> Value:  # fmt: skip
    """(*S), (*R) -> (*S)"""
    for x in (elements, test_elements):
        if isinstance(x, Value | bool | complex):
            accepts(call, result_type((x,), call.default_dtype), "if", "elements")
    return call.tensor(elements if isinstance(elements, Value) else (), "bool")
