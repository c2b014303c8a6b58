"""Repairs of the call itself: another function, another argument, another dtype."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from typing import Any

from ...core.constraint import Location
from ...core.dims import Dim, Size
from ...core.notation import format_shape
from ...trace.edits import At, arguments, renamed, site_of
from ...trace.record import Record
from ...trace.replay import tensors_in
from ...trace.sizes import unwrap
from .. import origins
from ..code.flow import Flow, Goal
from ..code.objects import thing
from ..code.scope import Step
from ..code.syntax import last_name
from ..code.values import UNKNOWN, attribute
from .layers import handed_down, rebuilt
from .point import LONGEST, Candidate, Point, Subject, points, size_text, within, wrapped


def at(subject: Subject, record: Record, edit: Any) -> dict[Any, Any]:
    """The changes of a trial that makes one call in another way."""
    return {site_of(record): At(edit, within(subject.world, record))}


def number(
    subject: Subject,
    record: Record,
    position: int,
    actual: Size,
    wanted: Size,
    in_call: bool = False,
) -> Iterator[Candidate]:
    """Another number for an argument of a call, changed where it comes from.

    Args:
        subject: the fault.
        record: the call.
        position: the argument's, the tensor of a method being the first.
        actual: the number that it is.
        wanted: the number that would fit.
        in_call: whether to change it in the call, wherever it comes from.
    """
    found = subject.world.call(record)
    if found is None:
        return
    call, scope = found
    if not isinstance(call, ast.Call):
        return
    receiver = origins.has_receiver(call, record)
    index = position - 1 if receiver else position
    if not 0 <= index < len(call.args):
        return
    expr = call.args[index]
    steps = Flow(subject.world).steps(expr, scope, Goal(number=actual))
    written, inside = scope.source.text(expr), scope.source.text(call)
    own_place = scope.source.place(expr)
    place, text = (None if in_call else number_place(steps)) or (own_place, written)
    told = f"make {text} {size_text(subject, wanted)} instead of {actual}"
    if place == own_place:
        inside = f" in {inside}" if len(inside) <= LONGEST else ""
        new, plain = size_text(subject, wanted), isinstance(expr, ast.Name | ast.Attribute)
        if plain and wanted == 2 * actual and subject.code == "layers":  # both directions
            new = f"2 * {text}"
        told = f"write {new} for {text}{inside}"
    alike = [position]
    if not in_call and not isinstance(expr, ast.Constant):  # (n, n) is one number
        same = [i for i, part in enumerate(call.args) if scope.source.text(part) == written]
        alike = [i + position - index for i in same]
    edit = arguments(wrapped((wanted,))[0], *alike)
    changes = at(subject, record, edit)
    for other in _twins(subject, record, position, actual):
        changes |= at(subject, other, edit)
    own = Candidate(told, place, changes)
    if in_call or any(step.kind == "returned" for step in steps):
        yield own
    if isinstance(wanted, int) and isinstance(actual, int) and not in_call:
        for candidate in _through_attribute(subject, expr, scope, steps, actual, wanted):
            if any(map(_keeps, steps)) and any(map(_is_set, candidate.changes)):
                yield own  # what a parameter is kept in stays equal to it
            yield candidate
    yield own


def _keeps(step: Step) -> bool:
    """Whether an attribute is set to a variable as it is."""
    is_name = isinstance(step.node, ast.Name)
    return step.kind == "set" and step.name.startswith("self.") and is_name


def _is_set(change: Any) -> bool:
    return isinstance(change, tuple) and change[0] == "set"


def _twins(subject: Subject, record: Record, position: int, actual: Size) -> Iterator[Record]:
    """The calls that make the other state of a pair in the same way."""
    for name, tensor in origins.operands(subject.record):
        if name in ("hx[0]", "hx[1]"):
            for made, _ in origins.history(tensor, subject.records):
                if not isinstance(made, Record) or made is record or made.op != record.op:
                    continue
                if len(made.given) > position and unwrap(made.given[position]) == actual:
                    yield made


def _through_attribute(
    subject: Subject, expr: ast.expr, scope: Any, steps: list[Step], actual: int, wanted: int
) -> Iterator[Candidate]:
    """The attribute that a number is kept in, and the argument that this was made from."""
    nodes = [(expr, scope), *((s.node, s.scope) for s in steps)]
    for node, inside in nodes:
        if not isinstance(node, ast.Attribute):
            continue
        owner = thing(node.value, inside)
        if owner is UNKNOWN or attribute(owner, node.attr) != actual:
            continue
        path = next((p for p, m in subject.world.modules.items() if m is owner), None)
        for step in steps:
            if step.kind == "set" and isinstance(step.node, ast.Name):
                user = handed_down(subject.world, step.node, step.scope)
                if user is not None:
                    yield from rebuilt(subject.world, user, wanted)
        if path is not None:
            own = (s.location for s in steps if s.name == f"self.{node.attr}")
            place = number_place(steps) or (next(own, None), "")
            text = f"make self.{node.attr} {wanted} instead of {actual}"
            changes = {("set", path, node.attr): wanted}
            yield Candidate(text, place[0] or subject.record.location, changes)
        return


def number_place(steps: list[Step]) -> tuple[Location, str] | None:
    """The line where a person would change a number: where it is computed or given."""
    best: Step | None = None
    for step in steps:
        if step.kind == "returned":
            return step.location, step.text
        plain = isinstance(step.node, ast.Name | ast.Attribute)
        if step.kind in ("set", "given") and not plain:
            return step.location, step.name
        if step.kind == "made":
            continue
        if _keeps(step):  # the parameter that it is set to may say other things, too
            break
        if best is None and step.kind in ("default", "set"):
            best = step
    return (best.location, best.name) if best is not None else None


def numbers_behind(
    subject: Subject, name: str, wanted: Size, in_call: bool = False
) -> Iterator[Candidate]:
    """Another number in the call that gave an operand the size that is wrong."""
    tensor = origins.operand(subject.record, name)
    size = _concerned(subject, tensor)
    if tensor is None or size is None:
        return
    for made, _ in origins.history(tensor, subject.records):
        if not isinstance(made, Record):
            if not in_call:
                yield from _parameter(subject, name, made, size, wanted)
            return
        if any(size in tuple(t.value or ()) for t in tensors_in(made.args)):
            continue
        for position, item in enumerate(made.given):
            if isinstance(item, tuple | list):
                if any(_is(number_of, size) for number_of in item):
                    yield from _of_helper(subject, made, size, wanted)
                continue
            if _is(item, size):
                yield from number(subject, made, position, unwrap(item), wanted, in_call)
        return


def _of_helper(subject: Subject, made: Record, size: Size, wanted: Size) -> Iterator[Candidate]:
    """Another number for a function of torch's that makes a tensor from it, such as a mask."""
    found = subject.world.call(made)
    call, scope = found if found is not None else (None, None)
    if not isinstance(call, ast.Call) or scope is None or len(call.args) != 1:
        return
    if last_name(call.func) == made.op.rpartition(".")[2] or isinstance(call.args[0], ast.Tuple):
        return
    right = wrapped((wanted,))[0]

    def edit(make: Any, args: Any, kwargs: Any) -> Any:
        given = [
            tuple(right if _is(n, size) else n for n in arg)
            if isinstance(arg, tuple | list)
            else arg
            for arg in args
        ]
        return make(tuple(given), kwargs)

    text = f"write {size_text(subject, wanted)} for {scope.source.text(call.args[0])}"
    told = f"{text} in {scope.source.text(call)}"
    yield Candidate(told, scope.source.place(call), at(subject, made, edit))


