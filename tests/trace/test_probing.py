"""Operations without a rule: custom ones, functions with gradients of their own, scripted ones."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any

import pytest
import torch
from torch import Tensor, nn

import shapeflow

pytestmark = pytest.mark.filterwarnings("ignore:.*torch.jit", "ignore::torch.jit.TracerWarning")

RUNS: list[tuple[int, ...]] = []
"""The shapes that the fake implementation below was asked for."""


@pytest.fixture(scope="module", autouse=True)
def operations() -> Iterator[None]:
    """A few custom operations, for as long as these tests run."""
    with torch.library._scoped_library("probed", "DEF") as library:
        library.define("frames(Tensor x, int size, int step) -> Tensor")
        library.impl("frames", _frames, "Meta")
        library.define("positive(Tensor x) -> Tensor")
        library.impl("positive", lambda x: x[x > 0], "CPU")
        library.define("twice(Tensor x) -> Tensor")
        library.impl("twice", lambda x: torch.cat([x, x + torch.rand(1)]), "CPU")
        library.define("fill(Tensor(a!) x) -> ()")
        library.impl("fill", lambda x: None, "Meta")
        yield


def _frames(x: Tensor, size: int, step: int) -> Tensor:
    RUNS.append(tuple(x.shape))
    if x.shape[1] < size:
        raise RuntimeError(f"a frame of size {size} does not fit into {x.shape[1]} samples")
    return x.new_empty(x.shape[0], (x.shape[1] - size) // step + 1, size)


def frames(x: Tensor) -> Tensor:
    """Overlapping frames of 25 samples."""
    return torch.ops.probed.frames(x, 25, 10)


class Square(torch.autograd.Function):
    """A function with a gradient of its own."""

    @staticmethod
    def forward(ctx: Any, x: Tensor) -> Tensor:
        ctx.save_for_backward(x)
        return x @ x

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> Tensor:
        return gradient


def joined(x: Tensor, y: Tensor) -> Tensor:
    """What is scripted below."""
    return torch.cat([x, y], 1)


def test_the_law_of_a_custom_operation_is_found() -> None:
    report = shapeflow.check(frames, "B N")
    assert report.verdict == "conditional"
    assert [str(c) for c in report.constraints] == ["N >= 25"]
    for samples in (25, 34, 35, 1000, 4321):
        assert report.output_shapes(B=3, N=samples) == (3, (samples - 25) // 10 + 1, 25)
    assert report.notes == (
        "probed.frames was probed: it has no rule, and its law is that of trials",
    )
    node = next(node for node in report.graph.nodes if "frames" in node.name)
    assert node.meta["probed"]


def test_a_fault_of_a_custom_operation_is_confirmed_by_pytorch() -> None:
    report = shapeflow.check(frames, "B 24")
    assert report.verdict == "unsatisfiable"
    assert "a frame of size 25 does not fit into 24 samples" in report.findings[0].message


def test_what_was_run_once_is_not_run_again() -> None:
    def forked(x: Tensor, y: Tensor) -> Tensor:
        x = frames(x)
        return x if y.size(0) > 5 else x.unsqueeze(0)

    RUNS.clear()
    shapeflow.check(frames, "B N")
    once = len(RUNS)
    RUNS.clear()
    report = shapeflow.check(forked, "B N", "C")
    assert len(report.paths) == 2
    assert len(RUNS) == once <= 72


def test_a_function_with_its_own_gradient_is_seen_through() -> None:
    report = shapeflow.check(lambda x: Square.apply(x), "N M")
    assert [str(c) for c in report.constraints] == ["M == N"]
    assert report.notes == ()


def test_a_scripted_function_is_probed() -> None:
    scripted = torch.jit.script(joined)
    report = shapeflow.check(lambda x, y: scripted(x, y), "B T", "C U")
    assert [str(c) for c in report.constraints] == ["B == C"]
    assert report.output_shapes(B=2, C=2, T=3, U=4) == (2, 7)


SCRIPTS = (torch.jit.script, lambda module: torch.jit.trace(module, torch.ones(2, 4)))


@pytest.mark.parametrize("script", SCRIPTS, ids=("scripted", "traced"))
def test_a_scripted_module_is_probed_and_stays_as_it_is(script: Any) -> None:
    inner = script(nn.Sequential(nn.Linear(4, 6), nn.BatchNorm1d(6)))
    model = nn.Sequential(inner)
    before = {name: tensor.clone() for name, tensor in model.state_dict().items()}
    report = shapeflow.check(model, "B F")
    assert "F == 4" in [str(c) for c in report.constraints]
    assert report.output_shapes(B=5, F=4) == (5, 6)
    assert all(torch.equal(before[name], tensor) for name, tensor in model.state_dict().items())


def test_an_operation_without_a_meta_kernel_is_run_on_the_cpu() -> None:
    torch.manual_seed(0)
    random.seed(0)
    states = torch.get_rng_state(), random.getstate()
    report = shapeflow.check(lambda x: torch.ops.probed.twice(x), "B T")
    assert report.output_shapes(B=3, T=4) == (6, 4)
    assert torch.equal(torch.get_rng_state(), states[0])
    assert random.getstate() == states[1]
    assert torch.is_grad_enabled()


def test_a_result_that_depends_on_data_is_incomplete() -> None:
    report = shapeflow.check(lambda x: torch.ops.probed.positive(x), "B T")
    assert report.verdict == "incomplete"
    assert "depends on data" in report.findings[0].message


def test_what_a_custom_operation_writes_into_is_not_known_any_more() -> None:
    def model(x: Tensor) -> Tensor:
        lengths = torch.tensor([3, 4])
        torch.ops.probed.fill(lengths)
        return x[: int(lengths[0])]

    report = shapeflow.check(model, "B T")
    assert report.output_shapes(B=9, T=4) != (3, 4)


def test_facts_are_respected() -> None:
    RUNS.clear()
    report = shapeflow.check(frames, "B N", where=("N % 5 == 0", "N >= 30"))
    assert report.verdict == "valid"
    assert all(samples % 5 == 0 and samples >= 30 for _, samples in RUNS)
