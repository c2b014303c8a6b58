"""Repairs that were tried: each candidate is applied, the model analysed again, and only what
removes the finding without a new error is called verified."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from ..core.constraint import Constraint, Location
from ..core.dims import Size
from ..core.notation import format_shape
from ..ops import Value
from ..trace.recorder import Record
from . import origins, wording
from .diagnostic import Finding, Fix

MOST_FINDINGS = 8
MOST_TRIES = 6
MOST_FIXES = 3

Changes = Mapping[str, Any]
Attempt = Callable[[Changes], Sequence[Finding]]
"""Analyses the model again under changes and gives its findings."""


SEEN_THROUGH = (
    "use operations of torch there, or put that part into a module of its own and declare what it "
    "does: shapeflow.opaque(module, 'B T 3 -> B T 8')"
)
"""What helps where something cannot be seen through."""


@dataclass(frozen=True)
class Candidate:
    """A repair that a colleague would think of.

    Attributes:
        text: the change, in one line.
        location: where to make it.
        changes: what the recorder takes in the place of what it finds; see ``Recorder.changes``.
    """

    text: str
    location: Location | None
    changes: Changes


@dataclass(frozen=True)
class Subject:
    """An error finding with what is known of its call."""

    finding: Finding
    demand: Constraint
    record: Record
    root: Any
    records: Mapping[str, Record]
    demands: Sequence[Constraint]


def anew(name: str, made: Record) -> Fix:
    """What helps where something is kept from a call with other sizes."""
    text = (
        f"make {name} anew, or reset it, before a call with other sizes; or leave out the last, "
        "smaller batch (drop_last=True)"
    )
    return Fix(text, made.location)


def with_fixes(
    findings: Sequence[Finding], subjects: Sequence[tuple[Finding, Subject]], attempt: Attempt
) -> tuple[Finding, ...]:
    """The findings, errors among them with the fixes that were found."""
    done: list[Finding] = []
    errors = [f for f in findings if f.severity == "error"]
    known = {id(finding): subject for finding, subject in subjects[:MOST_FINDINGS]}
    for finding in findings:
        subject = known.get(id(finding))
        if subject is None:
            done.append(finding)
            continue
        tried = list(_tried(subject, errors, attempt))[:MOST_FIXES]
        done.append(replace(finding, fixes=(*tried, *finding.fixes)))
    return tuple(done)


def _tried(subject: Subject, errors: Sequence[Finding], attempt: Attempt) -> Iterator[Fix]:
    before = {_mark(f) for f in errors}
    for i, candidate in enumerate(candidates(subject)):
        if i >= MOST_TRIES:
            return
        after = {_mark(f) for f in attempt(candidate.changes) if f.severity == "error"}
        if _mark(subject.finding) not in after and after <= before:
            yield Fix(candidate.text, candidate.location, verified=True)


def _mark(finding: Finding) -> Any:
    """What makes two findings of different runs the same."""
    demand = finding.constraints[-1] if finding.constraints else None
    origin = demand.origin if demand is not None else None
    because = origin.because if origin else finding.message
    return (
        finding.code,
        finding.location,
        because,
        origin.axis if origin else None,
        origin.operands if origin else (),
    )


def candidates(subject: Subject) -> Iterator[Candidate]:
    """Repairs to try, the likeliest first."""
    origin = subject.demand.origin
    layer = wording.layer_of(subject.record, subject.root)
    if origin is None:
        return
    if layer is not None and subject.demand.kind == "equal":
        yield from _constructor(subject, layer, origin.code)
    if hasattr(layer, "batch_first") and origin.code in ("batch", "features"):
        yield _other_order(subject, layer)
    if origin.code in ("features", "hidden") and origin.operands:
        yield from _producer(subject)
    if origin.code in ("batch", "hidden", "layers", "features", "loss", "join") and origin.operands:
        yield from _operand(subject)
    if origin.code in ("rank", "structure") and origin.operands:
        yield from _rank(subject)


# -- the layer's constructor ----------------------------------------------------------------------


def _constructor(subject: Subject, layer: Any, kind: str) -> Iterator[Candidate]:
    """Another number in the call that made the layer."""
    given = subject.demand.left
    path = subject.record.path
    if not isinstance(given, int):
        return
    for argument, value, changes in _arguments(layer, path, kind, given):
        place = origins.definition(subject.root, path)
        text = f"make {path or 'it'} with {argument}={value}"
        yield Candidate(text, place, changes)


def _arguments(layer: Any, path: str, kind: str, given: int) -> Iterator[tuple[str, Any, Changes]]:
    prefix = f"{path}." if path else ""
    if hasattr(layer, "input_size") and kind == "features":
        yield "input_size", given, {path: {"input_size": given}}
    if hasattr(layer, "hidden_size") and kind == "hidden":
        yield "hidden_size", given, {path: {"hidden_size": given}}
    if hasattr(layer, "num_layers") and kind == "layers":
        directions = 2 if layer.bidirectional else 1
        if given == layer.num_layers * (3 - directions):
            yield "bidirectional", directions == 1, {path: {"bidirectional": directions == 1}}
        if given % directions == 0 and given:
            yield "num_layers", given // directions, {path: {"num_layers": given // directions}}
    if hasattr(layer, "in_features") and kind in ("features", "matmul"):
        yield "in_features", given, {f"{prefix}weight": (layer.out_features, given)}
    if (
        hasattr(layer, "in_channels")
        and kind == "features"
        and not getattr(layer, "transposed", False)
    ):
        shape = (layer.out_channels, given // layer.groups, *layer.weight.shape[2:])
        yield "in_channels", given, {f"{prefix}weight": shape}


def _other_order(subject: Subject, layer: Any) -> Candidate:
    """``batch_first`` the other way round."""
    value = not layer.batch_first
    path = subject.record.path
    place = origins.definition(subject.root, path)
    text = f"make {path or 'it'} with batch_first={value}"
    return Candidate(text, place, {path: {"batch_first": value}})


def _producer(subject: Subject) -> Iterator[Candidate]:
    """Another width for the layer that the operand comes out of."""
    origin, wanted = subject.demand.origin, subject.demand.right
    assert origin is not None
    tensor = origins.operand(subject.record, origin.operands[0])
    if tensor is None or not isinstance(wanted, int) or subject.demand.kind != "equal":
        return
    for made, _ in origins.history(tensor, subject.records):
        if isinstance(made, origins.Source):
            continue
        layer, path = wording.layer_of(made, subject.root), made.path
        if layer is None:
            continue
        for argument, changes in _widths(layer, path, wanted):
            text = f"make {path or 'it'} with {argument}={wanted}"
            yield Candidate(text, origins.definition(subject.root, path), changes)
        return


def _widths(layer: Any, path: str, wanted: int) -> Iterator[tuple[str, Changes]]:
    """The argument of a layer's constructor that says how wide its result is."""
    prefix = f"{path}." if path else ""
    if hasattr(layer, "out_features") and hasattr(layer, "in_features"):
        changes = {f"{prefix}weight": (wanted, layer.in_features), f"{prefix}bias": (wanted,)}
        yield "out_features", changes
    elif hasattr(layer, "embedding_dim"):
        yield "embedding_dim", {f"{prefix}weight": (layer.num_embeddings, wanted)}
    elif hasattr(layer, "hidden_size"):
        yield "hidden_size", {path: {"hidden_size": wanted}}


