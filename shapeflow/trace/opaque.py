"""Parts whose shape law is declared: they are not seen through, and their law answers for them."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from functools import wraps
from typing import Any, TypeVar

import torch

from ..core.dims import Size, substitute
from ..core.errors import ShapeflowError
from ..spec.law import Law, parse_law
from .current import current
from .outputs import shapes
from .replay import copied
from .state import process_unchanged
from .tree import modules_of

Part = TypeVar("Part", bound=Callable[..., Any])
MARK = "_shapeflow_law"
NUMBERS = (2, 3, 5, 7, 11, 13), (3, 7, 2, 5, 13, 11)
"""What the symbols of a law are when it is tried, each time."""
REFUSALS = RuntimeError, ValueError, IndexError, TypeError
ELSEWHERE = ("cuda", "device", "not implemented", "compiled with", "meta tensor")
"""Words of messages that speak of where something can run, not of shapes."""


def opaque(part: Part, law: str) -> Part:
    """Declares the shape law of a part that cannot be seen through.

    Args:
        part: an ``nn.Module``, or a function. A module is marked and returned; for a function
            another one is returned that is to be called in its place.
        law: what goes in and what comes out, such as ``"B T 3, 1 B 8 -> B T 8, (1 B 8, 1 B 8)"``.
            Its symbols are bound anew at each call.

    Raises:
        ShapeflowError: the law cannot be read, or ``part`` is neither.
    """
    known = parse_law(law)
    if isinstance(part, torch.nn.Module):
        part.__dict__[MARK] = known
        return part
    if not callable(part):
        raise ShapeflowError(f"opaque takes an nn.Module or a function, not {part!r}")

    @wraps(part)
    def called(*args: Any, **kwargs: Any) -> Any:
        recorder = current()
        if recorder is None:
            return part(*args, **kwargs)
        return recorder.declared(known, part, args, kwargs)

    return called  # type: ignore[return-value]


def law_of(module: torch.nn.Module) -> Law | None:
    """The law that was declared for a module, None without one."""
    law: Law | None = module.__dict__.get(MARK)
    return law


def refuted(model: Any) -> Iterator[str]:
    """Why declared laws of a model's modules are wrong, as far as the modules run here."""
    for path, module in modules_of(model) if isinstance(model, torch.nn.Module) else ():
        law = law_of(module)
        for numbers in NUMBERS if law is not None else ():
            assert law is not None
            why = _differs(module, law, dict(zip(law.symbols, numbers, strict=False)))
            if why:
                name = f"{path} ({type(module).__name__})" if path else type(module).__name__
                yield f"the law {law.text!r} that was declared for {name} is wrong: {why}"
                break


def _differs(module: torch.nn.Module, law: Law, sizes: dict[str, int]) -> str:
    """What a module does that its law does not say; empty where it agrees or cannot run here."""
    at = ", ".join(f"{name}={size}" for name, size in sizes.items())
    at = f"at {at} " if at else ""
    given = [_tensor(spec, sizes) for spec in law.inputs]
    wanted = _shape(law.outputs, sizes)
    try:
        with process_unchanged(), torch.no_grad(), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            found = shapes(copied(module, "cpu")(*given))
    except NotImplementedError:
        return ""
    except REFUSALS as error:
        told = f"{type(error).__name__}: {error}"
        if any(word in told.lower() for word in ELSEWHERE) or len(law.inputs) > 1:
            return ""  # it cannot run here, or takes its inputs in another way
        return f"{at}it raises {told}"
    return "" if found == wanted else f"{at}it gives {found}, not {wanted}"


def _tensor(spec: Any, sizes: dict[str, int]) -> torch.Tensor:
    shape = _shape(spec, sizes)
    return torch.zeros(shape, dtype=getattr(torch, spec.dtype))


def _shape(tree: Any, sizes: dict[str, int]) -> Any:
    if not hasattr(tree, "axes"):
        return tuple(_shape(part, sizes) for part in tree)
    numbers: list[Size] = [1 if size is None else substitute(size, sizes) for size in tree.axes]
    return (2, *numbers) if tree.leading else tuple(numbers)


__all__ = ["law_of", "opaque", "refuted"]
