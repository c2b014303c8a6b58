"""Tensors joined, and cut into pieces."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Any

from ..core import constraint, dims
from ..core.dims import Dim, Size
from ..core.shape import Shape, product, total
from . import layout
from .bounds import bound, distance
from .call import Call
from .common import listed, same_dtype
from .counts import natural
from .dtypes import result_type
from .registry import op
from .reshape import raised
from .sizes import own_axis
from .value import Value

OUTSIDE = "sizes must match outside the joined axis"
EMPTY = "the size of a piece can only be 0 where the axis is empty"


def several(call: Call, tensors: Any) -> list[Value]:
    """The tensors of a list; the call fails where it is no list or empty."""
    if isinstance(tensors, Value) or not all(isinstance(x, Value) for x in tensors):
        call.fail("a list of tensors must be given", kind="structure", of="tensors")
    if not tensors:
        call.fail("the list of tensors must not be empty", kind="structure", of="tensors")
    return list(tensors)


@op("cat concat concatenate", dtype="promote", layout="view")
def cat(call: Call, tensors: Any, dim: Any = 0) -> Value:
    """[(*A, n_i, *B), ..] -> (*A, sum(n_i), *B)"""
    return joined(call, several(call, tensors), dim)


def joined(call: Call, given: Sequence[Value], dim: Any) -> Value:
    """All tensors behind one another along an axis; a tensor of shape (0,) counts for nothing."""
    for x in given:
        if not len(x):
            call.fail("scalars cannot be concatenated: stack them", kind="join", of="tensors")
    rank = max(len(x) for x in given)
    dtype = result_type(given, call.default_dtype)
    parts = [x for x in given if tuple(x) != (0,) and not _emptied(call, x, rank)]
    if not parts:
        return call.tensor((0,), dtype)
    first, axis = parts[0], call.axis(dim, rank)
    for x in parts[1:]:
        if len(x) != rank or len(first) != rank:
            call.fail("joined tensors must have equally many axes", kind="join", of="tensors")
        for d in range(rank):
            if d != axis:
                call.equal(x[d], first[d], OUTSIDE, kind="join", of="tensors", axis=d - rank)
    shape = (*first[:axis], total(x[axis] for x in parts), *first[axis + 1 :])
    return call.tensor(shape, dtype, _common_format(shape, given))


def _emptied(call: Call, x: Value, rank: int) -> bool:
    """Whether a vector stands beside tensors of more axes: then it must be empty."""
    if len(x) == 1 < rank and isinstance(x[0], Dim):
        because = "joined tensors must have equally many axes"
        call.equal(x[0], 0, because, kind="join", of="tensors")
        return True
    return False


def _common_format(shape: Shape, given: Iterable[Value]) -> Shape | None:
    """The strides of channels last where all tensors lie so."""
    for name in ("channels_last", "channels_last_3d"):
        if all(x.strides is not None and x.strides == layout.formatted(x, name) for x in given):
            wanted = layout.formatted(shape, name)
            return None if wanted is None else layout.tidy(shape, wanted)
    return None


@op("stack")
def stack(call: Call, tensors: Any, dim: Any = 0) -> Value:
    """[(*A, *B), ..] -> (*A, k, *B)"""
    first, *others = given = several(call, tensors)
    axis = call.axis(dim, len(first) + 1, "the result")
    for x in others:
        if len(x) != len(first):
            call.fail("stacked tensors must have equally many axes", kind="join", of="tensors")
        for d, (size, wanted) in enumerate(zip(x, first, strict=True)):
            because = "stacked tensors must have equal sizes"
            call.equal(size, wanted, because, kind="join", of="tensors", axis=d - len(first))
    dtype = result_type(given, call.default_dtype)
    return call.tensor((*first[:axis], len(given), *first[axis:]), dtype)


@op("hstack", dtype="promote")
def hstack(call: Call, tensors: Any) -> Value:
    """[(n_i,), ..] -> (sum(n_i),); [(N, n_i, *B), ..] -> (N, sum(n_i), *B)"""
    given = [raised(x, 1) for x in several(call, tensors)]
    return joined(call, given, 0 if len(given[0]) == 1 else 1)


@op("vstack row_stack", dtype="promote")
def vstack(call: Call, tensors: Any) -> Value:
    """[(n_i, *B), ..] -> (sum(n_i), *B); a vector is one row"""
    return joined(call, [raised(x, 2) for x in several(call, tensors)], 0)


@op("dstack", dtype="promote")
def dstack(call: Call, tensors: Any) -> Value:
    """[(N, M, n_i, *B), ..] -> (N, M, sum(n_i), *B)"""
    return joined(call, [raised(x, 3) for x in several(call, tensors)], 2)


@op("column_stack", dtype="promote")
def column_stack(call: Call, tensors: Any) -> Value:
    """[(N, n_i, *B), ..] -> (N, sum(n_i), *B); a vector is one column"""
    given = several(call, tensors)
    return joined(call, [Value((product(x), 1), x.dtype) if len(x) < 2 else x for x in given], 1)


@op("block_diag", dtype="promote")
def block_diag(call: Call, *tensors: Any) -> Shape:
    """(n_i, m_i), .. -> (sum(n_i), sum(m_i))"""
    for x in tensors:
        call.rank(x, 0, 1, 2, of="each tensor", because="each block must have at most 2 axes")
    blocks = [raised(x, 2) for x in tensors] or [Value((1, 0))]
    return (total(x[0] for x in blocks), total(x[1] for x in blocks))


@op("meshgrid", layout="view")
def meshgrid(call: Call, *tensors: Any, indexing: Any = "ij") -> list[Value]:
    """(n_1,), (n_2,), .. -> (n_1, n_2, ..), .."""
    if len(tensors) == 1 and not isinstance(tensors[0], Value):
        tensors = tuple(tensors[0])
    given = several(call, tensors)
    same_dtype(call, *given)
    for x in given:
        call.rank(x, 0, 1, of="each tensor")
    if indexing not in ("ij", "xy", None):
        call.fail("indexing must be ij or xy", kind="argument")
    order = list(range(len(given)))
    if indexing == "xy" and len(order) > 1:
        order[:2] = [1, 0]
    sizes = [x[0] if len(x) else 1 for x in given]
    grids = []
    for i, x in enumerate(given):
        step = layout.strides_of(x)[0] if len(x) else 1
        alone = layout.view(x, (*[1] * i, sizes[i], *[1] * (len(sizes) - i - 1)),
                            (*[step] * (i + 1), *[1] * (len(sizes) - i - 1)))  # fmt: skip
        grids.append(layout.permuted(layout.expanded(alone, tuple(sizes)), order))
    return grids


@op("cartesian_prod")
def cartesian_prod(call: Call, *tensors: Any) -> Shape:
    """(n_1,), (n_2,), .. -> (n_1*n_2*.., k)"""
    given = several(call, tensors)
    same_dtype(call, *given)
    for x in given:
        call.rank(x, 1, of="each tensor")
    if len(given) == 1:
        return given[0]
    return (product(x[0] for x in given), len(given))


@op("combinations")
def combinations(call: Call, input: Value, r: Any = 2, with_replacement: Any = False) -> Shape:
    """(n,) -> (binomial(n, r), r)"""
    call.rank(input, 1, of="input")
    chosen = call.number(r, "the size of a combination")
    if chosen < 0:
        call.fail("the size of a combination must be at least 0", kind="argument")
    if chosen == 0:
        return (0,)
    n = input[0] + chosen - 1 if with_replacement else input[0]
    count = n
    for i in range(1, chosen):
        count = dims.floordiv(count * (n - i), i + 1)
    if isinstance(n, int) and n < chosen:
        count = 0
    return (count, chosen)


# -- pieces ------------------------------------------------------------------------------------


def pieces(x: Value, axis: int, sizes: Iterable[Size]) -> list[Value]:
    """The views of these many entries along an axis, one behind another."""
    return [layout.sliced(x, axis, n) for n in sizes]


def cut_axis(call: Call, x: Value, dim: Any, least: int = 1) -> int:
    """The axis along which a tensor is cut."""
    if len(x) < least:
        axes = "axis" if least == 1 else "axes"
        call.fail(f"the input must have at least {least} {axes}", kind="rank", of="input")
    return call.axis(dim, len(x))


@op("torch.split Tensor.split unsafe_split", layout="view")
def split(
    call: Call, tensor: Value, split_size_or_sections: Any = None, dim: Any = 0,
    split_size: Any = None,
) -> list[Value]:
    """(*A, n, *B) -> [(*A, s, *B), ..], the last piece as large as what is left"""
    size = split_size if split_size_or_sections is None else split_size_or_sections
    if isinstance(size, list | tuple):
        return split_with_sizes(call, tensor, size, dim)
    axis = cut_axis(call, tensor, dim)
    step, n = listed(call, (size,))[0], tensor[axis]
    natural(call, (step,), "the size of a piece must be at least 0")
    if step == 0:
        call.equal(n, 0, EMPTY, kind="join")
        return [tensor]
    if call.settled(constraint.at_least(step, 1)) is not True:
        filled = constraint.any_of([constraint.at_least(step, 1), constraint.equal(n, 0)])
        call.require(filled, EMPTY, kind="join")
    if step == dims.floordiv(n, 2):  # halves, and what is left of an odd number
        rest = [] if call.holds(constraint.divides(2, n)) else [n - 2 * step]
        return pieces(tensor, axis, [step, step, *rest])
    count = call.length(dims.maximum(-dims.floordiv(-n, step), 1), "the number of pieces")
    return pieces(tensor, axis, [*[step] * (count - 1), n - step * (count - 1)])


@op("split_with_sizes unsafe_split_with_sizes", layout="view")
def split_with_sizes(call: Call, input: Value, split_sizes: Any, dim: Any = 0) -> list[Value]:
    """(*A, n, *B), sizes -> [(*A, sizes_i, *B), ..], sum(sizes) = n"""
    axis = cut_axis(call, input, dim)
    sizes = listed(call, (split_sizes,))
    natural(call, sizes, "the size of a piece must be at least 0")
    because = "the sizes of the pieces must add up to the size of the axis"
    call.equal(total(sizes), input[axis], because, kind="join", of="input", axis=axis - len(input))
    return pieces(input, axis, sizes)


@op("chunk unsafe_chunk", layout="view")
def chunk(call: Call, input: Value, chunks: Any, dim: Any = 0) -> list[Value]:
    """(*A, n, *B) -> at most chunks of (*A, ceil(n/chunks), *B), the last maybe smaller"""
    axis, count = cut_axis(call, input, dim), call.number(chunks, "the number of pieces")
    if count < 1:
        call.fail("the number of pieces must be at least 1", kind="argument")
    n = input[axis]
    step = -dims.floordiv(-n, count)
    if n == 0:
        return pieces(input, axis, [0] * count)
    if call.settled(constraint.divides(count, n)):
        step = dims.floordiv(n, count)
    last = n - step * (count - 1)
    if call.holds(constraint.any_of([constraint.at_least(last, 1), constraint.equal(n, 0)])):
        return pieces(input, axis, [*[step] * (count - 1), last])
    fewer = call.length(-dims.floordiv(-n, step), "the number of pieces")
    return pieces(input, axis, [*[step] * (fewer - 1), n - step * (fewer - 1)])


@op("tensor_split", layout="view")
def tensor_split(
    call: Call, input: Value, indices_or_sections: Any = None, dim: Any = 0, *,
    sections: Any = None, indices: Any = None, tensor_indices_or_sections: Any = None,
) -> list[Value]:  # fmt: skip
    """(*A, n, *B), k -> k pieces whose sizes differ by at most 1; or cut at min(index, n)"""
    options = (indices_or_sections, sections, indices, tensor_indices_or_sections)
    at = next(x for x in options if x is not None)
    axis = cut_axis(call, input, dim)
    if isinstance(at, Value):
        at = _numbers(call, at)
    return divided(call, input, axis, at)


def _numbers(call: Call, at: Value) -> Any:
    call.rank(at, 0, 1, of="indices")
    if at.dtype != "int64":
        call.wrong("the places to cut at must be int64", kind="dtype", of="indices")
    if isinstance(at.known, int | list):
        return at.known
    if not len(at):
        call.fail("the number of pieces must be known", kind="argument")
    count = call.length(at[0], "the number of places to cut at")
    return [call.fresh("a place to cut at") for _ in range(count)]


def divided(call: Call, x: Value, axis: int, at: Any) -> list[Value]:
    """The pieces of an axis: about equal ones, or between the given places."""
    n = x[axis]
    if isinstance(at, list | tuple):
        places = [0, *(bound(call, p, n) for p in at), n]
        return pieces(x, axis, [distance(call, a, b) for a, b in pairwise(places)])
    count = call.number(at, "the number of pieces")
    if count < 1:
        call.fail("the number of pieces must be at least 1", kind="argument")
    return pieces(x, axis, [dims.floordiv(n + count - 1 - i, count) for i in range(count)])


@op("hsplit vsplit dsplit", layout="view")
def equal_split(
    call: Call, input: Value, indices_or_sections: Any = None, *,
    sections: Any = None, indices: Any = None,
) -> list[Value]:  # fmt: skip
    """(*A, n, *B), k -> k pieces (*A, n/k, *B); or cut at min(index, n)"""
    at = next(x for x in (indices_or_sections, sections, indices) if x is not None)
    letter = call.op.rpartition(".")[2][0]
    least, dim = {"h": (1, 1 if len(input) > 1 else 0), "v": (2, 0), "d": (3, 2)}[letter]
    axis = cut_axis(call, input, dim, least)
    if not isinstance(at, list | tuple):
        call.at_least(at, 1, "the number of pieces must be at least 1", kind="argument")
        because = "the number of pieces must divide the size of the axis"
        if at != 0:
            call.divides(at, input[axis], because, of="input", axis=axis - len(input))
    return divided(call, input, axis, at)


@op("unbind", layout="view")
def unbind(call: Call, input: Value, dim: Any = 0) -> list[Value]:
    """(*A, n, *B) -> n of (*A, *B)"""
    axis = own_axis(call, dim, input)
    count = call.length(input[axis], "the number of entries along the axis")
    return [layout.selected(input, axis)] * count
