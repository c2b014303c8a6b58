"""A batch-first RNN made for 3 features is given sequences of 5."""

from torch import nn

import shapeflow


class Reader(nn.Module):
    """Reads one series after the other."""

    def __init__(self, features=3):
        super().__init__()
        self.rnn = nn.RNN(features, 3, batch_first=True)

    def forward(self, series):
        out, _ = self.rnn(series)
        return out


print(shapeflow.check(Reader(), "10 1 5"))
print()
print("made for 5 features:", shapeflow.check(Reader(features=5), "10 1 5").verdict)
