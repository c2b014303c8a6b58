"""Symbolic sizes in one canonical form.

A *size* is a plain ``int`` or a :class:`Dim`. A Dim is an integer polynomial over atoms; every
operation returns the canonical form (an ``int`` where nothing symbolic is left) and equal forms are
the same object, so ``is`` and ``==`` answer "are these two written the same way?". Whether two
*different* forms agree for all sizes is a question for ``shapeflow.solve``.

Laws built into the form, valid for all integers::

    (a//m)//n = a//(m*n)                 for m, n >= 1
    (n*q + r)//n = q + r//n              whole multiples leave a floor division
    (g*a + c)//(g*n) = (a + c//g)//n     common factors cancel
    a % n = a - n*(a//n)                 printed as ``a % n`` again
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import reduce
from math import gcd
from typing import TYPE_CHECKING, Any, Union

if TYPE_CHECKING:
    import sympy

Size = Union[int, "Dim"]
Monomial = tuple[tuple["Atom", int], ...]
"""Atoms with their powers, sorted; the empty tuple is the constant term."""
Terms = tuple[tuple[Monomial, int], ...]


class Atom:
    """What a polynomial is made of: a symbol, or an operation that no polynomial can express.

    ``kind`` is one of ``symbol``, ``opaque``, ``floordiv``, ``max``, ``min``. Symbols and opaque
    sizes have a ``name``; the others have ``args``.
    """

    __slots__ = ("__weakref__", "args", "kind", "name", "sort_key")
    _known: dict[tuple[Any, ...], Atom] = {}  # noqa: RUF012 - the table of all atoms

    kind: str
    name: str
    args: tuple[Size, ...]
    sort_key: tuple[int, str]

    def __new__(cls, kind: str, name: str = "", args: tuple[Size, ...] = ()) -> Atom:
        key = (kind, name, args)
        atom = cls._known.get(key)
        if atom is None:
            atom = super().__new__(cls)
            atom.kind, atom.name, atom.args = kind, name, args
            atom.sort_key = (0 if kind == "symbol" else 1, name or str(atom))
            cls._known[key] = atom
        return atom

    def __str__(self) -> str:
        if self.kind == "floordiv":
            return f"{_bracketed(self.args[0])}//{_bracketed(self.args[1])}"
        if self.args:
            return f"{self.kind}({','.join(map(str, self.args))})"
        return self.name

    __repr__ = __str__

    def __lt__(self, other: Atom) -> bool:
        return self.sort_key < other.sort_key

    def evaluate(self, sizes: Mapping[str, int]) -> int:
        """The atom's value at the given sizes; KeyError names a symbol that is not given."""
        if not self.args:
            return sizes[self.name]
        values = [evaluate(arg, sizes) for arg in self.args]
        if self.kind == "floordiv":
            return values[0] // values[1]
        return max(values) if self.kind == "max" else min(values)

    def rebuild(self, args: Iterable[Size]) -> Size:
        """The same operation on other arguments."""
        if self.kind == "floordiv":
            return floordiv(*args)
        return maximum(*args) if self.kind == "max" else minimum(*args)


