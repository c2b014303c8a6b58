"""Padding, resizing, and moving entries between channels and pixels."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..core import constraint, dims
from ..core.dims import Size
from .call import Call
from .common import (
    accepts,
    can_hold,
    channels_last,
    empty,
    float_only,
    like,
    pixels,
    same_dtype,
    vanishes,
)
from .conv import positive
from .layout import strides_of
from .pooling import averaged, scaled
from .ranges import held
from .registry import op
from .value import Computed, Value

SPACE = {3: "L", 4: "H, W", 5: "D, H, W"}
MODES = {"linear": (3,), "bilinear": (4,), "bicubic": (4,), "lanczos": (4,), "trilinear": (5,)}


# -- padding ---------------------------------------------------------------------------------------


@op("F.pad")
def pad(call: Call, input: Value, pad: Sequence[Size], mode: str = "constant",
        value: Any = None) -> Value:
    """(*A, n, ..) -> (*A, n + left + right, ..)"""
    pad = [_side(call, side) for side in pad]
    _sides(call, input, pad)
    if mode != "constant":
        _edge_mode(call, input, pad, mode, value)
    elif value is not None:
        _filling(call, input, value, pad)
    shape = list(input)
    for i in range(len(pad) // 2):
        axis, left, right = -i - 1, pad[2 * i], pad[2 * i + 1]
        shape[axis] = input[axis] + left + right
        if mode == "constant":
            left_over = input[axis] + sum(side for side in (left, right) if _is_cut(side))
            for least in (left_over, shape[axis]):
                call.at_least(least, 0, "negative padding cannot take more than there is",
                              kind="window", of="input", axis=axis)
        else:
            _edge(call, input[axis], left, right, mode, axis)
    _together(call, input, shape, pad, mode)
    if mode == "constant" and _only_cuts(pad):
        return like(call, Value(shape, input.dtype, strides_of(input)))
    return pixels(call, shape, input.dtype, *((input,) if mode != "circular" else ()))


def _sides(call: Call, x: Value, pad: Sequence[Size]) -> None:
    """Two sides for each axis, the last one first."""
    if len(pad) % 2:
        call.fail("padding names a left and a right side for each axis", kind="argument", of="pad")
    if len(pad) > 2 * len(x):
        call.fail("padding names more axes than the input has", kind="rank", of="input")


def _together(
    call: Call, x: Value, shape: Sequence[Size], pad: Sequence[Size], mode: str
) -> None:
    """What the axes must meet together for entries to be repeated."""
    if mode == "replicate":
        fits = constraint.any_of(constraint.at_least(d, 1) for d in shape[-(len(pad) // 2) :])
        call.require(fits, "negative padding must leave an entry", kind="window", of="input")
    if mode == "circular":
        _apart(call, x, shape, pad)


def _only_cuts(pad: Sequence[Size]) -> bool:
    """Whether no entries are added."""
    return all(isinstance(side, int) and side <= 0 for side in pad)


def _filling(call: Call, x: Value, value: Any, pad: Sequence[Size]) -> None:
    """What constant padding demands of the number that it fills in."""
    if isinstance(value, complex):
        call.fail("the value must be a real number", kind="argument", of="value")
    if not _only_cuts(pad):
        can_hold(call, x.dtype, float(value), "value")


def _side(call: Call, side: Any) -> Size:
    """How much is added on one side; a tensor may hold it."""
    if not isinstance(side, Value):
        return side  # type: ignore[no-any-return]
    number = held(side)
    return call.fresh("a padding") if number is None else number


def _is_cut(side: Size) -> bool:
    """Whether a side is known to take entries away; those go before any are added."""
    return isinstance(side, int) and side < 0


def _edge_mode(call: Call, x: Value, pad: Sequence[Size], mode: str, value: Any) -> None:
    """What modes other than "constant" demand of rank and arguments."""
    if mode not in ("reflect", "replicate", "circular"):
        call.fail("the modes of padding are constant, reflect, replicate and circular",
                  kind="argument", of="mode")
    accepts(call, x.dtype, "bifc" if mode == "circular" else "ifc", "input")
    if value:
        call.wrong("only constant padding takes a value", kind="argument", of="value")
    n = len(pad) // 2
    if n not in (1, 2, 3) or len(x) not in (n + 1, n + 2):
        call.fail(f"padding of mode {mode} takes all axes behind the channels, one to three",
                  kind="rank", of="input")
    for i in range(-n - 1, 0) if mode != "circular" else ():
        call.at_least(x[i], 1, "only the batch may be empty", kind="values", of="input", axis=i)


def _edge(call: Call, size: Size, left: Size, right: Size, mode: str, axis: int) -> None:
    """What one axis must have for entries to be repeated at its ends."""
    if mode == "replicate":
        call.at_least(size + left + right, 0, "negative padding must leave an entry", kind="window",
                      of="input", axis=axis)
        return
    for side in (left, right):
        if mode == "reflect":
            call.at_least(size, side + 1, "reflected padding must be smaller than the axis",
                          kind="window", of="input", axis=axis)
        else:
            call.at_least(size, side, "circular padding may go round once", kind="window",
                          of="input", axis=axis)
    least = 1 if mode == "reflect" else 0
    call.at_least(size + left + right, least, "negative padding must leave an entry", kind="window",
                  of="input", axis=axis)


def _apart(call: Call, x: Value, shape: Sequence[Size], pad: Sequence[Size]) -> None:
    """Demands that what goes round is no part of where it goes to.

    Only entries that lie behind one another are looked at, so that a batch of two, or
    of none, hides it. Where more is cut than there is, ends are counted from behind.
    """
    for i, side in enumerate(pad):
        axis, other = -(i // 2) - 1, pad[i ^ 1]
        if _is_cut(other) and not _is_cut(side) and side != 0:
            left = x[axis] + other
            outer = (constraint.distinct(d, 1) for d in shape[:axis])
            held = constraint.at_least(left, side), constraint.at_least(0, left)
            call.require(constraint.any_of((*held, *outer)),
                         "circular padding beside a cut may go round what is left once",
                         kind="window", of="input", axis=axis)
            none = constraint.at_least(0, 2 * left + side) if i % 2 else constraint.at_least(
                1, x[axis] + left)
            call.require(constraint.any_of((constraint.at_least(left, 0), none)),
                         "circular padding may cut as much as there is",
                         kind="window", of="input", axis=axis)


# -- resizing --------------------------------------------------------------------------------------


@op("F.interpolate F.upsample")
def interpolate(
    call: Call, input: Value, size: Any = None, scale_factor: Any = None, mode: str = "nearest",
    align_corners: bool | None = None, recompute_scale_factor: bool | None = None,
    antialias: bool = False,
) -> Value:
    """(N, C, *S) -> (N, C, *size)"""
    words = "the input must be (N, C, L), (N, C, H, W) or (N, C, D, H, W)"
    call.rank(input, 3, 4, 5, of="input", because=words)
    _resize_options(call, input, size, mode, align_corners, recompute_scale_factor, antialias)
    n = len(input) - 2
    each = _resized(call, input, size, scale_factor, 0 if mode == "area" else 1)
    mean = mode == "area" and each == (1,) * n  # of nothing, too
    if mode == "area":
        averaged(call, input, n, mean, each)
    if (mode != "area" or n == 3) and not mean:
        call.at_least(input[1], 1, "the input needs at least one channel", kind="values",
                      of="input", axis=1)
    for i in range(0 if mean else -n, 0):
        call.at_least(input[i], 1, "an empty axis cannot be resized", kind="values", of="input",
                      axis=i)
    kept = (input,) if mode != "area" or n == 2 else ()
    return pixels(call, (*input[:2], *each), input.dtype, *kept)


def _resized(call: Call, x: Value, size: Any, factor: Any, least: int) -> tuple[Size, ...]:
    """The sizes that are given, or that factors make of the input's; none below ``least``."""
    if (size is None) == (factor is None):
        call.fail("either size or scale_factor must be given", kind="argument", of="size")
    given, n = factor if size is None else size, len(x) - 2
    if isinstance(given, list | tuple) and len(given) != n:
        name = "scale_factor" if size is None else "size"
        call.fail(f"{name} needs one entry for each axis", kind="rank", of="input")
    each = tuple(given) if isinstance(given, list | tuple) else (given,) * n
    made = each
    if size is None:
        made = tuple(scaled(call, d, f, "resized axis") for d, f in zip(x[2:], each, strict=True))
    words = "a resized axis needs at least one entry"
    for i in range(-n, 0):
        if size is None and type(each[i]) is float and each[i] > 0:
            call.at_least(x[i], first(each[i], least), words, kind="window", of="input", axis=i)
            continue
        if isinstance(each[i], Computed) and each[i].ratio is not None:
            over, under = each[i].ratio
            call.at_least(x[i] * over, under * least, words, kind="window", of="input", axis=i)
        call.at_least(made[i], least, words, kind="window", of="input", axis=i)
    return made


