"""Packed sequences, and what is known of the lengths that they are packed by.

How many steps a packed batch has depends on its lengths. Two batches packed by the same lengths
have equally many, which ``entries`` sees to.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from ..core import dims
from ..core.dims import Dim, Size
from ..core.shape import total
from . import layout
from .call import Call
from .common import expandable
from .entries import Entries as Entries
from .entries import entries_of
from .ranges import Range
from .registry import op
from .value import Value


@dataclass(frozen=True)
class PackedSizes:
    """The sizes of a packed batch: what is known of its ``batch_sizes``.

    Attributes:
        batch: sequences in the batch.
        time: steps of the longest sequence.
        total: steps of all sequences together, which is the first size of the packed data.
        lengths: what is known of the lengths that it was packed by.
        steps: steps of the padded batch that it was packed from, which ``time`` may not exceed;
            None where that is not known.
    """

    batch: Size
    time: Size
    total: Size
    lengths: Entries | None = None
    steps: Size | None = None


@dataclass(frozen=True)
class Packed:
    """torch's PackedSequence."""

    data: Value
    batch_sizes: Value
    sorted_indices: Value | None = None
    unsorted_indices: Value | None = None


def sizes_of(call: Call, batch_sizes: Value, data: Value) -> PackedSizes:
    """The sizes that a ``batch_sizes`` tensor stands for."""
    known = batch_sizes.known
    if isinstance(known, PackedSizes):
        return known
    counted = entries_of(batch_sizes)
    if counted and counted.sizes and counted.in_order:
        return PackedSizes(counted.sizes[0], len(counted.sizes), total(counted.sizes))
    return PackedSizes(call.fresh("packed batch"), batch_sizes[0], data[0])


def check_packed(call: Call, data: Value, sizes: PackedSizes, of: str) -> None:
    """Demands that packed data has the entries that its batch sizes count."""
    if sizes.steps is not None:
        because = "no length may exceed the steps of the padded batch that was packed"
        call.at_least(sizes.steps, sizes.time, because, kind="packed", of=of)
    because = "the packed data must have an entry for every step that the batch sizes count"
    if data[0] is not sizes.total:
        call.at_least(data[0], sizes.total, because, kind="packed", of=of, axis=0)


def _packed_sizes(call: Call, lengths: Value, batch: Size, steps: Size) -> PackedSizes:
    """The sizes that a batch has when packed; lengths that are data are taken to fit."""
    if isinstance(lengths.known, Range):  # as of torch.full((B,), T)
        low, high = lengths.known.low, lengths.known.high
        _check_lengths(call, [low])
        summed = batch * low if low == high else call.fresh("packed steps", batch * high)
        return PackedSizes(batch, high, summed, Entries(), steps)
    known = entries_of(lengths) or Entries()
    if known.sizes:
        longest, sizes = dims.maximum(*known.sizes), known.sizes
        if any(leaf.kind == "opaque" for size in sizes for leaf in dims.leaves(size)):
            return PackedSizes(batch, longest, total(sizes), known)
        _check_lengths(call, sizes, known.in_order)
        if all(isinstance(size, int) for size in (*sizes, steps)):
            sizes = tuple(dims.minimum(length, steps) for length in sizes)
        return PackedSizes(batch, longest, total(sizes), known, steps)
    if not known.key:
        longest = call.fresh("longest length", steps)
        return PackedSizes(batch, longest, call.fresh("packed steps", batch * steps))
    longest = call.data_size(f"max_{known.key}", 1, steps)
    packed = call.data_size(f"sum_{known.key}", batch, batch * steps)
    return PackedSizes(batch, longest, packed, known)


def _check_lengths(call: Call, lengths: Sequence[Size], in_order: bool = True) -> None:
    """Demands lengths of at least 1, from long to short where they stand in order."""
    because = "every length must be at least one step"
    for length in lengths[-1:] if in_order else dict.fromkeys(lengths):
        call.at_least(length, 1, because, kind="packed", of="lengths")
    for longer, shorter in pairwise(lengths) if in_order else ():
        because = "the lengths must be sorted from long to short, or enforce_sorted be off"
        call.at_least(longer, shorter, because, kind="packed", of="lengths")


@op("torch._pack_padded_sequence")
def pack_padded(call: Call, input: Value, lengths: Value, batch_first: bool) -> list[Any]:
    """(T, B, *S), (B) -> [(sum(lengths), *S), (max(lengths))]"""
    if len(input) < 2:
        call.fail("a padded batch must have an axis of time and one of sequences",
                  kind="rank", of="input")
    batch, steps = (input[0], input[1]) if batch_first else (input[1], input[0])
    for i, size in enumerate(input):
        call.at_least(size, 1, "an empty batch cannot be packed", kind="packed", of="input", axis=i)
    if len(lengths) != 1 or lengths.dtype != "int64":
        call.wrong("the lengths must be one axis of int64 numbers", kind="packed", of="lengths")
    else:
        because = "there must be one length for each sequence of the batch"
        call.equal(lengths[0], batch, because, kind="packed", of="lengths", axis=0)
    sizes = _packed_sizes(call, lengths, batch, steps)
    data = call.tensor((sizes.total, *input[2:]), input.dtype)
    return [data, call.tensor((sizes.time,), "int64", known=sizes)]


@op("torch._pad_packed_sequence")
def pad_packed(
    call: Call,
    data: Value,
    batch_sizes: Value,
    batch_first: bool,
    padding_value: float,
    total_length: Size = 0,
) -> list[Any]:
    """(N, *S), (T) -> [(T, B, *S), (B)]"""
    if not data or len(batch_sizes) != 1 or batch_sizes.dtype != "int64":
        call.fail("the parts of a packed sequence must be data and an axis of int64 batch sizes",
                  kind="packed", of="data")
    call.at_least(batch_sizes[0], 1, "there must be a step", kind="packed", of="batch_sizes")
    sizes = sizes_of(call, batch_sizes, data)
    check_packed(call, data, sizes, "data")
    steps = sizes.time
    if isinstance(total_length, Dim) or total_length > 0:
        because = "total_length must be at least the longest length"
        call.at_least(total_length, steps, because, kind="packed", of="total_length")
        steps = total_length
    lengths = call.tensor((sizes.batch,), "int64", known=sizes.lengths)
    padded = time_major((steps, sizes.batch, *data[1:]), batch_first, data.dtype)
    return [padded, lengths]


def time_major(shape: tuple[Size, ...], batch_first: bool, dtype: str) -> Value:
    """A result that lies in memory as (time, batch, ..), shown with the batch first on demand."""
    if not batch_first:
        return Value(shape, dtype)
    turned = layout.permuted(shape, (1, 0, *range(2, len(shape))))
    return Value(turned, dtype, turned.strides)


@op("pad_sequence")
def pad_sequence(
    call: Call,
    sequences: Sequence[Value],
    batch_first: bool = False,
    padding_value: float = 0.0,
    padding_side: str = "right",
) -> tuple[Size, ...]:
    """[(t_i, *S), ..] -> (max(t_i), n, *S)"""
    if not sequences:
        call.fail("there must be a sequence to pad", kind="argument", of="sequences")
    if padding_side not in ("left", "right"):
        call.wrong("the padding side must be left or right", kind="argument", of="padding_side")
    inner = sequences[0][1:]
    for x in sequences:
        call.rank(x, *range(1, len(inner) + 2), of="sequences")
        expandable(call, x, (x[0], *inner), "sequences", kind="join")
    longest, count = dims.maximum(*(x[0] for x in sequences)), len(sequences)
    return (count, longest, *inner) if batch_first else (longest, count, *inner)
