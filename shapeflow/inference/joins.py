"""Sizes that are best taken to be one: those that broadcast, and shared axes of several inputs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import permutations

from ..core import constraint
from ..core.constraint import Constraint
from ..core.dims import Dim, Size
from ..core.shape import Shape
from ..solve import Facts


def joins(
    relations: Iterable[Constraint], shapes: Sequence[Shape], batches: Iterable[str] = ()
) -> tuple[Facts, list[Constraint]]:
    """Equalities between sizes under which conditions hold, and the conditions that stay.

    What may broadcast is taken to be equal. Where a condition holds once the first axes of two
    inputs agree, they are taken to agree.

    Args:
        relations: the conditions that were found.
        shapes: of all tensors that are inputs.
        batches: sizes that are all a number of samples, which then is one number.

    Returns:
        the equalities, and the conditions that do not follow from them.
    """
    facts = Facts()
    pending = list(relations)
    for relation in [r for r in pending if r.kind == "equal" and not is_shared(r)]:
        facts.assume(relation)
    for relation in [r for r in pending if r.options]:
        for option in sorted(relation.options, key=_rank_of):
            if _rank_of(option) < 2 and facts.decide(option) is not False:
                facts.assume(option)
                break
    known = set(batches)
    for relation in pending:
        if relation.kind == "at_least" and is_plain(relation.left) and is_plain(relation.right):
            if {str(relation.left), str(relation.right)} <= known:
                facts.assume(constraint.equal(relation.left, relation.right))
    left = [r for r in pending if facts.decide(r) is not True]
    for relation in [r for r in left if r.kind != "at_least"]:
        found = next(_aligned(relation, facts, shapes), None)
        facts = found if found is not None else facts
    return facts, [r for r in left if facts.decide(r) is not True]


def _aligned(relation: Constraint, facts: Facts, shapes: Sequence[Shape]) -> Iterator[Facts]:
    """The facts with the first axes of two inputs taken to agree, where that settles a relation."""
    names = set(relation.symbols)
    some = [shape for shape in shapes if any(names & set(_symbols(size)) for size in shape)]
    for one, other in permutations(some, 2):
        longer = facts.copy()
        for a, b in zip(one, other, strict=False):
            longer.assume(constraint.equal(a, b))
            if not longer.consistent:
                break
            if longer.decide(relation) is True:
                yield longer
                return


def is_shared(relation: Constraint) -> bool:
    """Whether a condition may hold because inputs share axes: products that divide, or agree."""
    sizes = relation.left, relation.right
    if relation.kind == "equal":
        return not any(is_plain(size) or isinstance(size, int) for size in sizes)
    return relation.kind == "divides"


def _rank_of(option: Constraint) -> int:
    """0 for an equality of two sizes, 1 for a size that is a number above 1, 2 for the rest."""
    numbers = [size for size in (option.left, option.right) if isinstance(size, int)]
    if option.kind != "equal" or any(number < 2 for number in numbers):
        return 2
    return len(numbers)


def is_plain(size: Size) -> bool:
    """Whether a size is one symbol."""
    return isinstance(size, Dim) and size.symbols == (str(size),)


def _symbols(size: Size) -> tuple[str, ...]:
    return size.symbols if isinstance(size, Dim) else ()


__all__ = ["is_plain", "is_shared", "joins"]
