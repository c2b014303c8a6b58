"""Activations, dropout, softmax and running sums: the shape stays, or one axis matters."""

from __future__ import annotations

from collections.abc import Callable
from math import inf
from typing import Any

from ..core import dims
from ..core.constraint import any_of, equal
from ..core.dims import Size
from .call import Call
from .common import (
    accepts,
    at_least_float,
    can_hold,
    computes_with,
    empty,
    expandable,
    float_only,
    like,
    real_numbers,
    same_dtype,
    vanishes,
)
from .dtypes import category, is_float
from .layout import strides_of
from .registry import enter, op
from .value import Value

# Names, the kinds of dtypes they are defined for (b, i, f, c), and the dtype of the result.
ACTIVATIONS = [
    ("elu selu celu leaky_relu hardshrink hardsigmoid hardswish mish softplus", "f", "same"),
    ("log_sigmoid logsigmoid", "f", "contiguous"),
    ("relu relu6", "if", "same"),
    ("silu", "fc", "same"),
    ("softsign tanhshrink", "ifc", "float"),
]  # fmt: skip


def _activation(kinds: str, policy: str) -> Callable[..., Any]:
    def rule(call: Call, input: Value, *numbers: Any, **named: Any) -> Value:
        """(*S) -> (*S)"""
        accepts(call, input.dtype, kinds, "input")
        for number in (*numbers, *named.values()):
            fits = can_hold if "hardshrink" in call.op else computes_with
            fits(call, input.dtype, number)
        if policy == "contiguous":
            return call.tensor(input, input.dtype)
        return like(call, input, at_least_float(input.dtype, call) if policy == "float" else "")

    return rule


for _names, _kinds, _dtype in ACTIVATIONS:
    enter(tuple(_names.split()), _activation(_kinds, _dtype), "same", "contiguous")


@op("threshold _threshold")
def threshold(
    call: Call, input: Value, threshold: float, value: float, inplace: bool = False
) -> Value:
    """(*S) -> (*S)"""
    accepts(call, input.dtype, "if", "input")
    can_hold(call, input.dtype, threshold, "threshold")
    can_hold(call, input.dtype, value)
    return like(call, input)


@op("hardtanh")
def hardtanh(
    call: Call, input: Value, min_val: float = -1.0, max_val: float = 1.0, inplace: bool = False
) -> Value:
    """(*S) -> (*S)"""
    accepts(call, input.dtype, "if", "input")
    if input.dtype == "uint8":
        call.wrong("hardtanh has no negative limit for unsigned integers", kind="dtype")
    real_numbers(call, min_val=min_val, max_val=max_val)
    if call.op.startswith("F.") and min_val > max_val:
        call.wrong("min_val must be at most max_val", kind="argument", of="min_val")
    can_hold(call, input.dtype, min_val, "min_val")
    can_hold(call, input.dtype, max_val, "max_val")
    return like(call, input)


@op("softshrink")
def softshrink(call: Call, input: Value, lambd: float = 0.5) -> Value:
    """(*S) -> (*S)"""
    accepts(call, input.dtype, "f", "input")
    real_numbers(call, lambd=lambd)
    if not 0 <= lambd < inf:
        call.wrong("lambd must be at least 0, and finite", kind="argument", of="lambd")
    can_hold(call, input.dtype, lambd, "lambd")
    return like(call, input)


@op("rrelu")
def rrelu(
    call: Call, input: Value, lower: float = 1 / 8, upper: float = 1 / 3, training: bool = False,
    inplace: bool = False,
) -> Value:
    """(*S) -> (*S)"""
    accepts(call, input.dtype, "f", "input")
    real_numbers(call, lower=lower, upper=upper)
    if lower > upper:
        call.wrong("lower must be at most upper", kind="argument", of="lower")
    return call.tensor(input, input.dtype)


@op("gelu")
def gelu(call: Call, input: Value, approximate: str = "none") -> Value:
    """(*S) -> (*S)"""
    accepts(call, input.dtype, "f", "input")
    if approximate not in ("none", "tanh"):
        call.wrong("approximate must be none or tanh", kind="argument", of="approximate")
    return like(call, input)


