"""Warnings: code that runs and is probably wrong, told from the lineage of its axes."""

from __future__ import annotations

import linecache
import os
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from ..core.constraint import Location
from ..core.errors import ShapeflowError
from ..explore import Way
from . import origins, wording
from .catalogue import by_code, by_slug
from .diagnostic import Finding, Fix, Reason
from .lineage import Doubt, doubts
from .lineage.doubt import place

MOST_TRIES = 4
MOST_RELATED = 8
WARNING = "SF5"
"""How the codes of warnings begin."""

_COMMENT = re.compile(r"#\s*shapeflow:\s*ignore(?:\[([^\]]*)\])?")

Found = tuple[Finding, Doubt]
Attempt = Callable[[Mapping[str, Any]], Sequence[Finding]]
"""Analyses the model again under changes and gives its errors and warnings."""


def warned(
    ways: Sequence[Way], root: Any, ignored: Iterable[str] = (), changes: Mapping[str, Any] = {}
) -> list[Found]:
    """The warnings of all ways, each once, in program order.

    Args:
        ways: the ways through the model.
        root: the model itself.
        ignored: the codes that are not asked for.
        changes: what a trial takes in the place of what it finds.
    """
    found: dict[Any, Found] = {}
    off = frozenset(ignored)
    for way in ways:
        if way.run.raised is not None:
            continue
        order = {node: i for i, node in enumerate(way.run.records)}
        told = sorted(doubts(way, root, changes), key=lambda d: order.get(d.record.node, 0))
        for doubt in told:
            location = doubt.record.location
            key = doubt.slug, location
            code = by_slug(doubt.slug).code
            if key in found:
                finding, first = found[key]
                found[key] = finding, _both(first, doubt)
            elif code not in off and not is_switched_off(location, code):
                found[key] = _finding(doubt, code, root), doubt
    return list(found.values())


def _both(first: Doubt, second: Doubt) -> Doubt:
    """A doubt that was met again at the same place, as in a loop: a trial changes both calls."""
    if len(first.remedies) != len(second.remedies):
        return first
    remedies = [
        replace(one, changes={**one.changes, **other.changes})
        if one.changes is not None and other.changes is not None
        else one
        for one, other in zip(first.remedies, second.remedies, strict=True)
    ]
    return replace(first, remedies=tuple(remedies))


def _finding(doubt: Doubt, code: str, root: Any) -> Finding:
    """A doubt as a person reads it."""
    record = doubt.record
    related: dict[Location, str] = {}
    lines = {str(record.location)}
    for where, text in doubt.related:
        location = place(where)
        if location is not None and str(location) not in lines and len(related) < MOST_RELATED:
            lines.add(str(location))
            related[location] = text
    shapes = [(name, origins.shape_text(t.value)) for name, t in origins.operands(record)]
    return Finding(
        code,
        "warning",
        f"{wording.subject(record, root)}: {doubt.text}",
        record.location,
        tuple(related.items()),
        tuple(Reason(text, place(where)) for text, where in doubt.because),
        fixes=tuple(Fix(r.text, r.location) for r in doubt.remedies),
        operation=record.op,
        signature=record.signature,
        operands=tuple(shapes),
    )


def with_remedies(
    found: Sequence[Found], before: Sequence[Finding], attempt: Attempt
) -> Iterator[Finding]:
    """The warnings, their fixes tried where they can be."""
    known = {_mark(f) for f in before} | {_mark(finding) for finding, _ in found}
    for i, (finding, doubt) in enumerate(found):
        fixes = []
        for remedy in doubt.remedies:
            verified = False
            if remedy.changes is not None and i < MOST_TRIES:
                after = {_mark(f) for f in attempt(remedy.changes)}
                verified = _mark(finding) not in after and after <= known
            fixes.append(Fix(remedy.text, remedy.location, verified))
        yield _fixed(finding, fixes)


def _fixed(finding: Finding, fixes: Sequence[Fix]) -> Finding:
    return replace(finding, fixes=tuple(sorted(fixes, key=lambda fix: not fix.verified)))


def _mark(finding: Finding) -> Any:
    return finding.code, finding.severity, finding.location


# -- switching off ---------------------------------------------------------------------------------


def codes_of(ignore: Any) -> tuple[str, ...]:
    """The codes of warnings that a call switches off.

    Raises:
        ShapeflowError: one is no code, or none of a warning.
    """
    names = (ignore,) if isinstance(ignore, str) else ignore
    if not isinstance(names, Iterable):
        raise ShapeflowError(f"ignore takes codes such as 'SF501', not {names!r}")
    found = []
    for name in names:
        if not isinstance(name, str):
            raise ShapeflowError(f"ignore takes codes such as 'SF501', not {name!r}")
        code = by_code(name).code
        if not code.startswith(WARNING):
            raise ShapeflowError(f"only warnings can be ignored, and {code} is none")
        found.append(code)
    return tuple(found)


def is_switched_off(location: Location | None, code: str) -> bool:
    """Whether a comment at a place says that a warning is not wanted there."""
    if location is None:
        return False
    file = os.path.abspath(location.file)
    for number in range(location.line, max(location.line, location.end_line) + 1):
        match = _COMMENT.search(linecache.getline(file, number))
        if match and (match[1] is None or code in re.split(r"[\s,]+", match[1].upper())):
            return True
    return False


__all__ = ["codes_of", "is_switched_off", "warned", "with_remedies"]