# -- the operand --------------------------------------------------------------------------------


def _operand(subject: Subject) -> Iterator[Candidate]:
    """Other sizes on the operand: whatever the call demands of it, put right together."""
    origin = subject.demand.origin
    assert origin is not None
    name = origin.operands[0]
    tensor = origins.operand(subject.record, name)
    if (
        tensor is None
        or tensor.value is None
        or origin.axis is None
        or subject.demand.kind != "equal"
    ):
        return
    wanted = _wanted(subject, name, len(tensor.value))
    shape = tuple(wanted.get(axis, size) for axis, size in enumerate(tensor.value))
    place, text = _where(subject, name, tensor)
    source = _source(subject, subject.demand.right)
    text = f"{text} of shape {format_shape(shape)}{source}"
    alone: tuple[str, ...] = (name,)
    both = ("hx[0]", "hx[1]")  # most make both states alike
    for names in (both, alone) if name in both else (alone,):
        yield Candidate(text, place, _edited(subject, names, partial(_resized, sizes=wanted)))


def _wanted(subject: Subject, name: str, rank: int) -> dict[int, Size]:
    """The sizes that the call demands of an operand where it has others, by axis."""
    found: dict[int, Size] = {}
    for of, axis, demand in origins.equations((*subject.demands, subject.demand), subject.record):
        if of == name:
            found[axis % rank] = demand.right
    return found


