"""Several tensors in the place of one: PyTorch's own exception, wherever the call is made."""

import pytest
import torch
from torch import nn

import shapeflow

LAYERS = [
    nn.ReLU(), nn.Dropout(0.2), nn.Linear(6, 1), nn.LayerNorm(6), nn.GRU(6, 6), nn.BatchNorm1d(6),
]  # fmt: skip


@pytest.mark.parametrize("layer", LAYERS, ids=lambda layer: type(layer).__name__)
def test_layer_behind_a_recurrent_one_raises_what_torch_raises(layer: nn.Module) -> None:
    model = nn.Sequential(nn.GRU(5, 6, batch_first=True), layer).eval()
    with pytest.raises((TypeError, AttributeError)) as raised:
        model(torch.zeros(2, 3, 5))
    (finding,) = shapeflow.check(model, "B T 5").findings
    assert finding.code == "SF101"
    assert str(raised.value) in finding.message


def test_functions_that_take_several_tensors_take_them() -> None:
    def both(x: torch.Tensor) -> torch.Tensor:
        return torch.cat((x, x)) + torch.stack([x, x]).sum(0).repeat(2, 1)

    assert shapeflow.check(both, "B 3").verdict == "valid"
