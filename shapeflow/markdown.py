"""A fence for Python-Markdown: a model with its picture in MkDocs and what is built like it.

It is a formatter of ``pymdownx.superfences``::

    custom_fences:
      - name: shapeflow
        class: shapeflow
        format: !!python/name:shapeflow.markdown.fence
"""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Mapping
from html import escape
from pathlib import Path
from typing import Any

from .core.errors import ShapeflowError
from .core.near import near_misses
from .documenting import Exhibit, Question, exhibit, with_prefix

VIEWS = ("diagram", "table", "both", "signature", "report")
SEVERAL = ("input", "init", "where", "expand")
SINGLE = ("returns", "view", "depth", "caption", "alt")
FLAGS = ("train", "no-fold", "unroll", "plumbing")


def fence(
    source: str,
    language: str,
    css_class: str,
    options: Mapping[str, Any],
    md: Any,
    **kwargs: Any,
) -> str:
    """The HTML of one fence: the target on its first line, an option such as
    ``input: x=B T 3`` on each other one.

    What cannot be shown is told in its place.
    """
    try:
        target, told = _read(source)
        question = _question(target, told)
        view = told.get("view", ["diagram"])[-1]
        if view not in VIEWS:
            raise ShapeflowError(f"view is one of {', '.join(VIEWS)}, not {view!r}")
        forms = ("svg",) if view in ("diagram", "both") else ()
        shown, pictures = exhibit(question, _folder(), forms)
    except ShapeflowError as error:
        return f'<pre class="{escape(css_class)} error">{escape(str(error))}</pre>'
    return _html(shown, pictures, view, told, css_class, source)


def _html(
    shown: Exhibit,
    pictures: Mapping[str, bytes],
    view: str,
    told: Mapping[str, list[str]],
    css_class: str,
    source: str,
) -> str:
    name = escape(css_class)
    if view == "signature":
        return f'<p class="{name}"><code>{escape(shown.signature)}</code></p>'
    text = shown.text if view == "report" else shown.table
    block = f'<pre class="{name}">{escape(text)}</pre>'
    if "svg" not in pictures:
        return block
    prefix = f"sf{hashlib.sha256(source.encode()).hexdigest()[:10]}-"
    alt = told.get("alt", [shown.words])[-1]
    caption = told.get("caption", [""])[-1]
    caption = f"<figcaption>{escape(caption)}</figcaption>" if caption else ""
    svg = with_prefix(pictures["svg"], prefix)
    figure = (
        f'<figure class="{name}" style="overflow-x:auto" role="img" aria-label="{escape(alt)}">'
        f"{svg}{caption}</figure>"
    )
    return figure + block if view == "both" else figure


def _read(source: str) -> tuple[str, dict[str, list[str]]]:
    """The target and the options of a fence."""
    lines = [line.strip() for line in source.splitlines() if line.strip()]
    if not lines:
        raise ShapeflowError("a fence names a model on its first line, package.module:Model")
    told: dict[str, list[str]] = {}
    for line in lines[1:]:
        name, colon, value = line.partition(":")
        known = (*SEVERAL, *SINGLE, *FLAGS)
        if name not in known:
            hint = near_misses(name, known)
            raise ShapeflowError(f"{line!r} is no option such as 'input: x=B T 3'{hint}")
        if not value.strip() and name not in FLAGS:
            raise ShapeflowError(f"{line!r} needs a value behind the colon")
        told.setdefault(name, []).append(value.strip())
    return lines[0], told


def _question(target: str, told: Mapping[str, list[str]]) -> Question:
    depth = told.get("depth", [""])[-1]
    if depth and not depth.isdecimal():
        raise ShapeflowError(f"depth must be a whole number of at least 1, not {depth!r}")
    options = {
        "depth": int(depth) if depth else None,
        "expand": tuple(told.get("expand", ())),
        "fold": "no-fold" not in told,
        "unroll": "unroll" in told,
        "plumbing": "plumbing" in told,
        "theme": "auto",
    }
    given = {key: tuple(told.get(name, ())) for key, name in
             (("inputs", "input"), ("init", "init"), ("where", "where"))}  # fmt: skip
    returns = told.get("returns", [""])[-1]
    return Question(target, **given, returns=returns, train="train" in told, options=options)


def _folder() -> Path:
    """Where answers are kept from build to build, for this user."""
    from getpass import getuser

    return Path(tempfile.gettempdir()) / f"shapeflow-{getuser()}"


__all__ = ["fence"]
