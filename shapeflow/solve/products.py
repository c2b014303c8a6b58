"""Factors of polynomials: a product is 0 exactly where one of its factors is."""

from __future__ import annotations

from functools import lru_cache
from math import isqrt

from ..core import dims
from ..core.dims import Atom, Dim, Monomial, Size

Factors = tuple[tuple[Dim, int], ...]
"""Factors with their powers."""

MOST_TERMS = 16
LARGEST_CONSTANT = 10**8


def zeros(size: Dim, thorough: bool = True) -> tuple[Size, ...]:
    """Factors of which one is 0 exactly where the size is; none where it never is."""
    return tuple(part for part, _ in factored(size, thorough)[1] if not _without_roots(part))


@lru_cache(maxsize=4096)
def factored(size: Dim, thorough: bool = True) -> tuple[int, Factors]:
    """A size without common factors as a number times factors; one factor if nothing is known.

    With ``thorough`` sympy may be asked, which takes milliseconds.
    """
    atoms = tuple(dict.fromkeys(dims.atoms(size)))
    trivial = (1, ((size, 1),))
    if len(size.terms) > MOST_TERMS or all(sum(p for _, p in m) < 2 for m, _ in size.terms):
        return trivial
    found: tuple[int, Factors] | None
    if len(atoms) == 1:
        found = _by_roots(size, atoms[0])
    else:
        linear = [a for a in atoms if max(dict(m).get(a, 0) for m, _ in size.terms) == 1]
        if any(sum(1 for m, _ in size.terms if a in dict(m)) == 1 for a in linear):
            return trivial  # a term c*m*a with nothing in common with the rest
        found = _linear_in(linear[0], size, thorough) if linear else None
        if found is None:
            found = _by_sympy(size, atoms) if thorough else trivial
    product: Size = found[0]
    for part, power in found[1]:
        product = product * part**power
    return found if product is size else trivial


def _linear_in(atom: Atom, size: Dim, thorough: bool) -> tuple[int, Factors] | None:
    """``p*atom + q`` where p divides q."""
    unit = Dim(((((atom, 1),), 1),))
    p: Size = 0
    for m, c in size.terms:
        if atom in dict(m):
            p = p + dims.divide(Dim(((m, c),)), unit)[0]
    quotient, rest = dims.divide(size - p * unit, p)
    other = unit + quotient
    if rest != 0 or not isinstance(p, Dim) or not isinstance(other, Dim):
        return None
    (a, ps), (b, qs) = factored(p, thorough), factored(other, thorough)
    powers: dict[Dim, int] = {}
    for part, power in (*ps, *qs):
        powers[part] = powers.get(part, 0) + power
    return a * b, tuple(powers.items())


def _by_roots(size: Dim, atom: Atom) -> tuple[int, Factors]:
    """A polynomial in one atom without its whole roots, and these."""
    unit = Dim(((((atom, 1),), 1),))
    rest: Size = size
    powers: dict[Dim, int] = {}
    for root in _whole_roots(size):
        factor = unit - root
        while isinstance(rest, Dim) and isinstance(factor, Dim):
            quotient, left = dims.divide(rest, factor)
            if left != 0:
                break
            rest = quotient
            powers[factor] = powers.get(factor, 0) + 1
    if isinstance(rest, int):
        return rest, tuple(powers.items())
    return 1, (*powers.items(), (rest, 1))


def _whole_roots(size: Dim) -> list[int]:
    coefficients = {m[0][1] if m else 0: c for m, c in size.terms}
    constant = abs(coefficients.get(0, 0))
    if not constant or constant > LARGEST_CONSTANT:
        return []
    small = [d for d in range(1, isqrt(constant) + 1) if constant % d == 0]
    divisors = dict.fromkeys(d for s in small for d in (s, constant // s))
    roots = (sign * d for d in divisors for sign in (1, -1))
    return [r for r in roots if sum(c * r**p for p, c in coefficients.items()) == 0]


def _without_roots(size: Dim) -> bool:
    """Whether a polynomial in one atom of degree 2 or more has no whole root at all."""
    atoms = set(dims.atoms(size))
    constant = abs(sum(c for m, c in size.terms if not m))
    if len(atoms) != 1 or not 0 < constant <= LARGEST_CONSTANT:
        return False
    return not _whole_roots(size)


def _by_sympy(size: Dim, atoms: tuple[Atom, ...]) -> tuple[int, Factors]:
    import sympy

    names = [sympy.Symbol(f"x{i}") for i in range(len(atoms))]
    table = {tuple(dict(m).get(a, 0) for a in atoms): c for m, c in size.terms}
    number, parts = sympy.Poly.from_dict(table, *names).factor_list()
    return int(number), tuple((_from_table(p.as_dict(), atoms), int(k)) for p, k in parts)


def _from_table(table: dict[tuple[int, ...], int], atoms: tuple[Atom, ...]) -> Dim:
    total: Size = 0
    for powers, c in table.items():
        m: Monomial = tuple(sorted((a, p) for a, p in zip(atoms, powers, strict=True) if p))
        total = total + (Dim(((m, int(c)),)) if m else int(c))
    assert isinstance(total, Dim)
    return total
