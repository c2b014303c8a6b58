"""Scene -> JSON: everything a picture shows as plain data, with sizes that can be evaluated.

``schema`` is 1. A shape is a list of numbers and texts; ``sizes`` has for each such text what it is
made of: a number, the name of a symbol, or a list of an operation (``+ * // max min``) and what it
is applied to. Conditions are made of ``== >= != % any all never`` in the same way.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from ..core.constraint import COMPARISONS, Constraint
from ..core.dims import Atom, Size
from ..core.shape import Shape
from .scene import Box, Edge, Scene
from .text import tree_text

SCHEMA = 1


def to_json(scene: Scene, relations: Iterable[Constraint] = ()) -> str:
    """The scene as JSON text, in ASCII."""
    text = json.dumps(to_dict(scene, relations), indent=1)
    return text.replace("<", "\\u003c")  # so that it may stand in a page


def to_dict(scene: Scene, relations: Iterable[Constraint] = ()) -> dict[str, Any]:
    """The scene as dictionaries, lists, numbers and texts.

    Args:
        scene: what is drawn.
        relations: the conditions that must hold.
    """
    sizes: dict[str, Any] = {}
    return {
        "schema": SCHEMA,
        "model": scene.model,
        "signature": {
            "inputs": [[name, tree_text(tree)] for name, tree in scene.inputs],
            "outputs": None if scene.outputs is None else tree_text(scene.outputs),
        },
        "verdict": list(scene.verdict),
        "symbols": [list(pair) for pair in scene.symbols],
        "conditions": [[str(relation), condition(relation)] for relation in relations],
        "reasons": list(scene.reasons),
        "notes": list(scene.notes),
        "groups": [
            {
                "id": group.name, "title": group.title, "kind": group.kind, "role": group.role,
                "times": group.times, "parent": group.parent,
            }
            for group in scene.groups
        ],
        "boxes": [_box(box, sizes) for box in scene.boxes],
        "edges": [_edge(edge, sizes) for edge in scene.edges],
        "sizes": sizes,
    }  # fmt: skip


def _box(box: Box, sizes: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": box.name, "title": box.title, "kind": box.kind, "lines": list(box.lines),
        "family": box.family, "group": box.group, "role": box.role, "remarks": list(box.remarks),
        "source": box.source, "code": box.code, "path": box.path,
        "operation": box.op, "location": box.location,
        "signature": box.signature, "shape": _shape(box.shape, sizes),
        "parameters": [[path, _shape(shape, sizes)] for path, shape in box.parameters],
        "calls": box.closed, "link": box.link, "nodes": list(box.members),
    }  # fmt: skip


def _edge(edge: Edge, sizes: dict[str, Any]) -> dict[str, Any]:
    return {
        "source": edge.source,
        "target": edge.target,
        "role": edge.role,
        "labelled": edge.labelled,
        "tensors": [
            {"via": tensor.via, "shape": _shape(tensor.shape, sizes), "times": tensor.times}
            for tensor in edge.tensors
        ],
    }


def _shape(shape: Shape | None, sizes: dict[str, Any]) -> list[int | str] | None:
    if shape is None:
        return None
    for size in shape:
        if not isinstance(size, int):
            sizes.setdefault(str(size), expression(size))
    return [size if isinstance(size, int) else str(size) for size in shape]


def expression(size: Size) -> Any:
    """A size as nested lists."""
    if isinstance(size, int):
        return size
    terms = []
    for monomial, factor in size.terms:
        parts: list[Any] = [] if factor == 1 and monomial else [factor]
        for atom, power in monomial:
            parts += [_atom(atom)] * power
        terms.append(parts[0] if len(parts) == 1 else ["*", *parts])
    return terms[0] if len(terms) == 1 else ["+", *terms]


def _atom(atom: Atom) -> Any:
    if not atom.args:
        return atom.name
    sign = "//" if atom.kind == "floordiv" else atom.kind
    return [sign, *map(expression, atom.args)]


def condition(relation: Constraint) -> Any:
    """A condition as nested lists."""
    if relation.options or relation.kind in ("any", "all", "never"):
        return [relation.kind, *map(condition, relation.options)]
    signs: Mapping[str, str] = {**COMPARISONS, "divides": "%"}
    return [signs[relation.kind], expression(relation.left), expression(relation.right)]
