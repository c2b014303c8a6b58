"""``int``, ``float`` and ``range`` of symbolic sizes, which Python itself would turn into numbers.

While a trace runs, the modules that a model's code lives in see functions of those names that keep
sizes symbolic. Only a module that calls ``int`` and does nothing else with it is served so: in any
other, such as one that asks ``isinstance(n, int)``, the size is given a number. A range needs
numbers too, unless the sizes leave no doubt how many steps it takes, as ``range(0, T, T)`` does.
"""

from __future__ import annotations

import dis
import sys
from collections.abc import Iterator
from functools import lru_cache
from types import CodeType, FunctionType, ModuleType
from typing import Any

import torch

from ..core import constraint, dims
from ..core.dims import Size
from .floats import SymbolicFloat, as_float
from .sizes import SymbolicSize, asker, unwrap
from .source import is_users
from .tensor import SymbolicTensor
from .tree import modules_of


def whole(value: Any = 0, /, *args: Any, **kwargs: Any) -> Any:
    """``int`` that keeps sizes symbolic."""
    if isinstance(value, SymbolicTensor):
        value = value.item()
    if isinstance(value, SymbolicSize):
        return value
    return value.__trunc__() if isinstance(value, SymbolicFloat) else int(value, *args, **kwargs)


def real(value: Any = 0.0, /) -> Any:
    """``float`` that keeps sizes symbolic."""
    if isinstance(value, SymbolicTensor):
        value = value.item()
    if isinstance(value, SymbolicSize):
        return as_float(value)
    return value if isinstance(value, SymbolicFloat) else float(value)


def steps(*bounds: Any) -> Any:
    """``range`` that keeps sizes symbolic where it takes one number of steps at all sizes."""
    if len(bounds) in (1, 2, 3) and any(isinstance(b, SymbolicSize) for b in bounds):
        start, stop, step = (0, *bounds, 1) if len(bounds) == 1 else (*bounds, 1)[:3]
        count = _count(unwrap(start), unwrap(stop), unwrap(step))
        if count is not None:
            return tuple(start + i * step for i in range(count))
    return range(*bounds)


def _count(start: Size, stop: Size, step: Size) -> int | None:
    """How many steps a range takes; None where that depends on sizes."""
    if isinstance(step, int) and step != 0:
        way = stop - start if step > 0 else start - stop
    elif isinstance(step, dims.Dim) and asker().settle(constraint.at_least(step, 1)):
        way = stop - start
    else:
        return None
    count = -dims.floordiv(-way, abs(step) if isinstance(step, int) else step)
    return max(count, 0) if isinstance(count, int) else None


CASTS = {"int": whole, "float": real, "range": steps}


def namespaces(model: Any) -> Iterator[tuple[dict[str, Any], str]]:
    """The globals of the modules that a model's code lives in, with each cast that they call."""
    modules = modules_of(model) if isinstance(model, torch.nn.Module) else ()
    kinds = dict.fromkeys(type(module) for _, module in modules)
    names = dict.fromkeys(base.__module__ for kind in kinds for base in kind.__mro__)
    names[getattr(getattr(model, "func", model), "__module__", "")] = None
    for name in names:
        home = sys.modules.get(name)
        if home is not None and is_users(getattr(home, "__file__", None) or "<frozen"):
            for cast in casts_of(home):
                if cast not in vars(home):
                    yield vars(home), cast


@lru_cache(maxsize=256)
def casts_of(home: ModuleType) -> tuple[str, ...]:
    """The casts that the functions of a module call, and do nothing else with."""
    called: set[str] = set()
    held: set[str] = set()
    for code in _codes(home):
        if not CASTS.keys().isdisjoint(code.co_names):
            for step in dis.get_instructions(code):
                if step.opname in ("LOAD_GLOBAL", "LOAD_NAME") and step.argval in CASTS:
                    (called if _is_call(step) else held).add(step.argval)
    return tuple(sorted(called - held))


def _is_call(step: dis.Instruction) -> bool:
    """Whether what is loaded is going to be called: the compiler then loads a NULL before it."""
    return step.opname == "LOAD_GLOBAL" and bool((step.arg or 0) & 1)


def _codes(home: ModuleType) -> Iterator[CodeType]:
    """All code of the functions and classes that a module defines."""
    pending: list[Any] = [v for v in vars(home).values() if _belongs(v, home)]
    seen: set[int] = set()
    while pending:
        thing = pending.pop()
        if id(thing) in seen:
            continue
        seen.add(id(thing))
        if isinstance(thing, type):
            own = vars(thing).values()
            pending += [v for v in own if not isinstance(v, type) or _belongs(v, home)]
        elif isinstance(thing, staticmethod | classmethod):
            pending.append(thing.__func__)
        elif isinstance(thing, property):
            pending += [f for f in (thing.fget, thing.fset) if f is not None]
        elif isinstance(thing, FunctionType):
            pending += [thing.__code__, getattr(thing, "__wrapped__", None)]
        elif isinstance(thing, CodeType):
            yield thing
            pending += [c for c in thing.co_consts if isinstance(c, CodeType)]


def _belongs(thing: Any, home: ModuleType) -> bool:
    return isinstance(thing, type | FunctionType) and thing.__module__ == home.__name__
