"""Picture -> PDF: vectors, text in embedded fonts, and links, by reportlab."""

from __future__ import annotations

import io
from collections.abc import Mapping
from typing import Any

from .fonts import FACES, font
from .picture import Curve, Part, Picture, Polygon, Rect, Shape, Text
from .place import Area, Point
from .svg import BEND, toward
from .theme import THEMES


def to_pdf(picture: Picture, theme: str = "light") -> bytes:
    """The picture as a PDF of one page of its own size.

    The same picture gives the same bytes.
    """
    from reportlab.pdfbase import pdfmetrics
    from reportlab.pdfbase.ttfonts import TTFont
    from reportlab.pdfgen.canvas import Canvas

    known = pdfmetrics.getRegisteredFontNames()
    for face in FACES:
        if _name(face) not in known:
            pdfmetrics.registerFont(TTFont(_name(face), io.BytesIO(font(face))))
    buffer = io.BytesIO()
    canvas = Canvas(buffer, (picture.width, picture.height), invariant=1, pageCompression=1)
    canvas.setTitle(picture.words)
    canvas.setAuthor("shapeflow")
    writer = _Writer(canvas, picture.height, THEMES[theme])
    writer.shape(Rect(Area(0, 0, picture.width, picture.height), 0, "page", "", 0))
    for part in picture.parts:
        writer.part(part)
    canvas.showPage()
    canvas.save()
    return buffer.getvalue()


def _name(face: str) -> str:
    return f"shapeflow-{face}"


class _Writer:
    """Draws shapes upside down, as PDF counts from below."""

    def __init__(self, canvas: Any, height: float, colours: Mapping[str, str]) -> None:
        self.canvas, self.height, self.colours = canvas, height, colours

    def part(self, part: Part) -> None:
        for shape in part.shapes:
            self.shape(shape)
        if part.link:
            areas = [shape.area for shape in part.shapes if isinstance(shape, Rect)]
            if areas:
                area = areas[-1]
                where = (area.x, self.height - area.bottom, area.right, self.height - area.y)
                self.canvas.linkURL(part.link, where, relative=0)

    def shape(self, shape: Shape) -> None:
        canvas = self.canvas
        if isinstance(shape, Rect):
            self.stroke(shape.stroke, shape.width, shape.dash)
            canvas.setFillColor(self.colours[shape.fill])
            area = shape.area
            radius = min(shape.radius, area.width / 2, area.height / 2)
            draw = canvas.roundRect if radius else canvas.rect
            place = (area.x, self.height - area.bottom, area.width, area.height)
            draw(*place, *([radius] if radius else []), stroke=int(bool(shape.stroke)), fill=1)
        elif isinstance(shape, Text):
            canvas.setFillColor(self.colours[shape.span.paint])
            canvas.setFont(_name(shape.span.face), shape.span.size)
            canvas.drawString(shape.x, self.height - shape.y, shape.span.text)
        else:
            self.line(shape)

    def line(self, shape: Curve | Polygon) -> None:
        path = self.canvas.beginPath()
        path.moveTo(*self.at(shape.points[0]))
        if isinstance(shape, Polygon):
            for point in shape.points[1:]:
                path.lineTo(*self.at(point))
            path.close()
            self.canvas.setFillColor(self.colours[shape.fill])
            self.canvas.drawPath(path, stroke=0, fill=1)
            return
        self.stroke(shape.stroke, shape.width, shape.dash)
        if shape.straight:
            self.bends(path, shape.points)
        else:
            rest = [self.at(point) for point in shape.points[1:]]
            for i in range(0, len(rest) - 2, 3):
                path.curveTo(*rest[i], *rest[i + 1], *rest[i + 2])
        self.canvas.drawPath(path, stroke=1, fill=0)

    def bends(self, path: Any, points: tuple[Point, ...]) -> None:
        for before, at, after in zip(points, points[1:], points[2:], strict=False):
            first, last = toward(at, before, BEND), toward(at, after, BEND)
            path.lineTo(*self.at(first))
            controls = [toward(at, first, BEND / 3), toward(at, last, BEND / 3)]
            path.curveTo(*self.at(controls[0]), *self.at(controls[1]), *self.at(last))
        path.lineTo(*self.at(points[-1]))

    def stroke(self, paint: str, width: float, dash: tuple[float, ...]) -> None:
        if paint:
            self.canvas.setStrokeColor(self.colours[paint])
            self.canvas.setLineWidth(width)
            self.canvas.setDash(list(dash))

    def at(self, point: Point) -> Point:
        return point[0], self.height - point[1]
