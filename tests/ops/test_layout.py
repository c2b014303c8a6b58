"""The laws of strides and views, judged by PyTorch at random sizes, orders and targets."""

from __future__ import annotations

import random
from collections.abc import Callable

import pytest
import torch

from shapeflow.core import constraint, dims
from shapeflow.core.dims import Size
from shapeflow.core.shape import product
from shapeflow.ops import Value, layout
from shapeflow.solve import Facts

NAMES = "BTHW"
SYMBOLS = [dims.symbol(name) for name in NAMES]
Step = Callable[[torch.Tensor, dict[str, int]], torch.Tensor]


def drawn(rng: random.Random) -> tuple[list[Size], Value, list[Step]]:
    """A shape, a view of it made by random steps, and the same steps for torch."""
    base = [rng.choice([d, d, rng.randint(1, 4)]) for d in SYMBOLS[: rng.randint(1, 4)]]
    x, steps = Value(base), []
    for _ in range(rng.randint(0, 3)):
        x, step = rng.choice([permute, expand, cut, take])(rng, x)
        steps.append(step)
    return base, x, steps


def permute(rng: random.Random, x: Value) -> tuple[Value, Step]:
    axes = rng.sample(range(len(x)), len(x))
    return layout.permuted(x, axes), lambda real, at: real.permute(axes)


def expand(rng: random.Random, x: Value) -> tuple[Value, Step]:
    sizes = tuple(rng.choice([1, 2, 3]) if d == 1 else d for d in x)
    return layout.expanded(x, sizes), lambda real, at: real.expand(at_sizes(sizes, at))


def cut(rng: random.Random, x: Value) -> tuple[Value, Step]:
    axis, step = rng.randrange(len(x)), rng.randint(1, 2)
    if step == 1:
        half = (x[axis] + 1) // 2
        return layout.sliced(x, axis, half), lambda real, at: real.narrow(
            axis, 0, (real.shape[axis] + 1) // 2
        )
    index = (slice(None),) * axis + (slice(None, None, 2),)
    return layout.sliced(x, axis, (x[axis] + 1) // 2, 2), lambda real, at: real[index]


def take(rng: random.Random, x: Value) -> tuple[Value, Step]:
    axis = rng.randrange(len(x))
    if len(x) == 1:
        return layout.inserted(x, axis), lambda real, at: real.unsqueeze(axis)
    return layout.selected(x, axis), lambda real, at: real.select(axis, 0)


def regrouped(rng: random.Random, x: Value) -> tuple[Size, ...]:
    """Another shape of as many elements."""
    factors = list(x)
    if rng.random() < 0.2:
        rng.shuffle(factors)
    cuts = sorted(rng.sample(range(len(factors) + 1), rng.randint(0, len(factors))))
    parts = zip([0, *cuts], [*cuts, len(factors)], strict=True)
    return tuple(product(factors[a:b]) for a, b in parts)


def at_sizes(shape: tuple[Size, ...], at: dict[str, int]) -> tuple[int, ...]:
    return tuple(dims.evaluate(d, at) for d in shape)


def agree(shape: torch.Size, mine: tuple[int, ...], theirs: tuple[int, ...]) -> bool:
    """Whether strides are the same wherever they matter."""
    return 0 in shape or all(
        n == 1 or a == b for n, a, b in zip(shape, mine, theirs, strict=True)
    )


@pytest.mark.parametrize("seed", range(400))
def test_a_view_is_allowed_exactly_where_torch_allows_it(seed: int) -> None:
    rng, facts = random.Random(seed), Facts([])
    base, x, steps = drawn(rng)
    target = regrouped(rng, x)
    strides, possible = layout.viewed(x, target, facts.decide)
    for _ in range(12):
        at = {name: rng.randint(1, 4) for name in NAMES}
        real = torch.empty(at_sizes(tuple(base), at))
        for step in steps:
            real = step(real, at)
        assert agree(real.shape, at_sizes(layout.strides_of(x), at), real.stride())
        assert layout.lies_as(x).at(at) == real.is_contiguous()
        try:
            view = real.view(at_sizes(target, at))
        except RuntimeError:
            assert not possible.at(at), (x, x.strides, target, at)
            continue
        assert possible.at(at), (x, x.strides, target, at)
        if possible == constraint.ALWAYS:
            mine = at_sizes(layout.strides_of(Value(target, strides=strides)), at)
            assert agree(view.shape, mine, view.stride()), (x, x.strides, target, at)


@pytest.mark.parametrize("seed", range(200))
def test_an_elementwise_result_lies_as_torch_lays_it(seed: int) -> None:
    rng = random.Random(seed)
    shape = [rng.choice([d, rng.randint(2, 4)]) for d in SYMBOLS[: rng.randint(2, 4)]]
    orders = [rng.sample(range(len(shape)), len(shape)) for _ in range(2)]
    thin = [rng.random() < 0.2 for _ in shape]
    operands = []
    for i, axes in enumerate(orders):
        sizes = [1 if i and thin[d] else shape[d] for d in axes]
        operands.append(layout.permuted(Value(sizes), [axes.index(d) for d in range(len(axes))]))
    rng.shuffle(operands)
    strides = layout.follow(tuple(shape), operands)
    for _ in range(5):
        at = {name: rng.randint(2, 6) for name in NAMES}
        real = [
            torch.empty(at_sizes(x, at)).as_strided(
                at_sizes(x, at), at_sizes(layout.strides_of(x), at)
            )
            for x in operands
        ]
        result = real[0] + real[1]
        mine = at_sizes(layout.strides_of(Value(shape, strides=strides)), at)
        assert agree(result.shape, mine, result.stride()), (operands, at)
