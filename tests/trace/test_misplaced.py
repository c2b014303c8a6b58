"""Arguments of classes that PyTorch does not take: its own exception, wherever the call is made."""

from collections.abc import Callable
from typing import Any

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn

import shapeflow
from shapeflow.ops import Value, lookup
from shapeflow.testing import against_torch
from shapeflow.trace.modules import prepared
from shapeflow.trace.source import failed_in_rule

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


def _assigned(x: Tensor, value: Any) -> Tensor:
    x[0] = value
    return x


NOT_TAKEN: list[Callable[[Any], Any]] = [
    lambda x: F.relu(3),  # type: ignore[arg-type]
    lambda x: F.elu(x, None),  # type: ignore[arg-type]
    lambda x: F.threshold(x, None, 1.0),
    lambda x: F.leaky_relu(x, {}),  # type: ignore[arg-type]
    lambda x: F.embedding([0, 1], x),  # type: ignore[arg-type]
    lambda x: F.batch_norm(x, torch.zeros(3), torch.ones(3), [1, 2]),  # type: ignore[arg-type]
    lambda x: F.max_pool1d(x, 2, ceil_mode=[1]),
    lambda x: F.local_response_norm(x[:, None], "a"),  # type: ignore[arg-type]
    lambda x: F.pad(x, 2.5),  # type: ignore[arg-type]
    lambda x: x.mean(dim=True),
    lambda x: x.transpose(0, None),
    lambda x: x.reshape(None),
    lambda x: x.chunk("a"),
    lambda x: x.new_zeros("a"),
    lambda x: x.copy_(None),
    lambda x: torch.cat([x, None]),  # type: ignore[list-item]
    lambda x: torch.stack((x, [1, 2, 3])),  # type: ignore[arg-type]
    lambda x: torch.where(x > 0, x, None),  # type: ignore[call-overload]
    lambda x: torch.maximum(1, 2),  # type: ignore[arg-type]
    lambda x: _assigned(x, None),
    lambda x: _assigned(x, slice(1)),
]


@pytest.mark.parametrize("call", NOT_TAKEN)
def test_what_torch_does_not_take_is_refused_in_its_words(call: Callable[[Any], Any]) -> None:
    with pytest.raises((TypeError, AttributeError)) as raised:
        call(torch.zeros(2, 3))
    (finding,) = shapeflow.check(call, "B 3").findings
    assert finding.code == "SF101"
    assert str(raised.value).split("\n")[0].split(", but expected")[0] in finding.message


TAKEN: list[Callable[[Any], Any]] = [
    lambda x: x.copy_(-1),
    lambda x: x[0].copy_(x.size(0)),
    lambda x: torch.add(x.size(0), 2),
    lambda x: torch.add(True, 2.5),
    lambda x: torch.div(1, 2),
    lambda x: torch.mul(2, x),
    lambda x: _assigned(x, True),
    lambda x: F.interpolate(x[:, :, None], scale_factor=True),
    lambda x: F.pad(x, [1, 2]),
    lambda x: x.mean([0]),
]


@pytest.mark.parametrize("call", TAKEN)
def test_what_torch_takes_is_taken(call: Callable[[Any], Any]) -> None:
    assert shapeflow.check(call, "B 3").verdict == "valid"
    assert against_torch(call, "B 3", n=10).ok


def test_a_mistake_below_a_rule_is_not_told_as_the_users() -> None:
    """Not even where it is raised in ``len``, for which the trace has one of its own."""
    rule = lookup("Tensor.copy_")
    assert rule is not None
    with pytest.raises(TypeError) as raised, prepared():
        rule.function(None, 3, Value((2,), "float32"))
    assert failed_in_rule(raised.tb)


MADE_INSIDE: list[Callable[[Tensor], Any]] = [
    lambda x: nn.GRU(2, 4)(x),
    lambda x: nn.LSTM(3, 4)(x, x),
    lambda x: nn.LSTM(3, 4)(x, (x,)),
    lambda x: nn.LSTM(3, 4)(x[None], (torch.zeros(1, 5, 4), torch.zeros(1, 5, 4))),
    lambda x: nn.GRUCell(2, 4)(x),
]


@pytest.mark.parametrize("call", MADE_INSIDE)
def test_recurrent_layers_made_inside_forward_are_explained(call: Callable[[Tensor], Any]) -> None:
    with pytest.raises((RuntimeError, IndexError)):
        call(torch.zeros(2, 3))
    report = shapeflow.check(call, "2 3")
    assert report.verdict == "unsatisfiable"
    assert "PyTorch says: " in str(report)
