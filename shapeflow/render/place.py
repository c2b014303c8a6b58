"""Places: what the engine answered, in points from the upper left corner, in columns if tall."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice, pairwise, product
from math import inf
from typing import Any

Point = tuple[float, float]
GUTTER, MARGIN, ROOM = 34.0, 10.0, 30.0
"""Room between columns, beside a bend, and above a column for the edge that comes in."""
PAGE = (547.0, 794.0)
"""A4 with margins."""
READABLE = 0.82
"""Scale on a page from which a picture needs no further column."""
MOST_COLUMNS = 6
NEAR, TRIES = 4, 40
"""Cuts near each ideal one, and choices of them, that are tried."""


@dataclass(frozen=True)
class Area:
    """A rectangle."""

    x: float
    y: float
    width: float
    height: float

    @property
    def right(self) -> float:
        """Its right side."""
        return self.x + self.width

    @property
    def bottom(self) -> float:
        """Its lower side."""
        return self.y + self.height

    def holds(self, other: Area) -> bool:
        """Whether the middle of another one lies inside."""
        x, y = other.x + other.width / 2, other.y + other.height / 2
        return self.x <= x <= self.right and self.y <= y <= self.bottom

    def moved(self, dx: float, dy: float) -> Area:
        """The same elsewhere."""
        return replace(self, x=self.x + dx, y=self.y + dy)


@dataclass(frozen=True)
class Wire:
    """An edge: the points of a cubic curve (or a straight line of bends), and its label's area."""

    points: tuple[Point, ...]
    tip: Point
    label: Area | None
    straight: bool = False

    def moved(self, dx: float, dy: float) -> Wire:
        """The same elsewhere."""
        return Wire(
            tuple((x + dx, y + dy) for x, y in self.points),
            (self.tip[0] + dx, self.tip[1] + dy),
            self.label.moved(dx, dy) if self.label else None,
            self.straight,
        )

    @property
    def area(self) -> Area:
        """What it takes."""
        points = [*self.points, self.tip]
        if self.label is not None:
            points += [(self.label.x, self.label.y), (self.label.right, self.label.bottom)]
        return _around(points)


@dataclass(frozen=True)
class Places:
    """Everything with its place; edges in the order of the scene."""

    width: float
    height: float
    boxes: Mapping[str, Area]
    groups: Mapping[str, Area]
    wires: tuple[Wire, ...]


def read(answer: Mapping[str, Any]) -> Places:
    """The places in an answer of the engine."""
    left, low, right, high = _numbers(answer["bb"])

    def point(x: float, y: float) -> Point:
        return x - left, high - y

    boxes, groups = {}, {}
    for thing in answer.get("objects", ()):
        if "nodes" in thing or "subgraphs" in thing or "bb" in thing:
            x0, y0, x1, y1 = _numbers(thing["bb"])
            groups[thing["name"].removeprefix("cluster_")] = Area(x0 - left, high - y1, x1 - x0,
                                                                  y1 - y0)  # fmt: skip
        elif "pos" in thing:
            x, y = point(*_numbers(thing["pos"]))
            width, height = 72 * float(thing["width"]), 72 * float(thing["height"])
            boxes[thing["name"]] = Area(x - width / 2, y - height / 2, width, height)
    wires = []
    for edge in sorted(answer.get("edges", ()), key=lambda edge: int(edge["id"][1:])):
        label = None
        if "lp" in edge:
            x, y = point(*_numbers(edge["lp"]))
            width, height = _table(edge.get("label", ""))
            label = Area(x - width / 2, y - height / 2, width, height)
        tip, points = _spline(edge["pos"])
        wires.append(Wire(tuple(point(*p) for p in points), point(*tip), label))
    return Places(right - left, high - low, boxes, groups, tuple(wires))


def _numbers(text: str) -> list[float]:
    return [float(part) for part in text.split(",")]


def _table(label: str) -> tuple[float, float]:
    """The size of a label, which is a table of fixed size."""
    width, height = (label.partition(f'{word}="')[2].partition('"')[0] for word in (
        " WIDTH", " HEIGHT"))  # fmt: skip
    return float(width or 0), float(height or 0)


def _spline(text: str) -> tuple[Point, list[Point]]:
    """The tip of the arrow and the points of the curve."""
    tip: Point | None = None
    points: list[Point] = []
    for part in text.split(";")[0].split():
        kind, _, rest = part.partition(",")
        if kind == "e":
            x, y = _numbers(rest)
            tip = (x, y)
        elif kind != "s":
            x, y = _numbers(part)
            points.append((x, y))
    return tip or points[-1], points


def _around(points: Iterable[Point]) -> Area:
    xs, ys = zip(*points, strict=True)
    return Area(min(xs), min(ys), max(xs) - min(xs), max(ys) - min(ys))


def scale_on_page(width: float, height: float) -> float:
    """By how much a picture shrinks to fit on one page; at most 1."""
    return min(PAGE[0] / max(width, 1), PAGE[1] / max(height, 1), 1.0)


# -- columns -------------------------------------------------------------------------------------


