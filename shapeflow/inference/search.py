"""The kinds of inputs that a model takes, found by trials that learn from failures."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from .kinds import LEFT_OUT, Slot, axes_of, lowered, structure_of
from .trial import Assignment, Trial, attempt

MANY = 3
"""More axes than these are tried around what runs for a single argument only."""
TRIALS = 400
"""How many trials are made at most."""

Nogood = frozenset[tuple[str, Any]]


@dataclass
class Search:
    """Trials so far, and which kinds cannot go together.

    Attributes:
        model: what is called.
        end: when the search is to stop, by ``time.monotonic``.
        trials: what came of each assignment.
        nogoods: kinds that fail together.
        nearest: the failed trial that made the most calls, for a message.
    """

    model: Any
    end: float
    trials: dict[Nogood, Trial] = field(default_factory=dict)
    nogoods: dict[Nogood, None] = field(default_factory=dict)
    nearest: Trial | None = None

    def spent(self) -> bool:
        """Whether the budget is used up; the first trials are always made."""
        return len(self.trials) >= TRIALS or (bool(self.trials) and time.monotonic() > self.end)

    def attempt(self, kinds: Assignment) -> Trial | None:
        """A trial, unless it is known to fail or the budget is used up; only if it runs."""
        key = frozenset(kinds.items())
        if key not in self.trials:
            if self.spent() or any(nogood <= key for nogood in self.nogoods):
                return None
            trial = self.trials[key] = attempt(self.model, kinds)
            if trial.good is None:
                if self.nearest is None or trial.reach > self.nearest.reach:
                    self.nearest = trial
                self.nogoods.update(dict.fromkeys(trial.nogoods()))
        trial = self.trials[key]
        return trial if trial.good is not None else None

    def first(self, slots: Sequence[Slot]) -> Trial | None:
        """The first assignment, in the order of the kinds, that runs."""
        while True:
            kinds = self.consistent(slots)
            if kinds is None or self.spent():
                return None
            trial = self.attempt(kinds)
            if trial is not None:
                return trial

    def consistent(self, slots: Sequence[Slot]) -> dict[str, Any] | None:
        """The first assignment that holds no nogood."""
        chosen: dict[str, Any] = {}
        names = {slot.name for slot in slots}
        by_last: dict[str, list[Nogood]] = {name: [] for name in names}
        order = {slot.name: i for i, slot in enumerate(slots)}
        for nogood in self.nogoods:
            if all(name in names for name, _ in nogood) and nogood:
                last = max((name for name, _ in nogood), key=order.__getitem__)
                by_last[last].append(nogood)

        def extend(i: int) -> bool:
            if i == len(slots):
                return True
            slot = slots[i]
            for kind in slot.kinds:
                chosen[slot.name] = kind
                now = frozenset(chosen.items())
                if not any(nogood <= now for nogood in by_last[slot.name]) and extend(i + 1):
                    return True
                del chosen[slot.name]
            return False

        return chosen if extend(0) else None

    def around(self, trial: Trial, slots: Sequence[Slot]) -> Iterator[Trial]:
        """Assignments that run and differ from one in a single slot, or by an axis throughout.

        Many axes are tried for a single argument only: among several, ranks that differ broadcast
        in ways that nobody wants, and that take long to solve. So do the parts of a pair, which
        has one rank. Where layers are given single samples, one axis more makes a batch of them.
        """
        most = MANY if len([s for s in slots if len(s.kinds) > 1]) > 1 else 99
        for slot in slots:
            batched = axes_of(trial.kinds[slot.name]) + 1 if trial.unbatched else 0
            nested = {structure_of(trial.kinds[slot.name])} - {""}
            for kind in slot.kinds:
                many = axes_of(kind) > max(most, batched)
                if kind is LEFT_OUT or many or structure_of(kind) in nested:
                    continue
                if kind != trial.kinds[slot.name]:
                    other = self.attempt({**trial.kinds, slot.name: kind})
                    if other is not None:
                        nested |= {structure_of(kind)} - {""}
                        yield other
        down = {name: lowered(kind) for name, kind in trial.kinds.items()}
        if None not in down.values():
            other = self.attempt(down)
            if other is not None:
                yield other

    def best(self, slots: Sequence[Slot]) -> list[Trial]:
        """Assignments that run: the one with the fewest conditions, then others like it."""
        first = self.first(slots)
        if first is None:
            return []
        found = {id(first): first}
        for _ in range(2):
            start = min(found.values(), key=lambda trial: trial.cost)
            found.update((id(trial), trial) for trial in self.around(start, slots))
        order = {slot.name: {kind: i for i, kind in enumerate(slot.kinds)} for slot in slots}

        def rank(trial: Trial) -> tuple[int, int, int]:
            places = sum(order[name].get(kind, 0) for name, kind in trial.kinds.items())
            return trial.cost, -trial.spare, places

        return sorted(found.values(), key=rank)

    def given(self, base: Trial, slots: Sequence[Slot]) -> Iterator[Trial]:
        """Trials that also give optional arguments, each of them in one at least."""
        covered: set[str] = set()
        for slot in slots:
            if slot.name in covered:
                continue
            own_names = {other.name for other in slots}
            fixed = [
                Slot(name, (kind,)) for name, kind in base.kinds.items() if name not in own_names
            ]
            own = Slot(slot.name, tuple(k for k in slot.kinds if k is not LEFT_OUT))
            rest = [other for other in slots if other is not slot]
            trials = self.best([*fixed, *rest, own])
            used = [trial for trial in trials if trial.uses(slot.name)]
            if used:
                names = [s.name for s in slots if used[0].kinds[s.name] is not LEFT_OUT]
                covered.update(names)
                yield used[0]


__all__ = ["Search"]
