"""Weights of another model: what the layers were made with when they were saved."""

from torch import nn

import shapeflow


class Tagger(nn.Module):
    """A label for each word."""

    def __init__(self, hidden=32, layers=1):
        super().__init__()
        self.rnn = nn.LSTM(20, hidden, layers, batch_first=True, bidirectional=True)
        self.label = nn.Linear(2 * hidden, 12)

    def forward(self, words):
        return self.label(self.rnn(words)[0])


if __name__ == "__main__":
    saved = Tagger(hidden=64, layers=2).state_dict()
    print(shapeflow.check_state_dict(Tagger(), saved))
