"""The same elements in another shape: views, repeats, new and dropped axes."""

from __future__ import annotations

from typing import Any

from ..core import constraint
from ..core.constraint import Constraint
from ..core.dims import Dim, Size
from ..core.shape import Shape, product, total
from . import layout
from .call import Call
from .common import listed, vanishes
from .counts import filled, natural, positive, quotient, signed
from .dtypes import is_name, width
from .registry import op
from .sizes import own_axis
from .value import Value

KEPT = "a view needs neighbouring entries of its axes behind one another in memory"


def seen_as(call: Call, x: Value, shape: Shape) -> Value:
    """The view of ``x`` with that shape; demands that its layout allows it."""
    if call.settled(constraint.equal(product(shape), product(x))) is False:
        return call.tensor(shape, x.dtype)
    strides, possible = layout.viewed(x, shape, call.settled)
    parts = possible.options if possible.kind == "all" else (possible,)
    for part in parts:
        call.require(part, KEPT, kind="layout", of="input")
    if not parts:
        return call.tensor(shape, x.dtype, strides)
    strides, _ = layout.viewed(x, shape, call.settled)  # what was just demanded may tell them
    result = call.tensor(shape, x.dtype, strides)
    result.source = x, possible
    return result


def laid_as(call: Call, x: Value, shape: Shape) -> Value:
    """``x`` in that shape: a view where its layout allows one, else a copy."""
    if call.settled(constraint.equal(product(shape), product(x))) is False:
        return call.tensor(shape, x.dtype)
    return call.tensor(shape, x.dtype, layout.viewed(x, shape, call.settled)[0])


@op("Tensor.view", layout="view")
def view(call: Call, input: Value, *sizes: Any, size: Any = None, dtype: Any = None) -> Value:
    """(*S) -> (*sizes), product(sizes) = product(S), the elements in place"""
    if sizes and is_name(sizes[0]):
        dtype = sizes[0]
    if dtype is not None:
        return _view_dtype(call, input, dtype)
    return seen_as(call, input, filled(call, listed(call, sizes, size), product(input)))


def _view_dtype(call: Call, x: Value, dtype: str) -> Value:
    """The same bytes read as another dtype."""
    old, new = width(x.dtype), width(dtype)
    if old == new:
        return call.tensor(x, dtype, x.strides)
    if not len(x):
        call.fail("a scalar can only be viewed as a dtype of its width", kind="dtype", of="input")
    *strides, last = layout.strides_of(x)
    call.equal(last, 1, "the entries of the last axis must lie side by side", kind="layout")
    if old > new:
        ratio = old // new
        return layout.view(
            call.tensor(x, dtype), (*x[:-1], x[-1] * ratio), (*(s * ratio for s in strides), 1)
        )
    ratio = new // old
    if strides:  # where the last size is 0 they are counted as if it were 1
        call.at_least(x[-1], 1, "rows must hold an entry of the new dtype", kind="size", of="input",
                      axis=-1)
    size = quotient(call, x[-1], ratio, "the last size must fill whole entries of the new dtype")
    steps = [
        quotient(call, s, ratio, "rows must start at whole entries of the new dtype")
        for s in strides
    ]
    return layout.view(call.tensor(x, dtype), (*x[:-1], size), (*steps, 1))


@op("reshape", layout="view")
def reshape(call: Call, input: Value, *sizes: Any, shape: Any = None) -> Value:
    """(*S) -> (*shape), product(shape) = product(S)"""
    because = "a reshape must keep the number of elements"
    return laid_as(call, input, filled(call, listed(call, sizes, shape), product(input), because))


@op("Tensor.view_as", layout="view")
def view_as(call: Call, input: Value, other: Value) -> Value:
    """(*S), (*R) -> (*R), product(R) = product(S)"""
    return seen_as(call, input, filled(call, tuple(other), product(input)))


@op("Tensor.reshape_as", layout="view")
def reshape_as(call: Call, input: Value, other: Value) -> Value:
    """(*S), (*R) -> (*R), product(R) = product(S)"""
    return reshape(call, input, tuple(other))


@op("flatten", layout="view")
def flatten(call: Call, input: Value, start_dim: Any = 0, end_dim: Any = -1) -> Value:
    """(*A, n, .., m, *B) -> (*A, n*..*m, *B)"""
    first, last = call.axis(start_dim, len(input)), call.axis(end_dim, len(input))
    if first > last:
        call.fail("the first flattened axis cannot come after the last", kind="axis", of="input")
    if not len(input):
        return call.tensor((1,), input.dtype)
    merged = product(input[first : last + 1])
    return laid_as(call, input, (*input[:first], merged, *input[last + 1 :]))


@op("ravel")
def ravel(call: Call, input: Value) -> Shape:
    """(*S) -> (product(S),)"""
    return (product(input),)


