"""The head counts the pixels of larger images than it is given."""

import torch
from torch import nn

SPEC = {"image": "B 1 28 28"}


class Digits(nn.Module):
    def __init__(self):
        super().__init__()
        self.body = nn.Sequential(
            nn.Conv2d(1, 8, 3, padding=1),
            nn.ReLU(),
            nn.MaxPool2d(2),
            nn.Conv2d(8, 16, 3, padding=1),
            nn.ReLU(),
            nn.MaxPool2d(2),
        )
        self.head = nn.Linear(16 * 8 * 8, 10)  # CAUSE

    def forward(self, image):
        x = self.body(image)
        x = torch.flatten(x, 1)
        return self.head(x)


def build():
    return Digits()
