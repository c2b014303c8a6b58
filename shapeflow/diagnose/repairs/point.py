"""A tensor on its way into a call: where it can be changed, and how that is written."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ...core.constraint import Constraint, Location
from ...core.dims import Size
from ...trace.edits import At, operands, site_of
from ...trace.record import Record
from ...trace.sizes import wrap
from ...trace.tensor import SymbolicTensor
from .. import origins, wording
from ..code.flow import Flow, Goal
from ..code.scope import Scope, Step, World
from ..diagnostic import Finding
from ..trail import Trail, given_for

PAIR = ("hx[0]", "hx[1]")
"""The two states of an LSTM, which change together."""
LONGEST = 60
UPSTREAM = 5
"""How many calls before the one that fails are looked at."""

Changes = Mapping[Any, Any]


@dataclass(frozen=True)
class Candidate:
    """A repair to try.

    Attributes:
        text: the change, in one line.
        location: where to make it.
        changes: what a trial takes in the place of what it finds; see ``trace.edits``.
        may_need_more: whether another layer may have to be made for what comes of it.
        is_last: whether it is worth telling only where nothing else helps.
        is_stand_in: whether the trial hands on another tensor than the repair makes, so that where
            its entries come from says nothing.
        cause: the call whose result it changes, where other calls may fail because of that, too.
    """

    text: str
    location: Location | None
    changes: Changes
    may_need_more: bool = False
    is_last: bool = False
    is_stand_in: bool = False
    cause: str = ""


@dataclass(frozen=True, eq=False)
class Subject:
    """An error finding with what is known of its call."""

    finding: Finding
    demand: Constraint
    record: Record
    world: World
    trail: Trail
    records: Mapping[str, Record]
    demands: tuple[Constraint, ...]

    @property
    def inputs(self) -> dict[str, tuple[Size, ...]]:
        """The model's inputs that calls were given, with their shapes."""
        found: dict[str, tuple[Size, ...]] = {}
        for record in self.records.values():
            for _, tensor in origins.operands(record):
                if tensor.node.op == "placeholder" and tensor.value is not None:
                    found.setdefault(tensor.value.words, tuple(tensor.value))
        return found

    @property
    def root(self) -> Any:
        """The model."""
        return self.world.root

    @property
    def code(self) -> str:
        """What kind of requirement failed."""
        return self.demand.origin.code if self.demand.origin else ""

    @property
    def layer(self) -> Any:
        """The layer whose forward makes the call, None where user code makes it."""
        return wording.layer_of(self.record, self.root)

    @property
    def named(self) -> str:
        """The operand that the requirement is about."""
        names = self.demand.origin.operands if self.demand.origin else ()
        return names[0] if names else ""


@dataclass(frozen=True, eq=False)
class Point:
    """An operand of a call.

    Attributes:
        record: the call.
        name: the operand, as its rule calls it.
        tensor: what it is.
        location: the line where a person would change it.
        text: how it is written there; empty where that is no plain expression.
        is_handed_on: whether a function of the user's returned it.
        is_pair: whether what is written there is the pair of states that it belongs to.
    """

    record: Record
    name: str
    tensor: SymbolicTensor
    location: Location | None
    text: str
    is_handed_on: bool = False
    is_pair: bool = False

    @property
    def shape(self) -> tuple[Size, ...]:
        """Its sizes."""
        return tuple(self.tensor.value or ())

    def changed(self, after: str, change: Callable[[Any], Any], world: World) -> Candidate:
        """The candidate that writes something behind the expression, such as ``.squeeze(1)``."""
        written = self.text or self.name
        if self.is_pair:
            text = f"write tuple(s{after} for s in {written}) for {written}"
        elif self.text:
            new = _turned_back(written, after) or f"{_bracketed(written)}{after}"
            text = f"write {new} for {written}"
        else:
            text = f"hand on {written}{after}"
        if self.name in PAIR and not self.is_pair:
            text += ", and the other state likewise"
        return Candidate(text, self.location, self.edit(change, world))

    def edit(self, change: Callable[[Any], Any], world: World) -> Changes:
        """The changes of a trial in which the operand is another one."""
        names = PAIR if self.name in PAIR else (self.name,)
        edit = operands(dict.fromkeys(names, change))
        return {site_of(self.record): At(edit, within(world, self.record))}


def within(world: World, record: Record) -> str | None:
    """The path to tell a call from others at the same place; None where there are none."""
    parent, _, name = record.path.rpartition(".")
    outer = world.modules.get(parent)
    is_inner = name and type(outer).__name__ == "Sequential"
    return record.path if is_inner else None


