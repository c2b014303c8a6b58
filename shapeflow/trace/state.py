"""Leaving no trace: what a run may change, put back as it was.

Tensors of the user's are never written into, since no call on them is made for real. What is left
is Python's: attributes, containers, classes, closures, and the state of the process.
"""

from __future__ import annotations

import random
import sys
from collections import OrderedDict, deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from copyreg import _slotnames  # type: ignore[attr-defined]
from operator import is_
from typing import Any

import torch

from .source import is_torchs
from .tree import modules_of

DEEPEST = 4
"""How deep objects are followed that are neither modules nor containers of modules."""
LARGEST_ARRAY = 1 << 16


@contextmanager
def unchanged(*models: Any) -> Iterator[None]:
    """Puts back attributes, containers, classes, closures, random states and modes."""
    saved = _Saved(models)
    restore = _process()
    try:
        yield
    finally:
        saved.restore()
        restore()


@contextmanager
def process_unchanged() -> Iterator[None]:
    """Puts back random states and modes."""
    restore = _process()
    try:
        yield
    finally:
        restore()


def _process() -> Callable[[], None]:
    """Remembers modes and random states; the result puts them back."""
    grad, dtype, rng = torch.is_grad_enabled(), torch.get_default_dtype(), torch.get_rng_state()
    autocast = torch.is_autocast_enabled("cpu")
    python = random.getstate()
    numpy = sys.modules.get("numpy")
    numbers = numpy.random.get_state() if numpy is not None else None

    def restore() -> None:
        torch.set_grad_enabled(grad)
        torch.set_default_dtype(dtype)
        torch.set_autocast_enabled("cpu", autocast)
        if not torch.equal(torch.get_rng_state(), rng):
            torch.set_rng_state(rng)
        if random.getstate() != python:
            random.setstate(python)
        if numpy is not None:
            numpy.random.set_state(numbers)

    return restore


