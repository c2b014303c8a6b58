"""What ``out=`` asks of a tensor: PyTorch resizes it, and does not convert what it holds."""

from __future__ import annotations

from collections.abc import Mapping
from inspect import signature
from typing import Any

from .call import Call
from .common import title
from .dtypes import category
from .registry import Rule
from .value import Value

CONVERTING = frozenset(
    """
    _chunk_cat acos acosh add addcdiv addcmul addr angle arccos arccosh arcsin arcsinh arctan
    arctan2 arctanh asin asinh atan atan2 atanh bitwise_and bitwise_left_shift bitwise_or
    bitwise_right_shift bitwise_xor cat cholesky cholesky_inverse cholesky_solve clamp clamp_max
    clamp_min clip column_stack concat concatenate copysign cos cosh deg2rad digamma div divide
    dstack eq erf erfc erfinv exp exp2 expm1 fft_fft fft_fft2 fft_fftn fft_ifft fft_ifft2 fft_ifftn
    fft_ihfft2 fft_ihfftn fft_rfft fft_rfft2 fft_rfftn floor_divide fmax fmin fmod gcd ge geqrf ger
    greater greater_equal gt hstack hypot i0 igamma igammac kron lcm ldexp le lerp less less_equal
    lgamma linalg_cond linalg_eig linalg_eigvals linalg_householder_product linalg_lstsq
    linalg_matrix_power linalg_matrix_rank linalg_pinv linalg_tensorinv linalg_tensorsolve log
    log10 log1p log2 logaddexp logaddexp2 logical_and logical_not logical_or logical_xor logit
    logsumexp lt matrix_power max maximum mean min minimum mul multiply mvlgamma ne nextafter
    normalize not_equal orgqr outer pow rad2deg reciprocal remainder row_stack rsqrt sigmoid sin
    sinc sinh sqrt square stack std sub subtract tan tanh true_divide var vstack xlogy
    """.split()
)
"""Operations that convert what they write, as far as its kind allows; so do those of
``torch.special`` but for three."""
SPECIAL = frozenset("special_log_softmax special_round special_softmax".split())
REAL = frozenset(
    "fft_hfft fft_hfft2 fft_hfftn fft_irfft fft_irfft2 fft_irfftn nanmean nansum".split()
)
"""Operations that write floats of any width."""
TAKING = frozenset(
    """
    sum prod cumsum cumprod lu arange range rand randn randint randperm full ones zeros empty eye
    linspace logspace normal bernoulli
    """.split()
)
"""Operations that compute in the dtype of ``out``, unless they are given one."""


def taken(call: Call, rule: Rule, out: Any, named: Mapping[str, Any]) -> dict[str, Any]:
    """The arguments of a call, the dtype that it takes over from ``out`` among them."""
    if title(call) in TAKING and isinstance(out, Value) and named.get("dtype") is None:
        if "dtype" in signature(rule.function).parameters:
            return {**named, "dtype": out.dtype}
    return dict(named)


def written(call: Call, result: Any, out: Any, place: int = 0) -> Any:
    """What ``out`` holds afterwards: the shape of the result in its own dtype.

    Args:
        call: the call; takes the requirements.
        result: a Value, or a list of them.
        out: the same for the tensors that are given.
        place: which of several results it is.
    """
    if isinstance(result, list) and isinstance(out, list | tuple):
        pairs = zip(result, out, strict=False)
        return [written(call, one, other, i) for i, (one, other) in enumerate(pairs)]
    if not isinstance(result, Value) or not isinstance(out, Value):
        return result
    name = title(call)
    converts = name in CONVERTING or (name.startswith("special_") and name not in SPECIAL)
    converts = converts and not (place and name in ("max", "min"))
    kind, into = category(result.dtype), category(out.dtype)
    if converts and kind > into:
        call.wrong(f"out must be able to hold {result.dtype}", kind="dtype", of="out")
    elif not converts and out.dtype != result.dtype:
        if not (name in REAL and kind == into):
            because = f"out must have the dtype of the result, {result.dtype}"
            call.wrong(because, kind="dtype", of="out")
    strides = out.strides if tuple(out) == tuple(result) else result.strides
    return Value(result, out.dtype, strides, None, out.words, out.device)
