"""A failing program made small: steps left out, or replaced by an input."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace

from .program import Program, Step

ROUNDS = 6


def shrink(program: Program, fails: Callable[[Program], bool]) -> Program:
    """The smallest program found that still fails."""
    for _ in range(ROUNDS):
        smaller = next((p for p in _smaller(program) if not p.missing() and fails(p)), None)
        if smaller is None:
            return program
        program = smaller
        program = _without_single(program, fails)
    return program


def _smaller(program: Program) -> Iterator[Program]:
    steps = program.steps
    for end in range(1, len(steps)):
        yield replace(program, steps=steps[:end])
    yield from _single(program)


def _without_single(program: Program, fails: Callable[[Program], bool]) -> Program:
    """Leaves out one step after the other, from the last on, as long as that works."""
    for index in range(len(program.steps) - 1, -1, -1):
        for other in (_dropped(program, index), _as_input(program, index)):
            if other is not None and not other.missing() and fails(other):
                program = other
                break
    for name in list(program.inputs):
        other = _without_input(program, name)
        if other is not None and not other.missing() and fails(other):
            program = other
    return program


def _single(program: Program) -> Iterator[Program]:
    for index in range(len(program.steps)):
        for other in (_dropped(program, index), _as_input(program, index)):
            if other is not None:
                yield other
    for name in program.inputs:
        if (without := _without_input(program, name)) is not None:
            yield without
        for spec in _simpler(program.inputs[name]):
            yield replace(program, inputs={**program.inputs, name: spec})


def _simpler(spec: str) -> Iterator[str]:
    words, colon, dtype = spec.partition(":")
    sizes = words.split()
    for axis, size in enumerate(sizes):
        for simple in ("2", "T"):
            if size != simple and (simple == "2" or not size.isalnum()):
                yield " ".join([*sizes[:axis], simple, *sizes[axis + 1 :]]) + colon + dtype


def _dropped(program: Program, index: int) -> Program | None:
    """Without a step, and without all that needs it."""
    if index >= len(program.steps):
        return None
    gone = set(program.steps[index].writes)
    kept: list[Step] = list(program.steps[:index])
    for step in program.steps[index + 1 :]:
        if step.words & gone:
            gone |= set(step.writes)
        else:
            kept.append(step)
    return replace(program, steps=tuple(kept)) if kept else None


def _as_input(program: Program, index: int) -> Program | None:
    """With a step's results given from outside."""
    if index >= len(program.steps):
        return None
    step = program.steps[index]
    rest = (*program.steps[:index], *program.steps[index + 1 :])
    needed = set().union(*(other.words for other in rest)) if rest else set()
    specs = {name: spec for name, spec in step.writes.items() if name in needed}
    if not specs or any(re.search("[a-z]", spec.partition(":")[0]) for spec in specs.values()):
        return None  # a size of data, or a minimum
    return replace(program, inputs={**program.inputs, **specs}, steps=rest)


def _without_input(program: Program, name: str) -> Program | None:
    used = any(name in step.words for step in program.steps)
    if used or len(program.inputs) == 1:
        return None
    return replace(program, inputs={k: v for k, v in program.inputs.items() if k != name})
