"""Numbers that a dtype cannot hold: refused where PyTorch refuses them, and only there."""

from collections.abc import Callable
from math import inf, nan
from typing import Any

import pytest
import torch
from torch.nn import functional as F

import shapeflow

NUMBERS = (
    0, 1.5, True, -1, 128, 300, -1e9, 1e9, 65504.0, 70000.0, 2**31, 1e39, 3.4e38, inf, -inf, nan,
    1j,
)  # fmt: skip
DTYPES = "bool uint8 int8 int32 int64 float16 bfloat16 float32 float64 complex64".split()
CALLS: dict[str, Callable[..., Any]] = {
    "masked_fill": lambda x, n: x.masked_fill(x > 0 if x.dtype.is_floating_point else x == 0, n),
    "masked_fill_": lambda x, n: x.clone().masked_fill_(x == 0, n),
    "fill": lambda x, n: torch.fill(x, n),
    "fill_": lambda x, n: x.clone().fill_(n),
    "full": lambda x, n: torch.full((2,), n, dtype=x.dtype),
    "full_like": lambda x, n: torch.full_like(x, n),
    "new_full": lambda x, n: x.new_full((2,), n),
    "index_fill": lambda x, n: x.index_fill(0, torch.tensor([0]), n),
    "scatter": lambda x, n: x.scatter(0, torch.zeros(1, 1, dtype=torch.int64), n),
    "pad": lambda x, n: F.pad(x, (1, 0), value=n),
    "cut": lambda x, n: F.pad(x, (-1, 0), value=n),
    "clamp": lambda x, n: x.clamp(max=n),
    "clamp_min": lambda x, n: x.clamp_min(n),
}


def assigned(x: Any, n: Any) -> Any:
    y = x.clone()
    y[0] = n
    return y


CALLS["assigned"] = assigned


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", CALLS)
def test_a_number_is_refused_where_torch_refuses_it(name: str, dtype: str) -> None:
    x = torch.ones(2, 3, dtype=getattr(torch, dtype))
    for n in NUMBERS:
        try:
            CALLS[name](x, n)
            runs = True
        except (RuntimeError, TypeError, ValueError):
            runs = False
        report = shapeflow.check(lambda x, n=n: CALLS[name](x, n), f"2 3:{dtype}")
        assert report.ok == runs, f"{n}: {report}"
