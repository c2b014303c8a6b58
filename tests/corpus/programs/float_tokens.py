"""An embedding is given numbers that are no integers."""

from torch import nn

SPEC = {"tokens": "B T"}


class Tokens(nn.Module):
    def __init__(self):
        super().__init__()
        self.embed = nn.Embedding(100, 8)
        self.rnn = nn.GRU(8, 8, batch_first=True)

    def forward(self, tokens):
        out, _ = self.rnn(self.embed(tokens))  # CAUSE
        return out


def build():
    return Tokens()
