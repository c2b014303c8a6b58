"""Layers: what they read as batch, time and features, and what they make."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ...core.dims import Size
from ...core.shape import product
from ...trace.recorder import Record
from ...trace.tensor import SymbolicTensor
from ..origins import argument
from .axes import Axis, Known, Part, Root, one
from .broadcast import compare
from .flow import Flow, handles, kept_tags, run_tensors, short_name


def called(record: Record) -> str:
    """The layer or the operation as a person knows it."""
    return record.path or record.op


def features(flow: Flow, record: Record, size: Size) -> Axis:
    """The axis that a layer makes."""
    if size == 1:
        return one("feature")
    root = Root("feature", f"the features of {called(record)}", record)
    return Axis((Part(root, size),), size)


@handles("linear bilinear")
def linear(flow: Flow, record: Record) -> Any:
    """The last axis becomes the features of a layer."""
    known, sizes = flow.of(argument(record, 0, "input")), flow.shape(record.result)
    if len(known.axes) != len(sizes) or not sizes:
        return None
    axes = (*known.axes[:-1], features(flow, record, sizes[-1]))
    return Known(axes, 0, kept_tags(known))


@handles("embedding")
def embedding(flow: Flow, record: Record) -> Any:
    """A new axis of features for each number."""
    known, sizes = flow.of(argument(record, 0, "input")), flow.shape(record.result)
    if len(known.axes) + 1 != len(sizes):
        return None
    axes = known.axes
    if flow.fixed(known) and 0 < len(axes) <= 2:
        axes = (*axes[:-1], axes[-1].marked(place=record))
    axes = (*axes, features(flow, record, sizes[-1]))
    return Known(axes, 0, {**kept_tags(known), "tokens": True})


@handles("conv1d conv2d conv3d conv_transpose1d conv_transpose2d conv_transpose3d")
def convolution(flow: Flow, record: Record) -> Any:
    """Channels become the features of a layer, space is gone along."""
    known, sizes = flow.of(argument(record, 0, "input")), flow.shape(record.result)
    space = int(short_name(record.op)[-2])
    if len(known.axes) != len(sizes) or len(sizes) < space + 1:
        return None
    if len(sizes) == space + 2:
        flow.reads(known.axes[0], "sample", record, f"{called(record)} reads it as the batch")
    words = f"{called(record)} goes along it"
    axes = list(known.axes[: -space - 1])
    axes.append(features(flow, record, sizes[-space - 1]))
    for axis, size in zip(known.axes[-space:], sizes[-space:], strict=True):
        flow.reads(axis, "space", record, words)
        axes.append(axis if axis.size is size else _stretched(flow, axis, size))
    return Known(tuple(axes), 0, kept_tags(known))


def _stretched(flow: Flow, axis: Axis, size: Size) -> Axis:
    """An axis of space with another number of places."""
    if axis.size == size:
        return axis
    if size == 1:
        return one("pooled")
    if axis.root is None:
        return flow.sized(size)
    return Axis((Part(axis.root, size),), size)


@handles(
    "max_pool1d max_pool2d max_pool3d avg_pool1d avg_pool2d avg_pool3d adaptive_avg_pool1d "
    "adaptive_avg_pool2d adaptive_avg_pool3d adaptive_max_pool1d adaptive_max_pool2d "
    "adaptive_max_pool3d interpolate pad"
)
def pooling(flow: Flow, record: Record) -> Any:
    """Space with fewer or more places."""
    known = flow.of(argument(record, 0, "input"))
    result = record.result[0] if isinstance(record.result, tuple | list) else record.result
    sizes = flow.shape(result)
    if len(known.axes) != len(sizes):
        return None
    axes = [_stretched(flow, a, s) for a, s in zip(known.axes, sizes, strict=True)]
    name = "max" if "max" in record.op else "mean"
    for i, (axis, size) in enumerate(zip(known.axes, sizes, strict=True)):
        if size == 1 and axis.parts and i > 0:
            flow.event("reduce", record, known, i, (name, False))
    found = Known(tuple(axes), 0, kept_tags(known))
    return [found] * 2 if isinstance(record.result, tuple | list) else found


@handles("batch_norm")
def batch_norm(flow: Flow, record: Record) -> Any:
    """The same axes; the first is the batch."""
    known = flow.of(argument(record, 0, "input"))
    if known.axes:
        name = "rows" if len(known.axes) == 2 else "sample"
        flow.reads(known.axes[0], name, record, f"{called(record)} reads it as the batch")
    return Known(known.axes, 0, kept_tags(known))


@handles("instance_norm dropout2d")
def by_channel(flow: Flow, record: Record) -> Any:
    """Calls that take an axis for the channels."""
    known = flow.of(argument(record, 0, "input"))
    at = 1 if record.op.endswith("norm") else 0
    if len(known.axes) == 3:
        flow.event("channels", record, known, at)
    return Known(known.axes, 0, kept_tags(known))


@handles("multi_head_attention_forward")
def attention(flow: Flow, record: Record) -> Any:
    """The axes of the query: steps, batch, features."""
    query = flow.of(argument(record, 0, "query"))
    if len(query.axes) == 3:
        words = f"{called(record)} reads it so"
        flow.reads(query.axes[0], "time", record, words)
        flow.reads(query.axes[1], "batch", record, words)
        time, batch = query.axes[:2]
        first = getattr(_module(flow, record.path), "batch_first", False)
        first = bool(flow.changes.get(("set", record.path, "batch_first"), first))
        call = Recurrence(time, batch, (), None, (), first)
        flow.event("attention", record, query, 0, call)
    outer = tuple(query.axes[:-1])
    found = Known((*outer, features(flow, record, query.axes[-1].size)), 0)
    sizes = flow.shape(record.result[1]) if isinstance(record.result, tuple | list) else ()
    return [found, Known(tuple(flow.like(s, [query]) for s in sizes), 0)]


def _module(flow: Flow, path: str) -> Any:
    """The module at a path of attributes, None where there is none."""
    module: Any = flow.run.root
    for name in path.split(".") if path else ():
        module = getattr(module, "_modules", {}).get(name)
    return module


@handles("scaled_dot_product_attention")
def dot_attention(flow: Flow, record: Record) -> Any:
    """The query's axes, with the features of the value."""
    query = flow.of(argument(record, 0, "query"))
    value = flow.of(argument(record, 2, "value"))
    return Known((*query.axes[:-1], value.axes[-1]), 0)


