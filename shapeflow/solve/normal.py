"""One relation at a time: the shortest relation that says the same.

``normal`` returns True or False where the answer shows in the relation itself (given the ranges
of its symbols), otherwise an equivalent relation with 0 on the right (divisibility: its divisor).
Every step is an equivalence for whole numbers::

    6*T - 30 >= 0      T - 5 >= 0              common factors leave, bounds are rounded
    B*T - 12*B == 0    T - 12 == 0             a factor that is never 0 leaves
    a//n - k >= 0      a - n*k >= 0            floor divisions leave inequalities
    a - n*(a//n) == 0  n divides a
    (a+1)//2 == a//2   2 divides a
    6*(a//2)*(b//3) == a*b  2 divides a and 3 divides b
    3*H % 12 == 0      H % 4 == 0              lowest terms
    max(a,b) - k >= 0  a - k >= 0 or b - k >= 0
"""

from __future__ import annotations

from dataclasses import replace
from math import gcd

from ..core import constraint, dims
from ..core.constraint import Constraint
from ..core.dims import Atom, Dim, Monomial, Size, of_atom
from .bounds import HEAVY, Ranges, ceil_div, compounds, weight

Normal = Constraint | bool


def normal(relation: Constraint, ranges: Ranges) -> Normal:
    """The shortest equivalent of a relation, or its answer."""
    kind = relation.kind
    if kind == "never":
        return False
    if kind in ("any", "all"):
        return _joined(relation, ranges)
    if kind == "divides":
        return divides(relation.right, relation.left, ranges)
    size = relation.left - relation.right
    if kind == "equal":
        return equal(size, ranges)
    if kind == "at_least":
        return at_least(size, ranges)
    found = equal(size, ranges)
    if isinstance(found, bool):
        return not found
    if found.kind == "equal":
        return replace(found, kind="distinct")
    if found.kind == "divides":
        return constraint.distinct(dims.mod(found.left, found.right), 0)
    return normal(negated(found, ranges), ranges)


def defined(relation: Constraint, ranges: Ranges) -> Constraint:
    """The relation and that it divides by nothing that is 0: what has no value never holds."""
    if relation.options:
        options = tuple(defined(option, ranges) for option in relation.options)
        if all(new is old for new, old in zip(options, relation.options, strict=True)):
            return relation
        join = constraint.any_of if relation.kind == "any" else constraint.all_of
        return join(options)
    numbers = dict.fromkeys(
        atom.args[1]
        for size in (relation.left, relation.right)
        for atom in compounds(size)
        if atom.kind == "floordiv" and not isinstance(atom.args[1], int)
    )
    demands = [constraint.distinct(n, 0) for n in numbers if not nonzero(n, ranges)]
    return constraint.all_of([relation, *demands]) if demands else relation


def negated(relation: Constraint, ranges: Ranges) -> Constraint:
    """The relation that holds exactly where this one does not: nothing is divided by 0."""
    if relation.kind == "divides":
        if relation.right == 0:
            return constraint.ALWAYS
        rest = constraint.distinct(dims.mod(relation.left, relation.right), 0)
        zero = constraint.equal(relation.right, 0)
        return rest if nonzero(relation.right, ranges) else constraint.any_of([zero, rest])
    if relation.kind in ("any", "all"):
        options = [negated(option, ranges) for option in relation.options]
        join = constraint.all_of if relation.kind == "any" else constraint.any_of
        return join(options)
    return relation.negated()


def _joined(relation: Constraint, ranges: Ranges) -> Normal:
    settled = relation.kind == "any"
    kept = []
    for option in relation.options:
        found = normal(option, ranges)
        if found is settled:
            return settled
        if not isinstance(found, bool):
            kept.append(found)
    if not kept:
        return not settled
    joined = constraint.any_of(kept) if settled else constraint.all_of(kept)
    return joined


def by_range(kind: str, size: Size, ranges: Ranges) -> bool | None:
    """The answer that the interval of ``size`` gives to ``size >= 0`` or ``size == 0``."""
    low, high = ranges.of(size)
    if kind == "at_least":
        return True if low >= 0 else False if high < 0 else None
    if low > 0 or high < 0:
        return False
    return True if low == high == 0 else None


# -- equality ----------------------------------------------------------------------------------


def equal(size: Size, ranges: Ranges) -> Normal:
    """``size == 0``."""
    if isinstance(size, int):
        return size == 0
    number, constant = content(size)
    if constant % number:
        return False
    if size.terms[0][1] < 0:
        number = -number
    size = _scaled(size, number)
    answer = by_range("equal", size, ranges)
    if answer is not None:
        return answer
    for atom, power in common_factor(size):
        unit = Dim(((((atom, power),), 1),))
        rest = dims.divide(size, unit)[0]
        if rest == 1 and power == 1:
            break
        if nonzero(unit, ranges):
            return equal(rest, ranges)
        zero = constraint.equal(Dim(((((atom, 1),), 1),)), 0)
        return normal(constraint.any_of([zero, constraint.equal(rest, 0)]), ranges)
    remainder = as_remainder(size)
    if remainder is not None:
        return divides(remainder[1], remainder[0], ranges)
    for other in (as_extreme(size), as_carry(size), as_multiples(size, ranges)):
        if other is not None:
            return normal(other, ranges)
    return constraint.equal(size, 0)


