"""Repairs in the constructor of a layer: another width, another order of axes."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from ...core.constraint import Constraint, Location
from ...core.dims import Size
from ...trace.edits import made_again, remade
from ...trace.record import Record
from ...trace.sizes import unwrap
from .. import origins, wording
from ..code.flow import Flow, Goal
from ..code.scope import Scope, World
from ..code.sites import parameters_of, sites
from ..code.syntax import argument
from ..code.values import UNKNOWN, value
from .point import Candidate, Subject

WIDE = ("in_features", "in_channels", "input_size", "num_features", "normalized_shape",
        "num_channels", "embed_dim", "d_model")  # fmt: skip


@dataclass(frozen=True)
class Handed:
    """A number that a module of the user's was made with, and handed down.

    Attributes:
        path: the module.
        name: the parameter of its constructor.
        call, scope: what made it.
    """

    path: str
    name: str
    call: ast.Call
    scope: Scope


def constructor(subject: Subject) -> Iterator[Candidate]:
    """Other arguments in the call that made the layer."""
    layer, path, given = subject.layer, subject.record.path, subject.demand.left
    if layer is None or not isinstance(given, int) or subject.demand.kind != "equal":
        return
    for changes in _arguments(layer, subject.code, given, subject.named):
        yield from made_with(subject.world, path, changes)


def widened(world: World, layer: Any, path: str, demand: Constraint) -> Iterator[Candidate]:
    """A layer made for the features that it is given now."""
    if isinstance(demand.left, int) and demand.kind == "equal":
        for changes in _arguments(layer, "features", demand.left):
            yield from made_with(world, path, changes)


def _arguments(layer: Any, kind: str, given: int, named: str = "") -> Iterator[dict[str, Any]]:
    if named in ("key", "value") and hasattr(layer, "kdim"):
        yield {"kdim": given, "vdim": given}
        return
    groups = getattr(layer, "groups", 1)
    if kind == "features" and groups > 1 and layer.in_channels == layer.out_channels == groups:
        yield {"in_channels": given, "out_channels": given, "groups": given}
    if kind in ("features", "matmul", "size"):
        for name in WIDE:
            actual = getattr(layer, name, None)
            if actual is not None and hasattr(layer, name):
                yield {name: (*actual[:-1], given) if isinstance(actual, tuple) else given}
                break
    if hasattr(layer, "hidden_size") and kind == "hidden":
        yield {"hidden_size": given}
    if hasattr(layer, "num_layers") and kind == "layers":
        directions = 2 if layer.bidirectional else 1
        if given == layer.num_layers * (3 - directions):
            yield {"bidirectional": directions == 1}
        if given and given % directions == 0:
            yield {"num_layers": given // directions}


def made_with(world: World, path: str, changes: dict[str, Any]) -> Iterator[Candidate]:
    """A layer, or the module that makes it, made with other arguments."""
    layer = world.modules.get(path)
    name, number = next(iter(changes.items()))
    other = remade(layer, **changes) if layer is not None else None
    if layer is None:
        return
    place, user = where(world, path, name)
    explicit = user is not None and _gives(world, user)
    if user is not None and explicit:
        yield from rebuilt(world, user, number)
    if other is not None:
        told = ", ".join(f"{key}={_plain(number)}" for key, number in changes.items())
        text = f"make {path or 'it'} with {told}"
        yield Candidate(text, place, {("module", path): other}, may_need_more="groups" in changes)
    if user is not None and not explicit:
        yield from rebuilt(world, user, number)


def _plain(number: Any) -> Any:
    """A number in the place of a tuple of one."""
    return number[0] if isinstance(number, tuple) and len(number) == 1 else number


def _gives(world: World, user: Handed) -> bool:
    """Whether the call that made a module says a parameter, not leaving it to its default."""
    names = list(parameters_of(type(world.modules[user.path])))
    return argument(user.call, names, user.name) is not None


def where(world: World, path: str, name: str) -> tuple[Location | None, Handed | None]:
    """The line where a person would change an argument of a layer's constructor, and, where a
    module of the user's was given it, that module's path and the call that made it."""
    found = sites(world, path)
    if not found:
        return origins.definition(world.root, path), None
    call, scope = found[0]
    place = scope.source.place(call)
    known = list(parameters_of(type(world.modules[path])))
    given = argument(call, known, name) if name in known else None
    if given is None:
        return place, None
    user = handed_down(world, given, scope)
    steps = Flow(world).steps(given, scope, Goal(number=getattr(world.modules[path], name, None)))
    for step in steps:
        if step.kind in ("set", "returned") and not isinstance(
            step.node, ast.Name | ast.Constant | ast.Attribute
        ):
            return step.location, user
    return place, user


def handed_down(world: World, given: ast.expr, scope: Scope) -> Handed | None:
    """The user's module whose constructor was given a number that it hands down: the path, the
    parameter, and the call; where a call says the number, or leaves it to a default."""
    found: Handed | None = None
    while isinstance(given, ast.Name) and scope.owner is not None:
        owner, name = scope.owner, given.id
        path = next((p for p, m in world.modules.items() if m is owner), None)
        if path is None or name not in parameters_of(type(owner)):
            return found
        outer = sites(world, path)[:1]
        if not outer:
            return found
        call, scope = outer[0]
        found = Handed(path, name, call, scope)
        inner = argument(call, list(parameters_of(type(owner))), name)
        if inner is None:
            return found
        given = inner
    return found


def rebuilt(world: World, user: Handed, number: Any) -> Iterator[Candidate]:
    """A module of the user's made again with another argument."""
    path, name, call, scope = user.path, user.name, user.call, user.scope
    owner = world.modules[path]
    names = list(parameters_of(type(owner)))
    if any(isinstance(a, ast.Starred) for a in call.args) or any(not k.arg for k in call.keywords):
        return
    args = dict(zip(names, (value(a, scope) for a in call.args), strict=False))
    args |= {k.arg: value(k.value, scope) for k in call.keywords if k.arg}
    for key, item in args.items():
        if item is UNKNOWN and key != name:
            return
    made = made_again(owner, (), {**args, name: number})
    if made is None:
        return
    text = f"make {path or 'the model'} with {name}={number}: {_written(call, names, name, number)}"
    yield Candidate(text, scope.source.place(call), {("module", path): made})


