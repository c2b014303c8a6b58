"""Packed batches of symbolic lengths: what has the same lengths has the same sizes."""

from __future__ import annotations

from typing import Any

from shapeflow.core.dims import opaque, symbol
from shapeflow.ops import Call, Value, lookup
from shapeflow.ops.apply import apply
from shapeflow.ops.entries import Entries, entries_of
from shapeflow.ops.packed import Packed
from shapeflow.ops.ranges import is_order

from .harness import Ask

B, T, F = symbol("B"), symbol("T"), symbol("F")
LENGTHS = Value((B,), "int64", known=Entries("lengths"))
OPTIONS = {"input_size": 3, "hidden_size": 5, "num_layers": 1, "bidirectional": True}


def call(name: str, *args: Any, ask: Ask | None = None, node: str = "", **kwargs: Any) -> Any:
    rule, ask = lookup(name), ask or Ask()
    assert rule is not None
    return apply(rule, Call(name, ask, node), args, kwargs)


def pack(x: Value, lengths: Value, ask: Ask) -> Packed:
    return Packed(*call("torch._pack_padded_sequence", x, lengths, True, ask=ask))


def test_equal_lengths_pack_to_equal_sizes() -> None:
    ask = Ask()
    images = pack(Value((B, T, 3)), LENGTHS, ask)
    words = pack(Value((B, F), "int64"), call("Tensor.cpu", LENGTHS), ask)
    assert str(images.data[0]) == "sum_lengths"
    assert images.data[0] is words.data[0]
    assert images.batch_sizes[0] is words.batch_sizes[0]


def test_sorted_lengths_are_the_same_lengths() -> None:
    ask = Ask()
    values, order = call("torch.sort", LENGTHS, descending=True, node="sort")
    assert values.known == Entries("lengths")
    assert is_order(order)
    back = call("Tensor.__getitem__", values, order)
    assert back.known == Entries("lengths")
    first, second = pack(Value((B, T, 3)), values, ask), pack(Value((B, T, 3)), LENGTHS, ask)
    assert first.data[0] is second.data[0]


def test_other_lengths_pack_to_other_sizes() -> None:
    ask = Ask()
    fewer = call("torch.sub", LENGTHS, 1, node="sub_1")
    assert fewer.known == Entries("sub_1")
    x = Value((B, T, 3))
    assert pack(x, LENGTHS, ask).data[0] is not pack(x, fewer, ask).data[0]


def test_known_lengths_are_counted() -> None:
    lengths = call("torch.as_tensor", [T, 2, F], dtype="int64")
    assert entries_of(lengths) == Entries(sizes=(T, 2, F), in_order=True)
    ask = Ask()
    packed = pack(Value((3, T, 7)), lengths, ask)
    assert str(packed.data) == str(Value((T + F + 2, 7)))
    assert [str(d) for d in ask.demands if ask.facts.decide(d) is not True] == []
    assert "T >= 2" in map(str, ask.demands)


def test_lengths_that_are_data_are_taken_to_fit() -> None:
    ask = Ask()
    sizes = (opaque("item_1"), opaque("item_2"))
    lengths = Value((2,), "int64", known=Entries(sizes=sizes, in_order=True))
    packed = pack(Value((2, T, 7)), lengths, ask)
    options = {**OPTIONS, "input_size": 7, "batch_first": True, "dtype": "float32"}
    call("nn.GRU", packed, ask=ask, **options)
    assert packed.data[0] is sizes[0] + sizes[1]
    assert all(ask.facts.decide(demand) for demand in ask.demands)


def test_a_packed_batch_goes_through_a_layer_and_back() -> None:
    ask = Ask()
    packed = pack(Value((B, T, 3)), LENGTHS, ask)
    output, last = call("nn.GRU", packed, ask=ask, batch_first=True, dtype="float32", **OPTIONS)
    assert output.data.shape == (packed.data[0], 10)
    assert last.shape == (2, B, 5)
    parts = (output.data, output.batch_sizes, True, 0.0, T)
    padded, lengths = call("torch._pad_packed_sequence", *parts, ask=ask)
    assert padded.shape == (B, T, 10)
    assert lengths.known == Entries("lengths")
    assert all(ask.facts.decide(demand) for demand in ask.demands)


def test_the_state_beside_a_packed_batch_needs_its_batch() -> None:
    ask = Ask()
    packed = pack(Value((B, T, 3)), LENGTHS, ask)
    ask.demands.clear()
    call("nn.GRU", packed, Value((2, F, 5)), ask=ask, batch_first=True, dtype="float32", **OPTIONS)
    assert "F == B" in map(str, ask.demands)
