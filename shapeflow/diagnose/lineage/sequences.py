"""Judges of batch and time: which is read as which, and what is taken for the last step."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from typing import Any

from .. import origins
from .axes import Root
from .doubt import (
    Doubt,
    Place,
    Remedy,
    Reordered,
    event_axis,
    is_of_torch,
    made_at,
    place,
    swapped_order,
    words,
)
from .flow import Event, Flow
from .layers import Recurrence, called

_POOLS = ("mean", "sum", "max", "amax")
_ARRANGING = frozenset(
    "__getitem__ chunk split narrow select view reshape flatten unflatten contiguous unsqueeze "
    "squeeze transpose permute clone detach".split()
)


def batch_and_time(flow: Flow, root: Any) -> Iterator[Doubt]:
    """Layers that go along the batch, and calls that take the batch for the time."""
    told: set[Any] = set()
    layers = (*flow.events.get("rnn", []), *flow.events.get("attention", []))
    unasked = {event.record for event in layers if not _is_chosen(event.detail)}
    for event in layers:
        call: Recurrence = event.detail
        time = time_of(event)
        batch = call.batch.root if call.batch is not None else None
        if time is None or batch is None or time is batch:
            continue
        signs = list(_signs(flow, event, batch, time))
        if not signs:
            continue
        chosen = _is_chosen(call)
        against = list(_signs(flow, event, time, batch))
        if not chosen:  # that others go along the first axis unasked too shows nothing
            against = [s for s in against if s[1] not in unasked]
        outer = [s for s in signs if s[2] is None]
        if chosen and outer and not against:
            if (outer[0][1], batch) not in told:
                told.add((outer[0][1], batch))
                yield _unlike(flow, root, event, outer)
        elif against or chosen:
            for sign in signs:
                if isinstance(sign[2], Event) and id(sign[2]) not in told:
                    told.add(id(sign[2]))
                    yield _taken(flow, root, event, sign[2])
        elif (event.record.path, batch) not in told:
            told.add((event.record.path, batch))
            yield _read(flow, root, event, signs)


def _is_chosen(call: Recurrence) -> bool:
    """Whether somebody has said which axis is the time."""
    return call.batch_first or call.packed or call.cell


def time_of(event: Event) -> Root | None:
    """The axis that a layer goes along, or that a cell is called along."""
    call: Recurrence = event.detail
    if call.cell:
        step = event.known.tags.get("step")
        return step[0] if step is not None else None
    return call.time.root if call.time is not None else None


def _since(call: Recurrence) -> str:
    """Why a layer reads axes as it does."""
    return "a call is one step" if call.cell else f"batch_first={call.batch_first}"


def _signs(
    flow: Flow, rnn: Event, root: Root, other: Root
) -> Iterator[tuple[str, Place, Event | None]]:
    """What shows that the axes of a root are steps of a sequence, beside a layer's own reading."""
    attentions = flow.events.get("attention", [])
    sets = {e.record for e in attentions if not e.detail.batch.parts}  # as of the whole batch
    for event in flow.events.get("select", []):
        if event_axis(event).root is root and event.detail == -1 and event.known.find(other):
            yield f"the last entry of {words(flow, root)} is taken", event.record, event
    for event in flow.events.get("reduce", []):
        name, keep = event.detail
        known = event.known
        if event_axis(event).root is root and name in _POOLS and not keep and known.find(other):
            if len(known.axes) > 2 and _is_features(event):
                yield f"{words(flow, root)} is pooled by {name}", event.record, event
    placed = [e for e in flow.events.get("placed", []) if event_axis(e).root in (root, other)]
    if all(event_axis(event).root is root for event in placed):
        for event in placed[:1]:
            if event.known.find(other):
                yield f"places are given along {words(flow, root)}", event.record, event
    for role in flow.roles.get(root, ()):
        if role.name in ("steps", "space"):
            yield f"{words(flow, root)} is a sequence: {role.words}", role.record, None
        if role.name == "time" and role.record.path != rnn.record.path:
            if role.record in sets:
                continue
            yield role.words.replace("it", words(flow, root), 1), role.record, None
    visited: dict[Any, set[int]] = {}
    for kind in ("select", "stretch"):
        for event in flow.events.get(kind, []):
            if event_axis(event).root is root and isinstance(event.detail, int):
                visited.setdefault(event.record.location, set()).add(event.detail)
                if len(visited[event.record.location]) == 2:
                    yield f"a loop goes along {words(flow, root)}", event.record, None


