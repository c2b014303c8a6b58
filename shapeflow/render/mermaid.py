"""Scene -> Mermaid, which many sites draw from text."""

from __future__ import annotations

import re
from collections.abc import Iterator

from .measure import Measure
from .scene import Edge, Scene
from .theme import FAMILY_NAMES, LIGHT

ARROWS = {"state": "-.->", "unknown": "-.->", "conflict": "==>", "cause": "==>"}
PLAIN = re.compile(r"[\w ,.+*/=:…→×·⇄│-]")


def to_mermaid(scene: Scene) -> str:
    """The scene as a flowchart; what user code names is text, whatever its letters."""
    return "\n".join(_lines(scene, Measure(scene))) + "\n"


def _lines(scene: Scene, measure: Measure) -> Iterator[str]:
    yield "---"
    yield f'title: "{escaped(scene.model or "model")}"'
    yield "---"
    yield "flowchart TD"
    yield from _inside("", scene, "    ")
    for edge in scene.edges:
        arrow = ARROWS.get(edge.role, "-->")
        label = _label(edge, measure)
        told = f'|"{label}"|' if label else ""
        yield f"    {edge.source} {arrow}{told} {edge.target}"
    for family in FAMILY_NAMES:
        fill, stroke = LIGHT[f"{family}.fill"], LIGHT[family]
        yield f"    classDef {family} fill:{fill},stroke:{stroke},color:{LIGHT['ink']}"
    for role in ("conflict", "warning"):
        fill, stroke = LIGHT[f"{role}.fill"], LIGHT[role]
        yield f"    classDef {role} fill:{fill},stroke:{stroke},stroke-width:3px"
    red = [str(i) for i, edge in enumerate(scene.edges) if edge.role == "conflict"]
    if red:
        yield f"    linkStyle {','.join(red)} stroke:{LIGHT['conflict']}"


def _inside(group: str, scene: Scene, indent: str) -> Iterator[str]:
    for inner in (g for g in scene.groups if g.parent == group):
        words = " ".join(filter(None, (inner.times, inner.title, inner.kind)))
        yield f'{indent}subgraph {inner.name}["{escaped(words)}"]'
        yield from _inside(inner.name, scene, indent + "    ")
        yield f"{indent}end"
    for box in (b for b in scene.boxes if b.group == group):
        texts = filter(None, (box.title, box.kind, *box.lines, *box.remarks, box.source))
        text = "<br/>".join(map(escaped, texts))
        start, end = ("([", "])") if box.family in ("input", "output") else ("[", "]")
        marked = box.role if box.role in ("conflict", "warning") else box.family
        yield f'{indent}{box.name}{start}"{text}"{end}:::{marked}'


def _label(edge: Edge, measure: Measure) -> str:
    rows = measure.edge(edge).rows
    return "<br/>".join(escaped("".join(span.text for span in row.spans)) for row in rows)


def escaped(text: str) -> str:
    """Text inside quotes: all that could mean something by its number."""
    return "".join(c if PLAIN.match(c) else f"#{ord(c)};" for c in text)
