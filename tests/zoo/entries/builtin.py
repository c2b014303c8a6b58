"""Models that come with PyTorch: the part of the zoo that needs no package."""

from __future__ import annotations

from torch import nn

from ..entry import Entry, three

ENTRIES = [
    Entry(
        "torch/Transformer",
        lambda: nn.Transformer(16, 4, 2, 2, 32, batch_first=True).eval(),
        {"src": "B S 16", "tgt": "B T 16"},
        three("B", "S", "T"),
    ),
    Entry(
        "torch/TransformerEncoder with padding",
        lambda: nn.TransformerEncoder(nn.TransformerEncoderLayer(16, 4, 32, batch_first=True), 2),
        {"src": "B S 16", "src_key_padding_mask": "B S:bool"},
        three("B", "S"),
    ),
    Entry(
        "torch/LSTM",
        lambda: nn.LSTM(5, 8, 2, batch_first=True, bidirectional=True, proj_size=3),
        {"input": "B T 5", "hx": ("4 B 3", "4 B 8")},
        three("B", "T"),
    ),
]
