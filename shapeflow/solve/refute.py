"""Refutation: is there no assignment at all at which a store's relations hold?

True is a proof. The steps, cheapest first: tightening of ranges, a try at a few assignments (one
that works ends the search), linear elimination, remainders, and case splits (any-of, maxima,
remainders of a symbol, less or greater, small ranges, factors), within a budget of cases.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import product
from math import inf, prod

from ..core import constraint, dims
from ..core.constraint import Constraint
from ..core.dims import Atom, Dim, Monomial, Size, of_atom
from . import congruences, linear, products
from .bounds import Bound, compounds, leaves
from .quotients import open_quotients
from .store import Store
from .tighten import tighten

CASES, ROWS = 160, 16
FEW, MANY, PEELS = 4, 32, 3
FEW_VALUES, MANY_VALUES = 8, 64
PATTERNS = 7


def refuted(store: Store, cases: int = CASES) -> bool:
    """Whether it is proved that nothing satisfies the store, which is used up."""
    return _refuted(store, [cases])


def _refuted(store: Store, budget: list[int]) -> bool:
    looked_at = tighten(store)
    if store.contradiction:
        return True
    budget[0] -= 1 + looked_at // ROWS
    if not store.rows or budget[0] < 0 or satisfied_somewhere(store):
        return False
    if linear.infeasible(store) or congruences.impossible(store):
        return True
    split = cases_of(store)
    return bool(split) and all(_refuted(case, budget) for case in split)


# -- a few assignments -------------------------------------------------------------------------


def satisfied_somewhere(store: Store) -> bool:
    """Whether one of a few simple assignments satisfies all rows."""
    names = dict.fromkeys(a for row in store.rows for a in store.leaves_of(row))
    spans = [(atom.name, *store.ranges.leaf(atom)) for atom in names]
    for pattern in range(PATTERNS):
        at = {name: pick(low, high, i, pattern) for i, (name, low, high) in enumerate(spans)}
        if holds(store.rows, at):
            return True
    return False


def pick(low: Bound, high: Bound, i: int, pattern: int) -> int:
    """The value of the i-th symbol in one of a few patterns: least, different, or all the same."""
    base = low if low > -inf else min(high, 0)
    value = (base, base + 1 + i, 48, base + 3 * i + 10, 12, 11 - i, base + 5 * i)[pattern]
    return int(min(max(value, base), high))


def holds(rows: Iterable[Constraint], at: Mapping[str, int]) -> bool:
    """Whether all rows hold at an assignment."""
    return all(row.at(at) for row in rows)


# -- cases -------------------------------------------------------------------------------------


def cases_of(store: Store) -> list[Store]:
    """Stores one of which holds if this one does; empty where no split is known."""
    for split in SPLITS:
        cases = split(store)
        if cases:
            return cases
    return []


def _with(store: Store, *relations: Constraint) -> Store:
    case = store.copy()
    case.add(*relations)
    return case


def by_option(store: Store) -> list[Store]:
    """One case for each option of an any-of row."""
    rows = [row for row in store.rows if row.kind == "any"]
    if not rows:
        return []
    row = min(rows, key=lambda row: len(row.options))
    store.remove(row)
    return [_with(store, option) for option in row.options]


def by_extreme(store: Store) -> list[Store]:
    """One case for each argument of a maximum or minimum."""
    for row in store.rows:
        for atom in (a for size in row.sizes() for a in compounds(size)):
            if atom.kind != "floordiv":
                return [_where(store, atom, arg) for arg in atom.args]
    return []


def _where(store: Store, atom: Atom, arg: Size) -> Store:
    """The case in which one argument is the maximum (or minimum)."""
    case = store.copy()
    sign = 1 if atom.kind == "max" else -1
    said = [constraint.at_least(sign * (arg - other), 0) for other in atom.args if other is not arg]
    swap = {atom: arg}.get
    for row in list(case.rows):
        try:
            changed = row.map(lambda size: dims.rewrite(size, swap))
        except ZeroDivisionError:
            case.contradiction = True
            return case
        if changed != row:
            case.remove(row)
            said.append(changed)
    case.add(*said)
    return case


def _by_few_remainders(store: Store) -> list[Store]:
    return _by_remainders(store, FEW)


def _by_many_remainders(store: Store) -> list[Store]:
    return _by_remainders(store, MANY)


def _by_remainders(store: Store, most: int) -> list[Store]:
    found = congruences.moduli(store, most)
    if not found:
        return []
    atom = min(found, key=lambda a: found[a])
    number = found[atom]
    quotient = store.auxiliary(dims.floordiv(of_atom(atom), number))
    return [
        _with(store, constraint.equal(of_atom(atom), number * quotient + r)) for r in range(number)
    ]


def _by_sign(store: Store) -> list[Store]:
    for row in store.rows:
        if row.kind == "distinct":
            store.remove(row)
            return [
                _with(store, constraint.at_least(row.left, 1)),
                _with(store, constraint.at_least(-1, row.left)),
            ]
    return []


def _by_small_range(store: Store) -> list[Store]:
    return _by_range(store, FEW_VALUES)


def _by_wide_range(store: Store) -> list[Store]:
    return _by_range(store, MANY_VALUES)


def _by_range(store: Store, most: int) -> list[Store]:
    spans: list[tuple[Bound, int, Atom]] = []
    names = dict.fromkeys(a for row in store.rows for a in store.leaves_of(row))
    for i, atom in enumerate(names):
        low, high = store.ranges.leaf(atom)
        if high - low < most:
            spans.append((high - low, i, atom))
    if not spans:
        return []
    atom = min(spans)[2]
    low, high = store.ranges.leaf(atom)
    values = range(int(low), int(high) + 1)
    return [_with(store, constraint.equal(of_atom(atom), value)) for value in values]


def _by_least(store: Store) -> list[Store]:
    """A symbol of a product or a divisor is as small as it can be, or larger."""
    sizes = [size for row in store.rows for size in row.sizes()]
    divisors = [a.args[1] for size in sizes for a in compounds(size) if a.kind == "floordiv"]
    found = [atom for size in sizes for m in _products(size) for atom, _ in m]
    found += [atom for number in divisors for atom in leaves(number)]
    for atom in dict.fromkeys(atom for atom in found if not atom.args):
        low, _ = store.ranges.leaf(atom)
        if -inf < low < PEELS:
            unit = of_atom(atom)
            return [
                _with(store, constraint.equal(unit, int(low))),
                _with(store, constraint.at_least(unit, int(low) + 1)),
            ]
    return []


def _products(size: Size) -> Iterator[Monomial]:
    for m, _ in size.terms if isinstance(size, Dim) else ():
        if sum(power for _, power in m) > 1:
            yield m


def _by_quotients(store: Store) -> list[Store]:
    """The same case, with floor divisions as unknowns of their own."""
    return [store] if open_quotients(store) else []


def _by_factors(store: Store) -> list[Store]:
    for row in store.rows:
        if row.kind != "at_least" or not isinstance(row.left, Dim):
            continue
        sign, parts = products.factored(row.left)
        if not 1 < len(parts) < 4:
            continue
        store.remove(row)
        return [_with(store, *signs) for signs in _signs(sign, parts)]
    return []


def _signs(sign: int, parts: products.Factors) -> Iterator[list[Constraint]]:
    """The signs of the factors for which the product is at least 0."""
    for part, _ in parts:
        yield [constraint.equal(part, 0)]
    for signs in product((1, -1), repeat=len(parts)):
        if sign * prod(s**power for s, (_, power) in zip(signs, parts, strict=True)) > 0:
            yield [
                constraint.at_least(s * part, 1) for s, (part, _) in zip(signs, parts, strict=True)
            ]


SPLITS = (
    by_option,
    by_extreme,
    _by_few_remainders,
    _by_sign,
    _by_small_range,
    _by_least,
    _by_many_remainders,
    _by_quotients,
    _by_wide_range,
    _by_factors,
)
