"""Convolutions, and the patches they work on."""

from __future__ import annotations

from typing import Any

from ..core import constraint, dims
from ..core.dims import Size
from ..core.shape import Shape, product
from . import counts, layout
from .bounds import smaller
from .call import Call
from .common import accepts, empty, exactly, pixels, pixels_in_line, same_dtype, vanishes
from .dtypes import category, result_type
from .registry import op
from .reshape import seen_as
from .value import Value

CHANNELS = "the input needs at least one channel"
ENTRIES = "the input needs at least one entry"
WINDOW = "the window must fit into the padded input"


def positive(call: Call, values: tuple[Any, ...], what: str, least: int = 1) -> None:
    """Demands that each of the numbers is at least ``least``."""
    for value in values:
        words = "must be positive" if least else "cannot be negative"
        call.at_least(value, least, f"{what} {words}", kind="argument", of=what)


def slid(size: Size, kernel: Size, stride: Size, padding: Size, dilation: Size) -> Size:
    """How many places a window finds along an axis."""
    if stride == 0:  # stated as wrong elsewhere
        return 1
    return dims.floordiv(size + (2 * padding - dilation * (kernel - 1) - 1), stride) + 1


def _space(call: Call, n: int) -> str:
    return ", ".join("LHWDHW"[n * (n - 1) // 2 :][:n])


def _operands(call: Call, n: int, x: Value, weight: Value, bias: Value | None) -> None:
    """Ranks and dtypes; the rule stops where they leave no result."""
    space = _space(call, n)
    words = f"the input must be (N, C, {space}) or (C, {space})"
    call.rank(x, n + 1, n + 2, of="input", because=words)
    call.rank(weight, n + 2, of="weight",
              because=f"the weight must be (channels, channels, {space})")
    for i in range(-n, 0) if x[-n - 1] != 0 else ():
        call.at_least(weight[i], 1, "the kernel needs at least one entry", kind="window",
                      of="weight", axis=i)
    because = "input, weight and bias must have one dtype"
    if nothing(call, x, n) and category(x.dtype) != 3:
        same_dtype(call, x, bias, because=because)
    else:
        same_dtype(call, x, weight, bias, because=because)
        accepts(call, x.dtype, "ifc", "input")


def nothing(call: Call, x: Value, n: int) -> bool:
    """Whether there is no sample, or no channel: nothing is computed, and less is checked."""
    return empty(x[:-n])


def _channels(
    call: Call, x: Value, weight: Value, bias: Value | None, groups: Any, n: int, turned: bool
) -> Size:
    """The channels of the result; demands those of the input, of the groups and of the bias."""
    positive(call, (groups,), "groups")
    given = x[-n - 1]
    if turned:
        call.equal(given, weight[0], "channels of the input must be the first size of the weight",
                   kind="features", of="input", axis=-n - 1)
        call.at_least(weight[1], 1, "there must be an output channel", kind="features",
                      of="weight", axis=1)
        made: Size = weight[1] * groups
    else:
        call.equal(given, weight[1] * groups, "channels of the input must be those of the weight",
                   kind="features", of="input", axis=-n - 1)
        made = weight[0]
    call.divides(groups, weight[0], "groups must divide the channels of the weight",
                 of="weight", axis=0)
    call.at_least(weight[0], groups, "each group needs a channel", kind="features", of="weight",
                  axis=0)
    if bias is not None:
        call.rank(bias, 1, of="bias")
        call.equal(bias[0], made, "the bias needs one entry for each output channel",
                   kind="features", of="bias", axis=0)
    return made


def _result(call: Call, x: Value, weight: Value, made: Size, space: list[Size], n: int) -> Value:
    """The result, with channels innermost where input or weight have them so."""
    if vanishes(call, x[-n - 1 : -n]):
        made, scale = 0, weight
    else:  # of no samples, times the first weight
        scale = Value((), weight.dtype)
    dtype = result_type((x, scale), call.default_dtype)
    return _laid(call, x, weight, (*x[: -n - 1], made, *space), dtype)


def _laid(call: Call, x: Value, weight: Value, shape: Shape, dtype: str) -> Value:
    """A result with channels innermost where PyTorch chooses a kernel that writes them so.

    One sample counts as a batch of one, (N, C, L) as (N, C, 1, L), of which the weight decides.
    """
    n = len(weight) - 2
    single = len(x) < n + 2
    if n == 3 and (single or x[0] == 1 or dtype == "float64"):
        return call.tensor(shape, dtype)
    whole = (1, *shape) if single else shape
    if n == 1:
        result = pixels_in_line(call, whole, dtype, weight)
    else:
        result = pixels(call, whole, dtype, layout.inserted(x, 0) if single else x, weight)
    return layout.selected(result, 0) if single else result


def _steps(
    call: Call, x: Value, stride: Any, dilation: Any, n: int
) -> tuple[tuple[Any, ...], tuple[Any, ...]]:
    """Strides and dilations, one for each axis."""
    steps, gaps = call.each(stride, n, "stride"), call.each(dilation, n, "dilation")
    positive(call, steps, "stride")
    positive(call, gaps, "dilation", 0 if nothing(call, x, n) else 1)
    if nothing(call, x, n):
        return steps, gaps
    if category(x.dtype) == 1 and x.dtype != "int64" and ("transpose" in call.op or any(
            gap != 1 for gap in gaps)):
        call.wrong("of the integers only int64 will do here", kind="dtype", of="input")
    return steps, gaps


def _pads(call: Call, padding: Any, steps: tuple[Any, ...], n: int) -> tuple[Any, ...] | None:
    """The padding of each axis; None where it keeps all sizes."""
    if padding == "same":
        if any(step != 1 for step in steps):
            call.wrong("padding='same' needs a stride of one", kind="argument", of="stride")
        return None
    if isinstance(padding, str) and padding != "valid":
        call.fail("padding must be 'same', 'valid' or numbers", kind="argument", of="padding")
    pads = (0,) * n if padding == "valid" else call.each(padding, n, "padding")
    positive(call, pads, "padding", 0)
    return pads


@op("conv1d conv2d conv3d")
def conv(call: Call, input: Value, weight: Value, bias: Value | None = None, stride: Any = 1,
         padding: Any = 0, dilation: Any = 1, groups: Any = 1) -> Value:
    """(N, C, *S), (D, C//g, *K) -> (N, D, *((S + 2*padding - dilation*(K-1) - 1)//stride + 1))"""
    n = int(call.op[-2])
    _operands(call, n, input, weight, bias)
    made = _channels(call, input, weight, bias, groups, n, False)
    steps, gaps = _steps(call, input, stride, dilation, n)
    pads = _pads(call, padding, steps, n)
    space: list[Size] = []
    for i in range(n):
        size, kernel = input[i - n], weight[i - n]
        if pads is None or (pads[i] != 0 and not nothing(call, input, n)):
            less = () if pads is None else input[:-n]
            options = [constraint.equal(d, 0) for d in less if not counts.positive(call, d)]
            options.append(constraint.at_least(size, 1))
            call.require(constraint.any_of(options), "padding needs at least one entry",
                         kind="window", of="input", axis=i - n)
        if pads is not None:
            call.at_least(size + 2 * pads[i], gaps[i] * (kernel - 1) + 1, WINDOW, kind="window",
                          of="input", axis=i - n)
            size = slid(size, kernel, steps[i], pads[i], gaps[i])
        space.append(size)
    return _result(call, input, weight, made, space, n)


@op("conv_transpose1d conv_transpose2d conv_transpose3d")
def conv_transpose(
    call: Call, input: Value, weight: Value, bias: Value | None = None, stride: Any = 1,
    padding: Any = 0, output_padding: Any = 0, groups: Any = 1, dilation: Any = 1,
) -> Value:
    """(N, C, *S), (C, D//g, *K) -> (N, D, *((S-1)*stride - 2*pad + dilation*(K-1) + extra + 1))"""
    n = int(call.op[-2])
    _operands(call, n, input, weight, bias)
    made = _channels(call, input, weight, bias, groups, n, True)
    steps, gaps = _steps(call, input, stride, dilation, n)
    pads, extra = call.each(padding, n, "padding"), call.each(output_padding, n, "output_padding")
    positive(call, pads, "padding", 0)
    positive(call, extra, "output_padding", 0)
    space: list[Size] = []
    full = not nothing(call, input, n)
    for i in range(n):
        words = "output_padding must be smaller than the stride or the dilation"
        if full:
            call.at_least(dims.maximum(steps[i], gaps[i]), extra[i] + 1, words, kind="window")
        reach = gaps[i] * (weight[i - n] - 1) + 1
        size = (input[i - n] - 1) * steps[i] - 2 * pads[i] + reach + extra[i]
        call.at_least(input[i - n], int(full), ENTRIES, kind="window", of="input", axis=i - n)
        call.at_least(size, int(full), "padding must leave at least one entry of the result",
                      kind="window", of="input", axis=i - n)
        space.append(size)
    return _result(call, input, weight, made, space, n)


@op("conv_tbc")
def conv_tbc(call: Call, input: Value, weight: Value, bias: Value, pad: Size = 0) -> Value:
    """(T, N, C), (K, C, D), (D) -> (T + 2*pad - K + 1, N, D)"""
    call.rank(input, 3, of="input", because="the input must be (T, N, C)")
    call.rank(weight, 3, of="weight", because="the weight must be (K, C, D)")
    call.rank(bias, 1, of="bias")
    call.equal(input[2], weight[1], "channels of the input must be those of the weight",
               kind="features", of="input", axis=-1)
    call.equal(bias[0], weight[2], "the bias needs one entry for each output channel",
               kind="features", of="bias", axis=0)
    size = input[0] + 2 * pad - weight[0] + 1
    call.at_least(size, 0, WINDOW, kind="window", of="input", axis=0)
    read = 0 if weight[0] == 0 else smaller(call, input[0], size)
    if read != 0:
        same_dtype(call, input, weight)
        accepts(call, input.dtype, "ifc", "input")
    part = Value((read, *input[1:]), input.dtype, input.strides)
    seen_as(call, part, (read * input[1], input[2]))
    return call.tensor((size, input[1], weight[2]), input.dtype)


# -- patches ---------------------------------------------------------------------------------------


def _places(call: Call, space: Shape, kernel: Any, dilation: Any, padding: Any,
            stride: Any) -> Size:
    """How many patches there are in a plane."""
    window = [exactly(call, v, 2, w) for v, w in (
        (kernel, "kernel_size"), (stride, "stride"), (padding, "padding"), (dilation, "dilation"))]
    for values, what in zip(window, ("kernel_size", "stride", "padding", "dilation"), strict=True):
        positive(call, values, what, 0 if what == "padding" else 1)
    counts = [slid(space[i], *(values[i] for values in window)) for i in range(2)]
    for i, count in enumerate(counts):
        call.at_least(count, 1, WINDOW, kind="window", of="input", axis=i - 2)
    return product(counts)


@op("F.unfold F.im2col")
def unfold(call: Call, input: Value, kernel_size: Any, dilation: Any = 1, padding: Any = 0,
           stride: Any = 1) -> Value:
    """(N, C, H, W) -> (N, C*kernel_size**2, patches)"""
    call.rank(input, 3, 4, of="input", because="the input must be (N, C, H, W) or (C, H, W)")
    accepts(call, input.dtype, "bfc", "input")
    for axis, because in ((-3, CHANNELS), (-2, ENTRIES), (-1, ENTRIES)):
        call.at_least(input[axis], 1, because, kind="values", of="input", axis=axis)
    kernel = exactly(call, kernel_size, 2, "kernel_size")
    patches = _places(call, tuple(input[-2:]), kernel, dilation, padding, stride)
    return call.tensor((*input[:-3], input[-3] * product(kernel), patches), input.dtype)


@op("F.fold F.col2im")
def fold(call: Call, input: Value, output_size: Any, kernel_size: Any, dilation: Any = 1,
         padding: Any = 0, stride: Any = 1) -> Value:
    """(N, C*kernel_size**2, patches) -> (N, C, *output_size)"""
    call.rank(input, 2, 3, of="input", because="the input must be (N, C, L) or (C, L)")
    accepts(call, input.dtype, "bfc", "input")
    call.at_least(input[-2], 1, CHANNELS, kind="values", of="input", axis=-2)
    kernel = exactly(call, kernel_size, 2, "kernel_size")
    plane = exactly(call, output_size, 2, "output_size")
    patches = _places(call, plane, kernel, dilation, padding, stride)
    area = 1 if 0 in kernel else product(kernel)  # of 0 entries: stated as wrong already
    call.divides(area, input[-2], "channels must be a multiple of the entries of a patch",
                 of="input", axis=-2)
    call.equal(input[-1], patches, "there must be as many patches as fit into the output",
               kind="window", of="input", axis=-1)
    return call.tensor((*input[:-2], dims.floordiv(input[-2], area), *plane), input.dtype)