def _is(item: Any, size: Size) -> bool:
    """Whether an argument is a number, and that one."""
    number_of = unwrap(item)
    return isinstance(number_of, int | Dim) and type(item) is not bool and number_of == size


def _parameter(
    subject: Subject, of: str, made: origins.Source | None, size: Size, wanted: Size
) -> Iterator[Candidate]:
    """Another size for a parameter that an operand comes from, and for the one beside it."""
    changes: dict[Any, Any] = {}
    names = []
    for name, tensor in origins.operands(subject.record):
        if name.partition("[")[0] != of.partition("[")[0]:
            continue
        *_, (source, whole) = [(None, None), *origins.history(tensor, subject.records)]
        if isinstance(source, origins.Source) and source.word == "parameter" and whole is not None:
            shape = tuple(wanted if s == size else s for s in whole.value or ())
            changes[source.path] = shape
            names.append(source.path)
    if made is not None and made.word == "parameter" and names:
        text = f"make {' and '.join(names)} of shape {format_shape(changes[made.path])}"
        yield Candidate(text, made.definition(subject.root), changes)


def _concerned(subject: Subject, tensor: Any) -> Size | None:
    axis = subject.demand.origin.axis if subject.demand.origin else None
    return size_along(tensor.value or (), axis) if tensor is not None else None


def size_along(shape: Sequence[Size], axis: int | None) -> Size | None:
    """The size along an axis that a demand speaks of; None where a tensor has no such axis."""
    return shape[axis] if axis is not None and -len(shape) <= axis < len(shape) else None


def parameters_sized(subject: Subject) -> Iterator[Candidate]:
    """A parameter in a product with the size that its other operand has."""
    left, right = subject.demand.left, subject.demand.right
    for name, tensor in origins.operands(subject.record):
        made = origins.maker(tensor, subject.records)
        for size, wanted in ((left, right), (right, left)):
            if isinstance(made, origins.Source) and size in tuple(tensor.value or ()):
                yield from _parameter(subject, name, made, size, wanted)


