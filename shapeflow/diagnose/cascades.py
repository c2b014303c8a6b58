"""What is done once everything is found: cascades are told once, and repairs are thought of."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import partial
from itertools import chain
from typing import Any

from ..core import dims
from ..core.constraint import Constraint
from ..explore import Way
from ..trace.nodes import behind
from ..trace.record import Record
from . import origins, wording
from .catalogue import by_slug
from .diagnostic import Finding
from .fixes import Repair
from .repairs.families import candidates
from .repairs.point import Candidate, Subject
from .repairs.results import of_exception
from .state import State
from .trail import trail, trail_of


def promote(state: State) -> None:
    """In a model that never runs: a view that splits its tensor evenly for a few sizes only is
    where PyTorch stops, and a size that is computed from that has no fault of its own."""
    for finding, demand, record in list(state.calls):
        records = state.faults[id(finding)][1].way.run.records
        computed = [t for _, t in origins.operands(record) if _is_computed(t.value, demand)]
        history = chain.from_iterable(origins.history(t, records) for t in computed)
        past = {made.node for made, _ in history if isinstance(made, Record)}
        for key, note in list(state.findings.items()):
            fault = state.faults.get(id(note), (note, None))[1]
            node = _node(fault.demand) if fault is not None else ""
            if fault is None or note.severity != "note" or node not in past:
                continue
            if note.code != by_slug("elements").code:
                continue
            error = state.findings[key] = replace(note, severity="error")
            state.faults[id(error)] = error, fault
            state.calls.append((error, fault.demand, fault.way.run.records[node]))
            _drop(state, finding)


def told_once(findings: Mapping[Any, Finding]) -> dict[Any, Finding]:
    """The findings without notes of what is an error at other sizes, too."""
    errors = {key[:-1] for key, f in findings.items() if f.severity == "error" and _is_key(key)}
    return {
        key: finding
        for key, finding in findings.items()
        if finding.severity != "note" or not _is_key(key) or key[:-1] not in errors
    }


def _is_key(key: Any) -> bool:
    return isinstance(key, tuple) and key[-1:] in (("note",), ("error",))


def _drop(state: State, finding: Finding) -> None:
    """Takes back what follows from another finding."""
    state.findings = {key: f for key, f in state.findings.items() if f is not finding}
    state.calls = [one for one in state.calls if one[0] is not finding]


def repairs(state: State) -> Iterator[Repair]:
    """For each error, what may help with it."""
    if state.brief:
        return
    for finding, demand, record in state.calls:
        way = state.faults[id(finding)][1].way
        found = partial(_of_call, state, finding, demand, record, way)
        operands = [tensor.node for _, tensor in origins.operands(record)]
        past = frozenset({record.node, *(node.name for node in behind(operands))})
        yield Repair(finding, state.world(way), found, past)
    for finding, way in state.exceptions:
        yield Repair(finding, state.world(way), partial(_of_exception, state, way))


def _of_call(
    state: State, finding: Finding, demand: Constraint, record: Record, way: Way
) -> Iterator[Candidate]:
    """Repairs for a requirement of a call."""
    world = state.world(way)
    found = trail(world, demand, record, wording.layer_of(record, state.root))
    demands = tuple(way.demands)
    return candidates(Subject(finding, demand, record, world, found, way.run.records, demands))


def _of_exception(state: State, way: Way) -> Iterator[Candidate]:
    """Repairs for a call that raises by itself."""
    raised, world = way.run.raised, state.world(way)
    assert raised is not None
    if raised.span is None:
        return iter(())
    return of_exception(world, raised, trail_of(world, raised.span, raised.path))


def _node(demand: Constraint) -> str:
    return demand.origin.node if demand.origin is not None else ""


def _is_computed(value: Any, demand: Constraint) -> bool:
    """Whether a size that a demand is about is computed from others, by a division."""
    sizes = [size for size in demand.sizes() if size in tuple(value or ())]
    return any(atom.args for size in sizes for atom in dims.atoms(size))
