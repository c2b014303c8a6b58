"""Copies of views, and copies of a tensor in which a view is replaced."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..core.shape import product
from . import layout
from .call import Call
from .casts import unchanged, view_as_complex, view_as_real
from .common import like, unrepeated
from .diagonals import diagonal
from .indexing import indexed_axis, narrow, select, sliced
from .joining import split, split_with_sizes, unbind
from .permute import flip, permute, t, transpose
from .registry import enter, op
from .reshape import as_strided, expand, reshape, squeeze, unfold, unsqueeze, view
from .value import Value

REPLACED = "the source must have the sizes of the part that it replaces"


@op("torch.slice", layout="view")
def slice_(
    call: Call, input: Value, dim: Any = 0, start: Any = None, end: Any = None, step: Any = 1
) -> Value:
    """(*A, n, *B) -> (*A, k, *B)"""
    return sliced(call, input, indexed_axis(call, dim, input), slice(start, end, step))


def viewed(call: Call, input: Value, size: Any = None, dtype: Any = None) -> Value:
    """(*S) -> (*size), product(size) = product(S)"""
    if dtype is not None or isinstance(size, str):
        return view(call, input, dtype=dtype or size)
    return reshape(call, input, size)


COPIED: dict[str, Callable[..., Any]] = {
    "torch.alias_copy": unchanged, "torch.detach_copy": unchanged,
    "torch.expand_copy": expand, "torch.permute_copy": permute,
    "torch.select_copy": select, "torch.slice_copy": slice_,
    "torch.split_copy": split, "torch.split_with_sizes_copy": split_with_sizes,
    "torch.squeeze_copy": squeeze, "torch.unsqueeze_copy": unsqueeze,
    "torch.t_copy": t, "torch.transpose_copy": transpose,
    "torch.unbind_copy": unbind, "torch.unfold_copy": unfold,
    "torch.view_copy": viewed, "torch.diagonal_copy": diagonal,
    "torch.as_strided_copy": as_strided, "narrow_copy": narrow,
    "torch.view_as_real_copy": view_as_real, "torch.view_as_complex_copy": view_as_complex,
}  # fmt: skip
"""The copies by name, each with the rule of the view that it copies."""


def _copied(rule: Callable[..., Any]) -> Callable[..., Any]:
    def copied(call: Call, *args: Any, **options: Any) -> Any:
        found = rule(call, *args, **options)
        parts = found if isinstance(found, list) else [found]
        copies = [Value(part, getattr(part, "dtype", "")) for part in parts]
        return copies if isinstance(found, list) else copies[0]

    copied.__doc__ = rule.__doc__
    return copied


for _name, _rule in COPIED.items():
    enter((_name,), _copied(_rule), "same", "contiguous")
enter(("torch.resolve_conj", "torch.resolve_neg"), unchanged, "same", "view")


@op("Tensor.__reversed__", layout="view")
def reversed_(call: Call, self: Value) -> Value:
    """(n, *S) -> (n, *S)"""
    if not len(self):
        return call.tensor(self, self.dtype)
    return call.tensor(flip(call, self, 0), self.dtype, like(call, self).strides)


# -- a part replaced ---------------------------------------------------------------------------


def _replaced(call: Call, x: Value, part: Value, src: Value) -> Value:
    """The tensor laid out as it is, where the source has the sizes of the part."""
    call.rank(src, len(part), of="src")
    for axis, (a, b) in enumerate(zip(src, part, strict=True)):
        call.equal(a, b, REPLACED, of="src", axis=axis - len(part))
    strides = layout.tidy(tuple(x), layout.strides_of(x))
    return like(call, x) if _repeats(x) else call.tensor(x, x.dtype, strides)


def _repeats(x: Value) -> bool:
    """Whether an axis is expanded, so that a copy has more memory."""
    return any(s == 0 and d != 1 for s, d in zip(layout.strides_of(x), x, strict=True))


@op("diagonal_scatter", layout="view")
def diagonal_scatter(
    call: Call, input: Value, src: Value, offset: Any = 0, dim1: Any = 0, dim2: Any = 1
) -> Value:
    """(*A, n, *B, m, *C), (*A, *B, *C, k) -> (*A, n, *B, m, *C)"""
    return _replaced(call, input, diagonal(call, input, offset, dim1, dim2), src)


@op("select_scatter", layout="view")
def select_scatter(call: Call, input: Value, src: Value, dim: Any, index: Any) -> Value:
    """(*A, n, *B), (*A, *B) -> (*A, n, *B)"""
    return _replaced(call, input, select(call, input, dim, index), src)


@op("slice_scatter", layout="view")
def slice_scatter(
    call: Call, input: Value, src: Value, dim: Any = 0, start: Any = None, end: Any = None,
    step: Any = 1,
) -> Value:  # fmt: skip
    """(*A, n, *B), (*A, k, *B) -> (*A, n, *B)"""
    return _replaced(call, input, slice_(call, input, dim, start, end, step), src)


@op("as_strided_scatter", layout="view")
def as_strided_scatter(
    call: Call, input: Value, src: Value, size: Any, stride: Any, storage_offset: Any = None
) -> Value:
    """(*S), (*size) -> (*S)"""
    if _repeats(input):
        call.memory = product(input), 0
    part = as_strided(call, input, size, stride, storage_offset)
    unrepeated(call, part)
    return _replaced(call, input, part, src)
