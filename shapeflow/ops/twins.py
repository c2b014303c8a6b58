"""Losses and layers as torch's own functions: reductions are numbers, statistics come along."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from ..core.dims import Size
from ..core.shape import product
from . import layout
from .activation import dropout
from .call import Call
from .classification import cosine_embedding_loss
from .common import (
    accepts,
    empty,
    exactly,
    expandable,
    float_only,
    like,
    pixels,
    pointwise,
    same_dtype,
    vanishes,
)
from .conv import conv, conv_transpose, positive
from .embedding import embedding_bag
from .losses import (
    binary_cross_entropy_with_logits,
    hinge_embedding_loss,
    kl_div,
    margin_ranking_loss,
    poisson_nll_loss,
    triplet_margin_loss,
)
from .norm import is_fitting, layer_norm, per_channel, torch_batch_norm
from .padding import grid_sample
from .registry import enter, op
from .value import Value


def _with_logits(
    call: Call, input: Value, target: Value, weight: Value | None = None,
    pos_weight: Value | None = None, reduction: str = "mean",
) -> Value:
    """The input is broadcast to the target, but not beside weights of the positives."""
    if pos_weight is None:
        expandable(call, input, target, "input", "loss")
        input = like(call, call.tensor(target, input.dtype, target.strides))
    return binary_cross_entropy_with_logits(call, input, target, weight, reduction=reduction,
                                            pos_weight=pos_weight)


# Names, the rule that torch.nn.functional's has, what comes before the reduction, and its default.
LOSSES: list[tuple[str, Callable[..., Value], str, int | None]] = [
    ("binary_cross_entropy_with_logits", _with_logits, "input target weight pos_weight", 1),
    ("cosine_embedding_loss", cosine_embedding_loss, "input1 input2 target margin", 1),
    ("hinge_embedding_loss", hinge_embedding_loss, "input target margin", 1),
    ("kl_div", kl_div, "input target", 1),
    ("margin_ranking_loss", margin_ranking_loss, "input1 input2 target margin", 1),
    ("poisson_nll_loss", poisson_nll_loss, "input target log_input full eps", None),
    ("triplet_margin_loss", triplet_margin_loss, "anchor positive negative margin p eps swap", 1),
]  # fmt: skip


def _twin(rule: Callable[..., Value], names: Sequence[str], default: int | None) -> Any:
    def loss(call: Call, *args: Any, **kwargs: Any) -> Value:
        """as the function of torch.nn.functional, the reduction a number"""
        given = dict(zip(names, args, strict=False)) | kwargs
        number = given.pop("reduction", default)
        return rule(call, **given, reduction={1: "mean", 2: "sum"}.get(number, "none"))

    return loss


for _name, _rule, _words, _default in LOSSES:
    enter((f"torch.{_name}",), _twin(_rule, [*_words.split(), "reduction"], _default), "same",
          "contiguous")


@op("torch.embedding_bag")
def bags(
    call: Call, weight: Value, indices: Value, offsets: Value, scale_grad_by_freq: bool = False,
    mode: int = 0, sparse: bool = False, per_sample_weights: Value | None = None,
    include_last_offset: bool = False, padding_idx: int | None = None,
) -> list[Value]:
    """(num, D), (n), (B) -> (B, D), and where each index went"""
    call.rank(indices, 1, of="indices")
    if mode not in (0, 1, 2):
        call.fail("the mode must be sum, mean or max", kind="argument", of="mode")
    result = embedding_bag(
        call, indices, weight, offsets, None, 2, scale_grad_by_freq, ("sum", "mean", "max")[mode],
        sparse, per_sample_weights, include_last_offset, padding_idx,
    )  # fmt: skip
    whole = indices.dtype if indices.dtype == offsets.dtype else "int64"
    quick = mode == 0 and weight.dtype != "float64" and padding_idx is None
    quick = quick and call.is_one(layout.strides_of(weight)[1])
    places = 0 if quick else indices[0]
    count = (offsets[0] if mode == 0 else result[0],)
    most = tuple(result) if mode == 2 else count
    return [result, *(call.tensor(shape, whole) for shape in ((places,), count, most))]


@op("torch.convolution")
def convolution(
    call: Call, input: Value, weight: Value, bias: Value | None, stride: Any, padding: Any,
    dilation: Any, transposed: bool, output_padding: Any, groups: int,
) -> Value:
    """(N, C, *S), (D, C//g, *K) -> (N, D, *T)"""
    accepts(call, input.dtype, "bif", "input")
    call.rank(weight, 3, 4, 5, of="weight")
    call.rank(input, len(weight), of="input", because="the input must have the axes of the weight")
    name = f"torch.conv_transpose{len(weight) - 2}d" if transposed else f"conv{len(weight) - 2}d"
    plain = Call(name, call.asker, call.node, call.default_dtype)
    if transposed:
        return conv_transpose(plain, input, weight, bias, stride, padding, output_padding, groups,
                              dilation)
    extra = exactly(plain, output_padding, len(weight) - 2, "output_padding")
    positive(plain, extra, "output_padding", 0)
    return conv(plain, input, weight, bias, stride, padding, dilation, groups)


@op("torch.native_batch_norm")
def native_batch_norm(
    call: Call, input: Value, weight: Value | None, bias: Value | None, running_mean: Value | None,
    running_var: Value | None, training: bool, momentum: float, eps: float,
) -> list[Value]:
    """(N, C, *S) -> (N, C, *S), (C), (C)"""
    if training:
        call.at_least(product(input), 1, "the input must not be empty", kind="values", of="input")
    if not training and empty(input):
        result = like(call, input)
    else:
        result = torch_batch_norm(call, input, weight, bias, running_mean, running_var, training,
                                  momentum, eps, True)
    kept = call.tensor((input[1] if training else 0,), input.dtype)
    return [result, kept, kept]


@op("torch.batch_norm_update_stats")
def batch_norm_update_stats(
    call: Call, input: Value, running_mean: Value | None, running_var: Value | None,
    momentum: float,
) -> list[Value]:
    """(N, C, *S), (C), (C) -> (C), (C)"""
    if len(input) < 2:
        call.fail("the input must be (N, C, *S)", kind="rank", of="input")
    float_only(call, input)
    call.at_least(product(input), 1, "the input must not be empty", kind="values", of="input")
    kept = [x for x in (running_mean, running_var) if x is not None]
    same_dtype(call, *kept)
    per_channel(call, input[1], input.dtype, running_mean=running_mean, running_var=running_var)
    dtype = kept[0].dtype if kept else input.dtype
    return [call.tensor((input[1],), dtype), call.tensor((input[1],), dtype)]


@op("torch.native_layer_norm")
def native_layer_norm(
    call: Call, input: Value, normalized_shape: Any, weight: Value | None, bias: Value | None,
    eps: float,
) -> list[Value]:
    """(*A, *normalized_shape) -> (*A, *normalized_shape), (*A, 1, ..), (*A, 1, ..)"""
    result = layer_norm(call, input, normalized_shape, weight, bias, eps)
    n = len(call.sizes((normalized_shape,)))
    dtype = input.dtype if weight is None else weight.dtype
    kept = call.tensor((*input[:-n], *(1,) * n), dtype)
    return [result, kept, kept]


@op("torch.native_group_norm")
def native_group_norm(
    call: Call, input: Value, weight: Value | None, bias: Value | None, N: Size, C: Size,
    HxW: Size, group: int, eps: float,
) -> list[Value]:
    """(*S) -> (*S), (N, group), (N, group)"""
    float_only(call, input)
    call.equal(product(input), N * C * HxW, "N, C and HxW must make as many entries as the input",
               kind="elements", of="input")
    call.at_least(group, 1, "there must be at least one group", kind="argument", of="group")
    call.at_least(N, 0, "the batch cannot have less than no entries", kind="argument", of="N")
    call.divides(group, C, "channels must be divisible by the groups", of="C")
    for x, name in ((weight, "weight"), (bias, "bias")):
        if x is not None:
            call.rank(x, 1, of=name)
            call.equal(x[0], C, f"{name} needs one entry for each channel", kind="features",
                       of=name, axis=0)
    same_dtype(call, weight, bias)
    entries = bias if weight is None else weight
    if entries is not None and not is_fitting(entries, input.dtype):
        call.wrong("weights must have the dtype of the input", kind="dtype", of="weight")
    wanted = pixels(call, input, input.dtype, input)
    call.require(layout.lies_as(input, wanted.strides), "the input must be contiguous",
                 kind="layout", of="input")
    kept = call.tensor((N, group), (input if entries is None else entries).dtype)
    return [wanted, kept, kept]


@op("torch.native_dropout")
def native_dropout(call: Call, input: Value, p: float, train: bool | None) -> list[Value]:
    """(*S) -> (*S), (*S)"""
    if vanishes(call, input):  # what is empty comes back twice
        return [like(call, input), like(call, input)]
    if train is not False:
        accepts(call, input.dtype, "fc", "input")
        dropout(call, call.tensor(input, "float32"), p, True)
    return [like(call, input), like(call, input, "bool")]


@op("torch.grid_sampler_2d torch.grid_sampler_3d")
def grid_sampler(
    call: Call, input: Value, grid: Value, interpolation_mode: int, padding_mode: int,
    align_corners: bool,
) -> Value:
    """(N, C, *S), (N, *P, rank - 2) -> (N, C, *P)"""
    n = int(call.op[-2])
    words = f"the input must be (N, C, {'H, W' if n == 2 else 'D, H, W'})"
    call.rank(input, n + 2, of="input", because=words)
    return grid_sample(call, input, grid, interpolation_mode, padding_mode, align_corners)


@op("torch.affine_grid_generator")
def affine_grid_generator(
    call: Call, theta: Value, size: Sequence[Size], align_corners: bool
) -> Value:
    """(N, r, r + 1), (N, C, *P) -> (N, *P, r)"""
    accepts(call, theta.dtype, "ifc", "theta")
    call.rank(tuple(size), 4, 5, of="size", because="size must be (N, C, H, W) or (N, C, D, H, W)")
    n = len(size) - 2
    call.rank(theta, 3, of="theta", because="theta must be (N, 2, 3) or (N, 3, 4)")
    for d in size[2:]:
        call.at_least(d, 0, "a size must be at least 0", kind="argument", of="size")
    rows = () if empty((size[0], *size[2:])) else ((1, n),)  # no place has any number
    for axis, wanted in ((0, size[0]), *rows, (2, n + 1)):
        call.equal(theta[axis], wanted, "theta must hold one affine map for each sample",
                   kind="features", of="theta", axis=axis)
    return call.tensor((size[0], *size[2:], n), theta.dtype)


@op("torch._weight_norm")
def weight_norm(call: Call, v: Value, g: Value, dim: int = 0) -> Value:
    """(*A, n, *B), (1, .., n, .., 1) -> (*A, n, *B)"""
    same_dtype(call, v, g)
    float_only(call, v, "v")
    if dim == -1:  # the norm of all entries
        return call.tensor(pointwise(call, (v, g)), v.dtype)
    d = call.axis(dim, len(v), "v")
    if dim not in (0, len(v) - 1):
        lengths = call.tensor((v[d], *(1,) * (len(v) - d - 1)), v.dtype)
        return call.tensor(pointwise(call, (v, g, lengths)), v.dtype)
    call.equal(product(g), v[d], "g must hold one length for each slice of v", kind="features",
               of="g")
    call.at_least(v[d], 1, "there must be a slice of v", kind="values", of="v", axis=d)
    return call.tensor(v, v.dtype)


@op("torch.fake_quantize_per_tensor_affine torch.fake_quantize_per_channel_affine")
def fake_quantize(
    call: Call, input: Value, scale: Any, zero_point: Any, *limits: int, **named: int
) -> Value:
    """(*S) -> (*S)"""
    float_only(call, input)
    least, most = (*limits, *named.values())[-2:]
    if least > most:
        call.wrong("quant_min must be at most quant_max", kind="argument", of="quant_min")
    if "channel" in call.op:
        _per_channel(call, input, scale, zero_point, named.get("dim", (*limits, 0)[0]))
    elif isinstance(scale, Value):
        for x, of in ((scale, "scale"), (zero_point, "zero_point")):
            call.equal(product(x), 1, f"{of} must be one number", kind="argument", of=of)
    elif not least <= zero_point <= most:
        call.wrong("zero_point must be between quant_min and quant_max", kind="argument",
                   of="zero_point")
    return like(call, input)


@op("torch.choose_qparams_optimized")
def choose_qparams(
    call: Call, input: Value, numel: Size, n_bins: int, ratio: float, bit_width: int
) -> list[Value]:
    """(*S) -> (1), (1)"""
    if input.dtype != "float32":
        call.wrong("the input must be float32", kind="dtype", of="input")
    call.at_least(product(input), 1, "the input must not be empty", kind="values", of="input")
    because = "no more entries can be looked at than there are"
    call.at_least(product(input), numel, because, kind="argument", of="numel")
    call.at_least(numel, 0, "the number of entries must be at least 0", kind="argument", of="numel")
    return [call.tensor((1,), "float32"), call.tensor((1,), "float32")]


def _per_channel(call: Call, x: Value, scale: Value, zero: Value, axis: int) -> None:
    """Demands a scale and a zero point for each slice along an axis."""
    if not 0 <= axis < max(len(x), 1):
        call.fail("the axis is out of range, and must not be negative", kind="axis", of="axis")
    for given, of in ((scale, "scale"), (zero, "zero_point")):
        call.rank(given, 1, of=of)
        call.equal(given[0], x[axis] if x else 1, f"{of} must have one entry for each slice",
                   kind="features", of=of, axis=0)
    call.at_least(product(zero), 1, "there must be a zero point", kind="values", of="zero_point")
    if scale.dtype != "float32" or zero.dtype not in ("int32", "float32", "float16"):
        call.wrong("scales must be float32, and zero points int32 or floats", kind="dtype",
                   of="zero_point")