def points(subject: Subject, name: str) -> Iterator[Point]:
    """An operand of the failing call, then what it was made from."""
    tensor = origins.operand(subject.record, name)
    record = subject.record
    for _ in range(UPSTREAM):
        if tensor is None or record.span is None:
            return
        yield point(subject.world, record, name, tensor)
        made = origins.maker(tensor, subject.records)
        if not isinstance(made, Record):
            return
        inputs = [(n, t) for n, t in origins.operands(made) if n not in ("weight", "bias")]
        if not inputs:
            return
        record, (name, tensor) = made, inputs[0]


def point(world: World, record: Record, name: str, tensor: SymbolicTensor) -> Point:
    """An operand with the place where a person would change it."""
    assert record.span is not None
    found = world.scope(record.span, record.path)
    own = Point(record, name, tensor, record.location, "")
    if found is None:
        return own
    node, scope = found
    layer = wording.layer_of(record, world.root)
    for expr, index in given_for(world, node, scope, record, layer, name):
        steps = Flow(world).steps(expr, scope, Goal(index=index))
        whole = [s for s in steps if s.whole and s.kind in ("set", "returned")]
        deepest = int(name in PAIR)
        whole = [s for s in whole if len(s.index) <= deepest]
        whole = [s for s in whole if not s.name.startswith("self.")]
        if isinstance(expr, ast.Name) and _uses(expr, scope) > 1:
            whole = [s for s in whole if s.kind == "returned"]  # others need it as it is
        returned = [s for s in whole if s.kind == "returned"]
        whole = [s for s in whole if s.kind != "returned" or not _is_shared(world, s)]
        last = [s for s in whole if s.kind == "returned"][-1:] if deepest else []
        for step in last or whole[:1]:
            location, text = step.location, plain(step)
            return Point(record, name, tensor, location, text, bool(returned), bool(step.index))
        while index and isinstance(expr, ast.Tuple) and index[0] in range(len(expr.elts)):
            expr, index = expr.elts[index[0]], index[1:]
        text = short(scope.source.text(expr), expr) if len(index) <= deepest else ""
        pair = bool(index) and bool(text)
        return Point(record, name, tensor, scope.source.place(expr), text, is_pair=pair)
    return own


def _is_shared(world: World, step: Step) -> bool:
    """Whether the function that returns a value is called at several places, which all get what
    is changed in it."""
    function, place = step.scope.function, step.location
    lines = range(function.lineno, (function.end_lineno or 0) + 1)  # type: ignore[union-attr]
    callers = set()
    for span in {record.span for record in world.records.values()}:
        while span is not None:
            inside = span.location.file == place.file and span.location.line in lines
            if inside and span.caller is not None:
                callers.add(span.caller.location)
            span = span.caller
    return len(callers) > 1


def _uses(name: ast.Name, scope: Scope) -> int:
    """How often a variable is read in its function, apart from its sizes."""
    source, found = scope.source, 0
    for node in ast.walk(scope.function):
        if isinstance(node, ast.Name) and node.id == name.id and isinstance(node.ctx, ast.Load):
            above = source.parents.get(node)
            found += not (isinstance(above, ast.Attribute) and above.attr in ("size", "shape"))
    return found


def plain(step: Step) -> str:
    """The expression of a step where it is one that something can be written behind."""
    return short(step.text, step.node)


def short(text: str, node: ast.expr) -> str:
    """A text that fits into a line, empty where it is no plain expression."""
    if isinstance(node, ast.Tuple | ast.Dict | ast.List | ast.Starred | ast.ListComp):
        return ""
    return text if len(text) <= LONGEST else ""


def _turned_back(text: str, after: str) -> str:
    """What is transposed in an expression, where the same transposition is to follow; else ""."""
    try:
        node = ast.parse(text, mode="eval").body
    except SyntaxError:
        return ""
    if not after.startswith(".transpose(") or not isinstance(node, ast.Call):
        return ""
    inner = ast.unparse(node.func.value) if isinstance(node.func, ast.Attribute) else ""
    return inner if ast.unparse(node) == f"{inner}{after}" else ""


def _bracketed(text: str) -> str:
    """An expression that a method can be called on."""
    try:
        node = ast.parse(text, mode="eval").body
    except SyntaxError:
        return f"({text})"
    simple = isinstance(node, ast.Name | ast.Attribute | ast.Call | ast.Subscript)
    return text if simple else f"({text})"


def size_text(subject: Subject, size: Size) -> str:
    """How a size is written in the model: a number, or where it can be read off."""
    if isinstance(size, int):
        return str(size)
    for name, shape in subject.inputs.items():
        for axis, own in enumerate(shape):
            if own is size:
                return f"{name.partition(' of call ')[0]}.size({axis})"
    return str(size)


def wrapped(sizes: Iterator[Size] | tuple[Size, ...]) -> list[Any]:
    """Sizes as torch takes them."""
    return [wrap(size) for size in sizes]
