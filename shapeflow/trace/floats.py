"""Floats computed from sizes, as user code meets them: real ``torch.SymFloat`` objects.

A float that is a fraction of sizes is exact, and comes back to a whole size without a number being
asked for; any other one remembers how it was computed.
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
from ..core.dims import Size
from .record import NONLINEAR
from .sizes import Node, SymbolicSize, asker, at_most, greater, less, wrap


def as_float(number: Any) -> SymbolicFloat:
    """A number as a SymbolicFloat."""
    if isinstance(number, SymbolicFloat):
        return number
    if isinstance(number, SymbolicSize):
        return SymbolicFloat(float, (number,), (number.dim, 1))
    ratio = Fraction(number).as_integer_ratio() if math.isfinite(number) else None
    return SymbolicFloat(float, (number,), ratio)


COARSEST = 2**20
"""Denominators from which on arithmetic of floats rounds."""


def arithmetic(name: str, swapped: bool = False) -> Callable[..., Any]:
    """The method for one of Python's operators."""
    apply = getattr(operator, name)

    def method(self: Any, other: Any) -> Any:
        if not isinstance(other, int | float | SymbolicSize | SymbolicFloat):
            return NotImplemented
        a, b = (as_float(other), as_float(self)) if swapped else (as_float(self), as_float(other))
        given = (other, self) if swapped else (self, other)
        return SymbolicFloat(apply, given, _ratio(name, a.ratio, b.ratio))

    return method


def _ratio(name: str, a: Any, b: Any) -> Any:
    if a is None or b is None or _is_coarse(a[1]) or _is_coarse(b[1]):
        return None
    if name in ("add", "sub"):
        right = b[0] if name == "add" else -b[0]
        return (a[0] * b[1] + right * a[1], a[1] * b[1])
    if name == "mul":
        return (a[0] * b[0], a[1] * b[1])
    if name != "truediv" or b[0] == 0:
        return None
    if isinstance(b[0], int):
        sign = 1 if b[0] > 0 else -1
        return (sign * a[0] * b[1], a[1] * abs(b[0]))
    if asker().settle(constraint.at_least(b[0], 1)) is not True:
        return None
    return _reduced(a[0] * b[1], a[1] * b[0])


def _is_coarse(denominator: Size) -> bool:
    return isinstance(denominator, int) and denominator >= COARSEST


def _reduced(p: Size, q: Size) -> tuple[Size, Size]:
    """A fraction, as a whole number where it is one for all sizes."""
    whole, rest = dims.divide(p, q) if isinstance(q, dims.Dim) else (0, 1)
    return (whole, 1) if rest == 0 else (p, q)


def compare(a: Any, b: Any, relation: Callable[[Size, Size], Constraint]) -> Any:
    """A relation between two numbers, one of them a float, asked or answered."""
    if not isinstance(b, int | float | SymbolicSize | SymbolicFloat):
        return NotImplemented
    a, b = as_float(a), as_float(b)
    if a.bound is not None or b.bound is not None:
        return relation(a.bound or 0, b.bound or 0).at({})
    if a.ratio is None or b.ratio is None:
        squares = _square(a), _square(b)
        if None not in squares:
            return compare(*squares, relation)
        return asker().choose_value(f"a comparison of {a} with {b}")
    left = a.ratio[0] * b.ratio[1]
    right = b.ratio[0] * a.ratio[1]
    return asker().compare(relation(left, right))


def _square(number: SymbolicFloat) -> SymbolicFloat | None:
    """The square of a square root, or of a number of at least 0; None of anything else."""
    root = number.function is _SQRT or (
        number.function is operator.pow
        and isinstance(number.given[1], float)
        and number.given[1] == 0.5
    )
    if root:
        return as_float(number.given[0])
    known = number.ratio is not None and isinstance(number.ratio[0], int) and number.ratio[0] >= 0
    return number * number if known else None


_SQRT = math.sqrt


def _comparison(relation: Callable[[Size, Size], Constraint]) -> Callable[..., Any]:
    def method(self: SymbolicFloat, other: Any) -> Any:
        return compare(self, other, relation)

    return method


class SymbolicFloat(torch.SymFloat):
    """A float computed from sizes.

    Attributes:
        function, given: how it was computed, so that a graph can compute it again.
        ratio: (Size, positive Size) where it is that fraction; None where no fraction is known.
    """

    __slots__ = ("function", "given", "node", "ratio")

    def __init__(
        self, function: Callable[..., Any], given: tuple[Any, ...], ratio: Any = None
    ) -> None:
        self.function, self.given, self.ratio = function, given, ratio
        self.node = Node(self)

    __add__ = arithmetic("add")
    __radd__ = arithmetic("add", swapped=True)
    __sub__ = arithmetic("sub")
    __rsub__ = arithmetic("sub", swapped=True)
    __mul__ = arithmetic("mul")
    __rmul__ = arithmetic("mul", swapped=True)
    __truediv__ = arithmetic("truediv")
    __rtruediv__ = arithmetic("truediv", swapped=True)
    __pow__ = arithmetic("pow")
    __rpow__ = arithmetic("pow", swapped=True)

    @property
    def bound(self) -> int | None:
        """1 and -1 for the two infinities, None for anything else."""
        number = self.given[0]
        if self.function is not float or not isinstance(number, float) or not math.isinf(number):
            return None
        return 1 if number > 0 else -1

    def __floordiv__(self, other: Any) -> Any:
        return as_float(math.floor(self / other))

    def __neg__(self) -> Any:
        return 0 - self

    def __abs__(self) -> Any:
        return -self if self < 0 else self

    __eq__ = _comparison(constraint.equal)
    __ne__ = _comparison(constraint.distinct)
    __lt__ = _comparison(less)
    __le__ = _comparison(at_most)
    __gt__ = _comparison(greater)
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
        if ndigits is None and self.ratio is not None and isinstance(self.ratio[1], int):
            return wrap(_rounded(*self.ratio))
        return round(float(self), ndigits) if ndigits is not None else round(float(self))

    def is_integer(self) -> bool:
        """As ``float.is_integer``."""
        if self.ratio is None or not isinstance(self.ratio[1], int):
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


def _rounded(p: Size, q: int) -> Size:
    """``p/q`` rounded, halves to even: up, less one where it met a half at an odd number."""
    n = 2 * p + q
    half_up = dims.floordiv(n, 2 * q)
    if q % 2:
        return half_up
    return half_up - dims.floordiv(n + 2 * q, 4 * q) + dims.floordiv(n + 2 * q - 1, 4 * q)


def unknown_entry(tensor: str) -> float:
    """An entry of a tensor: the function of a float of which nothing is known."""
    raise asker().blocked(f"an entry of {tensor} is needed as a number", "data")


def _number(item: Any) -> Any:
    if isinstance(item, SymbolicSize):
        return int(asker().instantiate(item.dim, NONLINEAR))
    return float(item) if isinstance(item, SymbolicFloat) else item
