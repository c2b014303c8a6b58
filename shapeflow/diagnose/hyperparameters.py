"""What a layer was made with, read off the shapes of its weights."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

Weights = Mapping[str, tuple[Any, ...]]
"""Shapes by the names that a layer gives its weights, such as ``weight_ih_l0``."""
Arguments = dict[str, Any]

GATES = {1: "RNN", 3: "GRU", 4: "LSTM"}
"""The recurrent layers by how many blocks of hidden_size rows their weights have."""
CONVOLUTIONS = ("Conv1d", "Conv2d", "Conv3d")
TRANSPOSED = ("ConvTranspose1d", "ConvTranspose2d", "ConvTranspose3d")
BIASED = ("Linear", "Bilinear", *CONVOLUTIONS, *TRANSPOSED)


def described(kind: str, weights: Weights, groups: int = 1) -> tuple[str, Arguments] | None:
    """The class of a layer and the arguments of its constructor; None where shapes do not tell.

    Args:
        kind: the class that the weights are for, such as ``"Linear"``.
        weights: what was saved of the layer.
        groups: of a convolution, which shapes do not tell.
    """
    if "weight_ih_l0" in weights and "weight_hh_l0" in weights:
        return _recurrent(weights)
    if "weight_ih" in weights and "weight_hh" in weights:
        return _cell(weights)
    name, read = READERS.get(kind, ("", None))
    if read is None or name not in weights:
        return None
    arguments = read(weights[name], groups)
    if arguments is not None and kind in BIASED:
        arguments["bias"] = "bias" in weights
    return (kind, arguments) if arguments is not None else None


def _recurrent(weights: Weights) -> tuple[str, Arguments] | None:
    """The arguments of nn.RNN, nn.LSTM or nn.GRU, as the documentation lists their variables."""
    inner, outer = weights["weight_hh_l0"], weights["weight_ih_l0"]
    projected = weights.get("weight_hr_l0")
    hidden = projected[-1] if projected else inner[-1]
    kind = _gated(outer, hidden)
    if kind is None:
        return None
    layers = [int(m[1]) for name in weights if (m := re.fullmatch(r"weight_ih_l(\d+)", name))]
    arguments: Arguments = {"input_size": outer[1], "hidden_size": hidden}
    arguments["num_layers"] = max(layers) + 1
    arguments["bidirectional"] = "weight_ih_l0_reverse" in weights
    arguments["bias"] = "bias_ih_l0" in weights
    if projected:
        arguments["proj_size"] = projected[0]
    return kind, arguments


def _cell(weights: Weights) -> tuple[str, Arguments] | None:
    """The arguments of nn.RNNCell, nn.LSTMCell or nn.GRUCell."""
    inner, outer = weights["weight_hh"], weights["weight_ih"]
    kind = _gated(outer, inner[-1])
    if kind is None:
        return None
    arguments = {"input_size": outer[1], "hidden_size": inner[-1], "bias": "bias_ih" in weights}
    return f"{kind}Cell", arguments


def _gated(outer: tuple[Any, ...], hidden: int) -> str | None:
    """The recurrent layer whose input weights have so many rows."""
    if len(outer) != 2 or not hidden or outer[0] % hidden:
        return None
    return GATES.get(outer[0] // hidden)


Read = Callable[[tuple[Any, ...], int], Arguments | None]


def _axes(*names: str) -> Read:
    """A reader of a weight whose axes are arguments."""

    def read(shape: tuple[Any, ...], groups: int) -> Arguments | None:
        return dict(zip(names, shape, strict=True)) if len(shape) == len(names) else None

    return read


def _convolution(shape: tuple[Any, ...], groups: int) -> Arguments | None:
    out, inner, *kernel = shape if len(shape) > 2 else (0, 0)
    found = {"in_channels": inner * groups, "out_channels": out, "kernel_size": tuple(kernel)}
    return found if kernel else None


def _transposed(shape: tuple[Any, ...], groups: int) -> Arguments | None:
    inner, out, *kernel = shape if len(shape) > 2 else (0, 0)
    found = {"in_channels": inner, "out_channels": out * groups, "kernel_size": tuple(kernel)}
    return found if kernel else None


def _normalized(shape: tuple[Any, ...], groups: int) -> Arguments | None:
    return {"normalized_shape": shape}


def _attention(shape: tuple[Any, ...], groups: int) -> Arguments | None:
    return {"embed_dim": shape[-1]} if len(shape) == 2 else None


READERS: Mapping[str, tuple[str, Read]] = {
    "Linear": ("weight", _axes("out_features", "in_features")),
    "Bilinear": ("weight", _axes("out_features", "in1_features", "in2_features")),
    "Embedding": ("weight", _axes("num_embeddings", "embedding_dim")),
    "EmbeddingBag": ("weight", _axes("num_embeddings", "embedding_dim")),
    "GroupNorm": ("weight", _axes("num_channels")),
    "PReLU": ("weight", _axes("num_parameters")),
    "LayerNorm": ("weight", _normalized),
    "RMSNorm": ("weight", _normalized),
    "MultiheadAttention": ("in_proj_weight", _attention),
    **{kind: ("weight", _convolution) for kind in CONVOLUTIONS},
    **{kind: ("weight", _transposed) for kind in TRANSPOSED},
    **{f"BatchNorm{n}d": ("running_mean", _axes("num_features")) for n in (1, 2, 3)},
    **{f"InstanceNorm{n}d": ("running_mean", _axes("num_features")) for n in (1, 2, 3)},
}
"""Which weight of a class tells its arguments, and how."""

__all__ = ["described"]
