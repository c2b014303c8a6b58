"""Report -> scene: what a picture shows is decided here, and nowhere later."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from ..core import dims
from ..core.dims import Dim, Size
from ..core.shape import Shape, is_shape, symbols_in
from ..core.step import Step, Traced
from ..diagnose.diagnostic import Finding
from ..report import Report
from .laws import VARYING, common_shape, common_size
from .scene import Box, Edge, Group, Scene, Tensor, check_coverage
from .sketch import Flow, Options, Sketch, via_of
from .text import verdict_line

WIDTH = 44
"""Characters of a remark's line."""
MOST_REASONS = 6


def compose(report: Report, options: Options = Options()) -> Scene:  # noqa: B008 - frozen
    """The scene of a report.

    Raises:
        ShapeflowError: a part of the graph would be missing, which is a fault of shapeflow's.
    """
    if not report.traces:
        return Scene(report.model, (), (), (), notes=("there is no graph to draw",))
    main = report.traces[0]
    marks = _marked(report, main)
    sketches = alike(report, options)
    sketch, laws = sketches[0], Laws(sketches)
    boxes = tuple(_box(box, sketch, marks) for box in laws.boxes())
    edges = _labelled_once(tuple(_edges(sketch, laws, marks)))
    edges = _with_causes(edges, sketch, marks)
    groups = tuple(laws.group(group) for group in sketch.groups)
    errors = [finding for finding in report.findings if finding.severity == "error"]
    sentence = verdict_line(report).replace(" above hold", " below hold")
    scene = Scene(
        model=report.model,
        boxes=boxes,
        groups=groups,
        edges=edges,
        inputs=tuple(report.inputs.items()),
        outputs=report.outputs,
        verdict=(str(report.verdict), sentence),
        symbols=tuple(_symbols(report, edges)),
        constraints=tuple(_conditions(report)),
        reasons=tuple(step.text for step in errors[0].because[:MOST_REASONS]) if errors else (),
        notes=tuple(_notes(report, sketch, laws, marks)),
    )
    check_coverage(scene, [step.name for step in main.steps])
    return scene


def alike(report: Report, options: Options) -> list[Sketch]:
    """The main run, drawn, and those runs that differ from it in the steps of loops only."""
    marks = set(_marked(report, report.traces[0]))
    sketch, *others = (Sketch(run, options, marks) for run in report.traces)
    return [sketch, *(other for other in others if other.form() == sketch.form())]


def _marked(report: Report, traced: Traced) -> dict[str, Finding]:
    """The findings that are drawn, by the node that they speak of."""
    steps = {step.name: step for step in traced.steps}
    found: dict[str, Finding] = {}
    for finding in report.findings:
        if finding.severity == "note":
            continue
        step = steps.get(finding.node)
        if step is None or (finding.location and step.location != finding.location):
            step = _at(finding, traced.steps)
        if step is not None:
            found.setdefault(step.name, finding)
    return found


def _at(finding: Finding, steps: Sequence[Step]) -> Step | None:
    """The last call at the place of a finding, of its operation where that is known."""
    at = [s for s in steps if s.kind == "call" and s.location and s.location == finding.location]
    named = [step for step in at if step.op == finding.operation]
    return (named or at or [None])[-1]  # type: ignore[list-item]


# -- boxes ---------------------------------------------------------------------------------------


def _box(box: Box, sketch: Sketch, marks: Mapping[str, Finding]) -> Box:
    """The box with what findings say of it."""
    finding = next((marks[node] for node in box.members if node in marks), None)
    if finding is None:
        return box
    *subject, rule, sides = ["", *finding.message.split(": ")]
    rule, sides = (rule, sides) if subject[1:] else (sides, "")
    told = textwrap.wrap(rule, WIDTH, break_long_words=True)
    place = finding.location
    text = place.text.strip() if place is not None else ""
    code = f"{place.line} │ {text}" if place is not None and text else ""
    role = "conflict" if finding.severity == "error" else "warning"
    return replace(box, role=role, remarks=(f"{finding.code}  {sides}".strip(), *told), source=code)


# -- edges ---------------------------------------------------------------------------------------


