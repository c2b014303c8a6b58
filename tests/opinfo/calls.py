"""The calls that PyTorch's own operator and module tests make, as functions of their tensors."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from typing import Any

import torch
from torch.utils._pytree import tree_flatten, tree_unflatten

ALL = ("numbers", "known", "sizes", "axes", "empty")
"""The ways in which tensors are given: with numbers for sizes; integers with their entries, too;
with a symbol for each distinct size; with one for each axis; the same where sizes may be 0."""
SOME = ("numbers", "known", "axes")
"""Those for methods, calls in place, and further dtypes."""
ALONE = ("numbers", "known")
"""Those for calls that would write out of bounds at other sizes."""
OTHERS = (torch.int64, torch.bool, torch.complex64, torch.float16, torch.uint8)
"""Dtypes that an operator is called with besides its first, with fewer samples."""
FEWER = 2
UNSAFE = ("native_batch_norm", "_native_batch_norm_legit", "_batch_norm_with_update", "lu_unpack")
"""Operators that reach out of bounds where their operands do not fit: called as they are only."""


@dataclass(frozen=True)
class Given:
    """One call that PyTorch's tests make.

    Attributes:
        variant: "function", "method", "in place" or "module".
        function: what is called: a callable, or a module.
        args, kwargs: with what, real tensors among them.
        refused: whether PyTorch is expected to refuse it.
        schemes: the ways in which its tensors are given.
    """

    variant: str
    function: Callable[..., Any]
    args: tuple[Any, ...]
    kwargs: dict[str, Any]
    refused: bool = False
    schemes: tuple[str, ...] = ALL

    @cached_property
    def flat(self) -> tuple[list[Any], Any]:
        """The leaves of the arguments and their structure."""
        return tree_flatten((self.args, self.kwargs))

    @cached_property
    def tensors(self) -> list[torch.Tensor]:
        """The tensors among the arguments."""
        return [leaf for leaf in self.flat[0] if isinstance(leaf, torch.Tensor)]

    def made(self, tensors: Iterable[torch.Tensor]) -> Any:
        """The result of the call with other tensors in the place of its own."""
        left = iter(tensors)
        leaves, structure = self.flat
        filled = [next(left) if isinstance(leaf, torch.Tensor) else leaf for leaf in leaves]
        args, kwargs = tree_unflatten(filled, structure)
        return self.function(*args, **kwargs)

    def __str__(self) -> str:
        args = ", ".join(map(shown, self.args))
        kwargs = "".join(f", {key}={shown(value)}" for key, value in self.kwargs.items())
        return f"{self.variant} ({args}{kwargs})"


class Program(torch.nn.Module):
    """A call as a model: a function of its tensors."""

    def __init__(self, given: Given) -> None:
        super().__init__()
        self.called = given.function
        self.given = given

    def forward(self, *tensors: torch.Tensor) -> Any:
        return self.given.made(tensors)


def shown(arg: Any) -> str:
    """An argument as it is printed."""
    if isinstance(arg, torch.Tensor):
        return f"<{' '.join(map(str, arg.shape))}:{str(arg.dtype).removeprefix('torch.')}>"
    if isinstance(arg, list | tuple):
        return f"[{', '.join(map(shown, arg))}]"
    if isinstance(arg, dict):
        return "{" + ", ".join(f"{key}: {shown(part)}" for key, part in arg.items()) + "}"
    return repr(arg)[:60]


def plain(given: Given) -> bool:
    """Whether all its tensors are of the kind that has shapes and strides only."""
    return all(
        t.layout is torch.strided
        and not t.is_quantized
        and not t.is_nested
        and t.device.type == "cpu"
        for t in given.tensors
    )


def operators() -> list[Any]:
    """The entries of PyTorch's table of operators, and of its table of modules."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from torch.testing._internal.common_methods_invocations import op_db
        from torch.testing._internal.common_modules import module_db
    return [*op_db, *module_db]


def title(info: Any) -> str:
    """The name of an entry: ``linalg_norm``, ``nn_Linear``."""
    name: str = info.formatted_name
    return name


def calls(info: Any, most: int) -> Iterator[Given]:
    """What PyTorch's tests call: at most ``most`` samples of a dtype, in all variants."""
    if not hasattr(info, "op"):
        yield from _of_module(info, most)
        return
    for place, dtype in enumerate(dtypes_of(info)):
        samples = list(info.sample_inputs("cpu", dtype, requires_grad=False))
        for sample in spread(samples, most if not place else min(most, FEWER)):
            schemes = ALONE if info.name in UNSAFE else SOME if place else ALL
            yield from _variants(info, (sample.input, *sample.args), sample.kwargs, schemes)
    if info.error_inputs_func is not None:
        for error in info.error_inputs("cpu"):
            sample = error.sample_input
            yield Given("function", info.op, (sample.input, *sample.args), sample.kwargs, True)


def _variants(
    info: Any, args: tuple[Any, ...], kwargs: dict[str, Any], schemes: tuple[str, ...]
) -> Iterator[Given]:
    yield Given("function", info.op, args, kwargs, schemes=schemes)
    if not isinstance(args[0], torch.Tensor):
        return
    for variant, call in (("method", info.method_variant), ("in place", info.inplace_variant)):
        if call is not None:
            fewer = tuple(scheme for scheme in schemes if scheme in SOME)
            yield Given(variant, call, args, kwargs, schemes=fewer)


def dtypes_of(info: Any) -> list[torch.dtype]:
    """The dtypes that an operator is called with: float32 first, where it takes that."""
    supported = info.supported_dtypes("cpu")
    found = [dtype for dtype in (torch.float32, *OTHERS) if dtype in supported]
    return found or sorted(supported, key=str)[:1]


def _of_module(info: Any, most: int) -> Iterator[Given]:
    dtype = torch.float32
    for training in (True, False):
        inputs = info.module_inputs_func(
            info, device="cpu", dtype=dtype, requires_grad=False, training=training
        )
        for sample in spread(inputs, most):
            if sample.forward_input is None:
                continue
            made = sample.constructor_input
            module = info.module_cls(*made.args, **made.kwargs).train(training)
            yield Given("module", module, sample.forward_input.args, sample.forward_input.kwargs)


def spread(samples: list[Any], most: int) -> Iterator[Any]:
    """At most so many of the samples, from all over the list."""
    step = max(1, -(-len(samples) // most))
    yield from islice(samples, 0, None, step)
