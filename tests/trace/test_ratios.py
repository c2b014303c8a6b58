"""Sizes that are computed in tensors."""

from typing import Any

import pytest
import torch
from torch import nn

from tests.agreement import agrees, is_symbolic


class Windows(nn.Module):
    """Pads so that the last window is full, and counts windows in tensors, as some libraries do."""

    def __init__(self, kernel: int, stride: int) -> None:
        super().__init__()
        self.register_buffer("kernel", torch.tensor(kernel))
        self.register_buffer("stride", torch.tensor(stride))
        self.conv = nn.Conv1d(2, 3, kernel, stride)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        count = torch.ceil((x.shape[-1] - self.kernel) / self.stride + 1).to(torch.int64)
        missing = (count - 1) * self.stride + self.kernel - x.shape[-1]
        return self.conv(nn.functional.pad(x, (0, missing)))


@pytest.mark.parametrize(("kernel", "stride"), [(5, 2), (4, 3), (3, 1)])
def test_paddings_computed_in_tensors(kernel: int, stride: int) -> None:
    sizes = {"B": (1, 2), "T": range(kernel, kernel + 9)}
    report = agrees(Windows(kernel, stride), "B 2 T", where=f"T >= {kernel}", sizes=sizes)
    assert is_symbolic(report)
    assert report.outputs[2] == -((kernel - report.inputs["x"][2]) // stride) + 1


def rounded(x: torch.Tensor, by: str) -> torch.Tensor:
    return x.new_zeros(getattr(torch.tensor(x.shape[1]) / 4 - 1, by)().long().item() + 2)


@pytest.mark.parametrize("by", ["floor", "ceil"])
def test_what_is_rounded_is_a_size(by: str) -> None:
    def forward(x: torch.Tensor) -> Any:
        return rounded(x, by)

    assert is_symbolic(agrees(forward, "B T", where="T >= 4", sizes={"B": (1,), "T": range(4, 15)}))
