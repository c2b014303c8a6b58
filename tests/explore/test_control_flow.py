"""Control flow as people write it: each form is judged as PyTorch judges it, at many sizes."""

import functools
import math
import random
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional as F

import shapeflow
from tests.agreement import agrees


@functools.lru_cache
def positions(n: int) -> Tensor:
    return torch.arange(n)


def size_as_key(x: Tensor) -> Tensor:
    widths = {x.size(1): 4}
    return x.new_zeros(x.size(0), widths[x.size(1)])


def set_of_sizes(x: Tensor) -> Tensor:
    return x.new_zeros(len({x.size(0), x.size(1)}))


def other_size_as_key(x: Tensor) -> Tensor:
    return x.new_zeros(3 if x.size(1) in {x.size(0): "batch"} else 2)


def shape_as_key(x: Tensor) -> Tensor:
    memory = {tuple(x.shape): x * 2}
    return memory[tuple(x.shape)]


def cached_helper(x: Tensor) -> Tensor:
    return x + positions(x.size(1))


def counted_by_numpy(x: Tensor) -> Tensor:
    return x.new_zeros(int(np.prod(x.shape)))[: int(np.ceil(x.size(1) / 2))]


def rounded_up(x: Tensor) -> Tensor:
    return F.pad(x, (0, math.ceil(x.size(1) / 4) * 4 - x.size(1)))


def product_of_the_shape(x: Tensor) -> Tensor:
    return x.view(math.prod(x.shape)) + x.view(functools.reduce(lambda a, b: a * b, x.shape))


def quotient_and_rest(x: Tensor) -> Tensor:
    groups, _ = divmod(x.size(1), 4)
    return x[:, : groups * 4].reshape(x.size(0), groups, 4)


def sorted_shape(x: Tensor) -> Tensor:
    return x.reshape(sorted(x.shape))


def all_long(x: Tensor) -> Tensor:
    return x if all(size > 1 for size in x.shape) else x.sum()


def halved_until_one(x: Tensor) -> Tensor:
    while x.size(1) > 1:
        x = x[:, ::2] if x.size(1) % 2 == 0 else x[:, 1:]
    return x


def tried(x: Tensor) -> Tensor:
    try:
        return x.view(-1, 6)
    except RuntimeError:
        return x.reshape(-1)


def missing_key(x: Tensor) -> Tensor:
    try:
        times = {"once": 1}["twice"]
    except KeyError:
        times = 2
    return x.repeat(1, times)


def recursion(x: Tensor, depth: int = 3) -> Tensor:
    return x if depth == 0 else recursion(torch.cat([x, x], 1), depth - 1)


def by_rank(x: Tensor) -> Tensor:
    match x.dim():
        case 2:
            return x.sum(1)
        case _:
            return x


def by_kind(x: Any) -> Tensor:
    x = x[0] if isinstance(x, list | tuple) else x
    return x.float() if not x.is_floating_point() else x.half()


def early(x: Tensor) -> Tensor:
    if x.size(1) > 4:
        return x[:, :4]
    return x


def steps_of_two(x: Tensor) -> Tensor:
    return torch.stack([x[:, t] for t in range(0, x.size(1), 2)], 1)


def backwards(x: Tensor) -> Tensor:
    return torch.stack([x[:, t] for t in range(x.size(1) - 1, -1, -1)], 1)


def stopped(x: Tensor) -> Tensor:
    for t in range(x.size(1)):
        if t == 3:
            break
    return x[:, : t + 1]


def generated(x: Tensor) -> Tensor:
    def steps() -> Iterator[Tensor]:
        for t in range(x.size(1)):
            yield x[:, t]

    return torch.stack(list(steps()), 1)


def mapped(x: Tensor) -> Tensor:
    return torch.stack(list(map(torch.exp, x.unbind(1))), 1)


def enumerated(x: Tensor) -> Tensor:
    return torch.stack([step * (i + 1) for i, step in enumerate(x)])


def cut_and_picked(x: Tensor) -> tuple[Tensor, ...]:
    steps = torch.stack([x[:, t] for t in range(x.size(1))], 1)
    scaled = x * 2 if x.size(1) <= 4 else x + 1
    return scaled, steps[:, :4], steps[:, torch.arange(x.size(1))]


