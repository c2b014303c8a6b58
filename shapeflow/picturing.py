"""Pictures of models: what is asked for, checked, and written to a file."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

from .api import check
from .core.errors import ShapeflowError
from .core.writing import write
from .render.drawing import WRITERS, Style, render
from .render.engine import SECONDS, drawing_engine
from .render.sketch import MOST_BOXES, Options
from .report import Report


def draw(
    report_or_model: Any,
    path: str | os.PathLike[str],
    *specs: Any,
    format: str | None = None,
    depth: int | None = None,
    expand: str | Iterable[str] = (),
    fold: bool = True,
    unroll: bool = False,
    plumbing: bool = False,
    boxes: int | None = None,
    theme: str = "light",
    engine: str = "auto",
    seconds: float = SECONDS,
    dpi: float = 144.0,
    **named: Any,
) -> None:
    """Draws a model with the shape of everything that flows in it.

    Args:
        report_or_model: the report of a check, or a model to check with the specs.
        path: the file to write; its suffix is the format.
        *specs: as for ``check``.
        format: the format, where the suffix does not say.
        depth: levels of modules that are open; by default as many as a page has room for.
        expand: attribute paths of modules that stay open.
        fold: whether layers that repeat are drawn once, with their count.
        unroll: whether every step of a loop is drawn.
        plumbing: whether calls that only pass tensors on, such as ``x[0]``, are drawn.
        boxes: how many boxes at most, where modules can be closed.
        theme: ``light``, ``dark``, or ``auto`` (in SVG and HTML) for what the reader prefers.
        engine: which Graphviz lays the picture out, see ``drawing_engine``.
        seconds: for how long that may take, before more is folded.
        dpi: resolution of PNG.
        **named: as for ``check``: specs by parameter name, ``where`` and ``returns``.

    Raises:
        ShapeflowError: an option, spec or file that cannot be; one sentence says which.
    """
    form = expect_format(path, format)
    chosen: dict[str, Any] = {
        "depth": depth, "expand": expand, "fold": fold, "unroll": unroll, "plumbing": plumbing,
        "boxes": boxes, "theme": theme, "engine": engine, "seconds": seconds, "dpi": dpi,
    }  # fmt: skip
    options, style = drawn_as(**chosen)
    if isinstance(report_or_model, Report):
        if specs or named:
            raise ShapeflowError("a report is drawn as it is: specs go with a model")
        report = report_or_model
    else:
        report = check(report_or_model, *specs, **named)
    write(Path(path), render(report, form, options, style))


def drawn_as(
    *,
    depth: int | None = None,
    expand: str | Iterable[str] = (),
    fold: bool = True,
    unroll: bool = False,
    plumbing: bool = False,
    boxes: int | None = None,
    theme: str = "light",
    engine: str = "auto",
    seconds: float = SECONDS,
    dpi: float = 144.0,
    prefix: str = "",
    classes: bool = False,
) -> tuple[Options, Style]:
    """What is drawn and how, by the options of ``draw``; ``prefix`` is that of the ids in SVG, and
    ``classes`` is for pages that know where classes are described, see ``Options``.

    Raises:
        ShapeflowError: an option that cannot be.
    """
    for name, number in (("seconds", seconds), ("dpi", dpi)):
        if not isinstance(number, int | float) or not number > 0:
            raise ShapeflowError(f"{name} must be a number above 0, not {number!r}")
    options = replace(_options(depth, expand, fold, unroll, plumbing, boxes), classes=classes)
    return options, Style(engine, float(seconds), theme, float(dpi), prefix)


def expect_format(path: str | os.PathLike[str], form: str | None = None) -> str:
    """The format of a file.

    Raises:
        ShapeflowError: there is no such format, or the file's folder does not exist.
    """
    file = Path(path)
    name = (form or file.suffix.removeprefix(".")).lower()
    if name not in WRITERS:
        known = ", ".join(WRITERS)
        raise ShapeflowError(f"{str(file)!r} should end with one of the formats: {known}")
    if not file.parent.is_dir():
        raise ShapeflowError(f"there is no folder {str(file.parent)!r} for {file.name}")
    if file.is_dir():
        raise ShapeflowError(f"{str(file)!r} is a folder")
    return name


def _options(
    depth: int | None,
    expand: str | Iterable[str],
    fold: bool,
    unroll: bool,
    plumbing: bool,
    boxes: int | None,
) -> Options:
    for name, number in (("depth", depth), ("boxes", boxes)):
        whole = isinstance(number, int) and not isinstance(number, bool)
        if number is not None and (not whole or number < 1):
            raise ShapeflowError(f"{name} must be a whole number of at least 1, not {number!r}")
    paths = (expand,) if isinstance(expand, str) else tuple(expand)
    return Options(depth, paths, fold, unroll, plumbing, min(boxes or 0, MOST_BOXES))


__all__ = ["draw", "drawing_engine", "drawn_as", "expect_format"]
