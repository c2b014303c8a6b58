"""The reports for ``...`` at several ranks, as one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from .diagnose.catalogue import by_slug
from .diagnose.diagnostic import SEVERITIES, Finding, Verdict
from .report import Report

USUAL = 2
"""How many axes ``...`` stands for in the report that is shown, where that many are accepted."""
WORST = (Verdict.INCOMPLETE, Verdict.CONDITIONAL, Verdict.VALID)


def over_ranks(reports: Mapping[int, Report], words: str, fixed: int) -> Report:
    """One report for all numbers of leading axes.

    Args:
        reports: by how many axes ``...`` stands for.
        words: the input with ``...``, the first one of several.
        fixed: how many axes that input has besides.

    Returns:
        The report of one number of axes that is accepted, the one with the most to tell; with a
        finding where other numbers are refused.
    """
    refused = [n for n, report in reports.items() if report.verdict is Verdict.UNSATISFIABLE]
    accepted = [n for n in reports if n not in refused]
    shown = min(accepted or refused, key=lambda n: (_mildness(reports[n]), abs(n - USUAL)))
    report = reports[shown]
    note = f"checked for {words} of {_listed([n + fixed for n in reports])} axes"
    note += f"; what is shown is for {shown + fixed}"
    report = replace(report, notes=(*report.notes, note))
    if not refused or not accepted:
        return report
    first = next((f for f in reports[refused[0]].findings if f.severity == "error"), None)
    told = _refusal(words, [n + fixed for n in accepted], [n + fixed for n in refused], first)
    findings = sorted((*report.findings, told), key=lambda f: SEVERITIES.index(f.severity))
    verdict = min(report.verdict, Verdict.CONDITIONAL, key=WORST.index)
    return replace(report, verdict=verdict, findings=tuple(findings))


def _mildness(report: Report) -> tuple[int, int]:
    order = (*WORST, Verdict.UNSATISFIABLE)
    return order.index(report.verdict), -len(report.findings)


def _refusal(
    words: str, accepted: Sequence[int], refused: Sequence[int], first: Finding | None
) -> Finding:
    why = f": {first.message}" if first is not None else ""
    axes = "axis" if accepted == [1] else "axes"
    text = f"{words} may have {_listed(accepted, 'or')} {axes}, not {_listed(refused, 'or')}{why}"
    if first is None:
        return Finding(by_slug("rank").code, "note", text)
    return replace(first, severity="note", message=text, fixes=())


def _listed(numbers: Sequence[int], word: str = "and") -> str:
    """``1, 2 and 5``; three or more in a row as ``1 to 5``."""
    if len(numbers) > 2 and list(numbers) == list(range(numbers[0], numbers[-1] + 1)):
        return f"{numbers[0]} to {numbers[-1]}"
    *rest, last = map(str, numbers)
    return f"{', '.join(rest)} {word} {last}" if rest else last
