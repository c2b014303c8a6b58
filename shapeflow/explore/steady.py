"""Whether the code of a loop treats every step alike, read off its syntax.

A step may depend on the steps before it through tensors only. So nothing in the body may look at
the number of the step, count, remember, or measure what grows: names that the loop assigns take
part in calls of torch, which were recorded and are compared elsewhere, and in nothing else. What
the body calls must be torch's, or functions that change nothing but their own names.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from types import CodeType

from ..trace.source import syntax_of

Position = tuple[str, int, int, int, int]
"""File, line and column of the first letter, and of the last."""

FORBIDDEN = (
    ast.While, ast.Break, ast.Continue, ast.Return, ast.Try, ast.With, ast.Raise, ast.Lambda,
    ast.NamedExpr, ast.Delete, ast.FunctionDef, ast.ClassDef, ast.Await, ast.Yield, ast.YieldFrom,
    ast.Global, ast.Nonlocal, ast.Import, ast.ImportFrom, ast.Starred, ast.JoinedStr,
)  # fmt: skip
"""What no body of a loop holds."""
REMEMBERS = (ast.Global, ast.Nonlocal, ast.Yield, ast.YieldFrom, ast.Await, ast.Delete)
PURE = frozenset("len range zip enumerate reversed isinstance tuple list dict min max".split())
QUESTIONS = frozenset(
    "size dim numel ndimension is_contiguous stride type items values keys".split()
)
COMPREHENSIONS = ast.ListComp | ast.GeneratorExp


@dataclass(frozen=True)
class Loop:
    """A loop whose head needed a number.

    Attributes:
        filename: where it stands.
        node: the loop itself: a ``for`` statement, or a comprehension of one ``for``.
        scope: the function around it.
    """

    filename: str
    node: ast.For | ast.ListComp | ast.GeneratorExp
    scope: ast.AST

    @property
    def head(self) -> ast.expr:
        """What it goes through."""
        return self.node.iter if isinstance(self.node, ast.For) else self.node.generators[0].iter

    @property
    def target(self) -> ast.expr:
        """What each step is called."""
        one = self.node if isinstance(self.node, ast.For) else self.node.generators[0]
        return one.target

    @property
    def body(self) -> list[ast.AST]:
        """What is done at each step."""
        return [*self.node.body] if isinstance(self.node, ast.For) else [self.node.elt]

    def holds(self, position: Position) -> bool:
        """Whether a piece of code is part of the body."""
        return position[0] == self.filename and any(_spans(part, position) for part in self.body)


@dataclass(frozen=True)
class Seen:
    """What was recorded in the steps of some loops.

    Attributes:
        calls: the places of torch's calls.
        indexed: those that take an entry, or entries, of a tensor.
        codes: the functions that made them, by name and, for ``forward``, by the module's.
    """

    calls: frozenset[Position]
    indexed: frozenset[Position]
    codes: Mapping[str, frozenset[CodeType]]


def loop_at(position: Position) -> Loop | None:
    """The loop in whose head a piece of code stands; None where it stands in none."""
    found: Loop | None = None
    for scope, node in _loops(syntax_of(position[0])):
        loop = Loop(position[0], node, scope)
        if _spans(loop.head, position) or _position(position[0], node) == position:
            found = loop
    return found


def settings(code: CodeType) -> tuple[str, ...]:
    """The attributes of ``self`` that a method compares something with, divides by, or cuts by."""
    return _settings(_body(code, syntax_of(code.co_filename)), code.co_varnames[:1])


@lru_cache(maxsize=256)
def _settings(body: ast.AST | None, own: tuple[str, ...]) -> tuple[str, ...]:
    found: dict[str, None] = {}
    for node in ast.walk(body) if body is not None else ():
        rest = isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mod | ast.FloorDiv)
        if rest or isinstance(node, ast.Compare | ast.Slice):
            for part in ast.walk(node):
                if isinstance(part, ast.Attribute) and ast.unparse(part.value) in own:
                    found[part.attr] = None
    return tuple(found)


def is_steady(loop: Loop, seen: Seen) -> bool:
    """Whether the steps of a loop differ in tensors only."""
    if isinstance(loop.node, ast.For) and loop.node.orelse:
        return False
    if not isinstance(loop.node, ast.For):
        (one, *more) = loop.node.generators
        if more or one.ifs:
            return False
    indices = set(_indices(loop.head, loop.target))
    changing = {*_stored(loop.body), *_names(loop.target)}
    for node in [inner for part in loop.body for inner in ast.walk(part)]:
        if isinstance(node, ast.For) and changing.isdisjoint(_names(node.iter)):
            changing -= _names(node.target)  # the same at every step
    grown = set(_grown(loop.body))
    body = _Body(loop, seen, frozenset(indices), frozenset(changing), frozenset(grown))
    return all(map(body.allows, body.nodes())) and body.is_left_alone()


@dataclass(frozen=True)
class _Body:
    """The body of a loop with the names that change in it."""

    loop: Loop
    seen: Seen
    indices: frozenset[str]
    changing: frozenset[str]
    grown: frozenset[str]

    def nodes(self) -> Iterator[ast.AST]:
        for part in self.loop.body:
            yield from ast.walk(part)

    def place(self, node: ast.AST) -> Position:
        return _position(self.loop.filename, node)

    def changes(self, node: ast.AST) -> bool:
        """Whether a part of the code speaks of what differs from step to step."""
        return not self.changing.isdisjoint(_names(node))

    def allows(self, node: ast.AST) -> bool:
        """Whether one node is the same at every step."""
        if isinstance(node, FORBIDDEN):
            return False
        if isinstance(node, ast.Attribute):
            return isinstance(node.ctx, ast.Load)
        if isinstance(node, ast.Name):
            return self.is_free(node) or node in self.harmless()
        if isinstance(node, ast.Subscript):
            return self.place(node) in self.seen.indexed or not self.changes(node.slice)
        if isinstance(node, ast.BinOp | ast.UnaryOp | ast.AugAssign | ast.Compare):
            known = self.place(node) in self.seen.calls or not self.changes(node)
            return known or _asks_for_none(node)
        if isinstance(node, ast.If | ast.IfExp | ast.Assert):
            return not self.changes(node.test) or _asks_for_none(node.test)
        if isinstance(node, ast.BoolOp):
            return not self.changes(node)
        if isinstance(node, ast.For):
            return not self.changes(node.iter) and not node.orelse
        return not isinstance(node, ast.Call) or self.allows_call(node)

    def is_free(self, node: ast.Name) -> bool:
        """Whether a name stands for a tensor, or for what is the same at every step."""
        return node.id not in self.indices | self.grown

    def harmless(self) -> set[ast.AST]:
        """Names of steps that index tensors, and of lists that are appended to."""
        found: set[ast.AST] = set()
        for node in self.nodes():
            if isinstance(node, ast.Subscript) and self.place(node) in self.seen.indexed:
                slices = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
                found |= {part for part in slices if isinstance(part, ast.Name)}
            if _appends(node):
                found.add(node.func.value)  # type: ignore[attr-defined]
        return found

    def allows_call(self, node: ast.Call) -> bool:
        if self.place(node) in self.seen.calls or _appends(node):
            return True
        if isinstance(node.func, ast.Name) and node.func.id in PURE:
            return not self.changes(node)
        return _is_known_call(node, self.seen)

    def is_left_alone(self) -> bool:
        """Whether what grew, and the number of the last step, is not looked at behind the loop."""
        inside = {id(node) for node in ast.walk(self.loop.node)}
        allowed: set[int] = set()
        for node in ast.walk(self.loop.scope):
            if isinstance(node, ast.Call) and self.place(node) in self.seen.calls:
                allowed |= {id(argument) for argument in node.args}
            if isinstance(node, ast.Subscript) and _is_end(node.slice):
                allowed.add(id(node.value))
        outside = [
            node
            for node in ast.walk(self.loop.scope)
            if isinstance(node, ast.Name) and id(node) not in inside
        ]
        read = [node for node in outside if isinstance(node.ctx, ast.Load)]
        if any(node.id in self.grown and id(node) not in allowed for node in read):
            return False
        if any(node.id in self.indices and not _rebound(node, self.loop.scope) for node in read):
            return False
        if isinstance(self.loop.node, ast.For):
            return True
        return id(self.loop.node) in allowed or self.named_once(allowed, read)

    def named_once(self, allowed: set[int], read: Iterable[ast.Name]) -> bool:
        """Whether the list that a comprehension makes has a name that only calls of torch read."""
        for node in ast.walk(self.loop.scope):
            if isinstance(node, ast.Assign) and node.value is self.loop.node:
                (target, *more) = node.targets
                if more or not isinstance(target, ast.Name):
                    return False
                return all(id(n) in allowed for n in read if n.id == target.id)
        return False


def is_pure(code: CodeType, seen: Seen) -> bool:
    """Whether a function changes nothing but its own names."""
    body = _body(code, syntax_of(code.co_filename))
    if body is None:
        return False
    own = set(_stored([body]))
    for node in ast.walk(body):
        if isinstance(node, REMEMBERS):
            return False
        if isinstance(node, ast.Attribute) and not isinstance(node.ctx, ast.Load):
            return False
        if isinstance(node, ast.Subscript) and not isinstance(node.ctx, ast.Load):
            if not isinstance(node.value, ast.Name) or node.value.id not in own:
                return False
        if isinstance(node, ast.Call) and not _is_known(node, code.co_filename, seen, own):
            return False
    return True


def _is_known(node: ast.Call, filename: str, seen: Seen, own: set[str]) -> bool:
    """Whether a call in a function is torch's, asks a question, or is of a function seen."""
    if _position(filename, node) in seen.calls:
        return True
    if isinstance(node.func, ast.Name) and node.func.id in PURE:
        return True
    if isinstance(node.func, ast.Attribute) and node.func.attr in QUESTIONS:
        return True
    appends = _appends(node) and isinstance(node.func, ast.Attribute)
    if appends and isinstance(node.func.value, ast.Name):  # type: ignore[attr-defined]
        return node.func.value.id in own  # type: ignore[attr-defined]
    return _is_known_call(node, seen)


