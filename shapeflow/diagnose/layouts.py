"""How tensors lie where an axis has one entry: there PyTorch is asked.

Rules speak of strides in the general case, in which no size is 1. What was expanded, indexed or
viewed lies otherwise where one is, and so does what is made of it. Calls that strides decide on
are made for real at such sizes, with the calls that their operands come from.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import chain, combinations, cycle
from typing import Any

from ..core.constraint import Constraint
from ..explore import Exploration, Way
from ..trace import Gap, Run
from ..trace.again import Line, looks, nodes_of
from ..trace.maker import Unplayable
from .numbers import met

SIZES = (4, 3, 5, 7, 6)
"""Numbers for the symbols that are not 1."""
OF_LAYOUT = ("memory location", "stride", "storage")
"""Words of refusals for how tensors lie; others may be for the entries, all of which are 0."""


def tried(exploration: Exploration, facts: Sequence[Constraint]) -> Exploration:
    """The ways, requirements about which PyTorch says something else replaced by a note."""
    ways = tuple(_tried(way, facts) for way in exploration.ways)
    return replace(exploration, ways=ways)


def _tried(way: Way, facts: Sequence[Constraint]) -> Way:
    unknown = {gap.node for gap in way.run.gaps if gap.kind == "memory"}
    if unknown:
        way = replace(way, demands=tuple(d for d in way.demands if not _of_layout(d, unknown)))
    found = dict(_doubts(way, facts))
    if not found:
        return way
    demands = tuple(d for d in way.demands if _place(way.run, d) not in found)
    gaps = (*way.run.gaps, *found.values())
    return replace(way, demands=demands, run=replace(way.run, gaps=gaps))


def _of_layout(demand: Constraint, unknown: Collection[str]) -> bool:
    """Whether a requirement is about how the operands of one of these calls lie."""
    origin = demand.origin
    return origin is not None and origin.code == "layout" and origin.node in unknown


def _place(run: Run, demand: Constraint) -> Any:
    """The call that a requirement is about, the same in all runs."""
    record = run.records.get(demand.origin.node) if demand.origin else None
    return None if record is None else (record.op, record.location)


def _doubts(way: Way, facts: Sequence[Constraint]) -> Iterator[tuple[Any, Gap]]:
    """Calls about which PyTorch says something else at sizes of 1 than the requirements do."""
    drawn: Sequence[tuple[Run, Mapping[str, int]]] = way.drawn or [(way.run, {})]
    for run, numbers in drawn:
        if run not in (way.run, drawn[-1][0]) and 1 not in numbers.values():
            continue
        records = [r for r in run.records.values() if looks(r)]
        nodes = nodes_of(run) if records else {}
        for record in records:
            line = Line(run, nodes, record)
            if line.is_doubtful():
                for gap in _differences(run, line, (*facts, *way.condition), numbers):
                    yield (record.op, record.location), gap


def _differences(
    run: Run, line: Line, facts: Sequence[Constraint], numbers: Mapping[str, int]
) -> Iterator[Gap]:
    """Where PyTorch says something else, the first such sizes."""
    own = [d for d in run.demands if d.origin and d.origin.node == line.record.node]
    earlier = [d for d in run.demands if d not in own]
    known = (*facts, *earlier)
    for sizes in _trials(line, known, own, numbers):
        if not all(set(relation.symbols) <= set(sizes) for relation in own):
            continue
        try:
            message = line.message(sizes)
        except Unplayable:
            continue
        of_layout = message is None or any(word in message for word in OF_LAYOUT)
        if of_layout and (message is None) != all(relation.at(sizes) for relation in own):
            said = "accepts it" if message is None else f"says: {message}"
            where = ", ".join(f"{name} = {size}" for name, size in sizes.items())
            text = f"{line.record.op}: at {where} PyTorch {said}"
            yield Gap("memory", text, line.record.location, line.record.node)
            return


def _trials(
    line: Line, known: Sequence[Constraint], own: Sequence[Constraint], numbers: Mapping[str, int]
) -> Iterator[dict[str, int]]:
    """Sizes with ones among them, and some without, at which may hold what is known.

    They are also sought where the call's own requirements hold, and at last where a copy is a view.
    The run has ``numbers`` of its own.
    """
    free = {name: narrow for name, narrow in line.narrowing().items() if name not in numbers}
    least = dict.fromkeys((*free, *numbers), 1)
    seen: list[dict[str, int]] = []
    wishes = [
        (start, kept, wanted)
        for start, kept in _starts(free)
        for wanted in ((*known,), (*known, *own))
    ]
    even = dict.fromkeys(free, SIZES[0])
    wishes += [(even, (), (e, *known)) for e in line.equations() if len(e.symbols) > 1]
    for start, kept, wanted in wishes:
        spoken = [relation for relation in wanted if set(relation.symbols) <= set(least)]
        sizes = met(spoken, {**start, **numbers}, least, (*kept, *numbers))
        if sizes is None or sizes in seen:
            continue
        seen.append(sizes)
        if all(relation.may_hold(sizes) for relation in known):
            yield sizes


def _starts(
    narrowing: Mapping[str, Sequence[int]],
) -> Iterator[tuple[dict[str, int], tuple[str, ...]]]:
    """Numbers that make sizes 1, others beside them, equal ones, and which of them are to stay."""
    names = list(narrowing)
    others = dict(zip(names, cycle(SIZES), strict=False))
    narrow = [{name: narrowing[name][i] for name in names} for i in (0, -1)]
    for ones in narrow[: 1 + (narrow[0] != narrow[1])]:
        yield ones, ()
        pairs = combinations(names, 2) if len(names) <= len(SIZES) else ()
        for few in chain(combinations(names, 1), pairs):
            if len(few) + 1 < len(names):
                yield {**ones, **{name: others[name] for name in few}}, few
    large = {name: 2 * number + 1 for name, number in others.items()}
    for rest in (others, large):
        for name in names:
            for number in narrowing[name]:
                yield {**rest, name: number}, (name,)
        yield rest, ()
    yield dict.fromkeys(names, SIZES[0]), ()


__all__ = ["tried"]
