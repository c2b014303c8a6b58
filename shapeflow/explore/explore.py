"""All ways through a model: replays with decision prefixes, then instances merged again."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from ..core.constraint import Constraint, Location
from ..solve import Memory
from ..trace import Run, trace
from .branch import Branch, on_data
from .decision import Again, Decision, Stopped
from .joins import Joins
from .oracle import PathOracle
from .regions import Part, Regions
from .unite import united
from .way import Way

PATHS = 64
SECONDS = 60.0
JOIN_FROM = 3
"""From how many branches on their sides are looked at for where they come together again."""
ROUNDS = 8
"""How often further instances are asked for at most."""


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
    later: Sequence[tuple[tuple[Any, ...], Mapping[str, Any]]] = (),
) -> Exploration:
    """Traces ``model`` under each way its branches and loops can go.

    Args:
        model: an ``nn.Module`` or a function.
        arguments, keywords: what it is called with; Values stand for tensors.
        facts: what was declared to hold.
        unbounded: symbols that may be 0.
        paths: how many runs at most.
        seconds: for how long at most; the first run always ends.
        changes: what a trial takes in the place of what it finds, see ``trace``.
        later: what it is called with after that, see ``trace``.
    """
    explorer = _Explorer(model, arguments, keywords, tuple(facts), tuple(unbounded), changes or {})
    explorer.paths, explorer.end, explorer.later = paths, time.monotonic() + seconds, tuple(later)
    while True:
        try:
            return explorer.explore()
        except Again as again:
            explorer.places |= {again.place}


@dataclass
class _Explorer:
    """The runs so far."""

    model: Any
    arguments: tuple[Any, ...]
    keywords: Mapping[str, Any]
    facts: tuple[Constraint, ...]
    unbounded: tuple[str, ...]
    changes: Mapping[str, Any]
    paths: int = PATHS
    end: float = 0.0
    later: tuple[tuple[tuple[Any, ...], Mapping[str, Any]], ...] = ()
    places: frozenset[Any] = frozenset()
    branches: list[Branch] = field(default_factory=list)
    runs: dict[Any, Any] = field(default_factory=dict)
    spent: Location | str | None = None
    joins: Any = None
    memory: Memory = field(default_factory=Memory)

    def explore(self) -> Exploration:
        self.branches, self.spent = [], None
        self.joins = Joins(self.attempt, lambda: time.monotonic() > self.end)
        pending: list[tuple[int, ...]] = [()]
        parts: list[Part] = []
        for _ in range(ROUNDS):
            self.run_all(pending)
            wanted: dict[tuple[int, ...], None] = {}
            parts = list(self.merged(wanted))
            pending = list(wanted)
            if not pending or self.spent is not None:
                break
        if pending and self.spent is None:
            self.spent = _place(self.branches)
        return Exploration(united(list(map(_way, parts))), self.spent, len(self.branches))

    def run_all(self, pending: list[tuple[int, ...]]) -> None:
        """Runs along some prefixes, and along all that branch off."""
        while pending:
            if self.branches and (len(self.branches) >= self.paths or time.monotonic() > self.end):
                self.spent = _place(self.branches)
                return
            prefix = pending.pop(0)
            joining = bool(self.joins.joints)
            run, oracle = self.joins.run(prefix) if joining else self.attempt(prefix, None, False)
            new = len(oracle.decisions) > len(prefix)
            if not joining and new and _branches(oracle) >= JOIN_FROM:
                run, oracle = self.joins.run(prefix)
            assert run is not None
            self.branches.append(_branch(run, oracle))
            pending.extend(_siblings(oracle.decisions, len(prefix)))

    def attempt(
        self, prefix: tuple[int, ...], stop: int | None = None, watching: bool = True
    ) -> tuple[Run | None, PathOracle]:
        """One run along a prefix; none where it was stopped behind a decision."""
        joints = self.joins.joints
        known = self.facts, self.unbounded, prefix, self.places
        oracle = PathOracle(*known, joints, watching, stop, self.memory)
        run: Run | None = None
        try:
            given = self.model, self.arguments, self.keywords
            run = trace(*given, oracle, self.changes, self.runs, self.later)
        except Stopped:
            pass
        finally:
            oracle.watches.close()
        if oracle.again is not None:  # also where user code caught it
            raise oracle.again
        return run, oracle

    def merged(self, wanted: dict[tuple[int, ...], None]) -> Iterator[Part]:
        """The parts of all groups; the prefixes of further runs go into ``wanted``."""
        groups: dict[Any, list[Branch]] = {}
        for branch in self.branches:
            groups.setdefault(branch.key, []).append(branch)
        for group in groups.values():
            first = group[0]
            if not first.instances:
                yield Part(first, first.condition, first.run.demands, first.run.outputs)
                continue
            rivals = [b for b in self.branches if first.agrees(b)]
            regions = Regions(group, rivals, self.facts, self.unbounded)
            yield from regions.parts()
            wanted.update(regions.wanted)


def _branch(run: Run, oracle: PathOracle) -> Branch:
    return Branch(
        run,
        tuple(oracle.decisions),
        oracle.answers,
        tuple(oracle.bounds),
        oracle.instances,
        oracle.hints,
        frozenset(oracle.rough),
        {name: tuple(places) for name, places in oracle.taken.items()},
    )


def _branches(oracle: PathOracle) -> int:
    """How many branches on sizes a run met."""
    return sum(decision.kind == "size" for decision in oracle.decisions)


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


def _way(part: Part) -> Way:
    run = part.branch.run
    if part.gaps:
        run = replace(run, gaps=(*run.gaps, *part.gaps))
    told = [str(relation) for relation in part.condition if on_data(relation)]
    return Way(
        tuple(relation for relation in part.condition if not on_data(relation)),
        tuple(dict.fromkeys((*part.branch.values, *told))),
        part.demands,
        part.outputs,
        run,
        part.instances,
        part.unfitted,
        part.branch.last,
        tuple((branch.run, branch.instances) for branch in (part.branch, *part.others)),
        part.loops,
    )


__all__ = ["PATHS", "SECONDS", "Exploration", "Way", "explore"]