class Dim:
    """One symbolic size: a canonical integer polynomial. Never constructed directly."""

    __slots__ = ("__weakref__", "_symbols", "terms")
    _known: dict[Terms, Dim] = {}  # noqa: RUF012 - the table of all sizes

    terms: Terms
    _symbols: tuple[str, ...] | None

    def __new__(cls, terms: Terms) -> Dim:
        dim = cls._known.get(terms)
        if dim is None:
            dim = super().__new__(cls)
            dim.terms, dim._symbols = terms, None
            cls._known[terms] = dim
        return dim

    # -- arithmetic ----------------------------------------------------------------------------

    def __add__(self, other: Size) -> Size:
        if other.__class__ is int:
            return self if not other else _combine(self.terms, (((), other),))
        return _combine(self.terms, other.terms) if isinstance(other, Dim) else NotImplemented

    __radd__ = __add__

    def __neg__(self) -> Size:
        return Dim(tuple((m, -c) for m, c in self.terms))

    def __sub__(self, other: Size) -> Size:
        return self + (-other) if isinstance(other, int | Dim) else NotImplemented

    def __rsub__(self, other: Size) -> Size:
        return -self + other

    def __mul__(self, other: Size) -> Size:
        if other.__class__ is int:
            if other == 1:
                return self
            return Dim(tuple((m, c * other) for m, c in self.terms)) if other else 0  # type: ignore[operator]
        return _product(self.terms, other.terms) if isinstance(other, Dim) else NotImplemented

    __rmul__ = __mul__

    def __pow__(self, power: int) -> Size:
        if not isinstance(power, int) or power < 0:
            raise ValueError(f"a size can be raised to a whole power of at least 0, not {power!r}")
        return reduce(_times, (self,) * power, 1)

    def __floordiv__(self, other: Size) -> Size:
        return floordiv(self, other) if isinstance(other, int | Dim) else NotImplemented

    def __rfloordiv__(self, other: int) -> Size:
        return floordiv(other, self)

    def __mod__(self, other: Size) -> Size:
        return mod(self, other) if isinstance(other, int | Dim) else NotImplemented

    def __rmod__(self, other: int) -> Size:
        return mod(other, self)

    def __bool__(self) -> bool:
        raise TypeError(f"whether the size {self} is zero depends on its symbols: ask the solver")

    def _unordered(self, other: object) -> bool:
        raise TypeError(f"whether {self} is larger than {other} depends on its symbols: ask the solver")

    __lt__ = __le__ = __gt__ = __ge__ = _unordered

    # -- looking inside ------------------------------------------------------------------------

    @property
    def symbols(self) -> tuple[str, ...]:
        """Names of all symbols and opaque sizes in it, each once, sorted."""
        if self._symbols is None:
            self._symbols = tuple(sorted({leaf.name for leaf in leaves(self)}))
        return self._symbols

    def evaluate(self, **sizes: int) -> int:
        """The size at the given values of its symbols; KeyError names one that is missing."""
        return evaluate(self, sizes)

    def substitute(self, sizes: Mapping[str, Size]) -> Size:
        """The size with symbols replaced, in canonical form again."""
        return substitute(self, sizes)

    @property
    def sympy(self) -> sympy.Expr:
        """The same size as a sympy expression over positive integer symbols."""
        from .algebra import to_sympy

        return to_sympy(self)

    @staticmethod
    def from_sympy(expression: Any) -> Size:
        """The size that a sympy expression stands for; ValueError where it is none."""
        from .algebra import from_sympy

        return from_sympy(expression)

    def __str__(self) -> str:
        return _text(self)

    def __repr__(self) -> str:
        return f"Dim({_text(self)!r})"

    def __reduce__(self) -> tuple[Callable[[str], Size], tuple[str]]:
        from .notation import parse_size

        return parse_size, (str(self),)


# -- construction ------------------------------------------------------------------------------


def symbol(name: str) -> Dim:
    """The size called ``name``."""
    return _of_atom(Atom("symbol", name))


def opaque(name: str) -> Dim:
    """A size about which nothing is known but its name (a data-dependent one)."""
    return _of_atom(Atom("opaque", name))


def maximum(*sizes: Size) -> Size:
    """The largest of the sizes."""
    return _extreme("max", sizes)


def minimum(*sizes: Size) -> Size:
    """The smallest of the sizes."""
    return _extreme("min", sizes)


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
        return _divide_by_number(_as_dim(a), n) if n > 0 else _flipped(a, n)
    if a is n:
        return 1
    quotient, rest = divide(a, n)
    if rest == 0:
        return quotient
    rest, n = _cancel(rest, n)
    if isinstance(n, int):
        return quotient + floordiv(rest, n)
    return quotient + _of_atom(Atom("floordiv", "", (rest, n)))


def _flipped(a: Size, n: int) -> Size:
    if n == 0:
        raise ZeroDivisionError(f"{a} divided by zero")
    return floordiv(-a, -n)


