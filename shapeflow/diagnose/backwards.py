"""Asked backwards: which sizes of the inputs would make the call work that fails."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..core.constraint import Constraint, large_sizes
from ..core.dims import Size, symbol, symbols_of
from ..core.notation import format_shape
from ..core.shape import Shape, substitute
from .diagnostic import Finding, Verdict

INPUTS = "inputs"
"""The key of a trial's changes whose value is the inputs' shapes, by what messages call them."""
MOST_GROUPS = 4
"""How many choices of sizes are tried for a finding."""
SMALLEST = 3
"""Sizes below, or below a quarter of what they stand for, are no answer."""
LARGEST = 1024
"""Up to which size is looked, for sizes that are larger themselves four times that."""

Shapes = Mapping[str, Shape]


@dataclass(frozen=True)
class Asked:
    """What is known of a model whose inputs have one size left open.

    Attributes:
        verdict: of the model.
        constraints: the conditions under which it runs.
    """

    verdict: Verdict
    constraints: Sequence[Constraint]


@dataclass(frozen=True)
class Answer:
    """Inputs that would work.

    Attributes:
        text: what to pass.
        shapes: the inputs' shapes at the least and at the largest size of them.
    """

    text: str
    shapes: tuple[Shapes, ...]


def answers(
    finding: Finding, inputs: Shapes, ask: Callable[[Shapes], Asked], plain: bool
) -> Iterator[Answer]:
    """Sizes of the inputs that would work, one of them left open at a time.

    Args:
        finding: the error.
        inputs: the shapes of the inputs.
        ask: the analysis with inputs of other shapes.
        plain: whether a size will do that the message says itself: another number in its place.
    """
    names = {name for shape in inputs.values() for size in shape for name in symbols_of(size)}
    name = next(n for n in ("n", "m", "k", "n_") if n not in names)
    for old, size in _groups(finding, inputs):
        changed = _opened(inputs, old, symbol(name))
        asked = ask({key: shape for key, shape in changed.items() if shape != inputs[key]})
        if asked.verdict in (Verdict.UNSATISFIABLE, Verdict.INCOMPLETE):
            continue
        found = _fitting(asked.constraints, name, size)
        if found is None or (found[1] is not None and found[1] < max(SMALLEST, size // 4)):
            continue
        if plain or not any(_is_plain(relation, name) for relation in asked.constraints):
            yield _answer(inputs, changed, name, *found)


def _is_plain(relation: Constraint, name: str) -> bool:
    """Whether a condition only says the number that a size must be."""
    return relation.kind == "equal" and {str(relation.left), str(relation.right)} > {name}


def _groups(finding: Finding, inputs: Shapes) -> Iterator[tuple[Any, int]]:
    """What to leave open, each with the size that is looked near: a number that inputs have, or
    the symbols that a condition is about, all at once."""
    demand = finding.constraints[-1] if finding.constraints else None
    symbols = set(demand.symbols) if demand is not None else set()
    if symbols:
        yield frozenset(symbols), 1
        return
    numbers = {size for shape in inputs.values() for size in shape if isinstance(size, int)}
    for number in sorted(numbers - {0, 1}, reverse=True)[:MOST_GROUPS]:
        yield number, number


def _opened(inputs: Shapes, old: Any, new: Size) -> dict[str, Shape]:
    """The inputs' shapes with another size for a number, or for some symbols."""
    if isinstance(old, int):
        return {
            key: tuple(new if size == old else size for size in shape)
            for key, shape in inputs.items()
        }
    return {key: substitute(shape, dict.fromkeys(old, new)) for key, shape in inputs.items()}


def _fitting(
    constraints: Sequence[Constraint], name: str, near: int
) -> tuple[int, int | None] | None:
    """The least and the largest of the sizes nearest to one that meet all conditions, whose other
    symbols are large; the largest is None where there is none. None where no size will do."""
    about = [relation for relation in constraints if name in relation.symbols]
    others = dict.fromkeys(other for relation in about for other in relation.symbols)
    large = large_sizes(others)
    top = max(LARGEST, 4 * near)
    about.sort(key=lambda relation: relation.kind != "equal")
    good = [n for n in range(1, top + 1) if all(c.at({**large, name: n}) for c in about)]
    if not about or not good:
        return None
    least = largest = min(good, key=lambda n: abs(n - near))
    fits = set(good)
    while least - 1 in fits:
        least -= 1
    while largest + 1 in fits:
        largest += 1
    return least, None if largest == top else largest


def _answer(inputs: Shapes, changed: Shapes, name: str, least: int, largest: int | None) -> Answer:
    """What to pass, in words."""
    ends = [least] if largest in (None, least) else [least, largest]
    shapes = [
        {
            key: substitute(shape, {name: n})
            for key, shape in changed.items()
            if shape != inputs[key]
        }
        for n in ends
    ]
    told = shapes[0] if largest == least else {key: changed[key] for key in shapes[0]}
    text = " and ".join(f"{key} of shape {format_shape(shape)}" for key, shape in told.items())
    if largest is None:
        text += f" where {name} >= {least}"
    elif largest != least:
        text += f" where {least} <= {name} <= {largest}"
    return Answer(f"pass {text}", tuple(shapes))
