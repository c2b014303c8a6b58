"""What is swapped while a trace runs: module calls, recurrent forwards, and a few builtins.

Module calls enter through the recorder, so that each node knows its module path. The ``forward`` of
the recurrent layers is answered by a rule, also where a subclass calls it through ``super()``.
``len``, ``max``, ``min`` and ``math.sqrt`` and its kin keep symbolic sizes symbolic, which
Python itself would turn into numbers. Threads without a trace get what they always got.
"""

from __future__ import annotations

import builtins
import gc
import linecache
import math
import sys
import threading
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache, wraps
from typing import Any

import torch

from ..core import dims
from ..core.step import Visit
from ..ops import lookup
from .casts import CASTS, namespaces
from .chances import chances
from .current import current
from .floats import SymbolicFloat
from .opaque import MARK
from .original import original as uncompiled
from .sizes import SymbolicSize, unwrap, wrap
from .source import calls_here, is_users
from .targets import LEAVES
from .tensor import SymbolicTensor

_MATH = ("sqrt", "log", "log2", "log10", "exp", "cos", "sin", "pow")

FRAMES = 100
"""Frames of our own that may lie above and below the user's."""

Swap = tuple[Any, str, Any]


class _InTrace:
    """The pattern of a warning that is raised in a thread with a trace."""

    @staticmethod
    def match(text: str) -> bool:
        return current() is not None


QUIET = ("ignore", _InTrace(), Warning, None, 0)
"""The filter that keeps quiet what the user's code warns of while it is traced."""


TRANSFORMS = [
    (torch._functorch.vmap, "_vmap_increment_nesting"),
    *[
        (torch._functorch.eager_transforms, f"_{kind}_increment_nesting")
        for kind in ("grad", "jvp", "func")
    ],
]
"""Where ``torch.vmap`` and each transformation of ``torch.func`` begins."""


class _Installed:
    """What stands in the place of the originals, and for how many traces."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.traces = 0
        self.limit = 0
        self.casts: dict[tuple[int, str], int] = {}
        self.originals: list[Swap] = []

    def enter(self, model: Any) -> list[tuple[dict[str, Any], str]]:
        """Puts everything in place for one more trace; the result is what to leave with."""
        casts = list(namespaces(model))
        with self.lock:
            self.traces += 1
            for scope, name in casts:
                key = id(scope), name
                self.casts[key] = self.casts.get(key, 0) + 1
                scope[name] = CASTS[name]
            if self.traces == 1:
                self.limit = sys.getrecursionlimit()
                sys.setrecursionlimit(self.limit + FRAMES)
                warnings.filters.insert(0, QUIET)  # type: ignore[attr-defined]
                swaps = list(_swaps())
                self.originals = [(owner, name, getattr(owner, name)) for owner, name, _ in swaps]
                for owner, name, new in swaps:
                    setattr(owner, name, new)
        return casts

    def leave(self, casts: list[tuple[dict[str, Any], str]]) -> None:
        """Takes away what no other trace needs."""
        with self.lock:
            self.traces -= 1
            for scope, name in casts:
                key = id(scope), name
                self.casts[key] -= 1
                if self.casts[key] == 0:
                    del self.casts[key]
                    scope.pop(name, None)
            if self.traces == 0:
                for owner, name, old in self.originals:
                    setattr(owner, name, old)
                filters: Any = warnings.filters
                filters[:] = [f for f in filters if f is not QUIET]
                sys.setrecursionlimit(self.limit)


_installed = _Installed()


@contextmanager
def prepared() -> Iterator[None]:
    """Everything swapped once for several traces, no garbage collected between them, and source
    that was edited since it was last read forgotten.

    Both cost more than a small trace: a swap in ``torch.nn.Module`` reaches all its subclasses.
    """
    linecache.checkcache()
    collecting = gc.isenabled()
    gc.disable()
    casts = _installed.enter(None)
    try:
        yield
    finally:
        _installed.leave(casts)
        if collecting:
            gc.enable()


@contextmanager
def interposed(model: Any) -> Iterator[None]:
    """Everything swapped, and put back with the end of the last trace of any thread."""
    casts = _installed.enter(model)
    try:
        yield
    finally:
        _installed.leave(casts)


def _swaps() -> Iterator[Swap]:
    """Owner, name and what stands in for it."""
    yield torch.nn.Module, "__call__", _module_call(torch.nn.Module.__call__)
    yield torch.jit.ScriptFunction, "__call__", _script_call(torch.jit.ScriptFunction.__call__)
    yield builtins, "len", _len(builtins.len)
    yield builtins, "max", _extreme(builtins.max, dims.maximum)
    yield builtins, "min", _extreme(builtins.min, dims.minimum)
    for name in _MATH:
        yield math, name, _float_function(getattr(math, name))
    for kind, name in LEAVES.items():
        yield kind, "forward", _leaf_forward(kind, name, vars(kind)["forward"])
    functional: Any = torch.nn.functional
    yield functional, "handle_torch_function", _handed_over(functional.handle_torch_function)
    transformer: Any = torch.nn.modules.transformer
    detect = "_detect_is_causal_mask"
    yield transformer, detect, _detect_is_causal(getattr(transformer, detect))
    yield from chances()
    for owner, name in TRANSFORMS:
        yield owner, name, _nesting(getattr(owner, name))
    mixin: Any = vars(torch.nn.parameter)["UninitializedTensorMixin"]
    yield mixin, "materialize", _materialize(mixin.materialize)


@cache
def asks_training(kind: type) -> bool:
    """Whether the ``forward`` of a class of the user's asks if the model is trained."""
    code = getattr(getattr(kind, "forward", None), "__code__", None)
    return code is not None and "training" in code.co_names and is_users(code.co_filename)