def windows(subject: Subject, tensor: Any) -> Iterator[Candidate]:
    """Another window for the convolution that a size comes out of, a little larger or smaller."""
    for made, _ in origins.history(tensor, subject.records):
        layer = wording.layer_of(made, subject.root) if isinstance(made, Record) else None
        size = getattr(layer, "kernel_size", None)
        if not isinstance(made, Record) or not isinstance(size, tuple) or min(size) < 1:
            continue
        if getattr(layer, "transposed", False):
            more = 1 + getattr(layer, "output_padding", (0,))[0]
            if more < getattr(layer, "stride", (1,))[0]:
                yield from made_with(subject.world, made.path, {"output_padding": more})
        for more in (1, -1):
            if min(size) + more > 0:
                other = tuple(n + more for n in size)
                yield from made_with(subject.world, made.path, {"kernel_size": other})
        if set(getattr(layer, "stride", ())) == {1}:
            yield from made_with(subject.world, made.path, {"padding": "same"})
        return


def strided(subject: Subject, tensor: Any, ratio: Any) -> Iterator[Candidate]:
    """Another stride for the convolution that an operand comes out of, which then is smaller."""
    for made, _ in origins.history(tensor, subject.records):
        layer = wording.layer_of(made, subject.root) if isinstance(made, Record) else None
        stride = getattr(layer, "stride", None)
        if layer is None or not isinstance(made, Record) or not isinstance(stride, tuple):
            continue
        other = tuple(int(n * ratio) for n in stride)
        if len(set(other)) == 1 and other[0] and other[0] == stride[0] * ratio:
            yield from made_with(subject.world, made.path, {"stride": other[0]})
        return


