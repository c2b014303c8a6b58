"""Noise of a generator goes into a transposed convolution as a plain vector."""

import torch
from torch import nn

SPEC = {"noise": "B 64"}


class Generator(nn.Module):
    def __init__(self):
        super().__init__()
        self.first = nn.ConvTranspose2d(64, 32, 4)
        self.second = nn.ConvTranspose2d(32, 1, 4, stride=2, padding=1)

    def forward(self, noise):
        x = torch.relu(self.first(noise))  # CAUSE
        return torch.tanh(self.second(x))


def build():
    return Generator()
