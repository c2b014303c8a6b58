"""What is swapped while a trace runs: module calls, recurrent forwards, and a few builtins.

Module calls enter through the recorder, so that each node knows its module path. The ``forward`` of
the recurrent layers is answered by a rule, also where a subclass calls it through ``super()``.
``len``, ``max``, ``min`` and ``math.sqrt`` and its kin keep symbolic sizes symbolic, which
Python itself would turn into numbers.
"""

from __future__ import annotations

import builtins
import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import torch

from ..core import dims
from ..ops import lookup
from .recorder import Recorder
from .sizes import SymbolicFloat, SymbolicSize, unwrap, wrap
from .targets import LEAVES
from .tensor import SymbolicTensor

_MATH = ("sqrt", "log", "log2", "log10", "exp", "cos", "sin", "pow")


@contextmanager
def interposed(recorder: Recorder) -> Iterator[None]:
    """Everything swapped, and put back."""
    swaps: list[tuple[Any, str, Any]] = [
        (torch.nn.Module, "__call__", _module_call(recorder)),
        (builtins, "len", _len),
        (builtins, "max", _extreme(builtins.max, dims.maximum)),
        (builtins, "min", _extreme(builtins.min, dims.minimum)),
    ]
    swaps += [(math, name, _float_function(getattr(math, name))) for name in _MATH]
    swaps += [(kind, "forward", _leaf_forward(recorder, kind, name)) for kind, name in LEAVES.items()]
    before = [(owner, name, getattr(owner, name)) for owner, name, _ in swaps]
    try:
        for owner, name, new in swaps:
            setattr(owner, name, new)
        yield
    finally:
        for owner, name, old in before:
            setattr(owner, name, old)


def _module_call(recorder: Recorder) -> Callable[..., Any]:
    original = torch.nn.Module.__call__
    modules, stack = recorder.nodes.modules, recorder.stack

    def call(self: torch.nn.Module, *args: Any, **kwargs: Any) -> Any:
        if isinstance(self, torch.jit.ScriptModule):
            return recorder.scripted(self, args, kwargs)
        stack.append(modules.get(id(self), ""))
        try:
            return original(self, *args, **kwargs)
        finally:
            stack.pop()

    return call


def _leaf_forward(recorder: Recorder, kind: type, name: str) -> Callable[..., Any]:
    rule = lookup(name)

    def forward(self: torch.nn.Module, *args: Any, **kwargs: Any) -> Any:
        recorder.leaf_base = kind
        return recorder.leaf(name, rule, self, args, kwargs)

    return forward


_real_len = builtins.len


def _len(thing: Any, /) -> Any:
    if thing.__class__ is SymbolicTensor:
        return thing.__len__()
    return _real_len(thing)


def _extreme(original: Callable[..., Any], law: Callable[..., Any]) -> Callable[..., Any]:
    def extreme(*args: Any, **kwargs: Any) -> Any:
        given = args[0] if _real_len(args) == 1 else args
        if not kwargs and given.__class__ in (list, tuple, torch.Size):
            if any([item.__class__ is SymbolicSize for item in given]):
                sizes = [unwrap(item) for item in given]
                if all(isinstance(size, int | dims.Dim) for size in sizes):
                    return wrap(law(*sizes))
        return original(*args, **kwargs)

    return extreme


def _float_function(original: Callable[..., Any]) -> Callable[..., Any]:
    def function(*args: Any) -> Any:
        if any([isinstance(item, SymbolicSize | SymbolicFloat) for item in args]):
            return SymbolicFloat(original, args)
        return original(*args)

    return function
