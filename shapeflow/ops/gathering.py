"""Entries read from, or written to, the places that an index tensor names along one axis."""

from __future__ import annotations

from typing import Any

from ..core.dims import Size
from ..core.shape import Shape, product
from .bounds import all_inside, nonempty
from .call import Call
from .common import can_hold, empty, like, one_number, same_dtype, title, vanishes
from .dtypes import FLOATS, category, result_type
from .embedding import indices as places
from .registry import op
from .reshape import seen_as
from .sizes import own_axis
from .value import Value

SEGMENTS = ("sum", "prod", "mean", "amax", "amin", "max", "min")
REDUCTIONS = {
    "scatter": ("add", "multiply"),
    "scatter_reduce": ("sum", "prod", "mean", "amax", "amin", "max", "min"),
    "index_reduce": ("prod", "mean", "amax", "amin"),
}


def one_of(call: Call, value: Any, choices: tuple[str, ...], what: str) -> None:
    """Demands that a word is one of those that the operation knows."""
    if value not in choices:
        known = ", ".join(choices[:-1])
        call.fail(f"{what} must be one of {known} and {choices[-1]}", kind="argument")


def index_dtype(call: Call, index: Value, *dtypes: str) -> None:
    """Demands a dtype of an index tensor."""
    if index.dtype not in dtypes:
        wanted = " or ".join(dtypes)
        call.wrong(f"the index must be {wanted}", kind="dtype", of="index")


def entries(x: Shape) -> Shape:
    """The shape, a scalar being one entry along one axis."""
    return tuple(x) or (1,)


def no_larger(call: Call, index: Value, x: Value, skipped: int | None, of: str) -> None:
    """Demands that an index has no more entries along an axis than an operand, the axis
    that is indexed left out."""
    if len(entries(index)) != len(entries(x)):
        call.fail(f"the index and {of} must have equally many axes", kind="rank", of="index")
    rank = len(entries(x))
    for axis, (a, b) in enumerate(zip(entries(index), entries(x), strict=True)):
        if axis != skipped:
            because = f"the index must be no larger than {of} along each axis"
            because += " but the indexed one" if skipped is not None else ""
            call.at_least(b, a, because, kind="index", of="index", axis=axis - rank)


@op("gather")
def gather(
    call: Call, input: Value, dim: Any, index: Value, *, sparse_grad: Any = False
) -> Shape:
    """(*A, n, *B), (*I) -> (*I), I no larger than the input but along dim"""
    axis = call.axis(dim, len(input))
    if not vanishes(call, index):
        index_dtype(call, index, "int64", "int32")
        no_larger(call, index, input, axis, "input")
        all_inside(call, index, entries(input)[axis])
        nonempty(call, entries(input)[axis], product(index))
    return tuple(index)


@op("index_select")
def index_select(call: Call, input: Value, dim: Any, index: Value) -> Shape:
    """(*A, n, *B), (k,) -> (*A, k, *B)"""
    axis = call.axis(dim, len(input))
    call.rank(index, 0, 1, of="index")
    index_dtype(call, index, "int64", "int32")
    chosen = entries(index)[0]
    all_inside(call, index, entries(input)[axis], axis=axis - len(input))
    if not len(input):
        call.equal(chosen, 1, "a scalar has one entry to select", kind="index", of="index")
        return ()
    nonempty(call, input[axis], chosen)
    return (*input[:axis], chosen, *input[axis + 1 :])


# -- entries written ---------------------------------------------------------------------------


@op("scatter scatter_add")
def scatter(
    call: Call, input: Value, dim: Any, index: Value, src: Any = None, *,
    value: Any = None, reduce: Any = None,
) -> Shape:  # fmt: skip
    """(*S), (*I), (*R) -> (*S), I no larger than R, nor than S but along dim"""
    if reduce is not None:
        one_of(call, reduce, REDUCTIONS["scatter"], "reduce")
    return _scattered(call, input, dim, index, value if src is None else src)


