"""Scene -> DOT: what any Graphviz opens, and what the layout engine is given."""

from __future__ import annotations

from collections.abc import Iterator
from math import ceil

from .measure import ABOVE, SIDE, Block, Measure, Row
from .scene import Box, Edge, Group, Scene
from .theme import LIGHT

POINTS = 72
STYLES = {
    "normal": "", "cause": 'penwidth="2"', "state": 'constraint="false"',
    "probed": 'style="dotted"', "unknown": 'style="dashed"', "warning": 'penwidth="1.5"',
    "conflict": 'penwidth="2"',
}  # fmt: skip
"""Attributes of edges by their role."""
MANY = 120
"""Boxes from which the engine is told not to try as hard."""


def to_dot(scene: Scene, measure: Measure | None = None, texts: bool = True) -> str:
    """The scene as a graph in Graphviz' language; deterministic.

    Args:
        scene: what to write.
        measure: the texts, where they were written before.
        texts: whether boxes hold their text; without, they are empty and of the same size.
    """
    measure = measure or Measure(scene)
    lines = list(_graph(scene, measure, texts))
    return "\n".join(lines) + "\n"


def _graph(scene: Scene, measure: Measure, texts: bool) -> Iterator[str]:
    yield f"digraph {quoted(scene.model or 'model')} {{"
    limits = 'nslimit="2", mclimit="0.5", ' if len(scene.boxes) > MANY else ""
    yield (
        f'\tgraph [{limits}rankdir="TB", nodesep="0.22", ranksep="0.2", fontname="DejaVu Sans", '
        'fontsize="10", labelloc="t"]'
    )
    yield '\tnode [shape="box", style="rounded,filled", fixedsize="true"]'
    yield '\tedge [arrowsize="0.6", fontname="DejaVu Sans"]'
    yield from _inside("", scene, measure, texts, "\t")
    for number, edge in enumerate(scene.edges):
        yield _edge(number, edge, measure, texts)
    yield "}"


def _inside(group: str, scene: Scene, measure: Measure, texts: bool, indent: str) -> Iterator[str]:
    for inner in (g for g in scene.groups if g.parent == group):
        yield f"{indent}subgraph {quoted('cluster_' + inner.name)} {{"
        yield f"{indent}\tgraph [{_frame(inner, measure, texts)}]"
        yield from _inside(inner.name, scene, measure, texts, indent + "\t")
        yield f"{indent}}}"
    for box in (b for b in scene.boxes if b.group == group):
        yield f"{indent}{quoted(box.name)} [{_box(box, measure, texts)}]"


def _frame(group: Group, measure: Measure, texts: bool) -> str:
    block = measure.group(group)
    style = "rounded,filled,dashed" if group.role == "loop" else "rounded,filled"
    return (
        f'label={_label(block, texts)}, labeljust="l", margin="9", style="{style}", '
        f'color="{LIGHT[group.role]}", fillcolor="{LIGHT[group.role + ".fill"]}"'
    )


def _box(box: Box, measure: Measure, texts: bool) -> str:
    block = measure.box(box)
    width, height = size_of(box, block)
    fill = f"{box.role if box.role in ('conflict', 'warning') else box.family}.fill"
    edge = box.role if box.role in ("conflict", "warning", "unknown") else box.family
    label = _label(block, True) if texts else '""'
    return (
        f'id="{box.name}", label={label}, width="{width / POINTS:.6f}", '
        f'height="{height / POINTS:.6f}", color="{LIGHT[edge]}", fillcolor="{LIGHT[fill]}"'
    )


def size_of(box: Box, block: Block) -> tuple[int, int]:
    """Width and height of a box in points, even ones: old engines round to whole points."""
    return _even(max(block.width + 2 * SIDE, 44.0)), _even(block.height + 2 * ABOVE)


def _even(size: float) -> int:
    return 2 * ceil(size / 2)


def _edge(number: int, edge: Edge, measure: Measure, texts: bool) -> str:
    block = measure.edge(edge)
    attributes = [f'id="e{number}", color="{LIGHT[edge_paint(edge)]}"']
    if edge.labelled and edge.role != "state":
        attributes.append('weight="4"')  # the way that is read first is straight
    if STYLES[edge.role]:
        attributes.append(STYLES[edge.role])
    if block.rows:
        attributes.append(f"label={_label(block, texts)}")
    return f"\t{quoted(edge.source)} -> {quoted(edge.target)} [{', '.join(attributes)}]"


def edge_paint(edge: Edge) -> str:
    """The colour of an edge, as a key of the theme."""
    plain = {"normal": "edge", "probed": "edge"}
    return plain.get(edge.role, edge.role)


def _label(block: Block, texts: bool) -> str:
    """A table of fixed size, so that every engine reserves the same room."""
    width, height = _even(block.width + 6), _even(block.height + 2)
    inner = '<BR ALIGN="LEFT"/>'.join(map(_row, block.rows)) if texts else ""
    if texts and any(row.left for row in block.rows):
        inner += '<BR ALIGN="LEFT"/>'
    else:
        inner = inner.replace(' ALIGN="LEFT"', "")
    size = f'FIXEDSIZE="TRUE" WIDTH="{width}" HEIGHT="{height}"'
    return (
        f'<<TABLE BORDER="0" CELLBORDER="0" CELLPADDING="0" CELLSPACING="0" {size}>'
        f"<TR><TD>{inner}</TD></TR></TABLE>>"
    )


def _row(row: Row) -> str:
    parts = []
    for span in row.spans:
        text = escaped(span.text)
        text = f"<B>{text}</B>" if span.face == "bold" else text
        face = ' FACE="DejaVu Sans Mono"' if span.face == "mono" else ""
        parts.append(
            f'<FONT POINT-SIZE="{span.size:g}" COLOR="{LIGHT[span.paint]}"{face}>{text}</FONT>'
        )
    return "".join(parts)


def escaped(text: str) -> str:
    """Text inside an HTML-like label."""
    table = {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;"}
    return "".join(table.get(letter, letter) for letter in text)


def quoted(text: str) -> str:
    """A text as an id of the language."""
    plain = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", " ")
    return f'"{plain}"'
