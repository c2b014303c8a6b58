"""To sympy and back: the algebra for solving, factoring, printing and LaTeX."""

from __future__ import annotations

from typing import Any

import sympy

from . import dims
from .constraint import Constraint
from .dims import Atom, Size

RELATIONS = {"equal": sympy.Eq, "at_least": sympy.Ge, "distinct": sympy.Ne}


def to_sympy(size: Size) -> Any:
    """A sympy expression over positive integer symbols."""
    if isinstance(size, int):
        return sympy.Integer(size)
    return sympy.Add(
        *(sympy.Mul(c, *(_atom(a) ** p for a, p in m)) for m, c in size.terms)
    )


def _atom(atom: Atom) -> Any:
    if atom.kind == "symbol":
        return sympy.Symbol(atom.name, integer=True, positive=True)
    if atom.kind == "opaque":
        return sympy.Symbol(atom.name, integer=True)
    args = [to_sympy(arg) for arg in atom.args]
    if atom.kind == "floordiv":
        return sympy.floor(args[0] / args[1])
    # Not evaluated: sympy takes floor(3/(A*B)) >= 2 to be true, and leaves arguments out for it.
    return (sympy.Max if atom.kind == "max" else sympy.Min)(*args, evaluate=False)


def constraint_to_sympy(relation: Constraint) -> Any:
    """A sympy relational or boolean."""
    if relation.kind in RELATIONS:
        return RELATIONS[relation.kind](to_sympy(relation.left), to_sympy(relation.right))
    if relation.kind == "divides":
        return sympy.Eq(sympy.Mod(to_sympy(relation.left), to_sympy(relation.right)), 0)
    if relation.kind == "never":
        return sympy.false
    options = [constraint_to_sympy(option) for option in relation.options]
    return sympy.Or(*options) if relation.kind == "any" else sympy.And(*options)


def from_sympy(expression: Any) -> Size:
    """The size that a sympy expression stands for; ValueError where it is none."""
    expression = sympy.Integer(expression) if isinstance(expression, int) else expression
    if isinstance(expression, sympy.Integer):
        return int(expression)
    if isinstance(expression, sympy.Symbol):
        return dims.symbol(expression.name)
    args = expression.args
    if isinstance(expression, sympy.Add):
        return _sum(args)
    if isinstance(expression, sympy.Mul):
        return _product(expression)
    if isinstance(expression, sympy.Pow) and args[1].is_Integer and args[1] > 0:
        base = from_sympy(args[0])
        return base ** int(args[1])
    if isinstance(expression, sympy.floor):
        return _floor(args[0])
    if isinstance(expression, sympy.ceiling):
        return -_floor(-args[0])
    if isinstance(expression, sympy.Mod):
        return dims.mod(from_sympy(args[0]), from_sympy(args[1]))
    if isinstance(expression, sympy.Max | sympy.Min):
        pick = dims.maximum if isinstance(expression, sympy.Max) else dims.minimum
        return pick(*map(from_sympy, args))
    raise ValueError(f"{expression} is no size: sizes are made of + - * // % max and min")


def _sum(args: tuple[Any, ...]) -> Size:
    total: Size = 0
    for arg in args:
        total = total + from_sympy(arg)
    return total


def _product(expression: Any) -> Size:
    numerator, denominator = expression.as_numer_denom()
    if denominator != 1:
        raise ValueError(f"{expression} is no whole number: write floor({expression})")
    total: Size = 1
    for arg in expression.args:
        total = total * from_sympy(arg)
    return total


def _floor(inner: Any) -> Size:
    numerator, denominator = sympy.together(inner).as_numer_denom()
    return dims.floordiv(from_sympy(sympy.expand(numerator)), from_sympy(sympy.expand(denominator)))