class _Saved:
    """Shallow copies of everything mutable that the models reach."""

    def __init__(self, models: tuple[Any, ...]) -> None:
        self.seen: set[int] = set()
        self.containers: list[tuple[Any, Any]] = []
        self.empty: list[Any] = []
        self.classes: dict[type, dict[str, Any]] = {}
        self.kinds: list[tuple[Any, type]] = []
        self.slots: list[tuple[Any, str, Any]] = []
        self.arrays: list[tuple[Any, Any]] = []
        self.cells: list[tuple[Any, Any]] = []
        self.pending: list[tuple[Any, int]] = []
        self.globals: list[tuple[dict[str, Any], str, Any]] = []
        for model in models:
            self.pending.append((model, 0))
            if not isinstance(model, torch.nn.Module):
                self.save_function(model)
        while self.pending:
            self.save(*self.pending.pop())

    # -- saving ----------------------------------------------------------------------------------

    def save_function(self, function: Any) -> None:
        """What a function reaches: its object, its closure, and the globals that it names."""
        self.pending.append((getattr(function, "__self__", None), 0))
        for cell in getattr(function, "__closure__", None) or ():
            content = _content(cell)
            self.cells.append((cell, content))
            self.pending.append((content, 1))
        code, scope = getattr(function, "__code__", None), getattr(function, "__globals__", {})
        for name in getattr(code, "co_names", ()):
            if name in scope and not isinstance(scope[name], _FOREIGN):
                self.globals.append((scope, name, scope[name]))
                self.pending.append((scope[name], 1))

    def save(self, thing: Any, depth: int) -> None:
        """One object, if it can change; what it holds comes after it."""
        kind = thing.__class__
        if kind in _SIMPLE or id(thing) in self.seen:
            return
        if isinstance(thing, torch.nn.Module):
            for _, module in modules_of(thing):
                if id(module) not in self.seen:
                    self.save_object(module, 0)
        elif isinstance(thing, dict | list | set | deque):
            self.seen.add(id(thing))
            self.save_container(thing, depth)
        elif isinstance(thing, tuple):
            self.pending += [(item, depth) for item in thing if item.__class__ not in _SIMPLE]
        elif isinstance(thing, _FOREIGN) or depth > DEEPEST:
            return
        elif kind.__name__ == "ndarray" and thing.size <= LARGEST_ARRAY:
            self.arrays.append((thing, thing.copy()))
        elif hasattr(thing, "__dict__") or _slotnames(kind):
            self.save_object(thing, depth + 1)

    def save_container(self, thing: Any, depth: int) -> None:
        if not thing:
            self.empty.append(thing)
            return
        self.containers.append((thing, thing.copy()))
        values = thing.values() if isinstance(thing, dict) else thing
        if not _SIMPLE.issuperset(map(type, values)):
            self.pending += [(item, depth) for item in values if item.__class__ not in _SIMPLE]

    def save_object(self, thing: Any, depth: int) -> None:
        self.seen.add(id(thing))
        kind = type(thing)
        self.kinds.append((thing, kind))
        if kind not in self.classes:
            for base in kind.__mro__:
                if base not in self.classes:
                    self.classes[base] = dict(vars(base)) if _is_users(base) else {}
        for name in _slotnames(kind):
            if hasattr(thing, name):
                self.slots.append((thing, name, getattr(thing, name)))
        attributes = getattr(thing, "__dict__", None)
        if attributes is None:
            return
        self.seen.add(id(attributes))
        self.containers.append((attributes, attributes.copy()))
        held = [(n, item) for n, item in attributes.items() if item.__class__ not in _SIMPLE]
        for name, item in held:
            kind = item.__class__
            if kind is dict or kind is OrderedDict:
                if not item:
                    self.empty.append(item)
                elif name in _STORES:
                    self.containers.append((item, item.copy()))
                else:
                    self.pending.append((item, depth))
            elif kind is not tuple or not _SIMPLE.issuperset(map(type, item)):
                self.pending.append((item, depth))

    # -- putting back ----------------------------------------------------------------------------

    def restore(self) -> None:
        """Puts everything back."""
        for thing in self.empty:
            if thing:
                thing.clear()
        for thing, copy in self.containers:
            if isinstance(thing, dict):
                if not _same_items(thing, copy):
                    thing.clear()
                    thing.update(copy)
            elif isinstance(thing, list):
                thing[:] = copy
            else:
                thing.clear()
                thing.update(copy) if isinstance(thing, set) else thing.extend(copy)
        for thing, kind in self.kinds:
            if type(thing) is not kind:
                thing.__class__ = kind
        for thing, name, value in self.slots:
            if getattr(thing, name, None) is not value:
                setattr(thing, name, value)
        for array, entries in self.arrays:
            array[...] = entries
        for cell, content in self.cells:
            if content is not _EMPTY and _content(cell) is not content:
                cell.cell_contents = content
        for scope, name, value in self.globals:
            scope[name] = value
        self.restore_classes()

    def restore_classes(self) -> None:
        """Puts back what was set on classes."""
        for kind, before in self.classes.items():
            if not before:
                continue
            now = vars(kind)
            for name in [n for n in now if n not in before]:
                delattr(kind, name)
            for name, value in before.items():
                if now.get(name, _EMPTY) is not value:
                    setattr(kind, name, value)


_EMPTY: Any = object()
_STORES = ("_parameters", "_buffers", "_modules")
_SIMPLE = frozenset(
    {int, float, bool, str, bytes, type(None), torch.nn.Parameter, torch.Tensor, torch.dtype}
)
_FOREIGN = (
    type, torch.Tensor, torch.dtype, torch.device, torch.Generator,
    type(sys), type(len), type(unchanged), type(unchanged.__get__),
)  # fmt: skip


def _is_users(kind: type) -> bool:
    """Whether a class may be changed by user code and put back."""
    if kind.__module__.partition(".")[0] in ("builtins", "torch", "abc", "typing", "collections"):
        return False
    module = sys.modules.get(kind.__module__)
    return kind.__flags__ & (1 << 9) != 0 and not is_torchs(getattr(module, "__file__", None) or "")


def _same_items(a: dict[Any, Any], b: dict[Any, Any]) -> bool:
    """Whether two dictionaries hold the same objects in the same order."""
    return len(a) == len(b) and all(map(is_, a.values(), b.values())) and all(map(is_, a, b))


def _content(cell: Any) -> Any:
    try:
        return cell.cell_contents
    except ValueError:  # an empty cell
        return _EMPTY