@op("scatter_reduce")
def scatter_reduce(
    call: Call, input: Value, dim: Any, index: Value, src: Any, reduce: Any, *,
    include_self: Any = True,
) -> Shape:  # fmt: skip
    """(*S), (*I), (*R) -> (*S), I no larger than R, nor than S but along dim"""
    one_of(call, reduce, REDUCTIONS["scatter_reduce"], "reduce")
    return _scattered(call, input, dim, index, src)


def _scattered(call: Call, x: Value, dim: Any, index: Value, src: Any) -> Shape:
    axis = call.axis(dim, len(x))
    if isinstance(src, Value):
        same_dtype(call, x, src, because=f"{title(call)} needs a source of the dtype of the input")
    if not vanishes(call, index):
        index_dtype(call, index, "int64", "int32")
        no_larger(call, index, x, axis, "input")
        if isinstance(src, Value):
            no_larger(call, index, src, None, "src")
        can_hold(call, x.dtype, src)
        all_inside(call, index, entries(x)[axis])
        nonempty(call, entries(x)[axis], product(index))
    return tuple(x)


@op("index_add")
def index_add(
    call: Call, input: Value, dim: Any, index: Value, source: Value, *, alpha: Any = 1
) -> Shape:
    """(*A, n, *B), (k,), (*A, k, *B) -> (*A, n, *B)"""
    can_hold(call, input.dtype, alpha, "alpha")
    return _added(call, input, dim, index, source)


@op("index_reduce")
def index_reduce(
    call: Call, input: Value, dim: Any, index: Value, source: Value, reduce: Any, *,
    include_self: Any = True,
) -> Shape:  # fmt: skip
    """(*A, n, *B), (k,), (*A, k, *B) -> (*A, n, *B)"""
    one_of(call, reduce, REDUCTIONS["index_reduce"], "reduce")
    return _added(call, input, dim, index, source)


def _added(call: Call, x: Value, dim: Any, index: Value, source: Value) -> Shape:
    axis = call.axis(dim, len(x))
    call.rank(index, 0, 1, of="index")
    index_dtype(call, index, "int64", "int32")
    same_dtype(call, x, source, because="the source must have the dtype of the input")
    if len(source) != len(x):
        call.fail("source and input must have equally many axes", kind="rank", of="source")
    for d, (a, b) in enumerate(zip(source, x, strict=True)):
        if d != axis:
            because = "the source must have the sizes of the input outside the indexed axis"
            call.equal(a, b, because, kind="index", of="source", axis=d - len(x))
    _one_each(call, entries(source)[axis], index)
    strict = len(x) == 1 or title(call).startswith("index_reduce")
    all_inside(call, index, entries(x)[axis], entries=1 if strict else product(x))
    if strict:
        nonempty(call, entries(x)[axis], entries(index)[0])
    return tuple(x)


def _one_each(call: Call, given: Size, index: Value) -> None:
    because = "there must be one slice of the source for each index"
    call.equal(given, entries(index)[0], because, kind="index", of="source")


@op("index_copy")
def index_copy(call: Call, input: Value, dim: Any, index: Value, source: Value) -> Shape:
    """(*A, n, *B), (k,), (*A, k, *B) -> (*A, n, *B)"""
    axis = call.axis(dim, len(input))
    call.rank(index, 0, 1, of="index")
    index_dtype(call, index, "int64")
    same_dtype(call, input, source, because="the source must have the dtype of the input")
    if len(entries(source)) != len(entries(input)):
        call.fail("source and input must have equally many axes", kind="rank", of="source")
    for d, (a, b) in enumerate(zip(entries(source), entries(input), strict=True)):
        if d != axis:
            because = "the source must have the sizes of the input outside the indexed axis"
            call.equal(a, b, because, kind="index", of="source", axis=d - len(input))
    _one_each(call, entries(source)[axis], index)
    all_inside(call, index, entries(input)[axis], entries=product(source))
    nonempty(call, entries(input)[axis], product(source))
    return tuple(input)


