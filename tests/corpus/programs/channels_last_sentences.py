"""A convolution over words is given embeddings whose features come last."""

import torch
from torch import nn

SPEC = {"tokens": "B 40:int64"}


class Sentences(nn.Module):
    def __init__(self):
        super().__init__()
        self.embed = nn.Embedding(500, 32)
        self.conv = nn.Conv1d(32, 64, 3, padding=1)
        self.out = nn.Linear(64, 2)

    def forward(self, tokens):
        words = self.embed(tokens)  # CAUSE
        features = torch.relu(self.conv(words))
        return self.out(features.max(dim=2).values)


def build():
    return Sentences()
