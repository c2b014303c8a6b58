"""From a call that fails back to the places in the source that it depends on."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ..core.constraint import Constraint, Location
from ..core.dims import Size
from ..trace.record import Record
from ..trace.source import Span
from . import origins, wording
from .code.flow import Flow, Goal
from .code.objects import thing
from .code.scope import Scope, Step, World
from .code.sites import entry, parameters_of, sites
from .code.syntax import argument

GUILTY: Mapping[str, tuple[str, ...]] = {
    "features": (
        "input_size", "in_features", "in_channels", "normalized_shape", "embed_dim",
        "num_features", "num_channels", "d_model", "in1_features", "in2_features",
    ),
    "hidden": ("hidden_size", "proj_size"),
    "layers": ("num_layers", "bidirectional"),
    "batch": ("batch_first",),
}  # fmt: skip
"""Parameters of constructors that a kind of requirement is about."""
WEIGHTS = ("weight", "bias")
MOST = 20
"""Steps that are looked at for each operand."""
OF_LAYER, OF_OPERAND, TOLD = 4, 6, 10
"""Places that are told of a layer, of an operand, and of all together."""
ORDER: Mapping[str, int] = {"default": 1}
"""Kinds of steps that come after the others."""


@dataclass(frozen=True)
class Trail:
    """What is known of a failing call's past.

    Attributes:
        layer: steps to the layer and to the number that it was made with.
        operands: for each operand concerned, its name and the steps that it came by.
    """

    layer: tuple[Step, ...]
    operands: tuple[tuple[str, tuple[Step, ...]], ...]


def trail(world: World, demand: Constraint, record: Record, layer: Any) -> Trail:
    """The places that a failing call depends on."""
    origin = demand.origin
    flow = Flow(world)
    made: tuple[Step, ...] = ()
    if layer is not None and record.path in world.modules:
        made = tuple(construction(flow, record.path, GUILTY.get(origin.code if origin else "", ())))
    found = world.call(record)
    if found is None:
        return Trail(made, ())
    node, scope = found
    operands = []
    for name, size in concerned(demand, record):
        steps: list[Step] = []
        for expr, index in given_for(world, node, scope, record, layer, name):
            steps += flow.steps(expr, scope, Goal(size, index))
        operands.append((name, tuple(steps)))
    return Trail(made, tuple(operands))


def trail_of(world: World, span: Span, path: str) -> Trail:
    """The places that a call depends on in which an exception was raised."""
    flow = Flow(world)
    made: list[Step] = []
    parent, _, name = path.rpartition(".")
    inside = list(getattr(world.modules.get(parent), "_modules", {})) if path else []
    if name in inside and type(world.modules[parent]).__name__ == "Sequential":
        before = inside[: inside.index(name)][-1:]
        prefix = f"{parent}." if parent else ""
        for one in [*(prefix + b for b in before), path]:
            made += construction(flow, one, ())
            made += entries(flow, one)
    found = world.scope(span, path)
    if found is None:
        return Trail(tuple(made), ())
    node, scope = found
    parts = [node]
    if isinstance(node, ast.Call):
        parts = [*node.args, *(keyword.value for keyword in node.keywords)]
    steps = [step for part in parts for step in flow.steps(part, scope)]
    return Trail(tuple(made), (("the operand", tuple(steps)),))


def concerned(demand: Constraint, record: Record) -> list[tuple[str, Size | None]]:
    """The operands that a demand is about, each with the size that is."""
    origin = demand.origin
    given = dict(origins.operands(record))
    named = [n for n in (origin.operands if origin else ()) if n in given]
    found = [(name, _size(demand, given[name].value)) for name in named or given]
    others = [(n, t.value) for n, t in given.items() if n not in named and t.value is not None]
    if not named or origin is None:
        return found
    if origin.code in ("rank", "structure"):
        return found + [(name, None) for name, _ in others if name not in WEIGHTS]
    if isinstance(demand.right, int) and origin.code in GUILTY:
        return found
    return found + [(n, demand.right) for n, value in others if demand.right in tuple(value)][:1]


def _size(demand: Constraint, value: Any) -> Size | None:
    """The size of an operand that a demand is about; None where it is about all of it."""
    if value is None:
        return None
    axis = demand.origin.axis if demand.origin else None
    shape: tuple[Size, ...] = tuple(value)
    if axis is not None and -len(shape) <= axis < len(shape):
        return shape[axis]
    first = demand.options[0] if demand.options else demand
    return next((size for size in (first.left, first.right) if size in shape), None)


def construction(flow: Flow, path: str, names: tuple[str, ...]) -> Iterator[Step]:
    """Where a layer was made, and where the arguments of these names came from."""
    world = flow.world
    for call, scope in sites(world, path)[:1]:
        yield flow.step("made", path, call, scope, Goal())
        known = list(parameters_of(type(world.modules[path])))
        for name in names:
            given = argument(call, known, name) if name in known else None
            if given is not None:
                actual = getattr(world.modules[path], name, None)
                yield from flow.steps(given, scope, Goal(number=actual))


def entries(flow: Flow, path: str) -> Iterator[Step]:
    """Where a module is put into its container."""
    place = entry(flow.world, path)
    for call, scope in sites(flow.world, path.rpartition(".")[0])[:1] if place else ():
        for given in call.args:
            if scope.source.place(given) == place:
                yield flow.step("entry", path, given, scope, Goal())


def given_for(
    world: World, node: ast.expr, scope: Scope, record: Record, layer: Any, name: str
) -> Iterator[tuple[ast.expr, tuple[Any, ...]]]:
    """What the source gives for an operand of a call; for one that a layer inside another makes,
    such as a Transformer's, what of the outer one's arguments the operand was made from."""
    outer = thing(node.func, scope) if isinstance(node, ast.Call) else None
    is_inside = layer is not None and outer is not layer and wording.is_torchs_layer(outer)
    if not isinstance(node, ast.Call) or not is_inside:
        yield from expressions(node, record, layer, name)
        return
    tensor = origins.operand(record, name)
    past = origins.history(tensor, world.records) if tensor is not None else ()
    places = (made.location for made, _ in past if isinstance(made, Record))
    place = next((found for found in places if found != record.location), None)
    for expr in [*node.args, *(keyword.value for keyword in node.keywords)]:
        steps = Flow(world).steps(expr, scope)
        if place in (scope.source.place(expr), *(step.location for step in steps)):
            yield expr, ()


def expressions(
    node: ast.expr, record: Record, layer: Any, name: str
) -> Iterator[tuple[ast.expr, tuple[Any, ...]]]:
    """What the source gives for an operand: the expressions, each with entries of a tuple."""
    base, _, rest = name.partition("[")
    entries = [part for part in rest.rstrip("]").split("][") if part]
    index = tuple(int(part) if part.lstrip("-").isdigit() else part for part in entries)
    if isinstance(node, ast.BinOp):
        yield (node.right if base in ("other", "mat2", "exponent") else node.left), ()
    elif isinstance(node, ast.Subscript):
        yield node.value, ()
        yield node.slice, ()
    elif isinstance(node, ast.Call):
        yield from _arguments(node, record, layer, base, index)
    else:
        for part in ast.iter_child_nodes(node):
            if isinstance(part, ast.expr):
                yield part, ()


def _arguments(
    node: ast.Call, record: Record, layer: Any, base: str, index: tuple[Any, ...]
) -> Iterator[tuple[ast.expr, tuple[Any, ...]]]:
    if layer is not None:
        names = list(inspect.signature(type(layer).forward).parameters)[1:]
        if base not in names:
            base = names[0] if names else base
        given = argument(node, names, base)
        if given is not None:
            yield given, index
        return
    names = origins.names_of(record)
    receiver = origins.has_receiver(node, record)
    if receiver and names and base == names[0]:
        yield node.func.value, index  # type: ignore[attr-defined]
        for part in node.args:
            yield part, ()
        return
    place = base.removeprefix("operand ")  # one of several: counted from 1, with what comes first
    if place.isdigit() and 0 <= int(place) - 1 - receiver < len(node.args):
        yield node.args[int(place) - 1 - receiver], index
        return
    given = argument(node, names[1:] if receiver else names, base)
    if given is not None:
        yield given, index
    else:
        for part in node.args:
            yield part, ()


def places(found: Trail, own: Location | None) -> list[tuple[Location, str]]:
    """The steps of a trail that are worth telling, each place once."""
    told: dict[tuple[str, int], tuple[Location, str]] = {}
    groups = [("", found.layer), *found.operands]
    for name, steps in groups:
        kept = 0
        for step in sorted(steps[:MOST], key=lambda one: ORDER.get(one.kind, 0)):
            key = (step.location.file, step.location.line)
            if key in told or (own is not None and key == (own.file, own.line)):
                continue
            if kept == (OF_OPERAND if name else OF_LAYER):
                break
            kept += 1
            told[key] = (step.location, words(step, name))
    return list(told.values())[:TOLD]


def words(step: Step, operand: str) -> str:
    """What a step is, in words."""
    match step.kind:
        case "made":
            return f"{step.name} is made here"
        case "entry":
            return f"{step.name} is put here"
        case "set":
            return f"{step.name} is set here"
        case "returned":
            return f"{step.name} returns this"
        case "given":
            return f"{step.name} is given here"
        case "default":
            return f"{step.name} is {step.text} by default"
    return f"{operand} comes from here"
