"""Where names and attributes are set."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any

from .scope import Scope, methods
from .syntax import Function, Source, is_self
from .values import pairs

LOOPS = (ast.For, ast.AsyncFor, ast.While)
Binding = tuple[int, ast.expr, tuple[Any, ...]]
"""Where a variable is set: the line, the value, and the entries of it."""


def bindings(scope: Scope, function: ast.AST, name: str) -> Iterable[Binding]:
    """Where a variable is set in a function."""
    return _bindings(scope.source, function).get(name, ())


def goes_round(source: Source, given: ast.AST, node: ast.AST) -> bool:
    """Whether what is set below a use can be what is used: in a loop around both, or where the use
    is in a function of its own."""
    around = [outer for outer in source.above(node) if isinstance(outer, LOOPS)]
    is_apart = source.function(given) is not source.function(node)
    return is_apart or any(outer in around for outer in source.above(given))


@lru_cache(maxsize=512)
def _bindings(source: Source, function: ast.AST) -> Mapping[str, Sequence[Binding]]:
    """Where each variable of a function is set, in the order of ``ast.walk``."""
    found: dict[str, list[Binding]] = {}
    for node in ast.walk(function):
        if isinstance(node, ast.stmt | ast.comprehension | ast.NamedExpr):
            inner = isinstance(node, ast.comprehension) or source.function(node) is function
            for target, given, index in _targets(node) if inner else ():
                if isinstance(target, ast.Name):
                    found.setdefault(target.id, []).append((given.lineno, given, index))
    return found


def _targets(node: Any) -> Iterator[tuple[ast.expr, ast.expr, tuple[Any, ...]]]:
    if isinstance(node, ast.Assign):
        for target in node.targets:
            for one, given in pairs(target, node.value):
                yield from _unpacked(one, given, ())
    elif isinstance(node, ast.AnnAssign | ast.AugAssign | ast.NamedExpr) and node.value is not None:
        yield node.target, node.value, ()
    elif isinstance(node, ast.For | ast.comprehension):
        for part in ast.walk(node.target):
            if isinstance(part, ast.Name):
                yield part, node.iter, ()
    elif isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
        call = node.value
        if isinstance(call.func, ast.Attribute) and call.func.attr in ("append", "extend"):
            for given in call.args[:1]:
                yield call.func.value, given, ()


def _unpacked(
    target: ast.expr, given: ast.expr, index: tuple[Any, ...]
) -> Iterator[tuple[ast.expr, ast.expr, tuple[Any, ...]]]:
    """``a, (b, c) = value``: each name with the entries of the value that it gets."""
    if isinstance(target, ast.Tuple | ast.List):
        for i, part in enumerate(target.elts):
            yield from _unpacked(part, given, (*index, i))
    else:
        yield target, given, index


def attributes(owner: Any, name: str) -> Iterator[tuple[Any, Function, ast.expr, tuple[Any, ...]]]:
    """Where an attribute of an object is set: file, method, value, and the entries of it."""
    for source, function, _ in methods(type(owner)):
        for node in ast.walk(function):
            if not isinstance(node, ast.stmt):
                continue
            for target, given, index in _targets(node):
                if isinstance(target, ast.Attribute) and target.attr == name:
                    if is_self(target.value, function, source):
                        yield source, function, given, index
