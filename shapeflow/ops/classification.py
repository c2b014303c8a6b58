"""Losses between scores of classes and the classes that are right."""

from __future__ import annotations

from typing import Any

from ..core import constraint
from ..core.dims import Size
from ..core.shape import product, total
from .bounds import nonempty
from .call import Call
from .common import accepts, at_least_float, empty, float_only, vanishes
from .dtypes import is_float, promote_two, result_type
from .entries import entries_of, of_numbers
from .losses import reduced, same_shape, wanted
from .registry import op
from .value import Value


def _class_weight(
    call: Call, weight: Value | None, classes: Size, dtype: str, counted: bool = False
) -> None:
    """Demands one weight for each class, in any shape where they are only ``counted``."""
    if weight is None:
        return
    weight = Value((product(weight),), weight.dtype) if counted else weight
    call.rank(weight, 1, of="weight", because="weight must be a list of one weight for each class")
    call.equal(weight[0], classes, "there must be one weight for each class", kind="loss",
               of="weight", axis=0)
    if dtype and weight.dtype != dtype:
        call.wrong("weight must have the dtype of the input", kind="dtype", of="weight")


def _of_classes(
    call: Call, x: Value, target: Value, weight: Value | None, reduction: str
) -> tuple[Size, ...]:
    """The shape of the loss for each target that is the number of a class."""
    if not x:
        call.fail("the input needs an axis of classes", kind="rank", of="input")
    float_only(call, x)
    short = target.dtype == "uint8" and (len(x) < 3 or (empty(target) and reduction != "none"))
    if target.dtype != "int64" and not short:
        call.wrong("classes must be given as int64", kind="dtype", of="target")
    _class_weight(call, weight, x[0] if len(x) == 1 else x[1], x.dtype, len(x) > 2)
    kept = () if len(x) == 1 else (x[0], *x[2:])
    nonempty(call, x[0] if len(x) == 1 else x[1], product(target))
    if len(x) == 1 and len(target) == 1:
        call.equal(target[0], 1, "one row of scores has one target", kind="loss", of="target",
                   axis=0)
        return kept
    if len(target) != len(kept):
        call.fail("target must have the axes of the input without that of the classes", kind="loss",
                  of="target")
    for i, size in enumerate(target):
        words = "places of target and input must be as many" if i else (
            "batch sizes of target and input must be equal")
        call.equal(size, kept[i], words, kind="loss", of="target", axis=i)
    return kept


@op("F.nll_loss")
def nll_loss(
    call: Call, input: Value, target: Value, weight: Value | None = None,
    size_average: bool | None = None, ignore_index: int = -100, reduce: bool | None = None,
    reduction: str = "mean",
) -> Value:
    """(N, C, *S), (N, *S) -> (N, *S), reduced"""
    how = wanted(size_average, reduce, reduction)
    loss = call.tensor(_of_classes(call, input, target, weight, how), input.dtype)
    return reduced(call, loss, how)


@op("F.cross_entropy")
def cross_entropy(
    call: Call, input: Value, target: Value, weight: Value | None = None,
    size_average: bool | None = None, ignore_index: int = -100, reduce: bool | None = None,
    reduction: str = "mean", label_smoothing: float = 0.0,
) -> Value:
    """(N, C, *S), (N, *S) or (N, C, *S) -> (N, *S), reduced"""
    if label_smoothing > 1:
        call.wrong("label_smoothing must be between zero and one", kind="argument",
                   of="label_smoothing")
    numbered = len(input) == 1 and input[0] != 1 and not is_float(target.dtype)
    if numbered and len(target):
        call.require(constraint.distinct(input[0], 1), "one score takes a probability as target",
                     kind="dtype", of="target")
    if label_smoothing > 0 and numbered and len(target):
        call.wrong("smoothed labels of one row of scores need a target without axes", kind="loss",
                   of="target")
    how = wanted(size_average, reduce, reduction)
    if len(input) == len(target) and input and not numbered:
        loss = _of_probabilities(call, input, target, weight, ignore_index)
    else:
        loss = call.tensor(_of_classes(call, input, target, weight, how), input.dtype)
    return reduced(call, loss, how)


