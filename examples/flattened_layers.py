"""A head on the last state of a deep bidirectional LSTM, flattened in the wrong order."""

from torch import nn

import shapeflow


class Sentiment(nn.Module):
    """Two opinions about a text, from the last states of both directions."""

    def __init__(self, layers=2, hidden=16, vocabulary=1000):
        super().__init__()
        self.hidden = hidden
        self.embed = nn.Embedding(vocabulary, 12)
        self.rnn = nn.LSTM(12, hidden, layers, batch_first=True, bidirectional=True)
        self.opinion = nn.Linear(2 * hidden, 2)

    def forward(self, words):
        _, (h, _) = self.rnn(self.embed(words))
        return self.opinion(h.view(words.size(0), 2 * self.hidden))


report = shapeflow.check(Sentiment(), "B T:int64")
print(report)
print()
print("with one layer:", shapeflow.check(Sentiment(layers=1), "B T:int64").verdict)
