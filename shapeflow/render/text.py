"""The report as text: like a compiler's, in lower case, one finding after the other."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from ..core.constraint import Constraint
from ..diagnose.diagnostic import SEVERITIES, Finding, Verdict
from ..report import Path, Report
from .lines import Line, clean, flat, paragraph, plain, snippet, table, whereabouts
from .signature import signature_lines, tree_text, unbracketed

if TYPE_CHECKING:
    from rich.console import Console

WIDTH = 100
MOST_PATHS = 8
MOST_PLACES = 4
RAISES = "SF101"  # what user code or torch raises by itself
STYLES = {
    "error": "bold red",
    "warning": "bold yellow",
    "note": "bold cyan",
    "good": "bold green",
    "head": "bold",
    "place": "cyan",
    "gutter": "blue",
    "faint": "dim",
}
"""What roles look like on a terminal; plain text has none of it."""

VERDICT_ROLES = {
    Verdict.VALID: "good",
    Verdict.CONDITIONAL: "warning",
    Verdict.UNSATISFIABLE: "error",
    Verdict.INCOMPLETE: "warning",
}


def to_text(report: Report) -> str:
    """The whole report as plain text; lines of code are never wrapped."""
    return plain(report_lines(report, WIDTH))


def to_short(report: Report) -> str:
    """One line for each finding, as editors read it: ``file:line:column: error SF204 message``."""
    return "\n".join(_short(report, finding) for finding in report.findings)


def to_terminal(report: Report, console: Console) -> None:
    """Prints the report in colours, as wide as the terminal."""
    from rich.text import Text

    for line in report_lines(report, min(console.width, WIDTH)):
        pieces = [(text, STYLES.get(role, "")) for text, role in line]
        console.print(Text.assemble(*pieces), soft_wrap=True, highlight=False)


def report_lines(report: Report, width: int) -> Iterator[Line]:
    """The lines of a report: findings, conditions, signature, notes, verdict."""
    for finding in report.findings:
        yield from _finding(finding, width)
        yield []
    sections = [
        _constraints("conditions", report.constraints, width),
        _constraints("given", report.facts, width),
        _ways(report, width),
    ]
    for section in sections:
        lines = list(section)
        yield from lines
        if lines:
            yield []
    if not report.summary:
        yield from _signature(report, width)
    for note in report.notes:
        yield from paragraph([("note: ", "note")], note, width)
    yield from paragraph(
        [(f"{report.verdict}: ", VERDICT_ROLES[report.verdict])], verdict_line(report), width
    )


def verdict_line(report: Report) -> str:
    """The verdict as a sentence of one line."""
    count = len(report.constraints)
    only = str(report.constraints[0]) if count == 1 else f"the {count} conditions above hold"
    if report.summary:
        words = report.summary
    elif report.verdict is Verdict.VALID:
        sizes = f"for every size of {_listed(report.symbols)}" if report.symbols else "as declared"
        facts = f" with {_listed(map(str, report.facts))}" if report.facts else ""
        words = f"runs {sizes}{facts}"
    elif report.verdict is Verdict.CONDITIONAL:
        words = f"runs only where {only}" if count else "runs for some sizes only"
    elif report.verdict is Verdict.UNSATISFIABLE:
        words = "runs for no sizes" if report.symbols else "does not run"
    else:
        words = "could not be analysed to the end"
    counted = _counted(report.findings)
    return f"{report.model or 'the model'} {words}{f' ({counted})' if counted else ''}"


def _counted(findings: Iterable[Finding]) -> str:
    severities = [finding.severity for finding in findings]
    numbers = [(severities.count(severity), severity) for severity in SEVERITIES]
    return ", ".join(f"{n} {severity}{'s' * (n > 1)}" for n, severity in numbers if n)


def _listed(words: Iterable[str]) -> str:
    *rest, last = words
    return f"{', '.join(rest)} and {last}" if rest else last


def _short(report: Report, finding: Finding) -> str:
    place = finding.location
    where = f"{place.file}:{place.line}:{place.column}" if place else report.model or "the model"
    return f"{clean(where)}: {finding.severity} {finding.code} {flat(finding.message)}"


def _finding(finding: Finding, width: int) -> Iterator[Line]:
    head = [(f"{finding.severity}[{finding.code}]", finding.severity), (" ", "")]
    yield from paragraph(head, finding.message, width, "head")
    place = finding.location
    if place is not None:
        yield [("  --> ", "gutter"), (clean(f"{place}:{place.column}"), "place")]
        yield from snippet(place, finding.severity)
    home = place.file if place else ""
    yield from _operands(finding, width)
    yield from _because(finding, home, width)
    yield from _example(finding, width)
    yield from _fixes(finding, home, width)
    yield from _related(finding, home, width)


def _fixes(finding: Finding, home: str, width: int) -> Iterator[Line]:
    """What helps, each with the source line where it is written."""
    shown = str(finding.location)
    for fix in finding.fixes:
        head = [("  fix (tried): " if fix.verified else "  fix: ", "good")]
        where = f" ({whereabouts(fix.location, home, WIDTH)})" if fix.location else ""
        yield from paragraph(head, fix.text + where, width)
        if fix.location is not None and str(fix.location) != shown and fix.location.text.strip():
            yield [("      | ", "gutter"), (clean(fix.location.text.strip()), "faint")]
            shown = str(fix.location)


def _operands(finding: Finding, width: int) -> Iterator[Line]:
    rows = [(finding.operation, finding.signature)] if finding.operation else []
    rows += finding.operands
    yield from table([(name, text, "") for name, text in rows], width, 2, "head")


def _because(finding: Finding, home: str, width: int) -> Iterator[Line]:
    core = [str(relation) for relation in finding.constraints if relation.kind != "never"]
    if finding.because:
        yield [("  because", "head")]
        steps = enumerate(finding.because, 1)
        rows = [(str(i), step.text, whereabouts(step.location, home)) for i, step in steps]
        yield from table(rows, width, role="faint")
    elif core:
        yield from paragraph([("  needs ", "head")], ", ".join(core), width)


def _example(finding: Finding, width: int) -> Iterator[Line]:
    sizes = ", ".join(f"{name}={size}" for name, size in finding.witness.items())
    if finding.pytorch_message:
        at = f"  at {sizes} " if sizes else "  "
        who = "running it says: " if finding.code == RAISES else "PyTorch says: "
        yield from paragraph([(f"{at}{who}", "head")], finding.pytorch_message, width)
    elif sizes:
        yield [("  fails at ", "head"), (sizes, "")]


def _related(finding: Finding, home: str, width: int) -> Iterator[Line]:
    """Other places, each once, with their source lines."""
    told = {(location.file, location.line, text): location for location, text in finding.related}
    shown = {str(fix.location) for fix in finding.fixes}
    rest = {key: place for key, place in told.items() if str(place) not in shown}
    for (_, _, text), location in list(rest.items())[:MOST_PLACES]:
        place = whereabouts(location, home, WIDTH)
        yield from paragraph([("  see ", "head"), (clean(place), "place"), (": ", "")], text, width)
        elsewhere = finding.location is None or str(location) != str(finding.location)
        if location.text.strip() and elsewhere:
            yield [("      | ", "gutter"), (clean(location.text.strip()), "faint")]


def _constraints(title: str, relations: tuple[Constraint, ...], width: int) -> Iterator[Line]:
    if not relations:
        return
    yield [(title, "head")]
    rows = []
    for relation in relations:
        origin = relation.origin
        place = whereabouts(origin.location) if origin else ""
        rows.append((str(relation), origin.because if origin else "", place))
    yield from table(rows, width, 2)


def _ways(report: Report, width: int) -> Iterator[Line]:
    """The ways through forward, where their results differ; trials of loops are notes."""
    paths = [path for path in report.paths if not path.instances]
    results = {tree_text(path.outputs) if path.outputs is not None else "" for path in paths}
    if len(paths) < 2 or len(results) < 2:
        return
    yield [("results", "head")]
    rows = [(_when(path), "-> " + _result(path), "") for path in paths[:MOST_PATHS]]
    yield from table(rows, width, 2)
    if len(paths) > MOST_PATHS:
        yield [(f"  and on {len(paths) - MOST_PATHS} more ways", "faint")]


def _when(path: Path) -> str:
    return " and ".join([*map(str, path.condition), *path.values]) or "else"


def _result(path: Path) -> str:
    return "raises" if path.outputs is None else unbracketed(path.outputs)


def _signature(report: Report, width: int) -> Iterator[Line]:
    head = [(f"{flat(report.model) or 'the model'}: ", "head")]
    for number, line in enumerate(signature_lines(report)):
        yield from paragraph(head if number == 0 else [("  ", "")], line, width)
