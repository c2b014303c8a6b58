"""A decoder that joins skip connections and counts only its own channels."""

import torch
from torch import nn

SPEC = {"image": "B 3 64 64"}


class Decoder(nn.Module):
    def __init__(self, width=16):
        super().__init__()
        self.first = nn.Conv2d(3, width, 3, padding=1)
        self.down = nn.Conv2d(width, 2 * width, 3, stride=2, padding=1)
        self.up = nn.ConvTranspose2d(2 * width, width, 2, stride=2)
        self.last = nn.Conv2d(width, width, 3, padding=1)  # CAUSE

    def forward(self, image):
        fine = torch.relu(self.first(image))
        coarse = torch.relu(self.down(fine))
        joined = torch.cat([fine, self.up(coarse)], dim=1)
        return self.last(joined)


def build():
    return Decoder()