def _divide_by_number(a: Dim, n: int) -> Size:
    symbolic = [(m, c) for m, c in a.terms if m]
    if all(c < 0 for _, c in symbolic):  # ceil division is written as such: -(-a//n)
        return -_divide_positive(_as_dim(-a + (n - 1)), n)
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
        return _sum_terms(whole, constant // n)
    common = reduce(gcd, (c for _, c in rest), n)
    constant, n = constant // common, n // common
    rest = [(m, c // common) for m, c in rest]
    nested = _inner_division(rest)
    if nested is not None:  # (x//k + y)//n = (x + k*y)//(k*n)
        inner, k, others = nested
        numerator = inner + k * (_sum_terms(others, constant))
        return _sum_terms(whole, 0) + floordiv(numerator, k * n)
    q, constant = divmod(constant, n)
    if 2 * constant > n:  # nearest to zero: (H - 1)//32 + 1, not (H + 31)//32
        q, constant = q + 1, constant - n
    atom = Atom("floordiv", "", (_sum_terms(rest, constant), n))
    return _sum_terms(whole, q) + _of_atom(atom)


def _inner_division(rest: list[tuple[Monomial, int]]) -> tuple[Size, int, list[Any]] | None:
    for i, (m, c) in enumerate(rest):
        if c == 1 and len(m) == 1 and m[0][1] == 1 and m[0][0].kind == "floordiv":
            inner, k = m[0][0].args
            if isinstance(k, int):
                return inner, k, rest[:i] + rest[i + 1 :]
    return None


def divide(a: Size, n: Size) -> tuple[Size, Size]:
    """Polynomial division: ``(q, r)`` with ``a = q*n + r``; ``r`` is 0 where ``n`` divides ``a``."""
    if isinstance(n, int):
        q, r = _split_by_number(_as_dim(a), n)
        return q, r
    lead, coefficient = _leading(n)
    quotient: Size = 0
    rest: Size = 0
    while isinstance(a, Dim) or a:
        m, c = _leading(a)
        factor = _monomial_quotient(m, lead)
        step: Size
        if factor is None or c % coefficient:
            step = _sum_terms([(m, c)], 0) if m else c
            rest += step
            a = a - step
            continue
        step = _sum_terms([(factor, c // coefficient)], 0) if factor else c // coefficient
        quotient += step
        a = a - step * n
    return quotient, rest


def _split_by_number(a: Dim, n: int) -> tuple[Size, Size]:
    q = [(m, c // n) for m, c in a.terms if c % n == 0]
    r = [(m, c) for m, c in a.terms if c % n]
    return _sum_terms(q, 0), _sum_terms(r, 0)


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
    unit = _sum_terms([(factor, number)], 0) if factor else number
    return divide(a, unit)[0], divide(n, unit)[0]


def _extreme(kind: str, sizes: tuple[Size, ...]) -> Size:
    flat: list[Size] = []
    for size in sizes:
        inner = _sole_atom(size)
        flat.extend(inner.args if inner is not None and inner.kind == kind else (size,))
    pick = max if kind == "max" else min
    kept: list[Size] = []
    for size in flat:
        for i, other in enumerate(kept):
            difference = size - other
            if isinstance(difference, int):
                kept[i] = size if pick(difference, 0) == difference else other
                break
        else:
            kept.append(size)
    if len(kept) == 1:
        return kept[0]
    kept.sort(key=lambda size: (isinstance(size, int), str(size)))
    return _of_atom(Atom(kind, "", tuple(kept)))


# -- polynomials -------------------------------------------------------------------------------


def _of_atom(atom: Atom) -> Dim:
    return Dim(((((atom, 1),), 1),))


def _as_dim(size: Size) -> Dim:
    return size if isinstance(size, Dim) else Dim((((), size),) if size else ())


def _order(item: tuple[Monomial, int]) -> tuple[Any, ...]:
    m = item[0]
    return (-sum(p for _, p in m), tuple((a.sort_key, -p) for a, p in m))


def _canonical(found: dict[Monomial, int]) -> Size:
    items = [(m, c) for m, c in found.items() if c]
    if not items:
        return 0
    if len(items) == 1:
        if not items[0][0]:
            return items[0][1]
    else:
        items.sort(key=_order)
    return Dim(tuple(items))


def _sum_terms(terms: Iterable[tuple[Monomial, int]], constant: int) -> Size:
    found = dict(terms)
    if constant:
        found[()] = found.get((), 0) + constant
    return _canonical(found)


def _combine(a: Terms, b: Terms) -> Size:
    found = dict(a)
    for m, c in b:
        found[m] = found.get(m, 0) + c
    return _canonical(found)


def _product(a: Terms, b: Terms) -> Size:
    found: dict[Monomial, int] = {}
    for m1, c1 in a:
        for m2, c2 in b:
            m = _monomial_product(m1, m2)
            found[m] = found.get(m, 0) + c1 * c2
    return _canonical(found)


def _times(a: Size, b: Size) -> Size:
    return a * b


def _monomial_product(a: Monomial, b: Monomial) -> Monomial:
    if not a or not b:
        return a or b
    powers = dict(a)
    for atom, p in b:
        powers[atom] = powers.get(atom, 0) + p
    return tuple(sorted(powers.items()))


def _monomial_quotient(a: Monomial, b: Monomial) -> Monomial | None:
    powers = dict(a)
    for atom, p in b:
        left = powers.get(atom, 0) - p
        if left < 0:
            return None
        powers[atom] = left
    return tuple(sorted((atom, p) for atom, p in powers.items() if p))


def _leading(size: Size) -> tuple[Monomial, int]:
    return size.terms[0] if isinstance(size, Dim) else ((), size)


def _sole_atom(size: Size) -> Atom | None:
    if isinstance(size, Dim) and len(size.terms) == 1 and size.terms[0][1] == 1:
        m = size.terms[0][0]
        if len(m) == 1 and m[0][1] == 1:
            return m[0][0]
    return None


# -- walking -----------------------------------------------------------------------------------


def atoms(size: Size) -> Iterator[Atom]:
    """The atoms of the polynomial itself, not those inside other atoms; repeats are possible."""
    if isinstance(size, Dim):
        for m, _ in size.terms:
            for atom, _ in m:
                yield atom


def leaves(size: Size) -> Iterator[Atom]:
    """All symbols and opaque sizes, also those inside other atoms; repeats are possible."""
    for atom in atoms(size):
        if atom.args:
            for arg in atom.args:
                yield from leaves(arg)
        else:
            yield atom


def symbols_of(size: Size) -> tuple[str, ...]:
    """Names of the symbols in a size; none for a number."""
    return size.symbols if isinstance(size, Dim) else ()


def evaluate(size: Size, sizes: Mapping[str, int]) -> int:
    """The value of a size; KeyError names a symbol that is not given."""
    if isinstance(size, int):
        return size
    total = 0
    for m, c in size.terms:
        for atom, p in m:
            c *= atom.evaluate(sizes) ** p
        total += c
    return total


def substitute(size: Size, sizes: Mapping[str, Size]) -> Size:
    """The size with symbols replaced, in canonical form again."""
    if isinstance(size, int) or not any(name in sizes for name in size.symbols):
        return size
    return rewrite(size, lambda atom: sizes.get(atom.name) if not atom.args else None)


def rewrite(size: Size, replacement: Callable[[Atom], Size | None]) -> Size:
    """The size with atoms replaced, inner ones first; None keeps an atom."""
    if isinstance(size, int):
        return size
    total: Size = 0
    for m, c in size.terms:
        term: Size = c
        for atom, p in m:
            value: Size | None = replacement(atom)
            if value is None and atom.args:
                value = atom.rebuild([rewrite(arg, replacement) for arg in atom.args])
            if value is None:
                value = _of_atom(atom)
            for _ in range(p):
                term = term * value
        total = total + term
    return total


# -- printing ----------------------------------------------------------------------------------


def _text(size: Size) -> str:
    if isinstance(size, int):
        return str(size)
    parts = [_term_text(m, c) for m, c in _with_remainders(size)]
    positive = [i for i, part in enumerate(parts) if not part.startswith("-")]
    if positive and positive[0]:
        parts.insert(0, parts.pop(positive[0]))
    return "".join(part if i == 0 or part.startswith("-") else f"+{part}" for i, part in enumerate(parts))


def _with_remainders(size: Dim) -> Iterator[tuple[Monomial | str, int]]:
    """The terms, with ``a - n*(a//n)`` gathered into ``a%n`` again."""
    left: Size = size
    for m, c in size.terms:
        if len(m) != 1 or m[0][1] != 1 or m[0][0].kind != "floordiv":
            continue
        a, n = m[0][0].args
        if not isinstance(n, int) or c % n:
            continue
        times = -c // n
        rest = left - times * (a - n * _of_atom(m[0][0]))
        if len(_as_dim(rest).terms) <= len(_as_dim(left).terms) - 2 + (isinstance(rest, int)):
            left = rest
            yield f"{_bracketed(a)}%{n}", times
    yield from _as_dim(left).terms


def _term_text(m: Monomial | str, c: int) -> str:
    if not m:
        return str(c)
    if isinstance(m, str):
        factors = [m if c == 1 else f"({m})"]
    else:
        plain = [(str(a), p) for a, p in m if a.kind != "floordiv"]
        divided = [(str(a), p) for a, p in m if a.kind == "floordiv"]
        alone = not plain and len(divided) == 1 and divided[0][1] == 1 and c == 1
        factors = [text for text, p in plain for _ in range(p)]
        factors += [text if alone else f"({text})" for text, p in divided for _ in range(p)]
    text = "*".join(factors)
    if c == 1:
        return text
    return f"-{text}" if c == -1 else f"{c}*{text}"


def _bracketed(size: Size) -> str:
    text = _text(size)
    return text if text.isidentifier() or text.isdigit() else f"({text})"
