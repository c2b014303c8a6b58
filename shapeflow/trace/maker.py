"""Real tensors in the place of symbolic ones, at given sizes."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import torch
from torch.nn.utils.rnn import PackedSequence

from ..core import dims
from ..core.dims import Size
from ..ops import Value, layout
from ..ops.dtypes import INTEGERS
from ..ops.entries import Entries
from ..ops.ranges import extremes, whole_numbers
from .conjugates import marked
from .floats import SymbolicFloat
from .sizes import SymbolicSize
from .tensor import SymbolicTensor

LARGEST = 1 << 20
"""Elements up to which a call is made on the CPU, whose messages are those that people see."""

Changes = Mapping[int, Mapping[int, int]]
"""Other sizes for tensors: by the ``id`` of the symbolic tensor, then by axis."""


class Unplayable(Exception):
    """The call cannot be made at these sizes: something in it is not known."""


class TooManyElements(Exception):
    """Not worth computing: ``meta`` tensors are asked instead."""


class Maker:
    """Symbolic arguments to real ones."""

    def __init__(
        self, sizes: Mapping[str, int], device: str, changes: Changes, entries: bool = False
    ) -> None:
        self.sizes, self.device, self.changes = sizes, device, changes
        self.with_entries, self.elements = entries, 0
        self.made: dict[int, torch.Tensor] = {}
        self.memories: dict[int, torch.UntypedStorage] = {}

    def size(self, size: Size) -> int:
        """The number for a size."""
        try:
            number = dims.evaluate(size, self.sizes)
        except KeyError as missing:
            raise Unplayable(f"{missing} has no number") from None
        return number

    def make(self, item: Any) -> Any:
        """An argument, with everything symbolic in it made real."""
        if isinstance(item, SymbolicTensor):
            return self.tensor(item)
        if isinstance(item, SymbolicSize):
            return self.size(item.dim)
        if isinstance(item, SymbolicFloat):
            return 1.5
        if isinstance(item, torch.Tensor):
            return self.real(item)
        if isinstance(item, slice):
            return slice(self.make(item.start), self.make(item.stop), self.make(item.step))
        if isinstance(item, PackedSequence):
            return self.packed(item)
        if isinstance(item, torch.Size):
            return torch.Size([self.make(part) for part in item])
        if isinstance(item, dict):
            return {key: self.make(part) for key, part in item.items()}
        if isinstance(item, tuple) and hasattr(item, "_fields"):
            return type(item)(*(self.make(part) for part in item))
        if isinstance(item, list | tuple):
            return type(item)(self.make(part) for part in item)
        return item

    def real(self, tensor: torch.Tensor) -> torch.Tensor:
        """A copy of one of the user's tensors, which the call may write to; those that lie in one
        memory do so again."""
        if torch._C._functorch.is_functorch_wrapped_tensor(tensor):
            raise Unplayable("a tensor of a transformed function has left it")
        if torch.nn.parameter.is_lazy(tensor):  # which has no memory yet
            return tensor
        if tensor.is_meta:
            return torch.zeros(tensor.shape, dtype=tensor.dtype)
        if tensor.layout is not torch.strided:
            return tensor.detach().clone()
        shape, strides = tensor.shape, tensor.stride()
        if self.device == "meta":
            return torch.empty_strided(shape, strides, dtype=tensor.dtype, device="meta")
        memory = tensor.untyped_storage()
        place = memory.data_ptr()
        if place not in self.memories:
            self.memories[place] = memory.clone()
        made = torch.empty(0, dtype=tensor.dtype)
        made.set_(self.memories[place], tensor.storage_offset(), shape, strides)
        return made.conj() if tensor.is_conj() else made

    def tensor(self, tensor: SymbolicTensor) -> torch.Tensor:
        """Zeros of the shape that a symbolic tensor has, a view in the memory that it lies in."""
        value: Value | None = tensor.value
        if value is None:
            raise Unplayable("a tensor's shape is unknown")
        changes = self.changes.get(id(tensor), {})
        if id(tensor) not in self.made:
            shape = [changes.get(axis, self.size(size)) for axis, size in enumerate(value)]
            if any(size < 0 for size in shape):
                raise Unplayable("a size is negative")
            self.elements += math.prod(shape)
            if self.device == "cpu" and self.elements > LARGEST:
                raise TooManyElements
            made = None if changes else self.view(tensor, value, shape)
            made = self.zeros(value, shape) if made is None else made
            self.made[id(tensor)] = marked(made, tensor, self.sizes)
        return self.made[id(tensor)]

    def view(
        self, tensor: SymbolicTensor, value: Value, shape: list[int]
    ) -> torch.Tensor | None:
        """A part of another tensor's memory; None for a tensor with memory of its own."""
        owner = tensor.base
        if owner is None or owner.value is None or tensor.offset is None:
            return None
        if owner.value.dtype != value.dtype or id(owner) in self.changes:
            return None
        strides = [self.size(stride) for stride in layout.strides_of(value)]
        start = self.size(tensor.offset)
        memory = self.tensor(owner)
        last = start + sum((d - 1) * stride for d, stride in zip(shape, strides, strict=True))
        if min((start, *shape)) < 0 or last >= memory.untyped_storage().nbytes() // memory.itemsize:
            return None
        return memory.as_strided(shape, strides, start)

    def zeros(self, value: Value, shape: list[int]) -> torch.Tensor:
        """A tensor with memory of its own."""
        dtype = getattr(torch, value.dtype)
        if value.strides is None or shape != [self.size(size) for size in value]:
            made = torch.zeros(shape, dtype=dtype, device=self.device)
            if self.with_entries:
                self.entries(made, value)
            return made
        strides = [self.size(stride) for stride in layout.strides_of(value)]
        return torch.empty_strided(shape, strides, dtype=dtype, device=self.device).zero_()

    def entries(self, made: torch.Tensor, value: Value) -> None:
        """Puts in the numbers that are known: all of them, or the least and the greatest."""
        if value.dtype not in INTEGERS or not made.numel() or made.device.type != "cpu":
            return
        known = value.known.sizes if isinstance(value.known, Entries) else value.known
        ends = extremes(known)
        if isinstance(known, list | tuple) and len(list(whole_numbers(known))) == made.numel():
            made.copy_(torch.tensor(known).reshape(made.shape))
        elif ends is not None and made.is_contiguous():
            made.fill_(self.size(ends.low)).view(-1)[-1] = self.size(ends.high)

    def packed(self, item: PackedSequence) -> PackedSequence:
        """A packed batch with every sequence as long as the longest."""
        batch_sizes: Any = item.batch_sizes
        known = batch_sizes.value.known
        if known is None or not hasattr(known, "batch"):
            raise Unplayable("the lengths of a packed sequence are unknown")
        batch = self.size(known.batch)
        data: Any = item.data
        inner = [self.size(size) for size in data.value[1:]]
        steps = 2
        return PackedSequence(
            torch.zeros(
                [batch * steps, *inner], dtype=getattr(torch, data.value.dtype), device=self.device
            ),
            torch.tensor([batch] * steps),
            None,
            None,
        )


__all__ = ["LARGEST", "Changes", "Maker", "TooManyElements", "Unplayable"]
