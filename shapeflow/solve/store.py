"""A conjunction of relations in solved form: equalities eliminated, ranges kept, the rest as rows.

The store never concludes more than its relations say: every step replaces relations by equivalent
ones, so a contradiction found is a proof. Auxiliary symbols (their names start with ``~``) stand
for quotients, such as ``H = 4*~H/4`` once 4 divides H; ``definitions`` says what they are.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from functools import partial

from ..core import constraint, dims
from ..core.constraint import Constraint
from ..core.dims import Atom, Dim, Size, of_atom
from . import equalities, normal
from .bounds import QUOTIENT, Bound, Ranges, compounds, leaves

MOST_STEPS = 200


class Store:
    """Relations that all hold.

    Attributes:
        ranges: least and greatest values of single symbols.
        replaced: eliminated symbols and what they equal, in terms of symbols not eliminated.
        rows: all other relations, in normal form.
        index: the rows that speak of a symbol.
        thorough: whether factors may be looked for with sympy.
        contradiction: whether the relations were found to exclude each other.
        touched: symbols about which something was learnt since it was last cleared.
    """

    def __init__(self, unbounded: frozenset[str] = frozenset()) -> None:
        self.ranges = Ranges(unbounded)
        self.replaced: dict[Atom, Size] = {}
        self.users: dict[Atom, dict[Atom, None]] = {}
        self.rows: dict[Constraint, None] = {}
        self.index: dict[Atom, dict[Constraint, None]] = {}
        self.products: dict[Constraint, Dim] = {}
        self.definitions: dict[Atom, Size] = {}
        self.touched: dict[Atom, None] = {}
        self.order: dict[Atom, int] = {}
        self.thorough = True
        self.contradiction = False

    def copy(self) -> Store:
        """An independent copy."""
        other = Store(self.ranges.unbounded)
        other.ranges = self.ranges.copy()
        other.replaced, other.rows = dict(self.replaced), dict(self.rows)
        other.users = {atom: dict(users) for atom, users in self.users.items()}
        other.index = {atom: dict(rows) for atom, rows in self.index.items()}
        other.products, other.definitions = dict(self.products), self.definitions
        other.order = self.order
        other.contradiction, other.thorough = self.contradiction, self.thorough
        return other

    def around(self, symbols: Iterable[Atom], limit: int) -> Store:
        """The rows connected with some symbols, nearest first, at most ``limit``."""
        other = Store(self.ranges.unbounded)
        other.definitions, other.order = self.definitions, self.order
        seen = dict.fromkeys(symbols)
        queue = list(seen)
        for atom in queue:
            low, high = self.ranges.lower.get(atom), self.ranges.upper.get(atom)
            if low is not None:
                other.ranges.lower[atom] = low
            if high is not None:
                other.ranges.upper[atom] = high
            for row in self.index.get(atom, ()) if len(other.rows) < limit else ():
                if row not in other.rows:
                    other.insert(row)
                    other.touched.update(dict.fromkeys(self.leaves_of(row)))
                    fresh = [a for a in self.leaves_of(row) if a not in seen]
                    seen.update(dict.fromkeys(fresh))
                    queue += fresh
        other.contradiction, other.thorough = self.contradiction, self.thorough
        return other

    # -- reading -------------------------------------------------------------------------------

    def leaves_of(self, relation: Constraint) -> list[Atom]:
        """The symbols of a relation, each once, in order of appearance."""
        return list(dict.fromkeys(a for size in relation.sizes() for a in leaves(size)))

    def reduce(self, size: Size) -> Size:
        """The size in terms of symbols that are not eliminated, modulo what is known."""
        if isinstance(size, int):
            return size
        known = leaves(size)
        extremes = any(a.kind != "floordiv" for a in compounds(size))
        if extremes or any(a in self.replaced for a in known):
            size = dims.rewrite(size, self._replacement)
        if self.products and isinstance(size, Dim):
            size = self._modulo_products(size)
        return size

    def _replacement(self, atom: Atom) -> Size | None:
        if not atom.args:
            return self.replaced.get(atom)
        args = [self.reduce(arg) for arg in atom.args]
        if atom.kind == "floordiv":
            return atom.rebuild(args)
        return self._without_dominated(atom, args)

    def _without_dominated(self, atom: Atom, args: list[Size]) -> Size:
        """A maximum or minimum without the arguments that can never be the extreme one."""
        kept: list[Size] = []
        for i, arg in enumerate(args):
            others = kept + args[i + 1 :]
            sign = 1 if atom.kind == "max" else -1
            if not any(self.ranges.of(sign * (other - arg))[0] >= 0 for other in others):
                kept.append(arg)
        return atom.rebuild(kept)

    def _modulo_products(self, size: Dim) -> Size:
        """The remainder of a size by the equations between products, such as B*T == 12*N."""
        near = dict.fromkeys(row for a in leaves(size) for row in self.index.get(a, ()))
        for row in near:
            if row not in self.products:
                continue
            equation = self.products[row]
            compound = [a for a in compounds(size) if a.kind == "floordiv"]
            inside = dims.rewrite(size, partial(_numerator, equation)) if compound else size
            rest = inside if isinstance(inside, int) else dims.divide(inside, equation)[1]
            if isinstance(rest, int):
                return rest
            size = rest
        return size

    def external(self, size: Size) -> Size:
        """The size without auxiliary symbols."""
        while names := [atom for atom in leaves(size) if atom.name[0] == QUOTIENT]:
            assert isinstance(size, Dim)
            size = self._spelt_out(size, names[0])
        return size

    def _spelt_out(self, size: Dim, atom: Atom) -> Size:
        """The size without one auxiliary symbol: ``4*q`` is H again where 4 divides H."""
        meaning = self.definitions[atom]
        whole = equalities.numerator_of(meaning)
        exact = whole is not None and self.reduce(whole[0]) is whole[1] * of_atom(atom)
        total: Size = 0
        for m, c in size.terms:
            term: Size = Dim(((m, c),))
            if exact and whole and (atom, 1) in m and c % whole[1] == 0:
                others = dims.divide(term, whole[1] * of_atom(atom))[0]
                term = others * whole[0]
            else:
                term = dims.rewrite(term, {atom: meaning}.get)
            total = total + term
        return total

    # -- writing -------------------------------------------------------------------------------

    def add(self, *relations: Constraint) -> None:
        """Make relations hold."""
        queue = list(reversed(relations))
        for atom in (a for relation in relations for a in self.leaves_of(relation)):
            self.order.setdefault(atom, len(self.order))
        steps = MOST_STEPS + 4 * len(self.rows)
        while queue and not self.contradiction and steps > 0:  # the rest, if any, is forgotten
            steps -= 1
            found = self.simplified(queue.pop())
            if found is False:
                self.contradiction = True
            elif found is not True:
                self._settle(found, queue)

    def simplified(self, relation: Constraint) -> normal.Normal:
        """The normal form of a relation; False where it divides by 0 whatever the sizes."""
        return normal.normal(self.reduced(relation), self.ranges)

    def reduced(self, relation: Constraint) -> Constraint:
        """The relation with reduced sizes; what would divide by 0 never holds."""
        if relation.options:
            options = tuple(self.reduced(option) for option in relation.options)
            return replace(relation, options=options)
        try:
            left, right = self.reduce(relation.left), self.reduce(relation.right)
        except ZeroDivisionError:
            return constraint.never()
        if left is relation.left and right is relation.right:
            return relation
        return replace(relation, left=left, right=right)

    def _settle(self, relation: Constraint, queue: list[Constraint]) -> None:
        for atom in self.leaves_of(relation):
            self.touched[atom] = None
        if relation.kind == "all":
            queue.extend(reversed(relation.options))
        elif relation.kind == "equal" and isinstance(relation.left, Dim):
            equalities.equate(self, relation.left, queue)
        elif relation.kind == "at_least" and (bound := _single(relation.left)):
            self._bound(*bound, relation, queue)
        elif relation.kind == "distinct" and (bound := _single(relation.left)):
            self._exclude(*bound, relation, queue)
        elif relation.kind == "divides":
            equalities.divide(self, relation, queue)
        else:
            self.insert(relation)

    def renewed(self, row: Constraint) -> normal.Normal:
        """What has become of a row in the light of everything else."""
        own = self.products.pop(row, None)
        found = self.simplified(row)
        if own is not None:
            self.products[row] = own
        return found

    def insert(self, row: Constraint) -> None:
        """Keep a relation as a row."""
        self.rows[row] = None
        for atom in self.leaves_of(row):
            self.index.setdefault(atom, {})[row] = None
        if row.kind == "equal" and isinstance(row.left, Dim) and equalities.rewrites(row.left):
            self.products[row] = row.left

    def remove(self, row: Constraint) -> None:
        """Drop a row."""
        del self.rows[row]
        self.products.pop(row, None)
        for atom in self.leaves_of(row):
            self.index[atom].pop(row, None)

    def _bound(
        self, atom: Atom, c: int, k: int, relation: Constraint, queue: list[Constraint]
    ) -> None:
        """``c*atom + k >= 0`` where c is 1 or -1."""
        low, high = (-k, float("inf")) if c > 0 else (-float("inf"), k)
        self.narrow(atom, low, high, queue)

    def narrow(self, atom: Atom, low: Bound, high: Bound, queue: list[Constraint]) -> bool:
        """Intersect the range of a symbol; whether that taught anything."""
        if not self.ranges.narrow(atom, low, high):
            return False
        self.touched[atom] = None
        low, high = self.ranges.leaf(atom)
        if low > high:
            self.contradiction = True
        elif low == high:
            self.eliminate(atom, int(low), queue)
        else:
            for row in [r for r in self.index.get(atom, ()) if r.kind in ("any", "distinct")]:
                self.remove(row)
                queue.append(row)
        return True

    def _exclude(
        self, atom: Atom, c: int, k: int, relation: Constraint, queue: list[Constraint]
    ) -> None:
        """``c*atom + k != 0``: at the end of the range it narrows the range."""
        low, high = self.ranges.leaf(atom)
        value = -k * c
        if value == low:
            self.narrow(atom, low + 1, high, queue)
        elif value == high:
            self.narrow(atom, low, high - 1, queue)
        else:
            self.insert(relation)

    def eliminate(self, atom: Atom, value: Size, queue: list[Constraint]) -> None:
        """Replace a symbol by what it equals."""
        low, high = self.ranges.leaf(atom)
        if isinstance(value, Dim):
            queue += [constraint.at_least(value, int(low))] if low > -float("inf") else []
            queue += [constraint.at_least(int(high), value)] if high < float("inf") else []
        elif not low <= value <= high:
            self.contradiction = True
            return
        self.replaced[atom] = value
        for used in leaves(value):
            self.users.setdefault(used, {})[atom] = None
            self.touched[used] = None
        for row in list(self.index.get(atom, ())):
            self.remove(row)
            queue.append(row)
        self.index.pop(atom, None)
        for user in self.users.pop(atom, ()):
            try:
                self.replaced[user] = dims.rewrite(self.replaced[user], self.replaced.get)
            except ZeroDivisionError:
                self.contradiction = True
                return
            for used in leaves(self.replaced[user]):
                self.users.setdefault(used, {})[user] = None

    def auxiliary(self, meaning: Size) -> Dim:
        """A fresh symbol for a size, the same one each time for the same size."""
        meaning = self.external(meaning)
        atom = Atom("symbol", f"{QUOTIENT}({meaning})")
        self.definitions[atom] = meaning
        return of_atom(atom)


def _single(size: Size) -> tuple[Atom, int, int] | None:
    """``(atom, c, k)`` where the size is ``c*atom + k`` with c = 1 or -1."""
    if isinstance(size, int) or len(size.terms) > 2:
        return None
    m, c = size.terms[0]
    if len(m) != 1 or m[0][1] != 1 or m[0][0].args or abs(c) != 1:
        return None
    if len(size.terms) == 1:
        return m[0][0], c, 0
    return None if size.terms[1][0] else (m[0][0], c, size.terms[1][1])


def _numerator(equation: Dim, atom: Atom) -> Size | None:
    if atom.kind != "floordiv":
        return None
    a, n = atom.args
    rest = dims.divide(a, equation)[1] if isinstance(a, Dim) else a
    return dims.floordiv(rest, n) if rest is not a and rest != a else None
