"""A start state whose batch is not that of the input, for all batches at once."""

from torch import nn

import shapeflow


class Classifier(nn.Module):
    """One label for each sequence."""

    def __init__(self, labels=4):
        super().__init__()
        self.rnn = nn.GRU(3, 8, batch_first=True)
        self.labels = nn.Linear(8, labels)

    def forward(self, x, hx=None):
        _, last = self.rnn(x, hx)
        return self.labels(last[-1])


if __name__ == "__main__":
    report = shapeflow.check(Classifier(), "B T 3", hx="1 N 8")
    print(report)
    print()
    print("runs at B=10, N=2:", report.accepts(B=10, T=7, N=2))
    print("runs at B=2,  N=2:", report.accepts(B=2, T=7, N=2))
    print("without a state:", shapeflow.check(Classifier(), "B T 3").verdict)
