"""Symbolic sizes as user code meets them: real ``torch.SymInt`` and ``torch.SymFloat`` objects.

Arithmetic stays symbolic. A comparison asks the trace under way (which answers from the facts, or
takes one side and remembers to try the other); turning a size into a Python number instantiates it.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable
from typing import Any

import torch

from ..core import constraint, dims
from ..core.constraint import Constraint
from ..core.dims import Dim, Size
from .current import current
from .record import NONLINEAR


def asker() -> Any:
    """Who answers questions about sizes now."""
    trace = current()
    if trace is None:
        raise RuntimeError("a symbolic size was used outside its trace")
    return trace


class Node:
    """What torch's C++ side knows of a symbolic number: enough to carry it around."""

    __slots__ = ("number",)

    def __init__(self, number: Any) -> None:
        self.number = number

    def is_int(self) -> bool:
        return isinstance(self.number, SymbolicSize)

    def is_float(self) -> bool:
        return not self.is_int()

    def is_bool(self) -> bool:
        return False

    def is_symbolic(self) -> bool:
        return True

    def is_constant(self) -> bool:
        return False

    def is_nested_int(self) -> bool:
        return False

    def constant_int(self) -> None:
        return None

    def maybe_as_int(self) -> None:
        return None

    def int_(self) -> int:
        return int(self.number)

    def guard_int(self, file: str, line: int) -> int:
        return int(self.number)

    def guard_float(self, file: str, line: int) -> float:
        return float(self.number)

    def str(self) -> str:
        return repr(self.number)

    def clone(self) -> Node:
        return self


def wrap(size: Size) -> Any:
    """A size for user code: an int as it is, a Dim as a SymbolicSize."""
    return size if isinstance(size, int) else SymbolicSize(size)


def unwrap(number: Any) -> Any:
    """The Dim of a SymbolicSize; anything else as it is."""
    return number.dim if isinstance(number, SymbolicSize) else number


def _size_of(other: Any) -> Any:
    """An operand as a size, or None where it is none."""
    if isinstance(other, SymbolicSize):
        return other.dim
    return int(other) if isinstance(other, int) else None


def _floats() -> Any:
    """The module of floats, which builds on this one."""
    from . import floats

    return floats


def _arithmetic(name: str, swapped: bool = False) -> Callable[..., Any]:
    apply = getattr(operator, name)

    def method(self: SymbolicSize, other: Any) -> Any:
        size = _size_of(other)
        if size is None:
            if isinstance(other, float | torch.SymFloat):
                return _floats().arithmetic(name, swapped)(self, other)
            return NotImplemented
        return wrap(apply(size, self.dim) if swapped else apply(self.dim, size))

    return method


def _comparison(relation: Callable[[Size, Size], Constraint]) -> Callable[..., Any]:
    def method(self: Any, other: Any) -> Any:
        if isinstance(self, SymbolicSize):
            size = _size_of(other)
            if size is not None:
                return asker().compare(relation(self.dim, size))
        return _floats().compare(self, other, relation)

    return method


def greater(a: Size, b: Size) -> Constraint:
    """``a > b``."""
    return constraint.at_least(a, b + 1)


def less(a: Size, b: Size) -> Constraint:
    """``a < b``."""
    return constraint.at_least(b, a + 1)


def at_most(a: Size, b: Size) -> Constraint:
    """``a <= b``."""
    return constraint.at_least(b, a)


SYMBOLIC = 1009
"""The hash of all symbolic sizes."""


