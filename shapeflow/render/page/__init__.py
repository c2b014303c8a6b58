"""Scene -> one HTML file that needs no network: its style, its program, and the scene as JSON."""

from __future__ import annotations

import json
from collections.abc import Iterable
from html import escape
from importlib.resources import files
from typing import Any

from ...core.constraint import Constraint
from ..picture import words
from ..scene import Scene
from ..scene_json import to_dict
from ..theme import DARK, LIGHT

WIDEST = 60
"""Things side by side in one frame; more are gathered in frames that open."""
POLICY = "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:"
"""Nothing is loaded from anywhere."""


def to_html(
    scene: Scene, opened: Iterable[tuple[str, str]], relations: Iterable[Constraint], theme: str
) -> str:
    """The page.

    Args:
        scene: with all modules open.
        opened: (title, role) of the groups that are open at first.
        relations: conditions on sizes, checked as sliders move.
        theme: ``light``, ``dark`` or ``auto``.
    """
    data = to_dict(scene, relations)
    shown = set(opened)
    for group in data["groups"]:
        group["open"] = (group["title"], group["role"]) in shown
    gather(data)
    text = json.dumps(data, separators=(",", ":")).replace("<", "\\u003c").replace("&", "\\u0026")
    here = files(__name__)
    style, program = (here.joinpath(f"page.{kind}").read_text("utf-8") for kind in ("css", "js"))
    return f"""<!DOCTYPE html>
<html lang="en" data-theme="{theme}">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{POLICY}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{escape(scene.model or "model")} – shapeflow</title>
<style>
{_colours()}
{style}</style>
</head>
<body>
<noscript>{escape(words(scene))}</noscript>
<script type="application/json" id="scene">{text}</script>
<script>
{program}</script>
</body>
</html>
"""


def _colours() -> str:
    """Both themes as variables."""
    light = "".join(f"--{key.replace('.', '-')}:{value};" for key, value in LIGHT.items())
    dark = "".join(f"--{key.replace('.', '-')}:{value};" for key, value in DARK.items())
    return (
        f":root{{{light}color-scheme:light}}\n"
        f"@media (prefers-color-scheme:dark){{[data-theme=auto]{{{dark}color-scheme:dark}}}}\n"
        f"[data-theme=dark]{{{dark}color-scheme:dark}}"
    )


def gather(data: dict[str, Any]) -> None:
    """Puts what is too much for one frame into frames of its own, in the order of the program."""
    groups = {group["id"]: group for group in data["groups"]}
    inside: dict[str, dict[str, tuple[dict[str, Any], str]]] = {}
    for box in data["boxes"]:
        inside.setdefault(box["group"], {})[box["id"]] = (box, "group")
        name = box["group"]
        while name:
            inside.setdefault(groups[name]["parent"], {})[name] = (groups[name], "parent")
            name = groups[name]["parent"]
    pending = list(inside.items())
    while pending:
        parent, children = pending.pop()
        if len(children) <= WIDEST:
            continue
        things = list(children.items())
        size = -(-len(things) // (WIDEST // 2))
        for start in range(0, len(things), size):
            part = dict(things[start : start + size])
            name = f"g{len(data['groups'])}"
            data["groups"].append(_frame(name, [thing for thing, _ in part.values()], parent))
            for thing, key in part.values():
                thing[key] = name
            pending.append((name, part))


def _frame(name: str, things: list[dict[str, Any]], parent: str) -> dict[str, Any]:
    return {
        "id": name, "title": f"{things[0]['title']} … {things[-1]['title']}",
        "kind": f"{len(things)} in a row", "role": "module", "times": "", "parent": parent,
        "open": False,
    }  # fmt: skip


__all__ = ["gather", "to_html"]