@op("unflatten", layout="view")
def unflatten(call: Call, input: Value, dim: Any, sizes: Any) -> Value:
    """(*A, n, *B) -> (*A, *sizes, *B), product(sizes) = n"""
    axis = own_axis(call, dim, input)
    if not isinstance(sizes, list | tuple) or not sizes:
        call.fail("the sizes of the new axes must be a list", kind="argument")
    because = "the new sizes must multiply to the size of the axis"
    new = filled(call, listed(call, (sizes,)), input[axis], because)
    return seen_as(call, input, (*input[:axis], *new, *input[axis + 1 :]))


# -- axes of size 1 ----------------------------------------------------------------------------


@op("squeeze", layout="view")
def squeeze(call: Call, input: Value, dim: Any = None) -> Value:
    """(*S) -> S without its sizes 1, those at dim if given"""
    if dim is None:
        axes: tuple[int, ...] = tuple(range(len(input)))
    else:
        named = dim if isinstance(dim, list | tuple) else (dim,)
        axes = call.axes(named, len(input)) if named else ()
    gone = [d for d in axes if d < len(input) and call.is_one(input[d])]
    strides = layout.strides_of(input)
    kept = [d for d in range(len(input)) if d not in gone]
    return layout.view(input, (input[d] for d in kept), (strides[d] for d in kept))


@op("unsqueeze", layout="view")
def unsqueeze(call: Call, input: Value, dim: Any) -> Value:
    """(*A, *B) -> (*A, 1, *B)"""
    return layout.inserted(input, call.axis(dim, len(input) + 1, "the result"))


@op("atleast_1d atleast_2d atleast_3d", layout="view")
def atleast(call: Call, *tensors: Any) -> Any:
    """(*S) -> (*S), with axes of size 1 where there are too few"""
    if len(tensors) == 1 and not isinstance(tensors[0], Value):
        tensors = tuple(tensors[0])
        return [raised(x, int(call.op[-2])) for x in tensors]
    found = [raised(x, int(call.op[-2])) for x in tensors]
    return found[0] if len(found) == 1 else found


def raised(x: Value, least: int) -> Value:
    """The view with axes of size 1 where there are fewer than ``least``, up to 3."""
    if least == 3 and len(x) == 2:
        return layout.inserted(x, 2)
    if least == 3 and len(x) == 1:
        return layout.inserted(layout.inserted(x, 0), 2)
    while len(x) < least:
        x = layout.inserted(x, 0)
    return x


# -- repeated entries --------------------------------------------------------------------------


@op("Tensor.expand broadcast_to", layout="view")
def expand(call: Call, input: Value, *sizes: Any, size: Any = None, implicit: Any = False) -> Value:
    """(*S) -> (*sizes), axes of size 1 and new leading ones repeated"""
    wanted = signed(call, listed(call, sizes, size))
    new = len(wanted) - len(input)
    if new < 0:
        call.fail("expand must be given at least as many sizes as there are axes", kind="expand")
    if -1 in wanted[:new]:
        call.fail("-1 keeps a size, and a new leading axis has none", kind="expand")
    natural(call, wanted[:new])
    result = list(wanted)
    for i, old in enumerate(input):
        result[new + i] = old if wanted[new + i] == -1 else wanted[new + i]
        grown(call, old, result[new + i], i - len(input))
    return layout.expanded(input, tuple(result))


def grown(call: Call, old: Size, new: Size, axis: int) -> None:
    """Demands that an axis can be repeated to a size: it has that size, or 1."""
    if old != new and old != 1:
        options = [constraint.equal(old, new)]
        options += [constraint.equal(old, 1)] if isinstance(old, Dim) else []
        if isinstance(old, int) and isinstance(new, int):
            options = [constraint.never()]
        because = "an axis can only be expanded from size 1"
        call.require(constraint.any_of(options), because, kind="expand", of="input", axis=axis)
    elif old == 1 and old != new:
        natural(call, (new,))


@op("Tensor.expand_as", layout="view")
def expand_as(call: Call, input: Value, other: Value) -> Value:
    """(*S), (*R) -> (*R), axes of size 1 and new leading ones repeated"""
    return expand(call, input, tuple(other))


@op("broadcast_tensors", layout="view")
def broadcast_tensors(call: Call, *tensors: Any) -> list[Any]:
    """(*A), (*B), .. -> (*broadcast(A, B, ..)), .."""
    given = tensors[0] if len(tensors) == 1 and not isinstance(tensors[0], Value) else tensors
    shape = call.broadcast(*given) if given else ()
    return [layout.expanded(x, shape) for x in given]


@op("Tensor.repeat")
def repeat(call: Call, input: Value, *sizes: Any, repeats: Any = None) -> Shape:
    """(n_0, n_1, ..), repeats -> (.., r_0*n_0, r_1*n_1, ..)"""
    times = listed(call, sizes, repeats)
    if len(times) < len(input):
        call.fail("repeat must be given a number for every axis", kind="expand", of="input")
    return _repeated(call, input, times)


