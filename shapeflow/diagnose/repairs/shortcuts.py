"""Repairs of a shortcut around layers that make an image smaller."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import Any

from ...core.dims import Size
from ..trail import given_for
from .point import Candidate, Point, Subject, wrapped

CONVOLUTIONS = {3: "nn.Conv1d", 4: "nn.Conv2d", 5: "nn.Conv3d"}


def projected(subject: Subject, operands: list[Point]) -> Iterator[Candidate]:
    """A convolution of one entry on the shortcut, with the stride of the layers that it passes."""
    for at in operands:
        for other in operands:
            stride = _stride(at.shape, other.shape)
            if stride is None:
                continue

            def change(x: Any, was: Any = at.shape, wanted: Any = other.shape) -> Any:
                return x.new_zeros(wrapped(wanted)) if tuple(x.value) == was else x

            layer = f"{CONVOLUTIONS[len(at.shape)]}({at.shape[1]}, {other.shape[1]}, 1, {stride=})"
            text = f"project {_written(subject, at.name)}, such as by {layer}"
            changes = at.edit(change, subject.world)
            yield Candidate(text, subject.record.location, changes, is_stand_in=True)


def _written(subject: Subject, name: str) -> str:
    """An operand as the call has it: what it was set to may depend on the layer."""
    record, world = subject.record, subject.world
    found = world.call(record)
    if found is None:
        return name
    given = given_for(world, *found, record, subject.layer, name)
    return next((found[1].source.text(expr) for expr, _ in given), name)


def _stride(shape: tuple[Size, ...], wanted: tuple[Size, ...]) -> int | None:
    """The stride that makes the rows and columns of one shape those of another."""
    if len(shape) != len(wanted) or len(shape) not in CONVOLUTIONS or shape[0] != wanted[0]:
        return None
    if not all(isinstance(size, int) and size > 0 for size in (*shape[1:], *wanted[1:])):
        return None
    ratios = {Fraction(a, b) for a, b in zip(shape[2:], wanted[2:], strict=True)}  # type: ignore
    ratio = ratios.pop()
    return int(ratio) if not ratios and ratio > 1 and ratio.denominator == 1 else None


__all__ = ["projected"]
