"""One way through ``forward``, as it is reported."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ..core.constraint import Constraint, Location
from ..trace import Run
from .decision import Decision


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
        drawn: the run with the numbers of its instance, then further runs under the same law.
        loops: for symbols about which all numbers are settled by induction: where the loops are.
        others: runs that came to the same under other conditions.
    """

    condition: tuple[Constraint, ...]
    values: tuple[str, ...]
    demands: tuple[Constraint, ...]
    outputs: Any
    run: Run
    instances: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    unfitted: bool = False
    last: Decision | None = None
    drawn: tuple[tuple[Run, Mapping[str, int]], ...] = ()
    loops: Mapping[str, tuple[Location, ...]] = field(default_factory=dict)
    others: tuple[Run, ...] = ()


__all__ = ["Way"]
