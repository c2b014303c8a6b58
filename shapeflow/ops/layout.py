"""How tensors lie in memory: strides, and which views they allow.

Strides are sizes, in elements. ``None`` stands for the contiguous layout. Source of the laws:
``Tensor.view`` in the PyTorch documentation, and ``TensorIterator`` for element-wise results.
Where sizes are open the laws speak of the general case, in which no size is 1.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import combinations, pairwise
from typing import Any

from ..core import constraint, dims
from ..core.constraint import Constraint
from ..core.dims import Dim, Size
from ..core.shape import Shape, product
from .value import Value

Settled = Callable[[Constraint], "bool | None"]
SAMPLES = ((5, 7, 11, 13), (13, 5, 3, 8), (8, 24, 6, 17), (40, 9, 20, 3), (3, 16, 64, 30))


def contiguous(shape: Sequence[Size]) -> Shape:
    """The strides of a contiguous tensor."""
    strides: list[Size] = []
    step: Size = 1
    for size in reversed(shape):
        strides.append(step)
        step = step * size if size != 0 else step
    return tuple(reversed(strides))


def strides_of(x: Value | Shape) -> Shape:
    """The strides of a tensor, written out."""
    strides = x.strides if isinstance(x, Value) else None
    return contiguous(x) if strides is None else strides


def tidy(shape: Shape, strides: Shape) -> Shape | None:
    """None where the strides are the contiguous ones, on all axes but those of size 1."""
    plain = contiguous(shape)
    if 0 in shape or all(
        a == b or size == 1 for a, b, size in zip(strides, plain, shape, strict=True)
    ):
        return None
    return strides


def lies_as(x: Value, wanted: Shape | None = None) -> Constraint:
    """The relation under which a tensor has these strides, by default the contiguous ones."""
    if 0 in x or (x.strides is None and wanted is None):
        return constraint.ALWAYS
    clauses: dict[Any, Constraint] = {}
    plain = contiguous(x) if wanted is None else wanted
    for size, stride, step in zip(x, strides_of(x), plain, strict=True):
        if size != 1 and stride != step:
            options = [constraint.equal(size, 1)] if isinstance(size, Dim) else []
            clause = constraint.any_of([*options, _same(stride, step)])
            clauses[frozenset(clause.options) or clause] = clause
    return constraint.all_of(clauses.values())


@lru_cache(maxsize=1 << 12)
def _same(a: Size, b: Size) -> Constraint:
    """``a == b`` for sizes other than 0, without what both have in common."""
    if a == b:
        return constraint.ALWAYS
    for p, q in ((a, b), (b, a)):
        if q == 0:
            break
        quotient, rest = dims.divide(p, q)
        if rest == 0:
            return _is_one(quotient)
    if isinstance(a, int) and isinstance(b, int):
        return constraint.never()
    return constraint.equal(a, b)


def _is_one(size: Size) -> Constraint:
    if isinstance(size, int):
        return constraint.ALWAYS if size == 1 else constraint.never()
    if len(size.terms) > 1 or size.terms[0][1] != 1:
        return constraint.equal(size, 1) if len(size.terms) > 1 else constraint.never()
    factors = [Dim((((((atom, 1),), 1)),)) for atom, _ in size.terms[0][0]]
    return constraint.all_of([constraint.equal(factor, 1) for factor in factors])


# -- axes taken, moved, cut --------------------------------------------------------------------


def permuted(x: Value | Shape, axes: Sequence[int]) -> Value:
    """The view with the axes in another order."""
    strides = strides_of(x)
    return view(x, (x[d] for d in axes), (strides[d] for d in axes))


def selected(x: Value | Shape, axis: int) -> Value:
    """The view of one entry along an axis."""
    strides = strides_of(x)
    return view(x, (*x[:axis], *x[axis + 1 :]), (*strides[:axis], *strides[axis + 1 :]))


def sliced(x: Value | Shape, axis: int, size: Size, step: Size = 1) -> Value:
    """The view of ``size`` entries along an axis, ``step`` apart."""
    strides = list(strides_of(x))
    strides[axis] = strides[axis] * step
    return view(x, (*x[:axis], size, *x[axis + 1 :]), strides)


def inserted(x: Value | Shape, axis: int) -> Value:
    """The view with a new axis of size 1."""
    strides = strides_of(x)
    step = x[axis] * strides[axis] if axis < len(x) else 1
    return view(x, (*x[:axis], 1, *x[axis:]), (*strides[:axis], step, *strides[axis:]))


def expanded(x: Value | Shape, sizes: Shape) -> Value:
    """The view in which axes of size 1, and new leading ones, are repeated."""
    new = len(sizes) - len(x)
    pairs = zip(x, strides_of(x), sizes[new:], strict=True)
    strides = [0 if old == 1 and size != 1 else stride for old, stride, size in pairs]
    return view(x, sizes, ([0] * new + strides))


def view(x: Value | Shape, shape: Iterable[Size], strides: Iterable[Size]) -> Value:
    """Another shape over the same memory."""
    shape = tuple(shape)
    return Value(shape, getattr(x, "dtype", ""), tidy(shape, tuple(strides)))


# -- one shape seen as another -----------------------------------------------------------------


def viewed(x: Value | Shape, shape: Shape, settled: Settled) -> tuple[Shape | None, Constraint]:
    """The strides of ``x`` seen as ``shape``, and the relation under which that is possible.

    Both have the same number of elements. Two neighbours of ``x`` that do not lie behind one
    another must stay apart: a boundary of the new shape falls between them.
    """
    strides = x.strides if isinstance(x, Value) else None
    if strides is None or 0 in x:
        return None, constraint.ALWAYS
    if tuple(shape) == tuple(x):
        return strides, constraint.ALWAYS
    clauses = list(_boundaries(x, strides, shape, settled))
    if clauses:
        return None, constraint.all_of(clauses)
    return tidy(shape, _chunked(x, strides, shape, settled)), constraint.ALWAYS


def turned(x: Value | Shape) -> Iterator[tuple[Constraint, Shape]]:
    """Relations under which ``x`` is a view of what lies otherwise, each with its strides then.

    Those are found for a size that is 1.
    """
    source, relation = getattr(x, "source", None) or ((), constraint.ALWAYS)
    for option in _single(relation):
        atom = dims.sole_atom(option.left) if option.kind == "equal" and option.right == 1 else None
        if atom is None or atom.kind != "symbol":
            continue
        one = {atom.name: 1}
        shape, old, steps = (
            tuple(dims.substitute(d, one) for d in sizes)
            for sizes in (x, source, strides_of(source))
        )
        strides, rest = viewed(Value(old, strides=tidy(old, steps)), shape, lambda question: None)
        if strides is not None and rest == constraint.ALWAYS:
            yield option, strides


def equations(x: Value) -> list[Constraint]:
    """The equations under which ``x``, a copy else, is a view."""
    relation = x.source[1] if x.source else constraint.ALWAYS
    return [option for option in _single(relation) if option.kind == "equal"]


def _single(relation: Constraint) -> Iterator[Constraint]:
    """The relations that one is put together from."""
    for option in relation.options:
        yield from _single(option)
    if not relation.options:
        yield relation


def _boundaries(
    x: Shape, strides: Shape, shape: Shape, settled: Settled
) -> Iterator[Constraint]:
    behind, cuts = _tails(x), _tails(shape)
    fixed = [any(_known(_same(p, q), settled) for q in cuts) for p in behind]
    empty = [
        constraint.equal(n, 0)
        for n in dict.fromkeys((*x, *shape))
        if isinstance(n, Dim) and not settled(constraint.at_least(n, 1))
    ]
    axes = [i for i, size in enumerate(x) if size != 1]
    for first, second in combinations(range(len(axes)), 2):
        a, *between, b = run = axes[first : second + 1]
        joined = (_known(_same(strides[i], x[j] * strides[j]), settled) for i, j in pairwise(run))
        if any(fixed[a + 1 : b + 1]) or any(isinstance(x[c], int) for c in between):
            continue
        if not all(joined):
            options = [constraint.equal(x[d], 1) for d in (a, b) if isinstance(x[d], Dim)]
            options += [_same(strides[a], x[b] * strides[b])]
            options += [constraint.distinct(x[c], 1) for c in between]
            options += [_same(behind[b], q) for q in cuts] + empty
            clause = _shortest(options, settled)
            if clause is not None:
                yield clause


def _known(relation: Constraint, settled: Settled) -> bool:
    return relation == constraint.ALWAYS or settled(relation) is True


def _shortest(options: list[Constraint], settled: Settled) -> Constraint | None:
    """One of the options, without those that imply another; None where the facts entail one."""
    if any(_known(option, settled) for option in options):
        return None
    open_ = [option for option in dict.fromkeys(options) if settled(option) is not False]
    return constraint.any_of(
        option
        for option in open_
        if option.kind != "all" or not any(other in open_ for other in option.options)
    )


def _tails(shape: Shape) -> list[Size]:
    """The number of elements behind each boundary, that before the first axis first."""
    return [product(shape[i:]) for i in range(len(shape) + 1)]


def _chunked(x: Shape, strides: Shape, shape: Shape, settled: Settled) -> Shape:
    """The walk of ATen's computeStride, for a view that is possible."""
    behind, cuts = _tails(x), _tails(shape)
    new: list[Size] = [0] * len(shape)
    place = len(shape) - 1
    axes = [i for i, size in enumerate(x) if size != 1]
    base: Size = strides[axes[-1]] if axes else 1
    for i, axis in reversed(list(enumerate(axes))):
        if i and _known(_same(strides[axes[i - 1]], x[axis] * strides[axis]), settled):
            continue
        step = base
        while place >= 0 and not (i and _known(_same(behind[axis], cuts[place + 1]), settled)):
            new[place] = step
            step = step * shape[place]
            place -= 1
        if i:
            base = strides[axes[i - 1]]
    return tuple(new)


