"""Equalities: which symbol they eliminate, and the integers that linear ones leave."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from ..core import constraint, dims
from ..core.constraint import Constraint
from ..core.dims import Atom, Dim, Size, of_atom
from . import normal, products
from .bounds import LIGHT, QUOTIENT, compounds, leaves, weight

if TYPE_CHECKING:
    from .store import Store

MUCH = 12
"""A symbol used by more relations than this is eliminated after those used by fewer."""

Queue = list[Constraint]
Parts = list[tuple[Atom, int]]


def equate(store: Store, size: Dim, queue: Queue) -> None:
    """Make ``size == 0`` hold: eliminate a symbol, split a product, or keep it as a row."""
    alone = list(lone(size)) if weight(size) <= LIGHT else []
    units = [(atom, c) for atom, c in alone if abs(c) == 1]
    if units:
        atom, c = min(units, key=lambda part: _worth(store, part[0]))
        store.eliminate(atom, of_atom(atom) - c * size, queue)
    elif len(alone) == sum(1 for m, _ in size.terms if m):
        _linear(store, size, alone, queue)
    elif (options := products.zeros(size, store.thorough)) != (size,):
        queue.append(constraint.any_of(constraint.equal(part, 0) for part in options))
    else:
        store.insert(constraint.equal(size, 0))


def _worth(store: Store, atom: Atom) -> tuple[int, int, int]:
    """Which symbol to eliminate: one not used much, auxiliary or opaque, seen late."""
    known = len(store.users.get(atom, ())) + len(store.index.get(atom, ()))
    kind = 0 if atom.name[0] == QUOTIENT else 1 if atom.kind == "opaque" else 2
    return known if known > MUCH else 0, kind, -store.order.get(atom, 0)


def _linear(store: Store, size: Dim, parts: Parts, queue: Queue) -> None:
    """A linear equation without coefficients 1 or -1: one step of Euclid's algorithm."""
    if len(parts) == 2 and len(size.terms) == 2:
        _proportion(store, parts, queue)
        return
    atom, smallest = min(parts, key=lambda part: abs(part[1]))
    rest: Size = 0
    for other, c in parts:
        if other is not atom:
            factor = abs(c) // abs(smallest)
            rest = rest + (factor if c * smallest > 0 else -factor) * of_atom(other)
    fresh = store.reduce(store.auxiliary(of_atom(atom) + rest))
    if atom in leaves(fresh):
        store.insert(constraint.equal(size, 0))
        return
    queue.append(constraint.equal(size, 0))
    store.eliminate(atom, fresh - rest, queue)


def _proportion(store: Store, parts: Parts, queue: Queue) -> None:
    """``a*x + b*y == 0`` in lowest terms: x is a multiple of b, and y the same one of a."""
    (x, a), (y, b) = sorted(parts, key=lambda part: store.order.get(part[0], 0))
    sign = -1 if a < 0 else 1
    quotient = store.reduce(store.auxiliary(dims.floordiv(-sign * of_atom(x), b)))
    for atom, factor in ((x, -sign * b), (y, sign * a)):
        queue.append(constraint.equal(of_atom(atom), factor * quotient))


def divide(store: Store, relation: Constraint, queue: Queue) -> None:
    """Divisibility as an equation with a quotient where that eliminates a symbol, or a row."""
    size, number = relation.left, relation.right
    if not isinstance(size, Dim) or compounds(size) or not _eliminates(store, size, number):
        store.insert(relation)
        return
    quotient = store.auxiliary(dims.floordiv(size, number))
    low, high = store.ranges.of(dims.floordiv(size, number))
    (atom,) = leaves(quotient)
    if atom not in store.replaced:
        store.narrow(atom, low, high, queue)
    queue.append(constraint.equal(size, number * quotient))


def _eliminates(store: Store, size: Dim, number: Size) -> bool:
    if isinstance(number, int) and all(sum(p for _, p in m) < 2 for m, _ in size.terms):
        return True
    inside = leaves(number)
    free = any(abs(c) == 1 and atom not in inside for atom, c in lone(size))
    return free and (isinstance(number, int) or normal.nonzero(number, store.ranges))


def lone(size: Dim) -> Iterator[tuple[Atom, int]]:
    """Symbols that occur in one term only, alone and to the first power, with coefficients."""
    count: dict[Atom, int] = {}
    for m, _ in size.terms:
        for atom, power in m:
            for leaf in dict.fromkeys(leaves(of_atom(atom))) if atom.args else (atom,):
                count[leaf] = count.get(leaf, 0) + (power if leaf is atom else 2)
    for m, c in size.terms:
        if len(m) == 1 and not m[0][0].args and count[m[0][0]] == 1:
            yield m[0][0], c


def numerator_of(size: Size) -> tuple[Size, int] | None:
    """``(a, n)`` where the size is ``a//n``, up to whole multiples."""
    for m, c in size.terms if isinstance(size, Dim) else ():
        if c == 1 and len(m) == 1 and m[0][0].kind == "floordiv":
            a, n = m[0][0].args
            if isinstance(n, int):
                return a + n * (size - of_atom(m[0][0])), n
    return None


def rewrites(equation: Dim) -> bool:
    """Whether ``product == rest`` may be used from left to right: it never comes back."""
    lead, coefficient = equation.terms[0]
    if abs(coefficient) > 1 or sum(p for _, p in lead) < 2 or weight(equation) > LIGHT:
        return False
    inside = {leaf for atom in compounds(equation) for leaf in leaves(of_atom(atom))}
    return all(not atom.args and atom not in inside for atom, _ in lead)
