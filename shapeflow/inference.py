"""The most general inputs of a model: ranks and dtypes tried, sizes solved for."""

from __future__ import annotations

import inspect
from collections.abc import Iterator, Mapping
from itertools import product
from typing import Any

from .api import check
from .core.dims import symbol
from .core.errors import ShapeflowError
from .core.notation import format_spec
from .core.shape import substitute, symbols_in
from .diagnose.diagnostic import Verdict
from .report import Report
from .spec.readers import annotated
from .trace import forward_of, name_of_model

KINDS = tuple(
    [("float32", rank) for rank in (3, 4, 2, 5, 1)] + [("int64", rank) for rank in (2, 1, 3)]
)
"""What is tried for each parameter, the likeliest first."""

MOST = 600
NAMES = "B T S N M K P Q R U V W X Y Z".split()


def infer_shapes(model: Any) -> Report:
    """Finds the most general input shapes that a model accepts.

    Every parameter of ``forward`` without a default is tried as a tensor of several ranks and
    dtypes with sizes that are solved for; the answer is the report of a check with what was found.

    Raises:
        ShapeflowError: no combination runs; the sentence says how the best one failed.
    """
    wanted = _required(model)
    best: tuple[int, Report] | None = None
    for count, kinds in enumerate(product(KINDS, repeat=len(wanted))):
        if count >= MOST:
            break
        specs = {
            name: f"{' '.join('_' * rank)}:{dtype}"
            for name, (dtype, rank) in zip(wanted, kinds, strict=True)
        }
        report = check(model, **specs)
        cost = _cost(report)
        if best is None or cost < best[0]:
            best = (cost, report)
            found = dict(zip(wanted, kinds, strict=True))
        if cost == 0:
            break
    if best is None or best[1].verdict in (Verdict.UNSATISFIABLE, Verdict.INCOMPLETE):
        why = best[1].findings[0].message if best and best[1].findings else "it takes no tensors"
        raise ShapeflowError(f"no input shapes were found for {name_of_model(model)}: {why}")
    return check(model, **_named(best[1], found))


def _required(model: Any) -> list[str]:
    function = forward_of(model)
    known, _ = annotated(function)
    return [
        p.name
        for p in inspect.signature(function).parameters.values()
        if p.default is p.empty
        and p.kind not in (p.VAR_POSITIONAL, p.VAR_KEYWORD)
        and p.name not in known
    ]


def _cost(report: Report) -> int:
    """0 for inputs that run at all sizes; conditions and faults cost."""
    if report.verdict is Verdict.UNSATISFIABLE:
        return 1_000_000
    if report.verdict is Verdict.INCOMPLETE:
        return 100_000
    errors = sum(f.severity == "error" for f in report.findings)
    return 1000 * errors + sum(1 for c in report.constraints if c.kind != "at_least")


def _named(report: Report, kinds: Mapping[str, tuple[str, int]]) -> dict[str, str]:
    """The specs that were found, with anonymous sizes named in order of appearance."""
    free = [name for name in symbols_in(dict(report.inputs)) if name.startswith("_")]
    names = dict(zip(free, _names(), strict=False))
    shapes = substitute(dict(report.inputs), {old: symbol(new) for old, new in names.items()})
    return {name: f"{format_spec(shapes[name])}:{dtype}" for name, (dtype, _) in kinds.items()}


def _names() -> Iterator[str]:
    yield from NAMES
    i = 0
    while True:
        yield f"D{i}"
        i += 1
