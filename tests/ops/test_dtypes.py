"""Type promotion is PyTorch's, for every pair of dtypes and every kind of operand."""

import itertools
from collections.abc import Iterable, Iterator

import pytest
import torch

from shapeflow.ops import Value, dtypes

from . import harness, test_cases, variants

NAMES = [
    *("bool", *dtypes.INTEGERS, *dtypes.UNSIGNED, *dtypes.FLOATS, *dtypes.COMPLEX),
    *("float8_e4m3fn", "float8_e5m2"),
]
STRICTER = {
    "nn.LSTM", "torch.lstm", "torch.gru",  # the dtypes of some biases and states are overlooked
    "cummin", "F.binary_cross_entropy_with_logits",  # complex numbers, of rank 0 or as targets
    "torch.binary_cross_entropy_with_logits",  # the same
    "F.linear_cross_entropy",  # an input beside a weight of another short float
    "torch.native_group_norm", "torch._weight_norm",  # weights of another dtype, read as they are
}  # fmt: skip
"""Calls whose rules refuse dtypes that PyTorch lets pass."""
LEFT_OUT = {
    "Tensor.__iadd__",  # what writing into a tensor demands of its dtype is the tracer's to say
    "lobpcg",  # iterates, for long
}
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


@pytest.mark.filterwarnings("ignore")
def test_rules_take_the_dtypes_that_torch_takes() -> None:
    found = []
    for case in unlike(case for case in test_cases.CASES if not case.why):
        for words, near in variants.retyped(variants.admitted(case)):
            accepted, result, answers = variants.compared(case, near)
            for good, answer in answers:
                lenient = case.name in STRICTER or is_empty(near)
                if good != accepted and not (good and lenient):
                    found.append((str(case), words, f"torch says {good}: {answer}"))
                elif good and accepted and (theirs := names(answer)) != names(result):
                    found.append((str(case), words, f"{names(result)}, torch has {theirs}"))
    assert not found, found


def is_empty(call: variants.Arguments) -> bool:
    """Whether a call has tensors without entries, whose dtypes torch often does not look at."""
    return any(0 in leaf for leaf in harness.flat(list(call)))


def unlike(cases: Iterable[harness.Case]) -> Iterator[harness.Case]:
    """One of the lines that differ in sizes alone."""
    seen = set()
    for case in cases:
        given = harness.read((case.args, list(case.kwargs.values())), None)
        tensors = [(path, len(x), x.dtype) for path, x in variants.leaves(given)]
        others = [arg for arg in case.args if isinstance(arg, harness.lit)]
        key = case.name, str(tensors), str(others), str(sorted(case.kwargs)), str(case.module)
        if key not in seen and case.name not in LEFT_OUT:
            seen.add(key)
            yield case


def names(result: object) -> list[str]:
    """The dtypes of the tensors in a result."""
    return [str(leaf.dtype).removeprefix("torch.") for leaf in harness.flat(result)]
