"""Leaving no trace: what a run may change, put back as it was."""

from __future__ import annotations

import random
import sys
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch

DEEPEST = 4


@contextmanager
def unchanged(*models: Any) -> Iterator[None]:
    """Puts back attributes, containers, buffers' bindings, flags, random states and grad mode."""
    saved = _Saved(models)
    grad, rng, python = torch.is_grad_enabled(), torch.get_rng_state(), random.getstate()
    numpy = sys.modules.get("numpy")
    numbers = numpy.random.get_state() if numpy is not None else None
    dtype = torch.get_default_dtype()
    try:
        yield
    finally:
        saved.restore()
        torch.set_grad_enabled(grad)
        torch.set_rng_state(rng)
        torch.set_default_dtype(dtype)
        random.setstate(python)
        if numpy is not None:
            numpy.random.set_state(numbers)


class _Saved:
    """Shallow copies of everything mutable that the models reach through their attributes."""

    def __init__(self, models: tuple[Any, ...]) -> None:
        self.seen: set[int] = set()
        self.containers: list[tuple[Any, Any]] = []
        for model in models:
            if isinstance(model, torch.nn.Module):
                for module in model.modules():
                    self.save_object(module, 0)
            else:
                self.save(getattr(model, "__self__", None), 0)
                for cell in getattr(model, "__closure__", None) or ():
                    self.save(_content(cell), 0)

    def save_object(self, thing: Any, depth: int) -> None:
        if id(thing) not in self.seen:
            self.seen.add(id(thing))
            self.save(thing.__dict__, depth)

    def save(self, thing: Any, depth: int) -> None:
        if depth > DEEPEST or id(thing) in self.seen:
            return
        if isinstance(thing, dict | list | set | deque):
            self.seen.add(id(thing))
            self.containers.append((thing, thing.copy()))
            for item in thing.values() if isinstance(thing, dict) else thing:
                if item.__class__ not in _SIMPLE:
                    self.save(item, depth + 1)
        elif isinstance(thing, tuple):
            for item in thing:
                self.save(item, depth + 1)
        elif isinstance(thing, torch.nn.Module):
            self.save_object(thing, 0)
        elif hasattr(thing, "__dict__") and not isinstance(thing, _FOREIGN):
            self.save_object(thing, depth + 1)

    def restore(self) -> None:
        for thing, copy in self.containers:
            if isinstance(thing, list):
                thing[:] = copy
            elif isinstance(thing, dict):
                if not _same_items(thing, copy):
                    thing.clear()
                    thing.update(copy)
            else:
                thing.clear()
                thing.update(copy) if isinstance(thing, set) else thing.extend(copy)


_SIMPLE = frozenset({int, float, bool, str, bytes, type(None), torch.nn.Parameter, torch.Tensor})
_FOREIGN = (type, torch.Tensor, torch.dtype, torch.device, type(sys), type(len), type(unchanged))


def _same_items(a: dict[Any, Any], b: dict[Any, Any]) -> bool:
    """Whether two dictionaries hold the same objects in the same order."""
    return len(a) == len(b) and all(
        x is y and v is w for (x, v), (y, w) in zip(a.items(), b.items(), strict=True)
    )


def _content(cell: Any) -> Any:
    try:
        return cell.cell_contents
    except ValueError:  # an empty cell
        return None
