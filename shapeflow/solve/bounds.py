"""Intervals: the least and the greatest value of a size, from those of its symbols.

Every bound returned is a proof. Three methods are tried and the tightest answer is kept: term by
term; shifted (each symbol written as its least value plus something that is not negative, which
proves ``T*T >= T``); relaxed (``n*(a//n)`` lies between ``a - n + 1`` and ``a``, which proves
``2*(H//2) <= H``).
"""

from __future__ import annotations

from functools import lru_cache
from math import inf

from ..core import dims
from ..core.dims import Atom, Dim, Monomial, Size

Bound = int | float
"""A whole number or plus or minus infinity."""
Interval = tuple[Bound, Bound]

QUOTIENT = "~"
"""First letter of the names of auxiliary symbols: no user can write it."""
HUGE = 10**18
"""Ranges end here: numbers beyond are no sizes, and floats must still hold their products."""
DEEPEST = 12
MOST_TERMS = 64
LIGHT, HEAVY = 30, 150
"""Weights: nothing is replaced by more than the first; beyond the second, bounds are rough."""


@lru_cache(maxsize=1 << 16)
def leaves(size: Size) -> tuple[Atom, ...]:
    """All symbols and opaque sizes in a size, each once, in order of appearance."""
    return tuple(dict.fromkeys(dims.leaves(size)))


@lru_cache(maxsize=1 << 16)
def compounds(size: Size) -> tuple[Atom, ...]:
    """All floor divisions, maxima and minima in a size, inner ones first, each once."""
    found: dict[Atom, None] = {}
    for atom in dims.atoms(size):
        for arg in atom.args:
            found.update(dict.fromkeys(compounds(arg)))
        if atom.args:
            found[atom] = None
    return tuple(found)


