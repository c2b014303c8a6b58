"""How large everything of a scene is: rows of text with the fonts that are drawn."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from .fonts import width_of
from .lines import clean
from .scene import Box, Edge, Group, Scene
from .sizes import Names, pieces
from .theme import SYMBOLS

TITLE, SMALL, LABEL, CODE = 10.5, 8.5, 8.5, 8.0
"""Sizes of letters, in points."""
LEADING = 1.28
SIDE, ABOVE = 9.0, 5.5
"""Room between a box and its text."""
WIDEST = 40
"""Characters of a title or a line of settings."""


@dataclass(frozen=True)
class Span:
    """Some text in one face, size and colour (a key of the theme)."""

    text: str
    face: str
    size: float
    paint: str

    @property
    def width(self) -> float:
        """In points."""
        return width_of(self.text, self.size, self.face)


@dataclass(frozen=True)
class Row:
    """A line of text; ``left`` where it is not centred."""

    spans: tuple[Span, ...]
    left: bool = False

    @property
    def width(self) -> float:
        """In points."""
        return sum(span.width for span in self.spans)

    @property
    def height(self) -> float:
        """In points, with the room to the next line."""
        return max((span.size for span in self.spans), default=SMALL) * LEADING


@dataclass(frozen=True)
class Block:
    """Rows below one another."""

    rows: tuple[Row, ...]

    @property
    def width(self) -> float:
        """Of the widest row, in points."""
        return max((row.width for row in self.rows), default=0.0)

    @property
    def height(self) -> float:
        """Of all rows, in points."""
        return sum(row.height for row in self.rows)


class Measure:
    """Writes the texts of a scene.

    Attributes:
        names: what sizes are called, filled as they are written.
    """

    def __init__(self, scene: Scene) -> None:
        self.scene = scene
        self.names = Names([name for name, _ in scene.symbols])
        self.paints = {name: f"symbol{i % SYMBOLS}" for i, (name, _) in enumerate(scene.symbols)}
        self.boxes = {box.name: self._box(box) for box in scene.boxes}
        self.edges = {id(edge): self._edge(edge) for edge in scene.edges}
        self.groups = {group.name: self._group(group) for group in scene.groups}

    def coloured(
        self, text: str, size: float, face: str = "regular", paint: str = "ink"
    ) -> tuple[Span, ...]:
        """A text with its symbols in their colours."""
        same = {name: self.names.colour_of(name) for name in self.names.long.values()}
        return tuple(
            Span(part, face, size, self.paints.get(colour, paint))
            for part, colour in pieces(clean(text), self.paints, same)
        )

    def box(self, box: Box) -> Block:
        """The text of a box."""
        return self.boxes[box.name]

    def edge(self, edge: Edge) -> Block:
        """The label of an edge: a line for each kind of tensor."""
        return self.edges[id(edge)]

    def group(self, group: Group) -> Block:
        """The title of a group, on one line."""
        return self.groups[group.name]

    def _box(self, box: Box) -> Block:
        title = Span(shortened(box.title), "bold", TITLE, "ink")
        kind = self.coloured(shortened(box.kind), SMALL, paint="faint")
        one_row = not box.path and kind and not box.closed
        if one_row:
            rows = [Row((title, Span("  ", "regular", SMALL, "faint"), *kind))]
        else:
            rows = [Row((title,)), *([Row(kind)] if kind else [])]
        rows += [Row(self.coloured(shortened(line), SMALL, paint="faint")) for line in box.lines]
        if box.remarks:
            code, *told = box.remarks
            paint = box.role
            rows.append(Row((Span(code, "bold", SMALL, paint),), True))
            rows += [Row((Span(clean(line), "regular", SMALL, paint),), True) for line in told]
        if box.source:
            source = Span(shortened(box.source, 58), "mono", CODE, "ink")
            rows.append(Row((source,), True))
        return Block(tuple(rows))

    def _edge(self, edge: Edge) -> Block:
        if not edge.labelled:
            return Block(())
        rows = []
        for tensor in edge.tensors:
            bad = edge.role == "conflict"
            paint = "conflict" if bad else "ink"
            spans: list[Span] = []
            if tensor.times and edge.role != "state":
                spans += self.coloured(f"{tensor.times} × ", LABEL, paint="faint")
            if edge.role == "state" and not tensor.via:
                spans.append(Span("next step ", "regular", LABEL, "state"))
            if tensor.via:
                tint = "state" if edge.role == "state" else "faint"
                spans.append(Span(f"{shortened(tensor.via)} ", "regular", LABEL, tint))
            text = self.names.shape(tensor.shape)
            spans += self.coloured(text, LABEL, "bold" if bad else "regular", paint)
            rows.append(Row(tuple(spans)))
            if tensor.times and edge.role == "state":
                rows.append(Row(self.coloured(tensor.times, LABEL, paint="state")))
        return Block(tuple(rows))

    def _group(self, group: Group) -> Block:
        spans: list[Span] = []
        if group.times:
            paint = "state" if group.role == "loop" else "ink"
            spans += self.coloured(group.times, TITLE, "bold", paint)
            spans.append(Span("   ", "regular", SMALL, "faint"))
        if group.title:
            spans.append(Span(shortened(group.title), "bold", SMALL, "ink"))
            spans.append(Span("  ", "regular", SMALL, "faint"))
        if group.kind:
            spans.append(Span(shortened(group.kind), "regular", SMALL, "faint"))
        return Block((Row(tuple(spans)),))

    def paragraph(self, spans: Sequence[Span], room: float, indent: float = 0.0) -> tuple[Row, ...]:
        """Text broken between words where it is wider than the room."""
        rows: list[Row] = []
        line: list[Span] = []
        used = 0.0
        for chunk in _chunks(spans):
            last = chunk[-1]
            width = sum(part.width for part in chunk[:-1])
            if line and used + width + Span(last.text.rstrip(), *_style(last)).width > room:
                rows.append(Row(tuple(line), True))
                line, used = [Span("   ", *_style(chunk[0]))] if indent else [], indent
                if len(chunk) == 1 and not last.text.strip():
                    continue
            line += chunk
            used += width + last.width
        return (*rows, Row(tuple(line), True)) if line else tuple(rows)


def _style(span: Span) -> tuple[str, float, str]:
    return span.face, span.size, span.paint


def _chunks(spans: Iterable[Span]) -> Iterator[list[Span]]:
    """The spans cut behind spaces: what stands between two of them, in several colours perhaps."""
    chunk: list[Span] = []
    for span in spans:
        for word in _words(span.text):
            chunk.append(Span(word, *_style(span)))
            if word.endswith(" "):
                yield chunk
                chunk = []
    if chunk:
        yield chunk


def _words(text: str) -> Iterable[str]:
    """The text cut behind its spaces."""
    start = 0
    for i, letter in enumerate(text):
        if letter == " " and text[i + 1 : i + 2] != " ":
            yield text[start : i + 1]
            start = i + 1
    if start < len(text):
        yield text[start:]


def shortened(text: str, most: int = WIDEST) -> str:
    """Text that fits into a line, without what moves a cursor."""
    return (
        textwrap.shorten(clean(text), most, placeholder="…")
        if len(text) > most and " " in text[:most]
        else _cut(clean(text), most)
    )


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else text[: most - 1] + "…"