# -- losses ----------------------------------------------------------------------------------------


@handles(
    "mse_loss l1_loss smooth_l1_loss huber_loss kl_div gaussian_nll_loss poisson_nll_loss "
    "soft_margin_loss hinge_embedding_loss"
)
def paired_loss(flow: Flow, record: Record) -> Any:
    """Losses that compare entry with entry."""
    left = flow.of(argument(record, 0, "input"))
    right = flow.of(argument(record, 1, "target"))
    alike = len(left.axes) == len(right.axes) and all(
        flow.same(a.size, b.size) for a, b in zip(left.axes, right.axes, strict=True)
    )
    if not alike and left.axes and right.axes:
        flow.event("loss", record, left, 0, right)
    elif alike:
        for one_axis, other in zip(left.axes, right.axes, strict=True):
            if len(one_axis.parts) > 1 or len(other.parts) > 1:
                compare(flow, record, one_axis, other)
    return flow.otherwise(record)


@handles("cross_entropy nll_loss")
def class_loss(flow: Flow, record: Record) -> Any:
    """Losses that compare scores with a class."""
    scores = flow.of(argument(record, 0, "input"))
    target = flow.of(argument(record, 1, "target"))
    if len(scores.axes) > 1 and target.axes and len(target.axes) < len(scores.axes):
        left, right = scores.axes[0], target.axes[0]
        flow.reads(right, "sample", record, f"{record.op} reads it as the batch")
        if len(left.parts) > 1 or len(right.parts) > 1:
            compare(flow, record, left, right)
        if left.marks.get("order") is not right.marks.get("order") and left.root is right.root:
            order = left.marks.get("order") or right.marks.get("order")
            flow.event("unlike_order", record, Known((left, right), 0), 0, order)
        if scores.axes[1].size == 1 and scores.axes[1].marks.get("one") == "feature":
            flow.event("softmax", record, scores, 1, False)
    return None


