"""Scene and places -> shapes and texts on a page; every writer draws the same ones."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import atan2, ceil, cos, pi, sin

from .dot import edge_paint
from .measure import ABOVE, SIDE, Block, Measure, Span
from .place import Area, Places, Point, Wire
from .scene import Box, Edge, Group, Scene
from .surround import below, title

EDGE = 16.0
"""Room around the picture."""
ARROW = 5.5


@dataclass(frozen=True)
class Rect:
    """A rectangle with round corners; paints are keys of the theme."""

    area: Area
    radius: float
    fill: str
    stroke: str
    width: float = 1.0
    dash: tuple[float, ...] = ()


@dataclass(frozen=True)
class Curve:
    """A cubic curve through points, or a line with round bends."""

    points: tuple[Point, ...]
    stroke: str
    width: float
    dash: tuple[float, ...] = ()
    straight: bool = False


@dataclass(frozen=True)
class Polygon:
    """A filled area."""

    points: tuple[Point, ...]
    fill: str


@dataclass(frozen=True)
class Text:
    """Text on a base line that begins at (x, y)."""

    x: float
    y: float
    span: Span


Shape = Rect | Curve | Polygon | Text


@dataclass(frozen=True)
class Part:
    """What belongs together: its id, what is told when one points at it, and where it leads."""

    name: str
    kind: str
    shapes: tuple[Shape, ...]
    hint: str = ""
    link: str = ""


@dataclass(frozen=True)
class Picture:
    """A page.

    Attributes:
        width, height: in points.
        parts: from back to front.
        words: the picture in one sentence, for those who do not see it.
    """

    width: float
    height: float
    parts: tuple[Part, ...]
    words: str


def picture(scene: Scene, places: Places, measure: Measure) -> Picture:
    """Draws a scene."""
    room = max(places.width, 380.0)
    head = title(scene, measure, room)
    foot = below(scene, measure, room)
    inner = max(room, head.width, foot.width)
    top = EDGE + head.height + 10
    dx, dy = EDGE + (inner - places.width) / 2, top
    bottom = top + places.height
    parts = [Part("head", "head", tuple(_rows(head, EDGE, EDGE)))]
    frames = [(group, places.groups[group.name].moved(dx, dy)) for group in scene.groups]
    parts += [_group(group, area) for group, area in frames]
    pairs = [(edge, wire.moved(dx, dy)) for edge, wire in zip(scene.edges, places.wires,
                                                              strict=True)]  # fmt: skip
    pairs.sort(key=lambda pair: pair[0].role in ("cause", "conflict"))
    parts += [_edge(number, edge, wire, scene) for number, (edge, wire) in enumerate(pairs)]
    parts += [_heading(group, area, measure) for group, area in frames]
    parts += [_box(box, places.boxes[box.name].moved(dx, dy), measure) for box in scene.boxes]
    parts += [_label(number, *pair, measure, frames) for number, pair in enumerate(pairs)]
    parts.append(Part("foot", "foot", tuple(_rows(foot, EDGE, bottom + 14))))
    height = bottom + (14 + foot.height if foot.rows else 0) + EDGE
    width = ceil(inner + 2 * EDGE)  # whole points: a part of a pixel would be half transparent
    return Picture(width, ceil(height), tuple(parts), words(scene))


def words(scene: Scene) -> str:
    """The picture in a sentence."""
    from .text import tree_text

    given = ", ".join(f"{name} {tree_text(tree)}" for name, tree in scene.inputs)
    result = f" to {tree_text(scene.outputs)}" if scene.outputs is not None else ""
    count = sum(box.family not in ("input", "output") for box in scene.boxes)
    return f"{scene.model or 'model'}, {count} nodes, {given}{result}; {scene.verdict[1]}"


def _rows(block: Block, x: float, y: float, width: float | None = None) -> Iterator[Text]:
    """The texts of a block; in the middle of a width where one is given."""
    for row in block.rows:
        y += row.height
        at = x if width is None or row.left else x + (width - row.width) / 2
        for span in row.spans:
            yield Text(at, y - row.height * 0.24, span)
            at += span.width


def _group(group: Group, area: Area) -> Part:
    dash = (5.0, 3.0) if group.role == "loop" else ()
    shapes: list[Shape] = []
    if group.role == "stack":  # the sheets behind the first one
        for step in (5.0, 2.5):
            sheet = Area(area.x + step, area.y + step, area.width, area.height)
            shapes.append(Rect(sheet, 9, "stack.fill", "stack", 0.8))
    width = 1.3 if group.role == "loop" else 0.9
    shapes.append(Rect(area, 9, f"{group.role}.fill", group.role, width, dash))
    words = f"{group.title} {group.kind}".strip()
    return Part(group.name, f"group {group.role}", tuple(shapes), words)


def _heading(group: Group, area: Area, measure: Measure) -> Part:
    """The title of a frame, over the edges that cross it."""
    block = measure.group(group)
    paper = Area(area.x + 7, area.y + 6, block.width + 4, block.height)
    title: list[Shape] = [Rect(paper, 2, f"{group.role}.fill", "", 0)]
    title += _rows(block, area.x + 9, area.y + 6)
    return Part(f"t{group.name[1:]}", "heading", tuple(title), link=group.link)


def _box(box: Box, area: Area, measure: Measure) -> Part:
    marked = box.role in ("conflict", "warning")
    fill = f"{box.role if marked else box.family}.fill"
    stroke = box.role if marked or box.role == "unknown" else box.family
    dash = {"unknown": (4.0, 3.0), "probed": (1.2, 2.0)}.get(box.role, ())
    radius = area.height / 2 if box.family in ("input", "output") else 5.0
    shapes: list[Shape] = []
    if box.closed:
        sheet = Area(area.x + 2.5, area.y + 2.5, area.width, area.height)
        shapes.append(Rect(sheet, radius, fill, stroke, 0.8))
    shapes.append(Rect(area, radius, fill, stroke, 1.8 if marked else 1.0, dash))
    block = measure.box(box)
    left = area.x + max((area.width - block.width) / 2, SIDE) if marked else area.x
    width = block.width if marked else area.width
    shapes += _rows(block, left, area.y + ABOVE - 1, width)
    return Part(box.name, f"box {box.family}", tuple(shapes), hint(box, measure), box.link)


def hint(box: Box, measure: Measure) -> str:
    """What is told of a box beside its text."""
    lines = [f"{box.path} {box.kind}".strip() or box.title]
    lines += [f"gives {measure.names.shape(box.shape)}"] if box.shape is not None else []
    lines += [f"{path} {measure.names.shape(shape)}" for path, shape in box.parameters[:4]]
    lines += [box.signature] if box.signature else []
    lines += [box.location] if box.location else []
    return "\n".join(lines)


def _edge(number: int, edge: Edge, wire: Wire, scene: Scene) -> Part:
    paint = edge_paint(edge)
    width = {"cause": 2.0, "conflict": 2.2, "state": 1.2}.get(edge.role, 1.0)
    dash = {"unknown": (4.0, 3.0), "probed": (1.2, 2.0), "state": (4.0, 2.5)}.get(edge.role, ())
    curve = Curve(wire.points, paint, width, dash, wire.straight)
    return Part(f"e{number}", f"edge {edge.role}", (curve, _arrow(wire, paint, width)))


def _arrow(wire: Wire, paint: str, width: float) -> Polygon:
    (x0, y0), (x1, y1) = wire.points[-1], wire.tip
    angle = atan2(y1 - y0, x1 - x0) if (x0, y0) != (x1, y1) else pi / 2
    size = ARROW + width
    back = [(x1 - size * cos(angle + a), y1 - size * sin(angle + a)) for a in (-0.42, 0.42)]
    return Polygon((wire.tip, *back), paint)


def _label(
    number: int, edge: Edge, wire: Wire, measure: Measure, frames: Sequence[tuple[Group, Area]]
) -> Part:
    block = measure.edge(edge)
    if not block.rows or wire.label is None:
        return Part(f"l{number}", "label", ())
    area = wire.label
    x = area.x + (area.width - block.width) / 2
    paper = Area(x - 1.5, area.y + 1, block.width + 3, area.height - 2)
    around = [group.role for group, frame in frames if frame.holds(paper)]
    fill = f"{around[-1]}.fill" if around else "page"
    shapes: list[Shape] = [Rect(paper, 2, fill, "", 0), *_rows(block, x, area.y)]
    return Part(f"l{number}", "label", tuple(shapes))


__all__ = ["Curve", "Part", "Picture", "Polygon", "Rect", "Shape", "Text", "picture"]
