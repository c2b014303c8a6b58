"""Numbers for symbols at which relations hold, for calls that PyTorch is asked about."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from ..core.constraint import Constraint

FURTHEST = 24
"""Up to which number of a symbol a relation is sought to hold."""


def met(
    relations: Sequence[Constraint], start: Mapping[str, int], least: Mapping[str, int],
    kept: Collection[str] = (),
) -> dict[str, int] | None:  # fmt: skip
    """Numbers for symbols at which relations hold: each by changing one that leaves those before.

    Those of the ``kept`` ones stay as they are. None where that does not lead to all.
    """
    at = dict(start)
    for i, relation in enumerate(relations):
        if relation.at(at):
            continue
        tried = (
            {**at, name: number}
            for name in relation.symbols
            if name not in kept
            for number in range(least[name], FURTHEST)
        )
        so_far = relations[: i + 1]
        found = next((numbers for numbers in tried if all(r.at(numbers) for r in so_far)), None)
        if found is None:
            return None
        at = found
    return at


__all__ = ["met"]
