"""A model's modules and tensors by path, without recursion: models nest as deep as they like."""

from __future__ import annotations

from collections.abc import Iterator

import torch


def modules_of(root: torch.nn.Module) -> Iterator[tuple[str, torch.nn.Module]]:
    """Each module once, with the first path that leads to it, in the order of definition."""
    seen: set[int] = set()
    stack: list[tuple[str, torch.nn.Module]] = [("", root)]
    while stack:
        path, module = stack.pop()
        if id(module) in seen:
            continue
        seen.add(id(module))
        yield path, module
        inner = module.__dict__.get("_modules")
        if inner:
            prefix = f"{path}." if path else ""
            stack += [(prefix + name, m) for name, m in reversed(inner.items()) if m is not None]


def tensors_of(module: torch.nn.Module) -> Iterator[tuple[str, torch.Tensor]]:
    """A module's own parameters and buffers, by name."""
    for store in ("_parameters", "_buffers"):
        for name, tensor in (module.__dict__.get(store) or {}).items():
            if tensor is not None:
                yield name, tensor
