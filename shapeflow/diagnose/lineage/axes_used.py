"""Judges of operations along one axis, and of axes that broadcasting brings together."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ...core.notation import format_shape
from ..origins import argument, definition
from .axes import Axis, Known, Root
from .doubt import Doubt, Place, Remedy, axis_words, event_axis, words
from .flow import Event, Flow
from .layers import called

_LAYERS = ("feature", "unsqueeze", "kept", "view")
"""How an axis of size 1 came to be that has this size whatever the input."""


def broadcasts(flow: Flow, root: Any) -> Iterator[Doubt]:
    """All pairs of one axis, by way of broadcasting; losses of two shapes."""
    for event in flow.events.get("outer", []):
        flat, i, at = event.detail
        tall, record = event.known, event.record
        axis = flat.axes[i]
        shapes = [format_shape(tuple(a.size for a in known.axes)) for known in (tall, flat)]
        yield Doubt(
            "outer",
            record,
            f"{shapes[0]} against {shapes[1]} gives every pair of {axis.size}, not one each",
            (
                (f"axis {event.axis} of the one is {axis_words(flow, tall.axes[event.axis])},"
                 f" and its axis {at} has size 1", record),
                (f"axis {i} of the other is {axis_words(flow, axis)} too", record),
                ("broadcasting lines axes up from the last", record),
            ),
            tuple((made, "an operand comes from here") for made in flow.makers(record, 3)),
            (Remedy("give both the same shape: squeeze(-1) the one or unsqueeze(-1) the other",
                    record.location),),
        )  # fmt: skip
    outer = {event.record.node for event in flow.events.get("outer", [])}
    for event in flow.events.get("loss", []):
        if event.record.node not in outer:
            yield _loss(flow, event)


def _loss(flow: Flow, event: Event) -> Doubt:
    record, target = event.record, event.detail
    shapes = [format_shape(tuple(a.size for a in k.axes)) for k in (event.known, target)]
    first = next(
        (i for i, (a, b) in enumerate(zip(reversed(event.known.axes), reversed(target.axes),
                                          strict=False), 1) if a.size != b.size),
        None,
    )  # fmt: skip
    related: list[tuple[Place, str]] = []
    for name, place in (("input", 0), ("target", 1)):
        tensor = argument(record, place, name)
        for made in flow.stretched(tensor, first):
            related.append((made, f"an axis of the {name} comes from here"))
    return Doubt(
        "outer",
        record,
        f"compares {shapes[0]} with {shapes[1]}: broadcasting repeats one of them",
        (
            (f"the input is {shapes[0]}", record),
            (f"the target is {shapes[1]}", record),
            ("a loss compares entry with entry, so both must have one shape", record),
        ),
        tuple(related),
        (Remedy("give input and target the same shape", record.location),),
    )


# -- along the wrong axis --------------------------------------------------------------------------


def softmaxes(flow: Flow, root: Any) -> Iterator[Doubt]:
    """Softmax along an axis that is not the one to share weights along."""
    events = flow.events.get("softmax", [])
    wide = {e.record.location for e in events if event_axis(e).parts}
    crossed = _crossed(flow)
    for event in events:
        axis = event_axis(event)
        reason = _wrong(flow, event, axis, wide) or crossed.get(event.record.node)
        if reason is not None:
            text, because, place = reason
            rank = len(event.known.axes)
            meaning = ", ".join(
                f"axis {i} {axis_words(flow, a)}" for i, a in enumerate(event.known.axes)
            )
            yield Doubt(
                "wrong_axis",
                event.record,
                f"normalises along axis {event.axis} of {rank}, {text}",
                ((f"its input has {meaning}", event.record), (because, place)),
                _related(flow, root, event),
                (Remedy("give dim the axis whose entries should share the weight",
                        event.record.location),),
            )  # fmt: skip


def _related(flow: Flow, root: Any, event: Event) -> tuple[tuple[Place, str], ...]:
    """Where the scores come from; where a module was made that the user may give the axis to."""
    found: list[tuple[Place, str]] = []
    if event.record.path and root is not None:
        location = definition(root, event.record.path)
        if location is not None:
            found.append((location, f"{event.record.path} is made here"))
    found += [(made, "the scores come from here") for made in flow.makers(event.record, 2)]
    return tuple(found)


def _wrong(flow: Flow, event: Event, axis: Axis, wide: set[Any]) -> tuple[str, str, Place] | None:
    """Why an axis is not the one for a softmax: the text, the reason, and its place."""
    record, known, root = event.record, event.known, axis.root
    if not axis.parts:
        if record.location in wide or axis.marks.get("one") not in _LAYERS:
            return None
        return "which has size 1, so every weight is 1", "the axis has one entry", record
    if root is None or len(known.axes) < 2 or len(known.find(root)) > 1:
        return None
    batch = flow.role(root, "batch")
    sequence = any(flow.role(root, name) for name in ("time", "steps", "space"))
    if batch is not None and not sequence:
        because = batch.words.replace("it", words(flow, root), 1)
        return f"the batch, {words(flow, root)}", because, batch.record
    if event.detail and len(known.axes) == 3 and event.axis == 0 and not sequence:
        because = "without dim, softmax takes axis 0 of three"
        return f"which is {words(flow, root)}", because, record
    if _is_left(flow, event):
        because = "nothing sums these weights, and the scores of each row are on the last axis"
        return f"which is {words(flow, root)}, not the scores", because, record
    return None


def _is_left(flow: Flow, event: Event) -> bool:
    """Whether class scores of a linear layer were normalised along another axis, for good."""
    known, root = event.known, event_axis(event).root
    last = known.axes[-1]
    if root is None or root.kind != "input" or event.axis == len(known.axes) - 1:
        return False
    if last.root is None or last.root.kind != "feature" or last.root.record.op != "F.linear":
        return False
    if event.record.node in flow.contracted:
        return False
    if len(known.axes) == 2 and any(flow.role(root, n) for n in ("time", "steps", "space")):
        return False
    return any(
        axis.marks.get("norm") is event for _, result in flow.results for axis in result.axes
    )


def _crossed(flow: Flow) -> dict[str, tuple[str, str, Place]]:
    """Softmaxes whose weights are summed along another axis only."""
    found: dict[str, tuple[str, str, Place]] = {}
    for event in flow.events.get("contract", []):
        summed = event_axis(event)
        if not summed.parts or summed.parts[0].root.kind != "input":
            continue
        for softmax in event.detail:
            root = event_axis(softmax).root
            if softmax.record.node in flow.contracted or root is None or root.kind != "input":
                continue
            text = f"{words(flow, root)}, but they are summed along another"
            because = f"the weights are summed along {axis_words(flow, summed)}"
            found[softmax.record.node] = (text, because, event.record)
    return found


def masks(flow: Flow, root: Any) -> Iterator[Doubt]:
    """Masks that say nothing about the axis that the softmax goes along."""
    for event in flow.events.get("unmasked", []):
        axis, (mask, along) = event_axis(event), event.detail
        same = [i for i in along if event.known.axes[i].root is axis.root]
        if axis.root is None or not same:
            continue
        yield Doubt(
            "wrong_axis",
            mask,
            f"masks axis {same[0]}, but the softmax after it goes along axis {event.axis}",
            (
                (f"both axes are {words(flow, axis.root)}, and the mask has size 1 along axis"
                 f" {event.axis}", mask),
                ("so it takes out whole rows, and no entry of the others", event.record),
            ),
            ((event.record, "the softmax"),),
            (Remedy(f"give the mask its axis at {event.axis}: unsqueeze another one",
                    mask.location),),
        )  # fmt: skip


def _only(flow: Flow, root: Root | None, name: str, other: str) -> bool:
    """Whether the axes of a root are read in one way and not in another."""
    return flow.role(root, name) is not None and flow.role(root, other) is None


def drawn_masks(flow: Flow, root: Any) -> Iterator[Doubt]:
    """Random masks that all examples share and that differ from step to step."""
    for event in flow.events.get("drawn", []):
        mask, other = event.detail.axes, event.known.axes
        if len(mask) != len(other) or len(other) < 3:
            continue
        shared = [a.root for a, b in zip(other, mask, strict=True) if a.parts and not b.parts]
        apart = [a.root for a, b in zip(other, mask, strict=True) if a.parts and b.parts]
        batch = next((root for root in shared if _only(flow, root, "batch", "time")), None)
        time = next((root for root in apart if _only(flow, root, "time", "batch")), None)
        if batch is None or time is None or not mask[-1].parts:
            continue
        made = event.detail.tags["drawn"]
        reads = flow.role(time, "time")
        assert reads is not None
        yield Doubt(
            "wrong_axis",
            made,
            f"draws a mask anew for each step, {words(flow, time)}, that all of the batch share",
            (
                (f"{called(reads.record)} goes along {words(flow, time)}", reads.record),
                (f"the mask has size 1 along the batch, {words(flow, batch)}", made),
                ("a mask that holds for a whole sequence has size 1 along the steps", made),
            ),
            ((event.record, "the mask is used here"),),
            (Remedy("draw it with size 1 along the steps", made.location),),
        )


def directions(flow: Flow, root: Any) -> Iterator[Doubt]:
    """normalize and cosine_similarity along the steps, argmax along the batch."""
    for event in flow.events.get("normalize", []):
        axis, known = event_axis(event), event.known
        unit = event.record.op.endswith("similarity") or argument(event.record, 1, "p", 2) in (
            2,
            None,
            "fro",
        )
        if (
            unit
            and axis.root is not None
            and axis.root.kind == "input"
            and _made_features(known, event)
        ):
            yield _along(flow, event, "the features of a layer are on another axis")
    for event in flow.events.get("channels", []):
        axis, last = event_axis(event), event.known.axes[-1]
        if axis.root is not None and axis.root.kind == "input" and last.root is not None:
            if last.root.kind == "feature":
                yield _along(flow, event, "the call takes this axis for the channels")
    for event in flow.events.get("reduce", []):
        axis = event_axis(event)
        batch = flow.role(axis.root, "batch") or flow.role(axis.root, "sample")
        if event.detail[0] not in ("argmax", "argmin") or axis.root is None:
            continue
        steps = any(flow.role(axis.root, n) for n in ("time", "steps", "space"))
        flat = len(event.known.axes) == 2 and event.axis == 0 and _is_batch(flow, axis)
        if steps or not (flat or (batch and batch.name == "batch")):
            continue
        if _made_features(event.known, event):
            yield _along(flow, event, "the scores of each row are on another axis")


def _made_features(known: Known, event: Event) -> bool:
    """Whether another axis holds the features that a layer made."""
    others = (axis for i, axis in enumerate(known.axes) if i != event.axis)
    return any(part.root.kind == "feature" for axis in others for part in axis.parts)


def _along(flow: Flow, event: Event, because: str) -> Doubt:
    axis = event_axis(event)
    return Doubt(
        "wrong_axis",
        event.record,
        f"goes along axis {event.axis}, which is {words(flow, axis.root)}, not the features",
        ((f"axis {event.axis} is {words(flow, axis.root)}", event.record), (because, event.record)),
        tuple((made, "its operand comes from here") for made in flow.makers(event.record)),
        (Remedy("give dim=-1, the features", event.record.location),),
    )


def squeezes(flow: Flow, root: Any) -> Iterator[Doubt]:
    """squeeze() where an axis of any size may be 1."""
    for event in flow.events.get("squeeze", []):
        axis = event_axis(event)
        if not _is_batch(flow, axis):
            continue
        places = tuple(i for i, a in enumerate(event.known.axes) if not a.parts)
        names = places[0] if len(places) == 1 else places
        yield Doubt(
            "squeeze",
            event.record,
            f"takes away every axis of size 1, so {words(flow, axis.root)} too where it is 1",
            (
                *((f"axis {i} has size 1 and is meant", event.record) for i in places[:1]),
                (f"axis {event.axis} is {words(flow, axis.root)}, which may be 1", event.record),
            ),
            (),
            (
                Remedy(
                    f"name what is meant: squeeze({names})" if places else "leave it out",
                    event.record.location,
                ),
            ),
        )


def _is_batch(flow: Flow, axis: Axis) -> bool:
    """Whether an axis is the first of an input, or read as the batch."""
    root = axis.root
    if root is None or root.kind != "input":
        return False
    if any(flow.role(root, name) for name in ("batch", "sample")):
        return True
    first = any(known.axes[:1] and known.axes[0].root is root for _, known in flow.inputs)
    return first and not flow.role(root, "time")


JUDGES = (broadcasts, softmaxes, masks, drawn_masks, directions, squeezes)