def first(factor: float, least: int) -> int:
    """The smallest size of which a positive factor leaves ``least``."""
    size = max(int(least / factor) - 1, 0)
    while int(size * factor) < least:
        size += 1
    return size


def _resize_options(
    call: Call, x: Value, size: Any, mode: str, align: bool | None, recompute: bool | None,
    smooth: bool
) -> None:
    """What the mode allows."""
    if mode != "area":
        bytes_too = x.dtype == "uint8" and mode not in ("linear", "trilinear")
        accepts(call, x.dtype, "if" if bytes_too else "f", "input")
    plain = mode in ("nearest", "nearest-exact", "area")
    if not plain and mode not in MODES:
        call.fail("there is no such mode of interpolation", kind="argument", of="mode")
    if not plain:
        space = SPACE[MODES[mode][0]]
        call.rank(x, *MODES[mode], of="input",
                  because=f"mode {mode} takes an input (N, C, {space})")
    if plain and align is not None:
        call.wrong("align_corners is for linear and cubic modes", kind="argument",
                   of="align_corners")
    if recompute and size is not None:
        call.wrong("a size leaves no scale_factor to recompute", kind="argument", of="size")
    smoothing = mode in ("bilinear", "bicubic", "lanczos")
    if (smooth and not smoothing) or (mode == "lanczos" and (align or not smooth)):
        call.wrong("antialias goes with bilinear, bicubic and lanczos", kind="argument",
                   of="antialias")


