"""Symbolic sizes as user code meets them: real ``torch.SymInt`` and ``torch.SymFloat`` objects.

Arithmetic stays symbolic. A comparison asks the trace under way (which answers from the facts, or
takes one side and remembers to try the other); turning a size into a Python number instantiates it.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import torch

from ..core import constraint, dims
from ..core.constraint import Constraint
from ..core.dims import Dim, Size
from .current import current

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


def _arithmetic(name: str, swapped: bool = False) -> Callable[..., Any]:
    apply = getattr(operator, name)

    def method(self: SymbolicSize, other: Any) -> Any:
        size = _size_of(other)
        if size is None:
            if isinstance(other, float | SymbolicFloat):
                return _float_arithmetic(name, swapped)(as_float(self), other)
            return NotImplemented
        return wrap(apply(size, self.dim) if swapped else apply(self.dim, size))

    return method


def _comparison(relation: Callable[[Size, Size], Constraint]) -> Callable[..., Any]:
    def method(self: Any, other: Any) -> Any:
        if isinstance(self, SymbolicSize):
            size = _size_of(other)
            if size is not None:
                return asker().choose(relation(self.dim, size))
        return _compare_floats(self, other, relation)

    return method


def _compare_floats(a: Any, b: Any, relation: Callable[[Size, Size], Constraint]) -> Any:
    if not isinstance(b, int | float | SymbolicSize | SymbolicFloat):
        return NotImplemented
    a, b = as_float(a), as_float(b)
    if a.ratio is None or b.ratio is None:
        return asker().choose_value(f"a comparison of {a} with {b}")
    left = a.ratio[0] * b.ratio[1]
    right = b.ratio[0] * a.ratio[1]
    return asker().choose(relation(left, right))


def _greater(a: Size, b: Size) -> Constraint:
    return constraint.at_least(a, b + 1)


def _less(a: Size, b: Size) -> Constraint:
    return constraint.at_least(b, a + 1)


def _at_most(a: Size, b: Size) -> Constraint:
    return constraint.at_least(b, a)


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
            if isinstance(a, float | SymbolicFloat) or isinstance(b, float | SymbolicFloat):
                quotient = as_float(a) / as_float(b)
                whole = math.floor(quotient)
                return float(whole) if law is dims.floordiv else as_float(a) - whole * as_float(b)
            return NotImplemented
        if isinstance(right, Dim) and asker().choose(constraint.equal(right, 0)):
            raise ZeroDivisionError("integer division or modulo by zero")
        return wrap(law(left, right))

    def __divmod__(self, other: Any) -> Any:
        return self // other, self % other

    def __rdivmod__(self, other: Any) -> Any:
        return other // self, other % self

    def __truediv__(self, other: Any) -> Any:
        return as_float(self) / other

    def __rtruediv__(self, other: Any) -> Any:
        return as_float(other) / self

    def __pow__(self, other: Any) -> Any:
        if isinstance(other, int) and other >= 0:
            return wrap(self.dim**other)
        return SymbolicFloat(operator.pow, (self, other))

    def __rpow__(self, other: Any) -> Any:
        return other ** int(self) if isinstance(other, int) else SymbolicFloat(operator.pow, (other, self))

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
    __lt__ = _comparison(_less)
    __le__ = _comparison(_at_most)
    __gt__ = _comparison(_greater)
    __ge__ = _comparison(constraint.at_least)

    def __hash__(self) -> int:
        return hash(self.dim)

    def __bool__(self) -> bool:
        return bool(self != 0)

    def __int__(self) -> int:
        return int(asker().instantiate(self.dim, "a Python number"))

    __index__ = __int__

    def __float__(self) -> float:
        return float(int(self))

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


def as_float(number: Any) -> SymbolicFloat:
    """A number as a SymbolicFloat."""
    if isinstance(number, SymbolicFloat):
        return number
    if isinstance(number, SymbolicSize):
        return SymbolicFloat(float, (number,), (number.dim, 1))
    exact = Fraction(number) if math.isfinite(number) else None
    ratio = (exact.numerator, exact.denominator) if exact and exact.denominator < 2**20 else None
    return SymbolicFloat(float, (number,), (0, 1) if number == 0 else ratio)


def _float_arithmetic(name: str, swapped: bool = False) -> Callable[..., Any]:
    apply = getattr(operator, name)

    def method(self: Any, other: Any) -> Any:
        if not isinstance(other, int | float | SymbolicSize | SymbolicFloat):
            return NotImplemented
        a, b = (as_float(other), as_float(self)) if swapped else (as_float(self), as_float(other))
        given = (other, self) if swapped else (self, other)
        return SymbolicFloat(apply, given, _ratio(name, a.ratio, b.ratio))

    return method


def _ratio(name: str, a: Any, b: Any) -> Any:
    if a is None or b is None:
        return None
    if name in ("add", "sub"):
        right = b[0] if name == "add" else -b[0]
        return (a[0] * b[1] + right * a[1], a[1] * b[1])
    if name == "mul":
        return (a[0] * b[0], a[1] * b[1])
    if name == "truediv" and isinstance(b[0], int) and b[0] != 0:
        sign = 1 if b[0] > 0 else -1
        return (sign * a[0] * b[1], a[1] * abs(b[0]))
    return None


class SymbolicFloat(torch.SymFloat):
    """A float computed from sizes.

    Attributes:
        function, given: how it was computed, so that a graph can compute it again.
        ratio: (Size, positive int) where it is that fraction; None where no fraction is known.
    """

    __slots__ = ("function", "given", "node", "ratio")

    def __init__(self, function: Callable[..., Any], given: tuple[Any, ...], ratio: Any = None) -> None:
        self.function, self.given, self.ratio = function, given, ratio
        self.node = Node(self)

    __add__ = _float_arithmetic("add")
    __radd__ = _float_arithmetic("add", swapped=True)
    __sub__ = _float_arithmetic("sub")
    __rsub__ = _float_arithmetic("sub", swapped=True)
    __mul__ = _float_arithmetic("mul")
    __rmul__ = _float_arithmetic("mul", swapped=True)
    __truediv__ = _float_arithmetic("truediv")
    __rtruediv__ = _float_arithmetic("truediv", swapped=True)
    __pow__ = _float_arithmetic("pow")
    __rpow__ = _float_arithmetic("pow", swapped=True)

    def __floordiv__(self, other: Any) -> Any:
        return as_float(math.floor(self / other))

    def __neg__(self) -> Any:
        return 0 - self

    def __abs__(self) -> Any:
        return -self if self < 0 else self

    __eq__ = _comparison(constraint.equal)
    __ne__ = _comparison(constraint.distinct)
    __lt__ = _comparison(_less)
    __le__ = _comparison(_at_most)
    __gt__ = _comparison(_greater)
    __ge__ = _comparison(constraint.at_least)

    def __hash__(self) -> int:
        return hash((self.function, self.ratio))

    def __bool__(self) -> bool:
        return bool(self != 0)

    def __floor__(self) -> Any:
        if self.function is unknown_entry:
            return wrap(asker().fresh("item"))
        if self.ratio is None:
            return math.floor(float(self))
        return wrap(dims.floordiv(*self.ratio))

    def __ceil__(self) -> Any:
        if self.ratio is None:
            return self.__floor__() if self.function is unknown_entry else math.ceil(float(self))
        return wrap(-dims.floordiv(-self.ratio[0], self.ratio[1]))

    def __trunc__(self) -> Any:
        if self.ratio is None:
            return self.__floor__()
        return math.floor(self) if self >= 0 else math.ceil(self)

    def __round__(self, ndigits: int | None = None) -> Any:
        if ndigits is None and self.ratio is not None and self.ratio[1] == 1:
            return wrap(self.ratio[0])
        if self.function is unknown_entry:
            return self if ndigits is not None else self.__floor__()
        return round(float(self), ndigits) if ndigits is not None else round(float(self))

    def is_integer(self) -> bool:
        """As ``float.is_integer``."""
        if self.ratio is None:
            return float(self).is_integer()
        return bool(asker().choose(constraint.divides(self.ratio[1], self.ratio[0])))

    def __int__(self) -> int:
        return int(self.__trunc__())

    def __float__(self) -> float:
        return float(self.function(*(_number(item) for item in self.given)))

    def __str__(self) -> str:
        if self.ratio is None:
            return f"{getattr(self.function, '__name__', 'f')}({', '.join(map(str, self.given))})"
        return f"({self.ratio[0]})/{self.ratio[1]}" if self.ratio[1] != 1 else str(self.ratio[0])

    __repr__ = __str__

    def __format__(self, form: str) -> str:
        return str(self)


def unknown_entry(tensor: str) -> float:
    """An entry of a tensor: the function of a float of which nothing is known."""
    raise asker().blocked(f"an entry of {tensor} is needed as a number", "data")


class Chance(float):
    """A random number of Python: what is compared with it goes both ways."""

    __slots__ = ()

    def _ask(self, other: Any) -> bool:
        trace = current()
        return trace is None or trace.choose_value("a comparison with a random number")

    __lt__ = __le__ = __gt__ = __ge__ = _ask

    def _computed(name: str) -> Callable[..., Any]:  # type: ignore[misc]  # noqa: N805
        def method(self: Chance, *others: Any) -> Any:
            result = getattr(float, name)(self, *others)
            return Chance(result) if isinstance(result, float) else result

        return method

    __add__, __radd__ = _computed("__add__"), _computed("__radd__")
    __sub__, __rsub__ = _computed("__sub__"), _computed("__rsub__")
    __mul__, __rmul__ = _computed("__mul__"), _computed("__rmul__")
    __truediv__ = _computed("__truediv__")


def _number(item: Any) -> Any:
    if isinstance(item, SymbolicSize):
        return int(item)
    return float(item) if isinstance(item, SymbolicFloat) else item
