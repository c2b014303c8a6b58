"""Reports compared with PyTorch itself, at many sizes."""

from __future__ import annotations

import dataclasses
import itertools
import warnings
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import torch
from torch.nn.utils.rnn import PackedSequence

import shapeflow
from shapeflow.core.notation import parse_size
from shapeflow.core.shape import substitute
from shapeflow.report import Report

SIZES = (1, 2, 3, 4, 6, 7, 11)


def agrees(
    model: Any,
    *specs: Any,
    sizes: Mapping[str, Sequence[int]] | None = None,
    make: Callable[..., Any] | None = None,
    **options: Any,
) -> Report:
    """Checks a model, and that the report says at each size what PyTorch does there.

    Args:
        model: an ``nn.Module`` or a function.
        *specs: as for ``shapeflow.check``.
        sizes: the numbers that each symbol takes, 1 to 11 where it is not named.
        make: makes the real arguments from sizes, where the specs alone do not say enough.
        **options: as for ``shapeflow.check``.
    """
    report = shapeflow.check(model, *specs, **options)
    assert report.verdict != "incomplete", str(report)
    axes = [tuple((sizes or {}).get(name, SIZES)) for name in report.symbols]
    for values in itertools.product(*axes):
        at = dict(zip(report.symbols, values, strict=True))
        found = outcome(model, make(**at) if make else real(specs, at))
        assert report.accepts(**at) == (found is not None), f"at {at}\n{report}"
        if found is not None:
            assert _alike(report.output_shapes(**at), found[0]), f"at {at}: {found[0]}\n{report}"
    return report


def outcome(model: Any, arguments: Sequence[Any]) -> tuple[Any] | None:
    """The shapes of what the model returns, in a tuple; None where it raises."""
    try:
        with torch.no_grad(), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return (shapes(model(*arguments)),)
    except (RuntimeError, ValueError, IndexError, TypeError, AssertionError, ZeroDivisionError):
        return None


def real(spec: Any, sizes: Mapping[str, int]) -> Any:
    """Tensors of the sizes in the place of specs."""
    if isinstance(spec, dict):
        return {key: real(item, sizes) for key, item in spec.items()}
    if isinstance(spec, tuple | list):
        return type(spec)(real(item, sizes) for item in spec)
    if not isinstance(spec, str):
        return spec
    text, _, name = spec.partition(":")
    shape = [int(substitute(parse_size(word), sizes)) for word in text.split()]
    dtype = getattr(torch, name or "float32")
    return torch.rand(shape) if dtype is torch.float32 else torch.zeros(shape, dtype=dtype)


def shapes(result: Any) -> Any:
    """Shapes in the place of tensors."""
    if isinstance(result, torch.Tensor):
        return tuple(result.shape)
    if isinstance(result, PackedSequence):
        return shapes(result.data)
    if isinstance(result, dict):
        return {key: shapes(item) for key, item in result.items()}
    if isinstance(result, list):
        return [shapes(item) for item in result]
    if isinstance(result, tuple):
        return tuple(shapes(item) for item in result)
    if dataclasses.is_dataclass(result) and not isinstance(result, type):
        return {f.name: shapes(getattr(result, f.name)) for f in dataclasses.fields(result)}
    return result


def _alike(said: Any, found: Any) -> bool:
    """Whether two results are equal; a size that data tells is anything."""
    if isinstance(said, tuple | list) and isinstance(found, tuple | list):
        pairs = itertools.zip_longest(said, found)
        return len(said) == len(found) and all(_alike(a, b) for a, b in pairs)
    if isinstance(said, dict) and isinstance(found, dict):
        return said.keys() == found.keys() and all(_alike(said[k], found[k]) for k in said)
    return said == found or hasattr(said, "symbols")


def is_symbolic(report: Report) -> bool:
    """Whether no size was given a number, and one way was enough."""
    return not report.notes and len(report.paths) == 1
