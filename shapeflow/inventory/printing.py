"""The inventory as text, JSON and Markdown, and the command that prints it."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from itertools import groupby

import torch

from .inventory import DATA, KINDS, OTHER, PROBED, RULE, Item, inventory, share

DEFINITION = (
    "of the functions that torch lets tensors override and that return tensors whose shape the "
    "inputs' shapes determine"
)
ORDER = list(KINDS)


def families(items: Iterable[Item]) -> list[tuple[str, list[Item]]]:
    """The items of each namespace."""
    return [(family, list(own)) for family, own in groupby(items, lambda item: item.family)]


def counts(items: Sequence[Item]) -> dict[str, int]:
    """How many items there are of each kind."""
    return {kind: sum(item.kind == kind for item in items) for kind in KINDS}


def covered(items: Sequence[Item]) -> str:
    """How many operations have a rule, as a sentence."""
    ruled, of = share(items)
    return f"{ruled} of {of} ({100 * ruled / max(of, 1):.1f} %) have a rule, {DEFINITION}."


def version() -> str:
    """The installed torch, without what it was built for."""
    return torch.__version__.partition("+")[0]


def to_text(items: Sequence[Item], shown: Sequence[Item]) -> str:
    """One line for each callable, and the figures."""
    lines = [
        "\t".join(filter(None, [f"{item.family}.{item.name}", item.kind, item.says]))
        for item in shown
    ]
    titles = [*KINDS, ""]
    rows = [[f"{counts(own)[kind]}" for kind in KINDS] + [name] for name, own in families(items)]
    table = [titles, *rows]
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    lines += ["", f"torch {version()}", ""]
    for row in table:
        cells = [cell.rjust(width) for cell, width in zip(row[:-1], widths, strict=False)]
        lines.append("  ".join([*cells, row[-1]]).rstrip())
    return "\n".join([*lines, "", covered(items)]).lstrip("\n") + "\n"


def to_json(items: Sequence[Item], shown: Sequence[Item]) -> str:
    """Everything, for programs."""
    ruled, of = share(items)
    found = {
        "torch": version(),
        "definition": DEFINITION,
        "share": {"rule": ruled, "of": of},
        "families": {name: counts(own) for name, own in families(items)},
        "operations": [asdict(item) for item in shown],
    }
    return json.dumps(found, indent=2) + "\n"


def to_markdown(items: Sequence[Item], shown: Sequence[Item]) -> str:
    """The page of the documentation."""
    parts = [
        "# Operations",
        "What shapeflow does with each public callable of torch that takes or makes tensors, by "
        "the namespaces where they are found; names with an underscore in front are left out. "
        "`python -m shapeflow.ops` prints it for the torch that is installed; this page is for "
        f"torch {version()}.",
        _table(["", "meaning"], [[f"*{kind}*", meaning] for kind, meaning in KINDS.items()]),
        covered(items),
        _table(
            ["namespace", *KINDS],
            [[f"`{name}`", *map(str, counts(own).values())] for name, own in families(items)],
        ),
    ]
    for name, own in families(shown):
        parts.append(f"## {name}")
        parts += [_section(kind, [i for i in own if i.kind == kind]) for kind in ORDER]
    return "\n\n".join(filter(None, parts)) + "\n"


def _section(kind: str, items: Sequence[Item]) -> str:
    """The callables of one kind, those with the same to say in one row."""
    if not items:
        return ""
    rows: dict[str, list[str]] = {}
    for item in items:
        rows.setdefault(item.says, []).append(f"`{item.name}`")
    title = {RULE: "signature", DATA: "signature or reason", PROBED: "remark", OTHER: "reason"}
    cells = [[", ".join(names), _cell(says, kind)] for says, names in rows.items()]
    return f"### {kind}\n\n" + _table(["name", title[kind]], cells)


def _cell(text: str, kind: str) -> str:
    code = kind in (RULE, DATA) and "->" in text
    text = text.replace("|", r"\|").replace("``", "`")
    return f"`{text}`" if code else text


def _table(titles: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    table = [titles, ["---"] * len(titles), *rows]
    return "\n".join(f"| {' | '.join(row)} |" for row in table)


FORMATS = {"text": to_text, "json": to_json, "markdown": to_markdown}


def main(arguments: Sequence[str] | None = None) -> int:
    """Prints the inventory."""
    parser = argparse.ArgumentParser(
        prog="python -m shapeflow.ops",
        description="Lists what shapeflow does with each callable of the installed torch.",
    )
    parser.add_argument("--format", choices=FORMATS, default="text")
    parser.add_argument("--missing", action="store_true", help="only those without a rule")
    given = parser.parse_args(arguments)
    items = inventory()
    shown = [i for i in items if i.kind == PROBED] if given.missing else items
    try:
        print(FORMATS[given.format](items, shown), end="", flush=True)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return 0