def as_extreme(size: Dim) -> Constraint | None:
    """``max(a, b) == a`` as ``a >= b``."""
    for m, c in size.terms:
        if abs(c) == 1 and len(m) == 1 and m[0][1] == 1 and m[0][0].kind in ("max", "min"):
            atom = m[0][0]
            one = of_atom(atom) - c * size
            if one in atom.args:
                sign = 1 if atom.kind == "max" else -1
                others = [arg for arg in atom.args if arg != one]
                return constraint.all_of(constraint.at_least(sign * (one - o), 0) for o in others)
    return None


def as_multiples(size: Dim, ranges: Ranges) -> Constraint | None:
    """``n*m*(a//n)*(b//m) == a*b`` as ``n`` divides ``a`` and ``m`` divides ``b``: where sizes are
    positive, a product of what is rounded down is as large as theirs if each factor is."""
    for m, c in size.terms:
        rounded = [atom.args for atom, p in m if atom.kind == "floordiv" and p == 1]
        if len(rounded) < 2 or not all(isinstance(n, int) and n > 1 for _, n in rounded):
            continue
        whole: Size = Dim(((tuple(f for f in m if f[0].kind != "floordiv" or f[1] > 1), c),))
        if not nonzero(whole, ranges) or not all(ranges.of(a)[0] > 0 for a, _ in rounded):
            continue
        parts = [constraint.divides(n, a) for a, n in rounded]
        for a, n in rounded:
            whole, rest = dims.divide(whole * a, n)
            if rest != 0:
                break
        else:
            if size == Dim(((m, c),)) - whole:
                return constraint.all_of(parts)
    return None


def as_carry(size: Dim) -> Constraint | None:
    """``(a+d)//n - a//n == k`` as what the remainder of ``a`` must be, or must not be."""
    single = [(m[0], c) for m, c in size.terms if len(m) == 1]
    quotients = {c: atom for (atom, power), c in single if power == 1 and atom.kind == "floordiv"}
    if quotients.keys() != {1, -1} or quotients[1].args[1] != quotients[-1].args[1]:
        return None
    a, n = quotients[-1].args
    k, d = of_atom(quotients[1]) - of_atom(quotients[-1]) - size, quotients[1].args[0] - a
    if not isinstance(k, int) or not isinstance(d, int) or not isinstance(n, int):
        return None
    carry, rest = k - d // n, d % n
    if carry not in (0, 1) or (rest == 0 and carry):
        return constraint.never()
    if rest == 0:
        return constraint.ALWAYS
    if rest == 1 and carry:  # only what comes just before a multiple is carried
        return constraint.divides(n, a + 1)
    if rest == n - 1 and not carry:  # only a multiple is not
        return constraint.divides(n, a)
    if rest in (1, n - 1):
        return constraint.distinct(dims.mod(a + 1 if rest == 1 else a, n), 0)
    return None


def as_remainder(size: Dim) -> tuple[Size, Size] | None:
    """``(x, n)`` where the size is 0 exactly where n divides x."""
    for m, d in size.terms:
        for atom, power in m:
            if atom.kind != "floordiv" or power > 1:
                continue
            a, n = atom.args
            if isinstance(n, int) and len(m) == 1:
                found = _remainder_by_number(size, atom, d)
            elif isinstance(n, int):
                continue
            else:
                rest = dims.mod(a, n)
                exact = isinstance(rest, Dim) and dims.divide(size, rest)
                found = (a, n) if exact and exact[1] == 0 and isinstance(exact[0], int) else None
            if found is not None:
                return found
    return None


