"""Calls that ask about a tensor instead of computing one, and calls that read its entries."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import wraps
from typing import TYPE_CHECKING, Any

import torch

from ..core.shape import product
from ..ops import layout
from ..ops.dtypes import category
from .sizes import wrap
from .targets import rule_of
from .tensor import SymbolicTensor

if TYPE_CHECKING:
    from .recorder import Recorder

Handler = Callable[["Recorder", Any, tuple[Any, ...], Mapping[str, Any]], Any]


def value_of(recorder: Recorder, tensor: Any, what: str) -> Any:
    """What is known of a tensor; Blocked where that is not even its shape."""
    value = recorder.symbolic(tensor).value
    if value is None:
        raise recorder.blocked(f"{what} of a tensor whose shape is unknown", "follows")
    return value


def asked(handler: Handler) -> Handler:
    """A question to a symbolic tensor; real ones answer for themselves."""

    @wraps(handler)
    def answer(recorder: Recorder, function: Any, args: Any, kwargs: Any) -> Any:
        tensor = args[0] if args else next(iter(kwargs.values()))
        if tensor.__class__ is not SymbolicTensor:
            tensor = recorder.seen(tensor)
            if tensor.__class__ is not SymbolicTensor:
                return function(*args, **kwargs)
        recorder.touched.add(tensor.node)
        return handler(recorder, function, (tensor, *args[1:]), kwargs)

    return answer


@asked
def shape_of(recorder: Recorder, function: Any, args: Any, kwargs: Any) -> Any:
    """``shape``, and ``size()`` without an axis."""
    return torch.Size([wrap(size) for size in value_of(recorder, args[0], "the shape")])


@asked
def size_of(recorder: Recorder, function: Any, args: Any, kwargs: Any) -> Any:
    """``size(dim)``."""
    tensor = args[0]
    dim = args[1] if len(args) > 1 else kwargs.get("dim")
    if dim is None:
        return shape_of(recorder, function, args, {})
    if tensor.value is None:  # quiet: the reason has been told
        return wrap(recorder.fresh("size"))
    value = tensor.value
    dim = int(dim)
    if not -max(len(value), 1) <= dim < max(len(value), 1):
        raise IndexError(
            "Dimension out of range (expected to be in range of "
            f"[{-len(value)}, {len(value) - 1}], "
            f"but got {dim})"
        )
    return wrap(value[dim])


@asked
def rank(recorder: Recorder, function: Any, args: Any, kwargs: Any) -> Any:
    """``dim()``, ``ndim``."""
    return len(value_of(recorder, args[0], "the rank"))


@asked
def length(recorder: Recorder, function: Any, args: Any, kwargs: Any) -> Any:
    """``len``."""
    value = value_of(recorder, args[0], "the length")
    if not value:
        raise TypeError("len() of a 0-d tensor")
    return wrap(value[0])


@asked
def numel(recorder: Recorder, function: Any, args: Any, kwargs: Any) -> Any:
    """``numel()``."""
    return wrap(product(value_of(recorder, args[0], "the number of elements")))


@asked
def stride(recorder: Recorder, function: Any, args: Any, kwargs: Any) -> Any:
    """``stride()``."""
    strides = tuple(wrap(s) for s in layout.strides_of(value_of(recorder, args[0], "the strides")))
    dim = args[1] if len(args) > 1 else kwargs.get("dim")
    return strides if dim is None else strides[dim]


@asked
def dtype(recorder: Recorder, function: Any, args: Any, kwargs: Any) -> Any:
    """``dtype``."""
    value = args[0].value
    return torch.float32 if value is None else getattr(torch, value.dtype)


@asked
def device(recorder: Recorder, function: Any, args: Any, kwargs: Any) -> Any:
    """``device``."""
    value = args[0].value
    return torch.device("cpu" if value is None else value.device)


@asked
def dtype_question(recorder: Recorder, function: Any, args: Any, kwargs: Any) -> Any:
    """``is_floating_point()`` and its kin."""
    return getattr(dtype(recorder, function, args, kwargs), function.__name__)


def says(answer: Any) -> Handler:
    """A question that has one answer for every symbolic tensor."""

    def handler(recorder: Recorder, function: Any, args: Any, kwargs: Any) -> Any:
        if args and isinstance(args[0], torch.Tensor) and not isinstance(args[0], SymbolicTensor):
            return function(*args, **kwargs)
        return answer

    return handler


def ignored(answer: Any) -> Handler:
    """A call that would change the user's tensors, or concerns gradients: it is not made."""

    def handler(recorder: Recorder, function: Any, args: Any, kwargs: Any) -> Any:
        return answer

    return handler


def passed(recorder: Recorder, function: Any, args: Any, kwargs: Any) -> Any:
    """Calls that concern the process, not a tensor."""
    return function(*args, **kwargs)


def itself(recorder: Recorder, function: Any, args: Any, kwargs: Any) -> Any:
    """Calls that return their first argument and do nothing to its shape."""
    return args[0]


def differentiable(recorder: Recorder, function: Any, args: Any, kwargs: Any) -> Any:
    """``requires_grad_``: the tensor itself, which must be of floats or complex numbers."""
    value = args[0].value if isinstance(args[0], SymbolicTensor) else None
    name, rule = rule_of(function)
    if value is not None and category(value.dtype) < 2 and rule is not None:
        recorder.apply(name, rule, function, args, kwargs)
    return args[0]


@asked
def text(recorder: Recorder, function: Any, args: Any, kwargs: Any) -> Any:
    """``repr`` and ``format``: the shape, since there are no entries."""
    tensor = args[0]
    shape = "unknown" if tensor.value is None else ", ".join(map(str, tensor.value))
    return f"tensor(shape=({shape}))"


@asked
def blocked(recorder: Recorder, function: Any, args: Any, kwargs: Any) -> Any:
    """Calls that leave torch: nothing can be known of what happens there."""
    raise recorder.blocked(f"{function.__name__}() takes the entries of a tensor out of torch")


def set_data(recorder: Recorder, function: Any, args: Any, kwargs: Any) -> None:
    """``x.data = y``: from here on the tensor is what the other one is."""
    target, other = recorder.seen(args[0]), recorder.symbolic(args[1])
    if not isinstance(target, SymbolicTensor):
        recorder.replace(target, other)
        return
    target.value, target.node, target.constant = other.value, other.node, other.constant