@op("glu")
def glu(call: Call, input: Value, dim: int = -1) -> Value:
    """(*A, 2*n, *B) -> (*A, n, *B)"""
    float_only(call, input)
    if not input:
        call.fail("glu halves an axis, and a scalar has none", kind="rank", of="input")
    d = call.axis(dim, len(input))
    call.divides(2, input[d], "the axis that glu halves must have an even size", of="input",
                 axis=d)
    half = (*input[:d], dims.floordiv(input[d], 2), *input[d + 1 :])
    return like(call, Value(half, input.dtype, strides_of(input)))


@op("prelu")
def prelu(call: Call, input: Value, weight: Value) -> Value:
    """(N, C, *S), (C) -> (N, C, *S)"""
    same_dtype(call, input, weight)
    float_only(call, input)
    if len(weight) > 1:
        call.fail("the weight of prelu must have at most one axis", kind="rank", of="weight")
    words = "prelu needs one weight, or one for each channel of the input"
    if weight and weight[0] != 1:
        channels: Size = 1 if len(input) < 2 else input[1]
        one_or_all = any_of((equal(weight[0], channels), equal(weight[0], 1)))
        call.require(one_or_all, words, kind="features", of="weight", axis=-1)
    return like(call, input)


# -- dropout ---------------------------------------------------------------------------------------


@op("dropout alpha_dropout feature_dropout feature_alpha_dropout")
def dropout(call: Call, input: Value, p: float = 0.5, *args: Any, **kwargs: Any) -> Value:
    """(*S) -> (*S)"""
    short = call.op.rpartition(".")[2].removesuffix("_")
    names = ("training", "train")
    training = args[0] if args else next((kwargs[n] for n in names if n in kwargs),
                                         short == "dropout")
    return _dropped(call, input, p, bool(training), short.startswith("feature"), len(input))


def _dropped(call: Call, input: Value, p: float, training: bool, channels: bool,
             rank: int) -> Value:
    if not 0 <= p <= 1:
        call.wrong("the probability of dropout must be between zero and one", kind="argument",
                   of="p")
    if not training or p == 0 or empty(input):
        return input
    if p != 1:
        accepts(call, input.dtype, "f", "input")
        if channels and rank < 2:
            call.wrong("dropping channels needs an axis of samples and one of channels",
                       kind="rank", of="input")
    return like(call, input)


@op("dropout1d dropout2d dropout3d")
def dropout_channels(
    call: Call, input: Value, p: float = 0.5, training: bool = True, inplace: bool = False
) -> Value:
    """(N, C, *S) -> (N, C, *S)"""
    n = int(call.op.rstrip("_")[-2])
    if n == 1:
        call.rank(input, 2, 3, of="input", because="dropout1d takes (N, C, L) or (C, L)")
    unbatched = n == 3 and len(input) != 5
    return _dropped(call, input, p, training, True, len(input) + unbatched)


# -- softmax ---------------------------------------------------------------------------------------


@op("softmax log_softmax softmin special_softmax special_log_softmax")
def softmax(call: Call, input: Value, dim: Any = None, *args: Any, **kwargs: Any) -> Value:
    """(*S) -> (*S)"""
    if dim is None:  # functional's old default
        dim = 0 if len(input) in (0, 1, 3) else 1
    call.axis(dim, len(input))
    dtype = next((a for a in (*args, kwargs.get("dtype")) if isinstance(a, str)), input.dtype)
    if call.op.endswith("softmin"):
        accepts(call, input.dtype, "ifc", "input")
    if not is_float(dtype) and not empty(input):
        call.wrong("softmax needs floats: convert the input first", kind="dtype", of="input")
    return call.tensor(input, dtype)


@op("gumbel_softmax")
def gumbel_softmax(
    call: Call, logits: Value, tau: float = 1, hard: bool = False, eps: float = 1e-10, dim: int = -1
) -> Value:
    """(*S) -> (*S)"""
    axis = call.axis(dim, len(logits), "logits")
    if hard and logits:
        call.at_least(logits[axis], 1, "a choice needs an entry", kind="values", of="logits",
                      axis=axis)
    if not is_float(logits.dtype) and not vanishes(call, logits):
        float_only(call, logits, "logits")
    elif hard:
        accepts(call, logits.dtype, "if", "logits")
    return call.tensor(logits, at_least_float(logits.dtype, call))