def _of_probabilities(
    call: Call, x: Value, target: Value, weight: Value | None, ignore_index: int
) -> Value:
    """The loss for each target that is a probability for every class."""
    if not is_float(x.dtype) and not vanishes(call, x):
        float_only(call, x)
    if not is_float(target.dtype):
        call.wrong("numbers of classes have no axis of classes; probabilities must be floats",
                   kind="dtype", of="target")
    same_shape(call, x, target, "probabilities must have the shape of the input")
    if ignore_index >= 0:
        call.wrong("ignore_index does not go with probabilities", kind="argument",
                   of="ignore_index")
    axis = min(len(x) - 1, 1)
    _class_weight(call, weight, x[axis], x.dtype)
    dtype = result_type((x, target), call.default_dtype)
    return call.tensor((*x[:axis], *x[axis + 1 :]), dtype)


@op("F.multi_margin_loss")
def multi_margin_loss(
    call: Call, input: Value, target: Value, p: int = 1, margin: float = 1.0,
    weight: Value | None = None, size_average: bool | None = None, reduce: bool | None = None,
    reduction: str = "mean",
) -> Value:
    """(N, C), (N) -> (N), reduced"""
    call.rank(input, 0, 1, 2, of="input", because="the input must be (N, C), (C) or one score")
    nothing = empty(input[:-1])
    if not nothing:
        float_only(call, input)
    classes: Size = input[-1] if input else 1
    call.at_least(classes, 1, "there must be a class", kind="values", of="input", axis=-1)
    _class_weight(call, weight, classes, "" if nothing else input.dtype)
    if p not in (1, 2):
        call.wrong("p must be one or two", kind="argument", of="p")
    if target.dtype != "int64" and not nothing:
        call.wrong("classes must be given as int64", kind="dtype", of="target")
    call.rank(target, 0, 1, of="target", because="target must be (N)", kind="loss")
    batch: Size = input[0] if len(input) == 2 else 1
    call.equal(product(target), batch, "batch sizes of target and input must be equal", kind="loss",
               of="target", axis=0)
    loss = call.tensor((batch,) if len(target) else (), input.dtype)
    how = wanted(size_average, reduce, reduction)
    summed = nothing and how != "none"
    return call.tensor((), input.dtype) if summed else reduced(call, loss, how)


@op("F.multilabel_margin_loss")
def multilabel_margin_loss(
    call: Call, input: Value, target: Value, size_average: bool | None = None,
    reduce: bool | None = None, reduction: str = "mean",
) -> Value:
    """(N, C), (N, C) -> (N), reduced"""
    call.rank(input, 0, 1, 2, of="input", because="the input must be (N, C), (C) or one score")
    right = input.dtype in ("float32", "float64") and target.dtype == "int64"
    nothing = not right and vanishes(call, input)
    if not right and not nothing:
        accepts(call, input.dtype, "F", "input")
        if target.dtype != "int64":
            call.wrong("classes must be given as int64", kind="dtype", of="target")
    if max(len(input), len(target)) == 1:
        call.equal(product(target), product(input), "target must have the shape of the input",
                   kind="loss", of="target")
    else:
        same_shape(call, input, target)
    for size in input[-1:]:
        call.at_least(size, 1, "there must be a class", kind="values", of="input", axis=-1)
    how = wanted(size_average, reduce, reduction)
    if nothing and how in ("mean", "sum"):  # of any dtype, too
        return call.tensor((), input.dtype)
    return reduced(call, call.tensor(input[:-1], input.dtype), how)


