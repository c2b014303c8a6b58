"""Where objects of the model were made: the calls of their classes, told apart by arguments."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Iterator
from typing import Any

from ...core.constraint import Location
from ...trace.source import is_torchs
from .objects import callee
from .scope import Scope, World, methods
from .settings import attributes
from .syntax import FUNCTIONS, Source, argument, last_name, source_of
from .values import UNKNOWN, attribute, kept_as, pairs, value

RECURRENT = (
    "input_size hidden_size num_layers bias batch_first dropout bidirectional proj_size".split()
)
"""What ``nn.LSTM`` and its like are made with, in order; their signature does not tell."""
RECURRENT_DEFAULTS = (UNKNOWN, UNKNOWN, 1, True, False, 0.0, False, 0)
ADDING = ("append", "extend", "insert", "add_module", "register_module", "setdefault", "update")

MOST_CALLERS = 2
"""Calls above that for the check whose files are looked at, since they may make the model."""

Site = tuple[ast.Call, Scope]


def parameters_of(kind: type) -> dict[str, Any]:
    """What a class is made with: the names in order, with defaults or UNKNOWN."""
    if hasattr(kind, "all_weights") and kind.__module__.startswith("torch."):
        return dict(zip(RECURRENT, RECURRENT_DEFAULTS, strict=True))
    try:
        found = list(inspect.signature(kind.__init__).parameters.values())[1:]  # type: ignore[misc]
    except (TypeError, ValueError):
        return {}
    return {p.name: UNKNOWN if p.default is p.empty else p.default for p in found}


def sites(world: World, path: str) -> list[Site]:
    """The calls that may have made the module at a path, the likeliest first."""
    if path not in world.made:
        module = world.modules.get(path)
        world.made[path] = [] if module is None else _rated(world, path, module)
    found: list[Site] = world.made[path]
    return found


def entry(world: World, path: str) -> Location | None:
    """Where a module is put into the container that it is in; where it was made, elsewhere."""
    parent, _, name = path.rpartition(".")
    inside = list(getattr(world.modules.get(parent), "_modules", {}))
    if name in inside and _is_container(world.modules[parent]):
        for call, scope in sites(world, parent)[:1]:
            given = call.args[inside.index(name) : inside.index(name) + 1]
            if given and not any(isinstance(a, ast.Starred) for a in call.args):
                return scope.source.place(given[0])
    for call, scope in sites(world, path)[:1]:
        return scope.source.place(call)
    return None


def _rated(world: World, path: str, module: Any) -> list[Site]:
    rated = [
        (-rating, number, (call, scope))
        for number, (call, scope, near) in enumerate(_calls(world, module, path))
        if (rating := near + agreement(call, scope, module)) > -3
    ]
    rated.sort(key=lambda one: one[:2])
    best = [site for rating, _, site in rated if rating == rated[0][0]]
    before = _before(world, path, module)
    if len(best) > 1:
        turn = min(before, len(best) - 1)
        best = [*best[turn:], *best[:turn]]
    return [*best, *(site for rating, _, site in rated if rating != rated[0][0])]


def _before(world: World, path: str, module: Any) -> int:
    """How many of a module's kind stand before it in the container that it is in."""
    parent, _, name = path.rpartition(".")
    inner = getattr(world.modules.get(parent), "_modules", {})
    names = list(inner)
    if not _is_container(world.modules.get(parent)) or name not in names:
        return 0
    return sum(type(inner[n]) is type(module) for n in names[: names.index(name)])


def _is_container(module: Any) -> bool:
    return type(module).__name__ in ("Sequential", "ModuleList", "ModuleDict")


def agreement(call: ast.Call, scope: Scope, module: Any) -> int:
    """How well the arguments of a call fit the object; what contradicts it counts most."""
    names = parameters_of(type(module))
    total = 0
    for name, standard in names.items():
        actual = _actual(module, name)
        given = argument(call, list(names), name)
        unclear = any(k.arg is None for k in call.keywords) or isinstance(given, ast.Starred)
        found = value(given, scope) if given is not None and not unclear else standard
        if unclear or UNKNOWN in (found, actual):
            continue
        same = found == actual or (isinstance(actual, tuple) and set(actual) == {found})
        total += (given is not None) if same else -4
    return total