# -- element-wise results ----------------------------------------------------------------------


def follow(shape: Shape, args: Iterable[Any], common: str = "") -> Shape | None:
    """The strides of an element-wise result: without gaps, in the order of the operands.

    Operands of another dtype than the ``common`` one are converted before.
    """
    operands = [x for x in args if isinstance(x, Value) and len(x)]
    if all(x.strides is None for x in operands):
        return None
    if common:
        operands = [x if x.dtype == common else _converted(x) for x in operands]
    return dense(shape, order(shape, [_spread(x, shape) for x in operands]))


def _converted(x: Value) -> Value:
    """A tensor in another dtype: one that repeats entries no longer does."""
    if x.strides is None or 0 not in x.strides:
        return x
    return Value(x, x.dtype, dense(x.shape, order(x.shape, [x.strides])))


def _spread(x: Value, shape: Shape) -> Shape:
    """The strides of an operand that is broadcast to ``shape``."""
    new = len(shape) - len(x)
    pairs = zip(x, shape[new:], strict=True)
    own = [0 if n == 1 and m != 1 else s for (n, m), s in zip(pairs, strides_of(x), strict=True)]
    return (*[0] * new, *own)


def order(shape: Shape, operands: Sequence[Shape]) -> tuple[int, ...] | None:
    """The axes from slowest to fastest; None where the strides do not tell for all sizes."""
    axes = list(reversed(range(len(shape))))
    for i in range(1, len(axes)):
        place = i
        for j in range(i - 1, -1, -1):
            sign = _compare(shape, operands, axes[j], axes[place])
            if sign is None:
                return None
            if sign < 0:
                break
            if sign > 0:
                axes[j], axes[place] = axes[place], axes[j]
                place = j
    return tuple(reversed(axes))


