"""Report -> text: modules as a tree with shapes, parameters, and costs as formulas."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from rich.cells import cell_len

from ..core.dims import Size
from ..core.shape import product, total
from ..report import Report
from .compose import Laws, alike
from .cost import activation_bytes, multiply_adds
from .flow import Atom
from .lines import clean
from .scene import Box, Group
from .sketch import Options, Sketch
from .text import tree_text, verdict_line

Cost = Size | None
HEADS = ("layer", "gives", "parameters", "multiply-adds", "activations, bytes")
EVERYTHING = 1_000_000


@dataclass(frozen=True)
class Row:
    """One line of the tree: how deep, what, and its columns."""

    depth: int
    name: str
    gives: str
    parameters: int
    work: Cost
    memory: Cost


def to_tree(report: Report, options: Options = Options(most=EVERYTHING)) -> str:  # noqa: B008
    """The tree of a report with totals; costs of loops are those of all steps."""
    lines = [f"{clean(report.model or 'model')}: {_signature(report)}", verdict_line(report), ""]
    if report.traces:
        sketches = alike(report, options)
        rows = list(_rows(sketches))
        lines += _table(rows)
        lines += _totals(rows, sketches)
    return "\n".join(line.rstrip() for line in lines) + "\n"


def _signature(report: Report) -> str:
    given = ", ".join(f"{name} {tree_text(tree)}" for name, tree in report.inputs.items())
    return given if report.outputs is None else f"{given} -> {tree_text(report.outputs)}"


def _rows(sketches: Sequence[Sketch]) -> Iterator[Row]:
    """Groups and boxes in the order of the program, each group before what is in it."""
    main, laws = sketches[0], Laws(sketches)
    groups = {group.name: laws.group(group) for group in main.groups}
    parts = [_by_box(sketch) for sketch in sketches]
    told: set[str] = set()
    learned: set[str] = set()
    for box in laws.boxes():
        chain = _around(box.group, groups)
        for depth, group in enumerate(chain):
            if group.name not in told:
                told.add(group.name)
                yield Row(depth, _frame(group), "", 0, 0, 0)
        atoms = [part[box.name] for part in parts]
        yield Row(
            len(chain), _words(box), str(_gives(box)), _learned(box, main, learned),
            _sum(laws, sketches, atoms, multiply_adds_of), _sum(laws, sketches, atoms, bytes_of),
        )  # fmt: skip


def _by_box(sketch: Sketch) -> dict[str, list[Atom]]:
    found: dict[str, list[Atom]] = {box.name: [] for box in sketch.boxes}
    for atom in sketch.atoms:
        found[sketch.box_of[atom.number]].append(atom)
    return found


def _around(name: str, groups: dict[str, Group]) -> list[Group]:
    chain: list[Group] = []
    while name:
        chain.insert(0, groups[name])
        name = groups[name].parent
    return chain


def _frame(group: Group) -> str:
    return "  ".join(filter(None, (group.title, group.kind, group.times)))


def _words(box: Box) -> str:
    return "  ".join(filter(None, (box.title, box.kind, *box.lines)))


def _gives(box: Box) -> str:
    return "" if box.shape is None else tree_text(box.shape)


def _learned(box: Box, sketch: Sketch, learned: set[str]) -> int:
    """How many numbers a box learns that no box before it does."""
    count = 0
    for atom in sketch.atoms:
        if sketch.box_of[atom.number] != box.name:
            continue
        for path, shape in atom.parameters:
            if path not in learned and path in sketch.traced.learned:
                size = product(shape or ())
                count += size if isinstance(size, int) else 0
                learned.add(path)
        path = sketch.traced.visits[atom.step.visit].path
        module = sketch.traced.modules.get(path)
        if atom.step.op.startswith("nn.") and module is not None and path not in learned:
            count += module.parameters
            learned.add(path)
    return count


def multiply_adds_of(atom: Atom, sketch: Sketch) -> Cost:
    """What one call multiplies."""
    return multiply_adds(atom, sketch.traced)


def bytes_of(atom: Atom, sketch: Sketch) -> Cost:
    """What one call keeps."""
    return activation_bytes(atom)


def _sum(
    laws: Laws,
    sketches: Sequence[Sketch],
    atoms: Sequence[Sequence[Atom]],
    cost: Callable[[Atom, Sketch], Cost],
) -> Cost:
    """The cost of some calls for all numbers of steps; None where it is not known."""
    sums: list[Size] = []
    for sketch, some in zip(sketches, atoms, strict=True):
        costs = [cost(atom, sketch) for atom in some]
        known = [one for one in costs if one is not None]
        if len(known) < len(costs):
            return None
        sums.append(total(known))
    return laws.law(sums)


def to_markdown(report: Report) -> str:
    """Signature, verdict and the tree as a table."""
    lines = [f"**{marked(report.model or 'model')}**: {marked(_signature(report))}", ""]
    lines += [marked(verdict_line(report)), ""]
    if report.traces:
        lines += [f"| {' | '.join(HEADS)} |", "| --- | --- | ---: | --- | --- |"]
        for row in _rows(alike(report, Options(most=EVERYTHING))):
            count = f"{row.parameters:,}" if row.parameters else ""
            name = "&emsp;" * row.depth + marked(row.name)
            cells = (
                name,
                marked(row.gives),
                count,
                *map(marked, map(_cost, (row.work, row.memory))),
            )
            lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def marked(text: str) -> str:
    """Text that Markdown leaves as it is."""
    special = "\\`*_{}[]()#+-.!|~>"
    safe = "".join(f"\\{c}" if c in special else c for c in clean(text))
    return safe.replace("&", "&amp;").replace("<", "&lt;")


def _table(rows: Sequence[Row]) -> Iterator[str]:
    cells = [HEADS]
    for row in rows:
        name = "  " * row.depth + clean(row.name)
        count = f"{row.parameters:,}" if row.parameters else ""
        cells.append((name, row.gives, count, _cost(row.work), _cost(row.memory)))
    widths = [max(cell_len(row[i]) for row in cells) for i in range(len(HEADS) - 1)]
    for number, row_cells in enumerate(cells):
        padded = [
            " " * (width - cell_len(cell)) + cell
            if i == 2
            else cell + " " * (width - cell_len(cell))
            for i, (cell, width) in enumerate(zip(row_cells, widths, strict=False))
        ]
        yield "  ".join([*padded, row_cells[-1]])
        if number == 0:
            yield "-" * (sum(widths) + 2 * len(widths) + cell_len(HEADS[-1]))


def _cost(cost: Cost) -> str:
    if cost is None:
        return "?"
    return f"{cost:,}" if isinstance(cost, int) and cost else "" if cost == 0 else str(cost)


def _totals(rows: Sequence[Row], sketches: Sequence[Sketch]) -> Iterator[str]:
    modules = sketches[0].traced.modules.values()
    used, whole = sum(row.parameters for row in rows), sum(module.parameters for module in modules)
    yield ""
    yield f"parameters: {used:,}" + (f" of {whole:,}, the others are not used" * (used < whole))
    for words, costs in (
        ("multiply-adds", [row.work for row in rows]),
        ("activations, bytes", [row.memory for row in rows]),
    ):
        known = [cost for cost in costs if cost is not None]
        missing = len(costs) - len(known)
        left = f", and what {missing} lines do that are not counted" if missing else ""
        yield f"{words}: {_cost(total(known)) or '0'}{left}"
