"""The public callables of torch that take or make tensors, by the namespace they are found in."""

from __future__ import annotations

import inspect
import warnings
from collections.abc import Callable, Iterator
from functools import cache
from types import ModuleType
from typing import Any

import torch
from torch.overrides import get_overridable_functions

NAMESPACES: tuple[Any, ...] = (
    torch.nn,
    torch.nn.functional,
    torch,
    torch.Tensor,
    torch.linalg,
    torch.fft,
    torch.special,
    torch.nn.utils.rnn,
    torch.nn.init,
)


def family_of(namespace: Any) -> str:
    """The dotted name of a namespace."""
    if isinstance(namespace, ModuleType):
        return namespace.__name__
    return f"{namespace.__module__}.{namespace.__qualname__}"


@cache
def overridable() -> frozenset[Any]:
    """The functions that torch hands to tensors which override them."""
    return frozenset(f for functions in get_overridable_functions().values() for f in functions)


def members(namespace: Any) -> Iterator[tuple[str, Any]]:
    """Name and callable of all that is public; a property stands for its getter."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what is deprecated says so when it is looked at
        found = {name: getattr(namespace, name) for name in dir(namespace)}
    for name, thing in found.items():
        if namespace is torch.nn:
            if inspect.isclass(thing) and issubclass(thing, torch.nn.Module):
                yield name, thing
        elif namespace is torch.Tensor:
            if _is_public(name) and getattr(object, name, None) != thing:
                yield from _method(name, thing)
        elif not name.startswith("_") and _is_function(thing):
            yield name, thing


def _method(name: str, thing: Any) -> Iterator[tuple[str, Callable[..., Any]]]:
    if callable(thing):
        if not inspect.isclass(thing):
            yield name, thing
    elif hasattr(thing, "__get__"):
        yield name, thing.__get__


def _is_public(name: str) -> bool:
    return not name.startswith("_") or (name.startswith("__") and name.endswith("__"))


def _is_function(thing: Any) -> bool:
    if not callable(thing) or inspect.isclass(thing):
        return False
    home = getattr(thing, "__module__", None)
    return home is None or home.split(".")[0] == "torch"