def _compare(shape: Shape, operands: Sequence[Shape], a: int, b: int) -> int | None:
    """1 where axis ``a`` is slower than ``b``, -1 where it is faster, 0 where nothing tells."""
    for strides in operands:
        if strides[a] == 0 or strides[b] == 0:
            continue
        sign = larger(strides[a], strides[b], shape[a], shape[b])
        if sign == 0:
            sign = int(_longer(shape[a], shape[b]))
        if sign != 0:
            return sign
    return 0


def _longer(a: Size, b: Size) -> bool:
    if isinstance(a, int) and isinstance(b, int):
        return a > b
    return isinstance(a, Dim) and b == 1


def larger(a: Size, b: Size, size_a: Size, size_b: Size) -> int | None:
    """1, 0 or -1 as stride ``a`` is larger than, equal to or smaller than ``b``; None is open."""
    if a == b:
        return 0
    if isinstance(a, int) and isinstance(b, int):
        return 1 if a > b else -1
    if a == 0 or b == 0:
        return 1 if b == 0 else -1
    if dims.divide(a, b)[1] == 0:
        return 1
    if dims.divide(b, a)[1] == 0:
        return -1
    return _sampled(a, b, size_a, size_b)


def _sampled(a: Size, b: Size, size_a: Size, size_b: Size) -> int | None:
    names = sorted({n for d in (a, b, size_a, size_b) for n in dims.symbols_of(d)})
    signs = set()
    for values in SAMPLES:
        at = {name: values[i % len(values)] + i for i, name in enumerate(names)}
        x, y = dims.evaluate(a, at), dims.evaluate(b, at)
        open_sizes = [d for d in (size_a, size_b) if isinstance(d, Dim)]
        if all(dims.evaluate(d, at) > 1 for d in open_sizes):
            signs.add((x > y) - (x < y))
    return signs.pop() if len(signs) == 1 else None


def dense(shape: Shape, axes: tuple[int, ...] | None) -> Shape | None:
    """Strides without gaps, with the axes in the given order from slowest to fastest."""
    return None if axes is None else tidy(shape, _gapless(shape, axes))


def _gapless(shape: Shape, axes: Sequence[int]) -> Shape:
    strides: list[Size] = [0] * len(shape)
    step: Size = 1
    for axis in reversed(axes):
        strides[axis] = step
        step = step * shape[axis]
    return tuple(strides)


def formatted(shape: Shape, memory_format: object) -> Shape | None:
    """The strides of ``torch.channels_last`` and ``channels_last_3d``; None for another format."""
    name = str(memory_format).rpartition(".")[2]
    if {"channels_last": 4, "channels_last_3d": 5}.get(name) != len(shape):
        return None
    return _gapless(shape, (0, *range(2, len(shape)), 1))
