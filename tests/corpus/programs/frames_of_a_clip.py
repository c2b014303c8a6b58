"""Frames of a clip go into a convolution of images without joining the batch."""

import torch
from torch import nn

SPEC = {"clip": "B T 3 32 32"}


class Clip(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(3, 8, 3, padding=1)
        self.pool = nn.AdaptiveAvgPool2d(1)
        self.rnn = nn.GRU(8, 16, batch_first=True)

    def forward(self, clip):
        batch, steps = clip.shape[:2]
        frames = self.pool(torch.relu(self.conv(clip)))  # CAUSE
        out, _ = self.rnn(frames.flatten(1).view(batch, steps, -1))
        return out


def build():
    return Clip()
