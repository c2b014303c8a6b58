"""Operations that do not look at what has no entries, at sizes of which some may be 0."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch.nn import functional as F

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


def test_a_scalar_is_written_into_only_where_it_grows() -> None:
    def model(a: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
        return torch.zeros(()).addbmm_(a, b)

    report = agrees(model, "2 N 3", "2 3 M", sizes=dict.fromkeys("NM", (1, 2, 3)))
    assert report.verdict == "conditional"