@op("tile")
def tile(call: Call, input: Value, *sizes: Any, dims: Any = None) -> Shape:
    """(n_0, n_1, ..), dims -> (.., d_0*n_0, d_1*n_1, ..)"""
    times = listed(call, sizes, dims)
    return _repeated(call, input, (1,) * (len(input) - len(times)) + times)


def _repeated(call: Call, x: Shape, times: Shape) -> Shape:
    padded = (1,) * (len(times) - len(x)) + tuple(x)
    counted = tuple(n for n, d in zip(times, padded, strict=True) if d != 0)
    natural(call, counted, "a number of repeats must be at least 0")
    return tuple(n * d for n, d in zip(times, padded, strict=True))


@op("repeat_interleave")
def repeat_interleave(
    call: Call, input: Value, repeats: Any = None, dim: Any = None, *, output_size: Any = None
) -> Any:
    """(*A, n, *B), repeats -> (*A, n*repeats, *B)"""
    if repeats is None:
        call.rank(input, 1, of="repeats")
        return (_times(call, input, input[0], output_size),)
    x = input if dim is not None else (product(input),)
    axis = own_axis(call, 0 if dim is None else dim, x)
    count = _times(call, repeats, x[axis], output_size)
    return (*x[:axis], count, *x[axis + 1 :])


def _times(call: Call, repeats: Any, size: Size, output_size: Any) -> Size:
    """The number of entries after repeating each of ``size`` entries."""
    found: Size | None = None
    if not isinstance(repeats, Value):
        natural(call, (repeats,), "a number of repeats must be at least 0")
        found = size * repeats
    else:
        call.rank(repeats, 0, 1, of="repeats")
        if repeats.dtype not in ("int32", "int64"):
            call.wrong("the numbers of repeats must be int32 or int64", kind="dtype", of="repeats")
        if len(repeats):
            grown_repeats(call, repeats[0], size)
        if output_size is not None and vanishes(call, (size,)):
            return 0
        if isinstance(repeats.known, list) and all(isinstance(n, int) for n in repeats.known):
            found = size * repeats.known[0] if len(repeats.known) == 1 else total(repeats.known)
    if found is None:
        return call.fresh("repeated entries") if output_size is None else output_size
    if output_size is not None:
        because = "output_size must be the sum of the repeats"
        call.equal(output_size, found, because, kind="argument")
    return found


def grown_repeats(call: Call, given: Size, size: Size) -> None:
    """Demands one number of repeats for each entry, or one for all."""
    if given != size and given != 1:
        options = [constraint.equal(given, n) for n in (size, 1)]
        because = "there must be one number of repeats for each entry"
        call.require(_open(options), because, kind="argument", of="repeats")


def _open(options: list[Constraint]) -> Constraint:
    kept = [o for o in options if isinstance(o.left, Dim) or isinstance(o.right, Dim)]
    return constraint.any_of(kept)


# -- windows -----------------------------------------------------------------------------------


@op("Tensor.unfold", layout="view")
def unfold(call: Call, input: Value, dimension: Any, size: Size, step: Size) -> Value:
    """(*A, n, *B) -> (*A, (n - size)//step + 1, *B, size)"""
    axis = call.axis(dimension, len(input))
    n = input[axis] if len(input) else 1
    strides: list[Size] = list(layout.strides_of(input)) or [1]
    natural(call, (size,))
    call.at_least(step, 1, "the step of a window must be at least 1", kind="window")
    call.at_least(n, size, "a window cannot be larger than its axis", kind="window", of="input")
    if step == 0:
        step = 1
    places = (n - size) // step + 1
    if not len(input):
        return layout.view(input, (size,), (1,))
    within = strides[axis]
    strides[axis] = within * step
    return layout.view(
        input, (*input[:axis], places, *input[axis + 1 :], size), (*strides, within)
    )


@op("as_strided", layout="view")
def as_strided(
    call: Call, input: Value, size: Any, stride: Any, storage_offset: Any = None
) -> Value:
    """(*S) -> (*size), entries at the given strides of the memory"""
    sizes, strides = listed(call, (size,)), listed(call, (stride,))
    if len(sizes) != len(strides):
        call.fail("as_strided needs one stride for each size", kind="argument")
    natural(call, sizes)
    natural(call, strides, "a stride must be at least 0")
    if (input.strides is None or call.memory is not None) and 0 not in sizes:
        room, begin = call.memory or (product(input), 0)
        steps = [(d - 1) * s for d, s in zip(sizes, strides, strict=True)]
        reach = total(steps) + 1 + (begin if storage_offset is None else storage_offset)
        fits = [constraint.equal(d, 0) for d in sizes if not positive(call, d)]
        call.require(constraint.any_of([constraint.at_least(room, reach), *fits]),
                     "the entries must lie inside the memory of the input", kind="window",
                     of="input")
    return layout.view(input, sizes, strides)