class Laws:
    """Sizes for all numbers of steps, from runs that differ in them."""

    def __init__(self, sketches: Sequence[Sketch]) -> None:
        self.sketches = sketches
        self.points = [sketch.traced.instances for sketch in sketches]
        self.open = False

    def boxes(self) -> list[Box]:
        """The boxes, with the shapes that they give for all runs."""
        columns = zip(*(sketch.boxes for sketch in self.sketches), strict=True)
        return [
            replace(column[0], shape=common_shape(self.points, [box.shape for box in column]))
            for column in columns
        ]

    def group(self, group: Group) -> Group:
        """The group with how often it is repeated."""
        if group.name not in self.sketches[0].counts:
            return group
        count = self.size([sketch.counts[group.name] for sketch in self.sketches])
        hands_on = any(
            flow.role == "state" and group.name in self.sketches[0].rounds[flow.origin[0]]
            for flow in self.sketches[0].flows
        )
        step = group.role == "loop" and (hands_on or isinstance(count, Dim))
        times = f"t = 1 … {count}" if step else f"× {count}"
        return replace(group, times=times)

    def law(self, sizes: Sequence[Size]) -> Size | None:
        """One size for all runs, None where no law is found."""
        return common_size(self.points, sizes)

    def size(self, sizes: Sequence[Size]) -> Size:
        """One size for all runs; that of the first where no law is found."""
        size = self.law(sizes)
        self.open = self.open or size is None
        return sizes[0] if size is None else size

    def tensor(self, number: int) -> Tensor:
        """What one flow carries."""
        flows = [sketch.flows[number] for sketch in self.sketches]
        longest = max(flows, key=lambda flow: len(flow.shapes))
        if len(set(longest.shapes)) > 1:  # it changes from step to step
            shape = _over_time(longest)
        else:
            shape = common_shape(self.points, [flow.shapes[0] for flow in flows])
        if shape is not None and any(str(size) == VARYING for size in shape):
            self.open = True
        times = self.size([flow.times for flow in flows])
        loop = isinstance(times, Dim) or times > 1
        return Tensor(via_of(flows[0].vias), shape, str(times) if loop else "")


def _over_time(flow: Flow) -> Shape | None:
    """The shape in every round, as an expression in the number of the round."""
    return common_shape([{"t": number + 1} for number, _ in flow.vias], flow.shapes)


def _edges(sketch: Sketch, laws: Laws, marks: Mapping[str, Finding]) -> Iterator[Edge]:
    """The edges; what flows between the same boxes is one edge, of equal shapes one label."""
    found: dict[Any, list[Tensor]] = {}
    for number, flow in enumerate(sketch.flows):
        tensor = laws.tensor(number)
        role = flow.role
        if role == "normal" and tensor.shape is None:
            role = "unknown"
        if _is_conflict(sketch, flow.origin, marks):
            role = "conflict"
        found.setdefault((flow.source, flow.target, role), []).append(tensor)
    for (source, target, role), tensors in found.items():
        yield Edge(source, target, tuple(_joined(tensors)), role)
    for box in sketch.boxes:
        yield from _own_state(box, sketch)


def _joined(tensors: Sequence[Tensor]) -> Iterator[Tensor]:
    """Tensors of one shape as one: ``h[-2], h[-1]``."""
    groups: dict[Any, list[str]] = {}
    for tensor in tensors:
        groups.setdefault((tensor.shape, tensor.times), []).append(tensor.via)
    for (shape, times), vias in groups.items():
        yield Tensor(", ".join(dict.fromkeys(filter(None, vias))), shape, times)


def _is_conflict(sketch: Sketch, origin: tuple[int, int], marks: Mapping[str, Finding]) -> bool:
    """Whether a finding speaks of the operand that flows here."""
    source, target = origin
    atom = sketch.atoms[target]
    finding = next((marks[name] for name in sketch.names_of(target) if name in marks), None)
    if finding is None or finding.severity != "error":
        return False
    demanded = finding.constraints[-1].origin if finding.constraints else None
    named = {wire.source for wire in atom.wires if demanded and wire.operand in demanded.operands}
    return source in named if named else any(wire.source == source for wire in atom.wires)


