"""Calls near those of the ``ok`` lines: the same with other dtypes, ranks and sizes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from shapeflow.core import constraint
from shapeflow.core.notation import parse_fact
from shapeflow.core.shape import symbols_in
from shapeflow.ops import Fault, Value

from . import harness

DTYPES = (
    "float32", "float64", "float16", "bfloat16", "int64", "int32", "uint8", "bool", "complex64",
)  # fmt: skip
DATA = (
    "not implemented for 'Half'", "not implemented for 'BFloat16'", "singular", "converge",
    "positive-definite", "ZeroDivisionError", "division by zero",
    "allocated size", "weights sum to zero", "rows of lengths", "ivots", "least squares",
    "Unknown error code",
)  # fmt: skip
"""Words of refusals that are for the entries, or for the short floats of the CPU alone."""
Arguments = tuple[Any, Any]


def admitted(case: harness.Case) -> Arguments:
    """The arguments of an ``ok`` line at sizes that it admits, as unlike as may be."""
    names = symbols_in([*harness.specs(case.args), *harness.specs(tuple(case.kwargs.values()))])
    facts = [parse_fact(text) if text else constraint.ALWAYS for text in (case.needs, case.where)]
    found = []
    for sizes in harness.draws(case, names):
        args = harness.read(case.args, sizes)
        kwargs = {name: harness.read(value, sizes) for name, value in case.kwargs.items()}
        entries = [d for leaf in harness.flat([args, kwargs]) for d in leaf]
        if all(fact.at(sizes) for fact in facts) and all(0 <= d <= 64 for d in entries):
            found.append((1 not in sizes.values(), len(set(sizes.values())), args, kwargs))
    return max(found, key=lambda each: each[:2])[2:]


def leaves(arg: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[tuple[Any, ...], Value]]:
    """The tensors in arguments, and where each stands."""
    if isinstance(arg, Value):
        yield path, arg
    elif isinstance(arg, dict | list | tuple):
        for key, part in arg.items() if isinstance(arg, dict) else enumerate(arg):
            yield from leaves(part, (*path, key))


def put(arg: Any, path: tuple[Any, ...], new: Value) -> Any:
    """The arguments with another tensor at a place."""
    if not path:
        return new
    key, *rest = path
    if isinstance(arg, dict):
        return {**arg, key: put(arg[key], tuple(rest), new)}
    parts = list(arg)
    parts[key] = put(parts[key], tuple(rest), new)
    return type(arg)(parts)


def typed(x: Value, dtype: str) -> Value:
    """The tensor with another dtype."""
    return Value(x, dtype, x.strides, x.known if dtype == x.dtype else None)


def retyped(given: Arguments) -> Iterator[tuple[str, Arguments]]:
    """The arguments with another dtype for each tensor, and with one dtype for all."""
    found = list(leaves(given))
    for dtype in DTYPES:
        alike = given
        for path, x in found:
            alike = put(alike, path, typed(x, dtype))
            if len(found) > 1:
                yield f"{path}:{dtype}", put(given, path, typed(x, dtype))
        yield f"all:{dtype}", alike


def reshaped(given: Arguments) -> Iterator[tuple[str, Arguments]]:
    """The arguments with other ranks and other sizes for each tensor."""
    for path, x in leaves(given):
        shape = tuple(x)
        shapes = [(), shape[1:], shape[:-1], (2, *shape), (*shape, 1), (2, 2, *shape)]
        for i, size in enumerate(shape):
            shapes += [(*shape[:i], other, *shape[i + 1 :]) for other in (0, 1, size + 1)]
        for other in dict.fromkeys(shapes):
            if other != shape:
                yield f"{path}{other}", put(given, path, Value(other, x.dtype))


def compared(case: harness.Case, given: Arguments) -> tuple[bool, Any, list[tuple[bool, Any]]]:
    """Whether the rule accepts, its result, and what the CPU says to each spelling."""
    result, demands = harness.run(case, harness.Ask(), *given)
    accepted = result is not Fault and all(d.at({}) for d in demands if not d.symbols)
    answers = harness.judge(replace(case, data="cpu"), *given)
    return accepted, result, [a for a in answers if a[0] or not any(w in a[1] for w in DATA)]