def _is_features(event: Event) -> bool:
    """Whether features are left where an axis is pooled."""
    rest = [axis for i, axis in enumerate(event.known.axes) if i != event.axis]
    return any(part.root.kind in ("feature", "axis") for axis in rest for part in axis.parts)


def _read(flow: Flow, root: Any, rnn: Event, signs: list[Any]) -> Doubt:
    """A layer that goes along the batch."""
    record, call = rnn.record, rnn.detail
    time, batch = words(flow, call.time.root), words(flow, call.batch.root)
    name, value = called(record), not call.batch_first
    location = made_at(root, record)
    remedies = []
    at = place(location[0][0] if location else record)
    if call.packed:
        remedies.append(Remedy("pack with the batch_first that the axes have", record.location))
    else:
        edit: dict[Any, Any] = {record.path: {"batch_first": value}}
        if call.out is None:  # attention, which reads its attribute itself
            name = _asked(root, record.path) or name
            edit = {("set", record.path, "batch_first"): value}
        remedies.append(Remedy(f"make {name} with batch_first={value}", at, edit))
    return Doubt(
        "batch_as_time",
        record,
        f"it goes along {time} and keeps apart {batch}, but that is the sequence",
        (
            (f"{name} has batch_first={call.batch_first}, so {time} is its time", record),
            *((f"but {text}", at) for text, at, _ in signs[:2]),
        ),
        (*location, *((at, text) for text, at, _ in signs)),
        tuple(remedies),
    )


def _asked(root: Any, path: str) -> str:
    """The outermost of torch's layers around an attention that are made with a batch_first."""
    names = path.split(".")
    for end in range(1, len(names)):
        outer = origins.submodule(root, ".".join(names[:end]))
        if is_of_torch(outer) and "batch_first" in inspect.signature(type(outer)).parameters:
            return f"{'.'.join(names[:end])} (nn.{type(outer).__name__})"
    return ""


def _unlike(flow: Flow, root: Any, rnn: Event, signs: list[Any]) -> Doubt:
    """A call that takes the batch for the sequence, beside a layer that keeps it apart."""
    text, at, _ = signs[0]
    batch, name = words(flow, rnn.detail.batch.root), called(rnn.record)
    return Doubt(
        "batch_as_time",
        at,
        f"takes the batch, {batch}, for the sequence",
        (
            (f"{name} keeps {batch} apart, since {_since(rnn.detail)}", rnn.record),
            (f"but {text}", at),
        ),
        ((rnn.record, f"{name} reads {batch} as the batch"), *made_at(root, rnn.record)),
        (Remedy("go along the axis of the steps here", place(at)),),
    )


def _taken(flow: Flow, root: Any, rnn: Event, event: Event) -> Doubt:
    """The last of the batch taken, or the batch pooled, where a layer's time was meant."""
    call: Recurrence = rnn.detail
    root_of_time = time_of(rnn)
    assert root_of_time is not None
    axis = event.axis
    at = event.known.find(root_of_time)[0]
    batch, time = words(flow, event_axis(event).root), words(flow, root_of_time)
    name = called(rnn.record)
    first = f"{name} keeps {batch} apart, since {_since(call)}"
    edit = Reordered(swapped_order(len(event.known.axes), axis, at))
    last = event.detail == -1
    if last:
        text = f"takes the last entry of the batch, {batch}, not the last step"
        remedy = f"take the last step: index axis {at}, as in out[{':, ' * at}-1]"
    elif event.detail == "place":
        text = f"gives places along the batch, {batch}, not along the steps"
        remedy = f"give them along axis {at}, the steps"
    else:
        text = f"{event.detail[0]} over the batch, {batch}, not over the steps"
        remedy = f"reduce axis {at}, the steps"
    return Doubt(
        "last_of_batch" if last else "batch_as_time" if event.detail == "place" else "wrong_axis",
        event.record,
        text,
        ((first, rnn.record), (f"axis {axis} here is {batch}; the steps are {time}", event.record)),
        ((rnn.record, f"{name} reads {batch} as the batch"), *made_at(root, rnn.record)),
        (Remedy(remedy, event.record.location, {f"@{event.record.node}": edit}),),
    )


