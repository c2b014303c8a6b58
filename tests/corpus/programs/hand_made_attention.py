"""Scores of queries and keys without transposing the keys."""

import torch
from torch import nn

SPEC = {"x": "B T 32"}


class Attention(nn.Module):
    def __init__(self, width=32):
        super().__init__()
        self.query = nn.Linear(width, width)
        self.key = nn.Linear(width, width)
        self.value = nn.Linear(width, width)

    def forward(self, x):
        query, key, value = self.query(x), self.key(x), self.value(x)  # CAUSE
        scores = torch.matmul(query, key) / 32**0.5  # CAUSE
        return torch.softmax(scores, dim=-1) @ value


def build():
    return Attention()
