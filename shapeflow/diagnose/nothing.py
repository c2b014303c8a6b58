"""Calls that PyTorch refuses, but where an operand has no entries.

Much goes unchecked where there is nothing to compute, in each operation something else: dtypes,
axes, sizes. So where an operand may be empty, a call that is refused, or refused but where two
sizes are equal, is made at such sizes.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from ..core import constraint, dims
from ..core.constraint import Constraint
from ..core.dims import Size
from ..explore import Exploration, Way
from ..solve import Facts
from ..trace import Gap, Record
from ..trace.maker import Unplayable
from ..trace.replay import replay, tensors_in
from ..trace.targets import is_in_place
from ..trace.tensor import SymbolicTensor
from .numbers import met

STARTS = ((8, 8, 8, 8), (7, 9, 8, 6), (3, 4, 5, 2), (12, 6, 4, 10), (2, 2, 2, 2))
"""Numbers for the symbols of a call."""


def loosened(
    exploration: Exploration, facts: Sequence[Constraint], unbounded: Sequence[str]
) -> Exploration:
    """The ways, in which calls may be made with nothing where PyTorch says so."""
    ways = tuple(_loosened(way, facts, unbounded) for way in exploration.ways)
    return replace(exploration, ways=ways)


def _loosened(way: Way, facts: Sequence[Constraint], unbounded: Sequence[str]) -> Way:
    refused = [d for d in way.demands if d.kind in ("never", "equal")]
    if not refused:
        return way
    known = [*facts, *way.condition, *(d for d in way.demands if d.kind != "never")]
    demands, gaps = list(way.demands), list(way.run.gaps)
    settled = Facts(facts, unbounded)
    found: dict[tuple[str, Constraint | None], list[Constraint]] = {}
    for demand in refused:
        record = way.run.records.get(demand.origin.node) if demand.origin else None
        if record is None or _writes_into_the_users(record):
            continue
        broken = demand.negated() if demand.kind == "equal" else None
        key = record.node, broken
        if key not in found:
            others = [relation for relation in known if relation is not demand]
            found[key] = list(_empty(record, others, settled, broken))
        if options := found[key]:
            relation = constraint.any_of([demand, *options], demand.origin)
            demands[demands.index(demand)] = relation
            if any(t.value is None for t in tensors_in(record.result)):
                text = f"what {record.op} gives where {relation} is not known"
                gaps.append(Gap("rule", text, record.location, record.node))
    return replace(way, demands=tuple(demands), run=replace(way.run, gaps=tuple(gaps)))


def _writes_into_the_users(record: Record) -> bool:
    written = record.args[0] if record.args else None
    return is_in_place(record.op) and not isinstance(written, SymbolicTensor)


def _empty(
    record: Record, known: Sequence[Constraint], settled: Facts, broken: Constraint | None
) -> Iterator[Constraint]:
    """That sizes are 0, at which PyTorch accepts the call, also where a relation is broken."""
    tensors = tensors_in((record.args, dict(record.kwargs), record.result))
    sizes = list(dict.fromkeys(size for t in tensors for size in t.value or ()))
    names = sorted({name for size in sizes for name in dims.symbols_of(size)})
    spoken = [relation for relation in known if set(relation.symbols) <= set(names)]
    if broken is not None:
        spoken.append(broken)
    least = {name: int(name not in settled.unbounded) for name in names}
    for size in sizes:
        own = set(dims.symbols_of(size))
        if not own or settled.decide(constraint.at_least(size, 1)):
            continue
        zero = constraint.equal(size, 0)
        others = [d for d in sizes if not set(dims.symbols_of(d)) <= own]
        held: list[Mapping[str, int]] = []
        for start in STARTS:
            at = met((zero, *spoken), {n: start[i % 4] for i, n in enumerate(names)}, least)
            if at is None or at in held or not all(r.may_hold(at) for r in known):
                continue
            if all(_number(d, at) >= 0 for d in sizes):
                held.append(at)
        alone = [at for at in held if all(_number(d, at) for d in others)]
        trials = alone or held  # others may have to be 0 as well
        if trials and _goes_unchecked(record, trials, always=broken is not None):
            yield zero


def _number(size: Size, at: Mapping[str, int]) -> int:
    """A size in numbers; -1 where it has none."""
    try:
        return dims.evaluate(size, at)
    except (KeyError, ZeroDivisionError):
        return -1


def _goes_unchecked(
    record: Record, trials: Sequence[Mapping[str, int]], always: bool = False
) -> bool:
    """Whether PyTorch accepts the call at one of the sizes, and says the same at no two others; or
    ``always``."""
    messages = []
    for at in trials:
        try:
            messages.append(replay(record, at))
        except Unplayable:
            return False
    if always:
        return not any(messages)
    return None in messages and not any(m for m in messages if m and messages.count(m) > 1)


__all__ = ["loosened"]
