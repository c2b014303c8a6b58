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
            from .printing import bracketed

            return f"{bracketed(self.args[0])}//{bracketed(self.args[1])}"
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
            return self if not other else self._shifted(other)
        return _combine(self.terms, other.terms) if isinstance(other, Dim) else NotImplemented

    __radd__ = __add__

    def _shifted(self, number: int) -> Dim:
        """The sum with a number, whose term is always the last."""
        monomial, constant = self.terms[-1]
        if monomial:
            return Dim((*self.terms, ((), number)))
        constant += number
        return Dim((*self.terms[:-1], ((), constant)) if constant else self.terms[:-1])

    def __neg__(self) -> Size:
        return Dim(tuple((m, -c) for m, c in self.terms))

    def __sub__(self, other: Size) -> Size:
        if other.__class__ is int:
            return self + -other
        return self + (-other) if isinstance(other, int | Dim) else NotImplemented

    def __rsub__(self, other: Size) -> Size:
        return -self + other

    def __mul__(self, other: Size) -> Size:
        if other.__class__ is int:
            if other == 1:
                return self
            return Dim(tuple((m, c * other) for m, c in self.terms)) if other else 0
        return _product(self.terms, other.terms) if isinstance(other, Dim) else NotImplemented

    __rmul__ = __mul__

    def __pow__(self, power: int) -> Size:
        if not isinstance(power, int) or power < 0:
            raise ValueError(f"a size can be raised to a whole power of at least 0, not {power!r}")
        result: Size = 1
        for _ in range(power):
            result = result * self
        return result

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
        raise TypeError(f"whether {self} is larger than {other} is a question for the solver")

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
        from .printing import text_of

        return text_of(self)

    def __repr__(self) -> str:
        return f"Dim({str(self)!r})"

    def __reduce__(self) -> tuple[Callable[[str], Size], tuple[str]]:
        from .notation import parse_size

        return parse_size, (str(self),)


# -- construction ------------------------------------------------------------------------------


def symbol(name: str) -> Dim:
    """The size called ``name``."""
    return of_atom(Atom("symbol", name))


def opaque(name: str) -> Dim:
    """A size about which nothing is known but its name (a data-dependent one)."""
    return of_atom(Atom("opaque", name))


# -- polynomials -------------------------------------------------------------------------------


def of_atom(atom: Atom) -> Dim:
    """The size that is one atom."""
    return Dim(((((atom, 1),), 1),))


def as_dim(size: Size) -> Dim:
    """The polynomial of a size, also of a number."""
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


def sum_terms(terms: Iterable[tuple[Monomial, int]], constant: int) -> Size:
    """The size with these terms and a constant."""
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


def _monomial_product(a: Monomial, b: Monomial) -> Monomial:
    if not a or not b:
        return a or b
    powers = dict(a)
    for atom, p in b:
        powers[atom] = powers.get(atom, 0) + p
    return tuple(sorted(powers.items()))


def monomial_quotient(a: Monomial, b: Monomial) -> Monomial | None:
    """The monomial ``a`` divided by ``b``, None where it does not divide."""
    powers = dict(a)
    for atom, p in b:
        left = powers.get(atom, 0) - p
        if left < 0:
            return None
        powers[atom] = left
    return tuple(sorted((atom, p) for atom, p in powers.items() if p))


def leading(size: Size) -> tuple[Monomial, int]:
    """The first monomial of a size, with its coefficient."""
    return size.terms[0] if isinstance(size, Dim) else ((), size)


def sole_atom(size: Size) -> Atom | None:
    """The atom that a size consists of, None where it is more."""
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
                value = of_atom(atom)
            for _ in range(p):
                term = term * value
        total = total + term
    return total


from .division import divide as divide  # noqa: E402 - these need Dim, and Dim needs them
from .division import floordiv as floordiv  # noqa: E402
from .division import mod as mod  # noqa: E402
from .extremes import maximum as maximum  # noqa: E402
from .extremes import minimum as minimum  # noqa: E402
