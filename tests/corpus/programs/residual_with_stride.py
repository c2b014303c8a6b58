"""A residual block halves the image, and its shortcut does not."""

import torch
from torch import nn

SPEC = {"x": "B 16 32 32"}


class Residual(nn.Module):
    def __init__(self, width=16):
        super().__init__()
        self.first = nn.Conv2d(width, width, 3, stride=2, padding=1)
        self.second = nn.Conv2d(width, width, 3, padding=1)
        self.short = nn.Conv2d(width, width, 1)  # CAUSE

    def forward(self, x):
        out = self.second(torch.relu(self.first(x)))
        return torch.relu(out + self.short(x))


def build():
    return Residual()