# -- recurrent layers ------------------------------------------------------------------------------


@dataclass(frozen=True)
class Recurrence:
    """One call of a recurrent layer.

    Attributes:
        time, batch: the axes of its input that it goes along and keeps apart; no batch where the
            input has none.
        states: the tensors of the state that it was given; none where it was given no state.
        out, after: what it returned: the outputs, and the tensors of the state.
        batch_first, directions, layers: as the layer was made.
        cell: whether it is a single step.
        packed: whether the input is packed.
    """

    time: Axis | None
    batch: Axis | None
    states: tuple[Any, ...]
    out: Any
    after: tuple[Any, ...]
    batch_first: bool = False
    directions: int = 1
    layers: int = 1
    cell: bool = False
    packed: bool = False


def _setting(flow: Flow, record: Record, name: str) -> Any:
    changed = flow.changes.get(record.path, {})
    if isinstance(changed, dict) and name in changed:
        return changed[name]
    return getattr(record.function, name)


@handles("LSTM GRU RNN")
def recurrent(flow: Flow, record: Record) -> Any:
    """Both results of a recurrent layer."""
    if not hasattr(record.function, "batch_first") or not isinstance(record.result, tuple):
        return None  # what a fault leaves open is one result of which nothing is known
    given = argument(record, 0, "input")
    packed = hasattr(given, "batch_sizes")
    known = flow.of(given.data if packed else given)
    first = bool(_setting(flow, record, "batch_first"))
    directions = 2 if record.function.bidirectional else 1
    layers = record.function.num_layers
    time, batch, outer = _read(known, first, packed)
    states = tuple(run_tensors((argument(record, 1, "hx"),)))
    out, after = record.result
    call = Recurrence(
        time, batch, states, out.data if packed else out, tuple(run_tensors((after,))), first,
        directions, layers, False, packed,
    )  # fmt: skip
    flow.event("rnn", record, known, 0, call)
    if time is not None and batch is not None:
        how = f"batch_first={first}"
        flow.reads(time, "time", record, f"{called(record)} goes along it, since {how}")
        flow.reads(batch, "batch", record, f"{called(record)} keeps it apart, since {how}")
        for state in states:
            axes = flow.of(state).axes
            if len(axes) == 3 and (len(axes[1].parts) > 1 or len(batch.parts) > 1):
                compare(flow, record, batch, axes[1])
    width = flow.shape(call.out)[-1:] or (1,)
    inner = _width(flow, record, directions, width[0])
    result = Known((*outer, inner), 0, kept_tags(known))
    if packed:
        result = _unpacked(flow, given, out, result)
    return [result, _states(flow, record, call, given if packed else None)]


def _read(known: Known, first: bool, packed: bool) -> tuple[Axis | None, Axis | None, Any]:
    """The axes of time and batch, and all axes but that of the features."""
    if packed:
        time, batch = known.axes[0].marks.get("packed", (None, None))
        return time, batch, known.axes[:1]
    if len(known.axes) == 2:
        return known.axes[0], None, known.axes[:1]
    if len(known.axes) != 3:
        return None, None, known.axes[:-1]
    a, b = known.axes[:2]
    return (b, a, (a, b)) if first else (a, b, (a, b))


def _width(flow: Flow, record: Record, directions: int, size: Size) -> Axis:
    """The last axis of the outputs: the directions, then the features."""
    if directions == 1:
        return features(flow, record, size)
    half = size // 2
    ways = Part(Root("directions", f"the directions of {called(record)}", record), 2)
    if half == 1:
        return Axis((ways,), size)
    return Axis(
        (ways, Part(Root("feature", f"the features of {called(record)}", record), half)), size
    )


