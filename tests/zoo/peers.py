"""What other tools make of the same models, at the same sizes."""

from __future__ import annotations

import inspect
import time
import warnings
from collections.abc import Callable, Mapping
from statistics import median
from typing import Any

import torch

from shapeflow.core.dims import Dim
from shapeflow.trace import forward_of
from shapeflow.trace.outputs import shapes
from shapeflow.trace.replay import copied

from .judge import QUICK, Row, Subject, timed


def peers(subject: Subject, row: Row) -> None:
    """Adds to a row what ``torch.fx.symbolic_trace`` and ``torch.export`` do."""
    for name, made in (("fx", traced), ("export", exported)):
        row.peers[name] = _outcome(subject, made)


def _outcome(subject: Subject, make: Callable[[Subject], Callable[..., Any]]) -> dict[str, Any]:
    """Whether a tool gets through, whether what it made runs at all sizes, and its time."""
    start = time.process_time()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            module = make(subject)
    except Exception as error:
        return {"ok": False, "symbolic": False, "why": f"{type(error).__name__}: {error}"[:200]}
    taken = time.process_time() - start
    if make is traced and taken < QUICK:
        taken = median(timed(lambda: make(subject), 3))
    symbolic = all(_same(subject, module, sizes) for sizes in subject.entry.sizes)
    return {"ok": True, "symbolic": symbolic, "seconds": taken}


def _same(subject: Subject, module: Callable[..., Any], sizes: Mapping[str, int]) -> bool:
    """Whether the result has the shapes that the model's has."""
    expected = subject.at(sizes)
    try:
        with torch.no_grad():
            found = module(**subject.arguments(sizes))
    except Exception as error:
        return not expected.accepted and bool(error)
    return bool(expected.accepted and shapes(found) == expected.shapes)


def traced(subject: Subject) -> Callable[..., Any]:
    """The model through symbolic_trace; what is left out keeps its default."""
    names = inspect.signature(forward_of(subject.model)).parameters.values()
    plain = {p.name: p.default for p in names if p.default is not p.empty}
    plain = {name: item for name, item in plain.items() if name not in subject.inputs}
    plain |= {
        key: item
        for key, item in subject.inputs.items()
        if item is None or isinstance(item, bool | int | float | str)
    }
    graph = torch.fx.symbolic_trace(copied(subject.model, "cpu"), concrete_args=plain or None)
    order = [p.name for p in names if p.name in subject.inputs or p.name in plain]

    def run(**named: Any) -> Any:
        return graph(*(named[name] if name in named else plain[name] for name in order))

    return run


def exported(subject: Subject) -> Callable[..., Any]:
    """The model through torch.export, with a dynamic dimension for each symbolic size."""
    named = subject.arguments(subject.entry.sizes[0])
    given = tuple(named.pop(name) for name in subject.positional)
    dynamic = {key: _dynamic(item) for key, item in subject.inputs.items()}
    module = copied(subject.model, "cpu")
    program = torch.export.export(module, given, named, dynamic_shapes=dynamic, strict=False)
    made = program.module()

    def run(**again: Any) -> Any:
        given = [again.pop(name) for name in subject.positional]
        return made(*given, **again)

    return run


def _dynamic(item: Any) -> Any:
    from shapeflow.ops import Value

    if isinstance(item, Value):
        auto = torch.export.Dim.AUTO
        return {i: auto for i, size in enumerate(item) if isinstance(size, Dim)}
    if isinstance(item, Mapping):
        return {key: _dynamic(part) for key, part in item.items()}
    if isinstance(item, list | tuple):
        return type(item)(map(_dynamic, item))
    return None
