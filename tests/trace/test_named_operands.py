"""Calls that name all their arguments, or begin with a number, are as all others."""

from collections.abc import Callable

import pytest
import torch
from torch import Tensor
from torch.nn import functional as F

import shapeflow
from tests.agreement import agrees

FORWARDS: list[Callable[[Tensor], Tensor]] = [
    lambda x: torch.sum(input=x, dim=1),
    lambda x: torch.mean(input=x, dim=(0, 2)),
    lambda x: torch.max(input=x, dim=1).values,
    lambda x: torch.softmax(input=x, dim=-1),
    lambda x: torch.transpose(input=x, dim0=0, dim1=1),
    lambda x: torch.transpose(input=x, dim0=0, dim1=1).view(-1),
    lambda x: torch.flatten(input=x, start_dim=1),
    lambda x: torch.unsqueeze(input=torch.squeeze(input=x), dim=0),
    lambda x: torch.cat(tensors=[x, x], dim=-1),
    lambda x: torch.stack(tensors=torch.unbind(input=x, dim=2), dim=0),
    lambda x: torch.chunk(input=x, chunks=2, dim=2)[1],
    lambda x: torch.narrow(input=x, dim=2, start=1, length=2),
    lambda x: torch.gather(input=x, dim=2, index=torch.zeros(1, 1, 2, dtype=torch.int64)),
    lambda x: torch.matmul(input=x, other=torch.ones(4, 5)),
    lambda x: F.linear(input=x, weight=torch.ones(3, 4)),
    lambda x: torch.transpose(input=x, dim0=0, dim1=1).add_(x),
    lambda x: torch.nn.GRU(4, 3)(input=x)[0],
    lambda x: torch.add(2, x),
    lambda x: torch.sub(1, x) @ torch.ones(4, 2),
    lambda x: torch.mul(0.5, x),
    lambda x: torch.pow(2, x),
]


@pytest.mark.parametrize("forward", FORWARDS)
def test_verdict_is_pytorchs(forward: Callable[[Tensor], Tensor]) -> None:
    agrees(forward, "B T 4", sizes={"B": (1, 2, 3), "T": (1, 2, 3)})


def test_a_fix_is_written_for_the_operand() -> None:
    def model(x: Tensor) -> Tensor:
        y = x + 1
        return torch.matmul(input=y, other=y)

    text = str(shapeflow.check(model, "B T 4"))
    assert "write y.transpose(1, 2) for y" in text
    assert "torch.transpose" not in text
