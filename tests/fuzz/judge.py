"""What shapeflow and PyTorch say of a program, and where they differ."""

from __future__ import annotations

import random
import traceback
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import torch

import shapeflow
from shapeflow.spec import read
from shapeflow.testing.against import compare, sizes_for
from shapeflow.testing.ask import Asked

from ..beyond import beyond
from .program import Program

SIZES = 6


@dataclass(frozen=True)
class Outcome:
    """The comparison of one program.

    Attributes:
        verdict: shapeflow's; "" where it crashed.
        kind: the kind of disagreement, "" where there is none.
        text: the sizes and both answers.
        notes: what the report says of itself.
        accepted: how many of the sizes PyTorch took.
    """

    verdict: str
    kind: str = ""
    text: str = ""
    notes: tuple[str, ...] = ()
    accepted: int = 0
    compared: int = 0


@contextmanager
def slow_path() -> Iterator[None]:
    """Attention as it is with gradients: without them, results may lie otherwise in memory, and
    there are no weights of no entries."""
    before = torch.backends.mha.get_fastpath_enabled()
    torch.backends.mha.set_fastpath_enabled(False)
    try:
        yield
    finally:
        torch.backends.mha.set_fastpath_enabled(before)


def judge(program: Program, seed: int = 0, sizes: int = SIZES) -> Outcome:
    """Compares a program at some sizes."""
    with warnings.catch_warnings(), slow_path():
        warnings.simplefilter("ignore")
        try:
            model = program.module()
        except (RuntimeError, ValueError, TypeError, AssertionError) as error:
            return Outcome("unbuilt", text=str(error))
        try:
            report = shapeflow.check(model, **program.inputs)
        except Exception as error:  # a crash is a disagreement
            lines = traceback.format_exception(error)
            return Outcome("", f"crash {type(error).__name__}", "".join(lines[-6:]))
        inputs = {name: read(spec, name) for name, spec in program.inputs.items()}
        asked = Asked(model, inputs, report.inputs, tuple(inputs), "cpu")
        accepted = compared = 0
        for at in sizes_for(report, sizes, random.Random(seed)):
            answer = asked.at(at)
            accepted, compared = accepted + answer.accepted, compared + 1
            for difference in compare(report, at, answer):
                if beyond(difference.kind, report, at, answer):
                    return Outcome("beyond")
                text = f"{difference}\n\n{report}"
                return Outcome(report.verdict, difference.kind, text)
    return Outcome(report.verdict, notes=report.notes, accepted=accepted, compared=compared)
