"""Symbolic tensors: real ``torch.Tensor`` objects that have a shape and no storage."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import torch

from ..core.constraint import Constraint
from ..core.dims import Size
from ..ops import Value


class Blocked(BaseException):
    """The run cannot go on: what is needed depends on something unknown.

    A BaseException, so that an ``except Exception`` in user code does not swallow it.
    """


class SymbolicTensor(torch.Tensor):
    """A tensor of a trace.

    Attributes:
        value: its shape, dtype and strides; None where they are unknown.
        node: the ``torch.fx`` node that makes it.
        recorder: the recorder that it belongs to.
        constant: computes its real entries, where all that it is made of is known; else None.
        base: the tensor whose memory it shares, None where that is its own.
        offset: where in that memory it begins, in elements; None where that is not known.
        room: how many elements its own memory has; None where these are its entries.
        copies: for it and what it was made of, by ``id``, where either may be a copy: the relation
            under which it is none, the sizes of the axes that were expanded then, and what is seen.
        repeats: for axes that were expanded from what may be one entry: the relation under which it
            is one, and the size that it was expanded to.
        is_view: whether it is a view to autograd; None where it may be the very same tensor as
            another one.
    """

    value: Value | None
    node: torch.fx.Node
    recorder: Any
    constant: Callable[[], torch.Tensor] | None
    base: SymbolicTensor | None
    offset: Size | None
    room: Size | None
    copies: dict[int, tuple[Constraint, tuple[Size, ...], Value | None]]
    repeats: tuple[tuple[Constraint, Size], ...]
    is_view: bool | None

    @staticmethod
    def make(value: Value | None, node: torch.fx.Node, trace: Any) -> SymbolicTensor:
        """A symbolic tensor; the sizes that C++ sees are dummies and are never asked for."""
        dtype = torch.float32 if value is None else getattr(torch, value.dtype)
        tensor = _make(SymbolicTensor, (1,) * (0 if value is None else len(value)), dtype=dtype)
        tensor.value, tensor.node, tensor.recorder = value, node, trace
        tensor.constant, tensor.base, tensor.offset, tensor.is_view = None, None, 0, False
        tensor.room, tensor.copies, tensor.repeats = None, {}, ()
        return tensor

    def __copy__(self) -> SymbolicTensor:
        return SymbolicTensor.make(self.value, self.node, self.recorder)

    @classmethod
    def __torch_function__(
        cls,
        func: Callable[..., Any],
        types: tuple[type, ...],
        args: tuple[Any, ...] = (),
        kwargs: Mapping[str, Any] | None = None,
    ) -> Any:
        trace = find_trace((args, tuple((kwargs or {}).values())))
        if trace is None or trace.ended:
            name = getattr(func, "__name__", str(func))
            if name in ("__repr__", "__format__", "__get__"):
                return "<symbolic tensor of an ended trace>"
            raise RuntimeError(f"{name} was called on a symbolic tensor after its trace had ended")
        return trace.call(func, args, kwargs or {})

    @classmethod
    def __torch_dispatch__(  # type: ignore[override]
        cls,
        func: Any,
        types: tuple[type, ...],
        args: tuple[Any, ...] = (),
        kwargs: Mapping[str, Any] | None = None,
    ) -> Any:
        text = f"{func} reads a tensor below the level that shapeflow sees"
        if str(func).startswith("aten.alias"):
            text = "a tensor subclass is made inside forward"
        trace = find_trace((args, tuple((kwargs or {}).values())))
        raise Blocked(text) if trace is None else trace.blocked(text)


_make: Any = torch.Tensor._make_wrapper_subclass


def find_trace(tree: Any) -> Any:
    """The trace that symbolic tensors among some arguments belong to, None without any."""
    if isinstance(tree, SymbolicTensor):
        return tree.recorder
    if isinstance(tree, list | tuple):
        for item in tree:
            trace = find_trace(item)
            if trace is not None:
                return trace
    return None
