"""Forecasters, imputers and policies: recurrence over time series."""

from __future__ import annotations

from typing import Any

from ..entry import Entry, three
from .audio import of

BT = three("B", "T")
B = three("B")


def series(*names: str) -> dict[str, Any]:
    """Values, mask and time gaps of a series, forward and backward."""
    return {name: dict.fromkeys(("X", "missing_mask", "deltas"), "B 6 5") for name in names}


ENTRIES = [
    Entry(
        "gluonts/DeepARModel",
        of(
            "gluonts.torch.model.deepar.module:DeepARModel", "D", 6, 3, hidden_size=8,
            lags_seq=[1, 2], num_parallel_samples=4,
        ),
        {
            "feat_static_cat": "B 1:int64", "feat_static_real": "B 1", "past_time_feat": "B 8 1",
            "past_target": "B 8", "past_observed_values": "B 8", "future_time_feat": "B 3 1",
        },
        B,
    ),
    Entry(
        "gluonts/TemporalFusionTransformerModel",
        of(
            "gluonts.torch.model.tft.module:TemporalFusionTransformerModel", 6, 3,
            d_feat_static_real=[2], c_feat_static_cat=[4], d_feat_dynamic_real=[1], num_heads=2,
            d_hidden=8, d_var=8,
        ),
        {
            "past_target": "B 6", "past_observed_values": "B 6", "feat_static_real": "B 2",
            "feat_static_cat": "B 1:int64", "feat_dynamic_real": "B 9 1",
        },
        B,
    ),
    Entry(
        "gluonts/PatchTSTModel",
        of(
            "gluonts.torch.model.patch_tst.module:PatchTSTModel", 3, 12, 4, 2, "end", 8, 2, 16, 0,
            0.0, "relu", False, 1, "mean",
        ),
        {"past_target": "B 12", "past_observed_values": "B 12"},
        B,
    ),
    Entry(
        "pypots/BackboneBRITS",
        of("pypots.nn.modules.brits:BackboneBRITS", 6, 5, 8),
        {"inputs": series("forward", "backward")},
        B,
    ),
    Entry(
        "pypots/BackboneMRNN",
        of("pypots.nn.modules.mrnn:BackboneMRNN", 6, 5, 8),
        {"inputs": series("forward", "backward")},
        B,
    ),
    Entry(
        "pypots/BackboneGRUD",
        of("pypots.nn.modules.grud:BackboneGRUD", 6, 5, 8),
        {
            "X": "B 6 5", "missing_mask": "B 6 5", "deltas": "B 6 5", "empirical_mean": "5",
            "X_filledLOCF": "B 6 5",
        },
        B,
    ),
    Entry(
        "pypots/BackboneSAITS",
        of("pypots.nn.modules.saits:BackboneSAITS", 6, 5, 2, 16, 2, 8, 8, 16, 0.1, 0.1),
        {"X": "B 6 5", "missing_mask": "B 6 5"},
        B,
    ),
    Entry(
        "pypots/BackboneSegRNN",
        of("pypots.nn.modules.segrnn:BackboneSegRNN", 12, 5, 4, 4, 8),
        {"x": "B 12 5"},
        B,
    ),
    Entry(
        "pypots/BackboneTCN",
        of("pypots.nn.modules.tcn:BackboneTCN", 5, [8, 8], 3),
        {"x": "B 5 T"},
        BT,
    ),
    Entry(
        "pypots/BackboneTimesNet",
        of("pypots.nn.modules.timesnet:BackboneTimesNet", 1, 12, 0, 2, 8, 8, 2),
        {"X": "B 12 8"},
        B,
    ),
    Entry(
        "pytorch_forecasting/VariableSelectionNetwork",
        of(
            "pytorch_forecasting.models.temporal_fusion_transformer.sub_modules:"
            "VariableSelectionNetwork", {"price": 1, "day": 4}, 8, {"day": True}, context_size=8,
        ),
        {"x": {"price": "B T 1", "day": "B T 4"}, "context": "B T 8"},
        BT,
    ),
    Entry(
        "pytorch_forecasting/LSTM with lengths",
        of("pytorch_forecasting.models.nn.rnn:LSTM", 5, 8, batch_first=True),
        {"x": "B T 5", "lengths": "B:int64", "enforce_sorted": False},
        BT,
        values={"lengths": "T"},
    ),
    Entry(
        "torchnlp/Attention",
        of("torchnlp.nn:Attention", 8),
        {"query": "B S 8", "context": "B T 8"},
        three("B", "S", "T"),
    ),
    Entry(
        "torchnlp/CNNEncoder",
        of("torchnlp.nn:CNNEncoder", 8, 4, (2, 3), output_dim=6),
        {"tokens": "B T 8", "mask": "B T:bool"},
        three("B", "T", least=3),
        values={"mask": 1},
    ),
    Entry("torchrl/GRU", of("torchrl.modules:GRU", 5, 8, 2), {"input": "B T 5"}, BT),
    Entry(
        "torchrl/LSTM",
        of("torchrl.modules:LSTM", 5, 8, 2),
        {"input": "B T 5", "hx": ("2 B 8", "2 B 8")},
        BT,
    ),
    Entry(
        "torchrl/DTActor",
        of(
            "torchrl.modules:DTActor", 4, 3,
            {
                "n_embd": 16, "n_layer": 2, "n_head": 2, "n_inner": 32, "activation": "relu",
                "n_positions": 64, "resid_pdrop": 0.1, "attn_pdrop": 0.1,
            },
        ),
        {"observation": "B T 4", "action": "B T 3", "return_to_go": "B T 1"},
        BT,
        needs=("transformers",),
    ),
    Entry("rsl_rl/RNN", of("rsl_rl.modules:RNN", 5, 8, 1, "gru"), {"input": "B 5"}, B),
    Entry(
        "encodec/SEANetEncoder",
        of("encodec.modules:SEANetEncoder", 1, 16, 4, ratios=[4, 2], lstm=1),
        {"x": "B 1 T"},
        three("B", T=(200, 301, 402)),
    ),
    Entry(
        "vocos/VocosBackbone",
        of("vocos.models:VocosBackbone", 8, 16, 32, 2),
        {"x": "B 8 T"},
        BT,
    ),
]  # fmt: skip
