"""Layers as people write and bend them: states kept, weights dropped, hooks, attention."""

from collections.abc import Callable
from typing import Any

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn

import shapeflow
from tests.agreement import agrees


class Stateful(nn.Module):
    """Keeps its state from call to call."""

    def __init__(self) -> None:
        super().__init__()
        self.rnn = nn.LSTM(3, 4, batch_first=True)
        self.state: Any = None

    def forward(self, x: Tensor) -> Tensor:
        if self.state is None:
            self.state = (x.new_zeros(1, x.size(0), 4), x.new_zeros(1, x.size(0), 4))
        out, self.state = self.rnn(x, self.state)
        return out


class Doubled(nn.LSTM):
    """Calls the forward of its base."""

    def forward(self, x: Tensor, hx: Any = None) -> Any:  # type: ignore[override]
        return super().forward(x * 2, hx)


class WeightDropped(nn.Module):
    """Puts a dropped-out weight in the place of the layer's own."""

    def __init__(self) -> None:
        super().__init__()
        self.rnn = nn.LSTM(3, 4)
        self.raw = nn.Parameter(self.rnn.weight_hh_l0.data)
        del self.rnn._parameters["weight_hh_l0"]
        self.rnn.weight_hh_l0 = self.raw.data

    def forward(self, x: Tensor) -> Tensor:
        self.rnn.weight_hh_l0 = F.dropout(self.raw, 0.3, self.training)
        self.rnn.flatten_parameters()
        return self.rnn(x)[0]


class Lists(nn.Module):
    """Goes through lists and dictionaries of layers and parameters."""

    def __init__(self) -> None:
        super().__init__()
        self.layers = nn.ModuleList([nn.Linear(3, 3) for _ in range(3)])
        self.heads = nn.ModuleDict({"a": nn.Linear(3, 4), "b": nn.Linear(3, 4)})
        self.shifts = nn.ParameterList([nn.Parameter(torch.zeros(3)) for _ in range(2)])

    def forward(self, x: Tensor, head: str = "a") -> Tensor:
        for i, layer in enumerate(self.layers):
            x = F.relu(layer(x)) + self.layers[i](x)
        for shift in self.shifts:
            x = x + shift
        return self.heads[head](x) + sum(layer(x) for layer in self.heads.values())


class Hooked(nn.Module):
    """Has hooks that change what goes in and comes out."""

    def __init__(self) -> None:
        super().__init__()
        self.layer = nn.Linear(3, 4)
        self.layer.register_forward_pre_hook(lambda module, args: (args[0].sum(1),))
        self.layer.register_forward_hook(lambda module, args, out: torch.cat([out, out], 1))

    def forward(self, x: Tensor) -> Tensor:
        return self.layer(x)


class Attended(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.attention = nn.MultiheadAttention(8, 2)

    def forward(self, x: Tensor) -> Tensor:
        mask = torch.triu(torch.ones(x.size(0), x.size(0)), 1).bool()
        return self.attention(x, x, x, attn_mask=mask, need_weights=False)[0]


class Causal(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.encoder = encoder()

    def forward(self, x: Tensor) -> Tensor:
        return self.encoder(x, mask=nn.Transformer.generate_square_subsequent_mask(x.size(1)))


class Padded(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.encoder = encoder()

    def forward(self, x: Tensor, lengths: Tensor) -> Tensor:
        padding = torch.arange(x.size(1))[None] >= lengths[:, None]
        return self.encoder(x, src_key_padding_mask=padding)


def encoder() -> nn.Module:
    return nn.TransformerEncoder(nn.TransformerEncoderLayer(8, 2, 16, batch_first=True), 2)


def decoder() -> nn.Module:
    return nn.TransformerDecoder(nn.TransformerDecoderLayer(8, 2, 16, batch_first=True), 2)


LAYERS: list[tuple[Callable[[], nn.Module], tuple[str, ...]]] = [
    (lambda: Doubled(3, 4), ("T B 3",)),
    (WeightDropped, ("T B 3",)),
    (Lists, ("B 3",)),
    (Hooked, ("B T 3",)),
    (lambda: nn.MultiheadAttention(8, 2, batch_first=True), ("B T 8", "B S 8", "B S 8")),
    (Attended, ("T B 8",)),
    (encoder, ("B T 8",)),
    (Causal, ("B T 8",)),
    (decoder, ("B T 8", "B S 8")),
    (lambda: nn.Transformer(8, 2, 1, 1, 16, batch_first=True), ("B S 8", "B T 8")),
    (lambda: nn.utils.parametrizations.spectral_norm(nn.Linear(3, 4)), ("B 3",)),
    (lambda: nn.LazyLinear(4), ("B D",)),
    (lambda: nn.DataParallel(nn.Linear(3, 4)), ("B 3",)),
    (lambda: torch.fx.symbolic_trace(nn.Sequential(nn.Linear(3, 4), nn.ReLU())), ("B 3",)),
]


@pytest.mark.parametrize("mode", ["eval", "train"])
@pytest.mark.parametrize(("build", "specs"), LAYERS)
def test_layer(build: Callable[[], nn.Module], specs: tuple[str, ...], mode: str) -> None:
    model = getattr(build(), mode)()
    agrees(model, *specs, sizes={"B": [1, 2], "T": [2, 3], "S": [2, 5], "D": [3]})


def test_a_mask_is_not_looked_at_for_being_causal() -> None:
    sizes = {"B": [1, 2], "T": [2, 3], "S": [2, 3]}
    report = agrees(encoder().eval(), "B T 8", "S S", sizes=sizes)
    assert len(report.paths) == 1


def test_padding_mask() -> None:
    def make(B: int, T: int) -> tuple[Tensor, Tensor]:
        return torch.rand(B, T, 8), torch.full((B,), T)

    for mode in (True, False):
        agrees(Padded().train(mode), "B T 8", "B:int64", make=make)


def test_state_is_carried_and_forgotten() -> None:
    model = Stateful()
    report = shapeflow.check(model, "B T 3")
    assert report.verdict == "valid"
    assert model.state is None


def test_state_of_a_fixed_batch_is_a_condition() -> None:
    model = Stateful()
    model.state = (torch.zeros(1, 2, 4), torch.zeros(1, 2, 4))
    report = shapeflow.check(model, "B T 3")
    assert [str(c) for c in report.constraints] == ["B == 2"]


@pytest.mark.parametrize("compiled", [torch.compile, lambda m: (m.compile(), m)[1]])
def test_compiled_layer_is_seen_through(compiled: Callable[[Any], Any]) -> None:
    report = shapeflow.check(nn.Sequential(compiled(nn.Linear(3, 4)), nn.ReLU()), "B 3")
    assert report.verdict == "valid"
    assert shapeflow.check(compiled(nn.Linear(3, 4)), "B 3").verdict == "valid"


def test_lazy_layer_stays_uninitialised() -> None:
    model = nn.Sequential(nn.LazyConv2d(4, 3), nn.LazyBatchNorm2d(), nn.Flatten(), nn.LazyLinear(2))
    before = [(type(m), dict(vars(m)), len(m._forward_pre_hooks)) for m in model]
    weights = [(type(p), id(p)) for p in model.parameters()]
    assert shapeflow.check(model.eval(), "B 3 8 8").outputs[1] == 2
    assert [(type(m), len(m._forward_pre_hooks)) for m in model] == [(k, n) for k, _, n in before]
    assert [(type(p), id(p)) for p in model.parameters()] == weights
    model(torch.zeros(1, 3, 8, 8))
