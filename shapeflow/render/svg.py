"""Picture -> SVG with plain attributes, which every viewer understands; colours also by class."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from html import escape

from .fonts import FAMILIES
from .picture import Curve, Part, Picture, Polygon, Rect, Shape, Text
from .place import Area, Point
from .theme import DARK, LIGHT, THEMES

BEND = 7.0
FALLBACK = {"regular": "Verdana, sans-serif", "bold": "Verdana, sans-serif", "mono": "monospace"}


def to_svg(picture: Picture, theme: str = "light", prefix: str = "") -> str:
    """The picture as SVG text.

    Args:
        picture: what to write.
        theme: ``light``, ``dark``, or ``auto`` for the one that the reader's system prefers.
        prefix: of all ids, so that several pictures stand on one page.
    """
    colours = THEMES["light" if theme == "auto" else theme]
    width, height = _n(picture.width), _n(picture.height)
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}pt" height="{height}pt" '
        f'viewBox="0 0 {width} {height}" role="img" class="shapeflow">',
        f"<title>{_text(picture.words)}</title>",
    ]
    page = Rect(_whole(picture), 0, "page", "", 0)
    if theme == "auto":
        shapes = [page, *(shape for part in picture.parts for shape in part.shapes)]
        lines.append(
            f"<style>{_style(sorted({key for s in shapes for key in _paints(s)}))}</style>"
        )
    lines.append(_shape(page, colours))
    for part in picture.parts:
        if part.shapes:
            lines += _part(part, colours, prefix)
    lines.append("</svg>")
    return "\n".join(lines) + "\n"


def _paints(shape: Shape) -> Iterator[str]:
    """The keys of the colours that a shape has."""
    if isinstance(shape, Text):
        yield shape.span.paint
    else:
        yield from filter(None, (getattr(shape, "fill", ""), getattr(shape, "stroke", "")))


def _style(keys: Iterable[str]) -> str:
    """The dark colours, for readers whose system prefers them, or who chose them on a page that
    says so by ``data-theme`` as the themes of Sphinx do."""
    differing = [(_class(key), key) for key in keys if DARK[key] != LIGHT[key]]
    painted = "".join(
        f".shapeflow .f-{name}{{fill:var(--sf-{name})}}"
        f".shapeflow .s-{name}{{stroke:var(--sf-{name})}}"
        for name, _ in differing
    )
    light, dark = (
        f".shapeflow{{{';'.join(f'--sf-{name}:{theme[key]}' for name, key in differing)}}}"
        for theme in (LIGHT, DARK)
    )
    asked = f'[data-theme="light"] {light}[data-theme="dark"] {dark}'
    return f"{light}@media (prefers-color-scheme:dark){{{dark}}}{asked}{painted}"


def _whole(picture: Picture) -> Area:
    return Area(0, 0, picture.width, picture.height)


def _part(part: Part, colours: Mapping[str, str], prefix: str) -> Iterator[str]:
    yield f'<g id="{_text(prefix + part.name)}" class="{_text(part.kind)}">'
    if part.hint:
        yield f"<title>{_text(part.hint)}</title>"
    if part.link:
        yield f'<a href="{_text(part.link)}" target="_blank">'
    for shape in part.shapes:
        yield _shape(shape, colours)
    if part.link:
        yield "</a>"
    yield "</g>"


def _shape(shape: Shape, colours: Mapping[str, str]) -> str:
    if isinstance(shape, Rect):
        area = shape.area
        stroke = _stroke(shape.stroke, shape.width, shape.dash, colours)
        return (
            f'<rect x="{_n(area.x)}" y="{_n(area.y)}" width="{_n(area.width)}" '
            f'height="{_n(area.height)}" rx="{_n(shape.radius)}" class="f-{_class(shape.fill)}'
            f'{_stroke_class(shape.stroke)}" fill="{colours[shape.fill]}"{stroke}/>'
        )
    if isinstance(shape, Curve):
        stroke = _stroke(shape.stroke, shape.width, shape.dash, colours)
        path = bent(shape.points) if shape.straight else cubic(shape.points)
        return f'<path d="{path}" class="{_stroke_class(shape.stroke)[1:]}" fill="none"{stroke}/>'
    if isinstance(shape, Polygon):
        points = " ".join(f"{_n(x)},{_n(y)}" for x, y in shape.points)
        fill = f'class="f-{_class(shape.fill)}" fill="{colours[shape.fill]}"'
        return f'<polygon points="{points}" {fill}/>'
    return _written(shape, colours)


def _written(shape: Text, colours: Mapping[str, str]) -> str:
    span = shape.span
    bold = ' font-weight="bold"' if span.face == "bold" else ""
    family = f"{FAMILIES[span.face]}, {FALLBACK[span.face]}"
    shown = span.text.replace(" ", "\u00a0")
    fit = f' textLength="{_n(span.width)}" lengthAdjust="spacingAndGlyphs"' if span.text else ""
    return (
        f'<text x="{_n(shape.x)}" y="{_n(shape.y)}" font-family="{family}" '
        f'font-size="{span.size:g}"{bold} class="f-{_class(span.paint)}" '
        f'fill="{colours[span.paint]}"{fit}>{_text(shown)}</text>'
    )


def _stroke(paint: str, width: float, dash: Iterable[float], colours: Mapping[str, str]) -> str:
    if not paint:
        return ""
    dashes = " ".join(map(_n, dash))
    dashed = f' stroke-dasharray="{dashes}"' if dashes else ""
    return f' stroke="{colours[paint]}" stroke-width="{_n(width)}"{dashed}'


def _stroke_class(paint: str) -> str:
    return f" s-{_class(paint)}" if paint else ""


def _class(key: str) -> str:
    return key.replace(".", "-")


def cubic(points: tuple[Point, ...]) -> str:
    """A curve through its points, as a path."""
    start, *rest = points
    curves = " ".join(f"{_n(x)},{_n(y)}" for x, y in rest)
    return f"M{_n(start[0])},{_n(start[1])} C{curves}"


def bent(points: tuple[Point, ...]) -> str:
    """A line with round bends, as a path."""
    path = [f"M{_n(points[0][0])},{_n(points[0][1])}"]
    for before, at, after in zip(points, points[1:], points[2:], strict=False):
        (x0, y0), (x1, y1) = toward(at, before, BEND), toward(at, after, BEND)
        path.append(f"L{_n(x0)},{_n(y0)} Q{_n(at[0])},{_n(at[1])} {_n(x1)},{_n(y1)}")
    path.append(f"L{_n(points[-1][0])},{_n(points[-1][1])}")
    return " ".join(path)


def toward(start: Point, end: Point, most: float) -> Point:
    """A point on the way from one to another, at most half of it."""
    dx, dy = end[0] - start[0], end[1] - start[1]
    length = max((dx * dx + dy * dy) ** 0.5, 1e-9)
    part = min(most, length / 2) / length
    return start[0] + dx * part, start[1] + dy * part


def _n(number: float) -> str:
    return f"{number:.2f}".rstrip("0").rstrip(".")


def _text(text: str) -> str:
    """Text in an element or attribute, without what XML forbids."""
    allowed = "".join(c if c >= " " or c in "\n\t" else "\ufffd" for c in text)
    return escape(allowed.replace("\ufffe", "\ufffd").replace("\uffff", "\ufffd"), quote=True)
