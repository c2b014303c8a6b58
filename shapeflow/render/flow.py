"""The calls of a run without the plumbing: what flows into what, with which shape."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ..core.shape import Shape
from ..core.step import Step, Traced

PLUMBING = {"Tensor.__getitem__", "Tensor.contiguous", "Tensor.detach", "torch.detach"}
"""Calls that pass a tensor on, or a part of it; drawn as part of the edge."""


@dataclass(frozen=True)
class Wire:
    """A tensor that a call takes.

    Attributes:
        source: number of the call that makes it.
        via: what it is called there and which part of it is taken, such as ``h[-2]``.
        shape: its sizes; None where they are unknown.
        operand: what the taking call names it.
        node: the graph node that it is the result of.
    """

    source: int
    via: str
    shape: Shape | None
    operand: str
    node: str


@dataclass(frozen=True)
class Atom:
    """A call that is worth a place, or an input, or the result.

    Attributes:
        number: its place among the atoms.
        step: what it is.
        wires: the tensors it takes, parameters left out.
        parameters: the (path, shape) of the parameters it takes.
        members: the graph nodes that it stands for: its own, then the plumbing behind it and the
            parameters that it is the first to take.
    """

    number: int
    step: Step
    wires: tuple[Wire, ...]
    parameters: tuple[tuple[str, Shape | None], ...]
    members: tuple[str, ...]


@dataclass(frozen=True)
class _Source:
    """Where a node's tensor comes from: an atom, and what of its result."""

    atom: int
    via: str


def flow(traced: Traced, plumbing: bool = False, shown: Sequence[str] = ()) -> tuple[Atom, ...]:
    """The atoms of a run in program order.

    Args:
        traced: the run.
        plumbing: whether calls that pass tensors on are atoms, too.
        shown: nodes that are atoms whatever they do.
    """
    steps = {step.name: step for step in traced.steps}
    atoms: list[Step] = []
    numbers: dict[str, int] = {}
    for step in traced.steps:
        if _is_atom(step, steps, plumbing, shown):
            numbers[step.name] = len(atoms)
            atoms.append(step)
    sources = _sources(traced, numbers)
    members = _members(traced, numbers, sources)
    return tuple(
        Atom(
            number,
            step,
            tuple(_wires(step, steps, sources)),
            tuple(_parameters(step, steps)),
            tuple(members[number]),
        )
        for number, step in enumerate(atoms)
    )


def _is_atom(step: Step, steps: dict[str, Step], plumbing: bool, shown: Sequence[str]) -> bool:
    if step.kind in ("input", "output") or step.name in shown:
        return True
    if step.kind != "call":
        return False
    tensors = [name for _, name in step.takes if steps[name].kind != "size"]
    return plumbing or step.op not in PLUMBING or len(tensors) > 1


def _sources(traced: Traced, numbers: dict[str, int]) -> dict[str, _Source]:
    """For each node that carries a tensor, the atom that it comes from."""
    found: dict[str, _Source] = {}
    for step in traced.steps:
        if step.name in numbers:
            found[step.name] = _Source(numbers[step.name], "")
        elif step.kind in ("part", "call") and step.takes:
            before = found.get(step.takes[0][1])
            if before is not None:
                found[step.name] = _Source(before.atom, _via(before.via, step))
    return found


def _via(before: str, step: Step) -> str:
    if step.kind == "part":
        named = step.detail[:1] not in "[."
        return step.detail if named else before + (step.detail if step.results[1:] == () else "")
    index = step.detail
    if index[:1] == "(" and index[-1:] == ")":
        index = index[1:-1]
    return f"{before}[{index}]" if step.op.endswith("__getitem__") else before


def _wires(step: Step, steps: dict[str, Step], sources: dict[str, _Source]) -> Iterator[Wire]:
    seen = set()
    for operand, name in _unpacked(step.takes, steps):
        source = sources.get(name)
        if source is None or steps[name].kind == "size" or name in seen:
            continue
        seen.add(name)
        results = steps[name].results
        shape = results[0].shape if len(results) == 1 else None
        yield Wire(source.atom, source.via, shape, operand, name)


def _unpacked(
    takes: Sequence[tuple[str, str]], steps: dict[str, Step]
) -> Iterator[tuple[str, str]]:
    """What is taken, and of objects that hold tensors these."""
    for operand, name in takes:
        if steps[name].kind == "made":
            yield from _unpacked([(operand, inner) for _, inner in steps[name].takes], steps)
        else:
            yield operand, name


def _parameters(step: Step, steps: dict[str, Step]) -> Iterator[tuple[str, Shape | None]]:
    for _, name in step.takes:
        other = steps[name]
        if other.kind == "parameter":
            yield other.op, other.results[0].shape if other.results else None


def _members(
    traced: Traced, numbers: dict[str, int], sources: dict[str, _Source]
) -> list[list[str]]:
    """Every node of the graph, each with one atom."""
    home: dict[str, int] = {name: number for name, number in numbers.items()}
    for step in traced.steps:
        if step.name in sources:
            home.setdefault(step.name, sources[step.name].atom)
    users: dict[str, list[str]] = {}
    for step in traced.steps:
        for _, name in step.takes:
            users.setdefault(name, []).append(step.name)
    for step in reversed(traced.steps):  # what only serves others goes with the first of them
        if step.name not in home:
            homes = [home[user] for user in users.get(step.name, ()) if user in home]
            home[step.name] = min(homes, default=len(numbers) - 1)
    members: list[list[str]] = [[] for _ in numbers]
    for step in traced.steps:
        number = home[step.name]
        if step.name in numbers:
            members[number].insert(0, step.name)
        else:
            members[number].append(step.name)
    return members