def _states(flow: Flow, record: Record, call: Recurrence, packed: Any) -> Any:
    """The lineage of the states: layers and directions, the batch, the features."""
    rows = [
        Part(Root(kind, f"the {kind} of {called(record)}", record), count)
        for kind, count in (("layers", call.layers), ("directions", call.directions))
        if count > 1
    ]
    size = product(part.size for part in rows)
    head = Axis(tuple(rows), size) if rows else one("layers")
    batch = call.batch
    if packed is not None and batch is not None and packed.sorted_indices is not None:
        batch = batch.marked(order=None)
    found = []
    for i, tensor in enumerate(call.after):
        sizes = flow.shape(tensor)
        if not sizes:
            continue
        middle = [batch or flow.sized(sizes[1])] if len(sizes) == 3 else []
        axes = (head, *middle, features(flow, record, sizes[-1]))
        found.append(Known(axes, 0, {"state": ("hc"[i], record)}))
    return found if isinstance(record.result[1], tuple | list) else (found[0] if found else None)


@handles("LSTMCell GRUCell RNNCell")
def cell(flow: Flow, record: Record) -> Any:
    """One step."""
    known = flow.of(argument(record, 0, "input"))
    states = tuple(run_tensors((argument(record, 1, "hx"),)))
    after = tuple(run_tensors(record.result))
    batch = known.axes[0] if len(known.axes) == 2 else None
    call = Recurrence(None, batch, states, after[0] if after else None, after, cell=True)
    flow.event("rnn", record, known, 0, call)
    if batch is not None:
        flow.reads(batch, "cell", record, f"{called(record)} keeps it apart")
        for state in map(flow.of, states):
            if len(state.axes) == 2 and (len(batch.parts) > 1 or len(state.axes[0].parts) > 1):
                compare(flow, record, batch, state.axes[0])
    found = []
    for i, tensor in enumerate(after):
        sizes = flow.shape(tensor)
        axes = (*known.axes[:-1], features(flow, record, sizes[-1]) if sizes else one("feature"))
        tags = {**kept_tags(known), "state": ("hc"[i], record)}
        found.append(Known(axes, 0, tags))
    return found if isinstance(record.result, tuple | list) else (found[0] if found else None)


# -- packed sequences ------------------------------------------------------------------------------


@handles("_pack_padded_sequence")
def pack(flow: Flow, record: Record) -> Any:
    """Padded sequences without their padding."""
    known, lengths = flow.of(record.given[0]), flow.of(record.given[1])
    if len(known.axes) < 2:
        return None
    first = bool(argument(record, 2, "batch_first", False))
    batch, time = known.axes[:2] if first else (known.axes[1], known.axes[0])
    words = "pack_padded_sequence reads it so"
    flow.reads(time, "time", record, words)
    flow.reads(batch, "batch", record, words)
    flow.event("pack", record, known, 1 if first else 0, lengths)
    size = flow.shape(record.result[0])[:1] or (1,)
    joint = Axis((Part(Root("packed", "the packed steps"), size[0]),), size[0])
    return [Known((joint.marked(packed=(time, batch)), *known.axes[2:]), 0), None]


def _unpacked(flow: Flow, given: Any, out: Any, result: Known) -> Any:
    """The parts of a packed result: the data, and how it was sorted."""
    order: list[Any] = []
    for before, part in zip(given[2:], out[2:], strict=True):
        known = before.__class__ is SymbolicTensor and part.__class__ is SymbolicTensor
        order.append(flow.of(before) if known else None)
    return [result, None, *order]


@handles("_pad_packed_sequence")
def unpack(flow: Flow, record: Record) -> Any:
    """Packed sequences padded again."""
    known = flow.of(record.given[0])
    time, batch = known.axes[0].marks.get("packed", (None, None)) if known.axes else (None, None)
    sizes = flow.shape(record.result[0])
    if time is None or batch is None or len(sizes) < 2:
        return None
    first = bool(argument(record, 2, "batch_first", False))
    at = 1 if first else 0
    root = time.root
    part = Part(root, sizes[at]) if root is not None else Part(Root("other", "time"), sizes[at])
    padding = argument(record, 3, "padding_value", 0.0)
    longer = time.marks.get("longer")
    steps = Axis((part,), sizes[at]).marked(pad=record if padding == 0 else None, longer=longer)
    outer = (batch, steps) if first else (steps, batch)
    return [Known((*outer, *known.axes[1:]), 0), Known((batch,), 0)]
