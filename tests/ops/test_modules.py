"""Every class and function of ``torch.nn`` is analysed, and PyTorch agrees at drawn sizes."""

import pytest
import torch.nn.functional as F
from torch import nn

from . import functions, layers
from .compared import compare

CONTAINERS = set(
    "Container Module ModuleDict ModuleList ParameterDict ParameterList Sequential RNNBase"
    " RNNCellBase LinearCrossEntropyOptions".split()
)
"""Classes that have no forward of their own, or are made of others."""

ELSEWHERE = set(
    "grouped_mm scaled_mm scaled_grouped_mm assert_int_or_pair boolean_dispatch".split()
)
"""Products of short floats that few machines have, and helpers."""


@pytest.mark.parametrize("line", layers.TABLE + functions.TABLE, ids=str)
@pytest.mark.filterwarnings("ignore")
def test_torch_agrees(line: layers.Line) -> None:
    compare(line.make, *line.specs, call=line.call)


def test_no_class_is_missing() -> None:
    assert set(nn.modules.__all__) - CONTAINERS == {line.name for line in layers.TABLE}


def test_no_function_is_missing() -> None:
    homes = {None, "torch", "torch._C._nn", "torch._jit_internal", "torch.nn.functional"}
    public = {n: f for n, f in vars(F).items() if callable(f) and not isinstance(f, type)}
    names = {n for n, f in public.items() if n[0] != "_" and f.__module__ in homes}
    assert names - ELSEWHERE == {line.name for line in functions.TABLE}
