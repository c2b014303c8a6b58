"""What was found, held against PyTorch at three sizes."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import replace
from itertools import islice
from typing import Any

from ..report import Report
from ..spec import read
from ..testing.against import compare, sizes_for
from ..testing.ask import Asked
from ..trace.state import unchanged

SIZES = 3
DRAWN = 40
"""How many sizes are drawn to find three that the report accepts."""


def confirmed(
    model: Any, report: Report, specs: Mapping[str, Any], positional: bool
) -> Report | None:
    """The report with a note of the sizes at which PyTorch agrees; None where it does not."""
    inputs = {name: read(spec, name) for name, spec in specs.items()}
    by_position = tuple(inputs) if positional else ()
    asked = Asked(model, inputs, report.inputs, by_position)
    drawn = sizes_for(report, DRAWN, random.Random(0))
    agreed = []
    with unchanged(model):
        for sizes in islice((s for s in drawn if report.accepts(**s)), SIZES):
            answer = asked.at(sizes)
            if not answer.accepted or any(compare(report, sizes, answer)):
                return None
            agreed.append(", ".join(f"{name}={size}" for name, size in sizes.items()))
    if not any(agreed):
        return report
    return replace(report, notes=(*report.notes, f"PyTorch agrees at {'; '.join(agreed)}"))


__all__ = ["confirmed"]
