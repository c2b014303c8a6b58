"""Floor divisions as unknowns of their own: ``q = a//n`` means ``n*q <= a <= n*q + n - 1``."""

from __future__ import annotations

from collections.abc import Callable

from ..core import constraint, dims
from ..core.constraint import Constraint
from ..core.dims import Atom, Dim, Size, of_atom
from ..core.printing import constant_of
from .bounds import QUOTIENT, compounds, leaves
from .equalities import numerator_of
from .store import Store

MOST = 40


def open_quotients(store: Store) -> bool:
    """Replace the divisions by numbers in all rows by auxiliary symbols; whether there were any."""
    for i in range(MOST):
        atom = next(
            (
                atom
                for row in store.rows
                for size in row.sizes()
                for atom in compounds(size)
                if atom.kind == "floordiv" and isinstance(atom.args[1], int)
            ),
            None,
        )
        if atom is None or store.contradiction:
            return i > 0
        _open(store, atom)
    return True


def _open(store: Store, atom: Atom) -> None:
    a, n = atom.args
    quotient = store.reduce(store.auxiliary(of_atom(atom)))
    low, high = store.ranges.of(of_atom(atom))
    queue: list[Constraint] = []
    for leaf in leaves(quotient)[:1] if quotient == store.auxiliary(of_atom(atom)) else ():
        store.narrow(leaf, low, high, queue)
    swap = {atom: quotient}.get
    near = dict.fromkeys(row for leaf in leaves(a) for row in store.index.get(leaf, ()))
    for row in near:
        changed = row.map(lambda size: dims.rewrite(size, swap))
        if changed != row:
            store.remove(row)
            queue.append(changed)
    rest = a - n * quotient
    store.add(*queue, constraint.at_least(rest, 0), constraint.at_least(n - 1 - rest, 0))


def coarseness(store: Store, atom: Atom) -> int:
    """The divisor of an auxiliary symbol that stands for a floor division; 0 for others."""
    if atom.name[0] != QUOTIENT:
        return 0
    whole = numerator_of(store.definitions[atom])
    return whole[1] if whole else 0


def exact(size: Size, divides: Callable[[int, Size], bool]) -> Size:
    """The size with ``n*k*(a//n)`` written as ``k*a`` wherever ``n`` is known to divide ``a``, and
    ``(a+r)//n`` as ``a//n``.

    Args:
        size: any size.
        divides: whether a number is known to divide a size.
    """
    total: Size = 0
    for monomial, coefficient in size.terms if isinstance(size, Dim) else (((), size),):
        term: Size = 1
        for atom, power in monomial:
            args = [exact(arg, divides) for arg in atom.args]
            value = atom.rebuild(args) if args else of_atom(atom)
            if atom.kind == "floordiv" and power == 1 and isinstance(args[1], int):
                whole, n = args[0] - constant_of(args[0]) % args[1], args[1]
                inside = coefficient % n == 0
                if (inside or whole is not args[0]) and divides(n, whole):
                    value = whole if inside else dims.floordiv(whole, n)
                    coefficient //= n if inside else 1
            for _ in range(power):
                term = term * value
        total = total + coefficient * term
    return total