@op("F.cosine_embedding_loss")
def cosine_embedding_loss(
    call: Call, input1: Value, input2: Value, target: Value, margin: float = 0,
    size_average: bool | None = None, reduce: bool | None = None, reduction: str = "mean",
) -> Value:
    """(N, n), (N, n), (N) -> (N), reduced"""
    call.rank(target, 0, 1, of="target", because="target must be (N) or one number", kind="loss")
    words = "a target (N) goes with inputs (N, n), a single one with inputs (n)"
    for x, of in ((input1, "input1"), (input2, "input2")):
        accepts(call, x.dtype, "bif", of)
        call.rank(x, len(target) + 1, of=of, because=words, kind="loss")
    shape = call.broadcast(call.broadcast(input1, input2)[:-1], target)
    dtype = promote_two(at_least_float(input1.dtype, call), at_least_float(input2.dtype, call))
    return reduced(call, call.tensor(shape, dtype), wanted(size_average, reduce, reduction))


@op("F.ctc_loss torch.ctc_loss")
def ctc_loss(
    call: Call, log_probs: Value, targets: Value, input_lengths: Any, target_lengths: Any,
    blank: int = 0, reduction: Any = "mean", zero_infinity: bool = False,
) -> Value:
    """(T, N, C), (N, S) or (sum of lengths), (N), (N) -> (N), reduced"""
    words = "log_probs must be (T, N, C) or (T, C)"
    call.rank(log_probs, 2, 3, of="log_probs", because=words)
    if log_probs.dtype not in ("float32", "float64"):
        call.wrong("log_probs must be float32 or float64", kind="dtype", of="log_probs")
    batch: Size = log_probs[1] if len(log_probs) == 3 else 1
    words = "blank must be the number of a class"
    call.at_least(blank, 0, words, kind="argument", of="blank")
    call.at_least(log_probs[-1], blank + 1, words, kind="index", of="log_probs", axis=-1)
    call.at_least(log_probs[0], 1, "there must be a step", kind="values", of="log_probs", axis=0)
    call.at_least(batch, 1, "there must be a sample", kind="values", of="log_probs", axis=1)
    _lengths(call, log_probs[0], input_lengths, batch, "input_lengths")
    _rows(call, targets, target_lengths, batch)
    if reduction not in (0, 1, 2, "none", "mean", "sum"):
        call.fail("reduction must be 'none', 'mean' or 'sum'", kind="argument", of="reduction")
    single = len(log_probs) == 2 or reduction not in (0, "none")
    return call.tensor(() if single else (batch,), log_probs.dtype)


def _rows(call: Call, targets: Value, lengths: Any, batch: Size) -> None:
    """Demands a row of targets for each sample, or all of them in one row."""
    words = "targets must be (N, S), or all in one row"
    call.rank(targets, 1, 2, of="targets", because=words, kind="loss")
    if len(targets) == 2:
        call.equal(targets[0], batch, "targets must have the batch of log_probs", kind="loss",
                   of="targets", axis=0)
    most = targets[1] if len(targets) == 2 else None
    known = _lengths(call, most, lengths, batch, "target_lengths")
    if known is not None and len(targets) == 1:
        words = "targets in one row must be as many as their lengths say"
        call.equal(targets[0], total(known), words, kind="loss", of="targets", axis=0)


def _lengths(
    call: Call, most: Size | None, lengths: Any, batch: Size, of: str
) -> list[Size] | None:
    """The lengths where they are known; demands one for each sample, and none too long."""
    if isinstance(lengths, Value):
        accepts(call, lengths.dtype, "i", of)
    count = product(lengths) if isinstance(lengths, Value) else len(lengths)
    call.equal(count, batch, "there must be one length for each sample", kind="loss", of=of)
    found = entries_of(lengths) if isinstance(lengths, Value) else of_numbers(lengths)
    if found is None or found.sizes is None:
        return None
    for length in found.sizes:
        call.at_least(length, 0, "a length cannot be negative", kind="loss", of=of)
        if most is not None:
            call.at_least(most, length, "no length may be beyond the axis", kind="loss", of=of)
    return list(found.sizes)
