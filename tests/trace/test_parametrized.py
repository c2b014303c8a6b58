"""Layers whose weights are computed: normalised, pruned, parametrized; nothing of them changes."""

from collections.abc import Callable
from typing import Any

import pytest
import torch
import torch.nn.functional as F
from torch import nn
from torch.nn.utils import fusion, parametrizations, parametrize, prune, spectral_norm, weight_norm

import shapeflow
from tests.agreement import agrees

WAYS: list[Callable[..., Any]] = [
    weight_norm,
    spectral_norm,
    parametrizations.weight_norm,
    parametrizations.spectral_norm,
    parametrizations.orthogonal,
]
LAYERS: list[tuple[Callable[[], nn.Module], str, str]] = [
    (lambda: nn.Linear(4, 6), "weight", "B C"),
    (lambda: nn.Conv2d(3, 6, 3), "weight", "2 C H 7"),
    (lambda: nn.ConvTranspose1d(3, 6, 3), "weight", "B C T"),
    (lambda: nn.LSTM(3, 4), "weight_hh_l0", "T B C"),
    (lambda: nn.GRU(3, 4, 2, batch_first=True), "weight_ih_l1", "B T C"),
    (lambda: nn.LSTMCell(3, 4), "weight_hh", "B C"),
]


class Symmetric(nn.Module):
    """A parametrization of one's own."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x.triu() + x.triu(1).transpose(-1, -2)


def state(model: nn.Module) -> dict[str, tuple[list[Any], int]]:
    """Entries and number of changes of everything that a model saves."""
    return {name: (x.tolist(), x._version) for name, x in model.state_dict().items()}


@pytest.mark.parametrize("evaluate", [False, True])
@pytest.mark.parametrize(("make", "name", "spec"), LAYERS)
@pytest.mark.parametrize("way", WAYS)
@pytest.mark.filterwarnings("ignore")
def test_computed_weights(way: Any, make: Any, name: str, spec: str, evaluate: bool) -> None:
    layer = way(make(), name=name).train(not evaluate)
    before = state(layer), [dict(vars(m)) for m in layer.modules()]
    shapeflow.check(layer, spec)
    after = state(layer), [dict(vars(m)) for m in layer.modules()]
    assert after[0] == before[0]
    for old, new in zip(before[1], after[1], strict=True):
        assert list(old) == list(new)
        assert all(old[key] is new[key] for key in old)
    agrees(layer, spec, sizes={"C": (3, 4), "H": (2, 3, 5), "T": (1, 4)})


@pytest.mark.parametrize("how", [prune.l1_unstructured, prune.random_unstructured])
def test_pruned(how: Any) -> None:
    agrees(how(nn.Conv1d(3, 6, 3), "weight", amount=0.5), "B C T", sizes={"B": (2,)})
    agrees(how(nn.LSTM(3, 4), "weight_hh_l0", amount=3), "T B C", sizes={"T": (2,)})


def test_own_parametrization() -> None:
    layer = nn.Linear(4, 4)
    parametrize.register_parametrization(layer, "weight", Symmetric())
    agrees(nn.Sequential(layer, layer), "B C")


def test_fused_in_forward() -> None:
    layer, norm = nn.Conv2d(3, 4, 3).eval(), nn.BatchNorm2d(4).eval()
    agrees(lambda x: fusion.fuse_conv_bn_eval(layer, norm)(x), "2 C H 5", sizes={"C": (2, 3)})


def test_weight_that_torch_does_not_hand_over() -> None:
    weight = torch.ones(2, 3)
    for loss in (F.l1_loss, F.mse_loss):
        report = agrees(lambda x, y, loss=loss: loss(x, y, weight=weight), "B T", "B T")
        assert report.accepts(B=2, T=3)
        assert not report.accepts(B=2, T=2)
