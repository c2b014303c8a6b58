"""Real architectures: the report agrees with PyTorch, and so does the recorded graph."""

from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import nn
from torch.nn.utils.rnn import PackedSequence

import shapeflow
from tests.agreement import agrees, real
from tests.models.zoo import ZOO

SIZES = {"B": [1, 3], "T": [1, 2, 5], "S": [2, 4], "H": [2, 7], "W": [4], "N": [2]}
OTHERS = (
    {"B": 2, "S": 3, "H": 8, "W": 6, "N": 4},
    {"B": 1, "S": 5, "H": 5, "W": 9, "N": 1},
    {"B": 4, "S": 1, "H": 12, "W": 4, "N": 2},
)
MAIN = 3  # the number of steps of a loop on the main path
IDS = [case[0].__name__ for case in ZOO]


@pytest.mark.parametrize(("build", "specs", "make"), ZOO, ids=IDS)
def test_report_agrees_with_pytorch(build: Callable[[], nn.Module], specs: Any, make: Any) -> None:
    agrees(build().eval(), *specs, sizes=SIZES, make=make)


@pytest.mark.parametrize(("build", "specs", "make"), ZOO, ids=IDS)
def test_graph_computes_what_the_model_computes(
    build: Callable[[], nn.Module], specs: Any, make: Any
) -> None:
    torch.manual_seed(0)
    model = build().eval()
    report = shapeflow.check(model, *specs)
    steps = [MAIN] * 3 if report.paths[0].instances else [2, 5, 7]
    module = report.graph_module
    for sizes, time in zip(OTHERS, steps, strict=True):
        at = {name: {**sizes, "T": time}[name] for name in report.symbols}
        arguments = make(**at) if make else real(specs, at)
        torch.manual_seed(1)
        expected = model(*arguments)
        torch.manual_seed(1)
        assert same(module(*arguments), expected)


def same(found: Any, expected: Any) -> bool:
    """Whether two results are close everywhere."""
    if isinstance(expected, torch.Tensor):
        return torch.allclose(found, expected, atol=1e-6)
    if isinstance(expected, PackedSequence):
        return same(found.data, expected.data)
    if isinstance(expected, dict):
        return all(same(found[key], expected[key]) for key in expected)
    if isinstance(expected, tuple | list):
        return all(same(a, b) for a, b in zip(found, expected, strict=True))
    if hasattr(expected, "__dict__"):
        return same(vars(found), vars(expected))
    return bool(found == expected)
