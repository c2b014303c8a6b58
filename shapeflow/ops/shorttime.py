"""Short-time Fourier transforms: torch.stft and its inverse."""

from __future__ import annotations

from typing import Any

from ..core import constraint, dims
from ..core.dims import Size
from . import layout
from .call import Call
from .casts import view_as_real
from .dtypes import FLOAT_OF, category, result_type
from .fourier import from_complex, from_real, known_dtype
from .padding import pad
from .registry import op
from .value import Value


def _window(
    call: Call, n_fft: Size, hop_length: Any, win_length: Any, window: Value | None
) -> tuple[Size, Size]:
    """The steps between frames and the size of the window, by default or as given."""
    hop = dims.floordiv(n_fft, 4) if hop_length is None else hop_length
    size = n_fft if win_length is None else win_length
    call.at_least(hop, 1, "frames must start at least one sample apart", kind="argument",
                  of="hop_length")  # fmt: skip
    call.at_least(size, 1, "the window must have at least one sample", kind="argument",
                  of="win_length")  # fmt: skip
    because = "the window must not be longer than a frame"
    call.at_least(n_fft, size, because, kind="argument", of="win_length")
    if window is not None:
        call.rank(window, 1, of="window")
        because = "the window must have win_length samples"
        call.equal(window[0], size, because, kind="argument", of="window", axis=0)
    return hop if hop != 0 else 1, size


@op("stft")
def stft(
    call: Call, input: Value, n_fft: Any, hop_length: Any = None, win_length: Any = None,
    window: Value | None = None, center: Any = True, pad_mode: str = "reflect",
    normalized: Any = False, onesided: Any = None, return_complex: Any = None,
    align_to_window: Any = None,
) -> Value:  # fmt: skip
    """(*B, n) -> (*B, n_fft//2 + 1, (n - n_fft)//hop_length + 1), center pads n by n_fft//2"""
    call.rank(input, 1, 2, of="input")
    complex_ = 3 in [category(x.dtype) for x in (input, window) if x is not None]
    if return_complex is None and not complex_:
        call.fail("return_complex must be given for real signals", kind="argument")
    if category(input.dtype) < 2 or (center and input.dtype == "complex32"):
        because = "a signal must be of floats, or complex numbers of 32 bits or more"
        call.wrong(because, kind="dtype", of="input")
    if center and align_to_window is not None:
        call.wrong("only frames without center can be aligned", kind="argument")
    x = input if len(input) == 2 else layout.inserted(input, 0)
    if center:
        sides = [dims.floordiv(n_fft, 2)] * 2
        x = Value(pad(call, layout.inserted(x, 0), sides, pad_mode)[1:], x.dtype)
    hop, size = _window(call, n_fft, hop_length, win_length, window)
    frames = _frames(call, x, n_fft, hop, size if align_to_window else n_fft, window)
    found = layout.permuted(_spectra(call, frames, onesided), (0, 2, 1))
    found = found if len(input) == 2 else layout.selected(found, 0)
    complex_ = complex_ if return_complex is None else bool(return_complex)
    return found if complex_ else view_as_real(call, found)


def _frames(
    call: Call, x: Value, n_fft: Size, hop: Size, size: Size, window: Value | None
) -> Value:
    """The pieces (B, count, n_fft) of the signals that are transformed."""
    call.at_least(n_fft, 1, "a frame must have at least one sample", kind="argument", of="n_fft")
    because = "the signal must be at least one frame long"
    call.at_least(x[1], n_fft, because, kind="window", of="input", axis=-1)
    call.at_least(x[0], 1, "there must be a signal", kind="values", of="input", axis=0)
    count = dims.floordiv(x[1] - size, hop) + 1
    if size is not n_fft:  # only such windows are padded, and the signal with them
        x = Value((x[0], x[1] + 2 * dims.floordiv(n_fft - size, 2)), x.dtype)
        because = "the frames must lie inside the padded signal"
        reach = (count - 1) * hop + n_fft
        call.at_least(x[1], reach, because, kind="window", of="input", axis=-1)
    steps = layout.strides_of(x)
    frames = Value((x[0], count, n_fft), x.dtype, (steps[0], hop * steps[1], steps[1]))
    if window is None:
        return frames
    factor = Value((n_fft,), window.dtype)
    dtype = result_type([frames, factor], call.default_dtype)
    return Value(frames, dtype, layout.follow(tuple(frames), [frames, factor]))


