"""Judges of entries that get out of their places: views, orders, padding, sorted batches."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any

from ...core.notation import format_shape
from ...trace.recorder import Record
from .arranging import view
from .axes import Known
from .doubt import Doubt, Place, Remedy, Reordered, axis_words, event_axis, made_at, words
from .flow import HANDLERS, Event, Flow, operands, run_tensors, short_name
from .layers import called


def torn_views(flow: Flow, root: Any) -> Iterator[Doubt]:
    """Views that stand in the place of a transposition."""
    events = flow.events.get("torn", [])
    shifts = _row_shifts(flow, events)
    for event in events:
        if event.record.node in shifts:
            continue
        order, sizes = event.detail
        known, record = event.known, event.record
        parts = [part for axis in known.axes for part in axis.parts]
        copies = [p.root.record for p in parts if p.root.kind == "copies"]
        if copies:
            yield _repeated(flow, record, copies[0])
            continue
        have = format_shape(tuple(axis.size for axis in known.axes))
        want = format_shape(tuple(sizes))
        axes = _axes_order(known, order)
        remedies: list[Remedy] = []
        if axes is not None:
            text = f"permute first: .permute{axes}.reshape{want}"
            edit = {f"@{record.node}": Reordered(axes)}
            remedies.append(Remedy(text, record.location, edit))
        elif order:
            factors = tuple(part.size for part in parts)
            text = f"view it as {format_shape(factors)}, then permute{order}, then reshape{want}"
            edit = {f"@{record.node}": Reordered(order, factors)}
            remedies.append(Remedy(text, record.location, edit))
        else:
            text = "keep the axes in their order in the view, and transpose after it"
            remedies.append(Remedy(text, record.location))
        meaning = "; ".join(
            f"axis {i} is {axis_words(flow, axis)}"
            for i, axis in enumerate(known.axes)
            if axis.parts
        )
        yield Doubt(
            "torn",
            record,
            f"views {have} as {want}, which mixes up the entries: a view transposes nothing",
            (
                (f"before it, {meaning}", record),
                (f"a view keeps the entries in their order, row by row, so in {want} they belong"
                 " to other places than the sizes say", record),
            ),
            tuple(_sources(flow, record)),
            tuple(remedies),
        )  # fmt: skip


_CUTS = frozenset("__getitem__ narrow pad cat contiguous".split())
"""What happens to rows between the two views that shift each of them by its place."""


def _row_shifts(flow: Flow, events: Sequence[Event]) -> set[str]:
    """The calls in which a torn view is cut, or made longer, and viewed back."""
    torn = {event.record.node: event for event in events}
    found: set[str] = set()
    for record in flow.run.records.values() if events else ():
        if HANDLERS.get(short_name(record.op)) is not view:
            continue
        made = flow.record_of(record.given[0])
        while made is not None and short_name(made.op) in _CUTS:
            tensor = next(operands(made), None)
            made = None if tensor is None else flow.record_of(tensor)
        event = torn.get(made.node) if made is not None else None
        if event is not None and event.record is not record:
            before, after = (axis.size for axis in event.known.axes), flow.shape(record.result)
            kept = [size == now for size, now in zip(before, after, strict=False)]
            if len(after) == len(event.known.axes) and kept.count(False) <= 1:
                found |= {event.record.node, record.node}
    return found


def _axes_order(known: Known, order: Sequence[int]) -> tuple[int, ...] | None:
    """An order of factors as one of axes, None where it takes axes apart."""
    owners = [i for i, axis in enumerate(known.axes) for _ in axis.parts]
    found: list[int] = []
    if any(k < j and owners[k] == owners[j] for j, k in pairwise(order)):
        return None
    for k in order:
        if not found or found[-1] != owners[k]:
            found.append(owners[k])
    if len(set(found)) != len(found) or not found:
        return None
    for i, axis in enumerate(known.axes):
        if not axis.parts:
            found.insert(0 if i == 0 else len(found), i)
    return tuple(found)


def _sources(flow: Flow, record: Record) -> Iterator[tuple[Place, str]]:
    for made in flow.makers(record):
        yield made, f"{called(made)} makes what is viewed"


def _repeated(flow: Flow, record: Record, copies: Record) -> Doubt:
    """repeat where repeat_interleave was meant."""
    return Doubt(
        "repeated",
        copies,
        "puts whole copies one behind another, but later they are read as copies of each row",
        (
            ("repeat gives a, b, a, b; repeat_interleave gives a, a, b, b", copies),
            ("here the copies of a row must stand side by side", record),
        ),
        ((record, "the copies are read in another order here"),),
        (Remedy("use repeat_interleave along that axis", copies.location),),
    )


def unlike_rows(flow: Flow, root: Any) -> Iterator[Doubt]:
    """Merged axes whose rows are in different orders."""
    for event in flow.events.get("rows", []):
        left, right = event.known.axes
        parts = (*left.parts, *right.parts)
        copies = [p.root.record for p in parts if p.root.kind == "copies"]
        if copies:
            yield _repeated(flow, event.record, copies[0])
            continue
        one, two = (" then ".join(p.root.words for p in a.parts) for a in (left, right))
        yield Doubt(
            "rows",
            event.record,
            f"meets rows in different orders: one by {one}, the other by {two}",
            (
                (f"the rows of one operand go through {one}", event.record),
                (f"those of the other go through {two}", event.record),
            ),
            tuple(
                (made, "rows are merged on the way from here") for made in flow.makers(event.record)
            ),
            (Remedy("transpose one of them before it is flattened", event.record.location),),
        )


# -- padding ---------------------------------------------------------------------------------------


def padding(flow: Flow, root: Any) -> Iterator[Doubt]:
    """Padded steps that are read like others."""
    lengths = _forgotten_lengths(flow)
    for event in flow.events.get("select", []):
        axis = event_axis(event)
        if event.detail != -1:
            continue
        if axis.marks.get("pad"):
            yield _padded(flow, event, axis.marks["pad"], "takes the last step")
        elif lengths and flow.role(axis.root, "time") and _is_output(event):
            found = [name for name, owner in lengths if event.known.find(owner)]
            if found:
                yield _unread(flow, event, found[0])
    for event in flow.events.get("reduce", []):
        name, _ = event.detail
        pad = event_axis(event).marks.get("pad")
        if not pad and lengths and name == "mean" and "tokens" in event.known.tags:
            found = [words for words, owner in lengths if event.known.find(owner)]
            if found and event_axis(event).root not in [owner for _, owner in lengths]:
                yield _unread(flow, event, found[0])
        if pad and name in ("mean", "max", "amax"):
            yield _padded(flow, event, pad, f"takes the {name.replace('amax', 'max')} of all steps")
    for event in (*flow.events.get("softmax", []), *flow.events.get("reduce", [])):
        for name, axes in _forgotten_masks(flow):
            if _pools(event) and event_axis(event).root in axes and event.known.find(axes[0]):
                yield _unread(flow, event, name)
    for event in flow.events.get("softmax", []):
        pad = event_axis(event).marks.get("pad")
        if pad:
            yield _padded(flow, event, pad, "gives weight to all steps")


def _pools(event: Event) -> bool:
    """Whether an event brings all steps together."""
    if isinstance(event.detail, tuple):
        return event.detail[0] in ("mean", "sum", "max", "amax")
    return event.known.axes[event.axis].root is not None


def _forgotten_masks(flow: Flow) -> list[tuple[str, list[Any]]]:
    """Inputs of one truth value for each step of each sequence that nothing reads."""
    found = []
    for tensor, known in flow.inputs:
        roots = [axis.root for axis in known.axes]
        if id(tensor) not in flow.used and len(roots) == 2 and None not in roots:
            if tensor.value is not None and tensor.value.dtype == "bool":
                found.append((tensor.value.words, roots))
    return found


def _is_output(event: Event) -> bool:
    """Whether a step of the features that a layer made is taken."""
    return any(p.root.kind == "feature" for axis in event.known.axes for p in axis.parts)


def _forgotten_lengths(flow: Flow) -> list[tuple[str, Any]]:
    """Inputs of one whole number for each sequence that nothing reads."""
    found = []
    for tensor, known in flow.inputs:
        if id(tensor) not in flow.used and len(known.axes) == 1 and known.axes[0].root is not None:
            if tensor.value.dtype == "int64":
                found.append((tensor.value.words, known.axes[0].root))
    return found


def _padded(flow: Flow, event: Event, pad: Record, does: str) -> Doubt:
    return Doubt(
        "padding",
        event.record,
        f"{does} along {words(flow, event_axis(event).root)}, which is padded: shorter sequences"
        " give their padding",
        (
            ("pad_packed_sequence fills the steps behind the end of a sequence", pad),
            ("here they are read like others", event.record),
        ),
        ((pad, "the steps are padded here"),),
        (
            Remedy(
                "use the final state h_n, or the step lengths - 1 of each sequence, or mask the"
                " padding",
                event.record.location,
            ),
        ),
    )


def _unread(flow: Flow, event: Event, name: str) -> Doubt:
    return Doubt(
        "padding",
        event.record,
        f"reads all sequences alike along {words(flow, event_axis(event).root)}, and {name} is"
        " never read: shorter ones give their padding",
        ((f"{name} tells the sequences' steps from padding, and nothing reads it", None),
         ("so the padding of shorter sequences is read here", event.record)),
        (),
        (Remedy(f"use {name} here: mask the padding, or take each sequence's own last step",
                event.record.location),),
    )  # fmt: skip


def truncated(flow: Flow, root: Any) -> Iterator[Doubt]:
    """Sequences that were made longer, packed by their old lengths."""
    for cut in flow.events.get("cut", []):
        for event in flow.events.get("pack", []):
            axis = event_axis(event)
            before = axis.marks.get("longer")
            if before is None or event.detail.tags.get("offset") != 0:
                continue
            if axis.root is None or event_axis(cut).root is not axis.root:
                continue
            yield Doubt(
                "truncated",
                event.record,
                f"packs sequences that were made longer by {before} by their old lengths: the last"
                f" {before} of each is lost",
                (
                    (f"{before} is put before each sequence", event.record),
                    ("the lengths are those of the input", event.record),
                    (f"behind it, the first {before} is cut off again", cut.record),
                ),
                ((cut.record, "the step that was put before is cut off here"),
                 *((m, "the sequences come from here") for m in flow.makers(event.record))),
                (Remedy(f"pack by lengths + {before}", event.record.location),),
            )  # fmt: skip


# -- sorted batches --------------------------------------------------------------------------------


def unsorted(flow: Flow, root: Any) -> Iterator[Doubt]:
    """Results in the order of their lengths."""
    packed = {
        sort
        for event in flow.events.get("pack", [])
        for sort in (event.detail.tags.get("sorted"), event.detail.axes[0].marks.get("order"))
        if event.detail.axes and sort is not None
    }
    if not packed:
        return
    for event in flow.events["pack"]:
        batch = event.known.axes[1 - event.axis].marks.get("order")
        lengths = event.detail.axes[0].marks.get("order")
        if batch is not lengths and not flow.fixed(event.detail):
            yield _in_order(flow, root, event.record, lengths or batch)
            return
    returned = {
        known.tags.get(w) for _, known in flow.results for w in ("perm", "inverse", "sorted")
    }
    for event in flow.events.get("unlike_order", []):
        if _sort(event.detail) in packed:
            yield _in_order(flow, root, event.record, event.detail)
    for tensor, known in flow.results:
        marks = [axis.marks.get("order") for axis in known.axes]
        order = next((m for m in marks if m is not None), None)
        if _sort(order) in packed and _sort(order) not in returned:
            record = flow.record_of(tensor)
            if record is not None:
                yield _in_order(flow, root, record, order)


def _sort(order: Any) -> Any:
    return order[1] if isinstance(order, tuple) else order


def _in_order(flow: Flow, root: Any, record: Record, order: Any) -> Doubt:
    """A result in an order that nobody undid."""
    twice, sort = isinstance(order, tuple), _sort(order)
    text = "the batch is still in the order of the lengths, and the inputs are not"
    if record.op.endswith("pack_padded_sequence"):
        text = "the lengths and the sequences are not in the same order"
    elif twice:
        text = "the order of the lengths is applied twice, not undone"
    related: list[tuple[Place, str]] = [(sort.record, "the lengths are sorted here")]
    related += [(made, "still in the sorted order") for made in flow.makers(record, 4)]
    return Doubt(
        "unsorted",
        record,
        text,
        (
            ("the batch is sorted by length here", sort.record),
            ("nothing puts its rows back before they leave", record),
        ),
        tuple(related),
        (
            Remedy(
                "put the rows back: index with the argsort of the order, or pack with "
                "enforce_sorted=False",
                record.location,
            ),
        ),
    )


JUDGES = (torn_views, unlike_rows, padding, truncated, unsorted)
__all__ = ["JUDGES", "made_at", "run_tensors"]
