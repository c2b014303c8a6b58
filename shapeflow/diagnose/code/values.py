"""Numbers that can be read off the source: literals, attributes of the model, arithmetic."""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable, Mapping
from typing import Any

from .scope import Scope
from .syntax import FUNCTIONS, default

UNKNOWN: Any = object()
"""What is not known without running the code."""

OPERATORS: Mapping[type, Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
}
SIMPLE = (int, float, bool, str, type(None), tuple, list)


def value(node: ast.expr, scope: Scope, depth: int = 6) -> Any:
    """What an expression is, UNKNOWN where that cannot be read off."""
    if depth == 0:
        return UNKNOWN
    match node:
        case ast.Constant():
            return node.value
        case ast.Tuple() | ast.List():
            parts = [value(part, scope, depth - 1) for part in node.elts]
            return UNKNOWN if UNKNOWN in parts else tuple(parts)
        case ast.BinOp():
            return _computed(node, scope, depth)
        case ast.UnaryOp(op=ast.USub()):
            inner = value(node.operand, scope, depth - 1)
            return -inner if isinstance(inner, int | float) else UNKNOWN
        case ast.BoolOp():
            return _either(node, scope, depth)
        case ast.IfExp():
            test = value(node.test, scope, depth - 1)
            if test is UNKNOWN:
                return UNKNOWN
            return value(node.body if test else node.orelse, scope, depth - 1)
        case ast.Attribute(value=ast.Name()) if scope.owner is not None:
            return attribute(scope.owner, node.attr)
        case ast.Name():
            return _named(node.id, scope, depth)
    return UNKNOWN


def attribute(owner: Any, name: str) -> Any:
    """A simple attribute of a module as it is now."""
    found = getattr(owner, "__dict__", {}).get(name, UNKNOWN)
    return found if isinstance(found, SIMPLE) else UNKNOWN


def _computed(node: ast.BinOp, scope: Scope, depth: int) -> Any:
    left, right = (value(side, scope, depth - 1) for side in (node.left, node.right))
    apply = OPERATORS.get(type(node.op))
    if apply is None or not isinstance(left, int) or not isinstance(right, int):
        return UNKNOWN
    return apply(left, right) if right or apply in (operator.add, operator.sub) else UNKNOWN


def _either(node: ast.BoolOp, scope: Scope, depth: int) -> Any:
    found: Any = UNKNOWN
    for part in node.values:
        found = value(part, scope, depth - 1)
        if found is UNKNOWN or bool(found) is isinstance(node.op, ast.Or):
            return found
    return found


def _named(name: str, scope: Scope, depth: int) -> Any:
    """A parameter: what it was given, or the attribute that keeps it, or its default."""
    if scope.bound is not None and name in scope.bound:
        node, outer = scope.bound[name]
        return value(node, outer, depth - 1)
    function = scope.function
    if not isinstance(function, FUNCTIONS) or isinstance(function, ast.Lambda):
        return UNKNOWN
    if scope.owner is not None:
        kept = kept_as(function, name)
        if kept:
            return attribute(scope.owner, kept)
    given = default(function, name)
    return value(given, scope, depth - 1) if isinstance(given, ast.Constant) else UNKNOWN


def kept_as(function: ast.AST, name: str) -> str:
    """The attribute of ``self`` that a parameter is kept in; empty where it is kept in none."""
    for statement in ast.walk(function):
        if not isinstance(statement, ast.Assign):
            continue
        for target in statement.targets:
            for one, source in pairs(target, statement.value):
                if (
                    isinstance(one, ast.Attribute)
                    and isinstance(source, ast.Name)
                    and source.id == name
                ):
                    return one.attr
    return ""


def pairs(target: ast.expr, given: ast.expr) -> list[tuple[ast.expr, ast.expr]]:
    """The single assignments in one of several names to several values."""
    if (
        isinstance(target, ast.Tuple | ast.List)
        and isinstance(given, ast.Tuple | ast.List)
        and len(target.elts) == len(given.elts)
    ):
        both = zip(target.elts, given.elts, strict=True)
        return [pair for one, part in both for pair in pairs(one, part)]
    return [(target, given)]
