"""Depthwise filters for fewer channels than there are."""

import torch
from torch import nn

SPEC = {"x": "B 24 H W"}


class Depthwise(nn.Module):
    def __init__(self):
        super().__init__()
        self.depth = nn.Conv2d(32, 32, 3, padding=1, groups=32)  # CAUSE
        self.point = nn.Conv2d(32, 48, 1)

    def forward(self, x):
        return self.point(torch.relu(self.depth(x)))


def build():
    return Depthwise()
