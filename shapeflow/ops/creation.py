"""Tensors made from sizes: zeros, random numbers, ranges, grids of indices."""

from __future__ import annotations

from fractions import Fraction
from math import ceil
from typing import Any

from ..core import constraint, dims
from ..core.dims import Dim, Size
from . import layout
from .bounds import larger
from .call import Call
from .casts import TYPES, cast
from .common import accepts, can_hold, empty, is_operand, listed, title
from .counts import natural
from .data import shape_of
from .dtypes import FLOATS, INTEGERS, category, of_number, result_type
from .ranges import number_in
from .registry import op
from .value import Computed, Value

DRAWN = ("rand", "randn", "rand_like", "randn_like")
LONGEST_KNOWN = 1000


def sized(call: Call, sizes: tuple[Any, ...], named: Any, dtype: str | None, options: Any) -> Value:
    """A new tensor of the sizes, given one by one or as one list."""
    shape = listed(call, sizes, named)
    natural(call, shape)
    dtype = dtype or call.default_dtype
    if title(call) in DRAWN and category(dtype) < 2:
        call.wrong("random numbers of a distribution are floats", kind="dtype")
    memory_format = options.get("memory_format")
    wanted = layout.formatted(shape, memory_format)
    if wanted is None and "channels_last" in str(memory_format):
        call.fail("this memory format needs another number of axes", kind="rank")
    return call.tensor(shape, dtype, None if wanted is None else layout.tidy(shape, wanted))


@op("torch.zeros torch.ones torch.empty torch.rand torch.randn")
def zeros(
    call: Call, *sizes: Any, size: Any = None, dtype: Any = None, **options: Any
) -> Value:
    """sizes -> (*sizes)"""
    return sized(call, sizes, size, dtype, options)


@op("torch.full")
def full(call: Call, size: Any, fill_value: Any, *, dtype: Any = None, **options: Any) -> Value:
    """sizes, value -> (*sizes)"""
    if not isinstance(size, list | tuple):
        call.fail("the sizes must be a list", kind="argument")
    if isinstance(fill_value, Value) and len(fill_value):
        call.fail("the value must be a number", kind="argument", of="fill_value")
    own = dtype or _dtype(call, fill_value)
    can_hold(call, own, fill_value, "fill_value")
    return sized(call, (size,), None, own, options)


def _dtype(call: Call, number: Any) -> str:
    return number.dtype if isinstance(number, Value) else of_number(number, call.default_dtype)


@op("torch.empty_strided Tensor.new_empty_strided", layout="view")
def empty_strided(
    call: Call, *args: Any, size: Any = None, stride: Any = None, dtype: Any = None, **options: Any
) -> Value:
    """sizes, strides -> (*sizes)"""
    own = args[0] if args and isinstance(args[0], Value) else None
    given = [*args[own is not None :], *(x for x in (size, stride) if x is not None)]
    shape, steps = (listed(call, (x,)) for x in given)
    natural(call, shape)
    if len(shape) != len(steps):
        call.fail("there must be one stride for each size", kind="argument")
    for size, step in zip(shape, steps, strict=True) if 0 not in shape else ():
        if size != 1:
            call.at_least(step, 0, "a stride must be at least 0", kind="argument")
    wanted = dtype or (own.dtype if own is not None else call.default_dtype)
    return layout.view(call.tensor(shape, wanted), shape, steps)


@op("torch.empty_permuted", layout="view")
def empty_permuted(
    call: Call, size: Any, physical_layout: Any, *, dtype: Any = None, **options: Any
) -> Value:
    """sizes -> (*sizes), its axes from slowest to fastest as given"""
    shape, axes = listed(call, (size,)), tuple(physical_layout)
    natural(call, shape)
    if sorted(axes) != list(range(len(shape))):
        call.fail("each axis must be named once, counted from 0", kind="axis")
    return call.tensor(shape, dtype or call.default_dtype, layout.dense(shape, axes))


@op("Tensor.new_zeros Tensor.new_ones Tensor.new_empty")
def new_zeros(
    call: Call, input: Value, *sizes: Any, size: Any = None, dtype: Any = None, **options: Any
) -> Value:
    """(*S), sizes -> (*sizes)"""
    return sized(call, sizes, size, dtype or input.dtype, options)


