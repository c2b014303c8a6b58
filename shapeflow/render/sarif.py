"""The findings as a SARIF 2.1.0 log, which code hosts and editors read."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path, PurePath
from typing import Any, Protocol
from urllib.parse import quote

from ..core.constraint import Location
from ..core.version import version
from ..diagnose.diagnostic import Finding, Verdict
from ..report import Report
from .lines import underlined

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"


class Rule(Protocol):
    """What is said of a code: an entry of the catalogue is one."""

    @property
    def title(self) -> str:
        """What is the matter, in one line."""

    @property
    def why(self) -> str:
        """What is demanded, and where that is documented."""


def to_sarif(report: Report, rules: Mapping[str, Rule] | None = None) -> str:
    """The findings as JSON text, indented, in ASCII.

    Args:
        report: what was found.
        rules: what is said of each code; without it, rules have their codes only.
    """
    codes = sorted({finding.code for finding in report.findings})
    driver = {
        "name": "shapeflow",
        "version": version(),
        "rules": [_rule(code, (rules or {}).get(code)) for code in codes],
    }
    run = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "invocations": [_invocation(report)],
        "results": [_result(finding, codes.index(finding.code)) for finding in report.findings],
        "properties": {"model": report.model, "verdict": str(report.verdict)},
    }
    return json.dumps({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2)


def _rule(code: str, rule: Rule | None) -> dict[str, Any]:
    if rule is None:
        return {"id": code}
    return {
        "id": code,
        "shortDescription": {"text": rule.title},
        "fullDescription": {"text": rule.why},
        "help": {"text": f"{rule.why}\n\nshapeflow explain {code} shows an example."},
    }


def _invocation(report: Report) -> dict[str, Any]:
    complete = report.verdict is not Verdict.INCOMPLETE
    invocation: dict[str, Any] = {"executionSuccessful": complete}
    if report.notes:
        invocation["toolExecutionNotifications"] = [
            {"level": "note", "message": {"text": note}} for note in report.notes
        ]
    return invocation


def _result(finding: Finding, rule: int) -> dict[str, Any]:
    result: dict[str, Any] = {
        "ruleId": finding.code,
        "ruleIndex": rule,
        "level": finding.severity,
        "message": {"text": message(finding)},
        "locations": [],
    }
    if finding.location:
        result["locations"] = [{"physicalLocation": _place(finding.location)}]
    if finding.related:
        result["relatedLocations"] = [
            {"id": number, "physicalLocation": _place(location), "message": {"text": text}}
            for number, (location, text) in enumerate(finding.related, 1)
        ]
    steps = [step for step in finding.because if step.location]
    if steps:
        flow = [
            {
                "location": {
                    "physicalLocation": _place(step.location),
                    "message": {"text": step.text},
                }
            }
            for step in steps
            if step.location
        ]
        result["codeFlows"] = [{"threadFlows": [{"locations": flow}]}]
    if finding.witness:
        result["properties"] = {"witness": dict(finding.witness)}
    return result


def message(finding: Finding) -> str:
    """The message with the counter-example and the fixes, a line each."""
    lines = [finding.message]
    sizes = ", ".join(f"{name}={size}" for name, size in finding.witness.items())
    said = " ".join(finding.pytorch_message.split())
    if said:
        lines.append(f"{f'at {sizes} ' if sizes else ''}PyTorch says: {said}")
    elif sizes:
        lines.append(f"fails at {sizes}")
    lines += [f"fix{' (tried)' if fix.verified else ''}: {fix.text}" for fix in finding.fixes]
    return "\n".join(lines)


def _place(location: Location) -> dict[str, Any]:
    region: dict[str, Any] = {"startLine": location.line}
    last = location.end_line or location.line
    if location.text.strip():
        start, end = underlined(location)
        region["startColumn"] = start + 1
        region["endLine"] = last
        region["endColumn"] = end + 1 if last == location.line else location.end_column
        region["snippet"] = {"text": location.text}
    return {"artifactLocation": _artifact(location.file), "region": region}


def _artifact(file: str) -> dict[str, str]:
    """A file below the current folder is named from there, so that a log can travel."""
    path = Path(file)
    if path.is_absolute() and path.is_relative_to(os.getcwd()):
        path = path.relative_to(os.getcwd())
    if path.is_absolute():
        return {"uri": path.as_uri()}
    return {"uri": quote(PurePath(path).as_posix()), "uriBaseId": "%SRCROOT%"}
