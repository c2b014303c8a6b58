"""No answer ever contradicts z3, which shares no code with ours."""

import pytest
from hypothesis import assume, given

from shapeflow.core.constraint import Constraint
from shapeflow.core.dims import Atom, Size
from shapeflow.solve import Facts
from shapeflow.solve.bounds import compounds

from .drawing import facts, relations, thoroughly, unbounded

z3 = pytest.importorskip("z3")
PATIENCE = 300  # milliseconds


def of_size(size: Size) -> "z3.ArithRef":
    """A size as a z3 term."""
    if isinstance(size, int):
        return z3.IntVal(size)
    products = []
    for monomial, coefficient in size.terms:
        factors = [of_atom(atom) for atom, power in monomial for _ in range(power)]
        products.append(z3.Product([z3.IntVal(coefficient), *factors]))
    return z3.Sum(products)


def of_atom(atom: Atom) -> "z3.ArithRef":
    """An atom as a z3 term; z3 divides by positive numbers as Python does."""
    if not atom.args:
        return z3.Int(atom.name)
    first, *others = map(of_size, atom.args)
    if atom.kind == "floordiv":
        return first / others[0]
    for other in others:
        better = first >= other if atom.kind == "max" else first <= other
        first = z3.If(better, first, other)
    return first


def of_relation(relation: Constraint) -> "z3.BoolRef":
    """A relation as a z3 formula."""
    if relation.options or relation.kind == "never":
        join = z3.And if relation.kind == "all" else z3.Or
        return join([of_relation(option) for option in relation.options])
    left, right = of_size(relation.left), of_size(relation.right)
    if relation.kind == "equal":
        return left == right
    if relation.kind == "at_least":
        return left >= right
    return left != right if relation.kind == "distinct" else left % right == 0


def by_numbers(relation: Constraint) -> bool:
    """Whether it divides by numbers only: z3 gives division by 0 a meaning of its own."""
    if relation.options:
        return all(map(by_numbers, relation.options))
    atoms = [atom for size in (relation.left, relation.right) for atom in compounds(size)]
    numbers = [atom.args[1] for atom in atoms if atom.kind == "floordiv"]
    numbers += [relation.right] if relation.kind == "divides" else []
    return all(isinstance(number, int) for number in numbers)


@thoroughly
@given(facts, relations, unbounded)
def test_agreement(known: list[Constraint], question: Constraint, free: list[str]) -> None:
    assume(all(map(by_numbers, [*known, question])))
    store = Facts(known, free)
    answer = store.decide(question)
    assume(answer is not None)
    solver = z3.Solver()
    solver.set("timeout", PATIENCE)
    for name in {name for relation in [*known, question] for name in relation.symbols}:
        solver.add(z3.Int(name) >= (name not in free))
    solver.add([of_relation(fact) for fact in known])
    if store.consistent:
        claim = of_relation(question)
        solver.add(z3.Not(claim) if answer else claim)
    assert solver.check() != z3.sat
