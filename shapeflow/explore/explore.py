"""All ways through a model: replays with decision prefixes, then instances merged again."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any


from ..core.constraint import Constraint, Location
from ..trace.run import Run, trace
from .merge import Branch, merged
from .oracle import Decision, PathOracle

PATHS = 64
SECONDS = 60.0


@dataclass(frozen=True)
class Way:
    """One way through ``forward``, loops generalised.

    Attributes:
        condition: relations between sizes that lead this way.
        values: branches on entries that it takes, in words.
        demands: what must hold on it.
        outputs: result structure with shapes; None where it raises or stays unknown.
        run: the run that stands for it.
        instances: sizes instantiated for loops, with the values tried.
        unfitted: whether instances could not be brought under one law.
        last: the decision that led here last, if one did.
    """

    condition: tuple[Constraint, ...]
    values: tuple[str, ...]
    demands: tuple[Constraint, ...]
    outputs: Any
    run: Run
    instances: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    unfitted: bool = False
    last: Decision | None = None


@dataclass(frozen=True)
class Exploration:
    """Every way that was explored; the first is the main one.

    Attributes:
        ways: the ways.
        spent: where the budget ran out, None where it did not.
        runs: how often ``forward`` ran.
    """

    ways: tuple[Way, ...]
    spent: Location | str | None
    runs: int


def explore(
    model: Any,
    arguments: tuple[Any, ...],
    keywords: Mapping[str, Any],
    facts: Iterable[Constraint],
    unbounded: Iterable[str] = (),
    *,
    paths: int = PATHS,
    seconds: float = SECONDS,
    changes: Mapping[str, Any] | None = None,
) -> Exploration:
    """Traces ``model`` under each way its branches and loops can go.

    Args:
        model: an ``nn.Module`` or a function.
        arguments, keywords: what it is called with; Values stand for tensors.
        facts: what was declared to hold.
        unbounded: symbols that may be 0.
        paths: how many runs at most.
        seconds: for how long at most; the first run always ends.
        changes: attributes of recurrent modules to assume, by module path.
    """
    facts, unbounded = tuple(facts), tuple(unbounded)
    pending: list[tuple[int, ...]] = [()]
    branches: list[Branch] = []
    spent: Location | str | None = None
    end = time.monotonic() + seconds
    while pending:
        if len(branches) >= paths or (branches and time.monotonic() > end):
            spent = _place(branches)
            break
        prefix = pending.pop(0)
        oracle = PathOracle(facts, unbounded, prefix)
        run = trace(model, arguments, keywords, oracle, changes)
        branches.append(Branch(run, tuple(oracle.decisions), dict(oracle.instances)))
        pending.extend(_siblings(oracle.decisions, len(prefix)))
    ways = tuple(way for group in _groups(branches) for way in _ways(group))
    return Exploration(ways, spent, len(branches))


def _siblings(decisions: Sequence[Decision], known: int) -> list[tuple[int, ...]]:
    """The prefixes that take another answer at each decision that is new in this run."""
    answers = [decision.answer for decision in decisions]
    return [
        (*answers[:i], other)
        for i, decision in enumerate(decisions)
        if i >= known
        for other in decision.others
    ]


def _place(branches: list[Branch]) -> Location | str:
    for decision in reversed(branches[-1].decisions):
        if decision.location is not None:
            return decision.location
    return "a branch"


def _groups(branches: list[Branch]) -> list[list[Branch]]:
    """Branches that differ in instances only, together."""
    groups: dict[Any, list[Branch]] = {}
    for branch in branches:
        groups.setdefault(branch.key, []).append(branch)
    return list(groups.values())


def _ways(group: list[Branch]) -> list[Way]:
    return [
        Way(
            part.condition,
            part.values,
            part.demands,
            part.outputs,
            part.branch.run,
            part.instances,
            part.unfitted,
            part.branch.last,
        )
        for part in merged(group)
    ]


__all__ = ["PATHS", "SECONDS", "Exploration", "Way", "explore"]