def nearby_numbers(subject: Subject) -> Iterator[Candidate]:
    """Attributes that the numbers of a call come from, a little more or less."""
    seen: set[Any] = set()
    steps = [step for _, found in subject.trail.operands for step in found]
    flow = Flow(subject.world)
    for step in steps:
        if step.kind != "set" or not step.name.startswith("self."):
            continue
        owner, name = step.scope.owner, step.name[5:]
        actual = attribute(owner, name)
        path = next((p for p, m in flow.world.modules.items() if m is owner), None)
        if type(actual) is not int or path is None or (path, name) in seen:
            continue
        if isinstance(step.node, ast.Name | ast.Constant):
            continue
        seen.add((path, name))
        for other in dict.fromkeys((actual - 1, actual + 1, actual // 2, 2 * actual)):
            if other > 0:
                text = f"make self.{name} {other} instead of {actual}"
                yield Candidate(text, step.location, {("set", path, name): other})


def dtypes(subject: Subject) -> Iterator[Candidate]:
    """A cast of one of the operands."""
    names = [subject.named] if subject.named else [n for n, _ in origins.operands(subject.record)]
    for name in names:
        for point in list(points(subject, name))[:1]:
            for method in ("float", "long"):
                yield point.changed(f".{method}()", _cast(method), subject.world)


def _cast(method: str) -> Any:
    return lambda x: getattr(x, method)()


def packing(subject: Subject) -> Iterator[Candidate]:
    """Lengths that are not sorted, or not on the CPU."""
    record = subject.record
    if "pack" in record.op:
        edit = renamed("", enforce_sorted=False)
        yield Candidate("pass enforce_sorted=False", record.location, at(subject, record, edit))
    for point in list(points(subject, "lengths"))[:1]:
        yield point.changed(".cpu()", lambda x: x.cpu(), subject.world)


def as_padding(subject: Subject) -> Iterator[Candidate]:
    """The mask of an attention as the mask of its padding, where it has the axes of that."""
    record, given = subject.record, subject.record.kwargs
    shapes = {name: tuple(t.value or ()) for name, t in origins.operands(record)}
    query, key, mask = (shapes.get(n, ()) for n in ("query", "key", "attn_mask"))
    if given.get("key_padding_mask") is not None or "attn_mask" not in given:
        return
    if len(query) != 3 or len(key) != 3 or mask != (query[1], key[0]):
        return

    def edit(call: Any, args: Any, kwargs: Any) -> Any:
        return call(args, {**kwargs, "attn_mask": None, "key_padding_mask": kwargs["attn_mask"]})

    written = next((p.text for p in points(subject, "attn_mask")), "") or "it"
    text = f"pass {written} as key_padding_mask, in the place of attn_mask"
    yield Candidate(text, record.location, at(subject, record, edit))


def swapped(subject: Subject) -> Iterator[Candidate]:
    """The operands of a product the other way round, where that fits."""
    found = [next(iter(points(subject, n)), None) for n, _ in origins.operands(subject.record)[:2]]
    span = subject.record.span
    if len(found) < 2 or found[0] is None or found[1] is None or span is None:
        return
    left, right = found[0].shape, found[1].shape
    if min(len(left), len(right)) < 2 or right[-1] != left[-2]:
        return
    place = subject.world.scope(span, subject.record.path)
    node = place[0] if place is not None else None
    if place is None or isinstance(node, ast.Subscript | ast.Attribute):
        return
    written = _other_way_round(node)
    if written is None:
        return

    def edit(call: Any, args: Any, kwargs: Any) -> Any:
        first, second, *rest = args
        return call((second, first, *rest), kwargs)

    text = f"write {written} for {place[1].source.text(place[0])}"
    yield Candidate(text, subject.record.location, at(subject, subject.record, edit))


def _other_way_round(node: Any) -> str | None:
    """A product as it is written with its operands swapped; None for what is none."""
    if isinstance(node, ast.BinOp):
        return ast.unparse(ast.BinOp(node.right, node.op, node.left))
    if isinstance(node, ast.Call) and len(node.args) == 2 and not node.keywords:
        return ast.unparse(ast.Call(node.func, node.args[::-1], []))
    return None


def flattened(subject: Subject, point: Point) -> Iterator[Candidate]:
    """A loss of places one after the other: ``scores.view(-1, C)`` and ``target.view(-1)``."""
    names = [n for n, _ in origins.operands(subject.record)]
    if len(names) < 2 or len(point.shape) < 3:
        return
    scores, target = names[:2]

    def flat(call: Any, args: Any, kwargs: Any) -> Any:
        first, second, *rest = args
        return call((first.reshape(-1, first.size(-1)), second.reshape(-1), *rest), kwargs)

    other = next(iter(points(subject, target)), point)
    text = (
        f"flatten both: {point.text or scores}.reshape(-1, {point.shape[-1]}) and "
        f"{other.text or target}.reshape(-1)"
    )
    yield Candidate(text, subject.record.location, at(subject, subject.record, flat))
