"""Calls that have no rule: seen through where they are Python, else probed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import torch

from ..ops import Call, Fault
from ..ops.probing import Probed
from . import answers, arguments, bodies, entries, probe, results
from .nodes import ForwardOf
from .record import Refused
from .replay import tensors_in
from .source import here
from .targets import is_in_place
from .tensor import SymbolicTensor

if TYPE_CHECKING:
    from .recorder import Recorder

ELSEWHERE = ("torch.distributed", "c10d", "_c10d", "torch.ops.c10d")
"""Beginnings of the names of operations that speak to other processes: they are never run."""


def unknown(
    recorder: Recorder, name: str, function: Any, args: Any, kwargs: Mapping[str, Any]
) -> Any:
    """What a function without a rule returns."""
    recorder.span = here()
    if not arguments.has_tensor((args, tuple(kwargs.values()))) and not answers.makes_tensor(
        function
    ):
        return function(*args, **kwargs)
    body = bodies.body_of(function)
    if body is not None:
        with bodies.watched(recorder):
            return body(*args, **kwargs)
    given, named = recorder.nodes.arguments(recorder, args, kwargs)
    node = recorder.nodes.call(recorder, function, given, named)
    return _probed(recorder, name, function, args, kwargs, node)


def scripted(
    recorder: Recorder, module: torch.nn.Module, args: Any, kwargs: Mapping[str, Any]
) -> Any:
    """What a compiled (TorchScript) module returns: its Python is gone."""
    recorder.span = here()
    path = recorder.nodes.modules.get(id(module), "")
    given, named = recorder.nodes.arguments(recorder, args, kwargs)
    if path:
        node = recorder.nodes.make("call_module", path, given, named)
    else:
        target = ForwardOf(type(module), module)
        node = recorder.nodes.make("call_function", target, given, named)
    return _probed(recorder, path or "a scripted module", module, args, kwargs, node)


def _probed(
    recorder: Recorder, name: str, function: Any, args: Any, kwargs: Any, node: torch.fx.Node
) -> Any:
    """The result of a call by what probing finds, and a note of what it does not find."""
    reader = arguments.Reader(recorder)
    given = reader.both(args)[1]
    named = dict(zip(kwargs, reader.both(kwargs.values())[1], strict=True))
    call = Call(name, recorder, node.name, recorder.default_dtype)
    found = Probed(None, "an operand's shape is unknown")
    try:
        if name.startswith(ELSEWHERE):
            found = Probed(None, "it speaks to other processes")
        elif not reader.unknown:
            found = probe.probed(recorder, call, function, args, kwargs, (given, named))
    except Fault:
        found = Probed(None)
    except Refused as refused:
        raise recorder.refusal(node, name, function, args, kwargs, refused) from None
    if found.reason:
        recorder.gap("unknown", f"{name} has no shape rule: {found.reason}", node.name)
    for tensor in _changed(function, args, kwargs):
        entries.written(recorder, tensor, None)
    if is_in_place(name) and args and isinstance(args[0], torch.Tensor):
        whole = recorder.written(name, function, args, kwargs, given, found.result, node)
    elif found.known:
        whole = results.wrap(recorder, function, found.result, node)
    else:
        whole = SymbolicTensor.make(None, node, recorder)
    recorder.note(node, name, function, args, kwargs, whole, "")
    if found.known:
        node.meta["probed"] = True
        recorder.records[node.name] = replace(recorder.records[node.name], probed=True)
    return whole


def _changed(function: Any, args: Any, kwargs: Any) -> Iterator[SymbolicTensor]:
    """The tensors that a call may write into: none, where its schema says so."""
    overload = getattr(function, "_opoverload", function)
    if isinstance(overload, torch._ops.OpOverloadPacket):
        overload = overload.default if hasattr(overload, "default") else overload
    schema = getattr(overload, "_schema", None)
    if schema is None or schema.is_mutable:
        yield from tensors_in((args, dict(kwargs)))


__all__ = ["scripted", "unknown"]
