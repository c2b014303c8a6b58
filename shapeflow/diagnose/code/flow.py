"""Where the value of an expression came from: back through names, attributes, calls, returns."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any

from ...core.dims import Size
from ...trace.record import Record
from .objects import callee, has, has_tensors, held, holds, inherited_with, thing
from .scope import Scope, Step, World, method, methods
from .settings import attributes, bindings, goes_round
from .sites import parameters_of, sites
from .syntax import FUNCTIONS, Function, argument, default, last_name, parameters
from .values import UNKNOWN, value

DEEPEST = 16
MOST = 24
"""Steps that are followed of one expression."""


@dataclass(frozen=True)
class Goal:
    """What of a value is of interest.

    Attributes:
        size: a size that the tensor has; None is all of it.
        index: the entries of tuples that lead to it, outermost first.
        number: what the value is, where it is a number that is known.
        whole: whether the value is still what was followed first.
        sized: whether it is a number that gave the size.
    """

    size: Size | None = None
    index: tuple[Any, ...] = ()
    number: Any = UNKNOWN
    whole: bool = True
    sized: bool = False

    def part(self) -> Goal:
        """The same of what the value was computed from."""
        return replace(self, index=(), whole=False)


class Flow:
    """Follows expressions of one run backwards."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.seen: set[tuple[int, Any]] = set()

    def steps(self, node: ast.expr, scope: Scope, goal: Goal = Goal()) -> list[Step]:
        """The places that a value came through, the last first."""
        self.seen = set()
        return list(islice(self.follow(node, scope, goal, DEEPEST), MOST))

    def follow(self, node: ast.expr, scope: Scope, goal: Goal, depth: int) -> Iterator[Step]:
        """Steps of one expression."""
        key = (id(node), goal.index)
        if depth == 0 or key in self.seen:
            return
        self.seen.add(key)
        deeper = depth - 1
        match node:
            case ast.Name():
                yield from self.name(node, scope, goal, deeper)
            case ast.Attribute():
                yield from self.attribute(node, scope, goal, deeper)
            case ast.Call():
                yield from self.call(node, scope, goal, deeper)
            case ast.Subscript():
                yield from self.subscript(node, scope, goal, deeper)
            case ast.Tuple() | ast.List():
                yield from self.elements(node, scope, goal, deeper)
            case ast.Dict():
                yield from self.entries(node, scope, goal, deeper)
            case ast.IfExp():
                yield from self.either(node, scope, goal, deeper)
            case ast.ListComp() | ast.GeneratorExp() | ast.SetComp():
                inner = replace(goal, index=goal.index[1:])
                yield from self.follow(node.elt, scope, inner, deeper)
            case ast.BinOp() | ast.BoolOp() | ast.UnaryOp() | ast.Compare():
                for inside in ast.iter_child_nodes(node):
                    if isinstance(inside, ast.expr):
                        yield from self.follow(inside, scope, goal.part(), deeper)
            case ast.Starred() | ast.NamedExpr():
                yield from self.follow(node.value, scope, goal, deeper)

    def step(self, kind: str, name: str, node: ast.expr, scope: Scope, goal: Goal) -> Step:
        """A place worth telling."""
        place = scope.source.place(node)
        return Step(place, kind, name, node, scope, goal.whole, goal.sized, goal.index)

    # -- parts of expressions --------------------------------------------------------------------

    def subscript(
        self, node: ast.Subscript, scope: Scope, goal: Goal, depth: int
    ) -> Iterator[Step]:
        """``x[0]``: an entry of a tuple, or a part of a tensor."""
        records = self.world.made_at(scope.source.place(node))
        if records:
            yield self.step("call", records[-1].op, node, scope, goal)
            if goal.size is None or has(records[-1], goal.size):
                yield from self.follow(node.value, scope, goal.part(), depth)
            return
        entry = value(node.slice, scope)
        inner = goal.part()
        if entry is not UNKNOWN:
            inner = replace(goal, index=(entry, *goal.index))
        yield from self.follow(node.value, scope, inner, depth)

    def elements(
        self, node: ast.Tuple | ast.List, scope: Scope, goal: Goal, depth: int
    ) -> Iterator[Step]:
        """A tuple: the entry that is asked for, or all."""
        wanted = goal.index[0] if goal.index else None
        inner = replace(goal, index=goal.index[1:])
        if isinstance(wanted, int) and -len(node.elts) <= wanted < len(node.elts):
            yield from self.follow(node.elts[wanted], scope, inner, depth)
            return
        for part in node.elts:
            yield from self.follow(part, scope, inner, depth)

    def entries(self, node: ast.Dict, scope: Scope, goal: Goal, depth: int) -> Iterator[Step]:
        """A dictionary: the entry that is asked for, or all."""
        rest = replace(goal, index=goal.index[1:])
        for name, part in zip(node.keys, node.values, strict=True):
            if not goal.index or (isinstance(name, ast.Constant) and name.value == goal.index[0]):
                yield from self.follow(part, scope, rest, depth)

    def either(self, node: ast.IfExp, scope: Scope, goal: Goal, depth: int) -> Iterator[Step]:
        """A conditional expression: the side that was taken where that is known."""
        test = value(node.test, scope)
        sides = [node.body, node.orelse]
        if test is not UNKNOWN:
            sides = [node.body if test else node.orelse]
        for side in sides:
            yield from self.follow(side, scope, goal, depth)

    # -- names -----------------------------------------------------------------------------------

    def name(self, node: ast.Name, scope: Scope, goal: Goal, depth: int) -> Iterator[Step]:
        """A variable: where it was set before, or what the function was given for it."""
        function: Any = scope.function
        here = scope
        while True:
            found = list(self.settings(node, function, here))
            for given, index in found:
                inner = replace(goal, index=(*index, *goal.index))
                yield self.step("set", node.id, given, here, inner)
                yield from self.follow(given, here, inner, depth)
            if isinstance(function, FUNCTIONS) and node.id in parameters(function):
                if not found or not self.dominated(found, node, here):
                    yield from self.parameter(node.id, here, goal, depth)
                return
            if found or isinstance(function, ast.Module):
                return
            function = scope.source.function(function)
            here = replace(here, function=function, bound=None)

    def dominated(self, found: list[Any], node: ast.AST, scope: Scope) -> bool:
        """Whether a variable was set in any case before it is used."""
        above = set(scope.source.above(node))
        return any(
            scope.source.parents.get(scope.source.statement(given)) in above for given, _ in found
        )

    def settings(
        self, node: ast.Name, function: ast.AST, scope: Scope
    ) -> Iterator[tuple[ast.expr, tuple[Any, ...]]]:
        """The values that a variable is set to, the last before its use first."""
        source = scope.source
        found = [
            one
            for one in bindings(scope, function, node.id)
            if self.is_live(one[1], scope) and node not in ast.walk(one[1])
        ]
        before = [one for one in found if one[0] < node.lineno or isinstance(function, ast.Module)]
        later = [one for one in found if one not in before and goes_round(source, one[1], node)]
        above = set(source.above(node))
        for _, given, index in sorted(before, key=lambda one: -one[0]):
            yield given, index
            if source.parents.get(source.statement(given)) in above:
                return
        yield from ((given, index) for _, given, index in later[:2])

    def is_live(self, node: ast.AST, scope: Scope) -> bool:
        """Whether code can have run, as far as tests that are known say."""
        inner: ast.AST = node
        for outer in scope.source.above(node):
            if isinstance(outer, FUNCTIONS):
                break
            if isinstance(outer, ast.If) and inner is not outer.test:
                test = value(outer.test, scope)
                if test is not UNKNOWN and bool(test) is (inner in outer.orelse):
                    return False
            inner = outer
        return True

    def parameter(self, name: str, scope: Scope, goal: Goal, depth: int) -> Iterator[Step]:
        """What a function was given."""
        function = scope.function
        assert isinstance(function, FUNCTIONS)
        if scope.bound is not None:
            given = scope.bound.get(name)
            if given is not None:
                yield self.step("given", name, *given, goal)
                yield from self.follow(*given, goal, depth)
                return
        elif scope.caller is not None:
            found = self.from_caller(name, scope)
            if found is not None:
                yield self.step("given", name, *found, goal)
                yield from self.follow(*found, goal, depth)
                return
        elif getattr(function, "name", "") == "__init__" and scope.owner is not None:
            handed = inherited_with(scope, name)
            if handed is None:
                yield from self.made_with(scope.owner, name, goal, depth)
            else:
                yield self.step("given", name, *handed, goal)
                yield from self.follow(*handed, goal, depth)
            return
        standard = default(function, name)
        if standard is not None:
            yield self.step("default", name, standard, scope, goal)

    def from_caller(self, name: str, scope: Scope) -> tuple[ast.expr, Scope] | None:
        """The argument of the call that a run came in by."""
        assert scope.caller is not None and isinstance(scope.function, FUNCTIONS)
        path = next((p for p, m in self.world.modules.items() if m is scope.owner), "")
        found = self.world.scope(scope.caller, path)
        call = found[0] if found is not None else None
        if found is None or not isinstance(call, ast.Call):
            return None
        outer = found[1]
        names = parameters(scope.function)
        is_method = scope.source.class_of(scope.function) is not None
        given = argument(call, names[1:] if is_method else names, name)
        return (given, outer) if given is not None else None

    def made_with(self, owner: Any, name: str, goal: Goal, depth: int) -> Iterator[Step]:
        """What an object's constructor was given for a parameter."""
        path = next((p for p, m in self.world.modules.items() if m is owner), None)
        kind = type(owner)
        names = list(parameters_of(kind))
        for call, scope in sites(self.world, path)[:1] if path is not None else ():
            given = argument(call, names, name)
            yield self.step("made", kind.__name__, call, scope, goal)
            if given is not None:
                yield from self.follow(given, scope, goal, depth)
        for source, function, found in methods(kind):
            if found == "__init__" and name in parameters(function):
                standard = default(function, name)
                if standard is not None:
                    yield self.step("default", name, standard, Scope(source, function), goal)
                return

    # -- attributes --------------------------------------------------------------------------------

    def attribute(
        self, node: ast.Attribute, scope: Scope, goal: Goal, depth: int
    ) -> Iterator[Step]:
        """``self.width``: where it was set; of anything else: where that came from."""
        owner = thing(node.value, scope)
        if owner is UNKNOWN:
            yield from self.follow(node.value, scope, goal.part(), depth)
            return
        found = method(owner, node.attr) if hasattr(owner, "_modules") else None
        if found is not None:
            yield from self.returns(*found, Scope(*found, owner, bound={}), goal, depth)
            return
        told = False
        for source, function, given, index in attributes(owner, node.attr):
            inner = Scope(source, function, owner)
            if not self.is_live(given, inner):
                continue
            told = True
            rest = replace(goal, index=(*index, *goal.index))
            yield self.step("set", f"self.{node.attr}", given, inner, rest)
            yield from self.follow(given, inner, rest, depth)
        if not told and type(owner).__module__.startswith("torch.nn"):
            yield from self.made_with(owner, node.attr, goal, depth)

    # -- calls -------------------------------------------------------------------------------------

    def call(self, node: ast.Call, scope: Scope, goal: Goal, depth: int) -> Iterator[Step]:
        """A call: what the function returns, or what torch made of the operands."""
        inner = callee(node, scope)
        if inner is not None and not isinstance(inner.function, ast.Module):
            yield from self.returns(inner.source, inner.function, inner, goal, depth)
            return
        if last_name(node.func) in SEQUENCES and node.args:
            yield from self.follow(node.args[0], scope, goal, depth)
            return
        records = self.world.made_at(scope.source.place(node))
        receiver = node.func.value if isinstance(node.func, ast.Attribute) else None
        given = [*node.args, *(keyword.value for keyword in node.keywords)]
        if not records:
            for part in [*([receiver] if receiver is not None else []), *given]:
                yield from self.follow(part, scope, goal.part(), depth)
            return
        yield self.step("call", records[-1].op, node, scope, goal)
        yield from self.operands(node, scope, goal, records, depth)

    def operands(
        self, node: ast.Call, scope: Scope, goal: Goal, records: list[Record], depth: int
    ) -> Iterator[Step]:
        """What torch's call was given: the tensors that have the size already, else the numbers."""
        layer = thing(node.func, scope)
        is_layer = hasattr(layer, "_modules")
        method = isinstance(node.func, ast.Attribute) and not is_layer
        method = method and len(records[-1].given) > len(node.args)
        exprs: list[ast.expr] = [node.func.value] if method else []  # type: ignore[attr-defined]
        exprs += node.args
        named = {keyword.arg: keyword.value for keyword in node.keywords}
        record = records[0] if is_layer else records[-1]
        given = [*zip(exprs, record.given, strict=False)]
        given += [(named[n], item) for n, item in record.kwargs.items() if n in named]
        if is_layer:
            given = [(expr, record.given) for expr in [*exprs, *named.values()]]
        size = goal.size
        having = [(e, item) for e, item in given if size is None or holds(item, size)]
        same = records[-1].op.rpartition(".")[2] in SAME
        tensors = [(e, item) for e, item in having if has_tensors(item)]
        if size is not None and not tensors:
            if is_layer:
                yield from self.widths(layer, size)
            tensors = [(e, item) for e, item in given if not has_tensors(item)]
            goal = replace(goal, sized=True)
        for expr, _ in tensors or having:
            yield from self.follow(expr, scope, goal if same else goal.part(), depth)

    def widths(self, layer: Any, size: Size) -> Iterator[Step]:
        """Where a layer that gives a size was made, and what it was made with."""
        path = next((p for p, m in self.world.modules.items() if m is layer), None)
        known = list(parameters_of(type(layer)))
        for call, scope in sites(self.world, path)[:1] if path is not None else ():
            yield self.step("made", path or "", call, scope, Goal(whole=False, sized=True))
            for name in width_parameters(layer, size):
                given = argument(call, known, name) if name in known else None
                if given is not None:
                    yield from self.follow(
                        given, scope, Goal(number=held(layer, name), whole=False, sized=True), 6
                    )

    def returns(
        self, source: Any, function: Function, scope: Scope, goal: Goal, depth: int
    ) -> Iterator[Step]:
        """What a function returns, where it can have done so."""
        if isinstance(function, ast.Lambda):
            yield from self.follow(function.body, scope, goal, depth)
            return
        given = [
            node.value
            for node in ast.walk(function)
            if isinstance(node, ast.Return)
            and node.value is not None
            and source.function(node) is function
            and self.is_live(node, scope)
        ]
        ran = [g for g in given if self.world.ran(source.place(g)) or not _calls_in(g)]
        for one in ran or given:
            yield self.step("returned", getattr(function, "name", ""), one, scope, goal)
            yield from self.follow(one, scope, goal, depth)


FEATURES = ("out_features", "hidden_size", "proj_size", "embedding_dim", "out_channels")
WINDOWS = ("kernel_size", "stride", "padding", "dilation", "output_size")


def width_parameters(layer: Any, size: Size) -> tuple[str, ...]:
    """The parameters of a layer's constructor that a size of its result depends on."""
    actual = [getattr(layer, name, None) for name in FEATURES]
    if any(isinstance(n, int) and n > 0 and size in (n, 2 * n) for n in actual):
        return (*FEATURES, "bidirectional")
    return WINDOWS


SEQUENCES = ("tuple", "list", "iter", "reversed", "sorted")
"""Functions whose result has the entries of their argument."""
SAME = frozenset("contiguous clone detach float half double to cpu cuda dropout".split())
"""Operations whose result is their operand, as far as shapes go."""


def _calls_in(node: ast.expr) -> bool:
    return any(isinstance(part, ast.Call) for part in ast.walk(node))


__all__ = ["Flow", "Goal"]
