"""What a rule answers, as user code gets it."""

from __future__ import annotations

import operator
from typing import TYPE_CHECKING, Any

import torch
from torch.nn.modules.adaptive import _ASMoutput
from torch.nn.utils.rnn import PackedSequence

from ..core.dims import Dim
from ..ops import Call, Value
from ..ops.common import same_sizes, unrepeated
from ..ops.dtypes import category
from ..ops.packed import Packed
from ..ops.ranges import Range
from . import entries
from .sizes import wrap as wrap_size
from .tensor import SymbolicTensor

if TYPE_CHECKING:
    from .recorder import Recorder

RESHAPING = frozenset(
    "t_ transpose_ swapaxes_ swapdims_ squeeze_ unsqueeze_ as_strided_ resize_ resize_as_ "
    "addbmm_".split()
)
"""In-place methods that change the shape of their tensor, not its memory."""
OVERLAPPING = RESHAPING - {"addbmm_"} | frozenset(
    "fill_ zero_ masked_fill_ index_fill_ index_put_ tril_ triu_ fill_diagonal_ __setitem__ "
    "detach_ requires_grad_ addmv_ baddbmm_ conj_physical_ embedding_renorm_ set_".split()
)
"""In-place methods that take a tensor whose entries share memory."""
COPIED = set("reshape reshape_as flatten unflatten contiguous to type ravel".split())
"""Operations that copy where a view is not possible."""
EACH = set("atleast_1d atleast_2d atleast_3d broadcast_tensors".split())
"""Operations of several tensors, each of which has a view, or itself, for a result."""
SEEN = set(
    "permute transpose swapaxes swapdims movedim moveaxis t T H mT mH adjoint expand expand_as "
    "broadcast_to select narrow squeeze unsqueeze view_as reshape_as view_as_complex unfold slice "
    "as_strided diagonal split split_with_sizes chunk unbind tensor_split hsplit vsplit dsplit "
    "reshape unflatten unsafe_split unsafe_chunk unsafe_split_with_sizes __getitem__".split()
)
"""Operations whose results are views, unless they copy: never the operand itself."""


def wrap(recorder: Recorder, function: Any, result: Any, node: torch.fx.Node) -> Any:
    """Values to symbolic tensors (parts of a result get ``getitem`` nodes), Dims to sizes."""
    if result.__class__ is Value:
        for axis, size in enumerate(result) if recorder.sizes else ():
            if size.__class__ is Dim and any(name in recorder.sizes for name in size.symbols):
                recorder.nodes.born(node, axis, size)
        return SymbolicTensor.make(result, node, recorder)
    if isinstance(result, list):
        parts = [
            wrap(recorder, None, part, _item(recorder, node, i)) for i, part in enumerate(result)
        ]
        if isinstance(function, torch.nn.AdaptiveLogSoftmaxWithLoss):
            return _ASMoutput(*parts)
        kind = getattr(torch.return_types, getattr(function, "__name__", ""), None)
        return kind(parts) if kind is not None else tuple(parts)
    if isinstance(result, Packed):
        fields = ("data", "batch_sizes", "sorted_indices", "unsorted_indices")
        parts = [_part(recorder, node, name, getattr(result, name)) for name in fields]
        return PackedSequence(*parts)
    if isinstance(result, Dim):
        return wrap_size(result)
    if isinstance(result, tuple):
        return torch.Size([wrap_size(size) for size in result])
    return result


def _item(recorder: Recorder, node: torch.fx.Node, i: int) -> torch.fx.Node:
    return recorder.nodes.make("call_function", operator.getitem, (node, i))


def _part(recorder: Recorder, node: torch.fx.Node, name: str, value: Any) -> Any:
    if value is None:
        return None
    part = recorder.nodes.make("call_function", getattr, (node, name))
    return wrap(recorder, None, value, part)


def assigned(recorder: Recorder, out: Any, after: Any, node: torch.fx.Node) -> Any:
    """What an operation with ``out=`` returns: the very tensors, each as it is afterwards."""
    if isinstance(out, tuple | list):
        known = after if isinstance(after, list) else [None] * len(out)
        parts = [
            assigned(recorder, one, value, _item(recorder, node, i))
            for i, (one, value) in enumerate(zip(out, known, strict=False))
        ]
        return tuple(parts)
    whole = None if after is None else wrap(recorder, None, after, node)
    if not isinstance(out, torch.Tensor):
        return whole
    target = recorder.symbolic(out)
    entries.written(recorder, target, None)
    target.value, target.node = after, node
    return target


def in_place(call: Call, result: Any, value: Value | None) -> Value | None:
    """What a tensor is after an operation wrote its result into it."""
    if value is None:
        return None
    after = Value(value, value.dtype, value.strides, None, value.words, value.device)
    if not isinstance(result, Value):
        return after
    short = call.op.rpartition(".")[2]
    if short not in OVERLAPPING and (short not in RESHAPING or tuple(result) == tuple(value)):
        unrepeated(call, value)
    if short in RESHAPING:
        return Value(result, value.dtype, result.strides, None, value.words, value.device)
    if tuple(result) != tuple(value):
        because = "an in-place operation cannot change the shape of what it writes into"
        call.require(same_sizes(result, value), because, kind="inplace", of="input")
    if isinstance(result.known, Range) and result.dtype == value.dtype:
        after.known = result.known
    if short in ("abs_", "absolute_") and category(value.dtype) == 3:
        call.wrong("complex numbers have no absolute value in place", kind="dtype", of="input")
    if category(result.dtype) > category(value.dtype):
        because = f"an in-place operation cannot write {result.dtype} into {value.dtype}"
        call.wrong(because, kind="dtype", of="input")
    return after
