"""Complex tensors that are conjugated, or negated, only when their entries are read.

Source: ``torch.conj`` and ``torch.is_neg`` in the PyTorch documentation. Such a tensor is a view of
the entries as they were, so PyTorch refuses to read its bytes as those of another dtype.
"""

from __future__ import annotations

import operator
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

import torch

from ..core import constraint
from ..core.constraint import Constraint
from ..ops import Call
from ..ops.dtypes import category, is_name
from ..ops.registry import bare
from .results import COPIED, SEEN
from .targets import is_in_place
from .tensor import SymbolicTensor

if TYPE_CHECKING:
    from .record import Record
    from .recorder import Recorder

CONJUGATING = set("conj H mH adjoint".split())
"""Operations that conjugate a view of what is complex."""
KEEPING = (SEEN | COPIED | {"view", "detach", "alias"}) - CONJUGATING


def conjugated(tensor: SymbolicTensor) -> Constraint:
    """The relation under which a tensor is still to be conjugated."""
    return _relation(tensor.recorder.records, tensor.node, False)


def negated(tensor: SymbolicTensor) -> Constraint:
    """The relation under which a tensor is still to be negated."""
    return _relation(tensor.recorder.records, tensor.node, True)


def pending(tensor: SymbolicTensor) -> Constraint:
    """The relation under which it is to be conjugated or negated."""
    return constraint.any_of([conjugated(tensor), negated(tensor)])


def _relation(records: Mapping[str, Record], node: torch.fx.Node, negative: bool) -> Constraint:
    """The relation for one of the marks: imaginary parts of what is conjugated are negative."""
    for record, operand in _makers(records, node):
        short, x = _short(record), getattr(record.given[0], "value", None)
        if short == "imag" and negative:
            return _relation(records, operand, False)
        if short in CONJUGATING and x is not None and category(x.dtype) == 3:
            return _relation(records, operand, False).negated()
        copies = getattr(record.result, "copies", {})
        if short in COPIED and id(record.result) in copies:
            kept = copies[id(record.result)][0]
            return constraint.all_of([kept, _relation(records, operand, negative)])
        if short not in KEEPING | CONJUGATING and not is_in_place(record.op):
            break
    return constraint.never()


def _makers(
    records: Mapping[str, Record], node: torch.fx.Node
) -> Iterator[tuple[Record, torch.fx.Node]]:
    """The call that made a tensor, or several of them, then that of its first operand, and on."""
    while True:
        part = node.target is operator.getitem and node.name not in records
        node = node.args[0] if part else node  # type: ignore[assignment]
        record = records.get(node.name)
        if record is None or not record.given or not isinstance(node.args[0], torch.fx.Node):
            return
        node = node.args[0]
        yield record, node


def _short(record: Record) -> str:
    return bare(record.op.rpartition(".")[2])


def marked(made: torch.Tensor, tensor: SymbolicTensor, sizes: Mapping[str, int]) -> torch.Tensor:
    """A real tensor with the marks that a symbolic one has at some sizes."""
    if made.is_complex():
        return made.conj() if conjugated(tensor).at(sizes) else made
    return torch._neg_view(made) if negated(tensor).at(sizes) else made


def look_at_marks(call: Call, x: Any, given: Iterable[Any]) -> None:
    """Demands that what is seen as other numbers is neither to be conjugated nor negated."""
    if call.op.endswith("view_as_real") or any(map(is_name, given)):
        if call.holds(pending(x)):
            because = "what is conjugated cannot be seen as other numbers before it is resolved"
            call.wrong(because, kind="layout", of="input")


def is_conj(recorder: Recorder, function: Any, args: Any, kwargs: Any) -> Any:
    """``is_conj()``."""
    return recorder.choose(conjugated(args[0]))


def is_neg(recorder: Recorder, function: Any, args: Any, kwargs: Any) -> Any:
    """``is_neg()``."""
    return recorder.choose(negated(args[0]))
