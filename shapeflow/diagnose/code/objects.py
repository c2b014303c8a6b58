"""What an expression stands for and what a call runs, read off the objects of the model."""

from __future__ import annotations

import ast
from typing import Any

from ...core.dims import Size
from ...trace.record import Record
from ...trace.replay import tensors_in
from .scope import Scope, bind, global_of, method, methods, written
from .syntax import FUNCTIONS, argument, is_self, last_name, parameters
from .values import UNKNOWN, value


def thing(node: ast.expr, scope: Scope) -> Any:
    """The object that an expression stands for, UNKNOWN where that would need running code."""
    if isinstance(node, ast.Name):
        outer: Any = scope.function
        while isinstance(outer, FUNCTIONS):
            if is_self(node, outer, scope.source):
                return scope.owner if scope.owner is not None else UNKNOWN
            outer = scope.source.function(outer)
        return UNKNOWN
    if isinstance(node, ast.Attribute):
        return held(thing(node.value, scope), node.attr)
    if isinstance(node, ast.Subscript):
        entry = value(node.slice, scope)
        return held(thing(node.value, scope), str(entry))
    return UNKNOWN


def callee(node: ast.Call, scope: Scope) -> Scope | None:
    """The user's function that a call runs, with what it is given; None for torch's."""
    function = node.func
    found: Any = None
    owner: Any = None
    is_method = False
    if isinstance(function, ast.Attribute):
        owner = thing(function.value, scope)
        if _is_super(function.value):
            owner = scope.owner
            found = _inherited(owner, function.attr, scope)
            is_method = True
        elif owner is not UNKNOWN:
            found, is_method = method(owner, function.attr), True
            inside = held(owner, function.attr)
            if found is None and hasattr(inside, "_modules"):
                found, owner = method(inside, "forward"), inside
            elif found is not None and function.attr in getattr(owner, "__dict__", {}):
                is_method = False
    elif isinstance(function, ast.Name):
        found = _named(function.id, scope)
    else:
        inside = thing(function, scope)
        if hasattr(inside, "_modules"):
            found, owner, is_method = method(inside, "forward"), inside, True
    if found is None:
        return None
    source, target = found
    owner = owner if is_method else scope.owner
    return Scope(source, target, owner, None, bind(node, target, scope, is_method))


def _inherited(owner: Any, name: str, scope: Scope) -> Any:
    """The method that ``super()`` means: the next one behind that of the scope."""
    found = [m[:2] for m in methods(type(owner)) if m[2] == name] if owner is not None else []
    below = [m for m in found if m[1] is not scope.function]
    return below[0] if below else None


def inherited_with(scope: Scope, name: str) -> tuple[ast.expr, Scope] | None:
    """What a subclass hands to the constructor of its base for a parameter."""
    found = [m[:2] for m in methods(type(scope.owner)) if m[2] == "__init__"]
    functions = [function for _, function in found]
    if scope.function not in functions or functions.index(scope.function) == 0:
        return None
    source, function = found[functions.index(scope.function) - 1]
    names = parameters(scope.function)[1:] if isinstance(scope.function, FUNCTIONS) else []
    for node in ast.walk(function):
        if isinstance(node, ast.Call) and last_name(node.func) == "__init__":
            given = argument(node, names, name)
            if given is not None:
                return given, Scope(source, function, scope.owner)
    return None


def _named(name: str, scope: Scope) -> Any:
    """The user's function of a name: one inside the function, or one of the file."""
    for node in ast.walk(scope.function):
        if isinstance(node, ast.FunctionDef) and node.name == name:
            return scope.source, node
    for node in scope.source.tree.body:
        if isinstance(node, ast.FunctionDef) and node.name == name:
            return scope.source, node
    return written(global_of(scope.source, name))


def held(owner: Any, name: str) -> Any:
    """What an object holds under a name, UNKNOWN where it has none."""
    if owner is UNKNOWN:
        return UNKNOWN
    for store in ("__dict__", "_modules", "_parameters", "_buffers"):
        inside = getattr(owner, store, None)
        if isinstance(inside, dict) and name in inside:
            return inside[name]
    return UNKNOWN


def _is_super(node: ast.expr) -> bool:
    return (
        isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "super"
    )


def has_tensors(item: Any) -> bool:
    """Whether there are tensors in a structure."""
    return next(tensors_in(item), None) is not None


def has(record: Record, size: Size) -> bool:
    """Whether an operand of a call has a size."""
    return holds((record.args, dict(record.kwargs)), size)


def holds(item: Any, size: Size) -> bool:
    """Whether a tensor in a structure has a size."""
    return any(t.value is not None and size in tuple(t.value) for t in tensors_in(item))