@op("F.upsample_nearest")
def upsample_nearest(call: Call, input: Value, size: Any = None, scale_factor: Any = None) -> Value:
    """(N, C, *S) -> (N, C, *size)"""
    return interpolate(call, input, size, scale_factor)


@op("F.upsample_bilinear")
def upsample_bilinear(call: Call, input: Value, size: Any = None,
                      scale_factor: Any = None) -> Value:
    """(N, C, H, W) -> (N, C, *size)"""
    return interpolate(call, input, size, scale_factor, "bilinear", True)


# -- between channels and pixels -------------------------------------------------------------------


@op("pixel_shuffle")
def pixel_shuffle(call: Call, input: Value, upscale_factor: Size) -> Value:
    """(*A, C*r**2, H, W) -> (*A, C, H*r, W*r)"""
    _pixels(call, input, upscale_factor)
    area = upscale_factor * upscale_factor
    call.divides(area, input[-3], "channels must be a multiple of the square of the factor",
                 of="input", axis=-3)
    channels, height, width = dims.floordiv(input[-3], area), input[-2], input[-1]
    shape = (*input[:-3], channels, height * upscale_factor, width * upscale_factor)
    return pixels(call, shape, input.dtype, input)


@op("pixel_unshuffle")
def pixel_unshuffle(call: Call, input: Value, downscale_factor: Size) -> Value:
    """(*A, C, H, W) -> (*A, C*r**2, H//r, W//r)"""
    _pixels(call, input, downscale_factor)
    for axis in (-2, -1):
        call.divides(downscale_factor, input[axis],
                     "height and width must be multiples of the factor", of="input", axis=axis)
    if vanishes(call, input):
        return input
    height, width = (dims.floordiv(d, downscale_factor) for d in input[-2:])
    shape = (*input[:-3], input[-3] * downscale_factor * downscale_factor, height, width)
    return pixels(call, shape, input.dtype, input)


