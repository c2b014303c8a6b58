"""Keys come from an encoder of another width than the queries."""

from torch import nn

SPEC = {"target": "B T 64", "memory": "B S 96"}


class Reader(nn.Module):
    def __init__(self):
        super().__init__()
        self.attention = nn.MultiheadAttention(64, 8, batch_first=True)  # CAUSE
        self.out = nn.Linear(64, 64)

    def forward(self, target, memory):
        read, _ = self.attention(target, memory, memory)
        return self.out(read)


def build():
    return Reader()
