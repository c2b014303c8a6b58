"""What a picture needs to know of a run: the graph's nodes and the modules as plain data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from .constraint import Location
from .shape import Shape


@dataclass(frozen=True, slots=True)
class Result:
    """One tensor that a call gives.

    Attributes:
        label: what it is called among several, such as ``h``; empty for the only one.
        shape: its sizes; None where they are unknown.
        dtype: torch's name.
    """

    label: str
    shape: Shape | None
    dtype: str = ""


@dataclass(frozen=True, slots=True)
class Step:
    """One node of the recorded graph.

    Attributes:
        name: the node's name.
        kind: ``input``, ``parameter``, ``call``, ``part`` (one of several results), ``made`` (an
            object that holds tensors), ``size`` (arithmetic on sizes) or ``output``.
        op: dotted name of the operation; the parameter of ``forward``, or the parameter's path.
        visit: number of the module call that it belongs to, see ``Traced.visits``.
        takes: (operand, node name) of all that it reads, in order.
        results: the tensors that it gives.
        detail: arguments that are no tensors, as people write them.
        location: the call in the user's source.
        signature: the shape law of the operation.
        probed: whether the law was found by running the operation.
    """

    name: str
    kind: str
    op: str
    visit: int = 0
    takes: tuple[tuple[str, str], ...] = ()
    results: tuple[Result, ...] = ()
    detail: str = ""
    location: Location | None = None
    signature: str = ""
    probed: bool = False


@dataclass(frozen=True, slots=True)
class Visit:
    """One call of a module: its attribute path and the visit that it happens in."""

    path: str
    outer: int


@dataclass(frozen=True, slots=True)
class Module:
    """A module of the model.

    Attributes:
        kind: name of its class.
        is_torchs: whether PyTorch defines the class.
        detail: its settings in short, such as ``64 → 128``.
        parameters: how many numbers it learns, those of its parts left out.
        layers, directions: of a recurrent layer, else 0.
        weights: how many of the parameters lie in matrices.
        name: of its class, with the module that defines it.
    """

    kind: str
    is_torchs: bool
    detail: str = ""
    parameters: int = 0
    layers: int = 0
    directions: int = 0
    weights: int = 0
    name: str = ""


@dataclass(frozen=True)
class Traced:
    """One run.

    Attributes:
        steps: the nodes in program order.
        visits: the calls of modules; a step belongs to the one of its number.
        modules: the modules by attribute path; the model itself has the empty one.
        instances: the numbers that symbols were given for this run.
        learned: paths of the parameters; other tensors of the graph are buffers and constants.
    """

    steps: tuple[Step, ...]
    visits: tuple[Visit, ...]
    modules: Mapping[str, Module]
    instances: Mapping[str, int] = field(default_factory=dict)
    learned: frozenset[str] = frozenset()
