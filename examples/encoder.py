"""A Transformer encoder: how long a text may be, as its table of positions has it."""

import torch
from torch import nn

import shapeflow


class Encoder(nn.Module):
    """Words with their positions, through layers of attention."""

    def __init__(self, words=1000, width=64, layers=4, longest=512):
        super().__init__()
        self.word = nn.Embedding(words, width)
        self.position = nn.Embedding(longest, width)
        layer = nn.TransformerEncoderLayer(width, 4, 256, batch_first=True)
        self.layers = nn.TransformerEncoder(layer, layers, enable_nested_tensor=False)

    def forward(self, text):
        place = torch.arange(text.size(1), device=text.device)
        return self.layers(self.word(text) + self.position(place))


if __name__ == "__main__":
    report = shapeflow.check(Encoder(), "B T:int64")
    print(report)
    print("512 words:", report.accepts(B=2, T=512), " 513 words:", report.accepts(B=2, T=513))
