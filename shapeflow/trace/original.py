"""The Python that a model is made of: wrappers of torch's compilers taken off."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable
from typing import Any

import torch

from ..core.errors import ShapeflowError
from .source import is_users
from .tree import modules_of


def original(model: Any) -> Any:
    """The model behind ``torch.compile``; any other as it is."""
    while True:
        inner = getattr(model, "_orig_mod", None) or vars_of(model).get(
            "_torchdynamo_orig_callable"
        )
        if inner is None:
            return model
        model = inner


def vars_of(thing: Any) -> dict[str, Any]:
    """The attributes that are the object's own."""
    return getattr(thing, "__dict__", {})


def is_module(thing: Any) -> bool:
    """Whether something is an ``nn.Module``."""
    return isinstance(thing, torch.nn.Module)


def is_model_class(thing: Any) -> bool:
    """Whether something is a class of models with a ``forward`` of its own."""
    return (
        isinstance(thing, type)
        and issubclass(thing, torch.nn.Module)
        and thing.forward is not torch.nn.Module.forward
    )


def forward_of(model: Any) -> Callable[..., Any]:
    """The function whose parameters a model's inputs are matched with.

    Raises:
        ShapeflowError: it is no model.
    """
    model = original(model)
    if isinstance(model, type):
        raise ShapeflowError(
            f"{model.__name__} is a class: give an instance, such as {model.__name__}()"
        )
    if not callable(model):
        raise ShapeflowError(f"a model is an nn.Module or a function, not {type(model).__name__}")
    function: Callable[..., Any] = model.forward if isinstance(model, torch.nn.Module) else model
    return inspect.unwrap(function) if not inspect.ismethod(function) else function


def name_of_model(model: Any) -> str:
    """A model's name as a person would say it."""
    model = original(model)
    if isinstance(model, torch.nn.Module):
        return type(model).__name__
    model = getattr(model, "func", model)  # functools.partial
    return getattr(model, "__name__", type(model).__name__)


def sources_of(model: Any) -> set[str]:
    """The files of the user's that a model's code stands in."""
    functions = [model] if not isinstance(model, torch.nn.Module) else []
    kinds = {type(m) for _, m in modules_of(model)} if not functions else set()
    found = {vars_of(f).get("__wrapped__", f).__code__.co_filename for f in functions
             if hasattr(f, "__code__")}  # fmt: skip
    for kind in {base for cls in kinds for base in cls.__mro__}:
        found.add(getattr(sys.modules.get(kind.__module__), "__file__", None) or "")
    return {file for file in found if file and is_users(file)}


__all__ = ["forward_of", "is_model_class", "is_module", "name_of_model", "original", "sources_of"]
