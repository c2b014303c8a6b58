"""The least and the largest entry of index tensors, followed to where they index."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from torch import Tensor, nn

import shapeflow

Positions = Callable[[Tensor], Tensor]


class Lookup(nn.Module):
    def __init__(self, positions: Positions) -> None:
        super().__init__()
        self.positions, self.table = positions, nn.Embedding(16, 4)

    def forward(self, x: Tensor) -> Tensor:
        return self.table(self.positions(x))


def steps(x: Tensor) -> Tensor:
    return torch.arange(x.size(1))


CASES: list[tuple[Positions, str]] = [
    (steps, "conditional"),
    (lambda x: steps(x)[None, :].expand(x.size(0), -1), "conditional"),
    (lambda x: steps(x).unsqueeze(0).repeat(x.size(0), 1), "conditional"),
    (lambda x: torch.arange(x.size(1) - 1, -1, -1), "conditional"),
    (lambda x: torch.arange(0, x.size(1), 2), "conditional"),
    (lambda x: torch.arange(4, 4 + x.size(1)), "conditional"),
    (lambda x: steps(x) + 3, "conditional"),
    (lambda x: 15 - steps(x), "conditional"),
    (lambda x: steps(x) * 3, "conditional"),
    (lambda x: steps(x).clamp(max=15), "valid"),
    (lambda x: (steps(x)[:, None] - steps(x)[None, :]).clamp(-4, 4) + 4, "valid"),
    (lambda x: steps(x)[:, None] - steps(x)[None, :] + 7, "conditional"),
    (lambda x: steps(x) - steps(x), "valid"),
    (lambda x: torch.full((x.size(0), 1), 15), "valid"),
    (lambda x: torch.full((x.size(0), 1), 16), "unsatisfiable"),
    (lambda x: torch.full((x.size(0), 1), -1), "unsatisfiable"),
    (lambda x: torch.full((x.size(0), x.size(1) - 1), 16), "conditional"),
    (lambda x: torch.zeros(x.size(0), dtype=torch.long) + x.size(1), "conditional"),
    (lambda x: x.new_full((x.size(1),), 15, dtype=torch.long), "valid"),
    (lambda x: steps(x).add_(3), "conditional"),
    (lambda x: steps(x).__imul__(2), "conditional"),
    (lambda x: steps(x).fill_(16), "unsatisfiable"),
    (lambda x: (steps(x) + 16).zero_(), "valid"),
    (lambda x: (steps(x) + 16).random_(0, 16), "valid"),
    (lambda x: (steps(x) + 16).copy_(torch.zeros(x.size(1))), "valid"),
    (lambda x: (steps(x) + 16).clamp_(max=15), "valid"),
]


@pytest.mark.parametrize(("positions", "verdict"), CASES)
def test_a_table_must_reach_as_far_as_the_indices(positions: Positions, verdict: str) -> None:
    model = Lookup(positions)
    report = shapeflow.check(model, "B T 3")
    assert report.verdict == verdict
    for batch in (1, 3):
        for time in range(1, 20):
            assert report.accepts(B=batch, T=time) is runs(model, batch, time), time


def runs(model: Lookup, batch: int, time: int) -> bool:
    try:
        model(torch.zeros(batch, time, 3))
    except IndexError:
        return False
    return True
