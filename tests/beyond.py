"""Where PyTorch and a report differ for what shapes do not tell, or PyTorch does not check."""

from __future__ import annotations

from collections.abc import Mapping

from shapeflow.core.constraint import Constraint
from shapeflow.core.shape import substitute
from shapeflow.report import Report
from shapeflow.testing.ask import Answer

from .entries import of_entries
from .ops.draw import IGNORED, REASONS


def beyond(kind: str, report: Report, at: Mapping[str, int], answer: Answer) -> bool:
    """Whether a disagreement at some sizes is one of those."""
    if kind == "false valid":
        return of_entries(answer.message) or _strides_of_nothing(report, at, answer)
    if kind != "false alarm":
        return False
    demands = [demand for way in report.paths for demand in way.demands]
    broken = [d for d in demands if not (left := d.substitute(at)).symbols and not left.at({})]
    return bool(broken) and all(map(_is_unchecked, broken))


def _strides_of_nothing(report: Report, at: Mapping[str, int], answer: Answer) -> bool:
    """Whether PyTorch minds how a tensor without entries lies in memory, which it leaves open."""
    shapes = [shape for way in report.paths for shape in substitute(way.outputs, at) or ()]
    return "stride" in answer.message and any(isinstance(s, tuple) and 0 in s for s in shapes)


def _is_unchecked(demand: Constraint) -> bool:
    """Whether PyTorch looks at a demand on some machines, or for some entries, only."""
    if demand.origin is None:
        return False
    op, because = demand.origin.op, demand.origin.because
    known = [reason for name, reason in REASONS.items() if op.endswith(name.rpartition(".")[2])]
    return any(because in reason or reason in because for reason in (*known, IGNORED))
