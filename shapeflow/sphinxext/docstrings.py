"""Docstrings of models: their symbolic signature added, their own "Shape:" section checked."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ..core.errors import ShapeflowError
from ..documenting import Exhibit, Question, exhibit
from .figure import folder_of, tell

SECTION = re.compile(r"^\s*(Shapes?|Shape of inputs?)\s*:?\s*:?\s*$")
ITEM = re.compile(r"^\s*(?:[-*]\s+)?\**(\w[\w ]*?)\**\s*(?:\([^)]*\))?\s*:\s*(.*)$")
SHAPE = re.compile(r"\(([^()]*)\)")
WHOLE = {"inputs", "init", "where", "returns"}
MARKUP = re.compile(r":math:|`|\\text(?:it|rm)?|\\[,;]|[{}$]")


def add_shapes(app: Any, what: str, name: str, obj: Any, options: Any, lines: list[str]) -> None:
    """What Sphinx calls with each docstring: adds the signature where ``conf.py`` asks for it.

    ``shapeflow_autodoc`` has an entry for each class: its full name, with the inputs (a mapping
    of parameter to spec) or with a mapping of ``inputs``, ``init``, ``where`` and ``returns``.
    """
    asked = app.config.shapeflow_autodoc.get(name)
    if what != "class" or asked is None:
        return
    try:
        question = _question(name, asked)
        shown, _ = exhibit(question, folder_of(app.env), ())
    except ShapeflowError as error:
        tell(f"{name}: {error}", name, "model")
        return
    for file in shown.files:
        app.env.note_dependency(file)
    if app.config.shapeflow_check_docstrings:
        for text in contradictions(lines, shown):
            tell(f"the docstring of {name} says {text}", name, "docstring")
    lines += ["", ".. rubric:: Sizes", "", f"``{shown.signature}``", ""]
    if shown.verdict not in ("valid", "conditional"):
        lines += [f"*{shown.verdict}*", ""]


def _question(name: str, asked: Any) -> Question:
    """The question of an entry of ``shapeflow_autodoc``."""
    module, _, cls = name.rpartition(".")
    if not isinstance(asked, Mapping):
        raise ShapeflowError(f"shapeflow_autodoc should have a mapping for it, not {asked!r}")
    whole = asked if asked.keys() & WHOLE else {"inputs": asked}
    where = whole.get("where", ())
    return Question(
        f"{module}:{cls}",
        tuple(f"{key}={spec}" for key, spec in whole.get("inputs", {}).items()),
        tuple(f"{key}={value!r}" for key, value in whole.get("init", {}).items()),
        (where,) if isinstance(where, str) else tuple(where),
        str(whole.get("returns", "")),
    )


def contradictions(lines: Sequence[str], shown: Exhibit) -> Iterator[str]:
    """What the "Shape:" section of a docstring says and the analysis denies.

    A shape there names sizes by letters, which may be any; the same letter must be the same size
    everywhere, a number must be that number, and the count of axes must agree.
    """
    told = list(stated(lines))
    names = [name.lower() for name, _ in shown.inputs]
    letters: dict[str, str] = {}
    unnamed = [i for i, (name, _) in enumerate(told) if name.lower() not in names]
    outputs = iter(shown.outputs)
    for i, (name, axes) in enumerate(told):
        if name.lower() in names:
            found: str | None = shown.inputs[names.index(name.lower())][1]
        elif name.lower().startswith("input") and len(shown.inputs) == 1:
            found = shown.inputs[0][1]
        elif name.lower().startswith(("output", "return", "result")) or i == unnamed[-1]:
            found = next(outputs, None)
        else:
            continue
        if found is not None:
            yield from _differing(name, axes, found.split(), letters)


def _differing(
    name: str, axes: list[str], found: list[str], letters: dict[str, str]
) -> Iterator[str]:
    if "*" in axes or "..." in axes:
        return
    told = f"{name} is ({', '.join(axes)})"
    if len(axes) != len(found):
        yield f"{told}, but it has {len(found)} axes: ({', '.join(found)})"
        return
    for number, (axis, size) in enumerate(zip(axes, found, strict=True)):
        if axis.isdecimal() and axis != size:
            yield f"{told}, but axis {number} is {size}"
        elif axis.isidentifier() and letters.setdefault(axis, size) != size:
            yield f"{told}, but {axis} is {letters[axis]} elsewhere and {size} on axis {number}"


def stated(lines: Sequence[str]) -> Iterator[tuple[str, list[str]]]:
    """The names and shapes in the "Shape:" section of a docstring."""
    inside = False
    for line in lines:
        if SECTION.match(line) or line.strip() == ".. rubric:: Shape":
            inside = True
        elif inside and line.strip() and not line[0].isspace() and not line.startswith(("-", "*")):
            inside = bool(ITEM.match(line)) and SHAPE.search(line) is not None
        if not inside:
            continue
        item = ITEM.match(line)
        shape = SHAPE.search(MARKUP.sub("", item[2])) if item else None
        if item is not None and shape is not None:
            axes = [axis.strip().replace("_", "") for axis in shape[1].split(",") if axis.strip()]
            yield item[1], axes


__all__ = ["add_shapes", "contradictions", "stated"]