def _is_known_call(node: ast.Call, seen: Seen) -> bool:
    """Whether a call is one of a function or module that was seen to call torch."""
    function = node.func.value if isinstance(node.func, ast.Subscript) else node.func
    if isinstance(function, ast.Attribute) and function.attr in QUESTIONS:
        return True
    name = getattr(function, "attr", getattr(function, "id", ""))
    return bool(seen.codes.get(name))


def _asks_for_none(node: ast.AST) -> bool:
    if isinstance(node, ast.Compare) and len(node.ops) == 1:
        (other,) = node.comparators
        none = isinstance(other, ast.Constant) and other.value is None
        return none and isinstance(node.ops[0], ast.Is | ast.IsNot)
    return False


def _appends(node: ast.AST) -> bool:
    if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
        return False
    return node.func.attr == "append" and isinstance(node.func.value, ast.Name)


def _grown(body: Iterable[ast.AST]) -> Iterator[str]:
    for part in body:
        for node in ast.walk(part):
            if _appends(node):
                yield node.func.value.id  # type: ignore[attr-defined]


def _indices(head: ast.expr, target: ast.expr) -> Iterator[str]:
    """The names of the numbers of steps: those of ``range``, and the first of ``enumerate``."""
    if isinstance(head, ast.Call) and isinstance(head.func, ast.Name):
        name = head.func.id
        if name == "reversed" and head.args:
            yield from _indices(head.args[0], target)
        elif name == "enumerate" and isinstance(target, ast.Tuple) and len(target.elts) == 2:
            yield from _names(target.elts[0])
            yield from _indices(head.args[0], target.elts[1])
        elif name == "zip" and isinstance(target, ast.Tuple):
            for inner, part in zip(head.args, target.elts, strict=False):
                yield from _indices(inner, part)
        elif name != "iter":
            yield from _names(target)