@lru_cache(maxsize=1 << 16)
def weight(size: Size) -> int:
    """How large a size is: its atoms, those inside atoms too, and the length of its numbers."""
    if isinstance(size, int):
        return size.bit_length() // 16
    atoms = sum(
        power * (1 + sum(1 + weight(arg) for arg in atom.args))
        for m, _ in size.terms
        for atom, power in m
    )
    return atoms + len(size.terms) + sum(c.bit_length() // 16 for _, c in size.terms)


def ceil_div(a: int, n: int) -> int:
    """``a / n`` rounded up."""
    return -(-a // n)


class Ranges:
    """What is known about single symbols: a least and a greatest value each."""

    __slots__ = ("_memo", "changes", "lower", "unbounded", "upper")

    def __init__(self, unbounded: frozenset[str] = frozenset()) -> None:
        self.unbounded = unbounded
        self.lower: dict[Atom, Bound] = {}
        self.upper: dict[Atom, Bound] = {}
        self._memo: dict[Size, Interval] = {}
        self.changes = 0

    def copy(self) -> Ranges:
        """An independent copy."""
        other = Ranges(self.unbounded)
        other.lower, other.upper = dict(self.lower), dict(self.upper)
        return other

    def leaf(self, atom: Atom) -> Interval:
        """Least and greatest value of a symbol."""
        low = self.lower.get(atom)
        return self.least(atom) if low is None else low, self.upper.get(atom, inf)

    def least(self, atom: Atom) -> Bound:
        """What a symbol is at least before anything is known about it."""
        if atom.kind == "opaque" or atom.name in self.unbounded:
            return 0
        return -inf if atom.name[0] == QUOTIENT else 1

    def narrow(self, atom: Atom, low: Bound, high: Bound) -> bool:
        """Intersect with an interval; whether that taught anything."""
        low, high = min(low, HUGE), max(high, -HUGE)
        low, high = -inf if low < -HUGE else low, inf if high > HUGE else high
        old_low, old_high = self.leaf(atom)
        if low <= old_low and high >= old_high:
            return False
        self.lower[atom], self.upper[atom] = max(low, old_low), min(high, old_high)
        self._memo.clear()
        self.changes += 1
        return True

    def of(self, size: Size) -> Interval:
        """Least and greatest value of a size."""
        if isinstance(size, int):
            return size, size
        known = self._memo.get(size)
        if known is None:
            try:
                known = self._of(size)
            except OverflowError:  # numbers of hundreds of digits do not mix with infinity
                known = -inf, inf
            self._memo[size] = known
        return known

    def atom(self, atom: Atom) -> Interval:
        """Least and greatest value of an atom."""
        if not atom.args:
            return self.leaf(atom)
        spans = [self.of(arg) for arg in atom.args]
        if atom.kind == "floordiv":
            return _quotient(*spans)
        pick = max if atom.kind == "max" else min
        return pick(low for low, _ in spans), pick(high for _, high in spans)

    def _of(self, size: Dim) -> Interval:
        low, high = self._termwise(size)
        if low == high or len(size.terms) < 2 or weight(size) > HEAVY:
            return low, high
        if any(len(m) > 1 or (m and m[0][1] > 1) for m, _ in size.terms):
            span = shifted(size, self)
            low, high = max(low, span[0]), min(high, span[1])
        if any(atom.kind == "floordiv" for m, _ in size.terms for atom, _ in m):
            low = max(low, self._relaxed(size, 0))
            high = min(high, -self._relaxed(-size, 0))
        return low, high

    def _least(self, size: Dim, depth: int) -> Bound:
        low = max(self._termwise(size)[0], shifted(size, self)[0])
        return (
            low if depth > DEEPEST or weight(size) > HEAVY else max(low, self._relaxed(size, depth))
        )

    def _termwise(self, size: Dim) -> Interval:
        low: Bound = 0
        high: Bound = 0
        for m, c in size.terms:
            span = self.monomial(m)
            if c < 0:
                span = span[1], span[0]
            low += c * span[0] if span[0] else 0
            high += c * span[1] if span[1] else 0
        return low, high

    def monomial(self, m: Monomial) -> Interval:
        """Least and greatest value of a product of atoms."""
        low: Bound = 1
        high: Bound = 1
        for atom, power in m:
            span = self.atom(atom)
            if power % 2 == 0 and span[0] < 0:
                ends = abs(span[0]), abs(span[1])
                span = (0 if span[1] >= 0 else min(ends)), max(ends)
            span = span[0] ** power, span[1] ** power
            if low >= 0 and span[0] >= 0:
                low, high = _times(low, span[0]), _times(high, span[1])
            else:
                ends4 = [_times(x, y) for x in (low, high) for y in span]
                low, high = min(ends4), max(ends4)
        return low, high

    def _relaxed(self, size: Size, depth: int) -> Bound:
        """A least value, found by giving one floor division up for its numerator."""
        if isinstance(size, int):
            return size
        for m, c in size.terms:
            for atom, power in m:
                if atom.kind != "floordiv" or power > 1:
                    continue
                found = self._without(size, m, c, atom)
                if found is None:
                    continue
                other, scale = found
                if isinstance(other, int):
                    return ceil_div(other, scale)
                low = self._least(other, depth + 1)
                return low if low == -inf else ceil_div(int(low), scale)
        return -inf

    def _without(self, size: Dim, m: Monomial, c: int, atom: Atom) -> tuple[Size, int] | None:
        """A size below ``scale * size`` that lacks one floor division."""
        a, n = atom.args
        factor = dims.divide(Dim(((m, 1),)), Dim(((((atom, 1),), 1),)))[0]
        if self._termwise(_dim(factor))[0] < 0 or self.of(n)[0] < 1:
            return None
        scale = n if isinstance(n, int) else 1
        if not isinstance(n, int):
            factor, rest = dims.divide(factor, n)
            if rest != 0:
                return None
        near = a - n + 1 if c > 0 else a
        return scale * (size - Dim(((m, c),))) + c * factor * near, scale


def _dim(size: Size) -> Dim:
    return size if isinstance(size, Dim) else Dim((((), size),) if size else ())


def _times(a: Bound, b: Bound) -> Bound:
    return a * b if a and b else 0


def _quotient(a: Interval, n: Interval) -> Interval:
    if n[0] < 1:
        return -inf, inf
    low = _floor(a[0], n[0] if a[0] < 0 else n[1])
    high = _floor(a[1], n[0] if a[1] >= 0 else n[1])
    return low, high


def _floor(a: Bound, n: Bound) -> Bound:
    if n == inf:
        return 0 if a >= 0 else -1 if a > -inf else -inf
    return a if a in (inf, -inf) else a // n


def shifted(size: Dim, ranges: Ranges) -> Interval:
    """Bounds after writing every atom as its least value plus something not negative."""
    expanded: dict[Monomial, int] = {}
    room: dict[Atom, Bound] = {}
    anchors: dict[Atom, tuple[int, int]] = {}
    for m, c in size.terms:
        parts: dict[Monomial, int] = {(): c}
        for atom, power in m:
            if atom not in anchors:
                low, high = ranges.atom(atom)
                if low == -inf and high == inf:
                    return -inf, inf
                anchors[atom] = (int(low), 1) if low > -inf else (int(high), -1)
                room[atom] = high - low
            for _ in range(power):
                parts = _spread(parts, atom, *anchors[atom])
        for key, value in parts.items():
            expanded[key] = expanded.get(key, 0) + value
        if len(expanded) > MOST_TERMS:
            return -inf, inf
    low = high = expanded.pop((), 0)
    for m, c in expanded.items():
        most: Bound = 1
        for atom, power in m:
            most = _times(most, room[atom] ** power)
        low, high = (low, high + _times(c, most)) if c > 0 else (low + _times(c, most), high)
    return low, high


def _spread(parts: dict[Monomial, int], atom: Atom, base: int, sign: int) -> dict[Monomial, int]:
    found: dict[Monomial, int] = {}
    for m, c in parts.items():
        if base:
            found[m] = found.get(m, 0) + c * base
        powers = dict(m)
        powers[atom] = powers.get(atom, 0) + 1
        key = tuple(sorted(powers.items(), key=_by_name))
        found[key] = found.get(key, 0) + c * sign
    return found


def _by_name(item: tuple[Atom, int]) -> tuple[int, str]:
    return item[0].sort_key
