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
LAZY = {"fft_ihfft": None, "fft_ifft": None, "svd": 2, "svd_lowrank": 2, "pca_lowrank": 2}
"""Operations that leave a result to be conjugated, which of several: of complex operands, or, where
they are Fourier transforms, of real ones."""
UNSURE = {"linalg_solve", "linalg_solve_ex"}
"""Operations that do so where memory lies in a certain way."""
KEEPING = SEEN | COPIED | CONJUGATING | {"view", "detach", "alias"}
"""Operations whose results are marked as their operand is, but for what those above change."""


def conjugated(tensor: SymbolicTensor) -> Constraint:
    """The relation under which a tensor is still to be conjugated."""
    return _relation(tensor.recorder.records, tensor.node, False)


def negated(tensor: SymbolicTensor) -> Constraint:
    """The relation under which a tensor is still to be negated."""
    return _relation(tensor.recorder.records, tensor.node, True)


def pending(tensor: torch.Tensor) -> Constraint:
    """The relation under which it is to be conjugated or negated."""
    if isinstance(tensor, SymbolicTensor):
        return constraint.any_of([conjugated(tensor), negated(tensor)])
    return constraint.ALWAYS if tensor.is_conj() or tensor.is_neg() else constraint.never()


def is_pending(item: object) -> bool:
    """Whether an argument may be to be conjugated or negated."""
    return isinstance(item, torch.Tensor) and pending(item) != constraint.never()


def _relation(records: Mapping[str, Record], node: torch.fx.Node, negative: bool) -> Constraint:
    """The relation for one of the marks: imaginary parts of what is conjugated are negative."""
    for record, place, operand in _makers(records, node):
        short, is_complex = _short(record), _is_complex(record)
        if short == "imag" and negative:
            return _relation(records, operand, False)
        if not negative and _is_lazy(short, place, is_complex):
            return constraint.ALWAYS
        if short in CONJUGATING and is_complex and not negative:
            return _relation(records, operand, False).negated()
        copies = getattr(record.result, "copies", {})
        if short in COPIED and id(record.result) in copies:
            kept = copies[id(record.result)][0]
            return constraint.all_of([kept, _relation(records, operand, negative)])
        if short not in KEEPING and not is_in_place(record.op):
            break
    return constraint.never()


def _is_lazy(short: str, place: int | None, is_complex: bool) -> bool:
    return short in LAZY and place == LAZY[short] and is_complex != short.startswith("fft")


def _makers(
    records: Mapping[str, Record], node: torch.fx.Node
) -> Iterator[tuple[Record, Any, torch.fx.Node]]:
    """The call that made a tensor, or several of them, then that of its first operand, and on.

    Each with the place among the results, and the operand.
    """
    while True:
        place = None
        if node.target is operator.getitem and node.name not in records:
            node, place = node.args  # type: ignore[assignment]
        record = records.get(node.name)
        if record is None or not record.given or not isinstance(node.args[0], torch.fx.Node):
            return
        node = node.args[0]
        yield record, place, node


def _is_complex(record: Record) -> bool:
    """Whether a call's first operand has complex entries."""
    x = record.given[0]
    if isinstance(x, SymbolicTensor):
        return x.value is not None and category(x.value.dtype) == 3
    return isinstance(x, torch.Tensor) and x.is_complex()


def _short(record: Record) -> str:
    return bare(record.op.rpartition(".")[2])


def marked(made: torch.Tensor, tensor: SymbolicTensor, sizes: Mapping[str, int]) -> torch.Tensor:
    """A real tensor with the marks that a symbolic one has at some sizes."""
    if made.is_complex() and conjugated(tensor).at(sizes) is not made.is_conj():
        return made.conj()
    if not made.is_complex() and negated(tensor).at(sizes) is not made.is_neg():
        return torch._neg_view(made)
    return made


def look_at_marks(call: Call, x: torch.Tensor, given: Iterable[Any]) -> None:
    """Demands that what is seen as other numbers is neither to be conjugated nor negated."""
    if call.op.endswith("view_as_real") or any(map(is_name, given)):
        if isinstance(x, SymbolicTensor) and _is_unsure(x):
            text = "whether a solution is still to be conjugated depends on how its equations lie"
            x.recorder.gap("memory", text, call.node)
        elif call.holds(pending(x)):
            because = "what is conjugated cannot be seen as other numbers before it is resolved"
            call.wrong(because, kind="layout", of="input")


def _is_unsure(x: SymbolicTensor) -> bool:
    makers = [record for record, _, _ in _makers(x.recorder.records, x.node)]
    return any(_short(record) in UNSURE and _is_complex(record) for record in makers)


def is_conj(recorder: Recorder, function: Any, args: Any, kwargs: Any) -> Any:
    """``is_conj()``."""
    return recorder.choose(conjugated(args[0]))


def is_neg(recorder: Recorder, function: Any, args: Any, kwargs: Any) -> Any:
    """``is_neg()``."""
    return recorder.choose(negated(args[0]))
