"""Fourier transforms: torch.fft."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..core import constraint, dims
from ..core.dims import Size
from ..core.shape import Shape
from . import layout
from .call import Call
from .common import like
from .counts import natural
from .creation import sized
from .dtypes import COMPLEX_OF, FLOAT_OF, category
from .padding import pad
from .permute import roll
from .registry import op
from .value import Value

NORMS = (None, "forward", "backward", "ortho")
TRANSFORMED = ("float32", "float64", "complex64", "complex128")


# -- what all transforms share -----------------------------------------------------------------


def known_dtype(call: Call, x: Value) -> None:
    """Demands numbers that can be transformed."""
    if x.dtype not in TRANSFORMED:
        call.wrong("a Fourier transform needs numbers of 32 or 64 bits", kind="dtype", of="input")


def _converted(call: Call, x: Value, norm: Any, real: bool) -> Value:
    """The input as floats; demands real numbers where only those are transformed."""
    if norm not in NORMS:
        call.wrong("norm must be forward, backward or ortho", kind="argument", of="norm")
    if real and category(x.dtype) == 3:
        call.wrong("this transform is for real numbers", kind="dtype", of="input")
    x = x if category(x.dtype) >= 2 else like(call, x, call.default_dtype)
    known_dtype(call, x)
    return x


def _whole(call: Call, x: Value, s: Any, dim: Any) -> tuple[tuple[int, ...], list[Size]]:
    """The axes that are transformed, and the size of the signal along each."""
    if s is not None and not isinstance(s, list | tuple):
        s = (s,)
    if dim is None:
        count = len(x) if s is None else len(s)
        if count > len(x):
            call.fail("s must not have more sizes than there are axes", kind="rank", of="input")
        axes = tuple(range(len(x) - count, len(x)))
    else:
        named = dim if isinstance(dim, list | tuple) else (dim,)
        if s is not None and len(s) != len(named):
            call.fail("s and dim must be equally long", kind="argument", of="s")
        if named and not len(x):
            call.fail("a scalar has no axis to be transformed", kind="axis", of="input")
        axes = call.axes(named, len(x)) if named else ()
    sizes = [x[axis] for axis in axes]
    if s is not None:
        sizes = [own if n == -1 else n for own, n in zip(sizes, s, strict=True)]
    for axis, size in zip(axes, sizes, strict=True):
        because = "a transform needs at least one point along each of its axes"
        call.at_least(size, 1, because, kind="values", of="input", axis=axis - len(x))
    for axis in set(range(len(x))) - set(axes) if axes else ():
        because = "there must be at least one signal to transform"
        call.at_least(x[axis], 1, because, kind="values", of="input", axis=axis - len(x))
    return axes, sizes


def _single(call: Call, x: Value, n: Any, dim: Any) -> tuple[tuple[int, ...], list[Size]]:
    """The same for one axis."""
    if n is not None:
        call.at_least(n, 1, "a transform needs at least one point", kind="argument", of="n")
    return _whole(call, x, None if n is None else (n,), (dim,))


def _resized(call: Call, x: Value, axes: Sequence[int], sizes: Sequence[Size]) -> Value:
    """The input cut, or padded with zeros, to these sizes."""
    shape = list(x)
    for axis, size in zip(axes, sizes, strict=True):
        shape[axis] = size
    if tuple(shape) == tuple(x):
        return x
    changed = [axis for axis in axes if shape[axis] != x[axis]]
    cut = constraint.all_of(constraint.at_least(x[d], shape[d]) for d in changed)
    if x.strides is not None and call.holds(cut):  # padding would copy it
        return Value(shape, x.dtype, layout.strides_of(x))
    padded: list[Size] = []
    for axis in reversed(range(len(x))):
        padded += [0, dims.maximum(shape[axis] - x[axis], 0) if axis in changed else 0]
    return Value(shape, x.dtype, pad(call, x, padded).strides)


def _slowest_first(x: Value, axes: Sequence[int]) -> tuple[int, ...]:
    """The axes by falling stride, as far as the strides tell."""
    strides, found = layout.strides_of(x), list[int]()
    for axis in axes:
        place = len(found)
        while place and layout.larger(strides[axis], strides[found[place - 1]], x[axis],
                                      x[found[place - 1]]) == 1:  # fmt: skip
            place -= 1
        found.insert(place, axis)
    return tuple(found)


def _stored(x: Value, axes: tuple[int, ...], shape: Sequence[Size], dtype: str) -> Value:
    """A result whose transformed axes are innermost, in this order."""
    rest = _slowest_first(x, [d for d in range(len(x)) if d not in axes])
    return Value(shape, dtype, layout.dense(tuple(shape), (*rest, *axes)))


def from_complex(x: Value, axes: Sequence[int]) -> Value:
    """A transform of complex numbers; real ones count as such."""
    if not axes:
        return Value(x, COMPLEX_OF.get(x.dtype, x.dtype), layout.strides_of(x))
    return _stored(x, _slowest_first(x, axes), x, COMPLEX_OF.get(x.dtype, x.dtype))


def from_real(x: Value, axes: Sequence[int], half: bool = True) -> Value:
    """A transform of real numbers, of which ``half`` keeps what is not a mirror image."""
    shape, last = list(x), axes[-1]
    shape[last] = dims.floordiv(x[last], 2) + 1 if half else x[last]
    inner = (*_slowest_first(x, axes[:-1]), last)
    return _stored(x, inner, shape, COMPLEX_OF.get(x.dtype, x.dtype))


def _to_real(x: Value, axis: int, size: Size) -> Value:
    """The real numbers behind a halved transform along one axis."""
    shape = (*x[:axis], size, *x[axis + 1 :])
    return _stored(x, (axis,), shape, FLOAT_OF.get(x.dtype, x.dtype))


# -- torch.fft ---------------------------------------------------------------------------------


@op("fft_fft fft_ifft")
def fft(call: Call, input: Value, n: Any = None, dim: Any = -1, norm: Any = None) -> Value:
    """(*A, n, *B) -> (*A, n, *B)"""
    x = _converted(call, input, norm, False)
    axes, sizes = _single(call, x, n, dim)
    x = _resized(call, x, axes, sizes)
    return from_complex(x, axes) if category(x.dtype) == 3 else from_real(x, axes, half=False)


@op("fft_rfft fft_ihfft")
def rfft(call: Call, input: Value, n: Any = None, dim: Any = -1, norm: Any = None) -> Value:
    """(*A, n, *B) -> (*A, n//2 + 1, *B)"""
    x = _converted(call, input, norm, True)
    axes, sizes = _single(call, x, n, dim)
    return from_real(_resized(call, x, axes, sizes), axes)


@op("fft_irfft fft_hfft")
def irfft(call: Call, input: Value, n: Any = None, dim: Any = -1, norm: Any = None) -> Value:
    """(*A, n, *B) -> (*A, 2*(n - 1), *B)"""
    return _halved(call, _converted(call, input, norm, False), *_single(call, input, n, dim),
                   n is None)  # fmt: skip


def _halved(
    call: Call, x: Value, axes: tuple[int, ...], sizes: list[Size], whole: bool
) -> Value:
    """The real numbers behind a transform that is halved along the last of the axes.

    ``whole`` says that the size of its result follows from the input.
    """
    if not axes:
        call.fail("at least one axis must be transformed", kind="argument", of="dim")
    last, size = axes[-1], sizes[-1]
    if whole:
        size = 2 * (x[last] - 1)
        because = "an inverse transform to real numbers needs at least two points"
        call.at_least(size, 1, because, kind="values", of="input", axis=last - len(x))
    else:
        sizes = [*sizes[:-1], dims.floordiv(size, 2) + 1]
    x = _complex_of(_resized(call, x, axes, sizes))
    return _to_real(from_complex(x, axes[:-1]), last, size)


def _complex_of(x: Value) -> Value:
    return Value(x, COMPLEX_OF.get(x.dtype, x.dtype), layout.follow(tuple(x), [x]))


@op("fft_fftn fft_ifftn")
def fftn(call: Call, input: Value, s: Any = None, dim: Any = None, norm: Any = None) -> Value:
    """(*S) -> (*S)"""
    x = _converted(call, input, norm, False)
    axes, sizes = _whole(call, x, s, dim)
    return from_complex(_resized(call, _complex_of(x), axes, sizes), axes)


@op("fft_rfftn fft_ihfftn")
def rfftn(call: Call, input: Value, s: Any = None, dim: Any = None, norm: Any = None) -> Value:
    """(*A, n, *B) -> (*A, n//2 + 1, *B), n at the last of the axes"""
    x = _converted(call, input, norm, True)
    axes, sizes = _whole(call, x, s, dim)
    if not axes:
        call.fail("at least one axis must be transformed", kind="argument", of="dim")
    x = _resized(call, x, axes, sizes)
    if "ihfft" in call.op:
        return from_complex(from_real(x, axes[-1:]), axes[:-1])
    return from_real(x, axes)


@op("fft_irfftn fft_hfftn")
def irfftn(call: Call, input: Value, s: Any = None, dim: Any = None, norm: Any = None) -> Value:
    """(*A, n, *B) -> (*A, 2*(n - 1), *B), n at the last of the axes"""
    x = _converted(call, input, norm, False)
    axes, sizes = _whole(call, x, s, dim)
    given = s if isinstance(s, list | tuple) else [s]
    return _halved(call, x, axes, sizes, not given or given[-1] in (None, -1))


@op("fft_fft2 fft_ifft2")
def fft2(call: Call, input: Value, s: Any = None, dim: Any = (-2, -1), norm: Any = None) -> Value:
    """(*S) -> (*S)"""
    return fftn(call, input, s, _pair(call, dim), norm)


@op("fft_rfft2 fft_ihfft2")
def rfft2(call: Call, input: Value, s: Any = None, dim: Any = (-2, -1), norm: Any = None) -> Value:
    """(*A, n, *B) -> (*A, n//2 + 1, *B), n at the last of the axes"""
    return rfftn(call, input, s, _pair(call, dim), norm)


@op("fft_irfft2 fft_hfft2")
def irfft2(call: Call, input: Value, s: Any = None, dim: Any = (-2, -1), norm: Any = None) -> Value:
    """(*A, n, *B) -> (*A, 2*(n - 1), *B), n at the last of the axes"""
    return irfftn(call, input, s, _pair(call, dim), norm)


def _pair(call: Call, dim: Any) -> Any:
    if dim is None:
        call.fail("the axes must be given as numbers", kind="argument", of="dim")
    return dim


@op("fft_fftfreq fft_rfftfreq")
def fftfreq(call: Call, n: Any, d: Any = 1.0, *, dtype: Any = None, **options: Any) -> Value:
    """n -> (n,), or (n//2 + 1,) for rfftfreq"""
    if dtype is not None and category(dtype) != 2:
        call.wrong("frequencies are real floats", kind="dtype", of="dtype")
    size = n
    if call.op.endswith("rfftfreq"):  # half of n, rounded towards 0
        size = 1 + (-(-n // 2) if isinstance(n, int) and n < 0 else dims.floordiv(n, 2))
    natural(call, (size,))
    return sized(call, (size,), None, dtype, options)


@op("fft_fftshift fft_ifftshift")
def fftshift(call: Call, input: Value, dim: Any = None) -> Shape:
    """(*S) -> (*S)"""
    named = range(len(input)) if dim is None else dim
    axes = [named] if isinstance(named, int) else list(named)
    for axis in axes:
        call.axis(axis, len(input))
    return roll(call, input, [0] * len(axes), axes)