def in_columns(places: Places, spare: float) -> Places:
    """A tall picture cut into columns where a single edge crosses, if that makes it larger.

    Args:
        places: the whole, in one column.
        spare: height that is taken by what stands above and below.
    """
    most = scale_on_page(places.width, places.height + spare)
    if most >= READABLE:
        return places
    best: tuple[float, ...] = ()
    cuts = _cuts(places)
    areas = [*places.boxes.values(), *places.groups.values(), *(w.area for w in places.wires)]
    for count in range(2, MOST_COLUMNS + 1):
        for chosen in islice(_choices(cuts, places.height, count), TRIES):
            width, height = _extent(areas, chosen)
            scale = scale_on_page(width, height + spare)
            if scale > most * (1.1 if len(best) < len(chosen) else 1.0):
                best, most = chosen, scale
        if most >= READABLE or len(best) < count - 1:
            break
    return _cut(places, best) if best else places


def _extent(areas: Sequence[Area], cuts: Sequence[float]) -> tuple[float, float]:
    """Width and height of the whole that is cut so."""
    width, height = -GUTTER, 0.0
    for top, bottom in pairwise((-inf, *cuts, inf)):
        inside = [area for area in areas if top <= area.y and area.bottom <= bottom]
        width += max(a.right for a in inside) - min(a.x for a in inside) + GUTTER
        height = max(height, max(a.bottom for a in inside) - min(a.y for a in inside))
    return width, height + ROOM + MARGIN


def _choices(cuts: Sequence[float], height: float, count: int) -> Iterator[tuple[float, ...]]:
    """Cuts into so many columns, those near equal heights."""
    near = []
    for i in range(1, count):
        ideal = height * i / count
        near.append(sorted(cuts, key=lambda cut, y=ideal: abs(cut - y))[:NEAR])  # type: ignore[misc]
    for chosen in product(*near):
        if all(a < b for a, b in pairwise(chosen)):
            yield chosen


def _cuts(places: Places) -> list[float]:
    """Heights at which only one edge is cut, and nothing else."""
    solid = [*places.boxes.values(), *places.groups.values()]
    edges = sorted({area.y for area in solid} | {area.bottom for area in solid})
    cuts = []
    for above, below in pairwise(edges):
        y = (above + below) / 2
        if any(area.y < y < area.bottom for area in solid):
            continue
        crossing = [w for w in places.wires if w.area.y < y < w.area.bottom]
        if len(crossing) == 1 and crossing[0].tip[1] > y:
            cuts.append(y)
    return cuts


def _cut(places: Places, cuts: Sequence[float]) -> Places:
    """The pieces between the cuts side by side."""
    ends = [-inf, *cuts, inf]
    boxes: dict[str, Area] = {}
    groups: dict[str, Area] = {}
    wires: dict[int, Wire] = {}
    moves: list[tuple[float, float]] = []
    left = low = 0.0
    lefts, bottoms = [], []
    for number, (top, bottom) in enumerate(pairwise(ends)):
        inside = [a for a in (*places.boxes.values(), *places.groups.values())
                  if top <= a.y < bottom]  # fmt: skip
        inside += [w.area for w in places.wires if top <= w.area.y and w.area.bottom <= bottom]
        inside += _incoming(places.wires, top, bottom) if number else []
        area = _around([p for a in inside for p in ((a.x, a.y), (a.right, a.bottom))])
        dx, dy = left - area.x, (ROOM if number else 0.0) - area.y
        moves.append((dx, dy))
        lefts.append(left)
        left += area.width + GUTTER
        bottoms.append(area.bottom + dy)
        for table, found in ((places.boxes, boxes), (places.groups, groups)):
            found.update({n: a.moved(dx, dy) for n, a in table.items() if top <= a.y < bottom})
        for i, wire in enumerate(places.wires):
            if top <= wire.area.y and wire.area.bottom <= bottom:
                wires[i] = wire.moved(dx, dy)
    low = max(bottoms)
    for i, wire in enumerate(places.wires):
        if i not in wires:
            column = next(c for c, end in enumerate(ends[1:]) if wire.tip[1] < end)
            wires[i] = _around_corner(wire, moves, column, bottoms, lefts[column])
    height = max([low, *(w.area.bottom for w in wires.values())])
    ordered = tuple(wires[i] for i in range(len(places.wires)))
    return Places(left - GUTTER, height, boxes, groups, ordered)


def _incoming(wires: Sequence[Wire], top: float, bottom: float) -> list[Area]:
    """Room for the label of the edge that comes into a column from the one before."""
    return [
        Area(wire.tip[0], wire.tip[1], wire.label.width + 8, 0.0)
        for wire in wires
        if wire.label is not None and wire.area.y < top < wire.tip[1] < bottom
    ]


def _around_corner(
    wire: Wire, moves: Sequence[tuple[float, float]], column: int, bottoms: Sequence[float],
    left: float,
) -> Wire:  # fmt: skip
    """The edge from the foot of a column to the head of the next one."""
    before, after = moves[column - 1], moves[column]
    start = wire.points[0][0] + before[0], wire.points[0][1] + before[1]
    tip = wire.tip[0] + after[0], wire.tip[1] + after[1]
    foot, gutter, head = bottoms[column - 1] + MARGIN, left - GUTTER / 2, MARGIN / 2
    points = (start, (start[0], foot), (gutter, foot), (gutter, head), (tip[0], head),
              (tip[0], tip[1] - 6))  # fmt: skip
    label = wire.label
    if label is not None:
        label = replace(label, x=tip[0] + 5, y=head + 2)
    return Wire(points, tip, label, straight=True)
