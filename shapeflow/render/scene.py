"""The picture before it is laid out: boxes, groups, edges and what is told around them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from ..core.errors import ShapeflowError
from ..core.shape import Shape

ROLES = ("normal", "cause", "state", "probed", "unknown", "warning", "conflict")
"""Of boxes and edges; ``conflict`` alone is red."""


@dataclass(frozen=True)
class Tensor:
    """What flows along an edge.

    Attributes:
        via: what it is called, such as ``h[-2]``.
        shape: its sizes; None where they are unknown.
        times: how many of them, such as ``T`` for one of each step; empty for one.
    """

    via: str
    shape: Shape | None
    times: str = ""


@dataclass(frozen=True)
class Box:
    """One call, layer or closed module.

    Attributes:
        name: its id, by the order of the program.
        title: the attribute of a layer, the name of an operation, the parameter of ``forward``.
        kind: class and settings.
        lines: what else happens in it.
        family: of the operation, for the tint.
        group: id of the group that it lies in; empty for none.
        members: the graph nodes that it stands for.
        role: one of ROLES.
        remarks: what a finding says of it, in lines.
        source: the line of code with its number, where a finding speaks of it.
        code: the line of code.
        path: attribute path of the module; empty where none stands behind it.
        op: dotted name of the operation.
        location: its place in the user's source.
        signature: the shape law.
        shape: of its result, if that is one tensor.
        parameters: (path, shape) of what it learns.
        closed: how many calls lie in a closed module.
        link: address of a page about it; ``class:`` and a name for that of a class of the user's.
    """

    name: str
    title: str
    kind: str
    lines: tuple[str, ...]
    family: str
    group: str
    members: tuple[str, ...]
    role: str = "normal"
    remarks: tuple[str, ...] = ()
    source: str = ""
    code: str = ""
    path: str = ""
    op: str = ""
    location: str = ""
    signature: str = ""
    shape: Shape | None = None
    parameters: tuple[tuple[str, Shape | None], ...] = ()
    closed: int = 0
    link: str = ""


@dataclass(frozen=True)
class Group:
    """A module, a loop or a stack: a frame around boxes and other groups.

    Attributes:
        name: its id.
        title: attribute path.
        kind: class of the module.
        role: ``module``, ``loop`` (steps of time) or ``stack`` (copies with own parameters).
        times: how often, such as ``× 12`` or ``t = 1 … T``.
        parent: id of the group around it; empty for none.
        link: as of a box.
    """

    name: str
    title: str
    kind: str
    role: str = "module"
    times: str = ""
    parent: str = ""
    link: str = ""


@dataclass(frozen=True)
class Edge:
    """Tensors that flow from one box to another, or to its next step.

    Attributes:
        source, target: ids of boxes.
        tensors: what flows.
        role: one of ROLES.
        labelled: whether the shapes are written on it; the same value elsewhere has none.
    """

    source: str
    target: str
    tensors: tuple[Tensor, ...]
    role: str = "normal"
    labelled: bool = True


@dataclass(frozen=True)
class Scene:
    """Everything that a picture shows.

    Attributes:
        model: name of the model.
        inputs: (parameter, structure with shapes as leaves).
        outputs: the result's structure; None where there is none.
        verdict: of the report, and the sentence that says it.
        symbols: in order of appearance, with where each is read off.
        constraints: solved conditions, then what was given.
        reasons: the argument of the first error, step by step.
        notes: what was folded, closed or left open.
    """

    model: str
    boxes: tuple[Box, ...]
    groups: tuple[Group, ...]
    edges: tuple[Edge, ...]
    inputs: tuple[tuple[str, object], ...] = ()
    outputs: object = None
    verdict: tuple[str, str] = ("", "")
    symbols: tuple[tuple[str, str], ...] = ()
    constraints: tuple[str, ...] = ()
    reasons: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


def check_coverage(scene: Scene, nodes: Iterable[str]) -> None:
    """Nothing that was recorded is dropped: each node is in exactly one box.

    Raises:
        ShapeflowError: one is not; a fault of shapeflow's.
    """
    seen: dict[str, str] = {}
    for box in scene.boxes:
        for node in box.members:
            if node in seen:
                raise ShapeflowError(f"node {node} is drawn in {seen[node]} and in {box.name}")
            seen[node] = box.name
    missing = [node for node in nodes if node not in seen]
    if missing:
        raise ShapeflowError(f"node {missing[0]} is in no box of the picture")
