"""The report as JSON: the record as it is, with sizes in spec notation.

``schema`` is 1. New keys may join it; a key that changes its meaning makes it 2.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import Any

from ..core.constraint import Constraint, Location
from ..core.dims import Dim
from ..core.notation import format_spec
from ..core.shape import is_shape
from ..core.version import version
from ..diagnose.diagnostic import Finding
from ..report import Path, Report

SCHEMA = 1


def to_json(report: Report) -> str:
    """The report as JSON text, indented, in ASCII."""
    return json.dumps(to_dict(report), indent=2)


def to_dict(report: Report) -> dict[str, Any]:
    """The report as dictionaries, lists, numbers and texts."""
    return {
        "schema": SCHEMA,
        "tool": {"name": "shapeflow", "version": version()},
        "model": report.model,
        "verdict": str(report.verdict),
        "ok": report.ok,
        "findings": [_finding(finding) for finding in report.findings],
        "constraints": [_constraint(relation) for relation in report.constraints],
        "facts": [_constraint(relation) for relation in report.facts],
        "inputs": tree(report.inputs),
        "outputs": tree(report.outputs),
        "symbols": list(report.symbols),
        "paths": [_path(path) for path in report.paths],
        "notes": list(report.notes),
        **_alternatives(report),
    }


def _alternatives(report: Report) -> dict[str, Any]:
    """Further inputs that were found, where there are any."""
    found = [
        {
            "inputs": tree(other.inputs),
            "outputs": tree(other.outputs),
            "constraints": [_constraint(relation) for relation in other.constraints],
        }
        for other in report.alternatives
    ]
    return {"alternatives": found} if found else {}


def tree(value: Any) -> Any:
    """A structure with its shapes in spec notation; what is no shape stays or is described.

    A shape is a text, a lone size ``{"size": "B"}``, another text ``{"text": "mean"}``, and any
    other object ``{"object": "slice"}`` with the name of its type.
    """
    if is_shape(value):
        return format_spec(tuple(value))
    if isinstance(value, Mapping):
        return {str(key): tree(item) for key, item in value.items()}
    if isinstance(value, tuple | list):
        return [tree(item) for item in value]
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, float) and math.isfinite(value):
        return value
    if isinstance(value, Dim):
        return {"size": format_spec((value,))}
    if isinstance(value, str | float):
        return {"text": str(value)}
    return {"object": type(value).__name__}


def _location(location: Location | None) -> dict[str, Any] | None:
    if location is None:
        return None
    return {
        "file": location.file,
        "line": location.line,
        "column": location.column,
        "end_line": location.end_line or location.line,
        "end_column": location.end_column,
        "text": location.text,
    }


def _constraint(relation: Constraint) -> dict[str, Any]:
    origin = relation.origin
    return {
        "text": str(relation),
        "symbols": list(relation.symbols),
        "because": origin.because if origin else "",
        "operation": origin.op if origin else "",
        "location": _location(origin.location) if origin else None,
    }


def _finding(finding: Finding) -> dict[str, Any]:
    return {
        "code": finding.code,
        "severity": finding.severity,
        "message": finding.message,
        "location": _location(finding.location),
        "operation": finding.operation,
        "signature": finding.signature,
        "operands": [{"name": name, "shape": shape} for name, shape in finding.operands],
        "because": [
            {"text": step.text, "location": _location(step.location)} for step in finding.because
        ],
        "constraints": [_constraint(relation) for relation in finding.constraints],
        "witness": dict(finding.witness),
        "pytorch_message": finding.pytorch_message,
        "fixes": [
            {"text": fix.text, "location": _location(fix.location), "verified": fix.verified}
            for fix in finding.fixes
        ],
        "related": [
            {"location": _location(location), "text": text} for location, text in finding.related
        ],
    }


def _path(path: Path) -> dict[str, Any]:
    return {
        "main": path.main,
        "conditions": [_constraint(relation) for relation in path.condition],
        "values": list(path.values),
        "demands": [_constraint(relation) for relation in path.demands],
        "outputs": tree(path.outputs),
        "instances": {name: list(sizes) for name, sizes in path.instances.items()},
    }
