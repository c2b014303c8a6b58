"""Floor division, remainders and polynomial division of sizes."""

from __future__ import annotations

from functools import reduce
from math import gcd
from typing import Any

from .dims import Atom, Dim, Monomial, Size, as_dim, leading, monomial_quotient, of_atom, sum_terms


def mod(a: Size, n: Size) -> Size:
    """Python's ``a % n``."""
    if isinstance(a, int) and isinstance(n, int):
        return a % n
    return a - n * floordiv(a, n)


def floordiv(a: Size, n: Size) -> Size:
    """Python's ``a // n``; ZeroDivisionError where ``n`` is the number 0."""
    if isinstance(a, int) and isinstance(n, int):
        return a // n
    if n == 1:
        return a
    if isinstance(n, int):
        return _divide_by_number(as_dim(a), n) if n > 0 else _flipped(a, n)
    if a is n:
        return 1
    quotient, rest = divide(a, n)
    if rest == 0:
        return quotient
    rest, n = _cancel(rest, n)
    if isinstance(n, int):
        return quotient + floordiv(rest, n)
    return quotient + of_atom(Atom("floordiv", "", (rest, n)))


def _flipped(a: Size, n: int) -> Size:
    if n == 0:
        raise ZeroDivisionError(f"{a} divided by zero")
    return floordiv(-a, -n)


def _divide_by_number(a: Dim, n: int) -> Size:
    symbolic = [(m, c) for m, c in a.terms if m]
    if all(c < 0 for _, c in symbolic):  # ceil division is written as such: -(-a//n)
        return -_divide_positive(as_dim(-a + (n - 1)), n)
    return _divide_positive(a, n)


def _divide_positive(a: Dim, n: int) -> Size:
    whole: list[tuple[Monomial, int]] = []
    rest: list[tuple[Monomial, int]] = []
    constant = 0
    for m, c in a.terms:
        if not m:
            constant = c
            continue
        q, r = divmod(c, n)
        if q:
            whole.append((m, q))
        if r:
            rest.append((m, r))
    if not rest:
        return sum_terms(whole, constant // n)
    common = reduce(gcd, (c for _, c in rest), n)
    constant, n = constant // common, n // common
    rest = [(m, c // common) for m, c in rest]
    if all(2 * c > n for _, c in rest):  # (6*H)//7 is H - (H + 6)//7: what pads to a multiple
        missing = sum_terms([(m, n - c) for m, c in rest], n - 1 - constant)
        ones = sum_terms([(m, 1) for m, _ in rest], 0)
        return sum_terms(whole, 0) + ones - floordiv(missing, n)
    nested = _inner_division(rest)
    if nested is not None:  # (x//k + y)//n = (x + k*y)//(k*n)
        inner, k, others = nested
        numerator = inner + k * (sum_terms(others, constant))
        return sum_terms(whole, 0) + floordiv(numerator, k * n)
    q, constant = divmod(constant, n)
    if 2 * constant > n:  # nearest to zero: (H - 1)//32 + 1, not (H + 31)//32
        q, constant = q + 1, constant - n
    atom = Atom("floordiv", "", (sum_terms(rest, constant), n))
    return sum_terms(whole, q) + of_atom(atom)


def _inner_division(rest: list[tuple[Monomial, int]]) -> tuple[Size, int, list[Any]] | None:
    for i, (m, c) in enumerate(rest):
        if c == 1 and len(m) == 1 and m[0][1] == 1 and m[0][0].kind == "floordiv":
            inner, k = m[0][0].args
            if isinstance(k, int):
                return inner, k, rest[:i] + rest[i + 1 :]
    return None


def divide(a: Size, n: Size) -> tuple[Size, Size]:
    """Polynomial division: ``(q, r)`` with ``a = q*n + r``; 0 is the rest where ``n`` divides."""
    if isinstance(n, int):
        q, r = _split_by_number(as_dim(a), n)
        return q, r
    lead, coefficient = leading(n)
    quotient: Size = 0
    rest: Size = 0
    while isinstance(a, Dim) or a:
        m, c = leading(a)
        factor = monomial_quotient(m, lead)
        step: Size
        if factor is None or c % coefficient:
            step = sum_terms([(m, c)], 0) if m else c
            rest += step
            a = a - step
            continue
        step = sum_terms([(factor, c // coefficient)], 0) if factor else c // coefficient
        quotient += step
        a = a - step * n
    return quotient, rest


def _split_by_number(a: Dim, n: int) -> tuple[Size, Size]:
    q = [(m, c // n) for m, c in a.terms if c % n == 0]
    r = [(m, c) for m, c in a.terms if c % n]
    return sum_terms(q, 0), sum_terms(r, 0)


def _cancel(a: Size, n: Dim) -> tuple[Size, Size]:
    """Numerator and denominator without their common monomial and number."""
    if isinstance(a, int):
        return a, n
    common = dict(a.terms[0][0])
    for m, _ in (*a.terms[1:], *n.terms):
        powers = dict(m)
        common = {atom: min(p, powers.get(atom, 0)) for atom, p in common.items()}
    factor = tuple(sorted((atom, p) for atom, p in common.items() if p))
    number = reduce(gcd, (c for _, c in (*a.terms, *n.terms)))
    if not factor and number == 1:
        return a, n
    if factor and any(atom.kind != "symbol" for atom, _ in factor):
        return a, n
    unit = sum_terms([(factor, number)], 0) if factor else number
    return divide(a, unit)[0], divide(n, unit)[0]
