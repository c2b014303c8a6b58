"""Real entries of tensors of a trace, where everything they are made of is known.

Nothing is computed before somebody asks, and nothing is ever written into the user's tensors.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any

import torch

from ..core.dims import Size
from ..ops import Rule, Value
from .sizes import wrap
from .source import asked_here
from .tensor import SymbolicTensor

if TYPE_CHECKING:
    from .recorder import Recorder

RANDOM = ("rand", "normal", "bernoulli", "dropout", "multinomial", "poisson", "empty", "uniform")
LARGEST = 1 << 20
FRESH = (
    "clone", "like", "copy", "where", "zeros", "ones", "full", "empty", "nonzero", "cat", "pad",
    "scatter", "fill", "frexp", "grouped", "norm_", "unravel", "reversed",
)  # fmt: skip
"""Words in the names of operations whose rules know the layout, but that share no memory."""


class Computed:
    """A call that computes entries when it is called, once."""

    __slots__ = ("args", "function", "in_place", "kwargs", "result")

    def __init__(self, function: Any, args: Any, kwargs: Mapping[str, Any], in_place: bool) -> None:
        self.function, self.args, self.kwargs = function, _frozen(args), _frozen(dict(kwargs))
        self.in_place = in_place
        self.result: torch.Tensor | None = None

    def __call__(self) -> torch.Tensor:
        if self.result is None:
            args, kwargs = _real(self.args), _real(self.kwargs)
            with torch.no_grad(), torch._C.DisableTorchFunction():
                if not self.in_place:
                    result = self.function(*args, **kwargs)
                else:
                    target = args[0].clone()
                    result = self.function(target, *args[1:], **kwargs)
                    result = target if result is None else result
            self.result = result
        return self.result


def computed(
    name: str,
    function: Any,
    args: tuple[Any, ...],
    kwargs: Mapping[str, Any],
    shape: Sequence[Size],
    in_place: bool = False,
) -> Computed | None:
    """The entries of a result as a call to make; None where they are not known or too many."""
    if not _all_known(args) or (kwargs and not _all_known(kwargs.values())):
        return None
    if isinstance(function, torch.nn.Module) or _has(name, RANDOM):
        return None
    count = 1
    for size in shape:
        if not isinstance(size, int):
            return None
        count *= size
    return Computed(function, args, kwargs, in_place) if count <= LARGEST else None


def shares_memory(
    name: str, rule: Rule, function: Any, args: Sequence[Any], kwargs: Mapping[str, Any]
) -> bool:
    """Whether the result of an operation may lie in the memory of its first operand."""
    if kwargs.get("copy"):
        return False
    if "ropout" in name:
        own = getattr(args[0], "value", None) or ()
        empty = 0 in own or (
            name == "torch.native_dropout" and not all(type(d) is int for d in own)
        )
        return empty or _is_idle(function, args, kwargs)
    if name == "torch.cartesian_prod":
        return len(args) == 1
    if name == "torch.einsum":
        return len(args) == 2 and isinstance(args[0], str) and _is_turned(args[0])
    if rule.layout != "view":
        return name.endswith((".detach", ".data", ".positive", ".ravel", ".diagonal"))
    return not _has(name, FRESH)


def _is_turned(equation: str) -> bool:
    """Whether the equation of one operand sums over no letter."""
    left, arrow, right = equation.replace(" ", "").replace("...", ".").partition("->")
    return set(left) <= set(right) if arrow else len(set(left)) == len(left)


def _is_idle(function: Any, args: Sequence[Any], kwargs: Mapping[str, Any]) -> bool:
    """Whether a dropout hands its operand back."""
    if isinstance(function, torch.nn.Module):
        return not function.training or getattr(function, "p", None) == 0
    if (args[1] if len(args) > 1 else kwargs.get("p")) == 0:
        return True
    named = kwargs.get("training", kwargs.get("train", True))
    return not (args[2] if len(args) > 2 else named)


@cache
def _has(name: str, words: tuple[str, ...]) -> bool:
    """Whether the name of an operation holds one of some words."""
    return any(word in name for word in words)


def written(recorder: Recorder, target: SymbolicTensor, entries: Computed | None) -> None:
    """Forgets what was known of the memory of a tensor, and notes its new entries."""
    root = target if target.base is None else target.base
    for other in (root, *recorder.aliases.get(id(root), ())):
        other.constant = None
        value = other.value
        if value is not None and value.known is not None:
            other.value = Value(value, value.dtype, value.strides, None, value.words, value.device)
    target.constant = entries


def whole(recorder: Recorder) -> Any:
    """A whole number that is read from a tensor, as a size that depends on data.

    It is taken to be at least 0, unless the user's code asks: then there is a path for either sign.
    """
    size, words = recorder.fresh("item"), asked_here() or "a number read from a tensor"
    negative = recorder.oracle.is_negative(size, words, recorder.span_here())
    return wrap(-1 - size if negative else size)


def _all_known(tree: Any) -> bool:
    for item in tree:
        if isinstance(item, torch.Tensor):
            if not isinstance(item, SymbolicTensor):
                if item.numel() > LARGEST:
                    return False
            elif item.constant is None:
                return False
        elif isinstance(item, torch.SymInt | torch.SymFloat):
            return False
        elif isinstance(item, slice):
            if not _all_known((item.start, item.stop, item.step)):
                return False
        elif isinstance(item, list | tuple) and not _all_known(item):
            return False
    return True


def _frozen(tree: Any) -> Any:
    """Arguments with what computes their entries now in the place of symbolic tensors."""
    if isinstance(tree, SymbolicTensor):
        return _Entries(tree.constant)
    if isinstance(tree, dict):
        return {key: _frozen(item) for key, item in tree.items()}
    if type(tree) in (list, tuple):
        return type(tree)(_frozen(item) for item in tree)
    return tree


class _Entries:
    __slots__ = ("compute",)

    def __init__(self, compute: Any) -> None:
        self.compute = compute


def _real(tree: Any) -> Any:
    if isinstance(tree, _Entries):
        return tree.compute()
    if isinstance(tree, dict):
        return {key: _real(item) for key, item in tree.items()}
    if type(tree) in (list, tuple):
        return type(tree)(_real(item) for item in tree)
    return tree