def _where(subject: Subject, name: str, tensor: Any) -> tuple[Location | None, str]:
    made = origins.maker(tensor, subject.records)
    if isinstance(made, Record):
        return made.location, f"make {name} here" if made.location else f"make {name}"
    if made is None:
        return None, f"make {name}"
    verb = "make" if made.word == "parameter" else "pass"
    return made.definition(subject.root), f"{verb} {made.path}"


def _source(subject: Subject, wanted: Size) -> str:
    """Where the right size can be read off at run time."""
    origin = subject.demand.origin
    for name, tensor in origins.operands(subject.record):
        made = origins.maker(tensor, subject.records)
        if isinstance(wanted, int) or tensor.value is None or origin is None:
            continue
        if not isinstance(made, origins.Source) or made.word != "input" or name in origin.operands:
            continue
        for axis, size in enumerate(tensor.value):
            if size is wanted:
                parameter = made.path.partition(" of call ")[0]
                return f", where {wanted} is {parameter}.size({axis})"
    return ""


def _rank(subject: Subject) -> Iterator[Candidate]:
    """An axis more or less, or two states in the place of one."""
    origin, place = subject.demand.origin, subject.record.location
    assert origin is not None
    name = origin.operands[0]
    tensor = origins.operand(subject.record, name)
    known = tensor is not None and tensor.value is not None
    if origin.code == "structure":
        text = "pass a tuple of two states, (h, c)"
        if known:
            text = f"pass the pair ({name}, c) with a cell state of the same shape"
        yield Candidate(text, place, _edited(subject, (name,), _paired))
    if tensor is None or tensor.value is None:
        return
    for axis in range(len(tensor.value) + 1):
        text = f"give {name} an axis: {name}.unsqueeze({axis})"
        yield Candidate(text, place, _edited(subject, (name,), partial(_unsqueezed, axis=axis)))
    for axis, size in enumerate(tensor.value):
        text = f"take one entry of {name}: its last on axis {axis}"
        if size == 1:
            text = f"take an axis off {name}: {name}.squeeze({axis})"
        yield Candidate(text, place, _edited(subject, (name,), partial(_squeezed, axis=axis)))


# -- edits of a call's operands --------------------------------------------------------------------


@dataclass(frozen=True)
class Edit:
    """A change of the operands of these names; see ``trace.edits``."""

    names: tuple[str, ...]
    change: Callable[[Value], Any]

    def __call__(self, name: str, value: Any) -> Any:
        applies = name in self.names and isinstance(value, Value)
        return self.change(value) if applies else value


def _edited(subject: Subject, names: tuple[str, ...], change: Callable[[Value], Any]) -> Changes:
    """The changes of a trial that edits operands of the subject's call."""
    return {f"@{subject.record.node}": Edit(names, change)}


def _resized(value: Value, sizes: Mapping[int, Size]) -> Value:
    shape = tuple(sizes.get(axis, size) for axis, size in enumerate(value))
    return Value(shape, value.dtype, None, value.known, value.words, value.device)


def _unsqueezed(value: Value, axis: int) -> Value:
    return Value((*value[:axis], 1, *value[axis:]), value.dtype)


def _squeezed(value: Value, axis: int) -> Value:
    return Value((*value[:axis], *value[axis + 1 :]), value.dtype)


def _paired(value: Value) -> tuple[Value, Value]:
    return value, value
