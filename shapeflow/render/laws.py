"""Sizes of a loop for all its steps: what one drawn round says of the others."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ..core import dims
from ..core.dims import Size
from ..core.shape import Shape
from ..explore.fit import LEAST, Ambiguous, Fitter, NoLaw

VARYING = "…"
"""A size that changes from step to step and follows no law that is known."""


def common_size(points: Sequence[Mapping[str, int]], sizes: Sequence[Size]) -> Size | None:
    """The size as an expression in what the points differ in; None where there is none."""
    if all(size == sizes[0] for size in sizes):
        return sizes[0]
    names = {name: dims.symbol(name) for name in points[0]}
    if len(points) < LEAST:
        return None
    try:
        return Fitter(points, names, names.values(), False).fit(sizes)
    except (NoLaw, Ambiguous):
        return None


def common_shape(
    points: Sequence[Mapping[str, int]], shapes: Sequence[Shape | None]
) -> Shape | None:
    """The shape at all points; None where the ranks differ or one is unknown."""
    known = [shape for shape in shapes if shape is not None]
    if len(known) < len(shapes) or len({len(shape) for shape in known}) > 1:
        return None
    columns = [common_size(points, column) for column in zip(*known, strict=True)]
    return tuple(dims.opaque(VARYING) if size is None else size for size in columns)
