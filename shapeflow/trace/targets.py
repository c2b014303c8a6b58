"""From torch's callables to the dotted names that the rules go by."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import torch

from ..ops import Rule, lookup

LEAVES: dict[type, str] = {
    torch.nn.RNN: "nn.RNN",
    torch.nn.LSTM: "nn.LSTM",
    torch.nn.GRU: "nn.GRU",
    torch.nn.RNNCell: "nn.RNNCell",
    torch.nn.LSTMCell: "nn.LSTMCell",
    torch.nn.GRUCell: "nn.GRUCell",
    torch.nn.AdaptiveLogSoftmaxWithLoss: "nn.AdaptiveLogSoftmaxWithLoss",
    torch.nn.CrossMapLRN2d: "nn.CrossMapLRN2d",
}
"""Modules whose ``forward`` has a rule of its own; all others run their own Python."""

_HOMES = {
    "torch.nn.functional": "F",
    "torch._C._nn": "F",
    "torch._jit_internal": "F",
    "torch._tensor": "Tensor",
}


@cache
def name_of(function: Callable[..., Any]) -> str:
    """The dotted name of one of torch's callables: ``torch.cat``, ``Tensor.view``, ``F.relu``."""
    short = getattr(function, "__name__", "")
    packet = getattr(function, "overloadpacket", function)
    if isinstance(packet, torch._ops.OpOverloadPacket):
        space, _, name = packet._qualified_op_name.partition("::")
        return f"torch.{name}" if space == "aten" else f"{space}.{name}"
    if short in ("__get__", "__set__"):
        owner: Any = function.__self__  # type: ignore[attr-defined]
        return f"Tensor.{getattr(owner, 'fget', owner).__name__}"
    if getattr(function, "__objclass__", None) is not None:
        return f"Tensor.{short}"
    if getattr(function, "__qualname__", "").startswith("Tensor."):
        return f"Tensor.{short}"
    home = getattr(function, "__module__", None) or ""
    if not short:
        return type(function).__name__
    return f"{_HOMES.get(home, 'torch' if _is_torchs(home) else home)}.{short}"


def _is_torchs(home: str) -> bool:
    return (
        not home or home in ("torch", "torch.functional", "builtins") or home.startswith("torch._")
    )


@cache
def rule_of(function: Callable[..., Any]) -> tuple[str, Rule | None]:
    """The dotted name of a callable and its rule."""
    name = name_of(function)
    return name, lookup(name)


@cache
def is_in_place(name: str) -> bool:
    """Whether an operation writes into its first operand."""
    short = name.rpartition(".")[2]
    if short in ("__setitem__", "set_"):
        return short == "__setitem__"
    if short.startswith("__i") and short.endswith("__"):
        return short not in ("__invert__", "__index__", "__int__", "__init__")
    return short.endswith("_") and not short.endswith("__") and short != "requires_grad_"
