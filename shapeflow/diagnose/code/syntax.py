"""Source files as syntax trees, and the pieces of them that locations speak of."""

from __future__ import annotations

import ast
import linecache
from collections.abc import Iterator
from functools import cached_property, lru_cache

from ...core.constraint import Location
from ...trace.source import shortened

Function = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)


class Source:
    """One file.

    Attributes:
        file: its path, as locations name it.
        tree: its syntax.
    """

    def __init__(self, file: str, text: str, tree: ast.Module) -> None:
        self.file, self.tree = file, tree
        self.lines = text.splitlines()

    @cached_property
    def parents(self) -> dict[ast.AST, ast.AST]:
        """What each piece of syntax is a part of."""
        return {child: node for node in ast.walk(self.tree) for child in ast.iter_child_nodes(node)}

    @cached_property
    def starts(self) -> dict[int, list[ast.expr]]:
        """The expressions that begin on each line."""
        found: dict[int, list[ast.expr]] = {}
        for node in [*ast.walk(self.tree), *self.updates.values()]:
            if isinstance(node, ast.expr):
                found.setdefault(node.lineno, []).append(node)
        return found

    @cached_property
    def updates(self) -> dict[ast.AugAssign, ast.BinOp]:
        """What statements such as ``x += y`` compute, as the expression that they stand for."""
        found: dict[ast.AugAssign, ast.BinOp] = {}
        for node in ast.walk(self.tree):
            if isinstance(node, ast.AugAssign):
                made = ast.copy_location(ast.BinOp(node.target, node.op, node.value), node)
                found[node], self.parents[made] = made, node
        return found

    @cached_property
    def functions(self) -> dict[tuple[int, str], Function]:
        """The functions by the line and the name that their code objects have."""
        found: dict[tuple[int, str], Function] = {}
        for node in ast.walk(self.tree):
            if isinstance(node, FUNCTIONS):
                decorators = [d.lineno for d in getattr(node, "decorator_list", [])]
                key = min([*decorators, node.lineno]), getattr(node, "name", "<lambda>")
                found.setdefault(key, node)
        return found

    @cached_property
    def made(self) -> list[ast.Call]:
        """The calls of the file."""
        return [node for node in ast.walk(self.tree) if isinstance(node, ast.Call)]

    def above(self, node: ast.AST) -> Iterator[ast.AST]:
        """What a piece of syntax stands in, the innermost first."""
        while node in self.parents:
            node = self.parents[node]
            yield node

    def statement(self, node: ast.AST) -> ast.AST:
        """The statement that a piece stands in."""
        return next((outer for outer in self.above(node) if isinstance(outer, ast.stmt)), node)

    def function(self, node: ast.AST) -> Function | ast.Module:
        """The function that a piece stands in; the file's own tree where it is in none."""
        for outer in self.above(node):
            if isinstance(outer, FUNCTIONS):
                return outer
        return self.tree

    def class_of(self, node: ast.AST) -> ast.ClassDef | None:
        """The class whose body a function stands in."""
        outer = self.parents.get(node)
        return outer if isinstance(outer, ast.ClassDef) else None

    def characters(self, line: int, offset: int) -> int:
        """Trees count columns in UTF-8 bytes; people count characters."""
        if not 0 < line <= len(self.lines):
            return offset
        return len(self.lines[line - 1].encode()[:offset].decode(errors="ignore"))

    def place(self, node: ast.expr | ast.stmt) -> Location:
        """Where a piece of syntax stands."""
        line, end = node.lineno, node.end_lineno or node.lineno
        text = self.lines[line - 1] if line <= len(self.lines) else ""
        return Location(
            self.file,
            line,
            self.characters(line, node.col_offset) + 1,
            end,
            self.characters(end, node.end_col_offset or 0) + 1,
            text,
        )

    def text(self, node: ast.expr) -> str:
        """A piece of syntax as it is written, on one line."""
        return " ".join((ast.get_source_segment("\n".join(self.lines), node) or "").split())

    def at(self, location: Location) -> ast.expr | None:
        """The expression that a location speaks of."""
        end = location.end_line or location.line
        for node in self.starts.get(location.line, ()):
            place = self.place(node)
            if (place.column, place.end_line, place.end_column) == (
                location.column, end, location.end_column,
            ):  # fmt: skip
                return node
        return None


@lru_cache(maxsize=64)
def _parsed(file: str, text: str) -> Source | None:
    try:
        return Source(file, text, ast.parse(text))
    except (SyntaxError, ValueError):  # no Python, such as a cell with magic commands
        return None


def source_of(file: str) -> Source | None:
    """The syntax of a file; None where it cannot be read."""
    text = "".join(linecache.getlines(file))
    return _parsed(shortened(file), text) if text else None


def parameters(function: Function) -> list[str]:
    """The names of a function's parameters, in order."""
    a = function.args
    return [p.arg for p in (*a.posonlyargs, *a.args, *a.kwonlyargs)]


def default(function: Function, name: str) -> ast.expr | None:
    """The default of a parameter; None where it has none."""
    a = function.args
    positional = [*a.posonlyargs, *a.args]
    for p, value in zip(reversed(positional), reversed(a.defaults), strict=False):
        if p.arg == name:
            return value
    for p, given in zip(a.kwonlyargs, a.kw_defaults, strict=True):
        if p.arg == name:
            return given
    return None


def argument(call: ast.Call, names: list[str], name: str) -> ast.expr | None:
    """What a call gives for a parameter, ``names`` being those that positions stand for."""
    for keyword in call.keywords:
        if keyword.arg == name:
            return keyword.value
    if name not in names:
        return None
    position = names.index(name)
    given = call.args[: position + 1]
    if any(isinstance(item, ast.Starred) for item in given):
        return next(item for item in given if isinstance(item, ast.Starred))
    return call.args[position] if position < len(call.args) else None


def last_name(node: ast.expr) -> str:
    """The last name of ``a.b.c``; empty for anything else."""
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""


def is_self(node: ast.expr, function: ast.AST, source: Source) -> bool:
    """Whether an expression is the first parameter of a method."""
    if not isinstance(node, ast.Name) or not isinstance(function, FUNCTIONS):
        return False
    names = parameters(function)
    return bool(names) and node.id == names[0] and source.class_of(function) is not None
