"""Modules and losses of some steps whose Python goes by entries or takes the batch in parts."""

from __future__ import annotations

from typing import Any

from ..core import constraint
from ..core.dims import Size
from ..core.shape import Shape
from .call import Call
from .classification import cross_entropy
from .common import accepts, empty, float_only, vanishes
from .dtypes import category
from .linalg import linear
from .losses import reduced
from .registry import op
from .value import Value


@op("nn.AdaptiveLogSoftmaxWithLoss")
def adaptive_log_softmax(
    call: Call, input_: Value, target_: Value, *, in_features: Size, head: Any
) -> list[Value]:
    """(N, in_features), (N) -> (N), ()"""
    call.rank(target_, 0, 1, of="target_", because="target must be (N) or one class", kind="loss")
    call.rank(input_, len(target_) + 1, of="input_",
              because="a target (N) goes with an input (N, in_features)")
    if target_:
        call.equal(target_[0], input_[0], "batch sizes of target and input must be equal",
                   kind="loss", of="target_", axis=0)
    call.equal(input_[-1], in_features, "the last size of the input must be in_features",
               kind="features", of="input_", axis=-1)
    right = target_.dtype in ("int64", "int32")
    if not right and (category(target_.dtype) == 3 or not vanishes(call, target_)):
        call.wrong("classes must be given as int64", kind="dtype", of="target_")
    if input_.dtype != str(head.weight.dtype).removeprefix("torch."):
        call.wrong("the input must have the dtype of the layer", kind="dtype", of="input_")
    return [call.tensor(target_, input_.dtype), call.tensor((), input_.dtype)]


@op("nn.CrossMapLRN2d")
def cross_map_lrn(call: Call, input: Value) -> Value:
    """(N, C, H, W) -> (N, C, H, W)"""
    call.rank(input, 4, of="input", because="the input must be (N, C, H, W)")
    accepts(call, input.dtype, "fc", "input")
    call.at_least(input[1], 1, "there must be a channel", kind="values", of="input", axis=1)
    return call.tensor(input, input.dtype)


@op("F.linear_cross_entropy")
def linear_cross_entropy(
    call: Call, input: Value, linear_weight: Value, target: Value, *,
    linear_bias: Value | None = None, weight: Value | None = None, reduction: str = "mean",
    ignore_index: int | None = None, label_smoothing: float = 0.0, options: Any = None,
) -> Value:
    """(N, i), (C, *K, i), (N, *K) or (N, C, *K) -> (N, *K), reduced"""
    call.rank(input, 1, 2, of="input", because="the input must be (N, in_features) or one row")
    if len(linear_weight) < 2 or len(input) < min(len(linear_weight) - 1, 2):
        call.fail("the weight must be (C, in_features), or (C, *K, in_features) for a batch",
                  kind="rank", of="linear_weight")
    classes = linear_weight[:-1]
    _bias_of_classes(call, linear_bias, classes)
    scores = call.tensor((*input[:-1], *classes), input.dtype)
    _no_mark(call, scores, target, ignore_index)
    plain = reduction in ("none", "mean", "sum") and not label_smoothing and len(classes) == 1
    chunked = options is not None and plain and target.dtype == "int64"
    short = input.dtype in ("float16", "bfloat16")  # computed in other dtypes
    any_dtype = chunked and (short or empty(scores[:-1]))
    row = Value((1, linear_weight[-1]), (input if any_dtype else linear_weight).dtype)
    linear(call, input, row,
           None if chunked or linear_bias is None else Value((1,), linear_bias.dtype))
    if chunked:
        return _in_chunks(call, scores, target, weight, linear_weight[-1], reduction)
    return cross_entropy(call, scores, target, weight, reduction=reduction,
                         label_smoothing=label_smoothing)


def _bias_of_classes(call: Call, bias: Value | None, classes: Shape) -> None:
    """Demands a bias with an entry for each class."""
    if bias is None:
        return
    words = "linear_bias must have the shape of the weight without the features"
    call.rank(bias, len(classes), of="linear_bias", because=words)
    for axis, size in enumerate(bias):
        call.equal(size, classes[axis], words, kind="features", of="linear_bias", axis=axis)


def _no_mark(call: Call, scores: Value, target: Value, ignore_index: int | None) -> None:
    """Demands that no class is left out where the target has a probability for each."""
    if ignore_index is None or len(target) != len(scores):
        return
    words = "ignore_index does not go with probabilities"
    if len(scores) == 1:
        call.require(constraint.distinct(target[0], scores[0]), words, kind="argument",
                     of="ignore_index")
    else:
        call.wrong(words, kind="argument", of="ignore_index")


def _in_chunks(
    call: Call, scores: Value, target: Value, weight: Value | None, features: Size, reduction: str
) -> Value:
    """The loss of a part of the batch after the other, which leaves some checks out."""
    float_only(call, scores)
    call.at_least(features, 1, "there must be a feature", kind="values", of="input", axis=-1)
    call.at_least(scores[-1], 1, "there must be a class", kind="values", of="linear_weight", axis=0)
    if not empty(scores[:-1]):
        _targets(call, scores, target, weight)
    return reduced(call, call.tensor(scores[:-1], scores.dtype), reduction)


def _targets(call: Call, scores: Value, target: Value, weight: Value | None) -> None:
    """Demands what each part of the batch is looked up in."""
    words = "target must have the axes of the input without that of the features"
    call.rank(target, len(scores) - 1, of="target", because=words, kind="loss")
    for size, batch in zip(target, scores, strict=False):
        call.at_least(size, batch, "each row of the input needs a target", kind="loss",
                      of="target", axis=0)
    if weight is not None:
        call.rank(weight, 1, of="weight", because="weight must be a list of one for each class")
        call.at_least(weight[0], 1, "there must be one weight for each class", kind="loss",
                      of="weight", axis=0)
