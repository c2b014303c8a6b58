"""Remainders: equations and divisibility modulo small numbers."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from math import lcm

from ..core import dims
from ..core.constraint import Constraint
from ..core.dims import Atom, Dim, Size
from .bounds import compounds
from .normal import as_remainder
from .store import Store

MODULI = (2, 3, 4, 5, 7, 8, 9)
MOST_CASES = 256


def impossible(store: Store) -> bool:
    """Whether one row has no solution modulo some small number."""
    return any(_impossible(row) for row in store.rows)


def _impossible(row: Constraint) -> bool:
    if row.kind == "equal" and isinstance(row.left, Dim):
        size = row.left
        if all(sum(p for _, p in m) < 2 for m, _ in size.terms):
            return False  # the gcd test has settled it
        return any(not _remainders_reach_zero(size, n) for n in MODULI)
    if row.kind == "divides" and isinstance(row.right, int) and isinstance(row.left, Dim):
        return not _remainders_reach_zero(row.left, row.right)
    if row.kind == "distinct" and isinstance(row.left, Dim):
        found = as_remainder(row.left)
        return found is not None and isinstance(found[1], int) and _always(found[0], found[1])
    return False


def _always(size: Size, number: int) -> bool:
    """Whether the size is a multiple of the number whatever its atoms are."""
    if isinstance(size, int):
        return size % number == 0
    return all(r == 0 for r in _values(size, number))


def _remainders_reach_zero(size: Dim, number: int) -> bool:
    return any(r == 0 for r in _values(size, number))


def _values(size: Dim, number: int) -> Iterator[int | None]:
    """All remainders of a polynomial, each atom taking every remainder; None for too many."""
    atoms = tuple(dict.fromkeys(dims.atoms(size)))
    if number ** len(atoms) > MOST_CASES:
        yield 0
        yield None
        return
    for values in product(range(number), repeat=len(atoms)):
        at = dict(zip(atoms, values, strict=True))
        total = 0
        for m, c in size.terms:
            for atom, power in m:
                c *= at[atom] ** power
            total += c
        yield total % number


def moduli(store: Store, most: int) -> dict[Atom, int]:
    """Symbols whose remainder by a number opens all their floor divisions and divisibility rows."""
    found: dict[Atom, int] = {}
    for row in store.rows:
        if row.kind in ("any", "all"):
            continue
        wanted = [
            (atom.args[0], atom.args[1])
            for size in (row.left, row.right)
            for atom in compounds(size)
            if atom.kind == "floordiv"
        ]
        if row.kind == "divides":
            wanted.append((row.left, row.right))
        for size, number in wanted:
            if isinstance(number, int):
                for leaf in _direct(size):
                    found[leaf] = lcm(found.get(leaf, 1), number)
    return {leaf: number for leaf, number in found.items() if number <= most}


def _direct(size: Size) -> Iterator[Atom]:
    """Symbols on which a size depends through sums, products and divisions by numbers only."""
    for atom in dims.atoms(size):
        if not atom.args:
            yield atom
        elif atom.kind == "floordiv" and isinstance(atom.args[1], int):
            yield from _direct(atom.args[0])
