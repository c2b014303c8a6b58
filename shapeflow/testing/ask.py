"""PyTorch's own answer: the model run at given sizes."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from contextlib import nullcontext
from dataclasses import dataclass, fields, is_dataclass
from math import prod
from typing import Any

import torch

from ..core.shape import substitute
from ..ops import Value
from ..spec import values_in
from ..trace.outputs import shapes
from ..trace.replay import copied

SMALL = 1 << 22
"""Elements of inputs and parameters up to which the CPU is asked: ``meta`` refuses less."""
REFUSALS = (
    RuntimeError, ValueError, IndexError, TypeError, AssertionError, ZeroDivisionError,
    AttributeError, KeyError,
)  # fmt: skip


@dataclass(frozen=True)
class Answer:
    """What PyTorch does at some sizes.

    Attributes:
        accepted: whether the model runs.
        shapes: its result with shapes in the place of tensors.
        dtypes: of the tensors of the result, in order.
        message: what PyTorch says where it does not run.
    """

    accepted: bool
    shapes: Any = None
    dtypes: tuple[str, ...] = ()
    message: str = ""


class Asked:
    """A model that is run at sizes.

    Args:
        model: an ``nn.Module`` or a function.
        inputs: the arguments by name, Values in the place of tensors.
        known: the same structure with the shapes that the report found.
        positional: which of them are given by position.
        device: "cpu", "meta", or "" for what suits.
    """

    def __init__(
        self,
        model: Any,
        inputs: Mapping[str, Any],
        known: Mapping[str, Any],
        positional: tuple[str, ...],
        device: str = "",
    ) -> None:
        self.model, self.inputs, self.known = model, inputs, known
        self.positional, self.device = positional, device
        parts = model.parameters() if isinstance(model, torch.nn.Module) else ()
        self.elements = sum(part.numel() for part in parts)
        self.twin: Any = None

    def at(self, sizes: Mapping[str, int]) -> Answer:
        """What PyTorch does at these sizes."""
        shapes_at = substitute(dict(self.known), sizes)
        count = sum(prod(shape) for shape in _leaves(self.inputs, shapes_at))
        small = self.elements + count <= SMALL
        if self.device == "meta" or (not self.device and not small):
            answer = self.run("meta", shapes_at)
            if answer is not None:
                return answer
        answer = self.run("cpu", shapes_at)
        if answer is not None and not answer.accepted:  # perhaps for entries: lengths are no zeros
            again = self.run("cpu", shapes_at, fill=1)
            assert again is not None
            if not again.accepted and again.message != answer.message:
                again = Answer(False, message=f"{again.message} (with zeros: {answer.message})")
            answer = again
        assert answer is not None
        return answer

    def run(self, device: str, shapes_at: Mapping[str, Any], fill: int = 0) -> Answer | None:
        """The answer of one device; None where it cannot tell."""
        made = {key: real(self.inputs[key], shapes_at[key], device, fill) for key in self.inputs}
        given = [made.pop(key) for key in self.positional]
        try:
            model = self.on(device)
            # Under a mode, which torch.device is, some functions of torch overlook arguments.
            place = nullcontext() if device == "cpu" else torch.device(device)
            with torch.no_grad(), warnings.catch_warnings(), place:
                warnings.simplefilter("ignore")
                result = model(*given, **made)
        except REFUSALS as error:
            if device == "meta" and (isinstance(error, NotImplementedError) or _metas(str(error))):
                return None
            return Answer(False, message=f"{type(error).__name__}: {error}")
        dtypes = tuple(str(t.dtype).removeprefix("torch.") for t in tensors(result))
        return Answer(True, shapes(result), dtypes)

    def on(self, device: str) -> Any:
        """The model, or a twin of it without data; what it remembers of a call is forgotten."""
        if not isinstance(self.model, torch.nn.Module):
            return self.model
        if device == "cpu":
            return copied(self.model, device)
        if self.twin is None:
            self.twin = copied(self.model, device)
        return copied(self.twin, device)


def _metas(message: str) -> bool:
    """Whether a message speaks of the device, not of the call."""
    return "meta" in message.lower() or "same device" in message


def _leaves(item: Any, shape: Any) -> list[tuple[int, ...]]:
    """The shapes of the tensors in arguments."""
    if isinstance(item, Value):
        return [shape]
    if isinstance(item, Mapping):
        return [leaf for key in item for leaf in _leaves(item[key], shape[key])]
    if isinstance(item, list | tuple):
        return [leaf for pair in zip(item, shape, strict=True) for leaf in _leaves(*pair)]
    return []


def real(item: Any, shape: Any, device: str, fill: int = 0) -> Any:
    """Arguments with tensors in the place of Values: random floats, ``fill`` of other dtypes."""
    if isinstance(item, Value):
        dtype = getattr(torch, item.dtype)
        if dtype.is_floating_point and device == "cpu":
            return torch.rand(shape).to(dtype)
        return torch.full(shape, fill, dtype=dtype, device=device)
    if isinstance(item, Mapping):
        return {key: real(part, shape[key], device, fill) for key, part in item.items()}
    if isinstance(item, tuple) and hasattr(item, "_fields"):
        return type(item)(*(real(*pair, device, fill) for pair in zip(item, shape, strict=True)))
    if isinstance(item, list | tuple):
        return type(item)(real(*pair, device, fill) for pair in zip(item, shape, strict=True))
    if is_dataclass(item) and not isinstance(item, type) and values_in(item):
        parts = {f.name: getattr(item, f.name) for f in fields(item) if f.init}
        return type(item)(**{k: real(part, shape[k], device, fill) for k, part in parts.items()})
    return item


def tensors(result: Any) -> list[torch.Tensor]:
    """The tensors of a result, in order."""
    if isinstance(result, torch.Tensor):
        return [result]
    if is_dataclass(result) and not isinstance(result, type):
        result = [getattr(result, f.name) for f in fields(result)]
    if isinstance(result, dict):
        result = list(result.values())
    if isinstance(result, list | tuple):
        return [leaf for item in result for leaf in tensors(item)]
    return []
