"""Try statements of the user's: who would catch what PyTorch raises in a call under way."""

from __future__ import annotations

import ast
import builtins
import sys
from collections.abc import Iterator
from functools import lru_cache
from types import CodeType, FrameType
from typing import Any

from .source import is_users, syntax_of

FAULTS: tuple[type[Exception], ...] = (RuntimeError, IndexError, ValueError, TypeError)
"""What PyTorch raises where shapes do not fit."""


def is_guarded(last: CodeType) -> bool:
    """Whether user code between here and the frame of ``last`` would catch one of the faults."""
    frame: FrameType | None = sys._getframe(1)
    while frame is not None and frame.f_code is not last:
        code = frame.f_code
        if code.co_exceptiontable and is_users(code.co_filename):
            for kinds in _handlers(syntax_of(code.co_filename), frame.f_lineno):
                if kinds is None or any(map(_catches, _resolved(kinds, frame))):
                    return True
        frame = frame.f_back
    return False


def _catches(kind: Any) -> bool:
    return isinstance(kind, type) and any(issubclass(fault, kind) for fault in FAULTS)


def _resolved(kinds: tuple[str, ...], frame: FrameType) -> Iterator[Any]:
    """What the dotted names of a handler stand for."""
    for kind in kinds:
        first, *rest = kind.split(".")
        thing: Any = None
        for scope in (frame.f_locals, frame.f_globals, vars(builtins)):
            if first in scope:
                thing = scope[first]
                break
        for name in rest:
            thing = getattr(thing, name, None)
        yield from thing if isinstance(thing, tuple) else (thing,)


@lru_cache(maxsize=4096)
def _handlers(tree: ast.Module | None, line: int) -> tuple[tuple[str, ...] | None, ...]:
    """The names of what each handler around a line catches; None for everything."""
    found: list[tuple[str, ...] | None] = []
    for node in _guards(tree):
        if isinstance(node, ast.With):
            names = [_caught(item.context_expr) for item in node.items]
            found += [name for name in names if name] if _spans(node.body, line) else []
        elif _spans(node.body, line):
            found += [_names(h.type) if h.type else None for h in node.handlers]
    return tuple(found)


@lru_cache(maxsize=64)
def _guards(tree: ast.Module | None) -> tuple[ast.Try | ast.With, ...]:
    if tree is None:
        return ()
    return tuple(
        node
        for node in ast.walk(tree)
        if (isinstance(node, ast.Try) and node.handlers) or isinstance(node, ast.With)
    )


def _spans(body: list[ast.stmt], line: int) -> bool:
    return body[0].lineno <= line <= (body[-1].end_lineno or 0)


def _caught(expression: ast.expr) -> tuple[str, ...]:
    """What ``contextlib.suppress(..)`` catches."""
    if isinstance(expression, ast.Call) and ast.unparse(expression.func).endswith("suppress"):
        return tuple(ast.unparse(argument) for argument in expression.args)
    return ()


def _names(kind: ast.expr) -> tuple[str, ...]:
    return tuple(map(ast.unparse, kind.elts if isinstance(kind, ast.Tuple) else [kind]))