def _actual(module: Any, name: str) -> Any:
    """What an object was made with, as far as it keeps that."""
    if type(module).__module__.startswith("torch."):
        if name == "bias":
            return UNKNOWN
        return attribute(module, name)
    for _, function, found in methods(type(module)):
        if found == "__init__" and kept_as(function, name):
            return attribute(module, kept_as(function, name))
    return UNKNOWN


def _calls(world: World, module: Any, path: str) -> Iterator[tuple[ast.Call, Scope, int]]:
    """Calls that may make an object, and how near to the right attribute each stands."""
    kind = type(module).__name__
    top, name = path, path.rpartition(".")[2]
    parent = path.rpartition(".")[0]
    while path and _is_container(world.modules.get(parent)) and parent:
        top, name = parent, parent.rpartition(".")[2]
        parent = top.rpartition(".")[0]
    holder = world.modules.get(parent) if path else None
    seen: set[ast.Call] = set()
    for call, scope in _assigned(holder, name) if holder is not None else ():
        seen.add(call)
        yield call, scope, 5 + 2 * (last_name(call.func) == kind)
    for source in _files(world, module, path):
        for node in source.made:
            if node in seen or last_name(node.func) in ADDING:
                continue
            named = last_name(node.func) == kind
            if not named and not isinstance(node.func, ast.Subscript | ast.Call):
                continue
            scope = scope_of(world, source, node, parent)
            near = _nearness(source, node, name, holder, scope) if holder is not None else 0
            if named or near >= 4:
                seen.add(node)
                yield node, scope, near + 2 * named


def _assigned(holder: Any, name: str) -> Iterator[Site]:
    """The calls whose result is set as an attribute, those of helpers followed."""
    for source, function, given, _ in attributes(holder, name):
        yield from _made_by(given, Scope(source, function, holder), 4)


def _made_by(given: ast.expr, scope: Scope, depth: int) -> Iterator[Site]:
    if not isinstance(given, ast.Call) or depth == 0:
        return
    inner = callee(given, scope)
    if inner is None:
        yield given, scope
        return
    for node in ast.walk(inner.function):
        if isinstance(node, ast.Return) and node.value is not None:
            yield from _made_by(node.value, inner, depth - 1)


def scope_of(world: World, source: Source, node: ast.AST, near: str) -> Scope:
    """The scope of a piece of syntax that did not run under our eyes."""
    function = source.function(node)
    outer: ast.AST = function
    while not isinstance(outer, ast.Module) and source.class_of(outer) is None:
        outer = source.function(outer)
    owner = None if isinstance(outer, ast.Module) else world.owner(near, source, outer)
    return Scope(source, function, owner)


def _nearness(source: Source, call: ast.Call, name: str, holder: Any, scope: Scope) -> int:
    """Whether a call stands where an attribute is set, or at least in the holder's class."""
    inside = 2 if scope.owner is holder else -2 * (scope.owner is not None)
    for outer in [call, *source.above(call)]:
        if isinstance(outer, FUNCTIONS):
            break
        if isinstance(outer, ast.Assign):
            targets = [one for t in outer.targets for one, _ in pairs(t, outer.value)]
            if any(isinstance(one, ast.Attribute) and one.attr == name for one in targets):
                return inside + 3
        if isinstance(outer, ast.Call) and isinstance(outer.func, ast.Attribute):
            to = outer.func.value
            if outer.func.attr in ADDING and last_name(to) == name:
                return inside + 3
            first = outer.args[0] if outer.args else None
            if isinstance(first, ast.Constant) and first.value == name:
                return inside + 3
    return inside


def _files(world: World, module: Any, path: str) -> list[Source]:
    """The files where an object may have been made, the nearest first."""
    names = path.split(".") if path else []
    chain = [world.modules.get(".".join(names[:n])) for n in range(len(names), -1, -1)]
    files = [_file(type(one)) for one in [*chain, *world.modules.values()] if one is not None]
    span = world.asked
    for _ in range(MOST_CALLERS):
        if span is not None:
            files.append(span.location.file)
            span = span.caller
    found = [source_of(file) for file in dict.fromkeys(f for f in files if f)]
    return [source for source in found if source is not None]


def _file(kind: type) -> str:
    try:
        file = inspect.getsourcefile(kind) or ""
    except (OSError, TypeError):
        return ""
    return "" if is_torchs(file) else file
