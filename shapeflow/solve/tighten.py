"""Tightening: ranges of symbols narrowed by rows, and rows settled by ranges, in turn."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from math import inf

from ..core import constraint, dims
from ..core.constraint import Constraint
from ..core.dims import Atom, Dim, Size, of_atom
from . import normal
from .bounds import LIGHT, Bound, weight
from .store import Store

STEPS, TURNS = 20, 5
"""How many rows are looked at, for each row there is, and how often each at most."""


def tighten(store: Store, steps: int = 0, learnt: dict[Atom, None] | None = None) -> int:
    """Narrow the ranges of symbols by the rows, and the rows by the ranges.

    Starts from the symbols about which something was learnt since the last time, notes all that
    something was learnt about, and returns how many rows it looked at.
    """
    steps = steps or STEPS * (len(store.rows) + 5)
    left = steps
    pending: dict[Constraint, None] = {}
    turns: dict[Constraint, int] = {}
    while not store.contradiction and left > 0:
        if learnt is not None:
            learnt.update(store.touched)
        for atom in store.touched:
            for row in store.index.get(atom, ()):
                pending.pop(row, None)
                pending[row] = None
        store.touched.clear()
        if not pending:
            break
        row = pending.popitem()[0]
        turns[row] = turns.get(row, 0) + 1
        if row in store.rows and turns[row] <= TURNS:
            left -= 1
            _tighten_by(row, store)
    return steps - left


def _tighten_by(row: Constraint, store: Store) -> None:
    found: normal.Normal = row
    if row.kind != "at_least" or not _is_linear(row.left):
        found = store.renewed(row)
    elif (answer := normal.by_range(row.kind, row.left, store.ranges)) is not None:
        found = answer
    if found != row:
        store.remove(row)
        if found is not True:
            store.add(found if isinstance(found, Constraint) else constraint.never())
        return
    queue: list[Constraint] = []
    if weight(row.left) > 2 * LIGHT:
        return
    if row.kind in ("at_least", "equal") and isinstance(row.left, Dim):
        _narrow(row.left, store, queue)
    if row.kind == "equal" and isinstance(row.left, Dim) and row in store.rows:
        _narrow(-row.left, store, queue)
        _narrow_divisors(row.left, store, queue)
        for size in _numerators(row.left, store):
            if not store.contradiction:
                _narrow(size, store, queue)
    store.add(*queue)


def _narrow_divisors(size: Dim, store: Store, queue: list[Constraint]) -> None:
    """What ``x*y + c == 0`` says about x: it divides c. So too for ``(x + a)*(y + b) + c``."""
    limits: list[tuple[Atom, int, int]] = []
    m, constant = size.terms[-1]
    if not m and len(size.terms) > 1:
        factors = normal.common_factor(Dim(size.terms[:-1]))
        limits = [(atom, -abs(constant), abs(constant)) for atom, _ in factors]
    if not limits:
        limits = _bilinear(size)
    for atom, low, high in limits:
        if not atom.args and not store.contradiction and atom not in store.replaced:
            store.narrow(atom, low, high, queue)


def _bilinear(size: Dim) -> list[tuple[Atom, int, int]]:
    """The ranges of x and y where ``a*x*y + b*x + c*y + d == 0``.

    That is ``(a*x + c) * (a*y + b) == b*c - a*d``, and a factor is no larger than its product.
    """
    lead, a = size.terms[0]
    if len(lead) != 2 or lead[0][1] + lead[1][1] > 2 or len(size.terms) > 4:
        return []
    x, y = lead[0][0], lead[1][0]
    rest = dict(size.terms[1:])
    b, c, d = rest.pop(((x, 1),), 0), rest.pop(((y, 1),), 0), rest.pop((), 0)
    product = abs(b * c - a * d)
    if rest or not product:
        return []
    sign, a = (1, a) if a > 0 else (-1, -a)
    b, c = sign * b, sign * c
    return [
        (x, -((product + c) // a), (product - c) // a),
        (y, -((product + b) // a), (product - b) // a),
    ]


def _numerators(size: Dim, store: Store) -> Iterator[Size]:
    """Sizes at least 0 where ``size == 0`` and one floor division stands alone in it."""
    for m, c in size.terms:
        if len(m) == 1 and m[0][1] == 1 and abs(c) == 1 and m[0][0].kind == "floordiv":
            a, n = m[0][0].args
            if store.ranges.of(n)[0] >= 1:  # a//n == k, that is n*k <= a <= n*k + n - 1
                k = of_atom(m[0][0]) - c * size
                yield a - n * k
                yield n * k + n - 1 - a
                return


@lru_cache(maxsize=1 << 14)
def _is_linear(size: Size) -> bool:
    """Whether a size is a sum of symbols, with coefficients."""
    terms = size.terms if isinstance(size, Dim) else ()
    return all(not m or (len(m) == 1 and m[0][1] == 1 and not m[0][0].args) for m, _ in terms)


def _narrow(size: Size, store: Store, queue: list[Constraint]) -> None:
    """What ``size >= 0`` says about each symbol, the others being in their ranges."""
    if not isinstance(size, Dim):
        return
    if _is_linear(size):
        _narrow_linear(size, store, queue)
        return
    for m, c in size.terms:
        for atom, power in m:
            if atom.args or atom in store.replaced:
                continue
            rest = store.ranges.of(size - Dim(((m, c),)))[1]
            if rest == inf:
                continue
            low, high = store.ranges.of(dims.divide(Dim(((m, 1),)), of_atom(atom) ** power)[0])
            bounds = _bound(int(rest), c, power, low, high)
            if power > 1 and c > 0 and rest < 0 and low >= 1 and high < inf:
                bounds = _least_root(-int(rest), c * int(high), power, store, atom), inf
            store.narrow(atom, *bounds, queue)
            if store.contradiction:
                return


def _narrow_linear(size: Dim, store: Store, queue: list[Constraint]) -> None:
    total = 0
    unknown = 0
    parts: list[tuple[Atom, int, Bound]] = []
    for m, c in size.terms:
        if not m:
            total += c
            continue
        low, high = store.ranges.leaf(m[0][0])
        most = c * (high if c > 0 else low)
        parts.append((m[0][0], c, most))
        if most == inf:
            unknown += 1
        else:
            total += int(most)
    for atom, c, most in parts:
        if unknown <= (most == inf) and atom not in store.replaced and not store.contradiction:
            rest = total if most == inf else total - int(most)
            store.narrow(atom, *_bound(rest, c, 1, 1, 1), queue)


def _bound(rest: int, c: int, power: int, low: Bound, high: Bound) -> tuple[Bound, Bound]:
    """The range of x where ``c * x**power * y + rest >= 0`` and y lies in ``low..high``."""
    if c < 0 and low >= 1 and rest >= 0:  # x**power <= rest / (-c*y)
        return -inf, _root(rest // (-c * int(low)), power)
    if power > 1 or high == inf or low < 1:
        return -inf, inf
    if c > 0 and rest < 0:  # x >= -rest / (c*y)
        return -(rest // (c * int(high))), inf
    if low == high == 1:
        return (-(rest // c), inf) if c > 0 else (-inf, rest // -c)
    return -inf, inf


def _least_root(value: int, c: int, power: int, store: Store, atom: Atom) -> Bound:
    """The least x, known not to be negative, where ``c * x**power >= value``."""
    if store.ranges.leaf(atom)[0] < 0:
        return -inf
    return _root(-(-value // c) - 1, power) + 1


def _root(value: int, power: int) -> int:
    """The greatest number whose power is at most ``value``."""
    if power == 1:
        return value
    low, high = 0, 1
    while high**power <= value:
        low, high = high, 2 * high
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if middle**power <= value else (low, middle)
    return low
