"""The mask is made for the width of the model in place of its steps."""

import torch
from torch import nn

SPEC = {"x": "B 20 32"}


class Causal(nn.Module):
    def __init__(self):
        super().__init__()
        self.layer = nn.TransformerEncoderLayer(32, 4, 64, batch_first=True)

    def forward(self, x):
        steps = x.size(2)  # CAUSE
        mask = torch.triu(torch.ones(steps, steps, dtype=torch.bool), diagonal=1)
        return self.layer(x, src_mask=mask)


def build():
    return Causal()
