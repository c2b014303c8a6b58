"""Type promotion is PyTorch's, for every pair of dtypes and every kind of operand."""

import itertools
from collections.abc import Iterator

import pytest
import torch

from shapeflow.ops import Value, dtypes

NAMES = [
    *("bool", *dtypes.INTEGERS, *dtypes.UNSIGNED, *dtypes.FLOATS, *dtypes.COMPLEX),
    *("float8_e4m3fn", "float8_e5m2"),
]
PLAIN = [name for name in NAMES if "float8" not in name]


@pytest.fixture
def default_dtype() -> Iterator[None]:
    """Puts torch's default dtype back."""
    before = torch.get_default_dtype()
    yield
    torch.set_default_dtype(before)


@pytest.mark.parametrize("a", NAMES)
def test_two_dtypes_promote_as_in_torch(a: str) -> None:
    for b in NAMES:
        try:
            expected = str(torch.promote_types(getattr(torch, a), getattr(torch, b)))[6:]
        except RuntimeError:
            expected = dtypes.UNDEFINED
        assert dtypes.promote_two(a, b) == expected, (a, b)


@pytest.mark.filterwarnings("ignore:ComplexHalf")
@pytest.mark.usefixtures("default_dtype")
@pytest.mark.parametrize("default", dtypes.FLOATS)
def test_operands_promote_as_in_torch(default: str) -> None:
    torch.set_default_dtype(getattr(torch, default))
    tensors = [(name, shape) for name in PLAIN for shape in ((2,), ())]
    pairs = [
        (Value(shape, name), torch.empty(shape, dtype=getattr(torch, name)))
        for name, shape in tensors
    ]
    for x, y in itertools.product([*pairs, *((n, n) for n in (True, 2, 2.0, 2j))], repeat=2):
        if not isinstance(x[1], torch.Tensor) and not isinstance(y[1], torch.Tensor):
            continue
        try:
            expected = str(torch.result_type(x[1], y[1]))[6:]
        except RuntimeError:
            expected = dtypes.UNDEFINED
        assert dtypes.result_type([x[0], y[0]], default) == expected, (x, y)
