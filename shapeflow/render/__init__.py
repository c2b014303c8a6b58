"""Report -> str: every format by its name."""

from __future__ import annotations

from collections.abc import Callable

from ..report import Report
from .as_json import to_json
from .github import to_github
from .sarif import to_sarif
from .text import to_short, to_text

FORMATS: dict[str, Callable[[Report], str]] = {
    "text": to_text,
    "short": to_short,
    "json": to_json,
    "sarif": to_sarif,
    "github": to_github,
}


def _dot(report: Report) -> str:
    """Loads what pictures need only when one is wanted."""
    from .drawing import Options, Style, render

    return render(report, "dot", Options(), Style()).decode()


PICTURES: dict[str, Callable[[Report], str]] = {"dot": _dot}