@op("Tensor.new_full")
def new_full(
    call: Call, input: Value, size: Any, fill_value: Any, *, dtype: Any = None, **options: Any
) -> Value:
    """(*S), sizes -> (*sizes)"""
    can_hold(call, dtype or input.dtype, fill_value, "fill_value")
    return sized(call, (size,), None, dtype or input.dtype, options)


@op("Tensor.new torch.Tensor " + " ".join(f"torch.{name}Tensor" for name in TYPES))
def legacy(call: Call, *args: Any, **options: Any) -> Value:
    """sizes, or nested numbers -> a tensor of the dtype that the name says"""
    dtype = TYPES.get(title(call).removesuffix("Tensor"), call.default_dtype)
    if title(call) == "new":
        dtype, args = args[0].dtype, args[1:]
    if len(args) == 1 and isinstance(args[0], Value):
        return call.tensor(args[0], dtype)
    if len(args) == 1 and type(args[0]) in (list, tuple):  # a torch.Size is sizes, a tuple is not
        return call.tensor(shape_of(call, args[0]), dtype)
    return sized(call, args or ((0,),), None, dtype, options)


@op("zeros_like ones_like empty_like rand_like randn_like", layout="view")
def zeros_like(
    call: Call, input: Value, *, dtype: Any = None, memory_format: Any = None, **options: Any
) -> Value:
    """(*S) -> (*S)"""
    wanted = dtype or input.dtype
    if title(call) in DRAWN and category(wanted) < 2:
        call.wrong("random numbers of a distribution are floats", kind="dtype")
    return cast(call, input, wanted, memory_format, copy=True)


@op("full_like", layout="view")
def full_like(
    call: Call, input: Value, fill_value: Any, *, dtype: Any = None, memory_format: Any = None,
    **options: Any,
) -> Value:  # fmt: skip
    """(*S), value -> (*S)"""
    can_hold(call, dtype or input.dtype, fill_value, "fill_value")
    return cast(call, input, dtype or input.dtype, memory_format, copy=True)


# -- random numbers ----------------------------------------------------------------------------


@op("torch.randint")
def randint(
    call: Call, *args: Any, low: Any = 0, high: Any = None, size: Any = None, dtype: Any = None,
    **options: Any,
) -> Value:  # fmt: skip
    """low, high, sizes -> (*sizes)"""
    if args and isinstance(args[-1], list | tuple) and not isinstance(args[-1], Value):
        *args, size = args  # type: ignore[assignment]
    bounds = [*args, *(x for x in (high,) if x is not None)]
    if len(bounds) > 1:
        low, high = bounds
    else:
        high = bounds[0] if bounds else high
    _drawn_between(call, low, high)
    accepts(call, dtype or "int64", "bif")
    if dtype == "bool":
        _bools(call, high)
    return sized(call, (), size, dtype or "int64", options)


def _bools(call: Call, high: Any) -> None:
    """Demands a bound of what bools can be."""
    call.at_least(2, high, "high may be 2 at most for bools", kind="argument", of="high")


@op("randint_like", layout="view")
def randint_like(
    call: Call, input: Value, *bounds: Any, low: Any = 0, high: Any = None, dtype: Any = None,
    memory_format: Any = None, **options: Any,
) -> Value:  # fmt: skip
    """(*S), low, high -> (*S)"""
    low, high = bounds if len(bounds) == 2 else (low, bounds[0] if bounds else high)
    _drawn_between(call, low, high)
    accepts(call, dtype or input.dtype, "bif", "input")
    if (dtype or input.dtype) == "bool":
        _bools(call, high)
    return cast(call, input, dtype or input.dtype, memory_format, copy=True)


def _drawn_between(call: Call, low: Any, high: Any) -> None:
    if isinstance(low, int | Dim) and isinstance(high, int | Dim):
        call.at_least(high, low + 1, "high must be larger than low", kind="argument", of="high")


@op("torch.randperm")
def randperm(call: Call, n: Any, *, dtype: Any = None, **options: Any) -> Value:
    """n -> (n,)"""
    return sized(call, (n,), None, dtype or "int64", options)


