"""What a rule answers, as user code gets it."""

from __future__ import annotations

import operator
from typing import TYPE_CHECKING, Any

import torch
from torch.nn.utils.rnn import PackedSequence

from ..core import constraint
from ..core.constraint import Constraint
from ..core.dims import Dim
from ..ops import Value
from ..ops.packed import Packed
from .sizes import wrap as wrap_size
from .tensor import SymbolicTensor

if TYPE_CHECKING:
    from .recorder import Recorder


def wrap(recorder: Recorder, function: Any, result: Any, node: torch.fx.Node) -> Any:
    """Values to symbolic tensors (parts of a result get ``getitem`` nodes), Dims to sizes."""
    if result.__class__ is Value:
        for axis, size in enumerate(result):
            if size.__class__ is Dim and any(name in recorder.sizes for name in size.symbols):
                recorder.nodes.born(node, axis, size)
        return SymbolicTensor.make(result, node, recorder)
    if isinstance(result, list):
        parts = [
            wrap(recorder, None, part, _item(recorder, node, i)) for i, part in enumerate(result)
        ]
        kind = getattr(torch.return_types, getattr(function, "__name__", ""), None)
        return kind(parts) if kind is not None else tuple(parts)
    if isinstance(result, Packed):
        fields = ("data", "batch_sizes", "sorted_indices", "unsorted_indices")
        parts = [_part(recorder, node, name, getattr(result, name)) for name in fields]
        return PackedSequence(*parts)
    if isinstance(result, Dim):
        return wrap_size(result)
    if isinstance(result, tuple):
        return torch.Size([wrap_size(size) for size in result])
    return result


def _item(recorder: Recorder, node: torch.fx.Node, i: int) -> torch.fx.Node:
    return recorder.nodes.make("call_function", operator.getitem, (node, i))


def _part(recorder: Recorder, node: torch.fx.Node, name: str, value: Any) -> Any:
    if value is None:
        return None
    part = recorder.nodes.make("call_function", getattr, (node, name))
    return wrap(recorder, None, value, part)


def same_shape(a: Value, b: Value) -> Constraint:
    """The relation that two shapes are equal."""
    if len(a) != len(b):
        return constraint.never()
    return constraint.all_of(constraint.equal(x, y) for x, y in zip(a, b, strict=True))