def _written(call: ast.Call, names: list[str], name: str, number: Any) -> str:
    """A call as it is written with another argument."""
    value = ast.parse(repr(number), mode="eval").body
    args, keywords = list(call.args), list(call.keywords)
    known = [keyword.arg for keyword in keywords]
    if name in names and names.index(name) < len(args):
        args[names.index(name)] = value
    elif name in known:
        keywords[known.index(name)] = ast.keyword(name, value)
    else:
        keywords.append(ast.keyword(name, value))
    return ast.unparse(ast.Call(call.func, args, keywords))


def producer(
    subject: Subject, name: str | None = None, wanted: Size | None = None
) -> Iterator[Candidate]:
    """Another width for the layer that an operand comes out of, the one named if none is given."""
    demand = subject.demand
    wanted = demand.right if wanted is None and demand.kind == "equal" else wanted
    tensor = origins.operand(subject.record, subject.named if name is None else name)
    if tensor is None or not isinstance(wanted, int):
        return
    for made, _ in origins.history(tensor, subject.records):
        layer = wording.layer_of(made, subject.root) if isinstance(made, Record) else None
        if layer is None or not isinstance(made, Record):
            continue
        told = False
        for changes in _widths(layer, wanted):
            told = True
            yield from made_with(subject.world, made.path, changes)
        if told:
            return


def divided(subject: Subject, name: str, wanted: Size) -> Iterator[Candidate]:
    """Another width for the layer whose result is cut into uneven pieces, one of which does not
    fit: all of them then have the size that is wanted."""
    tensor = origins.operand(subject.record, name)
    if tensor is None or not isinstance(wanted, int):
        return
    for made, _ in origins.history(tensor, subject.records):
        if not isinstance(made, Record) or made.op.rpartition(".")[2] not in CUTS:
            continue
        whole, number = made.given[0], made.given[1] if len(made.given) > 1 else None
        axis = unwrap(origins.argument(made, 2, "dim", 0))
        size = whole.value[axis] if whole.value is not None else None
        if type(number) is not int or not isinstance(size, int):
            return
        if number < 1 or size % number == 0:
            return
        pieces = number if made.op.endswith("chunk") else -(-size // number)
        for before, _ in origins.history(whole, subject.records):
            layer = wording.layer_of(before, subject.root) if isinstance(before, Record) else None
            if layer is not None and isinstance(before, Record):
                for changes in _widths(layer, wanted * pieces):
                    for candidate in made_with(subject.world, before.path, changes):
                        yield replace(candidate, cause=made.node)
                return
        return


CUTS = ("chunk", "split")
"""Operations that cut a tensor into pieces."""


def _widths(layer: Any, wanted: int) -> Iterator[dict[str, Any]]:
    """The arguments of a layer's constructor that say how wide its result is."""
    if hasattr(layer, "hidden_size"):
        directions = 2 if getattr(layer, "bidirectional", False) else 1
        if directions == 2 and wanted == layer.hidden_size:
            yield {"bidirectional": False}
        if directions == 1 and wanted == 2 * layer.hidden_size and hasattr(layer, "bidirectional"):
            yield {"bidirectional": True}
        if wanted % directions == 0:
            yield {"hidden_size": wanted // directions}
    for name in ("out_features", "embedding_dim", "out_channels"):
        if hasattr(layer, name):
            yield {name: wanted}
            return


def other_order(subject: Subject) -> Iterator[Candidate]:
    """``batch_first`` the other way round."""
    if hasattr(subject.layer, "batch_first"):
        changes = {"batch_first": not subject.layer.batch_first}
        yield from made_with(subject.world, subject.record.path, changes)


def is_explicit(subject: Subject, *names: str) -> bool:
    """Whether the call that made the layer says one of some arguments."""
    for call, _ in sites(subject.world, subject.record.path)[:1]:
        known = list(parameters_of(type(subject.layer)))
        return any(argument(call, known, name) is not None for name in names)
    return False
