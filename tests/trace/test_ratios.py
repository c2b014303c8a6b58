"""Sizes that are computed in tensors."""

from typing import Any

import pytest
import torch
import torch.nn.functional as F
from torch import nn

import shapeflow
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


class Padded(nn.Module):
    """Pads to whole windows, and more than that where the input is too short to be reflected."""

    def __init__(self, kernel: int, stride: int) -> None:
        super().__init__()
        self.conv = nn.Conv1d(1, 1, kernel, stride)
        self.register_buffer("kernel", torch.tensor(kernel))
        self.register_buffer("total", torch.tensor(kernel - stride))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        length = x.shape[-1]
        count = (length - self.kernel + self.total) / self.conv.stride[0] + 1
        count = torch.ceil(count).to(torch.int64) - 1
        extra = count * self.conv.stride[0] + self.kernel - self.total - length
        most, more = max(self.total, extra), 0
        if length <= most:
            more = most - length + 1
            x = F.pad(x, (0, more))
        x = F.pad(x, (self.total, extra), "reflect")
        return self.conv(x[..., : x.shape[-1] - more])


@pytest.mark.parametrize(("kernel", "stride"), [(7, 4), (6, 2), (3, 1)])
def test_comparison_of_numbers_in_tensors_is_a_question_about_sizes(
    kernel: int, stride: int
) -> None:
    report = agrees(Padded(kernel, stride), "B 1 T", sizes={"T": range(1, 20)})
    assert report.verdict == "valid"
    assert is_symbolic(report)


@pytest.mark.parametrize("name", ["eq", "ne", "lt", "le", "gt", "ge"])
@pytest.mark.parametrize("other", [2, torch.tensor(2)])
def test_every_comparison(name: str, other: object) -> None:
    def forward(x: torch.Tensor) -> torch.Tensor:
        half = (x.size(0) - torch.tensor(1)) / 2
        return x[:1] if getattr(half, name)(other) else x

    agrees(forward, "N 3", sizes={"N": range(1, 9)})


def test_bound_that_is_a_tensor_of_unknown_entries() -> None:
    report = shapeflow.check(lambda x, n: x[:, : n.max()] + 1, "B T 3", "B:int64")
    assert report.verdict == "valid"
    assert len(report.outputs) == 3
