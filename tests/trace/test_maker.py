"""Real tensors in the place of symbolic ones; the user's are copied as they lie, and left alone."""

import pytest
import torch
from torch import Tensor, nn

from shapeflow.trace.maker import Maker

TABLE = torch.arange(12.0).view(3, 4)
TENSORS = [
    TABLE[:, 1:3],
    TABLE.t(),
    TABLE[:, :1].expand(3, 5),
    torch.randn(3, dtype=torch.complex64).conj(),
    torch.zeros(0, 3),
    torch.tensor(7),
    nn.Parameter(torch.randn(2, 2)),
]


@pytest.mark.parametrize("tensor", TENSORS)
def test_a_copy_lies_like_the_users(tensor: Tensor) -> None:
    made = Maker({}, "cpu", {}).make(tensor)
    assert torch.equal(made, tensor)
    assert made.stride() == tensor.stride()
    assert made.is_conj() == tensor.is_conj()
    assert not made.requires_grad


def test_what_lies_in_one_memory_does_so_again() -> None:
    maker, before = Maker({}, "cpu", {}), TABLE.clone()
    part, whole = maker.make(TABLE[:, 1:3]), maker.make(TABLE)
    part.add_(1)
    assert whole.sum() == before.sum() + 6
    assert torch.equal(TABLE, before)


def test_what_has_no_shape_yet_is_left() -> None:
    weight = nn.LazyLinear(3).weight
    assert Maker({}, "cpu", {}).make(weight) is weight


def test_sparse_tensors_are_copied() -> None:
    tensor = torch.eye(3).to_sparse()
    made = Maker({}, "cpu", {}).make(tensor)
    assert made is not tensor
    assert torch.equal(made.to_dense(), torch.eye(3))