@op("torch.normal")
def normal(call: Call, mean: Any = 0.0, std: Any = 1.0, size: Any = None, **options: Any) -> Value:
    """mean, std, sizes -> (*sizes); (*A), (*B) -> (*broadcast(A, B))"""
    tensors = [x for x in (mean, std) if isinstance(x, Value)]
    if not tensors:
        if size is None:
            call.fail("numbers need the sizes of the result", kind="argument")
        return sized(call, (), size, options.get("dtype"), options)
    if category(tensors[0].dtype) < 2 and (len(tensors) > 1 or not empty(tensors[0])):
        call.wrong("random numbers of a distribution are floats", kind="dtype")
    if isinstance(std, Value):
        accepts(call, std.dtype, "bif", "std")
    if not isinstance(std, Value) and std < 0:
        call.fail("the standard deviation must be at least 0", kind="argument", of="std")
    shape = call.broadcast(*tensors)
    return call.tensor(shape, tensors[0].dtype)


@op("multinomial")
def multinomial(
    call: Call, input: Value, num_samples: Any, replacement: Any = False, *, generator: Any = None
) -> Value:
    """(*B, n) -> (*B, num_samples)"""
    call.rank(input, 1, 2, of="input")
    if category(input.dtype) != 2:
        call.wrong("the weights must be floats", kind="dtype", of="input")
    call.at_least(num_samples, 1, "at least one sample must be drawn", kind="argument")
    if not empty(input[:-1]):
        call.at_least(input[-1], 1, "there must be at least one weight", of="input", axis=-1)
    if not replacement:
        because = "without replacement there cannot be more samples than weights"
        call.at_least(input[-1], num_samples, because, of="input", axis=-1)
    return call.tensor((*input[:-1], num_samples), "int64")


# -- ranges ------------------------------------------------------------------------------------


@op("torch.arange")
def arange(
    call: Call, *args: Any, start: Any = 0, end: Any = None, step: Any = 1, dtype: Any = None,
    **options: Any,
) -> Value:  # fmt: skip
    """start, end, step -> (ceil((end - start)/step),)"""
    given = list(args)
    if len(given) == 1 and end is None:
        end = given[0]
    else:
        start, end, step = [*given, *[start, end, step][len(given) :]]
    given = [_number(call, x) for x in (start, end, step)]
    floats = any(category(of_number(x)) == 2 for x in given)
    if dtype == "int64":  # counted in integers, where the shorter ones are in floats
        given = [*map(_whole, given)]
    length = _steps(call, *given)
    if dtype is not None and category(dtype) in (0, 3):
        call.wrong("a range cannot be bool or complex", kind="dtype")
    dtype = dtype or (call.default_dtype if floats else "int64")
    known = None
    if all(isinstance(x, int) for x in given) and isinstance(length, int) and dtype == "int64":
        known = list(range(*given)) if length <= LONGEST_KNOWN else None
    return call.tensor((length,), dtype, known=known)


def _number(call: Call, x: Any) -> Any:
    x = number_in(x)
    if isinstance(x, Value):
        x = x.known if isinstance(x.known, int | float) else call.fresh("a bound of the range")
    return int(x) if isinstance(x, bool) else x


def _whole(x: Any) -> Any:
    """A bound without what stands behind the point."""
    x = x.number() if isinstance(x, Computed) else x
    return int(x) if isinstance(x, float) else x