class SymbolicSize(torch.SymInt):
    """A size that is a Dim, to user code a ``torch.SymInt``."""

    __slots__ = ("dim", "node")

    def __init__(self, dim: Dim) -> None:
        self.dim = dim
        self.node = Node(self)

    __add__ = _arithmetic("add")
    __radd__ = _arithmetic("add", swapped=True)
    __sub__ = _arithmetic("sub")
    __rsub__ = _arithmetic("sub", swapped=True)
    __mul__ = _arithmetic("mul")
    __rmul__ = _arithmetic("mul", swapped=True)

    def __floordiv__(self, other: Any) -> Any:
        return self._divided(self, other, dims.floordiv)

    def __rfloordiv__(self, other: Any) -> Any:
        return self._divided(other, self, dims.floordiv)

    def __mod__(self, other: Any) -> Any:
        return self._divided(self, other, dims.mod)

    def __rmod__(self, other: Any) -> Any:
        return self._divided(other, self, dims.mod)

    @staticmethod
    def _divided(a: Any, b: Any, law: Callable[[Size, Size], Size]) -> Any:
        left, right = _size_of(a), _size_of(b)
        if left is None or right is None:
            if isinstance(a, float | torch.SymFloat) or isinstance(b, float | torch.SymFloat):
                number, divisor = _floats().as_float(a), _floats().as_float(b)
                whole = math.floor(number / divisor)
                return whole * 1.0 if law is dims.floordiv else number - whole * divisor
            return NotImplemented
        if isinstance(right, Dim) and asker().choose(constraint.equal(right, 0)):
            raise ZeroDivisionError("integer division or modulo by zero")
        return wrap(law(left, right))

    def __divmod__(self, other: Any) -> Any:
        return self // other, self % other

    def __rdivmod__(self, other: Any) -> Any:
        return other // self, other % self

    def __truediv__(self, other: Any) -> Any:
        return _floats().as_float(self) / other

    def __rtruediv__(self, other: Any) -> Any:
        return _floats().as_float(other) / self

    def __pow__(self, other: Any) -> Any:
        if isinstance(other, int) and other >= 0:
            return wrap(self.dim**other)
        return _floats().SymbolicFloat(operator.pow, (self, other))

    def __rpow__(self, other: Any) -> Any:
        return (
            other ** int(self)
            if isinstance(other, int)
            else _floats().SymbolicFloat(operator.pow, (other, self))
        )

    def __neg__(self) -> Any:
        return wrap(-self.dim)

    def __pos__(self) -> Any:
        return self

    def __abs__(self) -> Any:
        return -self if self < 0 else self

    def __round__(self, ndigits: int | None = None) -> Any:
        return self

    def __floor__(self) -> Any:
        return self

    def __ceil__(self) -> Any:
        return self

    def __trunc__(self) -> Any:
        return self

    def __lshift__(self, other: Any) -> Any:
        return self * 2 ** int(other)

    def __rshift__(self, other: Any) -> Any:
        return self // 2 ** int(other)

    def __and__(self, other: Any) -> Any:
        return self % 2 if other == 1 else int(self) & int(other)

    __rand__ = __and__

    __eq__ = _comparison(constraint.equal)
    __ne__ = _comparison(constraint.distinct)
    __lt__ = _comparison(less)
    __le__ = _comparison(at_most)
    __gt__ = _comparison(greater)
    __ge__ = _comparison(constraint.at_least)

    def __hash__(self) -> int:
        return SYMBOLIC  # so that sets and dictionaries ask whether two sizes are equal

    def __bool__(self) -> bool:
        return bool(self != 0)

    def __int__(self) -> int:
        return int(asker().instantiate(self.dim, "a Python number"))

    __index__ = __int__

    def __float__(self) -> float:
        return float(asker().instantiate(self.dim, NONLINEAR))

    def __str__(self) -> str:
        return str(self.dim)

    __repr__ = __str__

    def __format__(self, form: str) -> str:
        return format(str(self.dim), "" if form in ("d", "n") else form)

    def __reduce__(self) -> Any:
        return self.dim.__reduce__()

    def __deepcopy__(self, memo: Any) -> SymbolicSize:
        return self

    def __copy__(self) -> SymbolicSize:
        return self

    def bit_length(self) -> int:
        """As ``int.bit_length``; instantiates the size."""
        return int(self).bit_length()
