"""A result that runs and is wrong: only a promise shows that the batch was lost."""

from torch import nn

import shapeflow


class LastStep(nn.Module):
    """One opinion for each sequence, from its last step."""

    def __init__(self):
        super().__init__()
        self.rnn = nn.GRU(3, 8, batch_first=True)
        self.opinion = nn.Linear(8, 2)

    def forward(self, x):
        out, _ = self.rnn(x)
        return self.opinion(out[-1])


if __name__ == "__main__":
    print(shapeflow.check(LastStep(), "B T 3", returns="B 2"))