def _remainder_by_number(size: Dim, atom: Atom, d: int) -> tuple[Size, Size] | None:
    """``(a//n) % k == r`` is written ``a//n - k*(a//(n*k)) - r == 0``."""
    (a, n), k = atom.args, abs(d)
    if not isinstance(n, int) or k < 2 or n % k:
        return None
    sign = 1 if d < 0 else -1
    x = dims.floordiv(a, n // k)
    r = x - k * of_atom(atom) - sign * size
    return (x - r, k) if isinstance(r, int) and 0 <= r < k else None


def content(size: Dim) -> tuple[int, int]:
    """Greatest common divisor of the coefficients, and the constant term."""
    number, constant = 0, 0
    for m, c in size.terms:
        if m:
            number = gcd(number, c)
        else:
            constant = c
    return number, constant


def _scaled(size: Dim, number: int) -> Dim:
    return size if number == 1 else Dim(tuple((m, c // number) for m, c in size.terms))


def common_factor(size: Dim) -> Monomial:
    """The greatest monomial that divides every term."""
    common = dict(size.terms[0][0])
    for m, _ in size.terms[1:]:
        if not common:
            break
        powers = dict(m)
        common = {a: min(p, powers[a]) for a, p in common.items() if a in powers}
    return tuple(common.items())


def nonzero(size: Size, ranges: Ranges) -> bool:
    """Whether a size is shown never to be 0."""
    low, high = ranges.of(size)
    return low > 0 or high < 0


# -- order -------------------------------------------------------------------------------------


def at_least(size: Size, ranges: Ranges) -> Normal:
    """``size >= 0``."""
    if isinstance(size, int):
        return size >= 0
    answer = by_range("at_least", size, ranges)
    if answer is not None:
        return answer
    if ranges.of(size)[1] == 0:  # ``H % 7 <= 0`` is ``H % 7 == 0``
        return equal(size, ranges)
    number, constant = content(size)
    if number > 1:
        symbolic = [(m, c // number) for m, c in size.terms if m]
        return at_least(Dim(tuple(symbolic)) + constant // number, ranges)
    for atom, power in common_factor(size):
        unit = Dim(((((atom, power),), 1),))
        low, high = ranges.of(unit)
        if low > 0 or high < 0:
            rest = dims.divide(size, unit)[0]
            return at_least(rest if low > 0 else -rest, ranges)
    opened = _opened(size, ranges) if weight(size) <= HEAVY else None
    if isinstance(opened, Constraint):
        return normal(opened, ranges)
    if opened is not None:
        return at_least(opened, ranges)
    return constraint.at_least(size, 0)


def _opened(size: Dim, ranges: Ranges) -> Size | Constraint | None:
    """The inequality without one floor division, maximum or minimum that stands alone in it."""
    only = len([m for m, _ in size.terms if m]) == 1
    for m, c in size.terms:
        if len(m) != 1 or m[0][1] != 1 or not m[0][0].args:
            continue
        atom = m[0][0]
        rest = size - Dim(((m, c),))
        if atom in compounds(rest):
            continue
        if atom.kind != "floordiv":
            parts = [constraint.at_least(rest + c * arg, 0) for arg in atom.args]
            join = constraint.any_of if (atom.kind == "max") == (c > 0) else constraint.all_of
            return join(parts)
        a, n = atom.args
        if ranges.of(n)[0] < 1:
            continue
        if only and isinstance(rest, int):
            return a - n * ceil_div(-rest, c) if c > 0 else n * (rest // -c) + n - 1 - a
        if c in (1, -1):
            return a + n * rest if c > 0 else n * rest + n - 1 - a
    return None


# -- divisibility ------------------------------------------------------------------------------


def divides(number: Size, size: Size, ranges: Ranges) -> Normal:
    """``size % number == 0``; a divisor 0 divides nothing."""
    if isinstance(number, Dim):
        return _divides_symbolic(number, size, ranges)
    if number == 0:
        return False
    number = abs(number)
    low, high = ranges.of(size)
    if max(-low, high) < number:  # too small for any multiple but 0
        return equal(size, ranges)
    size = _remainders(size, number)
    if isinstance(size, int):
        return size % number == 0
    common, constant = content(size)
    common = gcd(common, number)
    if constant % common:
        return False
    if common > 1:
        return divides(number // common, _scaled(size, common), ranges)
    if number == 1:
        return True
    symbolic = [(m, c) for m, c in size.terms if m]
    if len(symbolic) == 1 and symbolic[0][1] != 1 and gcd(symbolic[0][1], number) == 1:
        inverse = pow(symbolic[0][1], -1, number)
        return divides(number, _remainders(size * inverse, number), ranges)
    return constraint.divides(number, size)


def _remainders(size: Size, number: int) -> Size:
    """The size with every coefficient reduced modulo ``number``."""
    if isinstance(size, int):
        return size % number
    total: Size = 0
    for m, c in size.terms:
        total = total + (Dim(((m, c % number),)) if c % number and m else c % number)
    return total


def _divides_symbolic(number: Dim, size: Size, ranges: Ranges) -> Normal:
    if nonzero(number, ranges):
        rest = dims.divide(size, number)[1]
        if rest == 0:
            return True
        shared = _shared(number, rest, ranges)
        if shared != 1:
            return divides(dims.divide(number, shared)[0], dims.divide(rest, shared)[0], ranges)
        if ranges.of(number)[0] > 0:  # nothing between 0 and the number is a multiple of it
            for part in (rest, -rest):
                if ranges.of(part)[0] > 0 and ranges.of(number - part)[0] > 0:
                    return False
        size = rest
    return constraint.divides(number, size)


def _shared(number: Dim, size: Size, ranges: Ranges) -> Size:
    """What may be cancelled from both: symbols that are never 0, and a number."""
    if isinstance(size, int):
        return gcd(size, *(c for _, c in number.terms))
    unit = gcd(*(c for _, c in (*number.terms, *size.terms)))
    both = dict(common_factor(size))
    factor: list[tuple[Atom, int]] = []
    for atom, power in common_factor(number):
        if atom in both and nonzero(Dim(((((atom, 1),), 1),)), ranges):
            factor.append((atom, min(power, both[atom])))
    return Dim(((tuple(factor), unit),)) if factor else unit