@op("torch.segment_reduce")
def segment_reduce(
    call: Call, data: Value, reduce: str, *, lengths: Value | None = None, indices: Any = None,
    offsets: Value | None = None, dim: Any = 0, unsafe: Any = False, initial: Any = None,
) -> Value:  # fmt: skip
    """(*A, n, *B), lengths (*A, k) or offsets (*A, k + 1) -> (*A, k, *B)"""
    if data.dtype not in FLOATS:
        call.wrong("only floats can be reduced in segments", kind="dtype", of="data")
    if reduce not in SEGMENTS:
        call.fail("there is no such reduction", kind="argument", of="reduce")
    given, of = (lengths, "lengths") if offsets is None else (offsets, "offsets")
    if given is None or indices is not None:
        call.fail("segments are given by lengths or offsets", kind="argument", of=of)
    axis = call.axis(dim, len(data), "data")
    call.rank(given, axis + 1, of=of, because=f"the axis must be the last of the {of}")
    if not len(data):
        call.fail("a scalar has no segments", kind="rank", of="data")
    places(call, given, of)
    for d in range(axis):
        because = f"the {of} must have the leading sizes of the data"
        call.equal(given[d], data[d], because, kind="batch", of=of, axis=d)
    if offsets is not None or not unsafe:
        entries = product(given) if offsets is None else given[axis]
        call.at_least(entries, 1, f"the {of} must not be empty", kind="values", of=of)
    count = given[axis] - (offsets is not None)
    return Value((*data[:axis], count, *data[axis + 1 :]), data.dtype)


@op("index_fill", layout="follow")
def index_fill(call: Call, input: Value, dim: Any, index: Value, value: Any) -> Shape | Value:
    """(*A, n, *B), (k,) -> (*A, n, *B)"""
    axis = call.axis(dim, len(input))
    call.rank(index, 0, 1, of="index")
    index_dtype(call, index, "int64")
    one_number(call, input, value)
    if category(result_type([value], call.default_dtype)) == 3 > category(input.dtype):
        call.wrong("a complex value needs a complex dtype", kind="dtype", of="value")
    chosen = (*entries(input)[:axis], entries(index)[0], *entries(input)[axis + 1 :])
    all_inside(call, index, entries(input)[axis], from_end=True, entries=product(chosen))
    nonempty(call, entries(input)[axis], product(chosen))
    return like(call, input)


@op("take_along_dim")
def take_along_dim(call: Call, input: Value, indices: Value, dim: Any = None) -> Shape:
    """(*A, n, *B), (*A, k, *B) -> (*A, k, *B), the other axes broadcast"""
    if dim is None:
        if not empty(indices):
            index_dtype(call, indices, "int64", "int32")
        nonempty(call, product(input), product(indices))
        seen_as(call, input, (product(input),))
        return tuple(seen_as(call, indices, (product(indices),)))
    index_dtype(call, indices, "int64")
    if len(indices) != len(input):
        call.fail("input and indices must have equally many axes", kind="rank", of="indices")
    axis = own_axis(call, dim, input)
    because = "sizes outside the indexed axis must be equal, or one of them 1"
    around = (*input[:axis], indices[axis], *input[axis + 1 :])
    all_inside(call, indices, input[axis], from_end=True)
    shape = call.broadcast(around, (*indices,), because=because)
    nonempty(call, input[axis], product(shape))
    return shape


@op("take")
def take(call: Call, input: Value, index: Value) -> Shape:
    """(*S), (*I) -> (*I)"""
    index_dtype(call, index, "int64")
    all_inside(call, index, product(input), from_end=True)
    nonempty(call, product(input), product(index))
    return tuple(index)


@op("put")
def put(
    call: Call, input: Value, index: Value, source: Value, accumulate: Any = False
) -> Value:
    """(*S), (*I), (*R) -> (*S), product(R) = product(I)"""
    index_dtype(call, index, "int64")
    same_dtype(call, input, source, because="the source must have the dtype of the input")
    because = "there must be one entry of the source for each index"
    call.equal(product(source), product(index), because, kind="index", of="source")
    all_inside(call, index, product(input), from_end=True)
    nonempty(call, product(input), product(index))
    return like(call, input)
