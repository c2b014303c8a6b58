"""Solved forms: a condition as a person would write it, given what is known."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from ..core import constraint
from ..core.constraint import Constraint
from ..core.dims import Atom, Dim, Size
from . import normal, products
from .bounds import compounds, leaves
from .facts import Facts


def solved(relation: Constraint, known: Facts) -> Constraint:
    """A relation that says the same where the known facts hold, as short as possible.

    Names stay as stated unless what is known about them makes the relation shorter.
    """
    whole = normal.defined(relation, known.store.ranges)
    stated = _solved(whole, relation, known)
    reduced = _solved(whole.map(known.reduce), relation, known)
    best = min(stated, reduced, key=_length)
    return replace(best, origin=relation.origin)


def _solved(relation: Constraint, stated: Constraint, known: Facts) -> Constraint:
    found = normal.normal(relation, known.store.ranges)
    if isinstance(found, bool):
        return relation
    if found.kind == "equal" and isinstance(found.left, Dim):
        zeros = products.zeros(found.left)
        if zeros != (found.left,):
            found = constraint.any_of(constraint.equal(part, 0) for part in zeros)
    if found.kind == "any":
        options = _apart([o for o in found.options if known.decide(o) is not False], known)
        found = constraint.any_of(_written(o, stated) for o in options)
    return found if found.kind == "any" else _written(found, stated)


def _apart(options: Sequence[Constraint], known: Facts) -> list[Constraint]:
    """The options, each as it reads where none of the others holds."""
    found = list(options)
    for i in sorted(range(len(found)), key=lambda i: _length(found[i]), reverse=True):
        elsewhere = known.copy()
        for other in (*found[:i], *found[i + 1 :]):
            elsewhere.assume(known.negation(other))
        if elsewhere.consistent:
            found[i] = _shorter(found[i], elsewhere)
    return found


def _shorter(relation: Constraint, known: Facts) -> Constraint:
    """What is left of a relation where facts are known; never where they exclude it."""
    if relation.kind == "any":
        return constraint.any_of(_apart(relation.options, known))
    if relation.kind == "all":
        parts: list[Constraint] = []
        for part in sorted(relation.options, key=_length):
            parts.append(_shorter(part, known))
            known = known.copy()
            known.assume(part)
        return constraint.all_of(parts)
    answer = known.decide(relation)
    if answer is not None:
        return constraint.ALWAYS if answer else constraint.never()
    reduced = relation.map(known.reduce)
    return reduced if _length(reduced) < _length(relation) else relation


def _length(relation: Constraint) -> tuple[int, ...]:
    sizes = list(relation.sizes())
    names = {atom for size in sizes for atom in leaves(size)}
    terms = [c for size in sizes for _, c in (size.terms if isinstance(size, Dim) else ())]
    inner = sum(len(compounds(size)) for size in sizes)
    return len(names), inner, len(terms), sum(map(abs, terms))


def _written(relation: Constraint, stated: Constraint) -> Constraint:
    """A normal form, whose right side is 0, with its terms on the two sides."""
    if relation.kind in ("any", "all"):
        return replace(relation, options=tuple(_written(o, stated) for o in relation.options))
    if relation.kind not in ("equal", "at_least", "distinct"):
        return relation
    size = relation.left - relation.right
    for option in (stated, *stated.options):
        if option.kind == relation.kind and _as_stated(size, option):
            return replace(option, origin=None)
    left, right = _sides(size)
    if relation.kind != "at_least" and _first(stated, size) in leaves(right):
        left, right = right, left
    if relation.kind != "at_least" and isinstance(left, int):
        left, right = right, left
    return replace(relation, left=left, right=right)


def _as_stated(size: Size, stated: Constraint) -> bool:
    """Whether the stated sides are just the positive and the negative terms of a size."""
    if not isinstance(size, Dim):
        return False
    if isinstance(stated.left, int) and stated.kind != "at_least":
        return False
    sides = _sides(size)
    if sides == (stated.left, stated.right):
        return True
    return stated.kind != "at_least" and sides == (stated.right, stated.left)


def _sides(size: Size) -> tuple[Size, Size]:
    if isinstance(size, int):
        return size, 0
    left: Size = 0
    right: Size = 0
    for m, c in size.terms:
        term: Size = Dim(((m, abs(c)),)) if m else abs(c)
        left, right = (left + term, right) if c > 0 else (left, right + term)
    return left, right


def _first(relation: Constraint, size: Size) -> Atom | None:
    """The symbol of a size that a relation names first."""
    named = (atom for side in relation.sizes() for atom in leaves(side))
    return next((atom for atom in named if atom in leaves(size)), None)


def pins(relation: Constraint) -> bool:
    """Whether it equates named symbols with each other or one of them with a number."""
    if relation.kind == "any":
        return bool(relation.options) and all(map(pins, relation.options))
    if relation.kind == "all":
        return any(map(pins, relation.options))
    if relation.kind != "equal":
        return False
    return any(atom.kind == "symbol" for size in relation.sizes() for atom in leaves(size))
