"""Writing into memory that the call reads, or that several entries share: as PyTorch has it."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product
from typing import Any

import pytest
import torch
from torch import Tensor
from torch.nn import functional as F

import shapeflow


def written(x: Tensor, index: object, value: Callable[[Tensor], Tensor]) -> Tensor:
    y = x.clone()
    y[index] = value(y)
    return y


def stepped(x: Tensor) -> Tensor:
    y = x.clone()
    y[1:] += y[:-1]
    return y


def parted(x: Tensor, axis: int) -> Tensor:
    y = x.clone()
    first, second = y.chunk(2, axis)
    first.mul_(second)
    return y


CASES: list[tuple[Callable[[Tensor], Tensor], str]] = [
    (lambda x: x[None].expand(4, -1, -1).add_(1), "B T"),
    (lambda x: x[None].expand(4, -1, -1).zero_(), "B T"),
    (lambda x: x.clone().expand(3, -1, -1)[0].add_(1), "B T"),
    (lambda x: x.clone().sum(1, keepdim=True).expand(-1, 2).mul_(2), "B T"),
    (stepped, "B T"),
    (lambda x: x[:, None].expand(-1, 4, -1).reshape(x.size(0) * 4, -1).mul_(2), "B T"),
    (lambda x: (y := x.clone()).addr_(y[:, -1], y.new_zeros(y.size(1))), "B T"),
    (lambda x: written(x, (slice(None), slice(1, None)), lambda y: y[:, :-1]), "B T"),
    (lambda x: written(x, (slice(None), 0), lambda y: y[:, -1]), "B T"),
    (lambda x: written(x, 0, lambda y: y[-1]), "B T"),
    (lambda x: written(x, slice(None), lambda y: y), "B T"),
    (lambda x: written(x, slice(None), lambda y: y.flip(0)), "B T"),
    (lambda x: parted(x, 0), "4 T"),
    (lambda x: parted(x, 1), "B 4"),
    (lambda x: (y := x.clone()).mul_(y.select(0, 0)), "B T"),
    (lambda x: (y := x.clone()).mul_(y), "B T"),
    (lambda x: (y := x.clone()).view(-1).add_(y.view(-1)), "B T"),
    (lambda x: (y := x.clone()).copy_(y.t()), "T T"),
    (lambda x: (y := x.clone()).unbind(0)[0].sub_(y.unbind(0)[1]), "2 T"),
    (lambda x: (y := x.clone()).narrow(0, 0, 2).sub_(y.narrow(0, 1, 2)), "3 T"),
    (lambda x: (y := x.clone())[:2].sub_(y[2:]), "4 T"),
    (lambda x: (y := x.clone()).index_copy_(0, torch.arange(2), y), "2 T"),
    (lambda x: (y := x.clone()).index_add_(0, torch.arange(2), y[:]), "2 T"),
    (lambda x: (y := x.clone()).index_put_((torch.arange(2),), y[0]), "2 T"),
    (lambda x: (y := x.clone()).t().index_put_((torch.arange(2),), y[:, 0]), "2 T"),
    (lambda x: written(x, torch.arange(2), lambda y: y[0]), "2 T"),
    (lambda x: written(x, (slice(0, 1), [0]), lambda y: y[1:, :1]), "2 T"),
    (lambda x: written(x, x > 0, lambda y: y[0, 0]), "B T"),
    (lambda x: written(x, x > 0, lambda y: y.view(-1)), "1 1"),
    (lambda x: (y := x.clone())[:, 0].mul_(F.pad(y, (1, 1))[0, 0]), "B T"),
    (lambda x: F.dropout(x, 0.5, False)[1:].mul_(x[:-1]), "3 T"),
    (lambda x: F.dropout(x, 0.5, True)[1:].mul_(x[:-1]), "3 T"),
    (lambda x: (y := x.permute(1, 0)).flatten(1).copy_(y.select(0, 0)), "B 2"),
    (lambda x: (y := x.clone()).t().reshape(-1)[:2].mul_(y[0]), "B 2"),
    (lambda x: (y := x.t().reshape(-1))[1:].mul_(y[:-1]), "B 3"),
    (lambda x: (y := x.t()).contiguous()[1:].mul_(y[:-1]), "B 3"),
    (lambda x: x.to(torch.float32, copy=True)[1:].mul_(x[:-1]), "3 T"),
    (lambda x: x.permute(1, 0).detach_(), "B T"),
    (lambda x: x[1:].detach_(), "3 T"),
    (lambda x: x.detach().detach_(), "B T"),
    (lambda x: (x + 1).detach_(), "B T"),
    (lambda x: (x + 1).cumsum_(0, dtype=torch.float64), "B T"),
    (lambda x: (x + 1).cumprod_(0, dtype=torch.float32), "B T"),
    (lambda x: x.sum(1, keepdim=True).expand(-1, 6).as_strided((2, 3), (1, 2)), "B T"),
    (lambda x: x[1].as_strided((3,), (2,)), "2 T"),
    (lambda x: x[:, :1].expand(-1, 6).as_strided_scatter(x, (2, 3), (1, 2)), "2 3"),
    (lambda x: x[:, :1].expand(-1, 6).as_strided_scatter(x, (2, 3), (6, 3)), "2 3"),
    (lambda x: x[1].as_strided((3,), (2,), 0), "2 T"),
    (lambda x: torch.as_strided_copy(x.t(), (2, x.size(1)), (1, 1)), "B T"),
    (lambda x: x[:, :1].expand(-1, 6).permute(1, 0).ravel().mul_(2), "B T"),
    (lambda x: x.clone().expand(2, 4).sigmoid_(), "B T"),
    (lambda x: x.clone().broadcast_to(2, 4)[:, 1:].mul_(2), "2 T"),
    (lambda x: x.clone().expand(2, 4).contiguous().mul_(2), "2 T"),
    (lambda x: x.clone().expand(x.size(0), -1).mul_(2), "B T"),
    (lambda x: (y := x.clone()).addr_(z := y.view(1), z), "1 1"),
    (lambda x: (y := x.clone()).addr_(y[:, 0], torch.zeros(1)), "B 1"),
    (lambda x: (y := x.clone()).index_put_((y > 0,), y[0, 0]), "B T"),
    (lambda x: (y := x.clone()).index_fill_(1, torch.tensor(0), y[0, 0]), "B T"),
    (lambda x: (y := x.clone()).masked_fill_(y > 0, value=y[0, 0]), "B T"),
    (lambda x: (y := x > 0).masked_fill_(y[:1], True), "B T"),
    (lambda x: F.linear(x[:, None], torch.ones(5, x.size(1)), x.sum().expand(2, 1)), "2 T"),
    (lambda x: F.linear(x[:, None], torch.ones(5, x.size(1)), x.sum(1, keepdim=True)), "2 T"),
    (lambda x: x.sum().expand(4, x.size(1)).addbmm_(x.new_zeros(0, 4, 2), x[:0, None] + 0), "2 T"),
    (lambda x: x.sum().expand(1, 6).addbmm_(x.new_zeros(2, 4, 2), x.new_zeros(2, 2, 6)), "2 T"),
    (lambda x: x.clone().resize_(2, 2).as_strided((2, 3), (1, 2)), "2 T"),
    (lambda x: x[:, :1].clone().expand(-1, 3).resize_as_(x.new_zeros(x.size(1), 3)).as_strided(
        (2, 3), (3, 1)), "B T"),
    (lambda x: x.clone().as_strided_((2, 2), (2, 1)).as_strided_((2, 3), (3, 1)), "2 4"),
    (lambda x: (x[None, :, None] + 0).transpose(0, 1).reshape(2, 2, -1).view(-1), "4 T"),
    (lambda x: (x[:, None, None] + 0).transpose(0, 3).reshape(-1, 2, 2).view(-1), "4 T"),
    (lambda x: F.avg_pool1d(x[None].repeat(2, 1, 1).permute(0, 2, 1), 1).view(-1), "B T"),
    (lambda x: F.lp_pool1d(x[None].repeat(2, 1, 1).permute(0, 2, 1), 2, 1).view(-1), "B T"),
    (lambda x: F.max_pool1d(x[None].repeat(2, 1, 1).permute(0, 2, 1), 1).add(0).view(-1), "B T"),
    (lambda x: written(torch.pow(2, x.t()), (slice(None), slice(1, None)), lambda y: y[:, :-1]),
     "B 2"),
    (lambda x: (x.t() + 0).resize_(4, x.size(0)).view(-1), "B T"),
    (lambda x: x[:, :, None].transpose(2, 0).contiguous().view(x.size(0), x.size(1), 1), "B T"),
    (lambda x: F.adaptive_avg_pool1d(x[None].repeat(2, 1, 1).permute(0, 2, 1), 3).view(-1), "B T"),
    (lambda x: torch.cartesian_prod(x[:, :1].expand(-1, 3)[0]).as_strided((3,), (1,)), "B T"),
    (lambda x: torch.einsum("ba", x[:1].expand(3, -1)).as_strided((6,), (1,)), "B T"),
    (lambda x: (y := x.clone()).add_(torch.einsum("...a->a...", y)), "T T"),
    (lambda x: (y := x.clone()).sub_(torch.einsum("ab->a", y)[:, None]), "B T"),
]


@pytest.mark.parametrize(("forward", "spec"), CASES)
def test_verdict_is_pytorchs(forward: Callable[[Tensor], Tensor], spec: str) -> None:
    report = shapeflow.check(forward, spec)
    assert report.verdict != "incomplete"
    for batch, time in product((1, 2, 3, 4), repeat=2):
        sizes = {"B": batch, "T": time}
        shape = [sizes.get(name) or int(name) for name in spec.split()]
        accepted = report.accepts(**{name: sizes[name] for name in report.symbols})
        assert accepted is runs(forward, shape), shape


def runs(forward: Callable[[Tensor], Tensor], shape: list[int]) -> bool:
    try:
        forward(torch.ones(shape))
    except RuntimeError:
        return False
    return True


def test_condition_reads_well() -> None:
    report = shapeflow.check(stepped, "B T")
    assert [str(c) for c in report.constraints] == ["B <= 2"]


def test_view_from_a_symbolic_place() -> None:
    def forward(x: Tensor, n: Tensor) -> Tensor:
        y = x.clone()
        y[n.size(0) :].add_(1)
        return y[-n.size(0) :]

    report = shapeflow.check(forward, "T 3", "N")
    assert report.verdict == "valid"


def resized(x: Tensor) -> tuple[Tensor, Tensor]:
    same = torch.resolve_neg(x)
    return same, x.resize_(2, 2)


def grown(x: Tensor) -> tuple[Tensor, Tensor]:
    same = F.dropout(x, training=False)
    return same, x.unsqueeze_(0)


@pytest.mark.parametrize("forward", [resized, grown])
def test_shape_of_what_may_be_the_changed_tensor_is_not_claimed(
    forward: Callable[[Tensor], tuple[Tensor, Tensor]],
) -> None:
    report = shapeflow.check(forward, "2 6")
    assert report.verdict == "incomplete"
    assert report.outputs[0] is None


@pytest.mark.parametrize("cell", [torch.nn.LSTMCell, torch.nn.GRUCell])
def test_calls_that_end_the_process_are_not_made(cell: type[torch.nn.RNNCellBase]) -> None:
    layer = cell(3, 4)  # PyTorch itself crashes at a state with more axes than the input

    def forward(x: Tensor, h: Tensor) -> object:
        return layer(x, (h, h) if cell is torch.nn.LSTMCell else h)

    assert shapeflow.check(forward, "3", "1 4").verdict == "unsatisfiable"


def test_rows_of_a_table_that_are_expanded_are_scaled_by_their_entries() -> None:
    indices = torch.tensor([0])

    def forward(x: Tensor) -> Tensor:
        return torch.embedding_renorm_(x.clone().expand(-1, 3), indices, 1.0, 2.0)

    assert shapeflow.check(forward, "N 1").verdict == "incomplete"
    for lookup in (F.embedding, F.embedding_bag):
        def looked_up(x: Tensor, lookup: Any = lookup) -> Any:
            return lookup(indices[None], x.clone().expand(-1, 3), max_norm=1.0)

        assert shapeflow.check(looked_up, "N 1").verdict == "incomplete"
    assert shapeflow.check(lambda x: torch.embedding_renorm_(x.clone().expand(4, -1), indices, 1.0,
                                                             2.0), "1 N").verdict == "valid"


@pytest.mark.parametrize("raised", [torch.atleast_1d, torch.atleast_2d, torch.broadcast_tensors])
def test_each_of_several_tensors_may_be_a_result(raised: Any) -> None:
    def forward(x: Tensor, other: Tensor) -> Any:
        y = x.clone()
        return raised(y, other), y.resize_as_(torch.zeros(5, 2))

    assert shapeflow.check(forward, "N 2", "").verdict == "incomplete"
    assert shapeflow.check(lambda x, y: raised(x, y)[0].clone().add_(1), "N 2", "").ok


def test_a_fault_beside_a_view_that_is_a_scalar_is_confirmed() -> None:
    def forward(x: Tensor, mask: Tensor, y: Tensor) -> Tensor:
        return y.masked_fill_(mask, x.select(0, 0))

    (finding,) = shapeflow.check(forward, "2", "2 2:bool", "2").findings
    assert "shape" in finding.pytorch_message


def test_a_view_that_gradients_decide_on_is_left_open() -> None:
    def forward(x: Tensor, how: Any) -> Any:
        return how(F.max_pool1d(x.transpose(1, 2), 2))

    hows = [(lambda y: y.view(y.size(0), -1), "incomplete"), (lambda y: y.flatten(1), "valid")]
    for how, verdict in hows:
        report = shapeflow.check(lambda x, how=how: forward(x, how), "B 12 4")
        assert report.verdict == verdict
        for grad in (True, False):
            given = torch.ones(2, 12, 4, requires_grad=grad)
            ran = runs(lambda x, how=how, given=given: forward(given, how), [1])
            assert ran is (not grad or verdict == "valid")


def test_views_of_one_entry_may_differ_in_their_steps() -> None:
    def forward(x: Tensor) -> Tensor:
        y = (x + 0)[:, :1]
        return y.t().contiguous().mul_(y)

    assert shapeflow.check(forward, "1 3").verdict == "incomplete"
    assert not runs(forward, [1, 3])


def test_dropout_of_nothing_hands_it_back() -> None:
    def forward(x: Tensor) -> Any:
        return torch.native_dropout(x, 0.5, True), x.resize_(3, 0)

    assert shapeflow.check(forward, "2 0").verdict == "incomplete"