def _pixels(call: Call, x: Value, factor: Size) -> None:
    if len(x) < 3:
        call.fail("the input must be (*, C, H, W)", kind="rank", of="input")
    if not isinstance(factor, int) or factor < 1:
        positive(call, (factor,), "the factor")
        call.fail("the factor must be a positive number", kind="argument")
    if len(x) == 5 and channels_last(x):
        call.wrong("an input of five axes cannot have its channels innermost", kind="layout",
                   of="input")


@op("channel_shuffle native_channel_shuffle")
def channel_shuffle(call: Call, input: Value, groups: int) -> Value:
    """(N, C, *S) -> (N, C, *S)"""
    if len(input) < 3:
        call.fail("the input must be (N, C, *S)", kind="rank", of="input")
    positive(call, (groups,), "groups")
    call.divides(groups, input[1], "channels must be divisible by the groups", of="input", axis=1)
    return pixels(call, input, input.dtype, input)


# -- sampling --------------------------------------------------------------------------------------


@op("F.grid_sample grid_sampler")
def grid_sample(call: Call, input: Value, grid: Value, mode: Any = "bilinear",
                padding_mode: Any = "zeros", align_corners: bool | None = None) -> Value:
    """(N, C, *S), (N, *P, rank - 2) -> (N, C, *P)"""
    call.rank(input, 4, 5, of="input", because="the input must be (N, C, H, W) or (N, C, D, H, W)")
    call.rank(grid, len(input), of="grid", because="the grid must have as many axes as the input")
    full = not (empty(input) or empty(grid))
    if full:
        same_dtype(call, input, grid, because="input and grid must have one dtype")
    if full or len(input) == 5:
        float_only(call, input)
    call.equal(grid[0], input[0], "the grid must have the batch of the input", kind="batch",
               of="grid", axis=0)
    because = "the last axis of the grid must hold one place for each axis"
    call.equal(grid[-1], len(input) - 2, because, kind="features", of="grid", axis=-1)
    for i in range(2, len(input)):
        call.at_least(input[i], 1, "an empty image cannot be sampled", kind="values", of="input",
                      axis=i)
    if not isinstance(mode, int) and mode not in ("bilinear", "nearest", "bicubic"):
        call.wrong("the modes of sampling are bilinear, nearest and bicubic", kind="argument",
                   of="mode")
    if not isinstance(padding_mode, int) and padding_mode not in ("zeros", "border", "reflection"):
        call.wrong("the padding modes are zeros, border and reflection", kind="argument",
                   of="padding_mode")
    if mode in ("bicubic", 2) and len(input) == 5:
        call.wrong("mode bicubic takes an input (N, C, H, W)", kind="rank", of="input")
    return call.tensor((*input[:2], *grid[1:-1]), input.dtype)


@op("F.affine_grid")
def affine_grid(call: Call, theta: Value, size: Sequence[Size],
                align_corners: bool | None = None) -> Value:
    """(N, r, r + 1), (N, C, *P) -> (N, *P, r)"""
    float_only(call, theta, "theta")
    call.rank(tuple(size), 4, 5, of="size", because="size must be (N, C, H, W) or (N, C, D, H, W)")
    n = len(size) - 2
    call.rank(theta, 3, of="theta", because="theta must be (N, 2, 3) or (N, 3, 4)")
    for axis, wanted in ((-2, n), (-1, n + 1)):
        call.equal(theta[axis], wanted, "theta must hold affine maps of the axes in size",
                   kind="features", of="theta", axis=axis)
    call.equal(theta[0], size[0], "theta must have the batch that size names", kind="batch",
               of="theta", axis=0)
    for d in size:
        call.at_least(d, 1, "sizes must be positive", kind="argument", of="size")
    return call.tensor((size[0], *size[2:], n), theta.dtype)
