"""The lineage of axes, and what it tells of code that runs and is wrong."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ...explore import Way, explore
from . import arranging, axes_used, choosing, entries, layers, maths, sequences, states
from .doubt import Doubt
from .flow import Flow

HANDLED = (arranging, choosing, layers, maths)
"""The modules whose import registers what follows the axes through operations."""
MOST_PATHS = 4
SECONDS = 2.0
"""How far a layer that does other things in training is explored."""
JUDGES = (*sequences.JUDGES, *entries.JUDGES, *axes_used.JUDGES, *states.JUDGES)


def doubts(way: Way, root: Any, changes: Mapping[str, Any]) -> Iterator[Doubt]:
    """What is doubtful on one way through a model.

    Args:
        way: the way, with what its run recorded.
        root: the model itself.
        changes: what a trial takes in the place of what it finds, see ``trace``.
    """
    flow = Flow(way, changes)
    flow.follow()
    if flow.events:
        for judge in JUDGES:
            yield from judge(flow, root)
    for layer, arguments, keywords in way.run.idle:
        found = explore(layer, arguments, keywords, (), paths=MOST_PATHS, seconds=SECONDS)
        for part in found.ways:
            inner = Flow(part, {}, flow)
            inner.follow()
            yield from axes_used.drawn_masks(inner, None)


__all__ = ["Doubt", "doubts"]
