"""Operations for which sizes of 0 or 1 change more than the shape of the result."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch.nn import functional as F

import shapeflow
from tests.agreement import agrees

CALLS: list[tuple[Any, tuple[str, ...]]] = [
    (lambda x: F.batch_norm(x, None, None, training=True), ("N",)),
    (torch.cholesky, ("N M",)),
    (torch.addmv, ("N", "M K", "K")),
    (F.scaled_dot_product_attention, ("2 N 3", "2 M 3", "2 K 5")),
]


@pytest.mark.parametrize(("call", "specs"), CALLS)
def test_sizes_of_0(call: Any, specs: tuple[str, ...]) -> None:
    names = sorted({name for spec in specs for name in spec.split() if name.isalpha()})
    where = [f"{name} >= 0" for name in names]

    def model(*given: torch.Tensor) -> torch.Tensor:
        if call is torch.cholesky:
            given = (given[0] + 9 * torch.eye(*given[0].shape),)
        result: torch.Tensor = call(*given)
        return result

    agrees(model, *specs, sizes=dict.fromkeys(names, (0, 1, 2, 3)), where=where)


def test_short_integers_are_summed_in_int64_only_where_there_are_several() -> None:
    def model(a: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
        return torch.einsum("ij,ik->i", a, b)

    report = shapeflow.check(model, "N M:int8", "N K:int8")
    assert report.verdict == "valid"
    for m, k in ((1, 1), (1, 2), (3, 1), (3, 2)):
        found = model(torch.zeros(2, m, dtype=torch.int8), torch.zeros(2, k, dtype=torch.int8))
        at = {"N": 2, "M": m, "K": k}
        (way,) = [path for path in report.paths if path.taken(at)]
        assert way.dtypes == (str(found.dtype).removeprefix("torch."),), at


def test_a_scalar_is_written_into_only_where_it_grows() -> None:
    def model(a: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
        return torch.zeros(()).addbmm_(a, b)

    report = agrees(model, "2 N 3", "2 3 M", sizes=dict.fromkeys("NM", (1, 2, 3)))
    assert report.verdict == "conditional"


@pytest.mark.parametrize("way", ["expand", "view", "reshape", "unflatten"])
def test_a_size_that_comes_out_as_minus_1(way: str) -> None:
    def model(x: torch.Tensor) -> torch.Tensor:
        size = x.size(1) - 2
        if way == "expand":
            return x.sum(1, keepdim=True).expand(-1, size)
        return x.unflatten(1, (size, 3)) if way == "unflatten" else getattr(x, way)(size, 3)

    agrees(model, "N T", sizes={"N": (1, 2, 3, 9), "T": (1, 2, 3, 4, 5, 9)})


def test_nothing_is_not_written_into_a_scalar() -> None:
    def model(x: torch.Tensor, a: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
        return x.clone().addmv_(a, b)

    assert agrees(model, "", "0 2", "2").verdict == "unsatisfiable"
    assert agrees(model, "3", "3 0", "0").verdict == "valid"


def test_a_product_of_nothing_in_place_keeps_its_dtype() -> None:
    def model(x: torch.Tensor, a: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
        return x.clone().baddbmm_(a, b)

    agrees(model, "1 3 2", "1 3 0", "1 0 2")
    assert agrees(model, "1 3 2", "1 3 0", "1 0 2:int64").verdict == "unsatisfiable"


def test_a_diagonal_that_wraps_round_one_entry() -> None:
    def model(c: torch.Tensor, v: torch.Tensor) -> torch.Tensor:
        return v.mean((0, 1), keepdim=True).expand(*c.shape).fill_diagonal_(1.5, wrap=True)

    agrees(model, "N T", "2 2", sizes={"N": (1, 2, 4, 5, 9), "T": (1, 2, 3)})


def test_a_product_written_into_expanded_entries_hangs_on_the_kernel() -> None:
    def model(x: torch.Tensor, a: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
        return x.expand(-1, a.size(1), b.size(2)).baddbmm_(a, b)

    with pytest.raises(RuntimeError, match="single memory location"):
        model(torch.zeros(5, 1, 1), torch.zeros(5, 7, 8), torch.zeros(5, 8, 8))
    assert model(torch.zeros(2, 1, 1), torch.zeros(2, 3, 4), torch.zeros(2, 4, 4)).shape == (
        2,
        3,
        4,
    )
    assert shapeflow.check(model, "B 1 1", "B T K", "B K H").verdict == "incomplete"


def test_batch_norm_asks_how_its_vectors_lie() -> None:
    def model(x: torch.Tensor, mean: torch.Tensor, variance: torch.Tensor) -> torch.Tensor:
        return F.batch_norm(x, mean.expand(3), variance)

    assert agrees(model, "N 3", "1", "3:int32", sizes={"N": (1, 2)}).verdict == "valid"
    report = shapeflow.check(lambda x, m, v: F.batch_norm(x, m, v), "N 3", "3", "3:int32")
    assert report.verdict == "unsatisfiable"
