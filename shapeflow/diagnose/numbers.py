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
    """Numbers for symbols at which relations hold, each by one that no other has changed yet.

    Those of the ``kept`` ones stay as they are.
    """
    at = dict(start)
    still = set(at) - set(kept)
    for relation in relations:
        if relation.at(at):
            continue
        for name in sorted(still & set(relation.symbols)):
            tried = ({**at, name: number} for number in range(least[name], FURTHEST))
            found = next((numbers for numbers in tried if relation.at(numbers)), None)
            if found is not None:
                at = found
                still -= set(relation.symbols)
                break
    return at if all(relation.at(at) for relation in relations) else None


__all__ = ["met"]
