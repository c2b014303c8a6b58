"""The recurrent layer reads channels times rows, and was made for the channels."""

import torch
from torch import nn

SPEC = {"spectrogram": "B 1 80 T"}


class Speech(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(1, 32, 3, stride=(2, 1), padding=1)
        self.rnn = nn.GRU(32, 64, batch_first=True)  # CAUSE
        self.out = nn.Linear(64, 29)

    def forward(self, spectrogram):
        x = torch.relu(self.conv(spectrogram))
        x = x.flatten(1, 2).transpose(1, 2)
        out, _ = self.rnn(x)
        return self.out(out)


def build():
    return Speech()
