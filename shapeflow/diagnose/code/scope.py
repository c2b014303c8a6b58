"""What is known of a run and of the model's objects where its source is read."""

from __future__ import annotations

import ast
import inspect
import os
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from types import ModuleType
from typing import Any

from ...core.constraint import Location
from ...trace.record import Record
from ...trace.source import Span, is_torchs, shortened
from ...trace.tree import modules_of
from .syntax import Function, Source, parameters, source_of

Bound = Mapping[str, tuple[ast.expr, "Scope"]]


@dataclass(frozen=True, eq=False)
class Scope:
    """A function that an expression stands in.

    Attributes:
        source: its file.
        function: its syntax, the file's tree for code outside of functions.
        owner: the object that ``self`` is, None where it is not known.
        caller: the call that the run came in by, None where it is not known.
        bound: what its parameters were given, where the call was read.
    """

    source: Source
    function: Function | ast.Module
    owner: Any = None
    caller: Span | None = None
    bound: Bound | None = None


@dataclass(frozen=True, eq=False)
class Step:
    """One place that a value came through.

    Attributes:
        location: the expression.
        kind: "set", "returned", "given", "default" or "made".
        name: the variable, parameter, attribute, function or class that it is about.
        node, scope: the expression.
        whole: whether the value is what was followed, not what that was computed from.
        number: whether it is a number that a size was given by.
        index: the entries of tuples that lead from the expression to the value.
    """

    location: Location
    kind: str
    name: str
    node: ast.expr
    scope: Scope
    whole: bool = False
    number: bool = False
    index: tuple[Any, ...] = ()

    @property
    def text(self) -> str:
        """The expression as it is written."""
        return self.scope.source.text(self.node)


class World:
    """The objects and the calls of a run.

    Attributes:
        root: the model.
        calls: the recorded calls by place, in order.
        lines: (file, line) of everything that ran.
        made: what is known of where modules were made, by path; see ``sites``.
        asked: where the user asked for the check.
    """

    def __init__(self, root: Any, records: Iterable[Record], asked: Span | None = None) -> None:
        self.root, self.asked = root, asked
        self.modules = dict(modules_of(root)) if hasattr(root, "_modules") else {}
        self.calls: dict[tuple[str, int, int, int, int], list[Record]] = {}
        self.lines: set[tuple[str, int]] = set()
        self.made: dict[str, Any] = {}
        for record in records:
            span = record.span
            if span is not None:
                self.calls.setdefault(_key(span.location), []).append(record)
            while span is not None:
                place = span.location
                self.lines |= {(place.file, n) for n in range(place.line, place.end_line + 1)}
                span = span.caller

    def made_at(self, place: Location) -> list[Record]:
        """The calls that an expression made."""
        return self.calls.get(_key(place), [])

    def ran(self, place: Location) -> bool:
        """Whether anything was recorded on the lines of an expression."""
        return any((place.file, n) in self.lines for n in range(place.line, place.end_line + 1))

    def owner(self, path: str, source: Source, function: ast.AST) -> Any:
        """The module along a path that a method belongs to."""
        names = path.split(".") if path else []
        chain = [".".join(names[:n]) for n in range(len(names), -1, -1)]
        near = [self.modules[p] for p in chain if p in self.modules]
        place, own = (source, function), (*near, *self.firsts.values())
        return next((m for m in own if place in _places(m.__class__)), None)

    @cached_property
    def records(self) -> dict[str, Record]:
        """The recorded calls that the source shows, by node."""
        return {record.node: record for found in self.calls.values() for record in found}

    @cached_property
    def firsts(self) -> dict[type, Any]:
        """The first module of each class."""
        found: dict[type, Any] = {}
        for module in self.modules.values():
            found.setdefault(type(module), module)
        return found

    def call(self, record: Record) -> tuple[ast.expr, Scope] | None:
        """The expression of a recorded call, and where it stands; None where no source shows it."""
        return self.scope(record.span, record.path) if record.span is not None else None

    def scope(self, span: Span, path: str) -> tuple[ast.expr, Scope] | None:
        """The expression of a call under way, and where it stands."""
        place = span.location
        source = source_of(place.file)
        node = source.at(place) if source is not None else None
        if source is None or node is None:
            return None
        function = source.function(node)
        method: ast.AST = function
        while source.class_of(method) is None and not isinstance(method, ast.Module):
            method = source.function(method)
        owner = self.owner(path, source, method)
        return node, Scope(source, function, owner, span.caller)


def _key(place: Location) -> tuple[str, int, int, int, int]:
    return place.file, place.line, place.column, place.end_line or place.line, place.end_column


def methods(kind: Any) -> tuple[tuple[Source, Function, str], ...]:
    """The methods of a class and its bases that are the user's: where each is written."""
    return _known_methods(kind)


@lru_cache(maxsize=256)
def _known_methods(kind: type) -> tuple[tuple[Source, Function, str], ...]:
    return tuple(_methods(kind))


@lru_cache(maxsize=256)
def _places(kind: type) -> frozenset[tuple[Source, ast.AST]]:
    """Where the methods of a class are written."""
    return frozenset((source, function) for source, function, _ in methods(kind))


def _methods(kind: type) -> Iterator[tuple[Source, Function, str]]:
    for base in kind.__mro__:
        if base.__module__.partition(".")[0] in ("torch", "builtins", "abc", "typing"):
            continue
        for name, thing in vars(base).items():
            thing = getattr(thing, "__func__", getattr(thing, "fget", thing))
            found = written(thing)
            if found is not None:
                yield (*found, name)


def written(function: Any) -> tuple[Source, Function] | None:
    """Where a Python function of the user's is written."""
    function = inspect.unwrap(function) if callable(function) else function
    code = getattr(function, "__code__", None)
    if code is None or is_torchs(code.co_filename):
        return None
    source = source_of(shortened(code.co_filename))
    if source is None:
        return None
    found = source.functions.get((code.co_firstlineno, code.co_name))
    return (source, found) if found is not None else None


def method(owner: Any, name: str) -> tuple[Source, Function] | None:
    """The method of that name that an object has, where it is the user's."""
    for base in type(owner).__mro__:
        if name in vars(base):
            thing = vars(base)[name]
            return written(getattr(thing, "__func__", getattr(thing, "fget", thing)))
    thing = getattr(owner, "__dict__", {}).get(name)
    return written(thing) if thing is not None else None


def global_of(source: Source, name: str) -> Any:
    """What a name stands for at the top of a file that is loaded."""
    end = os.path.basename(source.file)
    for module in list(sys.modules.values()):
        inside = vars(module) if isinstance(module, ModuleType) else {}  # getattr may import
        file = inside.get("__file__")
        if isinstance(file, str) and file.endswith(end) and shortened(file) == source.file:
            return inside.get(name)
    return None


def bind(call: ast.Call, function: Function, scope: Scope, is_method: bool) -> Bound:
    """The arguments of a call by the parameters of the function that it calls."""
    names = parameters(function)[1:] if is_method else parameters(function)
    bound: dict[str, tuple[ast.expr, Scope]] = {}
    for name, value in zip(names, call.args, strict=False):
        if isinstance(value, ast.Starred):
            break
        bound[name] = (value, scope)
    for keyword in call.keywords:
        if keyword.arg is not None:
            bound[keyword.arg] = (keyword.value, scope)
    return bound
