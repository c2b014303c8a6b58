"""The normalisation keeps the channels that the convolution had before it grew."""

import torch
from torch import nn

SPEC = {"wave": "B 2 T"}


class Wave(nn.Module):
    def __init__(self, channels=12):
        super().__init__()
        self.conv = nn.Conv1d(2, 2 * channels, 5, padding=2)
        self.norm = nn.BatchNorm1d(channels)  # CAUSE
        self.out = nn.Conv1d(2 * channels, 1, 1)

    def forward(self, wave):
        return self.out(torch.relu(self.norm(self.conv(wave))))


def build():
    return Wave()
