"""Einstein sums: the grammar of equations, and ATen's pairwise contraction behind it."""

from __future__ import annotations

from collections.abc import Sequence

from ..core.dims import Size
from . import layout
from .call import Call
from .common import accepts, empty, same_dtype
from .dtypes import category, promote_two
from .registry import op
from .value import Value

Label = str | int
"""A letter, or an axis of the ellipsis counted from its right end: -1, -2, .."""


@op("einsum")
def einsum(call: Call, equation: str, *operands: Value) -> Value:
    """"ij,jk->ik", (i, j), (j, k) -> (i, k)"""
    if len(operands) == 1 and not isinstance(operands[0], Value):
        operands = tuple(operands[0])
    left, arrow, right = equation.replace(" ", "").partition("->")
    terms = left.split(",")
    if len(terms) != len(operands):
        because = "the equation must have one term for each operand"
        call.fail(because, kind="argument", of="equation")
    labels = [_labels(call, term, len(x)) for term, x in zip(terms, operands, strict=True)]
    output = _output(call, labels, right if arrow else None)
    sizes = _sizes(call, labels, operands)
    summed = [label for label in _sorted(sizes) if label not in output]
    axes = [*output, *summed]
    aligned = [_aligned(x, own, axes) for x, own in zip(operands, labels, strict=True)]
    return _contracted(call, aligned, len(output))


def _labels(call: Call, term: str, rank: int) -> list[Label]:
    """The label of each axis of an operand with this term."""
    before, dots, after = term.partition("...")
    letters = before + after
    if not all("a" <= letter.lower() <= "z" for letter in letters):
        because = "a term of the equation must be letters, and at most one ellipsis"
        call.fail(because, kind="argument", of="equation")
    more = rank - len(letters)
    if more < 0 or (more and not dots):
        because = "each term must have as many letters as its operand has axes"
        call.fail(because, kind="rank", of="operands")
    return [*before, *range(-more, 0), *after]


def _output(call: Call, labels: list[list[Label]], right: str | None) -> list[Label]:
    """The labels of the result: as the equation says, else those that occur once, sorted."""
    given = [label for own in labels for label in own]
    dots = sorted({label for label in given if isinstance(label, int)})
    letters = [label for label in given if isinstance(label, str)]
    if right is None:
        once = sorted(label for label in letters if letters.count(label) == 1)
        return [*dots, *once]
    before, has_dots, after = right.partition("...")
    for letter in before + after:
        if letter not in letters or (before + after).count(letter) > 1:
            because = "each letter of the result must occur once in it, and in some operand"
            call.fail(because, kind="argument", of="equation")
    return [*before, *(dots if has_dots else []), *after]


def _sizes(
    call: Call, labels: list[list[Label]], operands: Sequence[Value]
) -> dict[Label, Size]:
    """The size behind each label, which all axes with that label must have."""
    sizes: dict[Label, Size] = {}
    for own, x in zip(labels, operands, strict=True):
        inside: dict[Label, Size] = {}
        for axis, (label, size) in enumerate(zip(own, x, strict=True)):
            because = "axes of one operand with the same letter must have equal sizes"
            call.equal(size, inside.setdefault(label, size), because, kind="matmul",
                       of="operands", axis=axis)  # fmt: skip
        for label, size in inside.items():
            because = "axes with the same letter must have equal sizes, or one of them 1"
            sizes[label] = call.compatible(sizes.get(label, 1), size, because, of="operands")
    return sizes


def _sorted(labels: dict[Label, Size]) -> list[Label]:
    """Labels in ATen's order: the ellipsis, then the letters, capitals first."""
    dots = sorted(label for label in labels if isinstance(label, int))
    return [*dots, *sorted(label for label in labels if isinstance(label, str))]


def _aligned(x: Value, own: list[Label], axes: list[Label]) -> Value:
    """The operand with an axis for every label, of size 1 where it has none; diagonals taken."""
    strides = layout.strides_of(x)
    shape: list[Size] = []
    steps: list[Size] = []
    for label in axes:
        places = [i for i, other in enumerate(own) if other == label]
        shape.append(x[places[0]] if places else 1)
        steps.append(sum((strides[i] for i in places[1:]), strides[places[0]]) if places else 1)
    return Value(shape, x.dtype, tuple(steps))


def _contracted(call: Call, operands: list[Value], rank: int) -> Value:
    """The operands multiplied from left to right; all axes from ``rank`` on are summed."""
    result, *others = operands
    axes = range(rank, len(result))
    if axes and not others:
        whole = category(result.dtype) < 2
        return Value(result[:rank], "int64" if whole else result.dtype)
    for i, x in enumerate(others, 1):
        done = [d for d in axes if all(y[d] == 1 for y in others[i:])]
        alone = [d for d in done if _is_alone(call, result, x, d)]
        both = [d for d in done if d not in alone]
        result = _pair(call, _summed(call, result, alone), _summed(call, x, alone), done, both)
    strides = layout.strides_of(result)[:rank]
    return Value(result[:rank], result.dtype, layout.tidy(result[:rank], strides))


def _is_alone(call: Call, left: Value, right: Value, axis: int) -> bool:
    """Whether an axis is longer than 1 in one operand at most, which needs no product to sum it.

    Sizes that are open are asked for where products would be refused.
    """
    sizes = left[axis], right[axis]
    if left.dtype == right.dtype != "bool":
        return 1 in sizes
    return any(map(call.is_one, sizes))


def _summed(call: Call, x: Value, axes: Sequence[int]) -> Value:
    """The sum over axes that the other operand does not have; they stay with size 1."""
    if all(x[d] == 1 for d in axes):
        return x
    whole = category(x.dtype) < 2
    if whole and x.dtype != "int64" and all([call.is_one(x[d]) for d in axes]):
        return Value([1 if d in axes else size for d, size in enumerate(x)], x.dtype, x.strides)
    dtype = "int64" if whole else x.dtype
    return Value([1 if d in axes else size for d, size in enumerate(x)], dtype)


def _pair(
    call: Call, left: Value, right: Value, summed: list[int], both: list[int]
) -> Value:
    """ATen's sumproduct_pair: the product by one bmm, and the order of axes that it leaves."""
    pairs = list(enumerate(zip(left, right, strict=True)))
    shape = tuple(1 if d in summed else call.merged(a, b) for d, (a, b) in pairs)
    if not both:
        dtype = promote_two(left.dtype, right.dtype)
        return Value(shape, dtype, layout.follow(shape, [left, right]))
    if not (empty(left) or empty(right)):
        same_dtype(call, left, right)
        accepts(call, left.dtype, "ifc", "operands")
    shared = [d for d, (a, b) in pairs if d not in both and a != 1 and b != 1]
    lefts = [d for d, (a, b) in pairs if a != 1 and b == 1]
    rights = [d for d, (a, b) in pairs if a == 1]
    if lefts and rights and rights[-1] < lefts[0]:
        lefts, rights = rights, lefts
    return Value(shape, right.dtype, layout.dense(shape, (*shared, *lefts, *both, *rights)))
