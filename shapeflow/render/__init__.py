"""Report -> str: every format by its name."""

from __future__ import annotations

from collections.abc import Callable
from html import escape
from typing import Any

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


def _picture(form: str) -> Callable[[Report], Any]:
    """Loads what pictures need only when one is wanted."""

    def rendered(report: Report) -> Any:
        from .drawing import Options, Style, render

        theme = "light" if form in ("pdf", "png") else "auto"
        content = render(report, form, Options(), Style(theme=theme))
        return content if form in ("pdf", "png") else content.decode()

    return rendered


def _framed(report: Report) -> str:
    """The interactive page within another one, without any right to reach out of it."""
    page = escape(_picture("html")(report), quote=True)
    look = "width:100%;height:640px;border:1px solid #d0d7de;border-radius:8px"
    return f'<iframe srcdoc="{page}" sandbox="allow-scripts" style="{look}"></iframe>'


def _markdown(report: Report) -> str:
    from .tree import to_markdown

    return to_markdown(report)


PICTURES: dict[str, Callable[[Report], Any]] = {
    **{form: _picture(form) for form in ("svg", "html", "dot", "pdf", "png")},
    "frame": _framed,
    "markdown": _markdown,
}