def _is_end(index: ast.expr) -> bool:
    """Whether an index is the first or the last one."""
    try:
        return ast.literal_eval(index) in (0, -1)
    except (ValueError, TypeError):
        return False


def _rebound(name: ast.Name, scope: ast.AST) -> bool:
    """Whether a name belongs to another loop, or comprehension, that holds it."""
    for node in ast.walk(scope):
        if isinstance(node, ast.For) and name.id in _names(node.target):
            if any(inner is name for part in node.body for inner in ast.walk(part)):
                return True
        if isinstance(node, ast.comprehension) and name.id in _names(node.target):
            return True
    return False


def _stored(body: Iterable[ast.AST]) -> Iterator[str]:
    for part in body:
        for node in ast.walk(part):
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
                yield node.id


def _names(node: ast.AST) -> set[str]:
    return {inner.id for inner in ast.walk(node) if isinstance(inner, ast.Name)}


def _position(filename: str, node: ast.AST) -> Position:
    at = [getattr(node, n, 0) for n in ("lineno", "col_offset", "end_lineno", "end_col_offset")]
    return (filename, at[0], at[1], at[2] or 0, at[3] or 0)


def _spans(node: ast.AST, position: Position) -> bool:
    _, line, column, end_line, end_column = _position("", node)
    first, last = position[1:3], position[3:5]
    return (line, column) <= first and last <= (end_line, end_column)


@lru_cache(maxsize=256)
def _body(code: CodeType, tree: ast.Module | None) -> ast.AST | None:
    """The syntax of a function in that of its file; None where it is not found."""
    return next((n for n in ast.walk(tree) if _is_code(n, code)), None) if tree else None


def _is_code(node: ast.AST, code: CodeType) -> bool:
    if not isinstance(node, ast.FunctionDef) or node.name != code.co_name:
        return False
    lines = [node.lineno, *(decorator.lineno for decorator in node.decorator_list)]
    return min(lines) == code.co_firstlineno


@lru_cache(maxsize=64)
def _loops(
    tree: ast.Module | None,
) -> Sequence[tuple[ast.AST, ast.For | ast.ListComp | ast.GeneratorExp]]:
    """All loops of a file with the functions around them, outer ones first."""
    pending: list[tuple[ast.AST, ast.AST]] = [(tree, tree)] if tree is not None else []
    found = []
    while pending:
        scope, node = pending.pop()
        if isinstance(node, ast.For | COMPREHENSIONS):
            found.append((scope, node))
        inner = node if isinstance(node, ast.FunctionDef | ast.Lambda) else scope
        pending.extend((inner, child) for child in ast.iter_child_nodes(node))
    return found


__all__ = ["Loop", "Position", "Seen", "is_pure", "is_steady", "loop_at", "settings"]
