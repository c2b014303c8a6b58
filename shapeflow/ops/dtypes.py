"""Dtypes by name, and PyTorch's type promotion.

The rules are those of "Type promotion" in the documentation of ``torch.Tensor`` attributes:
numbers and tensors of rank 0 only count where they are of a higher category.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from math import inf, isfinite
from numbers import Integral, Number
from typing import Any

from ..core.dims import Dim
from .value import Value

INTEGERS = ("uint8", "int8", "int16", "int32", "int64")
UNSIGNED = ("uint16", "uint32", "uint64")
UNDEFINED = "undefined"
FLOATS = ("float16", "bfloat16", "float32", "float64")
COMPLEX = ("complex32", "complex64", "complex128")
KNOWN = frozenset((*INTEGERS, *UNSIGNED, *FLOATS, *COMPLEX))
FLOAT_OF = {"complex32": "float16", "complex64": "float32", "complex128": "float64"}
COMPLEX_OF = {"float16": "complex32", "bfloat16": "complex64", "float32": "complex64",
              "float64": "complex128"}

LARGEST = {
    "float16": 65504.0,
    "bfloat16": (2 - 2**-7) * 2.0**127,
    "float32": (2 - 2**-23) * 2.0**127,
}
"""The largest number of a float; those of 64 bits hold whatever Python's do."""


def holds(dtype: str, number: complex) -> bool:
    """Whether PyTorch converts a number to a dtype: not where it overflows."""
    kind = category(dtype)
    if kind == 0 or dtype not in KNOWN:
        return True
    if kind == 3:
        part, most = FLOAT_OF[dtype], complex(number)
        return holds(part, most.real) and holds(part, most.imag)
    if isinstance(number, complex):
        return False
    if kind == 2:
        return not isfinite(number) or abs(number) <= LARGEST.get(dtype, inf)
    bits, signed = 8 * width(dtype), dtype.startswith("int")
    least = -(2 ** (bits - 1)) if signed else -255 if isinstance(number, int) else 0
    return least <= number <= 2 ** (bits - signed) - 1


def category(dtype: str) -> int:
    """0 for bool, 1 for integers, 2 for floats, 3 for complex numbers."""
    if dtype == "bool":
        return 0
    if dtype.startswith("complex"):
        return 3
    return 2 if "float" in dtype else 1


def width(dtype: str) -> int:
    """The bytes of one entry."""
    digits = "".join(filter(str.isdigit, dtype.partition("_")[0]))
    return int(digits or 8) // 8


def is_name(name: object) -> bool:
    """Whether it is the name of a dtype."""
    return isinstance(name, str) and (name == "bool" or name in KNOWN or "float8" in name)


def is_float(dtype: str) -> bool:
    """Whether it is a real floating dtype."""
    return category(dtype) == 2


def promote_two(a: str, b: str) -> str:
    """The dtype that both fit into, as ``torch.promote_types``; UNDEFINED where it refuses."""
    if a == b:
        return a
    if category(a) < category(b):
        a, b = b, a
    if UNDEFINED in (a, b) or "float8" in a + b:
        return UNDEFINED
    if b in UNSIGNED or a in UNSIGNED:
        return a if category(a) == 2 else UNDEFINED
    if category(b) == 0 or (category(a) == 2 and category(b) == 1):
        return a
    if category(a) == 3:
        other = FLOAT_OF.get(b, b)
        if not is_float(other):
            return a
        return COMPLEX_OF[promote_two(FLOAT_OF[a], other)]
    if category(a) == 2:
        if {a, b} == {"float16", "bfloat16"}:
            return "float32"
        return max(a, b, key=FLOATS.index)
    if "uint8" in (a, b):
        other = b if a == "uint8" else a
        return "int16" if other == "int8" else other
    return max(a, b, key=INTEGERS.index)


def of_number(number: object, default: str = "float32") -> str:
    """The dtype that a Python number counts as."""
    if isinstance(number, bool):
        return "bool"
    if isinstance(number, Integral | Dim):
        return "int64"
    if isinstance(number, complex):
        return COMPLEX_OF[default]
    return default


def result_type(operands: Iterable[object], default: str = "float32") -> str:
    """The dtype of an operation on these tensors and numbers, as ``torch.result_type``."""
    groups: list[str] = ["", "", ""]  # tensors with axes, tensors without, numbers
    for operand in operands:
        if isinstance(operand, Value):
            group, dtype = (0 if len(operand) else 1), operand.dtype
        elif isinstance(operand, Number | Dim):
            group, dtype = 2, of_number(operand, default)
        else:
            continue
        groups[group] = promote_two(groups[group], dtype) if groups[group] else dtype
    result = ""
    for dtype in groups:
        if not result or result == "bool":
            result = promote_two(result, dtype) if result and dtype else dtype or result
        elif dtype and category(dtype) > category(result):
            result = COMPLEX_OF.get(result, dtype) if category(dtype) == 3 else dtype
    return result or default


def operands(args: Iterable[Any]) -> Iterator[object]:
    """The tensors and numbers among arguments, also inside lists and tuples."""
    for arg in args:
        if isinstance(arg, Value):
            yield arg
        elif isinstance(arg, list | tuple):
            yield from operands(arg)
        elif isinstance(arg, Number | Dim):
            yield arg
