"""The model's own ``forward``, run once on symbolic tensors: the only place that imports torch."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

import torch

from .recorder import Gap
from .run import Run, trace
from .source import Span, asking_frame

__all__ = ["Gap", "Run", "Span", "asking_frame", "executable", "forward_of", "is_module", "name_of_model", "trace"]


def is_module(thing: Any) -> bool:
    """Whether something is an ``nn.Module``."""
    return isinstance(thing, torch.nn.Module)


def forward_of(model: Any) -> Callable[..., Any]:
    """The function whose parameters a model's inputs are matched with."""
    function: Callable[..., Any] = model.forward if isinstance(model, torch.nn.Module) else model
    return inspect.unwrap(function) if not inspect.ismethod(function) else function


def name_of_model(model: Any) -> str:
    """A model's name as a person would say it."""
    if isinstance(model, torch.nn.Module):
        return type(model).__name__
    return getattr(model, "__name__", type(model).__name__)


def executable(run: Run) -> torch.fx.GraphModule:
    """The recorded graph as a module that computes what the model computes."""
    module = torch.fx.GraphModule(run.root, run.graph)
    for name, tensor in run.constants.items():
        module.register_buffer(name, tensor, persistent=False)
    module.recompile()
    return module