def halves(x: Tensor) -> Tensor:
    first, second = x.split(x.size(1) // 2, dim=1)
    return first * torch.sigmoid(second)


def halves_stacked(x: Tensor) -> Tensor:
    return torch.stack(x.split(x.size(1) // 2, dim=1))


def tolerated(x: Tensor) -> Tensor:
    return torch.linalg.pinv(x[None, 1:], rtol=x.new_full((2, 1), 1e-3))


def pooled_steps(x: Tensor) -> tuple[Tensor, ...]:
    if x.size(1) != 3:
        x = x * 2
    if x.size(1) == 1:
        x = x + 1
    steps = torch.stack([x[:, t] * 2 for t in range(x.size(1))], 1)
    return F.max_pool1d(steps[None], 3), x[:1, :1].expand(3, x.size(1))


def any_entry(x: Tensor) -> Tensor:
    return x + 1 if (x > 0).any() else x * 2


def multiple(x: Tensor) -> Tensor:
    if x.size(1) % 4:
        raise ValueError(f"a multiple of 4 is needed, not {x.size(1)}")
    return x.view(x.size(0), -1, 4)


def asserted(x: Tensor) -> Tensor:
    assert x.size(1) >= 3, "three steps at least"
    return x[:, 2]


FORMS: list[Callable[..., Any]] = [
    size_as_key, set_of_sizes, other_size_as_key, shape_as_key, cached_helper, counted_by_numpy,
    rounded_up, product_of_the_shape, quotient_and_rest, sorted_shape, all_long, halved_until_one,
    tried, missing_key, recursion, by_rank, by_kind, early, steps_of_two, backwards, stopped,
    generated, mapped, enumerated, cut_and_picked, any_entry, pooled_steps,
    halves, halves_stacked, tolerated, multiple, asserted,
]  # fmt: skip


@pytest.mark.parametrize("form", FORMS)
def test_judged_as_pytorch_does(form: Callable[..., Any]) -> None:
    agrees(form, "B T", sizes={"B": [1, 2, 6], "T": [1, 2, 3, 4, 6, 8, 11]})


def test_lengths_as_numbers() -> None:
    def cut(x: Tensor, lengths: Tensor) -> list[Tensor]:
        return [row[:n] for row, n in zip(x, lengths.tolist(), strict=True)]

    def longest(x: Tensor, lengths: Tensor) -> Tensor:
        return x[:, : int(lengths.max().item())]

    for form in (cut, longest):
        assert shapeflow.check(form, "3 T", "3:int64").verdict == "valid"


def test_pieces_of_no_size() -> None:
    def halves(x: Tensor) -> Tensor:
        first, second = x.split(x.size(1) // 2, dim=1)
        return first * second

    report = shapeflow.check(halves, "B T 3")
    assert "SF901" not in {finding.code for finding in report.findings}
    assert not report.accepts(B=2, T=1)
    assert shapeflow.check(halves, "B T 3", where=("T % 2 == 0",)).verdict == "valid"


def test_teacher_forcing() -> None:
    def decode(x: Tensor, wanted: Tensor) -> Tensor:
        step, steps = x[:, 0], []
        for t in range(wanted.size(1)):
            steps.append(step)
            step = wanted[:, t] if random.random() < 0.5 else step * 2
        return torch.stack(steps, 1)

    report = shapeflow.check(decode, "B T 3", "B S 3")
    assert report.verdict == "valid" and str(report.outputs[1]) == "S"


class Moded(nn.Module):
    """Does something else in training, and where an attribute says so."""

    def __init__(self, wide: bool = False) -> None:
        super().__init__()
        self.wide = wide

    def forward(self, x: Tensor, mask: Tensor | None = None) -> Tensor:
        x = torch.cat([x, x], 1) if self.wide else x
        if mask is not None:
            x = x * mask
        return x[:, :2] if self.training else x


@pytest.mark.parametrize("wide", [False, True])
@pytest.mark.parametrize("training", [False, True])
def test_flags(wide: bool, training: bool) -> None:
    agrees(Moded(wide).train(training), "B T")
    agrees(Moded().train(training), "B T", "B T")


def test_paths_are_told_apart() -> None:
    text = str(shapeflow.check(early, "B T"))
    assert "T <= 4  -> (B, T)" in text and "T >= 5  -> (B, 4)" in text


def test_limits_of_paths_and_time() -> None:
    def many(x: Tensor) -> Tensor:
        for axis, size in enumerate(x.shape):
            x = x.narrow(axis, 0, 10) if size > 10 else x
        return x

    assert shapeflow.check(many, "A B C D").verdict == "valid"
    few = shapeflow.check(many, "A B C D", paths=5)
    assert few.verdict == "incomplete" and len(few.paths) == 5
    assert few.findings[0].code == "SF403"
    assert len(shapeflow.check(many, "A B C D", seconds=1e-9).paths) == 1
