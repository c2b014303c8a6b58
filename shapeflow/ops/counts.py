"""Numbers of elements: what a view asks of the sizes that it is given."""

from __future__ import annotations

from math import gcd
from typing import Any

from ..core import constraint, dims
from ..core.dims import Dim, Size
from ..core.shape import Shape, product
from .call import Call

COUNT = "a view must keep the number of elements"


def natural(
    call: Call, sizes: Shape, because: str = "a size must be at least 0", least: int = 0
) -> None:
    """Demands that no size is negative, or smaller than ``least``."""
    for d in sizes:
        if isinstance(d, int) or call.settled(constraint.at_least(d, least)) is not True:
            call.at_least(d, least, because, kind="argument")


def signed(call: Call, sizes: tuple[Any, ...]) -> tuple[Any, ...]:
    """The sizes with -1 where one comes out as that, which is no size; forks the path there."""
    return tuple(
        -1 if isinstance(d, Dim) and call.holds(constraint.equal(d, -1)) else d for d in sizes
    )


def filled(call: Call, sizes: tuple[Any, ...], total: Size, because: str = COUNT) -> Shape:
    """The sizes with -1 replaced by what is left of ``total`` elements; demands that they fit."""
    sizes = signed(call, sizes)
    if any(isinstance(d, int) and d < -1 for d in sizes):
        call.fail("a size must be at least 0, or -1", kind="argument")
    if sizes.count(-1) > 1:
        call.fail("only one size can be inferred from the others", kind="elements")
    natural(call, tuple(d for d in sizes if d != -1))
    rest = product(d for d in sizes if d != -1)
    if -1 not in sizes:
        a, b = reduced(call, rest, total)
        if isinstance(a, int) and isinstance(b, int) and a != b:
            a, b = total, rest  # nothing is shared by mistake: show people the whole numbers
        call.equal(a, b, because, kind="elements", of="input")
        return sizes
    if call.settled(constraint.at_least(rest, 1)) is not True:
        if rest == 0:
            call.fail("-1 cannot be inferred beside a size of 0", kind="elements")
        call.at_least(rest, 1, "-1 cannot be inferred beside a size of 0", kind="elements")
    inferred = quotient(call, total, rest, because)
    return tuple(inferred if d == -1 else d for d in sizes)


def quotient(call: Call, total: Size, number: Size, because: str) -> Size:
    """``total // number``, demanding that no rest is left."""
    total, number = reduced(call, total, number)
    if isinstance(number, int) and isinstance(total, Dim):
        content = gcd(*(c for _, c in total.terms))
        smaller = dims.floordiv(total, content) if gcd(content, number) == 1 else total
        call.divides(number, smaller, because, kind="elements", of="input")
    elif dims.divide(total, number)[1] != 0:
        call.divides(number, total, because, kind="elements", of="input")
    return dims.floordiv(total, number)


def reduced(call: Call, a: Size, b: Size) -> tuple[Size, Size]:
    """Both without the factors that they share and that are not 0."""
    if a == b:
        return 1, 1
    for p, q in ((a, b), (b, a)):
        whole, rest = dims.divide(p, q) if q != 0 else (0, 1)
        if rest == 0 and positive(call, q):
            return (whole, 1) if p is a else (1, whole)
    parts = [list(d.terms) if isinstance(d, Dim) else [((), d)] for d in (a, b)]
    terms = [term for part in parts for term in part]
    shared = dict(terms[0][0])
    for monomial, _ in terms:
        powers = dict(monomial)
        shared = {atom: min(n, powers.get(atom, 0)) for atom, n in shared.items()}
    unit: Size = gcd(*(c for _, c in terms)) or 1
    for atom, power in shared.items():
        factor = Dim((((((atom, 1),), 1)),))
        if power and positive(call, factor):
            unit = unit * factor**power
    return dims.divide(a, unit)[0], dims.divide(b, unit)[0]


def positive(call: Call, size: Size) -> bool:
    """Whether the facts say that a size is at least 1."""
    if isinstance(size, int):
        return size > 0
    return call.settled(constraint.at_least(size, 1)) is True
