"""The two levels at which torch calls are caught: its functions, and what reaches below them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import torch
from torch.overrides import TorchFunctionMode
from torch.utils._python_dispatch import TorchDispatchMode

from .recorder import Recorder
from .tensor import find_trace


class Functions(TorchFunctionMode):
    """Sends every torch call to the recorder, also those without a tensor among the arguments."""

    def __init__(self, recorder: Recorder) -> None:
        super().__init__()
        self.recorder = recorder

    def __torch_function__(
        self,
        func: Callable[..., Any],
        types: Any,
        args: tuple[Any, ...] = (),
        kwargs: Mapping[str, Any] | None = None,
    ) -> Any:
        return self.recorder.call(func, args, kwargs or {})


_SAME = ("aten.detach.default", "aten.alias.default", "aten.lift_fresh.default")


class Below(TorchDispatchMode):
    """Sees what makes or reads tensors without being one of torch's Python functions.

    The constructors of old, such as ``torch.Tensor(2, 3)`` and ``torch.FloatTensor(2, 3)``, are
    such, and ``torch.autograd.Variable(x)``.
    """

    def __init__(self, recorder: Recorder) -> None:
        super().__init__()
        self.recorder = recorder

    @classmethod
    def _should_skip_dynamo(cls) -> bool:
        """PyTorch would import its compiler, which takes seconds, at the first call seen."""
        return False

    def __torch_dispatch__(
        self,
        func: Any,
        types: Any,
        args: tuple[Any, ...] = (),
        kwargs: dict[str, Any] | None = None,
    ) -> Any:
        kwargs = kwargs or {}
        if find_trace(args) is None and find_trace(tuple(kwargs.values())) is None:
            if _has_symbolic_size(args):
                return self.made(func, args, kwargs)
            with torch._C.DisableTorchFunction():
                return func(*args, **kwargs)
        if str(func) in _SAME:
            return self.recorder.call(torch.Tensor.detach, args[:1], {})
        raise self.recorder.blocked(f"{func} reads a tensor below the level that shapeflow sees")

    def made(self, func: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """A tensor that a constructor makes from symbolic sizes."""
        if str(func) != "aten.empty.memory_format":
            raise self.recorder.blocked(f"{func} takes symbolic sizes out of torch")
        dtype = kwargs.get("dtype") or torch.get_default_dtype()
        sizes = tuple(s.node.number if isinstance(s, torch.SymInt) else s for s in args[0])
        return self.recorder.call(torch.empty, (sizes,), {"dtype": dtype})


def _has_symbolic_size(tree: Any) -> bool:
    if isinstance(tree, list | tuple):
        return any(map(_has_symbolic_size, tree))
    return isinstance(tree, torch.SymInt)


__all__ = ["Below", "Functions"]
