"""Attention, quantisers and linear recurrences: small packages of one idea each."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from torch import nn

from ..entry import Entry, three


def make(path: str, **options: Any) -> nn.Module:
    """What a path such as ``package.module:Class`` names, made with options."""
    home, _, name = path.partition(":")
    kind: Any = getattr(import_module(home), name)
    model: nn.Module = kind(**options)
    return model.eval()


def words(kind: str, **options: Any) -> nn.Module:
    """A language model of x_transformers."""
    from x_transformers import TransformerWrapper

    layers: Any = make(f"x_transformers:{kind}", dim=16, depth=2, heads=2, **options)
    model: nn.Module = TransformerWrapper(num_tokens=50, max_seq_len=64, attn_layers=layers)
    return model.eval()


def signals() -> nn.Module:
    """An encoder of x_transformers that takes vectors."""
    from x_transformers import ContinuousTransformerWrapper

    layers: Any = make("x_transformers:Encoder", dim=16, depth=1, heads=2)
    model: nn.Module = ContinuousTransformerWrapper(
        dim_in=6, dim_out=4, max_seq_len=64, attn_layers=layers
    )
    return model.eval()


def mamba(scan: bool) -> nn.Module:
    """A selective state space model, by a parallel scan or step by step."""
    from mambapy.mamba import Mamba, MambaConfig

    model: nn.Module = Mamba(MambaConfig(d_model=16, n_layers=1, pscan=scan))
    return model.eval()


TOKENS = ("B T:int64",)
VECTORS = ("B T 16",)
ONE: dict[str, Any] = {"num_tokens": 50, "dim": 16, "depth": 1, "max_seq_len": 64, "heads": 2}

ENTRIES = [
    Entry("x_transformers/rotary decoder", lambda: words("Decoder", rotary_pos_emb=True), TOKENS,
          three("B", "T")),
    Entry("x_transformers/relative encoder",
          lambda: words("Encoder", rel_pos_bias=True, ff_glu=True), TOKENS, three("B", "T")),
    Entry("x_transformers/alibi decoder",
          lambda: words("Decoder", alibi_pos_bias=True, use_rmsnorm=True), TOKENS,
          three("B", "T")),
    Entry("x_transformers/continuous encoder", signals, ("B T 6",), three("B", "T")),
    Entry("perceiver_pytorch/Perceiver",
          lambda: make("perceiver_pytorch:Perceiver", input_channels=3, input_axis=2,
                       num_freq_bands=3, max_freq=10.0, depth=1, num_latents=6, latent_dim=16,
                       cross_heads=1, latent_heads=2, cross_dim_head=8, latent_dim_head=8,
                       num_classes=5),
          ("B H W 3",), three("B", "H", "W")),
    Entry("perceiver_pytorch/PerceiverIO",
          lambda: make("perceiver_pytorch:PerceiverIO", dim=12, queries_dim=8, logits_dim=5,
                       depth=1, num_latents=6, latent_dim=16, cross_heads=1, latent_heads=2,
                       cross_dim_head=8, latent_dim_head=8),
          {"data": "B T 12", "queries": "N 8"}, three("B", "T", "N")),
    Entry("linear_attention_transformer/language model",
          lambda: make("linear_attention_transformer:LinearAttentionTransformerLM", **ONE), TOKENS,
          three("B", "T")),
    Entry("local_attention/LocalAttention",
          lambda: make("local_attention:LocalAttention", dim=8, window_size=4, causal=True,
                       look_backward=1, look_forward=0, autopad=True),
          ("B 2 T 8",) * 3, three("B", "T")),
    Entry("linformer/language model",
          lambda: make("linformer:LinformerLM", num_tokens=50, dim=16, seq_len=32, depth=1,
                       heads=2, k=8),
          TOKENS, three("B", "T")),
    Entry("vector_quantize_pytorch/VectorQuantize",
          lambda: make("vector_quantize_pytorch:VectorQuantize", dim=8, codebook_size=10),
          ("B T 8",), three("B", "T")),
    Entry("vector_quantize_pytorch/ResidualVQ",
          lambda: make("vector_quantize_pytorch:ResidualVQ", dim=8, num_quantizers=3,
                       codebook_size=10),
          ("B T 8",), three("B", "T")),
    Entry("vector_quantize_pytorch/FSQ",
          lambda: make("vector_quantize_pytorch:FSQ", levels=[8, 5, 5, 5]), ("B T 4",),
          three("B", "T")),
    Entry("product_key_memory/PKM",
          lambda: make("product_key_memory:PKM", dim=16, heads=2, dim_head=8, num_keys=8, topk=4),
          VECTORS, three("B", "T")),
    Entry("minGRU_pytorch/minLSTM", lambda: make("minGRU_pytorch.minLSTM:minLSTM", dim=16), VECTORS,
          three("B", "T")),
    Entry("mambapy/Mamba step by step", lambda: mamba(False), VECTORS, three("B", "T")),
    Entry("mambapy/Mamba parallel scan", lambda: mamba(True), VECTORS, three("B", "T")),
    Entry("efficientnet_pytorch/EfficientNet",
          lambda: make("efficientnet_pytorch:EfficientNet",
                       **_efficient()),
          ("B 3 H W",), three("B", "H", "W", H=(64, 71, 90), W=(80, 67, 99))),
]  # fmt: skip


def _efficient() -> dict[str, Any]:
    from efficientnet_pytorch.utils import efficientnet

    blocks, options = efficientnet(0.25, 0.25, num_classes=5)
    return {"blocks_args": blocks, "global_params": options}
