"""The width is no multiple of the heads that it is split into."""

from torch import nn

SPEC = {"x": "B T 100"}


class Split(nn.Module):
    def __init__(self, width=100, heads=8):
        super().__init__()
        self.heads = heads
        self.query = nn.Linear(width, width)

    def forward(self, x):
        batch, steps, _ = x.shape
        q = self.query(x).view(batch, steps, self.heads, -1)
        return q.transpose(1, 2)


def build():
    return Split()  # CAUSE
