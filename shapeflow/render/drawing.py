"""Report -> picture in any format: the scene composed, laid out within limits, and written."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from ..core.errors import ShapeflowError
from ..report import Report
from .compose import Options, compose
from .dot import to_dot
from .engine import SECONDS, Engine, TooSlow, drawing_engine, laid_out
from .measure import Measure
from .picture import Picture, Text, picture
from .place import Places, in_columns, read, scale_on_page
from .scene import Scene
from .surround import below, title
from .svg import to_svg
from .theme import THEMES

EVERYTHING = 1_000_000
"""More boxes than any model has."""
READABLE = 6.0
"""Points that the text of a picture has at least on a page, where modules can be closed for it."""
FEWEST = 12
"""Boxes below which a picture that takes too long is given up."""


@dataclass(frozen=True)
class Style:
    """How a picture is made.

    Attributes:
        engine: ``auto``, ``graphviz-pure`` or ``dot``.
        seconds: for how long a layout may be computed.
        theme: ``light``, ``dark`` or, in SVG and HTML, ``auto``.
        dpi: of PNG.
        prefix: of the ids in SVG.
    """

    engine: str = "auto"
    seconds: float = SECONDS
    theme: str = "light"
    dpi: float = 144.0
    prefix: str = ""


def paint(report: Report, options: Options = Options(), style: Style = Style()) -> Picture:  # noqa: B008
    """The picture of a report, with fewer boxes where the engine takes too long.

    Raises:
        ShapeflowError: there is no engine, or it fails.
    """
    return painted(report, options, style)[0]


def painted(report: Report, options: Options, style: Style) -> tuple[Picture, Scene, Places]:
    """The picture with the scene and the places that it was made of.

    Modules are closed, one kind after the other, until its text can be read on a page, unless the
    reader says what is to be open.
    """
    engine = drawing_engine(style.engine)
    best = _painted(report, options, style, engine)
    chosen = options.depth is not None or options.expand or options.most or options.unroll
    while not chosen and options.fold and readable(best[0]) < READABLE:
        fewer = replace(options, most=len(best[1].boxes) - 1)
        other = _painted(report, fewer, style, engine)
        if len(other[1].boxes) >= len(best[1].boxes):
            break
        best = other
    return best


def readable(picture: Picture) -> float:
    """The size of the smallest text where the picture is fitted on one page, in points."""
    sizes = [s.span.size for part in picture.parts for s in part.shapes if isinstance(s, Text)]
    return min(sizes, default=0.0) * scale_on_page(picture.width, picture.height)


def _painted(
    report: Report, options: Options, style: Style, engine: Engine
) -> tuple[Picture, Scene, Places]:
    scene = compose(report, options)
    while True:
        measure = Measure(scene)
        try:
            answer = laid_out(to_dot(scene, measure, texts=False), engine, style.seconds)
            break
        except TooSlow:
            fewer = len(scene.boxes) // 2
            if fewer < FEWEST:
                raise
            scene = compose(report, replace(options, most=fewer))
            note = f"folded deeper: the layout took longer than {style.seconds:g} s"
            scene = replace(scene, notes=(note, *scene.notes))
    places = read(answer)
    spare = title(scene, measure, 500).height + below(scene, measure, 500).height + 60
    places = in_columns(places, spare)
    return picture(scene, places, measure), scene, places


def _svg(report: Report, options: Options, style: Style) -> bytes:
    return to_svg(paint(report, options, style), style.theme, style.prefix).encode()


def _pdf(report: Report, options: Options, style: Style) -> bytes:
    _need("reportlab", "pdf")
    from .pdf import to_pdf

    return to_pdf(paint(report, options, style), _fixed(style, "pdf"))


def _png(report: Report, options: Options, style: Style) -> bytes:
    _need("resvg_py", "png")
    from .png import to_png

    return to_png(paint(report, options, style), _fixed(style, "png"), style.dpi)


def _dot(report: Report, options: Options, style: Style) -> bytes:
    return to_dot(compose(report, options)).encode()


def _html(report: Report, options: Options, style: Style) -> bytes:
    from .page import to_html

    shown = [(group.title, group.role) for group in compose(report, options).groups]
    scene = compose(report, replace(options, depth=None, most=EVERYTHING))
    return to_html(scene, shown, (*report.constraints, *report.facts), style.theme).encode()


def _json(report: Report, options: Options, style: Style) -> bytes:
    from .scene_json import to_json

    return to_json(compose(report, options), (*report.constraints, *report.facts)).encode()


def _mermaid(report: Report, options: Options, style: Style) -> bytes:
    from .mermaid import to_mermaid

    return to_mermaid(compose(report, options)).encode()


def _tree(report: Report, options: Options, style: Style) -> bytes:
    from .tree import to_tree

    return to_tree(report, replace(options, most=options.most or EVERYTHING)).encode()


Writer = Callable[[Report, Options, Style], bytes]
WRITERS: dict[str, Writer] = {
    "svg": _svg, "pdf": _pdf, "png": _png, "html": _html, "dot": _dot, "gv": _dot, "mmd": _mermaid,
    "json": _json, "txt": _tree,
}  # fmt: skip
"""Formats by the suffix of their files."""


def render(report: Report, form: str, options: Options, style: Style) -> bytes:
    """A report in one of the formats of WRITERS.

    Raises:
        ShapeflowError: no such format or theme, or the picture cannot be made.
    """
    if form not in WRITERS:
        raise ShapeflowError(f"pictures are {', '.join(WRITERS)}, not {form!r}")
    if style.theme not in (*THEMES, "auto"):
        raise ShapeflowError(f"theme must be light, dark or auto, not {style.theme!r}")
    return WRITERS[form](report, options, style)


def _fixed(style: Style, form: str) -> str:
    if style.theme == "auto":
        raise ShapeflowError(f"a {form} has one theme: light or dark, not auto")
    return style.theme


def _need(module: str, form: str) -> None:
    """Says what to install where a library is missing."""
    from importlib.util import find_spec

    if find_spec(module) is None:
        package = module.replace("_", "-")
        raise ShapeflowError(f"a {form} needs {package}: pip install {package}")
