"""Names for the sizes that were found: ``B`` for what layers read as the batch, ``T`` for time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import count
from typing import Any

from ..core.dims import Size, symbol
from ..core.notation import format_spec
from ..core.shape import substitute, symbols_in
from ..report import Report
from .joins import is_plain, joins
from .kinds import LEFT_OUT, as_argument
from .trial import Trial

LETTERS = {
    "batch": "B N M",
    "time": "T S L U",
    "height": "H",
    "width": "W",
    "depth": "D",
    "channels": "C",
    "features": "F K E",
}
"""What sizes of each role are called, the first of them first; then with numbers."""

LAYERS = {
    "conv1d": "batch channels time",
    "conv2d": "batch channels height width",
    "conv3d": "batch channels depth height width",
    "scaled_dot_product_attention": "batch ... time features",
}
"""How calls read the axes of their first operand."""
PLAIN = {
    1: "batch",
    2: "batch features",
    3: "batch time features",
    4: "batch channels height width",
    5: "batch channels depth height width",
}
"""How the axes of an input are called that no call tells anything about."""


def named(trial: Trial, report: Report) -> dict[str, Any]:
    """The kinds of a trial with names for the sizes.

    Args:
        trial: what was found.
        report: of a check with the same kinds, sizes anonymous.
    """
    shapes = dict(report.inputs)
    roles: dict[str, str] = {}
    for name, role in _roles(trial, report):
        roles.setdefault(name, role)
    for name, role in _plain(trial, shapes, dict(roles)):
        roles.setdefault(name, role)
    joined = _joined(trial, report, roles)
    ordered, roles = roles, {}
    for name, role in ordered.items():
        roles.setdefault(str(joined.get(name, name)), role)
    shapes = substitute(shapes, joined)
    free = symbols_in(shapes)
    names: dict[str, Size] = {}
    taken: set[str] = set()
    for name in dict.fromkeys([name for name in roles if name in free] + free):
        word = next(word for word in _words(roles.get(name, "features")) if word not in taken)
        taken.add(word)
        names[name] = symbol(word)
    found = substitute(shapes, names)
    return {name: as_argument(_spec(kind, found[name])) for name, kind, _ in _given(trial, shapes)}


def _joined(trial: Trial, report: Report, roles: Mapping[str, str]) -> dict[str, Size]:
    """Sizes that are best taken to be one, by name."""
    shapes = dict(report.inputs)
    back = dict(_renamed(trial, report))
    relations = [relation.substitute(back) for relation in trial.relations]
    leaves = [axes for _, *item in _given(trial, shapes) for _, axes in _leaves(*item)]
    batches = [name for name, role in roles.items() if role == "batch"]
    facts, _ = joins(relations, leaves, batches)
    return {name: facts.reduce(symbol(name)) for name in symbols_in(shapes)}


def _given(trial: Trial, shapes: Mapping[str, Any]) -> Iterator[tuple[str, Any, Any]]:
    """Name, kind and shapes of each argument."""
    kinds = [kind for kind in trial.kinds.values() if kind is not LEFT_OUT]
    by_name = not any(name.startswith("*") for name in trial.kinds)
    for name, kind in trial.kinds.items() if by_name else zip(shapes, kinds, strict=False):
        if kind is LEFT_OUT:
            continue
        yield name, kind, shapes[name]


def _words(role: str) -> Iterator[str]:
    letters = LETTERS[role].split()
    yield from letters
    for number in count(2):
        yield f"{letters[0]}{number}"


def _roles(trial: Trial, report: Report) -> Iterator[tuple[str, str]]:
    """The role of each size that a call tells it of, by the name that it has in the report."""
    assert trial.good is not None
    run = trial.good.way.run
    back = dict(_renamed(trial, report))
    told: list[tuple[Size, str]] = []
    for record in run.records.values():
        value = getattr(record.args[0], "value", None) if record.args else None
        if value is not None:
            told += zip(value, _axes(record, len(value)), strict=False)
    told += [(symbol(name), "time") for name in trial.good.way.instances]
    for size, role in told:
        if role and is_plain(size):
            size = back.get(str(size), size)
            if is_plain(size):
                yield str(size), role


def _axes(record: Any, rank: int) -> list[str]:
    """The roles of the axes of a call's first operand; empty where it tells none."""
    kind = record.op.rpartition(".")[2]
    if hasattr(record.function, "batch_first"):
        first = record.function.batch_first
        return (["batch", "time"] if first else ["time", "batch"]) if rank == 3 else ["time"]
    if kind.endswith("Cell"):
        return ["batch"] if rank == 2 else []
    if kind == "_pack_padded_sequence":
        return ["batch", "time"] if record.args[2] else ["time", "batch"]
    if kind == "multi_head_attention_forward":
        return ["time", "batch"] if rank == 3 else ["time"]
    if kind == "embedding":  # its first operand is the weight or the words
        return []
    words = LAYERS.get(kind, "").split()
    if "..." in words:
        head, tail = words[:1], words[2:]
        return [*head, *[""] * (rank - len(head) - len(tail)), *tail]
    return words if len(words) == rank else words[1:] if len(words) == rank + 1 else []


def _renamed(trial: Trial, report: Report) -> Iterator[tuple[str, Size]]:
    """What the anonymous sizes of the kinds are in the report, by their names."""
    for name, kind, found in _given(trial, report.inputs):
        yield from _pairs(kind, found, name)


def _pairs(kind: Any, found: Any, words: str) -> Iterator[tuple[str, Size]]:
    if isinstance(kind, str):
        for i, size in enumerate(found):
            yield f"_{words}_{i}", size
    elif isinstance(kind, tuple):
        for i, (part, inner) in enumerate(zip(kind, found, strict=True)):
            yield from _pairs(part, inner, f"{words}[{i}]")


def _plain(
    trial: Trial, shapes: Mapping[str, Any], known: Mapping[str, str]
) -> Iterator[tuple[str, str]]:
    """Roles by the place of an axis alone; time that comes first has the batch behind it."""
    for _, kind, shape in _given(trial, shapes):
        for dtype, axes in _leaves(kind, shape):
            words = PLAIN.get(len(axes), "").split()
            if dtype != "float32" and len(axes) == 2:
                words = ["batch", "time"]
            if len(axes) > 1 and known.get(str(axes[0])) == "time":
                words = ["time", "batch", *words[2:]]
            for size, role in zip(axes, words or ["features"] * len(axes), strict=False):
                for name in symbols_in((size,)):
                    yield name, role


def _leaves(kind: Any, shape: Any) -> Iterator[tuple[str, tuple[Size, ...]]]:
    if isinstance(kind, str):
        yield kind.partition(":")[2], shape
    elif isinstance(kind, tuple):
        for part, inner in zip(kind, shape, strict=True):
            yield from _leaves(part, inner)


def _spec(kind: Any, shape: Any) -> Any:
    """A kind with a shape in the place of its anonymous sizes."""
    if isinstance(kind, str):
        return f"{format_spec(shape)}:{kind.partition(':')[2]}"
    if isinstance(kind, tuple):
        return type(kind)(_spec(part, inner) for part, inner in zip(kind, shape, strict=True))
    return kind


__all__ = ["named"]
