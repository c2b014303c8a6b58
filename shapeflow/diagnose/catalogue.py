"""The catalogue of findings: every code with its reason, an example and a repair.

``SF1xx`` speaks of the model and its inputs, ``SF2xx`` of operations, ``SF3xx`` of conditions on
sizes, ``SF4xx`` of what could not be analysed, ``SF5xx`` of what runs and is probably wrong,
``SF6xx`` of saved weights and ``SF9xx`` of shapeflow itself. A code keeps its meaning for ever.
"""

from __future__ import annotations

from ..core.errors import ShapeflowError
from ..core.near import near_misses
from .codes import analysis, axes, entries, layers, sequences, tensors, weights
from .entry import Entry

__all__ = ["CODES", "Entry", "by_code", "by_slug"]

PARTS = (analysis, axes, entries, layers, sequences, tensors, weights)

CODES: dict[str, Entry] = {
    entry.code: entry
    for entry in sorted([e for part in PARTS for e in part.ENTRIES], key=lambda entry: entry.code)
}
"""All entries by code, in the order of their codes."""

_SLUGS = {entry.slug: entry for entry in CODES.values()}


def by_slug(slug: str) -> Entry:
    """The entry that rules call by this word; ShapeflowError for an unknown one."""
    if slug not in _SLUGS:
        raise ShapeflowError(f"no finding is called {slug!r}{near_misses(slug, _SLUGS)}")
    return _SLUGS[slug]


def by_code(code: str) -> Entry:
    """The entry of a code, in capitals or not; ShapeflowError for an unknown one."""
    if code.upper() not in CODES:
        raise ShapeflowError(f"there is no code {code!r}{near_misses(code, CODES)}")
    return CODES[code.upper()]
