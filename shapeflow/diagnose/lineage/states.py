"""Judges of the states of recurrent layers: dropped, swapped, or those of another layer."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice, pairwise
from typing import Any

from ...trace.nodes import behind
from ...trace.recorder import Record
from ...trace.tensor import SymbolicTensor
from .doubt import Doubt, Place, Remedy, made_at, words
from .flow import Event, Flow
from .layers import Recurrence, called

MOST_NODES = 2000


def unread(flow: Flow, root: Any) -> Iterator[Doubt]:
    """States that are inputs, or were computed, and that no layer is given."""
    rnns = flow.events.get("rnn", [])
    for event in _first_of_each(rnns):
        call: Recurrence = event.detail
        mine = [e.detail for e in rnns if e.record.path == event.record.path]
        if any(one.states for one in mine) or not call.after:
            continue
        wanted = flow.shape(call.after[0])
        for name, made in _left_over(flow, event, wanted):
            layer = called(event.record)
            related: list[tuple[Place, str]] = [(made, f"{name} is made here")] if made else []
            yield Doubt(
                "state_dropped",
                event.record,
                f"is called without a state, and {name}, which has its shape, is never read",
                (
                    (f"{name} has the shape of a state of {layer}", made),
                    (f"{layer} is given no state, so it begins at zeros", event.record),
                ),
                (*related, *made_at(root, event.record)),
                (Remedy(f"pass it: the second argument of {layer}", event.record.location),),
            )
            break


def _first_of_each(events: Sequence[Event]) -> list[Event]:
    found: dict[str, Event] = {}
    for event in events:
        found.setdefault(event.record.path, event)
    return list(found.values())


def _left_over(
    flow: Flow, event: Event, shape: tuple[Any, ...]
) -> Iterator[tuple[str, Record | None]]:
    """Tensors of a shape that nothing reads: inputs, then what calls before this one made."""
    for tensor, _ in flow.inputs:
        if id(tensor) not in flow.used and flow.shape(tensor) == shape:
            yield tensor.value.words, None
    for record in flow.run.records.values():
        if record is event.record:
            return
        result = record.result
        if id(result) in flow.used or flow.shape(result) != shape or len(shape) < 2:
            continue
        known = flow.known.get(id(result))
        if known is not None and "made" not in known.tags and "weight" not in known.tags:
            yield f"the result of {called(record)}", record


def not_advanced(flow: Flow, root: Any) -> Iterator[Doubt]:
    """Steps that all begin at the same state."""
    groups: dict[Any, list[Event]] = {}
    for event in flow.events.get("rnn", []):
        if _is_step(event.detail):
            groups.setdefault((event.record.path, event.record.location), []).append(event)
    for events in groups.values():
        if len(events) < 2 or not _in_turn(flow, events):
            continue
        counts = {len(e.detail.states) for e in events}
        if len(counts) != 1:
            continue
        count = counts.pop()
        same = [i for i in range(count) if _unchanged(flow, [e.detail.states[i] for e in events])]
        if count == 0 or same:
            yield _again(flow, root, events, same if count > len(same) else [])


def _is_step(call: Recurrence) -> bool:
    """Whether a call goes one step only."""
    return call.cell or (call.time is not None and not call.time.parts and not call.packed)


def _in_turn(flow: Flow, events: Sequence[Event]) -> bool:
    """Whether the inputs are the steps of one axis, or follow from what the layer said before."""
    steps = [_step_of(flow, event) for event in events]
    if all(steps):
        roots = {id(step[0]) for step in steps if step}
        numbers = [step[1] for step in steps if step]
        if len(roots) == 1 and len(set(numbers)) == len(numbers):
            return True
    if any(event.detail.states and not _is_dropped(flow, event.detail) for event in events):
        return False
    return all(_follows(after.record, [before.record.node]) for before, after in pairwise(events))


def _is_dropped(flow: Flow, call: Recurrence) -> bool:
    """Whether nothing reads the state that a call returns beside its output."""
    states = [state for state in call.after if state is not call.out]
    return bool(states) and not any(id(state) in flow.used for state in states)


def _step_of(flow: Flow, event: Event) -> Any:
    """The step of an axis that the input of a call is, None where it is none."""
    return event.known.tags.get("step")


def _follows(record: Record, nodes: Sequence[str]) -> bool:
    """Whether the first operand of a call was computed from some calls."""
    first: Any = record.given[0] if record.given else None
    past = behind([first.node] if hasattr(first, "node") else [])
    return any(node.name in nodes for node in islice(past, MOST_NODES))


def _unchanged(flow: Flow, states: Sequence[Any]) -> bool:
    """Whether a state is the same tensor at each step, or made anew of numbers."""
    if len({id(state) for state in states}) == 1:
        return True
    known = [flow.of(state) for state in states]
    if all(_same_call(flow, states[0], state) for state in states[1:]):
        return True
    return all("made" in one.tags for one in known) or (
        len({one.source for one in known}) == 1 and "state" not in known[0].tags
    )


def _same_call(flow: Flow, one: Any, other: Any, depth: int = 4) -> bool:
    """Whether two tensors come of the same calls of the same tensors."""
    if one is other:
        return True
    left, right = flow.record_of(one), flow.record_of(other)
    if left is None or right is None or not depth or left.op != right.op:
        return False
    if len(left.given) != len(right.given) or left.kwargs or right.kwargs:
        return False
    return all(
        _same_call(flow, a, b, depth - 1)
        if a.__class__ is SymbolicTensor and b.__class__ is SymbolicTensor
        else isinstance(a, int | str | tuple | type(None)) and repr(a) == repr(b)
        for a, b in zip(left.given, right.given, strict=True)
    )


def _again(flow: Flow, root: Any, events: Sequence[Event], some: Sequence[int]) -> Doubt:
    record = events[0].record
    name = called(record)
    which = "state"
    if some:
        which = f"{'cell' if some[0] else 'hidden'} state"
    return Doubt(
        "state_dropped",
        record,
        f"begins every step at the same {which}: what it returns is dropped",
        (
            (f"{name} is called once for each step", record),
            (f"each call is given the same {which}", record),
            ("so a step knows nothing of those before it", record),
        ),
        tuple(_around(flow, events, root)),
        (
            Remedy(
                "assign the state that is returned, and give it to the next step", record.location
            ),
        ),
    )


def _around(flow: Flow, events: Sequence[Event], root: Any) -> Iterator[tuple[Place, str]]:
    """Where the state and the layer are made."""
    record = events[0].record
    for state in events[0].detail.states[:1]:
        made = flow.record_of(state)
        if made is not None:
            yield made, "the state that every step begins at"
    yield from made_at(root, record)


def swapped(flow: Flow, root: Any) -> Iterator[Doubt]:
    """(c, h) where (h, c) was meant."""
    for event in flow.events.get("rnn", []):
        states = event.detail.states
        if len(states) != 2:
            continue
        kinds = [flow.of(state).tags.get("state", ("",))[0] for state in states]
        if kinds == ["c", "h"]:
            name = called(event.record)
            origin = flow.of(states[0]).tags["state"][1]
            yield Doubt(
                "state_swapped",
                event.record,
                "is given (c, h): the hidden and the cell state have changed places",
                (
                    (f"{called(origin)} returns (h, c)", origin),
                    (f"{name} takes (h, c), and is given them the other way round", event.record),
                ),
                ((origin, "the states come from here"),),
                (Remedy("pass (h, c)", event.record.location),),
            )


def lower_layers(flow: Flow, root: Any) -> Iterator[Doubt]:
    """The state of a lower layer, or of one direction, where nothing reads the others."""
    for event in flow.events.get("rnn", []):
        call: Recurrence = event.detail
        rows = call.layers * call.directions
        if call.cell or rows == 1 or not call.after or id(call.out) in flow.used or call.packed:
            continue
        taken = [
            e
            for e in flow.events.get("select", [])
            if e.axis == 0 and any(e.record.given[0] is state for state in call.after)
        ]
        reads = sum(flow.used.get(id(state), 0) for state in call.after)
        if not taken or reads != len(taken) or not all(isinstance(e.detail, int) for e in taken):
            continue
        picked = {e.detail % rows for e in taken}
        top = set(range(rows - call.directions, rows))
        if picked & top == top or (call.directions == 1 and picked & top):
            continue
        lower = not picked & top
        what = "a lower layer" if lower else "one direction"
        rest = "the layers above it" if lower else "the other direction"
        name = called(event.record)
        last = taken[0].record
        index = "h_n[-1]" if call.directions == 1 else "both h_n[-2] and h_n[-1]"
        yield Doubt(
            "state_dropped",
            last,
            f"takes the state of {what} of {name}; nothing reads {rest}",
            (
                (f"a state of {name} has {rows} rows: {call.layers} layers in {call.directions}"
                 " directions, layer by layer", event.record),
                (f"row {', '.join(map(str, sorted(picked)))} is all that is read", last),
            ),
            ((event.record, f"{name} returns the state here"), *made_at(root, event.record)),
            (Remedy(f"take {index}", last.location),),
        )  # fmt: skip


def joined(flow: Flow, root: Any) -> Iterator[Doubt]:
    """The states of two directions put one behind the other along the batch."""
    for event in flow.events.get("states_joined", []):
        axis, made = event.known.axes[event.axis], event.known.tags["state"][1]
        batch = flow.role(axis.root, "batch")
        if batch is None or batch.record is not made or len(event.known.axes) != 2:
            continue
        yield Doubt(
            "wrong_axis",
            event.record,
            f"joins states along the batch, {words(flow, axis.root)}: its rows become twice as"
            " many, not its features",
            (
                (f"each is one state of {called(made)}: (batch, features)", made),
                (f"axis {event.axis} of them is the batch", event.record),
            ),
            ((made, f"{called(made)} returns the states here"),),
            (Remedy("join them along the features: dim=-1", event.record.location),),
        )


def without_use(flow: Flow, root: Any) -> Iterator[Doubt]:
    """Recurrent layers that nothing reads the results of."""
    for event in _first_of_each(flow.events.get("rnn", [])):
        call: Recurrence = event.detail
        if call.cell or call.out is None:
            continue
        same = [e.detail for e in flow.events["rnn"] if e.record.path == event.record.path]
        if any(id(tensor) in flow.used for one in same for tensor in (one.out, *one.after)):
            continue
        name = called(event.record)
        yield Doubt(
            "state_dropped",
            event.record,
            "runs for nothing: neither its outputs nor its state are read",
            (
                (f"{name} returns its outputs and its state", event.record),
                ("nothing reads either, so the result does not depend on them", event.record),
            ),
            (*_next_layers(flow, event), *made_at(root, event.record)),
            (Remedy("give its state to the layer that goes on from it", event.record.location),),
        )


def _next_layers(flow: Flow, event: Event) -> Iterator[tuple[Place, str]]:
    """The layers after one that were given no state."""
    for other in flow.events["rnn"]:
        if other.record.path != event.record.path and not other.detail.states:
            yield other.record, f"{called(other.record)} is given no state"


JUDGES = (joined, without_use, unread, not_advanced, swapped, lower_layers)
