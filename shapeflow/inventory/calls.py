"""What a function of torch that is Python calls, read from its source."""

from __future__ import annotations

import ast
import inspect
import textwrap
from collections.abc import Iterator
from types import BuiltinFunctionType, FunctionType
from typing import Any

import torch

from .families import overridable


def calls(function: Any, owner: type) -> list[Any]:
    """What it calls of torch, also through helpers in its own file.

    Args:
        function: the function.
        owner: the class of its ``self``, if it has one.
    """
    return list(dict.fromkeys(_calls(function, owner, set())))


def _calls(function: Any, owner: type, seen: set[Any]) -> Iterator[Any]:
    seen.add(function)
    for node in ast.walk(ast.parse(textwrap.dedent(inspect.getsource(function)))):
        if not isinstance(node, ast.Call):
            continue
        thing = _meant(node.func, function.__globals__, owner)
        if not getattr(thing, "__hash__", None) or thing in seen:
            continue
        near = getattr(thing, "__module__", None) in (function.__module__, "torch.nn.functional")
        worker = near and inspect.isclass(thing) and not issubclass(thing, tuple)
        if thing in overridable() or _is_torchs(thing) or worker:
            yield thing
        elif near and isinstance(thing, FunctionType):
            yield from _calls(thing, owner, seen)


def _is_torchs(thing: Any) -> bool:
    """Whether a function is no Python but one of torch's."""
    home = getattr(thing, "__module__", None) or "torch"
    return isinstance(thing, BuiltinFunctionType) and home.partition(".")[0] == "torch"


def _meant(name: ast.expr, scope: dict[str, Any], owner: type) -> Any:
    """What a dotted name stands for, None where only a run can tell."""
    first, *rest = ast.unparse(name).split(".")
    if first == "self":
        inherited = len(rest) != 1 or rest[0] in vars(torch.nn.Module)
        return None if inherited else getattr(owner, rest[0], None)
    thing = scope.get(first)
    for part in rest:
        thing = getattr(thing, part, None)
    return thing
