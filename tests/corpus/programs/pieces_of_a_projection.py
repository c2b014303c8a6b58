"""A projection is too narrow for the three pieces that it is cut into."""

import torch
from torch import nn

SPEC = {"x": "B T 32"}


class GatedAttention(nn.Module):
    def __init__(self, dim=32):
        super().__init__()
        self.qkv = nn.Linear(dim, dim * 2)  # CAUSE
        self.gate = nn.Linear(dim, dim)
        self.norm = nn.LayerNorm(dim)
        self.out = nn.Linear(dim, dim)

    def forward(self, x):
        q, k, v = self.qkv(x).chunk(3, dim=-1)
        q = self.norm(q)
        k = self.norm(k)
        att = torch.softmax(q @ k.transpose(1, 2) / 32**0.5, dim=-1)
        y = att @ v
        y = y * torch.sigmoid(self.gate(x))
        return x + self.out(y)


def build():
    return GatedAttention()
