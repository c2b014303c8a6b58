"""Ways that differ in a condition only that makes no difference, brought together.

``if x.size(0) >= 64: x = x.contiguous()`` leads two ways to the same shapes under the same
demands: whoever reads the result need not tell them apart, and what is demanded holds without
the condition.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from ..core import constraint
from ..core.constraint import Constraint
from ..core.shape import with_sizes
from ..solve import Facts
from .way import Way


def united(ways: Sequence[Way]) -> tuple[Way, ...]:
    """The ways, those that agree as one, which stands where the first of them stood."""
    ways = [_settled(way) for way in ways] if len(ways) > 1 else ways
    groups: dict[Any, list[int]] = {}
    for i, way in enumerate(ways):
        groups.setdefault(_findings(way), []).append(i)
    found: dict[int, Way] = {}
    for places in groups.values():
        found.update(_joined({i: ways[i] for i in places}))
    return tuple(found[i] for i in sorted(found))


def _settled(way: Way) -> Way:
    """The way with results as its condition lets them be told: padded to even where H is even, they
    are those of H."""
    return replace(way, outputs=with_sizes(way.outputs, Facts(way.condition).settled))


def _joined(ways: Mapping[int, Way]) -> dict[int, Way]:
    """The ways of one group, joined as long as two of them make up a whole."""
    left = dict(ways)
    known: dict[frozenset[Any], int] = {}
    pending = sorted(left)
    while pending:
        i = pending.pop(0)
        own = frozenset(map(_plain, left[i].condition))
        for relation in own:
            j = known.get(own - {relation} | {_plain(relation.negated())})
            if j is None:
                continue
            first, second = sorted((i, j))
            known = {condition: k for condition, k in known.items() if k != j}
            shared = own - {relation}
            rest = tuple(c for c in left[first].condition if _plain(c) in shared)
            runs = (*left[first].others, left[second].run, *left[second].others)
            drawn = (*left[first].drawn, *left[second].drawn)
            left[first] = replace(left[first], condition=rest, others=runs, drawn=drawn)
            del left[second]
            pending.insert(0, first)
            break
        else:
            known[own] = i
    return left


def _plain(relation: Constraint) -> Constraint:
    """An inequality with all on one side, so that it is the negation of its negation."""
    if relation.kind != "at_least":
        return relation
    return constraint.at_least(relation.left - relation.right, 0)


def _findings(way: Way) -> Any:
    """All that is reported of a way, its condition apart."""
    run = way.run
    raised = run.raised
    return (
        _frozen(way.outputs),
        frozenset(way.demands),
        way.values,
        _frozen(way.instances),
        _frozen(way.loops),
        way.unfitted,
        run.gaps,
        run.whole,
        (raised.kind, raised.message, raised.location) if raised else None,
        tuple(value.dtype if value is not None else "" for _, value in run.leaves),
    )


def _frozen(tree: Any) -> Any:
    """A result structure as something to compare by; what may be anything is only itself."""
    if isinstance(tree, Mapping):
        return type(tree), tuple((key, _frozen(item)) for key, item in tree.items())
    if isinstance(tree, tuple | list):
        return type(tree), tuple(map(_frozen, tree))
    if hasattr(tree, "__hash__") and type(tree).__hash__ is not object.__hash__:
        return tree
    return type(tree), id(tree)


__all__ = ["united"]
