"""Losses that compare entry by entry, and what a reduction makes of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..core.dims import Size
from . import layout
from .call import Call
from .common import accepts, at_least_float, expandable, float_only, pointwise, same_dtype
from .dtypes import category, promote_two, result_type
from .registry import op
from .value import Value

SAME = "target must have the shape of the input"


def wanted(size_average: bool | None, reduce: bool | None, reduction: str) -> str:
    """The reduction, also where it is given the old way."""
    if size_average is None and reduce is None:
        return reduction
    if reduce is False:
        return "none"
    return "sum" if size_average is False else "mean"


def reduced(call: Call, loss: Value, reduction: str) -> Value:
    """What is left of the entries of a loss."""
    if reduction not in ("none", "mean", "sum"):
        call.fail("reduction must be 'none', 'mean' or 'sum'", kind="argument", of="reduction")
    return loss if reduction == "none" else call.tensor((), loss.dtype)


def same_shape(
    call: Call, x: Sequence[Size], other: Sequence[Size], because: str = SAME, of: str = "target"
) -> None:
    """Demands equal shapes; the rule stops where not even the ranks agree."""
    if len(x) != len(other):
        call.fail(because, kind="loss", of=of)
    for i, size in enumerate(other):
        call.equal(size, x[i], because, kind="loss", of=of, axis=i)


@op("F.mse_loss F.l1_loss")
def mse_loss(
    call: Call, input: Value, target: Value, size_average: bool | None = None,
    reduce: bool | None = None, reduction: str = "mean", weight: Value | None = None,
) -> Value:
    """(*A), (*B) -> (*broadcast(A, B)), reduced"""
    reduction = wanted(size_average, reduce, reduction)
    loss = pointwise(call, (input, target), "if" if "l1" in call.op else "f")
    if weight is not None:
        same_shape(call, input, weight, "weights and input must have the same size", "weight")
        loss = pointwise(call, (loss, weight))
    return reduced(call, loss, reduction)


@op("F.smooth_l1_loss")
def smooth_l1_loss(
    call: Call, input: Value, target: Value, size_average: bool | None = None,
    reduce: bool | None = None, reduction: str = "mean", beta: float = 1.0,
) -> Value:
    """(*A), (*B) -> (*broadcast(A, B)), reduced"""
    if beta < 0:
        call.wrong("beta cannot be negative", kind="argument", of="beta")
    loss = pointwise(call, (input, target), "f")
    return reduced(call, loss, wanted(size_average, reduce, reduction))


@op("F.huber_loss")
def huber_loss(
    call: Call, input: Value, target: Value, reduction: str = "mean", delta: float = 1.0,
    weight: Value | None = None,
) -> Value:
    """(*A), (*B) -> (*broadcast(A, B)), reduced"""
    if delta <= 0:
        call.wrong("delta must be positive", kind="argument", of="delta")
    loss = pointwise(call, (input, target), "f")
    if weight is not None:
        same_shape(call, input, weight, "weights and input must have the same size", "weight")
        loss = pointwise(call, (loss, weight))
    return reduced(call, loss, reduction)


@op("F.kl_div")
def kl_div(
    call: Call, input: Value, target: Value, size_average: bool | None = None,
    reduce: bool | None = None, reduction: str = "mean", log_target: bool = False,
) -> Value:
    """(*A), (*B) -> (*broadcast(A, B)), reduced"""
    loss = pointwise(call, (input, target), "f")
    batchmean = reduction == "batchmean" and size_average is None and reduce is None
    return reduced(call, loss, "sum" if batchmean else wanted(size_average, reduce, reduction))


@op("F.poisson_nll_loss")
def poisson_nll_loss(
    call: Call, input: Value, target: Value, log_input: bool = True, full: bool = False,
    size_average: bool | None = None, eps: float = 1e-8, reduce: bool | None = None,
    reduction: str = "mean",
) -> Value:
    """(*A), (*B) -> (*broadcast(A, B)), reduced"""
    loss = pointwise(call, (input, target), policy="float")
    return reduced(call, loss, wanted(size_average, reduce, reduction))


@op("F.gaussian_nll_loss")
def gaussian_nll_loss(
    call: Call, input: Value, target: Value, var: Any, full: bool = False, eps: float = 1e-6,
    reduction: str = "mean",
) -> Value:
    """(*A), (*B), (*A) -> (*broadcast(A, B)), reduced"""
    spread = var if isinstance(var, Value) else input
    if len(spread) == len(input) - 1:
        same_shape(call, input[:-1], spread, "var must have the shape of the input", "var")
        spread = call.tensor((*spread, 1), spread.dtype)
    elif isinstance(var, Value):
        words = "var must have the shape of the input, or one variance for its last axis"
        if len(var) != len(input):
            call.fail(words, kind="loss", of="var")
        expandable(call, var, input, "var", "loss")
    loss = pointwise(call, (spread, input, target), policy="float")
    return reduced(call, loss, reduction)


@op("F.binary_cross_entropy")
def binary_cross_entropy(
    call: Call, input: Value, target: Value, weight: Value | None = None,
    size_average: bool | None = None, reduce: bool | None = None, reduction: str = "mean",
) -> Value:
    """(*S), (*S) -> (*S), reduced"""
    same_shape(call, input, target)
    float_only(call, input)
    same_dtype(call, input, target, weight, because="target and weight must have the dtype of the input")
    if weight is not None:
        expandable(call, weight, target, "weight", "loss")
    loss = call.tensor(input, input.dtype, layout.follow(input, [input, target]))
    return reduced(call, loss, wanted(size_average, reduce, reduction))


@op("F.binary_cross_entropy_with_logits")
def binary_cross_entropy_with_logits(
    call: Call, input: Value, target: Value, weight: Value | None = None,
    size_average: bool | None = None, reduce: bool | None = None, reduction: str = "mean",
    pos_weight: Value | None = None,
) -> Value:
    """(*S), (*S) -> (*S), reduced"""
    same_shape(call, input, target)
    loss = pointwise(call, (input, target), policy="float")
    for given in (pos_weight, weight):
        if given is not None:
            loss = pointwise(call, (loss, given))
    return reduced(call, loss, wanted(size_average, reduce, reduction))


@op("F.soft_margin_loss")
def soft_margin_loss(
    call: Call, input: Value, target: Value, size_average: bool | None = None,
    reduce: bool | None = None, reduction: str = "mean",
) -> Value:
    """(*A), (*B) -> (*broadcast(A, B)), reduced"""
    loss = pointwise(call, (input, target), policy="float")
    return reduced(call, loss, wanted(size_average, reduce, reduction))


@op("F.hinge_embedding_loss")
def hinge_embedding_loss(
    call: Call, input: Value, target: Value, margin: float = 1.0,
    size_average: bool | None = None, reduce: bool | None = None, reduction: str = "mean",
) -> Value:
    """(*A), (*B) -> (*broadcast(A, B)), reduced"""
    loss = pointwise(call, (target, input), "if")
    return reduced(call, loss, wanted(size_average, reduce, reduction))


@op("F.margin_ranking_loss")
def margin_ranking_loss(
    call: Call, input1: Value, input2: Value, target: Value, margin: float = 0,
    size_average: bool | None = None, reduce: bool | None = None, reduction: str = "mean",
) -> Value:
    """(*A), (*B), (*C) -> (*broadcast(A, B, C)), reduced"""
    if len(input1) != len(input2) or len(input1) != len(target):
        call.fail("both inputs and the target must have as many axes", kind="loss", of="target")
    loss = pointwise(call, (target, input1, input2), "if")
    return reduced(call, loss, wanted(size_average, reduce, reduction))


@op("F.multilabel_soft_margin_loss")
def multilabel_soft_margin_loss(
    call: Call, input: Value, target: Value, weight: Value | None = None,
    size_average: bool | None = None, reduce: bool | None = None, reduction: str = "mean",
) -> Value:
    """(*A, C), (*A, C) -> (*A), reduced"""
    float_only(call, input)
    if not input:
        call.fail("the input needs an axis of classes", kind="rank", of="input")
    loss = pointwise(call, (target, input))
    if weight is not None:
        loss = pointwise(call, (loss, weight))
    axis = call.axis(len(input) - 1, len(loss))
    kept = call.tensor((*loss[:axis], *loss[axis + 1 :]), loss.dtype)
    return reduced(call, kept, wanted(size_average, reduce, reduction))


def _distances(call: Call, a: Value, b: Value) -> Value:
    """The distances between the vectors along the last axes."""
    shape = call.broadcast(a, b)
    return call.tensor(shape[:-1], at_least_float(promote_two(a.dtype, b.dtype), call))


@op("F.triplet_margin_loss")
def triplet_margin_loss(
    call: Call, anchor: Value, positive: Value, negative: Value, margin: float = 1.0, p: float = 2,
    eps: float = 1e-6, swap: bool = False, size_average: bool | None = None,
    reduce: bool | None = None, reduction: str = "mean",
) -> Value:
    """(*A, n), (*A, n), (*A, n) -> (*A), reduced"""
    if margin <= 0:
        call.wrong("the margin must be positive", kind="argument", of="margin")
    if len(anchor) != len(positive) or len(anchor) != len(negative):
        call.fail("anchor, positive and negative must have as many axes", kind="loss", of="anchor")
    pairs = [(anchor, positive), (anchor, negative)] + [(positive, negative)] * swap
    loss = pointwise(call, [_distances(call, a, b) for a, b in pairs], "f")
    return reduced(call, loss, wanted(size_average, reduce, reduction))


@op("F.triplet_margin_with_distance_loss")
def triplet_margin_with_distance_loss(
    call: Call, anchor: Value, positive: Value, negative: Value, *, distance_function: Any = None,
    margin: float = 1.0, swap: bool = False, reduction: str = "mean",
) -> Value:
    """(*A, n), (*A, n), (*A, n) -> (*A), reduced"""
    if distance_function is not None:
        call.fail("a distance of one's own is not analysed", kind="argument", of="distance_function")
    return triplet_margin_loss(
        call, anchor, positive, negative, margin, swap=swap, reduction=reduction
    )
