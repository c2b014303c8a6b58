"""Minimal cores: the fewest relations that exclude a constraint."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from ..core.constraint import Constraint
from .facts import Facts
from .nearby import Nearby

MOST_CHECKS, FEW = 600, 30

Test = Callable[[Sequence[int]], bool]


def minimal(
    constraint: Constraint, among: Sequence[Constraint], unbounded: frozenset[str]
) -> tuple[Constraint, ...] | None:
    """A smallest part of ``among``, in order, that excludes the constraint; no member can go.

    None where ``among`` does not exclude the constraint in the first place.
    """
    checks = [MOST_CHECKS]

    def excludes(chosen: Sequence[int]) -> bool:
        checks[0] -= 1
        facts = Facts((among[i] for i in sorted(chosen)), unbounded)
        return not facts.consistent or facts.decide(constraint) is False

    if excludes(()):
        return ()
    near = _grown(constraint, among, excludes)
    if near is None:
        return None
    chosen = _explain([], near, False, lambda part: checks[0] > 0 and excludes(part))
    while len(chosen) < FEW:  # proofs may get easier with fewer relations: ask once more
        fewer = ([j for j in chosen if j != i] for i in chosen)
        smaller = next((rest for rest in fewer if excludes(rest)), None)
        if smaller is None:
            break
        chosen = smaller
    return tuple(among[i] for i in sorted(chosen))


def _grown(constraint: Constraint, among: Sequence[Constraint], excludes: Test) -> list[int] | None:
    """The relations within the fewest steps (by shared symbols) that exclude the constraint."""
    chosen: list[int] = []
    for ring in Nearby(among).rings(constraint.symbols):
        chosen += ring
        if excludes(chosen):
            return chosen
    everything = list(range(len(among)))
    return everything if excludes(everything) else None


def _explain(base: list[int], parts: list[int], grown: bool, excludes: Test) -> list[int]:
    """The members of ``parts`` needed beside ``base`` (Junker's QuickXplain)."""
    if grown and excludes(base):
        return []
    if len(parts) == 1:
        return parts
    half = len(parts) // 2
    first, second = parts[:half], parts[half:]
    needed = _explain(base + first, second, bool(first), excludes)
    return _explain(base + needed, first, bool(needed), excludes) + needed
