"""Arguments of a call, as the rules read them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache
from typing import TYPE_CHECKING, Any

import torch
from torch.nn.utils.rnn import PackedSequence

from ..ops import Rule, Value
from ..ops.packed import Packed
from ..ops.value import Computed
from .floats import SymbolicFloat
from .sizes import SymbolicSize
from .tensor import SymbolicTensor

if TYPE_CHECKING:
    from .recorder import Recorder

_PLAIN = frozenset({int, float, bool, str, type(None), complex})


_REAL = (torch.nn.Parameter, torch.Tensor)


class Reader:
    """Turns a tree of arguments into what rules take, and into what graph nodes take.

    Attributes:
        unknown: whether a tensor of unknown shape was among them.
    """

    __slots__ = ("recorder", "unknown")

    def __init__(self, recorder: Recorder) -> None:
        self.recorder, self.unknown = recorder, False

    def both(self, items: Iterable[Any]) -> tuple[list[Any], list[Any]]:
        """Several arguments for a node, and the same for a rule."""
        nodes, values = [], []
        for item in items:
            kind = item.__class__
            if kind in _PLAIN:
                nodes.append(item)
                values.append(item)
                continue
            if kind in _REAL:
                item = self.recorder.entry(item)
                if item.symbolic is not None:
                    item = item.symbolic
            elif kind is not SymbolicTensor:
                nodes.append(self.recorder.nodes.argument(self.recorder, item))
                values.append(self.read(item))
                continue
            nodes.append(item.node)
            if kind is SymbolicTensor and item.constant is not None:
                _tell(item)
            values.append(item.value)
            self.unknown = self.unknown or item.value is None
        return nodes, values

    def read(self, item: Any) -> Any:
        """Tensors to Values, symbolic sizes to Dims, dtypes to names; containers are walked."""
        kind = item.__class__
        if kind is SymbolicTensor:
            if item.value is None:
                self.unknown = True
            elif item.constant is not None:
                _tell(item)
            return item.value
        if kind in _PLAIN:
            return item
        if kind is tuple or kind is torch.Size:
            return tuple([self.read(part) for part in item])
        if kind is list:
            return [self.read(part) for part in item]
        return self.other(item)

    def other(self, item: Any) -> Any:
        """The rarer kinds."""
        if isinstance(item, torch.Tensor):
            return self.read(self.recorder.lift(item))
        if isinstance(item, SymbolicSize):
            return item.dim
        if isinstance(item, SymbolicFloat):
            return Computed.of(item.ratio, lambda: float(item))
        if isinstance(item, torch.dtype):
            return str(item)[6:]
        if isinstance(item, PackedSequence):
            return Packed(*[self.read(part) for part in item])
        if isinstance(item, slice):
            return slice(self.read(item.start), self.read(item.stop), self.read(item.step))
        if isinstance(item, tuple):
            return tuple(self.read(part) for part in item)
        if isinstance(item, list):
            return [self.read(part) for part in item]
        if isinstance(item, dict):
            return {key: self.read(part) for key, part in item.items()}
        if hasattr(item, "dtype") and hasattr(item, "item") and getattr(item, "ndim", 1) == 0:
            return item.item()  # a number of numpy's
        return item


def _tell(tensor: SymbolicTensor) -> None:
    """Lets rules know the only entry of a whole tensor without axes that is computed."""
    value, entries = tensor.value, tensor.constant
    if value is None or entries is None or len(value) or value.known is not None:
        return
    if value.dtype in _WHOLE:
        known = entries().item()
        tensor.value = Value((), value.dtype, None, known, value.words, value.device)


def value_of(tensor: torch.Tensor, words: str = "") -> Value:
    """A real tensor's shape, dtype and strides."""
    shape = tuple(tensor.shape)
    strided = tensor.layout is torch.strided
    dense = not strided or tensor.is_contiguous()
    strides = None if dense else tuple(tensor.stride())
    dtype, device = (
        _name(tensor.dtype),
        str(tensor.device) if tensor.device.index else tensor.device.type,
    )
    known = None
    if dtype in _WHOLE and tensor.numel() <= 1024 and device == "cpu" and dense and strided:
        known = tensor.tolist()
    return Value(shape, dtype, strides, known, words, device)


_WHOLE = ("int64", "int32", "bool")


@cache
def _name(dtype: torch.dtype) -> str:
    return str(dtype)[6:]


def led(
    rule: Rule, kwargs: Mapping[str, Any]
) -> tuple[tuple[Any, ...], Mapping[str, Any]]:
    """The arguments of a call that are all named, with the first operand in its place."""
    if rule.first not in kwargs:
        return (), kwargs
    return (kwargs[rule.first],), {k: v for k, v in kwargs.items() if k != rule.first}


def attributes(rule: Rule, module: torch.nn.Module, changes: Mapping[str, Any]) -> dict[str, Any]:
    """The attributes of a module that its rule asks for, ``changes`` winning."""
    found: dict[str, Any] = {}
    for name in rule.attributes:
        if name in changes:
            found[name] = changes[name]
        elif name == "dtype":
            weight = next(iter(module.parameters(recurse=False)), None)
            found[name] = "float32" if weight is None else str(weight.dtype)[6:]
        else:
            found[name] = getattr(module, name)
    return found


def has_tensor(tree: Any) -> bool:
    """Whether a tensor is among some arguments."""
    if isinstance(tree, torch.Tensor | SymbolicSize):
        return True
    if isinstance(tree, dict):
        tree = tuple(tree.values())
    return isinstance(tree, list | tuple) and any(has_tensor(item) for item in tree)