# -- running sums ----------------------------------------------------------------------------------


@op("cumsum cumprod logcumsumexp")
def cumsum(call: Call, input: Value, dim: int, *, dtype: str | None = None) -> Value:
    """(*S) -> (*S)"""
    call.axis(dim, len(input))
    if "logcumsumexp" in call.op:
        accepts(call, input.dtype, "fc", "input")
    in_place = call.op.endswith("_")
    runs = input and not empty(input)
    if runs and (dtype == "bool" or (in_place and input.dtype == "bool")):
        call.wrong("running sums are not defined for bools", kind="dtype", of="dtype")
    if in_place:
        if dtype not in (None, input.dtype):
            call.wrong("a running sum in place keeps its dtype", kind="dtype", of="dtype")
        return call.tensor(input, input.dtype)
    whole = category(input.dtype) < 2
    return call.tensor(input, dtype or ("int64" if whole else input.dtype))


@op("cummax cummin")
def cummax(call: Call, input: Value, dim: int) -> list[Value]:
    """(*S) -> (*S), (*S)"""
    if not vanishes(call, input):
        call.axis(dim, len(input))
        accepts(call, input.dtype, "bif" if input else "bifc", "input")
    return [call.tensor(input, input.dtype), call.tensor(input, "int64")]


# -- writing into a tensor -------------------------------------------------------------------------

RANGE, WIDTH = "a range must not end before it starts", "the width must be positive"

# Names, kinds of dtypes, those of what is empty, arguments, and what these must be.
FILLERS: list[tuple[str, str, str, dict[str, float], Callable[..., bool], str]] = [
    ("uniform_", "fc", "fc", {"from": 0, "to": 1}, lambda low, high: low <= high, RANGE),
    ("normal_", "fc", "bifc", {"mean": 0, "std": 1}, lambda _, std: std >= 0,
     "the standard deviation cannot be negative"),
    ("log_normal_", "f", "bifc", {"mean": 1, "std": 2}, lambda _, std: std > 0, WIDTH),
    ("cauchy_", "f", "f", {"median": 0, "sigma": 1}, lambda _, sigma: sigma > 0, WIDTH),
    ("exponential_", "f", "bifc", {"lambd": 1}, lambda rate: rate > 0, "the rate must be positive"),
    ("geometric_", "if", "bifc", {"p": 0.5}, lambda p: 0 < p < 1,
     "the probability must lie between zero and one"),
    ("bernoulli_", "bif", "bifc", {"p": 0.5}, lambda p: 0 <= p <= 1,
     "the probability must lie between zero and one"),
    ("random_", "bif", "bifc", {}, lambda: True, ""),
    ("zero_", "bifc", "bifc", {}, lambda: True, ""),
]  # fmt: skip


def _filler(
    kinds: str, of_nothing: str, options: dict[str, float], fits: Callable[..., bool], because: str
) -> Callable[..., Any]:
    def rule(call: Call, input: Value, *args: Any, **named: Any) -> Value:
        """(*S) -> (*S)"""
        accepts(call, input.dtype, of_nothing if empty(input) else kinds, "input")
        given = {**options, **dict(zip(options, args, strict=False)), **named}
        numbers = [given[name] for name in options]
        if all(isinstance(number, int | float) for number in numbers) and not fits(*numbers):
            call.wrong(because, kind="argument")
        return input

    return rule


for _names, _kinds, _of_nothing, _options, _fits, _because in FILLERS:
    _rule = _filler(_kinds, _of_nothing, _options, _fits, _because)
    enter(tuple(_names.split()), _rule, "same", "view")


@op("copy_", layout="view")
def copy(call: Call, input: Value, src: Any, non_blocking: bool = False) -> Value:
    """(*S), (*A) -> (*S)"""
    if isinstance(src, Value):  # PyTorch takes a number, too
        expandable(call, src, input, "src")
    return input
