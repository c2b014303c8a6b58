"""Recurrence in packages of its own: layers, taggers, language models and policies."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from ..entry import Entry, three
from .audio import of

BT = three("B", "T")


def xlstm() -> Any:
    """Blocks with matrix memory and with scalar memory, in turn."""
    x = import_module("xlstm")
    return x.xLSTMBlockStack(
        x.xLSTMBlockStackConfig(
            mlstm_block=x.mLSTMBlockConfig(mlstm=x.mLSTMLayerConfig(num_heads=2)),
            slstm_block=x.sLSTMBlockConfig(
                slstm=x.sLSTMLayerConfig(backend="vanilla", num_heads=2)
            ),
            context_length=16, num_blocks=2, embedding_dim=16, slstm_at=[1],
        )
    ).eval()  # fmt: skip


def mamba() -> Any:
    """Two blocks with the parallel scan."""
    m = import_module("mambapy.mamba")
    return m.Mamba(m.MambaConfig(d_model=16, n_layers=2, d_state=4)).eval()


def policy() -> Any:
    """An actor and a critic, each with an LSTM."""
    spaces = import_module("gymnasium").spaces
    kind = import_module("sb3_contrib.common.recurrent.policies").RecurrentActorCriticPolicy
    box = spaces.Box(-1.0, 1.0, (4,))
    return kind(box, spaces.Discrete(3), lambda _: 1e-3, lstm_hidden_size=8).eval()


def states() -> Any:
    """The recurrent state of that policy, as specs."""
    kind = import_module("sb3_contrib.common.recurrent.type_aliases").RNNStates
    return kind(("1 N 8", "1 N 8"), ("1 N 8", "1 N 8"))


def wrapper() -> Any:
    """A decoder with rotary embeddings."""
    x = import_module("x_transformers")
    layers = x.Decoder(dim=16, depth=2, heads=2, rotary_pos_emb=True, attn_dim_head=32)
    return x.TransformerWrapper(num_tokens=20, max_seq_len=32, attn_layers=layers).eval()


ENTRIES = [
    Entry(
        "torchcrf/CRF",
        of("torchcrf:CRF", 5, batch_first=True),
        {"emissions": "B T 5", "tags": "B T:int64", "mask": "B T:bool"},
        BT,
        values={"mask": 1},
    ),
    Entry(
        "torchcrf/CRF without mask",
        of("torchcrf:CRF", 5),
        {"emissions": "T B 5", "tags": "T B:int64"},
        three("T", "B"),
    ),
    Entry(
        "pytorch_tcn/TCN",
        of("pytorch_tcn:TCN", 5, [8, 8], 3, causal=True),
        {"x": "B 5 T"},
        BT,
    ),
    Entry(
        "minGRU_pytorch/minGRU",
        of("minGRU_pytorch:minGRU", 8, 1.5),
        {"x": "B T 8", "return_next_prev_hidden": True},
        BT,
    ),
    Entry(
        "minGRU_pytorch/minLM",
        of("minGRU_pytorch.minLM:minLM", num_tokens=20, dim=8, depth=2, enable_conv=True),
        {"x": "B T:int64"},
        BT,
    ),
    Entry(
        "minGRU_pytorch/minLM of LSTMs",
        of("minGRU_pytorch.minLM:minLM", num_tokens=20, dim=8, depth=2, use_lstm=True),
        {"x": "B T:int64"},
        BT,
    ),
    Entry("ncps/CfC", of("ncps.torch:CfC", 4, 8, proj_size=3), {"input": "B T 4"}, BT),
    Entry(
        "ncps/CfC with memory",
        of("ncps.torch:CfC", 4, 8, mixed_memory=True, return_sequences=False),
        {"input": "B T 4", "hx": ("B 8", "B 8")},
        BT,
    ),
    Entry(
        "ncps/LTC",
        of("ncps.torch:LTC", 4, 8),
        {"input": "B T 4", "hx": "B 8"},
        BT,
    ),
    Entry("xlstm/xLSTMBlockStack", xlstm, {"x": "B T 16"}, BT),
    Entry("mambapy/Mamba", mamba, {"x": "B T 16"}, BT),
    Entry(
        "conformer/Conformer",
        of("conformer:Conformer", 16, depth=2, dim_head=4, heads=4, conv_kernel_size=7),
        {"x": "B T 16"},
        BT,
    ),
    Entry(
        "x_transformers/TransformerWrapper",
        wrapper,
        {"x": "B T:int64"},
        BT,
    ),
    Entry(
        "x_transformers/XTransformer",
        of(
            "x_transformers:XTransformer", dim=16, enc_num_tokens=20, enc_depth=2, enc_heads=2,
            enc_max_seq_len=32, dec_num_tokens=20, dec_depth=2, dec_heads=2, dec_max_seq_len=32,
        ),
        {"src": "B S:int64", "tgt": "B T:int64", "mask": "B S:bool"},
        three("B", "S", "T"),
        values={"mask": 1},
    ),
    Entry(
        "local_attention/LocalTransformer",
        of(
            "local_attention:LocalTransformer", num_tokens=20, max_seq_len=64, dim=16, depth=2,
            local_attn_window_size=8, dim_head=4, heads=4,
        ),
        {"x": "B T:int64"},
        BT,
    ),
    Entry(
        "openunmix/OpenUnmix",
        of("openunmix.model:OpenUnmix", 33, 2, 16, 2, max_bin=20),
        {"x": "B 2 33 T"},
        BT,
    ),
    Entry(
        "demucs/Demucs",
        of("demucs.demucs:Demucs", ["a", "b"], channels=8, depth=3, lstm_layers=1, resample=True),
        {"mix": "B 2 T"},
        three("B", T=(600, 801, 1002)),
    ),
    Entry(
        "demucs/HDemucs",
        of("demucs.hdemucs:HDemucs", ["a", "b"], channels=8, nfft=256, depth=3, norm_groups=2),
        {"mix": "B 2 T"},
        three("B", T=(3000, 4100, 5300)),
    ),
]  # fmt: skip


if not Entry("sb3_contrib/", policy, {}, BT, needs=("gymnasium",)).missing:
    ENTRIES += [  # its specs are made of a class of the package
        Entry(
            "sb3_contrib/RecurrentActorCriticPolicy",
            policy,
            {"obs": "T*N 4", "lstm_states": states(), "episode_starts": "T*N"},
            three("T", "N"),
        )
    ]
