"""A model's result with shapes in the place of tensors."""

from __future__ import annotations

import dataclasses
from collections.abc import Generator
from typing import Any

import torch
from torch.nn.utils.rnn import PackedSequence

from ..ops import Value
from .sizes import SymbolicSize, unwrap
from .tensor import SymbolicTensor


def shapes(result: Any, above: frozenset[int] = frozenset()) -> Any:
    """A result with shapes in the place of tensors; None where a shape is unknown.

    Of other objects than containers those attributes are told that hold tensors; ``above`` are
    the objects around them, which are not told again.
    """
    if isinstance(result, SymbolicTensor):
        return None if result.value is None else tuple(result.value)
    if isinstance(result, torch.Tensor):
        return tuple(result.shape)
    if isinstance(result, SymbolicSize):
        return unwrap(result)
    if isinstance(result, PackedSequence):
        return shapes(result.data, above)
    if isinstance(result, dict):
        return {key: shapes(item, above) for key, item in result.items()}
    if isinstance(result, list):
        return [shapes(item, above) for item in result]
    if isinstance(result, tuple):
        return tuple(shapes(item, above) for item in result)
    if dataclasses.is_dataclass(result) and not isinstance(result, type):
        return {f.name: shapes(getattr(result, f.name), above) for f in dataclasses.fields(result)}
    if isinstance(result, int | float | bool | str | type(None)):
        return result
    above = above | {id(result)}
    held = {name: x for name, x in _attributes(result).items() if _holds(x, set(above))}
    return {name: shapes(x, above) for name, x in held.items()} or None


def _attributes(item: Any) -> dict[str, Any]:
    """The attributes of an object that may be part of a result."""
    if isinstance(item, torch.nn.Module | type | torch.Generator):
        return {}
    return getattr(item, "__dict__", {})


def _holds(item: Any, seen: set[int]) -> bool:
    """Whether there are tensors in an attribute of an object of the user's, such as a cache."""
    if isinstance(item, torch.Tensor):
        return True
    if id(item) in seen:
        return False
    seen.add(id(item))
    if isinstance(item, list | tuple):
        parts = list(item)
    else:
        parts = list((item if isinstance(item, dict) else _attributes(item)).values())
    return any(_holds(part, seen) for part in parts)


def has_nothing(result: Any) -> bool:
    """Whether a result is neither a number nor anything with tensors or numbers in it."""
    if isinstance(result, dict):
        result = list(result.values())
    if isinstance(result, list | tuple):
        return bool(result) and all(map(has_nothing, result))
    if dataclasses.is_dataclass(result) and not isinstance(result, type):
        return all(has_nothing(getattr(result, f.name)) for f in dataclasses.fields(result))
    if isinstance(result, torch.Tensor | int | float | torch.SymInt | torch.SymFloat):
        return False
    return shapes(result) is None or isinstance(result, str)


def in_words(result: Any) -> str:
    """What a result is, for a message."""
    if result is None:
        return "None"
    if isinstance(result, Generator):
        return "a generator"
    kind = type(result).__name__
    return f"{'an' if kind[:1] in 'aeiouAEIOU' else 'a'} {kind}"


def is_whole(result: Any) -> bool:
    """Whether every tensor of a result has a known shape."""
    return all(isinstance(value, Value) for _, value in leaves(result))


def leaves(result: Any) -> list[tuple[str, Any]]:
    """(node name, Value) of each symbolic tensor in a result, in order."""
    return [(tensor.node.name, tensor.value) for tensor in tensors(result)]


def tensors(tree: Any) -> list[SymbolicTensor]:
    """The symbolic tensors of a tree of arguments or results, in order."""
    if isinstance(tree, SymbolicTensor):
        return [tree]
    if isinstance(tree, dict):
        tree = list(tree.values())
    if isinstance(tree, list | tuple):
        return [tensor for item in tree for tensor in tensors(item)]
    if dataclasses.is_dataclass(tree) and not isinstance(tree, type):
        fields = dataclasses.fields(tree)
        return [tensor for f in fields for tensor in tensors(getattr(tree, f.name))]
    return []
