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
from ..core.dims import Atom, Dim, Monomial, Size
from . import congruences, linear, normal, products
from .bounds import Bound, compounds, leaves
from .store import Store, of_atom

CASES = 160
STEPS, TURNS = 20, 5
FEW, MANY, PEELS = 4, 64, 4
PATTERNS = 7


def refuted(store: Store, cases: int = CASES) -> bool:
    """Whether it is proved that nothing satisfies the store, which is used up."""
    return _refuted(store, [cases])


def _refuted(store: Store, budget: list[int]) -> bool:
    tighten(store)
    if store.contradiction:
        return True
    budget[0] -= 1
    if not store.rows or budget[0] < 0 or satisfied_somewhere(store):
        return False
    if linear.infeasible(store) or congruences.impossible(store):
        return True
    split = cases_of(store)
    return bool(split) and all(_refuted(case, budget) for case in split)


# -- tightening --------------------------------------------------------------------------------


def tighten(store: Store, steps: int = 0) -> None:
    """Narrow the ranges of symbols by the rows, and the rows by the ranges.

    Starts from the symbols about which something was learnt since the last time.
    """
    steps = steps or STEPS * (len(store.rows) + 5)
    pending: dict[Constraint, None] = {}
    turns: dict[Constraint, int] = {}
    while not store.contradiction and steps > 0:
        for atom in store.touched:
            for row in store.index.get(atom, ()):
                pending.pop(row, None)
                pending[row] = None
        store.touched.clear()
        if not pending:
            return
        row = pending.popitem()[0]
        turns[row] = turns.get(row, 0) + 1
        if row in store.rows and turns[row] <= TURNS:
            steps -= 1
            _tighten_by(row, store)


def _tighten_by(row: Constraint, store: Store) -> None:
    found = store.renewed(row)
    if found != row:
        store.remove(row)
        if found is not True:
            store.add(found if isinstance(found, Constraint) else constraint.never())
        return
    queue: list[Constraint] = []
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
    """What ``x*y + c == 0`` says about x: it divides the number c."""
    m, c = size.terms[-1]
    if m or len(size.terms) < 2:
        return
    for atom, _ in normal.common_factor(Dim(size.terms[:-1])):
        if not atom.args and not store.contradiction and atom not in store.replaced:
            store.narrow(atom, -abs(c), abs(c), queue)


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


def _narrow(size: Size, store: Store, queue: list[Constraint]) -> None:
    """What ``size >= 0`` says about each symbol, the others being in their ranges."""
    for m, c in size.terms if isinstance(size, Dim) else ():
        for atom, power in m:
            if atom.args or atom in store.replaced:
                continue
            rest = store.ranges.of(size - Dim(((m, c),)))[1]
            if rest == inf:
                continue
            low, high = store.ranges.of(dims.divide(Dim(((m, 1),)), of_atom(atom) ** power)[0])
            bounds = _bound(int(rest), c, power, low, high)
            store.narrow(atom, *bounds, queue)
            if store.contradiction:
                return


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


def _root(value: int, power: int) -> int:
    """The greatest number whose power is at most ``value``."""
    if power == 1:
        return value
    root: int = round(value ** (1 / power)) + 1
    while root**power > value:
        root -= 1
    return root


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
    """The value of the i-th symbol in one of a few patterns."""
    offset = (0, 1 + i, 3 * i + 7, 11 - i, 48, 5 * i, 1)[pattern]
    base = low if low > -inf else min(high, 0)
    return int(min(base + max(offset, 0), high))


def defining(*relations: Constraint) -> list[Constraint]:
    """Where relations have a value: the symbols by which they divide are not 0."""
    sizes = [size for relation in relations for size in relation.sizes()]
    found = dict.fromkeys(a.args[1] for s in sizes for a in compounds(s) if a.kind == "floordiv")
    return [
        constraint.distinct(number, 0)
        for number in found
        if isinstance(number, Dim) and len(number.terms) == 1
    ]


def holds(rows: Iterable[Constraint], at: Mapping[str, int]) -> bool:
    """Whether all rows hold at an assignment; one at which a row has no value does not count."""
    try:
        return all(row.at(at) for row in rows)
    except ZeroDivisionError:
        return False


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
    for row in list(case.rows):
        changed = row.map(lambda size: dims.rewrite(size, lambda a: arg if a is atom else None))
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
    found = congruences.moduli(store)
    found = {a: n for a, n in found.items() if n <= most}
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


def _by_range(store: Store) -> list[Store]:
    spans: list[tuple[Bound, int, Atom]] = []
    names = dict.fromkeys(a for row in store.rows for a in store.leaves_of(row))
    for i, atom in enumerate(names):
        low, high = store.ranges.leaf(atom)
        if high - low < 8:
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
    _by_range,
    _by_many_remainders,
    _by_factors,
    _by_least,
)
