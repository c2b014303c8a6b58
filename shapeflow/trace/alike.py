"""Whether two runs hold the same in their variables, as far as what comes next can tell."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Set
from typing import Any

import torch

from ..core import constraint
from ..core.constraint import Constraint
from ..core.dims import Size
from .floats import SymbolicFloat
from .sizes import SymbolicSize, unwrap
from .tensor import SymbolicTensor

Decide = Callable[[Constraint], bool | None]
DEEPEST = 6
_PLAIN = (int, float, complex, str, bytes, type(None), torch.dtype, torch.device, slice, range)


def alike(a: Any, b: Any, made: Set[str], decide: Decide, depth: int = 0) -> bool:
    """Whether ``a`` of one run can stand for ``b`` of another one that parted from it.

    Args:
        a, b: what the two hold.
        made: the nodes recorded since they parted, in either.
        decide: what is known in the run of ``b``.
    """

    def both(x: Any, y: Any) -> bool:
        return alike(x, y, made, decide, depth + 1)

    if a is b:
        return True
    if isinstance(a, SymbolicSize) or isinstance(b, SymbolicSize):
        return _is_size(a) and _is_size(b) and _equal(unwrap(a), unwrap(b), decide)
    if type(a) is not type(b) or depth > DEEPEST:
        return False
    if isinstance(a, SymbolicTensor):
        return _tensors(a, b, made, decide)
    if isinstance(a, SymbolicFloat):
        if a.ratio is None or b.ratio is None:
            return a.function is b.function and both(a.given, b.given)
        return _equal(a.ratio[0] * b.ratio[1], b.ratio[0] * a.ratio[1], decide)
    if isinstance(a, _PLAIN):
        return bool(a == b)
    if isinstance(a, Mapping):
        return list(a) == list(b) and all(both(a[key], b[key]) for key in a)
    if isinstance(a, list | tuple):
        return len(a) == len(b) and all(map(both, a, b))
    if isinstance(a, torch.Tensor | torch.nn.Module) or not hasattr(a, "__dict__"):
        return False
    return both(vars(a), vars(b))


def _is_size(item: Any) -> bool:
    return isinstance(item, int | SymbolicSize) and not isinstance(item, bool)


def _equal(a: Size, b: Size, decide: Decide) -> bool:
    return a == b or decide(constraint.equal(a, b)) is True


def _tensors(a: SymbolicTensor, b: SymbolicTensor, made: Set[str], decide: Decide) -> bool:
    """Whether two tensors are the same one, or alike in all that is known of them."""
    if a.node.name == b.node.name and a.node.name not in made:
        return True
    x, y = a.value, b.value
    if x is None or y is None or len(x) != len(y) or (x.dtype, x.device) != (y.dtype, y.device):
        return False
    if a.constant or b.constant or (x.known, y.known) != (None, None):
        return False
    if (b.copies and not a.copies) or (b.repeats and not a.repeats):
        return False
    if (x.strides is None) != (y.strides is None):
        return False
    sizes = zip((*x, *(x.strides or ())), (*y, *(y.strides or ())), strict=True)
    return all(_equal(one, other, decide) for one, other in sizes)


__all__ = ["alike"]