def _module_call(original: Callable[..., Any]) -> Callable[..., Any]:
    scripted = torch.jit.ScriptModule

    # As deep in frames as the original, so that recursion ends where it does without a trace.
    def call(self: torch.nn.Module, *args: Any, **kwargs: Any) -> Any:
        recorder = current()
        if recorder is None:
            return original(self, *args, **kwargs)
        if isinstance(self, scripted):
            return recorder.scripted(self, args, kwargs)
        if "_orig_mod" in self._modules:
            self = uncompiled(self)
        kind: Any = type(self)
        if not self.training and not self._modules and asks_training(kind):
            recorder.idle.setdefault(kind, (self, args, kwargs))
        stack, outer, edges = recorder.stack, recorder.visit, recorder.edges
        path = recorder.nodes.modules.get(id(self), "")
        stack.append(path)
        recorder.visit = len(recorder.visits)
        recorder.visits.append(Visit(path, outer))
        caller = edges.get(call.__code__)
        edges[call.__code__] = calls_here(edges, 2)
        try:
            if MARK in self.__dict__:
                return recorder.declared(self.__dict__[MARK], self, args, kwargs)
            return self._call_impl(*args, **kwargs)
        finally:
            stack.pop()
            recorder.visit = outer
            edges[call.__code__] = caller

    return call


def _script_call(original: Callable[..., Any]) -> Callable[..., Any]:
    def call(self: Any, *args: Any, **kwargs: Any) -> Any:
        recorder = current()
        if recorder is None:
            return original(self, *args, **kwargs)
        return recorder.unknown(self.name, self, args, kwargs)

    return call


def _leaf_forward(kind: type, name: str, original: Callable[..., Any]) -> Callable[..., Any]:
    rule = lookup(name)
    assert rule is not None, name

    @wraps(original)
    def forward(self: torch.nn.Module, *args: Any, **kwargs: Any) -> Any:
        recorder = current()
        if recorder is None:
            return original(self, *args, **kwargs)
        recorder.leaf_base = kind
        return recorder.leaf(name, rule, self, args, kwargs)

    return forward


def _nesting(original: Callable[..., Any]) -> Callable[..., Any]:
    """What ``torch.vmap`` and the transformations of ``torch.func`` begin with: from there on they
    hand tensors of their own to the user's function."""

    @wraps(original)
    def increment(*args: Any) -> Any:
        recorder = current()
        if recorder is None:
            return original(*args)
        raise recorder.blocked("torch.vmap and torch.func run code on tensors of their own")

    return increment


def _handed_over(original: Callable[..., Any]) -> Callable[..., Any]:
    """Names the weight of ``l1_loss`` too, which torch leaves out where it hands the call over."""

    @wraps(original)
    def hand_over(function: Any, operands: Any, *args: Any, **kwargs: Any) -> Any:
        if function.__name__ == "l1_loss" and current() is not None:
            kwargs["weight"] = operands[-1]
        return original(function, operands, *args, **kwargs)

    return hand_over


def _detect_is_causal(original: Callable[..., bool]) -> Callable[..., bool]:
    """No look at the entries of a mask, which decides for a kernel alone: its shape is that of a
    causal mask then."""

    @wraps(original)
    def detect(mask: Any, is_causal: bool | None = None, size: Any = None) -> bool:
        return original(mask, is_causal, size) if current() is None else is_causal is True

    return detect


def _materialize(original: Callable[..., None]) -> Callable[..., None]:
    """What a lazy layer calls once it knows a parameter's shape."""

    def materialize(self: Any, shape: Any, device: Any = None, dtype: Any = None) -> None:
        recorder = current()
        if recorder is None:
            original(self, shape, device, dtype)
        else:
            recorder.materialize(self, shape, dtype)

    return materialize


def _len(original: Callable[..., Any]) -> Callable[..., Any]:
    def length(thing: Any, /) -> Any:
        if thing.__class__ is SymbolicTensor:
            return thing.__len__()
        return original(thing)

    return length


def _extreme(original: Callable[..., Any], law: Callable[..., Any]) -> Callable[..., Any]:
    sequences = (tuple, list, torch.Size)

    def extreme(*args: Any, **kwargs: Any) -> Any:
        given = args[0] if args and args[1:] == () else args
        if not kwargs and given.__class__ in sequences:
            for item in given:
                if item.__class__ is SymbolicSize:
                    sizes = [unwrap(other) for other in given]
                    if all(isinstance(size, int | dims.Dim) for size in sizes):
                        return wrap(law(*sizes))
                    break
        return original(*args, **kwargs)

    return extreme


def _float_function(original: Callable[..., Any]) -> Callable[..., Any]:
    def function(*args: Any) -> Any:
        if any([isinstance(item, SymbolicSize | SymbolicFloat) for item in args]):
            return SymbolicFloat(original, args)
        return original(*args)

    return function