def state_of_last(flow: Flow, root: Any) -> Iterator[Doubt]:
    """The last sequence of the batch taken out of a state."""
    for event in flow.events.get("select", []):
        state = event.known.tags.get("state")
        axis = event_axis(event)
        if state is None or event.detail != -1 or axis.root is None or len(event.known.axes) < 3:
            continue
        batch = flow.role(axis.root, "batch")
        if batch is None or batch.record is not state[1]:
            continue
        name = called(state[1])
        yield Doubt(
            "last_of_batch",
            event.record,
            f"takes the last sequence of the batch, {words(flow, axis.root)}, out of a state",
            (
                (f"a state of {name} is (layers, batch, features), whatever batch_first", state[1]),
                (f"axis {event.axis} of it is the batch", event.record),
            ),
            ((state[1], f"{name} returns the state here"),),
            (
                Remedy(
                    "take the last layer: h_n[-1]",
                    event.record.location,
                    {f"@{event.record.node}": Reordered((1, 0, 2))},
                ),
            ),
        )


def backward_step(flow: Flow, root: Any) -> Iterator[Doubt]:
    """The last step of the outputs of both directions."""
    told: set[str] = set()
    last = [e.detail for e in flow.events.get("last_used", [])
            if e.record.op.rpartition(".")[2] not in _ARRANGING]  # fmt: skip
    last += [known.tags["last"] for _, known in flow.results if "last" in known.tags]
    for event in last:
        axis = event_axis(event)
        time = flow.role(axis.root, "time")
        if time is None or event.record.node in told or axis.marks.get("pad"):
            continue
        told.add(event.record.node)
        parts = (part for axis in event.known.axes for part in axis.parts)
        made = next(part.root.record for part in parts if part.root.kind == "directions")
        name = called(made)
        yield Doubt(
            "backward_step",
            event.record,
            f"takes the last step of both directions of {name}: the backward one has seen only it",
            (
                (
                    f"{name} is bidirectional: it goes along {words(flow, axis.root)} both ways",
                    made,
                ),
                ("its backward direction begins at the last step", made),
                ("so at the last step it has seen one step", event.record),
            ),
            ((made, f"{name} returns its outputs here"), *made_at(root, made)),
            (
                Remedy(
                    "take the final states of both: torch.cat([h_n[-2], h_n[-1]], dim=-1)",
                    event.record.location,
                ),
            ),
        )


def unbatched(flow: Flow, root: Any) -> Iterator[Doubt]:
    """Rows of a batch read as the steps of one sequence."""
    rnns = flow.events.get("rnn", [])
    for event in rnns:
        call: Recurrence = event.detail
        time = call.time.root if call.time is not None else None
        alone = call.batch is not None and not call.batch.parts
        if call.batch is not None and not alone:
            continue
        if time is None or call.cell or call.packed or call.states:
            continue
        sample = flow.role(time, "rows") or flow.role(time, "batch") or flow.role(time, "cell")
        others = any(
            e.record.path == event.record.path and e.detail.batch is not None and e is not event
            for e in rnns
        )
        wanted = call.batch_first and not others and not alone and "tokens" not in event.known.tags
        if not (wanted or sample) or _goes_along(flow, time):
            continue
        name = called(event.record)
        why = (
            (f"{name} is made for a batch: batch_first=True", event.record)
            if sample is None
            else (sample.words.replace("it", words(flow, time), 1), sample.record)
        )
        yield Doubt(
            "one_sequence",
            event.record,
            f"reads {words(flow, time)} as the steps of one sequence: the input has no batch axis",
            (
                ("an input of two axes is one sequence without a batch: (steps, features)",
                 event.record),
                why,
            ),
            (*_births(flow, event), *made_at(root, event.record)),
            (Remedy("give it an axis of steps: x.unsqueeze(1)", event.record.location),),
        )  # fmt: skip


def _births(flow: Flow, event: Event) -> list[tuple[Place, str]]:
    return [(made.location, "its input comes from here") for made in flow.makers(event.record)]


def _goes_along(flow: Flow, root: Root) -> bool:
    """Whether anything else reads the axes of a root as steps."""
    if flow.role(root, "steps") or flow.role(root, "space"):
        return True
    for kind in ("select", "reduce", "stretch"):
        if any(event_axis(event).root is root for event in flow.events.get(kind, [])):
            return True
    return False


JUDGES = (batch_and_time, state_of_last, backward_step, unbatched)
