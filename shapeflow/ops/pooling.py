"""Pooling: a window slides over the last axes, and what it sees becomes one entry."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from functools import lru_cache
from typing import Any

from ..core import dims
from ..core.dims import Dim, Size
from ..core.shape import Shape
from .call import Call
from .common import accepts, at_least_float, channels_last, empty, exactly, pixels, pixels_in_line
from .conv import WINDOW, positive, slid
from .dtypes import FLOAT_OF, category
from .registry import op
from .value import Computed, Value

SIGNS = "plus minus times over modulo point comma open close".split()
SPELLED = {ord(" "): "_"} | {ord(c): f"_{w}_" for c, w in zip("+-*/%.,()", SIGNS, strict=True)}
DIMENSIONS = ("1d", "2d", "3d")


def axes_of(call: Call) -> int:
    """The number of axes that the window has, from the name: 2 for ``max_pool2d``."""
    return next(n for n, words in enumerate(DIMENSIONS, 1) if words in call.op)


def spatial(call: Call, x: Value, n: int, first: int | None = None) -> None:
    """Demands (N, C, *S) or (C, *S) with n axes in S, those from ``first`` on not empty."""
    space = ("L", "H, W", "D, H, W")[n - 1]
    words = f"the input must be (N, C, {space}) or (C, {space})"
    call.rank(x, n + 1, n + 2, of="input", because=words)
    for i in range(-n - 1 if first is None else first, 0):
        call.at_least(x[i], 1, "only the batch may be empty", kind="values", of="input", axis=i)


def behind(x: Value) -> int:
    """The axis behind the first, counted from the end."""
    return 1 - len(x)


def _rounded_up(size: Size, kernel: Size, stride: Size, padding: Size, dilation: Size) -> Size:
    """The number of places where the last window may hang over, but must start inside."""
    reach = dilation * (kernel - 1) + 1
    if stride == 0:
        return 1
    hanging = dims.floordiv(size + 2 * padding - reach + stride - 1, stride) + 1
    inside = dims.floordiv(size + padding - 1, stride) + 1
    gap = padding - reach + stride
    if isinstance(gap, int):
        return hanging if gap <= 0 else inside
    return dims.minimum(hanging, inside)


def pooled(call: Call, x: Value, kernel: Any, stride: Any, padding: Any, dilation: Any,
           ceil_mode: bool, dtype: str = "") -> Value:
    """The result of a window that slides over the last axes; a dtype means an average."""
    n = axes_of(call)
    spatial(call, x, n)
    kernels, steps, pads, gaps = _window(call, n, kernel, stride, padding, dilation)
    space: list[Size] = []
    for i in range(n):
        reach = gaps[i] * (kernels[i] - 1) + 1
        count = _rounded_up if ceil_mode else slid
        size = count(x[i - n], kernels[i], steps[i], pads[i], gaps[i])
        held, least = (size, 1) if ceil_mode else (x[i - n] + 2 * pads[i], reach)
        call.at_least(held, least, WINDOW, kind="window", of="input", axis=i - n)
        if n == 3 and dtype:
            call.at_least(x[i - n], kernels[i], "the input without padding must hold the window",
                          kind="window", of="input", axis=i - n)
        space.append(size)
    if n == 3 and not dtype and len(x) == 4 and channels_last(x):
        call.wrong("an input (C, D, H, W) cannot have its channels innermost", kind="layout",
                   of="input")
    shape = (*x[:-n], *space)
    kept = n < 3 or not dtype
    return _laid(call, x, shape, dtype or x.dtype) if kept else call.tensor(shape, dtype)


def _laid(call: Call, x: Value, shape: Shape, dtype: str) -> Value:
    """A result that keeps channels innermost in a batch; (N, C, L) counts as (N, C, 1, L)."""
    n = axes_of(call)
    if len(x) != n + 2:
        return call.tensor(shape, dtype)
    if n > 1:
        return pixels(call, shape, dtype, x)
    return pixels_in_line(call, shape, dtype, x)


def _window(
    call: Call, n: int, kernel: Any, stride: Any, padding: Any, dilation: Any
) -> tuple[tuple[Any, ...], ...]:
    """Kernel sizes, strides, paddings and dilations, one for each axis."""
    kernels = call.each(kernel, n, "kernel_size")
    steps = kernels if stride is None or stride in ((), []) else call.each(stride, n, "stride")
    pads, gaps = call.each(padding, n, "padding"), call.each(dilation, n, "dilation")
    for values, what in ((kernels, "kernel_size"), (steps, "stride"), (gaps, "dilation")):
        positive(call, values, what)
    positive(call, pads, "padding", 0)
    for size, pad in zip(kernels, pads, strict=True):
        call.at_least(size, 2 * pad, "padding may be at most half of kernel_size", kind="window",
                      of="padding")
    return kernels, steps, pads, gaps


@op("max_pool1d max_pool2d max_pool3d")
def max_pool(call: Call, input: Value, kernel_size: Any, stride: Any = None, padding: Any = 0,
             dilation: Any = 1, ceil_mode: bool = False, return_indices: bool = False) -> Any:
    """(N, C, *S) -> (N, C, *((S + 2*padding - dilation*(K - 1) - 1)//stride + 1))"""
    whole = return_indices or not call.op.endswith("1d")
    accepts(call, input.dtype, "if" if whole else "f", "input")
    result = pooled(call, input, kernel_size, stride, padding, dilation, ceil_mode)
    if return_indices:
        return [result, call.tensor(result, "int64", result.strides)]
    return result if whole else call.tensor(result, result.dtype)


@op("max_pool1d_with_indices max_pool2d_with_indices max_pool3d_with_indices")
def max_pool_with_indices(call: Call, input: Value, kernel_size: Any, stride: Any = None,
                          padding: Any = 0, dilation: Any = 1, ceil_mode: bool = False,
                          return_indices: bool = True) -> Any:
    """(N, C, *S) -> (N, C, *((S + 2*padding - dilation*(K - 1) - 1)//stride + 1)), twice"""
    return max_pool(call, input, kernel_size, stride, padding, dilation, ceil_mode, True)


@op("avg_pool1d avg_pool2d avg_pool3d")
def avg_pool(call: Call, input: Value, kernel_size: Any, stride: Any = None, padding: Any = 0,
             ceil_mode: bool = False, count_include_pad: bool = True,
             divisor_override: int | None = None) -> Value:
    """(N, C, *S) -> (N, C, *((S + 2*padding - K)//stride + 1))"""
    accepts(call, input.dtype, "if" if input.dtype == "int64" else "f", "input")
    if divisor_override == 0:
        call.wrong("the divisor cannot be zero", kind="argument", of="divisor_override")
    return pooled(call, input, kernel_size, stride, padding, 1, ceil_mode, input.dtype)


@op("lp_pool1d lp_pool2d lp_pool3d")
def lp_pool(call: Call, input: Value, norm_type: float, kernel_size: Any, stride: Any = None,
            ceil_mode: bool = False) -> Value:
    """(N, C, *S) -> (N, C, *((S - K)//stride + 1))"""
    kernel = exactly(call, kernel_size, axes_of(call), "kernel_size")
    if abs(norm_type) == float("inf"):
        accepts(call, input.dtype, "ifc" if axes_of(call) == 2 else "fc", "input")
        found = pooled(call, input, kernel, stride, 0, 1, ceil_mode)
        return call.tensor(found, FLOAT_OF.get(found.dtype, found.dtype), found.strides)
    if norm_type == 0:
        call.wrong("norm_type must not be 0", kind="argument", of="norm_type")
    whole = isinstance(norm_type, float) or input.dtype in ("bool", "int64")
    accepts(call, input.dtype, "bif" if whole else "f", "input")
    if isinstance(norm_type, int) and norm_type < 0 and category(input.dtype) < 2:
        call.wrong("integers have no negative powers", kind="argument", of="norm_type")
    dtype = at_least_float(input.dtype, call)
    return pooled(call, input, kernel, stride, 0, 1, ceil_mode, dtype)


# -- a number of places instead of a window --------------------------------------------------------


def _placed(call: Call, x: Value, output_size: Any) -> Value:
    n = axes_of(call)
    if isinstance(output_size, list | tuple) and len(x) <= len(output_size):
        call.fail("the input needs an axis of channels before those that are pooled", kind="rank",
                  of="input")
    spatial(call, x, n, -n if "avg" in call.op and n < 3 else behind(x))
    wanted = exactly(call, output_size, n, "output_size")
    space = tuple(given if size is None else size for size,
                  given in zip(wanted, x[-n:], strict=True))
    for size in space:
        call.at_least(size, 0, "a size cannot be negative", kind="argument", of="output_size")
    shape = (*x[:-n], *space)
    return call.tensor(shape, x.dtype) if n == 3 else _laid(call, x, shape, x.dtype)


def averaged(call: Call, x: Value, n: int, mean: bool, sizes: Sequence[Any]) -> None:
    """Demands a dtype that is averaged to so many places along n axes, or as a whole: the mean."""
    if mean or n == 3 or not (empty(x) or empty(sizes)):
        accepts(call, x.dtype, "fc" if mean else "f", "input")


@op("adaptive_avg_pool1d adaptive_avg_pool2d adaptive_avg_pool3d")
def adaptive_avg_pool(call: Call, input: Value, output_size: Any) -> Value:
    """(N, C, *S) -> (N, C, *output_size)"""
    n = axes_of(call)
    listed = isinstance(output_size, list | tuple)
    mean = output_size in (1, (1,) * n, [1] * n)
    averaged(call, input, n, mean, output_size if listed else (output_size,))
    if n == 1 and mean:
        call.rank(input, 2, 3, of="input", because="the input must be (N, C, L) or (C, L)")
    if mean and len(input) >= n + listed:
        # the mean, of any rank
        return pixels(call, (*input[:-n], *(1,) * n), input.dtype, input)
    return _placed(call, input, output_size)


@op("F.adaptive_max_pool1d F.adaptive_max_pool2d F.adaptive_max_pool3d")
def adaptive_max_pool(
    call: Call, input: Value, output_size: Any, return_indices: bool = False
) -> Any:
    """(N, C, *S) -> (N, C, *output_size)"""
    accepts(call, input.dtype, "f", "input")
    result = _placed(call, input, output_size)
    return [result, call.tensor(result, "int64", result.strides)] if return_indices else result


@op("""adaptive_max_pool1d_with_indices adaptive_max_pool2d_with_indices
    adaptive_max_pool3d_with_indices torch.adaptive_max_pool1d""")
def adaptive_max_pool_with_indices(
    call: Call, input: Value, output_size: Any, return_indices: bool = True
) -> Any:
    """(N, C, *S) -> (N, C, *output_size), (N, C, *output_size)"""
    return adaptive_max_pool(call, input, output_size, True)


@lru_cache(maxsize=256)
def fraction(factor: float) -> tuple[Fraction, int | None]:
    """The p/q next to a factor, and how much less than ``n * p // q`` ``int(n * factor)`` may be.

    None where that is not known; whole multiples are what rounding makes one less.
    """
    found = Fraction(factor).limit_denominator(1 << 16)
    p, q = found.numerator, found.denominator
    gaps = {n * p // q - int(n * factor) for n in range(1 << 12)}
    return found, max(gaps) if gaps <= {0, 1} else None


def scaled(call: Call, size: Size, factor: Any, words: str) -> Size:
    """``int(size * factor)`` in floating arithmetic."""
    if isinstance(factor, Computed):
        return _scaled(call, size, factor, words)
    if isinstance(size, int) and not isinstance(factor, Dim):
        return int(size * factor)
    if isinstance(factor, int | Dim):
        return size * factor
    found, gap = fraction(float(factor))
    exact = dims.floordiv(size * found.numerator, found.denominator)
    if gap is None:
        return call.fresh(words)
    if gap == 0:
        return exact
    least = dims.floordiv(size * found.numerator - 1, found.denominator)
    name = f"{words} {size} times {factor}".translate(SPELLED)
    return call.data_size(name, least, exact)


def _scaled(call: Call, size: Size, factor: Computed, words: str) -> Size:
    """The same for a factor that is computed from sizes: a fraction rounds whole multiples down."""
    if factor.ratio is None:
        return int(call.number(size, words) * factor.number())
    over, under = factor.ratio
    exact = dims.floordiv(size * over, under)
    if isinstance(under, int) and under & (under - 1) == 0:
        return exact
    name = f"{words} {size} times {over} over {under}".translate(SPELLED)
    return call.data_size(name, dims.floordiv(size * over - 1, under), exact)


@op("fractional_max_pool2d fractional_max_pool3d")
def fractional_max_pool(
    call: Call, input: Value, kernel_size: Any, output_size: Any = None, output_ratio: Any = None,
    return_indices: bool = False, _random_samples: Any = None,
) -> Any:
    """(N, C, *S) -> (N, C, *output_size)"""
    n = axes_of(call)
    spatial(call, input, n, behind(input))
    if output_size is None and output_ratio is None:
        call.fail("an output_size or an output_ratio must be given", kind="argument",
                  of="output_size")
    if output_size is None:
        ratios = exactly(call, output_ratio, n, "output_ratio")
        output_size = [scaled(call, input[i - n], ratios[i], "pooled size") for i in range(n)]
    space = call.each(output_size, n, "output_size")
    kernel = exactly(call, kernel_size, n, "kernel_size")
    for i, size in enumerate(space):
        call.at_least(size, 0, "a pooled size cannot be negative", kind="argument",
                      of="output_size")
        call.at_least(input[i - n], size + kernel[i] - 3 + n, "windows at random places must fit",
                      kind="window", of="input", axis=i - n)
    if _random_samples is not None:
        _places(call, input, _random_samples, n)
    result = call.tensor((*input[:-n], *space), input.dtype)
    accepts(call, input.dtype, "fc" if empty(result) else "f", "input")
    return [result, call.tensor(result, "int64")] if return_indices else result


def _places(call: Call, input: Value, samples: Value, n: int) -> None:
    """Demands places of windows: n of them for each channel of each sample."""
    of = "_random_samples"
    call.rank(samples, 3, of=of)
    batch = input[0] if len(input) > n + 1 else 1
    call.at_least(samples[0], batch, "each sample needs places of windows", kind="batch", of=of,
                  axis=0)  # fmt: skip
    call.equal(samples[1], input[-n - 1], "each channel needs places of windows", kind="features",
               of=of, axis=1)  # fmt: skip
    call.equal(samples[2], n, "a place must be given for each axis of space", of=of, axis=2)
    if samples.dtype != input.dtype:
        call.wrong("the places must have the dtype of the input", kind="dtype", of=of)


@op("fractional_max_pool2d_with_indices fractional_max_pool3d_with_indices")
def fractional_max_pool_with_indices(call: Call, *args: Any, **kwargs: Any) -> Any:
    """(N, C, *S) -> (N, C, *output_size), (N, C, *output_size)"""
    return fractional_max_pool(call, *args, **{**kwargs, "return_indices": True})


# -- back to the places of the maxima --------------------------------------------------------------


@op("max_unpool1d max_unpool2d max_unpool3d")
def max_unpool(call: Call, input: Value, indices: Value, kernel_size: Any, stride: Any = None,
               padding: Any = 0, output_size: Any = None) -> Value:
    """(N, C, *S) -> (N, C, *((S - 1)*stride - 2*padding + K))"""
    n = axes_of(call)
    spatial(call, input, n, behind(input))
    kernel = exactly(call, kernel_size, n, "kernel_size")
    pads = exactly(call, padding, n, "padding")
    steps = kernel if stride is None else exactly(call, stride, n, "stride")
    if n == 3:
        positive(call, steps, "stride")
    usual = [(input[i - n] - 1) * steps[i] + kernel[i] - 2 * pads[i] for i in range(n)]
    if tuple(indices) != tuple(input):
        words = "indices must have the shape of the input"
        call.rank(indices, len(input), of="indices", because=words)
        for i, size in enumerate(indices):
            call.equal(size, input[i], words, of="indices", axis=i)
    if indices.dtype != "int64":
        call.wrong("indices must be of dtype int64", kind="dtype", of="indices")
    space = usual if output_size is None else _near(call, n, usual, steps, tuple(output_size))
    for size in space:
        call.at_least(size, 0, "a size cannot be negative", kind="window", of="output_size")
    if not empty(input) and not empty(space):
        accepts(call, input.dtype, "f", "input")
    kept = (input,) if n == 2 else ()
    return pixels(call, (*input[:-n], *space), input.dtype, *kept)


def _near(
    call: Call, n: int, usual: Sequence[Size], steps: Sequence[Size], wanted: tuple[Size, ...]
) -> Sequence[Size]:
    """The sizes that are wanted, within one stride of the usual ones."""
    space = wanted[2:] if len(wanted) == n + 2 else wanted
    call.rank(space, n, of="output_size", because="output_size needs one size for each axis")
    for size, least, step in zip(space, usual, steps, strict=True):
        words = "output_size must be within one stride of the usual size"
        call.at_least(size, least - step + 1, words, kind="window", of="output_size")
        call.at_least(least + step - 1, size, words, kind="window", of="output_size")
    return space
