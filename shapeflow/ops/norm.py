"""Normalisation over the batch, over channels, or over the last axes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..core import constraint, dims
from ..core.dims import Size
from ..core.shape import product
from . import layout
from .call import Call
from .common import (
    accepts,
    at_least_float,
    channels_last,
    empty,
    float_only,
    like,
    more_than_one,
    pixels,
    pointwise,
    vanishes,
)
from .dtypes import category
from .registry import op
from .value import Value

RUNNING = "without statistics of the input, running ones are needed"


def per_channel(
    call: Call, channels: Size | None, dtype: str, free: str = "", **vectors: Value | None
) -> None:
    """Demands one entry for each channel of every vector, in a fitting dtype; ``free`` has any.

    Where ``channels`` is None, any number of entries will do.
    """
    first = ""
    for name, vector in vectors.items():
        if vector is None:
            continue
        call.rank(vector, 1, of=name)
        if channels is not None and not first:
            call.equal(channels, vector[0],
                       f"the channels of the input must be as many as the entries of {name}",
                       kind="features", of="input", axis=1)
            first, channels = name, vector[0]
        elif channels is not None:
            call.equal(vector[0], channels, f"{name} must have as many entries as {first}",
                       kind="features", of=name, axis=0)
        if dtype and name != free:
            _fitting(call, vector, dtype, name)


def is_fitting(vector: Value, dtype: str) -> bool:
    """Whether entries for each channel have the dtype of the input, or are longer as allowed."""
    return vector.dtype in (dtype, "float32" if dtype.endswith("float16") else dtype)


def _fitting(call: Call, vector: Value, dtype: str, name: str) -> None:
    """Demands the dtype of the input, or float32 beside a shorter one."""
    if not is_fitting(vector, dtype):
        call.wrong(f"{name} must have the dtype of the input", kind="dtype", of=name)


@op("F.batch_norm")
def batch_norm(
    call: Call, input: Value, running_mean: Value | None, running_var: Value | None,
    weight: Value | None = None, bias: Value | None = None, training: bool = False,
    momentum: float = 0.1, eps: float = 1e-5,
) -> Value:
    """(N, C, *S) -> (N, C, *S)"""
    if training:
        if not input:
            call.fail("the input must be (N, C, *S)", kind="rank", of="input")
        more_than_one(call, (input[0], *input[2:]),
                      "training needs more than one value per channel to normalise over")
    if eps < 0 or (training and eps == 0):
        call.wrong("eps must be positive", kind="argument", of="eps")
    return torch_batch_norm(call, input, weight, bias, running_mean, running_var, training,
                            momentum, eps, True)


@op("torch.batch_norm")
def torch_batch_norm(
    call: Call, input: Value, weight: Value | None, bias: Value | None, running_mean: Value | None,
    running_var: Value | None, training: bool, momentum: float, eps: float, cudnn_enabled: bool,
) -> Value:
    """(N, C, *S) -> (N, C, *S)"""
    if len(input) < 2 and not vanishes(call, input):
        call.fail("the input must be (N, C, *S)", kind="rank", of="input")
    vectors = (running_mean, running_var, weight, bias)
    lacks = not training and (running_mean is None or running_var is None)
    if len(input) < 2 or _is_nothing(call, input, vectors, lacks):
        return _of_nothing(call, input, weight=weight, bias=bias)
    float_only(call, input)
    if lacks:
        call.wrong("evaluation needs running statistics", kind="argument", of="running_mean")
    if (running_mean is None) != (running_var is None):
        call.wrong("running_mean and running_var go together", kind="argument", of="running_mean")
    if input.strides is None:
        weight, bias = _counted(weight), _counted(bias)
    vectors = (running_mean, running_var, weight, bias)
    free = "running_var" if not training and _rooted(call, input, running_var, vectors) else ""
    per_channel(call, input[1], input.dtype, free, running_mean=running_mean,
                running_var=running_var, weight=weight, bias=bias)
    if weight is not None or bias is not None:
        call.at_least(input[1], 1, "there must be a channel", kind="values", of="input", axis=1)
    return pixels(call, input, input.dtype, input)


def _counted(vector: Value | None) -> Value | None:
    """A vector whose entries are counted, in whichever shape."""
    if vector is None or len(vector) == 1:
        return vector
    return Value((product(vector),), vector.dtype)


def _is_nothing(
    call: Call, x: Value, vectors: Sequence[Value | None], lacks: bool = False
) -> bool:
    """Whether an input is empty; where sizes decide on it, they are asked if it matters."""
    plain = category(x.dtype) == 2 and not lacks and all(
        v is None or (tuple(v) == (x[1],) and is_fitting(v, x.dtype)) for v in vectors
    )
    return empty(x) if plain else vanishes(call, x)


def _rooted(
    call: Call, x: Value, variance: Value | None, vectors: Sequence[Value | None]
) -> bool:
    """Whether the root of the variance is taken first, which makes a float of a whole number.

    So it is where the input is laid out neither row by row nor with its channels innermost, and
    where the entries of a vector do not lie side by side.
    """
    if variance is None or category(variance.dtype) > 1 or x.dtype != call.default_dtype:
        return False
    spread = [layout.lies_as(v) for v in vectors if v is not None and v.strides is not None]
    if spread and not call.holds(constraint.all_of(spread)):
        return True
    turned = x.strides is not None and not channels_last(x)
    return turned and not call.holds(layout.lies_as(x))


def _of_nothing(call: Call, x: Value, **vectors: Value | None) -> Value:
    """What is empty comes back, times the first weight and plus the first bias."""
    result = like(call, x)
    for name, vector in vectors.items():
        if vector is not None:
            if not vector:
                call.fail(f"{name} must have an axis of channels", kind="rank", of=name)
            call.at_least(vector[0], 1, f"{name} must have an entry", kind="values", of=name,
                          axis=0)
            result = pointwise(call, (result, Value(vector[1:], vector.dtype)))
    return result


@op("F.instance_norm")
def instance_norm(
    call: Call, input: Value, running_mean: Value | None = None, running_var: Value | None = None,
    weight: Value | None = None, bias: Value | None = None, use_input_stats: bool = True,
    momentum: float = 0.1, eps: float = 1e-5,
) -> Value:
    """(N, C, *S) -> (N, C, *S)"""
    if use_input_stats:
        more_than_one(call, input[2:], "each channel of a sample needs more than one value")
    return torch_instance_norm(call, input, weight, bias, running_mean, running_var,
                               use_input_stats, momentum, eps, False)


@op("torch.instance_norm")
def torch_instance_norm(
    call: Call, input: Value, weight: Value | None, bias: Value | None, running_mean: Value | None,
    running_var: Value | None, use_input_stats: bool, momentum: float, eps: float,
    cudnn_enabled: bool,
) -> Value:
    """(N, C, *S) -> (N, C, *S)"""
    if len(input) < 2:
        call.fail("the input must be (N, C, *S)", kind="rank", of="input")
    if not use_input_stats:
        running_mean, running_var = _spread(running_mean), _spread(running_var)
        if running_mean is None or running_var is None:
            call.wrong(RUNNING, kind="argument", of="running_mean")
    weight, bias = _spread(weight), _spread(bias)
    if scaled := weight is not None or bias is not None:
        call.at_least(input[0], 1, "there must be a sample", kind="values", of="input", axis=0)
    if _is_nothing(call, input, (running_mean, running_var, weight, bias)):
        channels = input[1] if use_input_stats and input[:2] != (0, 1) else None
        per_channel(call, channels, "", running_mean=running_mean, running_var=running_var)
        per_channel(call, None, "", weight=weight, bias=bias)
        return _of_nothing(call, input, weight=weight, bias=bias)
    float_only(call, input)
    per_channel(call, input[1], input.dtype, "running_mean", running_mean=running_mean,
                running_var=running_var, weight=weight, bias=bias)
    if scaled:
        call.at_least(input[1], 1, "there must be a channel", kind="values", of="input", axis=1)
    return call.tensor(input, input.dtype)


def _spread(vector: Value | None) -> Value | None:
    """The vector, one number being that of a single channel."""
    return vector if vector is None or vector else Value((1,), vector.dtype)


@op("group_norm")
def group_norm(
    call: Call, input: Value, num_groups: int, weight: Value | None = None,
    bias: Value | None = None, eps: float = 1e-5, cudnn_enabled: bool = True,
) -> Value:
    """(N, C, *S) -> (N, C, *S)"""
    if len(input) < 2:
        call.fail("the input must be (N, C, *S)", kind="rank", of="input")
    float_only(call, input)
    call.at_least(num_groups, 1, "there must be at least one group", kind="argument",
                  of="num_groups")
    call.divides(num_groups, input[1], "channels must be divisible by the groups", of="input",
                 axis=1)
    if call.op.startswith("F."):
        each = dims.floordiv(input[0] * input[1], num_groups) if num_groups != 0 else 1
        more_than_one(call, (each, *input[2:]), "a group needs more than one value")
    per_channel(call, input[1], input.dtype, weight=weight, bias=bias)
    return pixels(call, input, input.dtype, input)


@op("layer_norm rms_norm")
def layer_norm(
    call: Call, input: Value, normalized_shape: Any, weight: Value | None = None,
    bias: Any = None, eps: Any = None, cudnn_enable: bool = True,
) -> Value:
    """(*A, *normalized_shape) -> (*A, *normalized_shape)"""
    rms = "rms" in call.op
    accepts(call, input.dtype, "fc" if rms else "f", "input")
    wanted = call.sizes((normalized_shape,))
    if not wanted or len(wanted) > len(input):
        call.fail("normalized_shape must name one to all of the last axes", kind="rank", of="input")
    _equal_shapes(call, input[-len(wanted) :], wanted, "input",
                  "the last sizes of the input must be normalized_shape")
    bias = bias if isinstance(bias, Value) else None  # the third argument of rms_norm is eps
    for name, vector in (("weight", weight), ("bias", bias)):
        if vector is not None:
            words = f"{name} must have the shape normalized_shape"
            call.rank(vector, len(wanted), of=name, because=words)
            _equal_shapes(call, vector, wanted, name, words)
            if not rms:
                _fitting(call, vector, input.dtype, name)
    return pixels(call, input, input.dtype, *((input,) if rms else ()))


def _equal_shapes(
    call: Call, found: Sequence[Size], wanted: Sequence[Size], of: str, because: str
) -> None:
    """Demands equal shapes of equal rank."""
    for i in range(-len(wanted), 0):
        call.equal(found[i], wanted[i], because, kind="features", of=of, axis=i)


@op("F.local_response_norm")
def local_response_norm(
    call: Call, input: Value, size: int, alpha: float = 1e-4, beta: float = 0.75, k: float = 1.0
) -> Value:
    """(N, C, *S) -> (N, C, *S)"""
    if len(input) < 3:
        call.fail("the input must be (N, C, *S) with at least one axis in S", kind="rank",
                  of="input")
    if vanishes(call, input):
        return input
    accepts(call, input.dtype, "if" if input.dtype == "int64" else "f", "input")
    call.at_least(size, 1, "the neighbourhood needs at least one channel", kind="argument",
                  of="size")
    result = like(call, input, at_least_float(input.dtype, call))
    if len(input) > 4:
        flat = (input[0], 1, *input[1:3], product(input[3:]))
        _, relation = layout.viewed(result, flat, call.settled)
        call.require(relation,
                     "the axes behind the first of S must lie behind one another in memory",
                     kind="layout", of="input")
    return result
