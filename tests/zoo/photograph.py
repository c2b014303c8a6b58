"""Everything of a model and of the process that an analysis must leave as it was."""

from __future__ import annotations

import random
from typing import Any

import numpy
import torch

Photograph = dict[str, Any]
PLAIN = (int, float, str, bytes, bool, type(None), torch.dtype, torch.device, torch.Size)
DEEPEST = 6


def photograph(model: Any) -> Photograph:
    """Random states, modes, and all attributes of all parts of a model, with their contents."""
    found: Photograph = {
        "random": random.getstate(),
        "numpy": repr(numpy.random.get_state()),
        "torch": torch.get_rng_state().numpy().tobytes(),
        "modes": (
            torch.is_grad_enabled(),
            torch.get_default_dtype(),
            torch.is_autocast_enabled("cpu"),
            torch.is_inference_mode_enabled(),
            torch.get_num_threads(),
        ),
    }
    if isinstance(model, torch.nn.Module):
        for path, part in model.named_modules():
            for name, item in vars(part).items():
                found[f"{path}.{name}"] = _seen(item, 0, set())
        found["state"] = {key: _tensor(item) for key, item in model.state_dict().items()}
    return found


def differences(before: Photograph, after: Photograph) -> list[str]:
    """The names of what changed, came or went."""
    names = dict.fromkeys([*before, *after])
    return [n for n in names if n not in before or n not in after or before[n] != after[n]]


def _seen(item: Any, depth: int, above: set[int]) -> Any:
    """What is remembered of a thing: which one it is, and what is in it."""
    if isinstance(item, PLAIN):
        return repr(item)
    if isinstance(item, torch.Tensor):
        return _tensor(item)
    if depth > DEEPEST or id(item) in above or isinstance(item, torch.nn.Module | type):
        return id(item)
    above = above | {id(item)}
    if isinstance(item, dict):
        parts = [(_seen(k, depth + 1, above), _seen(v, depth + 1, above)) for k, v in item.items()]
        return id(item), parts
    if isinstance(item, list | tuple):
        return id(item), [_seen(part, depth + 1, above) for part in item]
    if isinstance(item, set):
        return id(item), len(item)
    inside = getattr(item, "__dict__", None)
    if type(item).__module__.partition(".")[0] in ("builtins", "torch") or inside is None:
        return id(item)
    return id(item), _seen(dict(inside), depth + 1, above)[1]


def _tensor(item: torch.Tensor) -> Any:
    if isinstance(item, torch.nn.parameter.UninitializedTensorMixin):
        return id(item), type(item).__name__
    told = type(item).__name__, item.dtype, item.device.type, tuple(item.shape), item.requires_grad
    grad = None if not item.is_leaf or item.grad is None else id(item.grad)
    if item.device.type != "cpu" or item.layout is not torch.strided:
        return id(item) if isinstance(item, torch.nn.Parameter) else 0, told, item._version, grad
    entries = item.detach().contiguous().view(-1).view(torch.uint8).numpy().tobytes()
    return told, hash(entries), item._version, grad