def _spectra(call: Call, frames: Value, onesided: Any) -> Value:
    known_dtype(call, frames)
    if category(frames.dtype) < 3:
        return from_real(frames, (2,), onesided is None or bool(onesided))
    if onesided:
        call.wrong("complex signals have no one-sided transform", kind="argument", of="onesided")
    return from_complex(frames, (2,))


@op("istft")
def istft(
    call: Call, input: Value, n_fft: Any, hop_length: Any = None, win_length: Any = None,
    window: Value | None = None, center: Any = True, normalized: Any = False, onesided: Any = None,
    length: Any = None, return_complex: Any = False,
) -> Value:  # fmt: skip
    """(*B, n_fft//2 + 1, t) -> (*B, n), n = n_fft + hop_length*(t - 1) without the padding"""
    call.rank(input, 2, 3, of="input")
    if category(input.dtype) != 3:
        call.fail("the transform must be complex", kind="dtype", of="input")
    known_dtype(call, input)
    for axis, size in enumerate(input):
        call.at_least(size, 1, "the transform must not be empty", kind="values", of="input",
                      axis=axis)  # fmt: skip
    hop, size = _window(call, n_fft, hop_length, win_length, window)
    call.at_least(size, hop, "the windows must leave no gaps", kind="argument", of="hop_length")
    _frequencies(call, input[-2], n_fft, onesided, bool(return_complex))
    parts = [Value((1,), input.dtype if return_complex else FLOAT_OF[input.dtype])]
    if window is not None:
        parts.append(Value((1,), window.dtype))
        if category(window.dtype) == 3 and not return_complex:
            call.wrong("a complex window has complex signals", kind="dtype", of="window")
        if window.dtype == "complex32":
            call.wrong("a window needs numbers of 32 bits or more", kind="dtype", of="window")
    whole = n_fft + hop * (input[-1] - 1)
    found = _cut(call, whole, n_fft, size if window is None else n_fft, center, length)
    return Value((*input[:-2], found), result_type(parts, call.default_dtype))


def _frequencies(call: Call, size: Size, n_fft: Size, onesided: Any, complex_: bool) -> None:
    """Demands as many frequencies as a frame has, or half of them."""
    half = dims.floordiv(n_fft, 2) + 1
    options = [half, n_fft] if onesided is None else [half] if onesided else [n_fft]
    if complex_:
        if onesided:
            call.wrong("complex signals have no one-sided transform", kind="argument")
        options = [n_fft]
    fits = constraint.any_of(constraint.equal(size, n) for n in options)
    if isinstance(size, int) and isinstance(n_fft, int) and size in options:
        return
    because = "the transform must have as many frequencies as n_fft says"
    call.require(fits, because, kind="argument", of="input", axis=-2)


def _cut(
    call: Call, whole: Size, n_fft: Size, size: Size, center: Any, length: Any
) -> Size:
    """The samples that are left; demands that each lies under a window of ``size`` samples."""
    half = dims.floordiv(n_fft, 2)
    if center and length is None:
        call.at_least(n_fft, 2, "frames of one sample have no center", kind="argument", of="n_fft")
    start = half if center else 0
    end = (whole - half if center else whole) if length is None else start + length
    call.at_least(end, start + 1, "no sample is left of the signal", kind="window", of="input")
    left = dims.floordiv(n_fft - size, 2)
    because = "each sample must lie under a window"
    call.at_least(start, left, because, kind="window", of="win_length")
    covered = whole - (n_fft - size - left)
    if covered != whole:
        kept = dims.minimum(end, whole)
        call.at_least(covered, kept, because, kind="window", of="win_length")
    call.at_least(whole, start + 1, "no sample is left of the signal", kind="window", of="input")
    return end - start
