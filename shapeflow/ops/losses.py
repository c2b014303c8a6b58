"""Losses that compare entry by entry, and what a reduction makes of them."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations
from typing import Any

from ..core import constraint
from ..core.dims import Size
from . import layout
from .call import Call
from .common import accepts, at_least_float, expandable, float_only, like, pointwise, same_dtype
from .dtypes import FLOAT_OF, category, promote_two
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
    if reduction == "none":
        return loss
    whole = category(loss.dtype) < 2
    if whole and reduction == "mean":
        call.wrong("the mean needs floats: convert the input first", kind="dtype", of="input")
    return call.tensor((), "int64" if whole else loss.dtype)


def compared(call: Call, a: Value, b: Value, kinds: str = "f", minus: bool = False) -> Value:
    """The entries of a loss between operands that are broadcast before they are compared."""
    loss, dtype = pointwise(call, (a, b)), promote_two(a.dtype, b.dtype)
    accepts(call, "bool" if minus and "bool" in (a.dtype, b.dtype) else dtype, kinds)
    expanded = [layout.expanded(x, tuple(loss)) for x in (a, b)]
    return call.tensor(loss, dtype, layout.follow(tuple(loss), expanded, dtype))


def same_shape(
    call: Call, x: Sequence[Size], other: Sequence[Size], because: str = SAME, of: str = "target"
) -> None:
    """Demands equal shapes; the rule stops where not even the ranks agree."""
    if len(x) != len(other):
        call.fail(because, kind="loss", of=of)
    for i, size in enumerate(other):
        call.equal(size, x[i], because, kind="loss", of=of, axis=i)


def as_input(call: Call, x: Value, loss: Value, kinds: str = "f") -> Value:
    """The entries of a loss that are computed in the dtype of the input."""
    accepts(call, x.dtype, kinds, "input")
    return call.tensor(loss, x.dtype, loss.strides)


def no_bools(call: Call, **operands: Value) -> None:
    """Demands operands that can be subtracted."""
    for of, x in operands.items():
        if x.dtype == "bool":
            call.wrong("bools cannot be subtracted: convert them first", kind="dtype", of=of)


def _weighted(call: Call, x: Value, loss: Value, weight: Value | None) -> Value:
    if weight is None:
        return loss
    same_shape(call, x, weight, "weights and input must have the same size", "weight")
    return pointwise(call, (loss, weight))


@op("F.mse_loss F.l1_loss")
def mse_loss(
    call: Call, input: Value, target: Value, size_average: bool | None = None,
    reduce: bool | None = None, reduction: str = "mean", weight: Value | None = None,
) -> Value:
    """(*A), (*B) -> (*broadcast(A, B)), reduced"""
    reduction = wanted(size_average, reduce, reduction)
    minus = "l1" in call.op or weight is not None
    loss = compared(call, input, target, "ifc" if minus else "f", minus)
    if "l1" in call.op:
        loss = call.tensor(loss, FLOAT_OF.get(loss.dtype, loss.dtype), loss.strides)
    return reduced(call, _weighted(call, input, loss, weight), reduction)


@op("F.smooth_l1_loss")
def smooth_l1_loss(
    call: Call, input: Value, target: Value, size_average: bool | None = None,
    reduce: bool | None = None, reduction: str = "mean", beta: float = 1.0,
) -> Value:
    """(*A), (*B) -> (*broadcast(A, B)), reduced"""
    if beta < 0:
        call.wrong("beta cannot be negative", kind="argument", of="beta")
    if beta == 0:
        return mse_loss(call, input, target, size_average, reduce, reduction)
    loss = compared(call, input, target)
    return reduced(call, loss, wanted(size_average, reduce, reduction))


@op("F.huber_loss")
def huber_loss(
    call: Call, input: Value, target: Value, reduction: str = "mean", delta: float = 1.0,
    weight: Value | None = None,
) -> Value:
    """(*A), (*B) -> (*broadcast(A, B)), reduced"""
    if delta <= 0:
        call.wrong("delta must be positive", kind="argument", of="delta")
    loss = as_input(call, input, compared(call, input, target, "if"))
    return reduced(call, _weighted(call, input, loss, weight), reduction)


@op("F.kl_div")
def kl_div(
    call: Call, input: Value, target: Value, size_average: bool | None = None,
    reduce: bool | None = None, reduction: str = "mean", log_target: bool = False,
) -> Value:
    """(*A), (*B) -> (*broadcast(A, B)), reduced"""
    float_only(call, input)
    float_only(call, target, "target")
    loss = pointwise(call, (target, input), "f")
    batchmean = reduction == "batchmean" and size_average is None and reduce is None
    return reduced(call, loss, "sum" if batchmean else wanted(size_average, reduce, reduction))


@op("F.poisson_nll_loss")
def poisson_nll_loss(
    call: Call, input: Value, target: Value, log_input: bool = True, full: bool = False,
    size_average: bool | None = None, eps: float = 1e-8, reduce: bool | None = None,
    reduction: str = "mean",
) -> Value:
    """(*A), (*B) -> (*broadcast(A, B)), reduced"""
    if full or input.dtype == target.dtype:
        no_bools(call, target=target)
    if not log_input:
        no_bools(call, input=input)
    given = call.tensor(input, at_least_float(input.dtype, call), input.strides)
    loss = pointwise(call, (given, target))
    return reduced(call, loss, wanted(size_average, reduce, reduction))


@op("F.gaussian_nll_loss")
def gaussian_nll_loss(
    call: Call, input: Value, target: Value, var: Any, full: bool = False, eps: float = 1e-6,
    reduction: str = "mean",
) -> Value:
    """(*A), (*B), (*A) -> (*broadcast(A, B)), reduced"""
    spread = var if isinstance(var, Value) else input
    no_bools(call, input=input, target=target)
    if isinstance(var, Value):
        float_only(call, var, "var")
    spread = call.tensor(spread, at_least_float(spread.dtype, call), spread.strides)
    if len(spread) == len(input) - 1:
        same_shape(call, input[:-1], spread, "var must have the shape of the input", "var")
        spread = call.tensor((*spread, 1), spread.dtype)
    elif isinstance(var, Value):
        words = "var must have the shape of the input, or one variance for its last axis"
        if len(var) != len(input):
            call.fail(words, kind="loss", of="var")
        expandable(call, var, input, "var", "loss")
        pairs = zip(var, input, strict=True)
        whole = [constraint.equal(a, b) for a, b in pairs if a != b]
        for one, other in combinations(whole, 2):
            call.require(constraint.any_of([one, other]), words, kind="loss", of="var")
    accepts(call, spread.dtype, "f", "input")
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
    same_dtype(call, input, target, because="target must have the dtype of the input")
    if weight is not None:
        expandable(call, weight, target, "weight", "loss")
        accepts(call, weight.dtype, "bif", "weight")
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
    float_only(call, input)
    loss = as_input(call, target, pointwise(call, (target, input)), "fc")
    if pos_weight is not None:
        accepts(call, target.dtype, "bif", "target")
    for given, of in ((pos_weight, "pos_weight"), (weight, "weight")):
        if given is not None:
            kinds = "if" if of == "pos_weight" else "bif"
            expandable(call, given, input, of, "loss")
            accepts(call, given.dtype, kinds + "c" * (category(target.dtype) == 3), of)
    return reduced(call, loss, wanted(size_average, reduce, reduction))


@op("F.soft_margin_loss")
def soft_margin_loss(
    call: Call, input: Value, target: Value, size_average: bool | None = None,
    reduce: bool | None = None, reduction: str = "mean",
) -> Value:
    """(*A), (*B) -> (*broadcast(A, B)), reduced"""
    expandable(call, target, input, "target", "loss")
    if category(input.dtype) < 3:
        accepts(call, target.dtype, "bif", "target")
    loss = as_input(call, input, like(call, input), "fc")
    return reduced(call, loss, wanted(size_average, reduce, reduction))


@op("F.hinge_embedding_loss")
def hinge_embedding_loss(
    call: Call, input: Value, target: Value, margin: float = 1.0,
    size_average: bool | None = None, reduce: bool | None = None, reduction: str = "mean",
) -> Value:
    """(*A), (*B) -> (*broadcast(A, B)), reduced"""
    loss = as_input(call, input, pointwise(call, (target, input)), "if")
    return reduced(call, loss, wanted(size_average, reduce, reduction))


@op("F.margin_ranking_loss")
def margin_ranking_loss(
    call: Call, input1: Value, input2: Value, target: Value, margin: float = 0,
    size_average: bool | None = None, reduce: bool | None = None, reduction: str = "mean",
) -> Value:
    """(*A), (*B), (*C) -> (*broadcast(A, B, C)), reduced"""
    ranks = {len(input1), len(input2), len(target)}
    if len(ranks) > 1 and not call.op.startswith("torch."):
        call.fail("both inputs and the target must have as many axes", kind="loss", of="target")
    no_bools(call, input1=input1, input2=input2, target=target)
    loss = pointwise(call, (target, input1, input2), "bif", "float")
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
    no_bools(call, target=target)
    loss = pointwise(call, (target, input))
    if weight is not None:
        loss = pointwise(call, (loss, weight))
    axis = call.axis(len(input) - 1, len(loss))
    kept = call.tensor((*loss[:axis], *loss[axis + 1 :]), loss.dtype)
    return reduced(call, kept, wanted(size_average, reduce, reduction))


def _distances(call: Call, a: Value, b: Value) -> Value:
    """The distances between the vectors along the last axes."""
    shape, dtype = call.broadcast(a, b), promote_two(a.dtype, b.dtype)
    return call.tensor(shape[:-1], at_least_float(FLOAT_OF.get(dtype, dtype), call))


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
    no_bools(call, anchor=anchor, positive=positive, negative=negative)
    pairs = [(anchor, positive), (anchor, negative)] + [(positive, negative)] * swap
    loss = pointwise(call, [_distances(call, a, b) for a, b in pairs])
    return reduced(call, loss, wanted(size_average, reduce, reduction))
