"""What PyTorch refuses of what has entries only."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from torch.nn import functional as F

import shapeflow
from tests.agreement import agrees

INDEX = torch.zeros(2, dtype=torch.int64)


@pytest.mark.parametrize("call", [
    lambda x: F.softmax(x[:, 1:], dim=1),
    lambda x: F.dropout(x[1:]),
    lambda x: F.conv1d(x[1:].unsqueeze(1), torch.ones(4, 1, 3)),
    lambda x: x[1:].median(1).values,
])  # fmt: skip
def test_what_is_empty_may_be_of_any_dtype(call: Callable[..., torch.Tensor]) -> None:
    report = agrees(call, "B T:int64", sizes={"B": (1, 2, 3), "T": (1, 2, 3, 6)})
    assert report.verdict in ("conditional", "valid")


def test_sizes_of_a_branch_are_kept() -> None:
    def model(x: torch.Tensor, bias: torch.Tensor) -> torch.Tensor:
        return F.linear(x[1:], torch.ones(5, 4), bias)

    agrees(model, "B T 4", "T 5:bool", sizes={"B": (1, 2, 3), "T": (1, 2, 3)})


def test_a_result_may_be_of_nothing() -> None:
    def model(weight: torch.Tensor, x: torch.Tensor) -> torch.Tensor:
        return F.conv_tbc(x, weight, torch.zeros(4))

    report = agrees(model, "B 6 4:int32", "2 2 6", sizes={"B": (1, 2, 3, 4)})
    assert report.accepts(B=3) and not report.accepts(B=2)


def test_nothing_of_the_users_is_written_into() -> None:
    table = torch.zeros(0, 3)
    shapeflow.check(lambda x: table.index_add_(0, INDEX[:0], x[1:].double()), "T 3")
    assert table.shape == (0, 3)
    held = torch.ones(2, 3)  # with nothing added, it is doubled
    shapeflow.check(lambda a, b: held.addbmm_(a[1:], b[1:], beta=2), "T 2 4:int64", "T 4 3:int64")
    assert held.eq(1).all()


def test_a_plain_size_is_never_0() -> None:
    report = shapeflow.check(lambda x: F.softmax(x, dim=1), "B T:int64")
    assert report.verdict == "unsatisfiable"


@pytest.mark.parametrize("spec", ["B T", "0 T"])
def test_none_of_no_pieces_is_taken(spec: str) -> None:
    report = shapeflow.check(lambda x: x[1:].unbind(0)[0], spec)
    assert not report.accepts(**dict.fromkeys(report.symbols, 1))


def test_pieces_of_no_entries_are_not_counted() -> None:
    cell = torch.nn.RNNCell(3, 4)
    report = shapeflow.check(lambda c: cell(torch.split(c, 0)[0]), "2 2")
    assert [finding.code for finding in report.findings] == ["SF211", "SF202"]


ATTENTION = torch.nn.MultiheadAttention(6, 2)
SIZES = {"B": (1, 2, 3), "C": (1, 2, 3), "T": (1, 2, 3)}


@pytest.mark.parametrize(("call", "specs"), [
    (lambda q, k: ATTENTION(q, k, k)[0], ("2 B 6", "T-1 C 6")),
    (lambda q, k: F.scaled_dot_product_attention(q, k, k), ("B 2 5", "C T-1 5")),
    (lambda x, mean, var: F.batch_norm(x, mean, var), ("B T//2 2", "C", "C")),
    (lambda x, y: F.mse_loss(x, y), ("B-1 5", "C 5")),
    (lambda x, y: F.grid_sample(x, y, align_corners=False), ("B-1 C 3 3:float64", "T-1 4 4 2")),
    (lambda x, y: F.linear(x, y), ("B T-1", "5 C")),
])  # fmt: skip
def test_what_is_empty_may_differ_in_size(
    call: Callable[..., torch.Tensor], specs: tuple[str, ...]
) -> None:
    names = {letter for letter in "BCT" if any(letter in spec for spec in specs)}
    agrees(call, *specs, sizes={name: SIZES[name] for name in sorted(names)})
