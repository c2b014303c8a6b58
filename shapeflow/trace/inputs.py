"""Symbolic tensors in the place of a model's inputs."""

from __future__ import annotations

import dataclasses
import inspect
import operator
from collections.abc import Mapping
from typing import Any

import torch

from ..ops import Value
from ..ops.packed import Entries
from .recorder import Recorder, identifier
from .tensor import SymbolicTensor


def placeholders(
    recorder: Recorder,
    model: Any,
    arguments: tuple[Any, ...],
    keywords: Mapping[str, Any],
    suffix: str = "",
) -> tuple[tuple[Any, ...], dict[str, Any]]:
    """Symbolic tensors for all Values, each with its placeholder or a part of one.

    ``suffix`` is for the placeholders of a further call.
    """
    graph = recorder.graph
    names = _parameter_names(model, len(arguments))
    tops = [
        (graph.placeholder(name + suffix), item)
        for name, item in zip(names, arguments, strict=True)
    ]
    named = {name: (graph.placeholder(name + suffix), item) for name, item in keywords.items()}
    given = tuple(_symbolic(recorder, node, item) for node, item in tops)
    return given, {name: _symbolic(recorder, node, item) for name, (node, item) in named.items()}


def _parameter_names(model: Any, count: int) -> list[str]:
    function = model.forward if isinstance(model, torch.nn.Module) else model
    try:
        parameters = list(inspect.signature(function).parameters.values())
    except ValueError:  # a function of C has none
        parameters = []
    names = [p.name for p in parameters if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]
    return (names + [f"args_{i}" for i in range(count)])[:count]


def _symbolic(recorder: Recorder, node: torch.fx.Node, item: Any) -> Any:
    if isinstance(item, Value):
        for axis, size in enumerate(item):
            recorder.nodes.born(node, axis, size)
        if item.known is None and len(item) == 1 and item.dtype.startswith(("int", "uint")):
            source = Entries(identifier(item.words or node.name))
            item = Value(item, item.dtype, item.strides, source, item.words, item.device)
        return SymbolicTensor.make(item, node, recorder)

    def part(target: Any, key: Any, inner: Any) -> Any:
        if not _has_value(inner):
            return inner
        child = recorder.graph.create_node("call_function", target, (node, key), {})
        return _symbolic(recorder, child, inner)

    if isinstance(item, tuple) and hasattr(item, "_fields"):
        return type(item)(*(part(getattr, f, getattr(item, f)) for f in item._fields))
    if isinstance(item, list | tuple):
        return type(item)(part(operator.getitem, i, inner) for i, inner in enumerate(item))
    if isinstance(item, dict):
        return {key: part(operator.getitem, key, inner) for key, inner in item.items()}
    if dataclasses.is_dataclass(item) and not isinstance(item, type) and _has_value(item):
        fields = {f.name: getattr(item, f.name) for f in dataclasses.fields(item) if f.init}
        return type(item)(**{key: part(getattr, key, inner) for key, inner in fields.items()})
    return item


def _has_value(item: Any) -> bool:
    if isinstance(item, Value):
        return True
    if isinstance(item, dict):
        return any(map(_has_value, item.values()))
    if isinstance(item, list | tuple):
        return any(map(_has_value, item))
    if dataclasses.is_dataclass(item) and not isinstance(item, type):
        return any(_has_value(getattr(item, f.name)) for f in dataclasses.fields(item))
    return False
