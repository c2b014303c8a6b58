"""Calls that read the entries of tensors: known ones are told, others go every way they can."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch

from ..core.constraint import Constraint
from ..core.shape import product
from ..ops.ranges import held
from . import entries
from .floats import SymbolicFloat, unknown_entry
from .getters import asked, blocked, value_of
from .sizes import wrap
from .targets import rule_of
from .tensor import SymbolicTensor

if TYPE_CHECKING:
    from .recorder import Recorder


@asked
def entry(recorder: Recorder, function: Any, args: Any, kwargs: Any) -> Any:
    """``item()`` and conversions to Python numbers: a known entry, or an unknown one."""
    tensor, name = args[0], function.__name__
    if tensor.constant is not None:
        return getattr(tensor.constant(), name)()
    value = value_of(recorder, tensor, "an entry")
    if product(value) != 1:
        target, rule = rule_of(function)
        assert rule is not None
        recorder.apply(target, rule, function, (tensor,), {})
    if isinstance(value.known, int | float):
        return getattr(torch.tensor(value.known), name)()
    whole = held(value)
    if whole is not None and name == "item":
        return wrap(whole)
    if whole is not None and name in ("__int__", "__index__"):
        return recorder.instantiate(whole, "an entry of a tensor is needed as a Python number")
    if isinstance(value.known, Constraint):
        return getattr(torch.tensor(recorder.compare(value.known)), name)()
    if name in ("__bool__", "is_nonzero") or value.dtype == "bool":
        return recorder.choose_value(f"an entry of {tensor.node.name}", tensor.node)
    if name == "__float__":
        raise recorder.blocked("float() of a tensor needs its entries", "data")
    if name in ("__int__", "__index__"):
        why = "an entry of a tensor is needed as a Python number"
        return recorder.instantiate(recorder.fresh("item"), why)
    if value.dtype.startswith(("int", "uint")):
        return entries.whole(recorder)
    return SymbolicFloat(unknown_entry, (tensor.node.name,))


@asked
def all_entries(recorder: Recorder, function: Any, args: Any, kwargs: Any) -> Any:
    """``tolist()``: known entries, or a list of unknown ones."""
    tensor = args[0]
    if tensor.constant is not None:
        return tensor.constant().tolist()
    value = value_of(recorder, tensor, "the entries")
    if isinstance(value.known, list) and None not in value.known:
        return value.known
    whole = value.dtype.startswith(("int", "uint"))

    def nested(shape: tuple[Any, ...]) -> Any:
        if not shape:
            if whole:
                return entries.whole(recorder)
            return SymbolicFloat(unknown_entry, (tensor.node.name,))
        length = recorder.instantiate(shape[0], "a list needs a known length")
        return [nested(shape[1:]) for _ in range(length)]

    return nested(tuple(value))


def array(recorder: Recorder, function: Any, args: Any, kwargs: Any) -> Any:
    """``numpy()``: a copy of known entries, so that nobody writes into the user's tensors."""
    tensor = recorder.seen(args[0])
    if not isinstance(tensor, SymbolicTensor):
        return function(tensor.clone(), *args[1:], **kwargs)
    if tensor.constant is not None:
        return function(tensor.constant().clone(), *args[1:], **kwargs)
    return blocked(recorder, function, (tensor,), kwargs)


def truth(recorder: Recorder, function: Any, args: Any, kwargs: Any) -> bool:
    """``torch.equal`` and ``torch.allclose``: a question about entries."""
    if function.__name__ == "allclose":
        recorder.call(torch.isclose, args, kwargs)
    return recorder.choose_value(f"torch.{function.__name__}")


def contains(recorder: Recorder, function: Any, args: Any, kwargs: Any) -> bool:
    """``entry in tensor``: a question about entries."""
    recorder.call(torch.eq, args, {})
    return recorder.choose_value("an entry is in a tensor")
