"""From a model alone to its signature: kinds found by trials, sizes solved for and named."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from ..api import check
from ..core.dims import symbol
from ..core.errors import ShapeflowError
from ..core.shape import substitute
from ..diagnose.diagnostic import Verdict
from ..report import Report
from ..trace import forward_of, name_of_model
from .confirm import confirmed
from .kinds import LEFT_OUT, MOST_MORE, Slot, more_slots, slots
from .naming import named
from .search import Search
from .trial import Trial, arguments

SECONDS = 60.0
ALIKE = 1
"""How much more than the best an alternative may cost, see ``Trial.cost``."""
MOST = 6
"""How many alternatives are told at most."""


def infer_shapes(model: Any, *, seconds: float = SECONDS) -> Report:
    """Finds the most general input shapes that a model accepts.

    Every parameter of ``forward`` without a default is tried as a tensor of several ranks and
    dtypes, as a pair of tensors, and as a number; sizes are solved for. Arguments with the default
    None are left out in the answer, and given in its ``alternatives``, as are other ranks. What is
    found is run by PyTorch at three sizes.

    Args:
        model: an ``nn.Module`` or a function.
        seconds: for how long other inputs are looked for at most.

    Returns:
        The report of a check with the inputs that were found.

    Raises:
        ShapeflowError: no inputs were found; the sentence says how the nearest failed.
    """
    if not seconds > 0:
        raise ShapeflowError(f"seconds must be a number above 0, not {seconds!r}")
    search = Search(model, time.monotonic() + seconds)
    found = list(_found(model, search))
    reports = [report for trial in found for report in _reports(model, trial)]
    if not reports:
        raise ShapeflowError(
            f"no input shapes were found for {name_of_model(model)}: {_why(search)}"
        )
    first, *others = _distinct(reports)
    return replace(first, alternatives=tuple(others[:MOST]))


def _found(model: Any, search: Search) -> Iterator[Trial]:
    """What runs, the most general first, then with optional arguments given."""
    known, more = slots(forward_of(model))
    required = [slot for slot in known if not slot.optional]
    optional = [slot for slot in known if slot.optional]
    for count in range(0 if required or not more else 1, MOST_MORE + 1 if more else 1):
        own = [*required, *more_slots(count)] if count else required
        left_out = [Slot(slot.name, (LEFT_OUT,)) for slot in optional]
        found = search.best([*own, *left_out])
        if not found:
            found = search.best([*own, *optional])
        if found:
            break
    found = [trial for trial in found if trial.cost <= found[0].cost + ALIKE]
    yield from found
    for base in found[:2]:
        yield from search.given(base, _in_need(base, optional))


def _in_need(base: Trial, optional: Sequence[Slot]) -> list[Slot]:
    """The optional arguments that a trial does without."""
    return [slot for slot in optional if base.kinds[slot.name] is LEFT_OUT]


def _reports(model: Any, trial: Trial) -> Iterator[Report]:
    """The report of a check with named sizes, if PyTorch confirms it."""
    given, specs = arguments(trial.kinds)
    anonymous = check(model, *given, **specs)
    if anonymous.verdict is Verdict.UNSATISFIABLE:
        return
    wanted = named(trial, anonymous)
    report = check(model, *wanted.values()) if given else check(model, **wanted)
    agreed = confirmed(model, _as_signature(report), wanted, bool(given))
    if agreed is not None:
        yield agreed


def _as_signature(report: Report) -> Report:
    """The report with all conditions as notes: nobody declared the sizes that they speak of."""
    if report.verdict is not Verdict.CONDITIONAL:
        return report
    findings = [
        replace(finding, severity="note") if finding.severity == "error" else finding
        for finding in report.findings
    ]
    return replace(report, findings=tuple(findings))


def _distinct(reports: Sequence[Report]) -> list[Report]:
    """Reports whose inputs differ in more than dtypes and names."""
    seen: dict[str, Report] = {}
    for report in reports:
        names = {name: symbol(f"_{i}") for i, name in enumerate(report.symbols)}
        seen.setdefault(str(substitute(dict(report.inputs), names)), report)
    return list(seen.values())


def _why(search: Search) -> str:
    """How the nearest trial failed."""
    trial = search.nearest
    if trial is None:
        return "it takes no tensors"
    if trial.failed is not None:
        return trial.failed
    given, specs = arguments(trial.kinds)
    report = check(search.model, *given, **specs)
    return report.findings[0].message if report.findings else "no sizes were found that fit"


__all__ = ["infer_shapes"]
