"""A start state that is too wide, and that has the batch of another input: two faults at once."""

from torch import nn

import shapeflow


class Reader(nn.Module):
    """Goes on reading from a given state."""

    def __init__(self):
        super().__init__()
        self.rnn = nn.RNN(3, 3, batch_first=True)

    def forward(self, series, state):
        out, last = self.rnn(series, state)
        return out, last


# batch_first=True: the batch of (10, 1, 3) is 10, and the state has its batch on axis 1
print(shapeflow.check(Reader(), "10 1 3", state="1 1 5"))
print()
print("state of shape (1, 10, 3):", shapeflow.check(Reader(), "10 1 3", state="1 10 3").verdict)
