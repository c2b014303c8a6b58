"""The findings as commands that GitHub turns into annotations of a change."""

from __future__ import annotations

import os
from pathlib import Path

from ..core.constraint import Location
from ..diagnose.diagnostic import Finding
from ..report import Report
from .lines import underlined
from .sarif import message

COMMANDS = {"error": "error", "warning": "warning", "note": "notice"}


def to_github(report: Report) -> str:
    """One line for each finding: ``::error file=net.py,line=31,...,title=SF204::message``."""
    return "\n".join(_annotation(finding) for finding in report.findings)


def _annotation(finding: Finding) -> str:
    properties = _place(finding.location) if finding.location else {}
    properties["title"] = finding.code
    listed = ",".join(f"{name}={_property(value)}" for name, value in properties.items())
    return f"::{COMMANDS[finding.severity]} {listed}::{_data(message(finding))}"


def _place(location: Location) -> dict[str, str]:
    """GitHub takes columns only where a place lies on one line."""
    path = Path(location.file)
    if path.is_absolute() and path.is_relative_to(os.getcwd()):
        path = path.relative_to(os.getcwd())
    place = {"file": path.as_posix(), "line": str(location.line)}
    if location.end_line not in (0, location.line):
        return place | {"endLine": str(location.end_line)}
    if location.text.strip():
        start, end = underlined(location)
        place |= {"col": str(start + 1), "endColumn": str(end + 1)}
    else:
        place["col"] = str(location.column)
    return place


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