def _own_state(box: Box, sketch: Sketch) -> Iterator[Edge]:
    """The state that a recurrent layer hands to its own next step."""
    module = sketch.traced.modules.get(box.path) if box.path and not box.closed else None
    if module is None or not module.layers:
        return
    atom = next(a for a in sketch.atoms if sketch.box_of[a.number] == box.name)
    states = [result for result in atom.step.results if result.label in ("h", "c")]
    if not states or states[0].shape is None or not atom.wires:
        return
    given = atom.wires[0].shape
    batch = states[0].shape[1:-1]
    times = ""
    if given is not None and len(given) == len(batch) + 2:
        left = [size for size in given[:-1] if size not in batch] or list(given[:1])
        times = f"t = 1 … {left[0]}"
    names = ", ".join(result.label for result in states)
    yield Edge(box.name, box.name, (Tensor(names, states[0].shape, times),), "state")


def _labelled_once(edges: Sequence[Edge]) -> tuple[Edge, ...]:
    """Each shape of a value is written on the first edge that it flows along."""
    told: set[Any] = set()
    done = []
    for edge in edges:
        state = edge.role == "state"
        keys = {(edge.source, tensor, state) for tensor in edge.tensors}
        known = edge.role in ("normal", "state") and keys <= told
        told |= keys
        done.append(replace(edge, labelled=not known))
    return tuple(done)


def _with_causes(
    edges: tuple[Edge, ...], sketch: Sketch, marks: Mapping[str, Finding]
) -> tuple[Edge, ...]:
    """The edges on the way from an input to the conflict, following what made its operand."""
    path: set[tuple[str, str]] = set()
    for atom in sketch.atoms:
        if atom.step.name not in marks or marks[atom.step.name].severity != "error":
            continue
        bad = [w for w in atom.wires if _is_conflict(sketch, (w.source, atom.number), marks)]
        for wire in bad:
            number, seen = wire.source, set()
            while number not in seen and sketch.atoms[number].wires:
                seen.add(number)
                if sketch.atoms[number].step.name in marks:
                    break  # a fault of its own, which has a way of its own
                before = sketch.atoms[number].wires[0].source
                path.add((sketch.box_of[before], sketch.box_of[number]))
                number = before
    return tuple(
        replace(edge, role="cause")
        if edge.role in ("normal", "unknown") and (edge.source, edge.target) in path
        else edge
        for edge in edges
    )


# -- what is told around -------------------------------------------------------------------------


def _symbols(report: Report, edges: Sequence[Edge]) -> Iterator[tuple[str, str]]:
    """Each symbol with where it is read off."""
    homes: dict[str, str] = {}
    for name, tree in report.inputs.items():
        for words, shape in _shapes(tree, name):
            for axis, size in enumerate(shape):
                if isinstance(size, Dim):
                    for symbol in size.symbols:
                        if symbol not in homes or size is dims.symbol(symbol):
                            homes.setdefault(symbol, f"axis {axis} of {words}")
    for symbol in report.symbols:
        yield symbol, homes.get(symbol, "")
    shapes = [tensor.shape for edge in edges for tensor in edge.tensors if tensor.shape]
    for name in symbols_in(shapes):
        if name not in report.symbols and name not in (VARYING, "t"):
            yield name, "depends on data"


def _shapes(tree: Any, words: str) -> Iterator[tuple[str, Shape]]:
    if is_shape(tree):
        yield words, tuple(tree)
    elif isinstance(tree, Mapping):
        for key, part in tree.items():
            yield from _shapes(part, f"{words}[{key!r}]")
    elif isinstance(tree, list | tuple):
        for i, part in enumerate(tree):
            yield from _shapes(part, f"{words}[{i}]")


def _conditions(report: Report) -> Iterator[str]:
    yield from map(str, report.constraints)
    for fact in report.facts:
        yield f"{fact} (given)"


def _notes(
    report: Report, sketch: Sketch, laws: Laws, marks: Mapping[str, Finding]
) -> Iterator[str]:
    closed = sketch.view.closed
    if closed:
        some = ", ".join(closed[:3]) + (f" and {len(closed) - 3} more" if len(closed) > 3 else "")
        yield f"closed for want of room: {some}"
    numbers = ", ".join(f"{name} = {size}" for name, size in sketch.traced.instances.items())
    if laws.open and numbers:
        yield f"{VARYING} and the steps of loops are drawn for {numbers}"
    elif laws.open:
        yield f"{VARYING} is a size that differs from step to step"
    drawn = {id(finding) for finding in marks.values()}
    for finding in report.findings:
        if finding.severity != "note" and id(finding) not in drawn:
            yield f"{finding.severity} {finding.code}: {finding.message}"
    yield from report.notes


__all__ = ["Options", "compose"]