def _steps(call: Call, start: Any, end: Any, step: Any, *, closed: bool = False) -> Size:
    """How many steps a range takes, with its end where it is closed."""
    if step == 0:
        call.fail("the step of a range must not be 0", kind="argument", of="step")
    because = "the end of a range must lie in the direction of its step"
    if not any(isinstance(x, Dim | Computed) for x in (start, end, step)):
        if (end - start) * step < 0:
            call.fail(because, kind="argument", of="end")
        if closed:
            return int((end - start) / step + 1)
        exact = all(isinstance(x, int) for x in (start, end, step))
        return -int((start - end) // step) if exact else ceil((end - start) / step)
    parts = [_fraction(x) for x in (start, end, step)]
    scale = max((under for _, under in parts if isinstance(under, int)), default=0)
    if not 0 < scale <= 1024 or any(not isinstance(q, int) or scale % q for _, q in parts):
        numbers = [_as_number(call, x) for x in (start, end, step)]
        return _steps(call, *numbers, closed=closed)
    first, last, by = (over * (scale // q) for over, q in parts)
    if (isinstance(by, int) and by < 0) or (isinstance(by, Dim) and _falls(call, by)):
        first, last, by = -first, -last, -by
    call.at_least(last, first, because, kind="argument", of="end")
    return dims.floordiv(last - first, by) + 1 if closed else -dims.floordiv(first - last, by)


def _fraction(x: Any) -> tuple[Size, Size]:
    """A bound as a fraction of sizes; nothing over 0 where it is none."""
    if isinstance(x, Dim):
        return x, 1
    if isinstance(x, Computed):
        return x.ratio or (0, 0)
    return Fraction(x).as_integer_ratio()


def _as_number(call: Call, x: Any) -> Any:
    if isinstance(x, Computed):
        return x.number()
    return call.number(x, "a bound of the range") if isinstance(x, Dim) else x


def _falls(call: Call, step: Dim) -> bool:
    return not call.holds(constraint.at_least(step, 1))


@op("torch.range")
def range_(
    call: Call, start: Any, end: Any, step: Any = 1, *, dtype: Any = None, **options: Any
) -> Value:
    """start, end, step -> ((end - start)//step + 1,)"""
    bounds = [_number(call, x) for x in (start, end, step)]
    dtype = dtype or call.default_dtype
    if dtype not in (*INTEGERS, *FLOATS):
        call.fail("a closed range cannot be of this dtype", kind="dtype")
    length = _steps(call, *bounds, closed=True)
    if category(dtype) == 1:  # counted in integers
        whole = [_whole(x) for x in bounds]
        if whole[2] == 0:
            call.fail("the step must not be zero", kind="argument", of="step")
        length = _steps(call, *whole, closed=True)
    return call.tensor((length,), dtype)


@op("torch.linspace torch.logspace")
def linspace(
    call: Call, start: Any, end: Any, steps: Any, base: Any = 10.0, *, dtype: Any = None,
    **options: Any,
) -> Value:  # fmt: skip
    """start, end, steps -> (steps,)"""
    for x in (start, end):
        if isinstance(x, Value) and len(x):
            call.fail("the bounds must be numbers or scalar tensors", kind="rank")
    call.at_least(steps, 0, "the number of steps must be at least 0", kind="argument", of="steps")
    common = result_type([x for x in (start, end) if is_operand(x)], call.default_dtype)
    if dtype is not None and category(dtype) < category(common) == 3:
        call.wrong("complex bounds need a complex dtype", kind="dtype")
    return call.tensor((steps,), dtype or (common if category(common) == 3 else call.default_dtype))


# -- fixed patterns ----------------------------------------------------------------------------


@op("torch.eye")
def eye(call: Call, n: Any, m: Any = None, *, dtype: Any = None, **options: Any) -> Value:
    """n, m -> (n, m)"""
    return sized(call, (n, n if m is None else m), None, dtype, options)


@op("torch.tril_indices torch.triu_indices")
def tril_indices(
    call: Call, row: Any, col: Any, offset: Any = 0, *, dtype: Any = None, **options: Any
) -> Value:
    """rows, columns -> (2, number of places on one side of the diagonal)"""
    natural(call, (row, col))
    offset = call.number(offset, "the offset of the diagonal")
    if dtype is not None and category(dtype) != 1:
        call.wrong("indices must be integers", kind="dtype")
    if row != col:
        row, col = (call.number(d, "the size of a grid of indices") for d in (row, col))
    below = _below(call, row, col, offset - (call.op.endswith("triu_indices")))
    count = row * col - below if call.op.endswith("triu_indices") else below
    return call.tensor((2, count), dtype or "int64")


def _below(call: Call, rows: Size, columns: Size, offset: int) -> Size:
    """The number of places on and below a diagonal; symbolic only for squares."""
    if isinstance(rows, int) and isinstance(columns, int):
        return sum(min(max(i + 1 + offset, 0), columns) for i in range(rows))
    if offset <= 0:
        side = larger(call, rows + offset, 0)
        return dims.floordiv(side * (side + 1), 2)
    side = larger(call, rows - offset - 1, 0)
    return rows * rows - dims.floordiv(side * (side + 1), 2)


@op("torch.hann_window torch.hamming_window torch.blackman_window torch.bartlett_window "
    "torch.kaiser_window")  # fmt: skip
def hann_window(
    call: Call, window_length: Any, periodic: Any = True, *args: Any, dtype: Any = None,
    **options: Any,
) -> Value:  # fmt: skip
    """n -> (n,)"""
    if dtype is not None and category(dtype) != 2:
        call.wrong("a window must be of floats", kind="dtype")
    return sized(call, (window_length,), None, dtype, options)
