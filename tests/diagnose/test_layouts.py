"""Tensors that lie otherwise where a size is 1: no verdict where PyTorch says something else."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product
from typing import Any

import pytest
import torch
from torch import Tensor

import shapeflow


def shifted(x: Tensor) -> Tensor:
    y = x.clone()
    y[:, 1:] = y[:, :-1]
    return y


def copied(x: Tensor) -> Tensor:
    part = x.permute(1, 0).contiguous().select(0, 0)
    return part.copy_(x.select(1, 0))


def mended(x: Tensor) -> Tensor:
    first = x.select(0, 0) if x.size(0) > 3 else x.sum(0)
    first += x.permute(1, 0).contiguous().select(1, 0)
    return torch.stack([x[t] for t in range(x.size(0))])


def twice(x: Tensor) -> Tensor:
    wide = x.sum((0, 1), keepdim=True).expand(1, x.size(1))
    return wide.contiguous().view(-1).mul_(wide.reshape(-1))


PROGRAMS: list[tuple[Callable[..., Any], str]] = [
    (lambda x: x[:, [0, 0], ::2].view(-1), "2 B T"),
    (lambda x: torch.view_as_complex(
        x.sum(0, keepdim=True).expand(4, -1).reshape(2, x.size(1), 2)), "2 T"),
    (lambda x: shifted(x.sum(0).expand(*x.size()[1:], 2).permute(2, 0, 1).flip(0)), "2 B T"),
    (lambda x: torch.broadcast_tensors(x, x[:, 0])[1].clamp_(min=0), "B 2"),
    (lambda x: x.amax(1, keepdim=True).expand(-1, x.size(0)).view(torch.uint8), "B 2"),
    (lambda x: torch.frexp(x.permute(2, 0, 1))[0].reshape(-1, 2).take_along_dim(
        torch.zeros(2, 2, dtype=torch.int64)), "B 2 2"),
    (copied, "B 2"),
    (twice, "2 T"),
    (lambda x: x.t().exp().view(torch.uint8), "B T"),
    (lambda x: x.t().contiguous().view(torch.uint8), "B T"),
    (lambda x: torch.einsum("btk,bsk->bts", x.permute(2, 0, 1), x.permute(2, 0, 1)).view(-1),
     "B T 2"),
    (lambda x: torch.nn.functional.pad(x.permute(0, 3, 2, 1), (1, 1)).transpose(0, -1).view(-1),
     "B 2 T 2"),
    (lambda x: torch.einsum("qhd,khd->hqk", x, x[:1]).view(-1), "B 3 T"),
    (lambda x: torch._grouped_mm(x.t().contiguous(), x.new_zeros(4, 8),
                                 x.new_zeros(1, dtype=torch.int32)).view(-1), "4 T"),
    (lambda x: torch.stack(x.t().unbind(0)).view(torch.uint8), "B T"),
    (lambda x: x.t().fill_diagonal_(1, wrap=True), "1 T"),
    (mended, "T B"),
    (lambda x: x.permute(2, 1, 0).clone().reshape(x.size(0), 2, 3).view(-1).mul_(2), "B 2 3"),
    (lambda x: x.permute(2, 1, 0).clone().reshape(x.size(0), 2, -1).view(-1).mul_(2), "B 2 T"),
    (lambda x: torch.nn.functional.linear(
        x.sum(0)[None, :, None].expand(6, -1, 3).reshape(x.size(1), 1, 2, 9),
        torch.ones(9), torch.ones(1, 2)), "2 B"),
]  # fmt: skip


@pytest.mark.parametrize(("forward", "spec"), PROGRAMS)
def test_what_pytorch_says_is_held_against_the_rules(forward: Any, spec: str) -> None:
    report = shapeflow.check(forward, spec)
    differs = 0
    for batch, time in product((1, 2, 3, 7), repeat=2):
        sizes = {"B": batch, "T": time}
        shape = [sizes.get(word) or int(word) for word in spec.split()]
        try:
            forward(torch.zeros(shape))
            ran = True
        except (RuntimeError, IndexError):
            ran = False
        differs += report.accepts(**{name: sizes[name] for name in report.symbols}) is not ran
    if report.verdict == "incomplete":
        assert any("PyTorch" in finding.message for finding in report.findings)
    else:
        assert not differs


def test_nothing_of_the_users_is_written() -> None:
    held, state = torch.ones(1, 2), torch.get_rng_state()

    def forward(x: Tensor) -> Tensor:
        held.copy_(x[:1].expand(1, -1)).expand(x.size(0), -1).add_(1)
        return x.expand(x.size(0), -1).uniform_()

    shapeflow.check(forward, "B 2")
    assert held.eq(1).all()
    assert torch.get_rng_state().equal(state)


def test_two_views_of_an_axis_of_one_entry() -> None:
    def model(x: torch.Tensor) -> torch.Tensor:
        view = x.contiguous().view(x.size(1), 1, 1)
        return x.permute(1, 2, 0).mul_(view)

    assert shapeflow.check(model, "1 B 1").verdict == "incomplete"
    with pytest.raises(RuntimeError, match="single memory location"):
        model(torch.zeros(1, 3, 1))


def test_the_number_of_steps_of_a_run_is_kept() -> None:
    def model(x: torch.Tensor) -> torch.Tensor:
        left, right = x.chunk(2, dim=2)
        states: list[torch.Tensor] = []
        for step in (left.sigmoid() * right.tanh()).split(1, dim=0):
            state = step + states[-1] if states else step
            states.append(state.view(state.size()[1:]))
        return torch.stack(states)

    assert shapeflow.check(model, "T B 6").verdict == "valid"


def test_two_views_whose_sizes_are_numbers() -> None:
    def model(x: torch.Tensor) -> torch.Tensor:
        return x.permute(1, 2, 0).mul_(x.contiguous().view(4, 2, 1))

    assert shapeflow.check(model, "1 4 2").verdict == "incomplete"
    with pytest.raises(RuntimeError, match="single memory location"):
        model(torch.zeros(1, 4, 2))


def test_columns_whose_step_is_not_known() -> None:
    def model(x: torch.Tensor) -> torch.Tensor:
        return torch._grouped_mm(x, x.permute(0, 2, 1))

    assert shapeflow.check(model, "2 1 4").verdict == "incomplete"
    assert model(torch.zeros(2, 1, 4)).shape == (2, 1, 1)


def test_whether_entries_are_read_in_place_depends_on_how_many_there_are() -> None:
    assert shapeflow.check(lambda x, y: torch.isin(x, y.t()), "3 4", "B 5").verdict == "incomplete"
    assert shapeflow.check(lambda x, y: torch.isin(x, y), "3 4", "B 5").verdict == "valid"


def test_a_view_that_sizes_decide_on_is_followed_through_a_copy() -> None:
    def model(x: torch.Tensor) -> torch.Tensor:
        rows = torch.lu(x)[0].view(-1, x.size(2)).clone()
        rows[:, 1:] = rows[:, :-1]
        return rows

    assert shapeflow.check(model, "B T H").verdict == "incomplete"


@pytest.mark.parametrize(("p", "spec"), [(0.5, "2 0"), (0.0, "2 3")])
def test_dropout_of_nothing_hands_its_operand_back(p: float, spec: str) -> None:
    def model(x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        dropped = torch.nn.functional.dropout(x, p, True)
        return dropped, x.resize_(3, 0)

    assert shapeflow.check(model, spec).verdict == "incomplete"


def test_what_has_no_shape_is_not_made_again() -> None:
    def model(x: torch.Tensor, v: torch.Tensor) -> torch.Tensor:
        places = torch.zeros(2, 2, dtype=torch.int64)
        dropped = torch.native_dropout(x, 0.5, True)[0]
        dropped.t().resize_(4)
        return dropped.take(places).put_(places, v.sum(0, keepdim=True).expand(4))

    assert shapeflow.check(model, "2 T", "B").verdict == "incomplete"


def test_a_shape_that_is_forgotten_has_no_lineage() -> None:
    attention = torch.nn.MultiheadAttention(2, 1, batch_first=True)

    def model(x: torch.Tensor, y: torch.Tensor) -> tuple[torch.Tensor, ...]:
        turned = y.transpose(1, -2).contiguous()
        return (*attention(turned, turned, turned), y.resize_as_(x))

    assert shapeflow.check(model, "2 2", "2 2").verdict == "incomplete"


def seen_in_one_row(x: Tensor) -> Tensor:
    return x.mT.reshape(x.size(0), 6).view(-1)


def seen_where_two_symbols_meet(x: Tensor) -> Tensor:
    return x.t().reshape(x.size(0), x.size(1)).view(-1)


def written_beside_its_part(x: Tensor) -> Tensor:
    turned = x.permute(1, 0).unsqueeze_(0).reshape(x.shape)
    column = turned.select(1, 0)
    return turned.addr_(column, torch.ones(x.size(1)))


def padded_beside_itself(x: Tensor) -> Tensor:
    lengths = torch.full((x.size(0),), x.size(1))
    packed = torch.nn.utils.rnn.pack_padded_sequence(x, lengths, batch_first=True)
    packed = torch.nn.GRU(2, 3, batch_first=True)(packed)[0]
    padded = torch.nn.utils.rnn.pad_packed_sequence(packed, batch_first=True)[0].detach()
    return padded.permute(1, 0, 2).add_(padded.reshape(x.size(1), x.size(0), 3))


@pytest.mark.parametrize(
    ("forward", "spec", "refused"),
    [
        (seen_in_one_row, "2*T 6", (6, 6)),
        (seen_where_two_symbols_meet, "2*N 3*T", (6, 6)),
        (written_beside_its_part, "N T", (5, 5)),
        (padded_beside_itself, "N T 2", (4, 4, 2)),
        (lambda x: torch.kron(x.t().reshape(x.shape), torch.ones(2)), "4 B", (4, 4)),
    ],
)
def test_a_copy_is_a_view_where_two_sizes_are_equal(
    forward: Any, spec: str, refused: tuple[int, ...]
) -> None:
    report = shapeflow.check(forward, spec)
    assert report.verdict == "incomplete"
    with pytest.raises(RuntimeError, match=r"stride|memory location"):
        forward(torch.zeros(refused))
