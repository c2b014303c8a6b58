"""One run as boxes, groups and edges, before sizes are written and loops are given a law."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from ..core.shape import Shape
from ..core.step import Module, Step, Traced
from .blocks import Block, Folder, Item, Leaf, Repeat, tree
from .detail import View, fused, opened
from .families import SPACES, family_of, short_name
from .flow import Atom, Wire, flow
from .scene import Box, Group

COMFORT = 30
"""Boxes that the default picture has at most, where modules can be closed for it."""
MOST_BOXES = 400
"""Boxes that any picture has at most."""
PAGES = "https://docs.pytorch.org/docs/stable/generated/"
MOST_LINES = 6
"""Lines in which a box tells what else happens in it."""
LINE = 30
"""Characters of a line that tells what else happens in a box."""
NUMBER = re.compile(r"\d+")


@dataclass(frozen=True)
class Options:
    """What a reader wants to see.

    Attributes:
        depth: levels of modules that are open; None for as many as there is room for.
        expand: paths of modules that stay open.
        fold: whether layers that repeat are drawn once.
        unroll: whether the steps of loops are drawn one by one.
        plumbing: whether calls that only pass tensors on are drawn.
        most: boxes at most.
        classes: whether modules of the user's lead to ``class:`` and the name of their class, for
            a writer of pages that knows where it is described.
    """

    depth: int | None = None
    expand: tuple[str, ...] = ()
    fold: bool = True
    unroll: bool = False
    plumbing: bool = False
    most: int = 0
    classes: bool = False


@dataclass
class Flow:
    """Tensors between two boxes: what each is called and its shape in each round that it is
    met in."""

    source: str
    target: str
    role: str
    origin: tuple[int, int]
    vias: list[tuple[int, str]] = field(default_factory=list)
    shapes: list[Shape | None] = field(default_factory=list)
    times: int = 1
    node: str = ""


class Sketch:
    """One run, drawn.

    Attributes:
        boxes, groups: as in the scene, groups without what they are repeated for.
        counts: rounds of each group that is repeated.
        flows: what flows, by boxes, role, and what it is made and taken by.
        box_of: the box of each atom.
        view: what was closed.
    """

    def __init__(self, traced: Traced, options: Options, marked: Collection[str]) -> None:
        self.traced, self.classes = traced, options.classes
        self.atoms = flow(traced, options.plumbing, tuple(marked))
        apart = frozenset(a.number for a in self.atoms if a.step.name in marked)
        self.apart = apart
        folder = Folder(self.atoms, not options.unroll, options.fold, apart)
        items = fused(folder.fold(tree(self.atoms, traced).items), self.atoms, apart)
        most = options.most or (COMFORT if options.depth is None else MOST_BOXES)
        hard = max(MOST_BOXES, options.most)
        told = (traced.visits[self.atoms[number].step.visit].path for number in apart)
        wished = (*options.expand, *sorted(set(told)))
        self.view: View = opened(items, options.depth, wished, most, hard)
        self.boxes: list[Box] = []
        self.groups: list[Group] = []
        self.counts: dict[str, int] = {}
        self.box_of: dict[int, str] = {}
        self.canon = {atom.number: atom.number for atom in self.atoms}
        self.rounds: dict[int, dict[str, int]] = {atom.number: {} for atom in self.atoms}
        self.roles: dict[str, bool] = {}
        self.emit(self.view.items, "", "")
        self.fill_members()
        self.nodes: dict[int, list[str]] = {}
        for atom in self.atoms:
            self.nodes.setdefault(self.canon[atom.number], []).append(atom.step.name)
        self.flows = self.connect()

    # -- boxes -----------------------------------------------------------------------------------

    def emit(self, items: Sequence[Item], group: str, path: str) -> None:
        """Boxes and groups of some items, in order."""
        for item in items:
            if isinstance(item, Leaf):
                box = self.box(item, group)
                self.boxes.append(box)
                for number in item.atoms:
                    self.box_of[number] = box.name
            elif isinstance(item, Block):
                name = self.group(item.path, item.kind, group, path=item.path)
                self.emit(item.items, name, item.path)
            else:
                self.repeat(item, group, path)

    def group(
        self, title: str, kind: str, parent: str, role: str = "module", path: str = ""
    ) -> str:
        """Adds a frame and gives its id."""
        name = f"g{len(self.groups)}"
        self.groups.append(Group(name, title, kind, role, "", parent, self.page(path)))
        return name

    def page(self, path: str) -> str:
        """Where the class of a module of the user's is to be looked up."""
        module = self.traced.modules.get(path) if self.classes and path else None
        return f"class:{module.name}" if module is not None and not module.is_torchs else ""

    def repeat(self, item: Repeat, group: str, path: str) -> None:
        """Adds the frame and the first round of a repetition, and finds the boxes of the others."""
        role = "loop" if item.same else "stack"
        only = item.items[0] if len(item.items) == 1 else None
        title, kind = "", ""
        if item.paths and not item.same:
            title = _range(item.paths)
        elif isinstance(only, Block):
            title = only.path
        kind = only.kind if isinstance(only, Block) else ""
        name = self.group(title, kind, group, role, only.path if isinstance(only, Block) else "")
        self.counts[name] = len(item.rounds)
        self.roles[name] = item.same
        inner = only.items if isinstance(only, Block) else item.items
        self.emit(inner, name, only.path if isinstance(only, Block) else path)
        first = item.rounds[0]
        if item.same:
            self.vary(item)
        for i, one in enumerate(item.rounds):
            for number, model in zip(one, first, strict=True):
                self.box_of[number] = self.box_of[model]
                self.canon[number] = self.canon[model]
                self.rounds[number] = {**self.rounds[model], name: i}

    def vary(self, item: Repeat) -> None:
        """Writes settings that change from step to step with the number of the step, and forgets
        shapes that do."""
        for column in zip(*item.rounds, strict=True):
            given = [self.atoms[number].step.results for number in column]
            if any([r.shape for r in one] != [r.shape for r in given[0]] for one in given):
                name = self.box_of[column[0]]
                self.boxes = [replace(b, shape=None) if b.name == name else b for b in self.boxes]
            details = [(i, self.atoms[number].step.detail) for i, number in enumerate(column)]
            if len({detail for _, detail in details}) > 1:
                name, old = self.box_of[column[0]], details[0][1]
                self.boxes = [
                    replace(b, kind=via_of(details)) if b.name == name and b.kind == old else b
                    for b in self.boxes
                ]

    def box(self, leaf: Leaf, group: str) -> Box:
        """The box of a leaf, without its members."""
        lead = self.atoms[leaf.atoms[0]]
        title, kind = self.words(leaf, lead)
        lines = [] if leaf.closed else list(self.told(leaf))
        module = self.traced.modules.get(leaf.path or "") if leaf.path else None
        if module is not None and module.layers:
            lines.insert(0, _recurrence(module))
        if len(lines) > MOST_LINES:
            lines = [*lines[: MOST_LINES - 1], "…"]
        if leaf.closed:
            lines = [f"{len(leaf.atoms)} call{'s' * (len(leaf.atoms) > 1)}"]
        last = self.atoms[leaf.atoms[-1]].step
        shapes = [result.shape for result in last.results]
        steps = [self.atoms[number].step for number in leaf.atoms]
        role = "probed" if any(step.probed for step in steps) else "normal"
        if any(step.kind == "call" and _is_unknown(step.results) for step in steps):
            role = "unknown"
        return Box(
            f"n{len(self.boxes)}", title, kind, tuple(lines),
            "closed" if leaf.closed else self.family(leaf, lead), group, (), role,
            path=leaf.path or "", op="" if leaf.closed else lead.step.op,
            location=str(lead.step.location or ""),
            code=lead.step.location.text.strip() if lead.step.location else "",
            signature="" if leaf.closed else lead.step.signature,
            shape=shapes[0] if len(shapes) == 1 else None,
            parameters=tuple(dict(p for n in leaf.atoms for p in self.atoms[n].parameters).items()),
            closed=len(leaf.atoms) if leaf.closed else 0,
            link=self.page(leaf.path or "") or ("" if leaf.closed else _page(module, lead.step)),
        )  # fmt: skip

    def family(self, leaf: Leaf, lead: Atom) -> str:
        """What tints the box."""
        if lead.step.kind in ("input", "output"):
            return lead.step.kind
        families = [family_of(self.atoms[n].step.op) for n in leaf.atoms] if leaf.path else []
        return next((f for f in families if f != "layout"), family_of(lead.step.op))

    def words(self, leaf: Leaf, lead: Atom) -> tuple[str, str]:
        """Title and second line of a box."""
        step = lead.step
        if leaf.path:
            module = self.traced.modules.get(leaf.path)
            kind = module.kind if module else ""
            name = leaf.path.rpartition(".")[2]
            detail = module.detail if module and not leaf.closed else ""
            if name.isdigit():
                return kind if not leaf.closed else leaf.path, detail if not leaf.closed else kind
            return name, f"{kind} {detail}".strip()
        if leaf.closed:
            return leaf.label or "…", ""
        if step.kind == "input":
            return step.op, step.results[0].dtype if step.results else ""
        if step.kind == "output":
            return "result", ""
        return short_name(step.op), step.detail

    def told(self, leaf: Leaf) -> Iterator[str]:
        """What happens in a box besides its first call."""
        words: list[str] = []
        home = leaf.path
        for number in leaf.atoms[1:]:
            step = self.atoms[number].step
            path = self.traced.visits[step.visit].path
            if path == home and home:
                continue  # what a layer does inside
            module = self.traced.modules.get(path)
            if module is not None and module.is_torchs and path:
                if short_name(step.op) == "dropout" and "training=True" not in step.detail:
                    continue
                plain = module.kind if _says_itself(module, step.op) else short_name(step.op)
                words.append(plain)
            elif short_name(step.op) == "dropout" and "training=True" not in step.detail:
                continue
            else:
                detail = step.detail.removeprefix("dim=")
                words.append(f"{short_name(step.op)}({detail})" if detail else short_name(step.op))
        line = ""
        for word in words:
            if line and len(line) + len(word) > LINE:
                yield line
                line = ""
            line += f" · {word}" if line else f"+ {word}"
        if line:
            yield line

    def fill_members(self) -> None:
        """Gives each box the graph nodes of all atoms that it stands for."""
        members: dict[str, list[str]] = {box.name: [] for box in self.boxes}
        for atom in self.atoms:
            members[self.box_of[atom.number]] += atom.members
        self.boxes = [replace(box, members=tuple(members[box.name])) for box in self.boxes]

    # -- edges -----------------------------------------------------------------------------------

    def connect(self) -> list[Flow]:
        """What flows between the boxes, that of all rounds gathered."""
        found: dict[Any, Flow] = {}
        for atom in self.atoms:
            for wire in atom.wires:
                self.wire(found, atom, wire)
        return list(found.values())

    def wire(self, found: dict[Any, Flow], atom: Atom, wire: Wire) -> None:
        """Adds one tensor to what flows between two boxes."""
        source, target = self.box_of[wire.source], self.box_of[atom.number]
        carried = self.carried(wire.source, atom.number)
        if (source == target and carried != "state") or carried == "chain":
            return
        role = carried or "normal"
        origin = (self.canon[wire.source], self.canon[atom.number])
        stem, via = wire.operand, wire.via
        if self.rounds[wire.source] or self.rounds[atom.number]:  # numbers tell steps apart
            stem, via = stem.partition("[")[0], NUMBER.sub("#", via)
        key = (source, target, role, origin, via, stem)
        if key not in found:
            found[key] = Flow(source, target, role, origin, node=wire.node, times=0)
        flow = found[key]
        outer = self.rounds[atom.number]
        number = max((outer or self.rounds[wire.source]).values(), default=0)
        flow.vias.append((number, wire.via))
        flow.shapes.append(wire.shape)
        first = self.canon[atom.number] == atom.number
        flow.times += first and not (set(self.rounds[wire.source]) & set(outer))

    def carried(self, source: int, target: int) -> str:
        """Whether a tensor comes from a round before: the ``state`` of a loop, the ``chain`` of a
        stack; empty where it does not."""
        before, now = self.rounds[source], self.rounds[target]
        for name in before.keys() & now.keys():
            if before[name] != now[name]:
                return "state" if self.roles[name] else "chain"
        return ""

    def names_of(self, number: int) -> list[str]:
        """The graph nodes of a call in all rounds."""
        return self.nodes[self.canon[number]]

    def form(self) -> Any:
        """What two runs have in common that differ in the steps of their loops only."""
        return (
            [(box.title, box.group, box.lines) for box in self.boxes],
            [(group.title, group.role, group.parent) for group in self.groups],
            [(flow.source, flow.target, flow.role) for flow in self.flows],
        )


