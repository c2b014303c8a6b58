"""Linear reasoning: Fourier-Motzkin elimination over products of symbols, with rounding.

Every product of atoms counts as one unknown. What floor divisions, maxima, minima and products
imply is added as further inequalities, so that much of the arithmetic of shapes becomes linear.
"""

from __future__ import annotations

from math import gcd, inf

from ..core import dims
from ..core.dims import Dim, Monomial, Size, of_atom
from .bounds import Ranges
from .store import Store

Row = tuple[tuple[int, int], ...]
"""The unknowns of an inequality, by number, with their coefficients."""

MOST_ROWS = 160
MOST_UNKNOWNS = 40


def infeasible(store: Store) -> bool:
    """Whether the rows and ranges are shown to exclude each other by linear reasoning alone."""
    system = _System()
    given = [row.left for row in store.rows if row.kind in ("at_least", "equal")]
    given += [-row.left for row in store.rows if row.kind == "equal"]
    for row in store.rows:
        if row.kind == "divides":
            multiples = (row.left, -row.left)
            given += [m - row.right for m in multiples if store.ranges.of(m)[0] > 0]
    for size in given:
        system.add(size)
    if not given:
        return False
    _imply(system, given, store.ranges)
    return system.infeasible()


def _imply(system: _System, given: list[Size], ranges: Ranges) -> None:
    """Add what the atoms and products in the system imply by themselves."""
    done: dict[Monomial, None] = {}
    while fresh := [m for m in system.unknowns if m not in done]:
        for m in fresh:
            done[m] = None
            for size in _implied(m, ranges):
                system.add(size)
            if len(done) > MOST_UNKNOWNS:
                return
    factors = dict.fromkeys(a for m in done if len(m) > 1 or m[0][1] > 1 for a, _ in m)
    for atom in factors:
        if ranges.atom(atom)[0] < 0:
            continue
        for size in given:
            scaled = size * of_atom(atom)
            if isinstance(scaled, Dim) and all(m in done for m, _ in scaled.terms if m):
                system.add(scaled)


def _implied(m: Monomial, ranges: Ranges) -> list[Size]:
    """Sizes that are at least 0 because of what one product is."""
    this = Dim(((m, 1),))
    low, high = ranges.monomial(m)
    found: list[Size] = []
    if low > -inf:
        found.append(this - int(low))
    if high < inf:
        found.append(int(high) - this)
    for atom, power in m:
        if atom.kind == "floordiv" and power == 1:
            found += _implied_by_division(this, m, ranges)
        if len(m) == 1 and power == 1:
            if atom.kind == "max":
                found += [this - arg for arg in atom.args]
            elif atom.kind == "min":
                found += [arg - this for arg in atom.args]
            continue
        other = dims.divide(this, of_atom(atom))[0]
        least, beside = ranges.atom(atom)[0], ranges.of(other)[0]
        if least > -inf and beside > -inf:
            found.append((of_atom(atom) - int(least)) * (other - int(beside)))
    return found


def _implied_by_division(this: Dim, m: Monomial, ranges: Ranges) -> list[Size]:
    for atom, power in m:
        if atom.kind != "floordiv" or power != 1:
            continue
        a, n = atom.args
        beside = dims.divide(this, of_atom(atom))[0]
        if ranges.of(n)[0] < 1 or ranges.of(beside)[0] < 0:
            continue
        if not isinstance(n, int):
            beside, rest = dims.divide(beside, n)
            if rest != 0:
                if len(m) > 1:
                    continue
                return [a - n * this, n * this + n - 1 - a]
            return [beside * a - this, this - beside * (a - n + 1)]
        return [beside * a - n * this, n * this - beside * (a - n + 1)]
    return []


class _System:
    """Inequalities between unknowns, each ``sum of coefficients * unknowns + constant >= 0``."""

    def __init__(self) -> None:
        self.rows: dict[Row, int] = {}
        self.unknowns: dict[Monomial, int] = {}
        self.refuted = False

    def add(self, size: Size) -> None:
        """Add ``size >= 0``."""
        if isinstance(size, int):
            self.refuted = self.refuted or size < 0
            return
        parts, constant = {}, 0
        for m, c in size.terms:
            if m:
                parts[self.unknowns.setdefault(m, len(self.unknowns))] = c
            else:
                constant = c
        self.include(parts, constant)

    def include(self, parts: dict[int, int], constant: int) -> None:
        """Add an inequality in lowest terms; only the sharpest of parallel ones is kept."""
        if not parts:
            self.refuted = self.refuted or constant < 0
            return
        number = gcd(*parts.values())
        key = tuple(sorted((m, c // number) for m, c in parts.items()))
        constant //= number
        if constant < self.rows.get(key, inf):
            self.rows[key] = constant

    def infeasible(self) -> bool:
        """Eliminate one unknown after the other; whether ``0 >= 1`` comes out."""
        while self.rows and not self.refuted:
            above: dict[int, list[int]] = {}
            below: dict[int, list[int]] = {}
            for key in self.rows:
                for m, c in key:
                    (above if c > 0 else below).setdefault(m, []).append(abs(c))
            costs: list[tuple[bool, int, int]] = []
            for m in above | below:
                up, down = above.get(m, []), below.get(m, [])
                if len(self.rows) + len(up) * len(down) <= MOST_ROWS:
                    # no whole number is lost where all coefficients on one side are 1
                    loses = max(up, default=1) > 1 and max(down, default=1) > 1
                    costs.append((loses, len(up) * len(down), m))
            if not costs:
                return False
            self._eliminate(min(costs)[2])
        return self.refuted

    def _eliminate(self, m: int) -> None:
        above: list[tuple[dict[int, int], int, int]] = []
        below: list[tuple[dict[int, int], int, int]] = []
        kept: dict[Row, int] = {}
        for key, constant in self.rows.items():
            parts = dict(key)
            c = parts.pop(m, 0)
            if not c:
                kept[key] = constant
            else:
                (above if c > 0 else below).append((parts, abs(c), constant))
        self.rows = kept
        for upper, a, x in above:
            for lower, b, y in below:
                parts = {k: c * b for k, c in upper.items()}
                for k, c in lower.items():
                    parts[k] = parts.get(k, 0) + c * a
                self.include({k: c for k, c in parts.items() if c}, x * b + y * a)
                if self.refuted:
                    return
