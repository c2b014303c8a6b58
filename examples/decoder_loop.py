"""A decoder whose Python loop takes a step for each word: its length stays symbolic."""

import torch
from torch import nn

import shapeflow


class Translator(nn.Module):
    """Reads a sentence, then writes one, with attention on what was read."""

    def __init__(self, words=500, width=64):
        super().__init__()
        self.read = nn.Embedding(words, width)
        self.encoder = nn.GRU(width, width, batch_first=True)
        self.write = nn.Embedding(words, width)
        self.cell = nn.GRUCell(2 * width, width)
        self.word = nn.Linear(width, words)

    def forward(self, source, target):
        memory, last = self.encoder(self.read(source))
        state, words = last[0], []
        for step in self.write(target).unbind(1):
            weights = (memory @ state.unsqueeze(2)).softmax(1)
            context = (weights * memory).sum(1)
            state = self.cell(torch.cat([step, context], dim=1), state)
            words.append(self.word(state))
        return torch.stack(words, dim=1)


if __name__ == "__main__":
    report = shapeflow.check(Translator(), "B S:int64", "B T:int64")
    print(report)
    print("at B=2, S=9, T=4:", report.output_shapes(B=2, S=9, T=4))