def _page(module: Module | None, step: Step) -> str:
    """The page of PyTorch's documentation about a layer or an operation."""
    if step.kind != "call":
        return ""
    name = step.op.replace("F.", "torch.nn.functional.").replace("Tensor.", "torch.Tensor.")
    for space in SPACES:
        name = name.replace(f"torch.{space}_", f"torch.{space}.")
    if module is not None and module.is_torchs:
        name = f"torch.nn.{module.kind}"
    plain = name.startswith("torch.") and "._" not in name and name.isascii()
    return f"{PAGES}{name}.html" if plain else ""


def _is_unknown(results: Sequence[Any]) -> bool:
    return any(result.shape is None for result in results)


def _says_itself(module: Module, op: str) -> bool:
    """Whether the class of a layer says what its call does, such as ReLU."""
    return module.kind.lower().startswith(short_name(op).replace("_", "")[:4])


def _recurrence(module: Module) -> str:
    layers = f"{module.layers} layer{'s' * (module.layers > 1)}"
    return f"{layers} × {'2 directions ⇄' if module.directions > 1 else '1 direction →'}"


def _range(paths: Sequence[str]) -> str:
    """``layers.0 … 11``: the first path, and where the last one differs."""
    first, last = paths[0], paths[-1]
    stem = first.rpartition(".")[0]
    if stem and last.rpartition(".")[0] == stem:
        return f"{first} … {last.rpartition('.')[2]}"
    return f"{first} … {last}"


def via_of(vias: Sequence[tuple[int, str]]) -> str:
    """What a tensor is called in every round: ``[:, t-1]`` for ``[:, 0]``, ``[:, 1]``, ..."""
    texts = dict(vias)
    if len(set(texts.values())) <= 1:
        return vias[0][1] if vias else ""
    skeletons = {NUMBER.sub("#", text) for text in texts.values()}
    if len(skeletons) > 1:
        return ""
    columns = zip(*(map(int, NUMBER.findall(text)) for text in texts.values()), strict=True)
    words = []
    for column in columns:
        offsets = {value - number for number, value in zip(texts, column, strict=True)}
        if len(set(column)) == 1:
            words.append(str(column[0]))
        elif len(offsets) == 1:
            offset = offsets.pop() - 1
            words.append("t" if offset == 0 else f"t{offset:+d}")
        else:
            words.append("…")
    parts = skeletons.pop().split("#")
    return "".join(a + b for a, b in zip(parts, [*words, ""], strict=True))


__all__ = ["MOST_BOXES", "Flow", "Options", "Sketch", "via_of"]
