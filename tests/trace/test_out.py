"""``out=``: what is written into a tensor, and what it holds afterwards."""

import warnings
from collections.abc import Callable
from typing import Any

import pytest
import torch

import shapeflow

DTYPES = "float64 float32 float16 int64 int32 bool complex64".split()
CALLS: dict[str, Callable[..., Any]] = {
    "add": lambda x, out: torch.add(x, x, out=out),
    "exp": lambda x, out: torch.exp(x, out=out),
    "eq": lambda x, out: torch.eq(x, x, out=out),
    "matmul": lambda x, out: torch.matmul(x, x.mT, out=out),
    "where": lambda x, out: torch.where(x > 0, x, x, out=out),
    "sum": lambda x, out: torch.sum(x, 0, out=out),
    "sum in int64": lambda x, out: torch.sum(x, 0, dtype=torch.int64, out=out),
    "mean": lambda x, out: torch.mean(x, 0, out=out),
    "softmax": lambda x, out: torch.softmax(x, 0, out=out),
    "cat": lambda x, out: torch.cat([x, x], out=out),
    "irfft": lambda x, out: torch.fft.irfft(x, 4, out=out),
    "airy_ai": lambda x, out: torch.special.airy_ai(x, out=out),
    "arange": lambda x, out: torch.arange(-1.8, 4.6, 3.0, out=out),
    "no step": lambda x, out: torch.arange(0, 4, 0.5, out=out),
    "zeros": lambda x, out: torch.zeros(3, out=out),
}


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", CALLS)
def test_out_is_as_torch_takes_it(name: str, dtype: str) -> None:
    out = torch.empty(0, dtype=getattr(torch, dtype))
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            found = CALLS[name](torch.ones(2, 3), out)
    except (RuntimeError, ValueError, TypeError):
        found = None
    report = shapeflow.check(CALLS[name], "2 3", f"0:{dtype}")
    assert report.ok == (found is not None), str(report)
    if found is not None:
        assert report.outputs == tuple(found.shape)
        assert report.paths[0].dtypes == (dtype,)


def test_each_of_several_is_written_to() -> None:
    def largest(x: Any, values: Any, places: Any) -> Any:
        torch.max(x, 1, out=(values, places))
        return values, places

    report = shapeflow.check(largest, "A B", "0:float64", "0:int64")
    assert [tuple(map(str, shape)) for shape in report.outputs] == [("A",), ("A",)]
    assert report.paths[0].dtypes == ("float64", "int64")
    assert not shapeflow.check(largest, "A B", "0", "0").ok
