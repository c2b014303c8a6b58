"""Models with one fault each; the line that a person would edit is marked HERE."""

from itertools import pairwise

import torch
from torch import nn
from torch.nn import functional

KINDS = {"gru": nn.GRU, "lstm": nn.LSTM}


def encoder_of(settings):
    return KINDS[settings["kind"]](settings["inputs"], 6, batch_first=True)  # HERE FromTable


class FromTable(nn.Module):
    spec = ("B T 5",)

    def __init__(self):
        super().__init__()
        self.encoder = encoder_of({"kind": "gru", "inputs": 4})

    def forward(self, x):
        return self.encoder(x)[0]


class OtherBatch(nn.Module):
    spec = ("B T 5",)

    def __init__(self):
        super().__init__()
        self.rnn = nn.GRU(5, 6, batch_first=True)

    def start(self, batch):
        return torch.zeros(1, batch, 6)

    def forward(self, x):
        state = torch.zeros(1, x.size(1), 6)  # HERE OtherBatch
        return self.rnn(x, state)[0]


class OneDirection(nn.Module):
    spec = ("B T 5",)

    def __init__(self, layers=2):
        super().__init__()
        self.layers = layers
        self.rnn = nn.LSTM(5, 6, layers, batch_first=True, bidirectional=True)

    def start(self, batch):
        rows = self.layers * 1  # HERE OneDirection
        return torch.zeros(rows, batch, 6), torch.zeros(rows, batch, 6)

    def forward(self, x):
        return self.rnn(x, self.start(x.size(0)))[0]


class Appended(nn.Module):
    spec = ("B 7",)

    def __init__(self, sizes=(7, 12, 9)):
        super().__init__()
        layers = []
        for wide, narrow in pairwise(sizes):
            layers += [nn.Linear(wide, narrow), nn.Tanh()]
        self.body = nn.Sequential(*layers)
        self.head = nn.Linear(12, 2)  # HERE Appended

    def forward(self, x):
        return self.head(self.body(x))


class Matched(nn.Module):
    spec = ("B T 8", "B S 8")

    def keys(self, memory):
        return memory  # HERE Matched

    def forward(self, query, memory):
        return torch.bmm(query, self.keys(memory))


class Scored(nn.Module):
    spec = ("B T 8", "B T:int64")

    def __init__(self):
        super().__init__()
        self.head = nn.Linear(8, 5)

    def forward(self, x, target):
        scores = self.head(x)  # HERE Scored
        return functional.cross_entropy(scores, target)


class Centred(nn.Module):
    spec = ("B T 8",)

    def forward(self, x):
        middle = x.mean(1)  # HERE Centred
        return x - middle


class Unrolled(nn.Module):
    spec = ("B T 8",)

    def __init__(self):
        super().__init__()
        self.cell = nn.GRUCell(8, 6)
        self.first = nn.Parameter(torch.zeros(1, 6))

    def start(self):
        return self.first  # HERE Unrolled

    def forward(self, x):
        state = self.start()
        for step in range(x.size(1)):
            state = self.cell(x[:, step], state)
        return state


class Chained(nn.Module):
    spec = ("B T 5",)

    def __init__(self):
        super().__init__()
        self.body = nn.Sequential(
            nn.Linear(5, 8),
            nn.GRU(8, 6, batch_first=True),  # HERE Chained
            nn.Linear(6, 1),
        )

    def forward(self, x):
        return self.body(x)


class Packed(nn.Module):
    spec = ("B T 5", "B:int64")

    def __init__(self):
        super().__init__()
        self.rnn = nn.GRU(5, 6, batch_first=True)

    def forward(self, x, lengths):
        packed = nn.utils.rnn.pack_padded_sequence(
            x, lengths, batch_first=True, enforce_sorted=False
        )
        out, _ = self.rnn(packed)  # HERE Packed
        return torch.tanh(out)


class Shrunk(nn.Module):
    spec = ("B 8 H W",)

    def __init__(self):
        super().__init__()
        self.window = nn.Conv2d(8, 8, 3)  # HERE Shrunk

    def forward(self, x):
        return x + self.window(x)


class Handed(nn.Module):
    """Its width is given where it is made."""

    def __init__(self, width):
        super().__init__()
        self.rnn = nn.GRU(4, width, batch_first=True)
        self.out = nn.Linear(width, 3)

    def forward(self, x, state):
        return self.out(self.rnn(x, state)[0])


class Outer(nn.Module):
    spec = ("B T 4", "1 B 9")

    def __init__(self):
        super().__init__()
        self.inner = Handed(8)  # HERE Outer

    def forward(self, x, state):
        return self.inner(x, state)


class BothWays(nn.Module):
    spec = ("B T 12",)

    def __init__(self):
        super().__init__()
        self.rnn = nn.LSTM(12, 8, batch_first=True, bidirectional=True)
        self.head = nn.Linear(16, 2)

    def summary(self, hidden):
        return hidden.squeeze(0)  # HERE BothWays

    def forward(self, x):
        _, (hidden, _) = self.rnn(x)
        return self.head(self.summary(hidden))


class Swapped(nn.Module):
    spec = ("B T 6",)

    def forward(self, x):
        other = x.transpose(1, 2)  # HERE Swapped
        return x * 2 + other


class Lists(nn.Module):
    spec = ("B T 4", "3 B 6")

    def __init__(self):
        super().__init__()
        self.layers = nn.ModuleList(
            nn.GRU(4 if i == 0 else 6, 6, batch_first=True) for i in range(3)
        )

    def rows(self, state):
        return state  # HERE Lists

    def forward(self, x, state):
        for layer in self.layers:
            x, _ = layer(x, self.rows(state))
        return x


class Wholes(nn.Module):
    spec = ("B T",)

    def __init__(self):
        super().__init__()
        self.table = nn.Embedding(9, 4)

    def forward(self, x):
        return self.table(x)  # HERE Wholes


class Flattened(nn.Module):
    spec = ("N T 3 20 20",)

    def __init__(self, flat=7):
        super().__init__()
        self.flat = flat
        self.window = nn.Conv2d(3, 4, 5, stride=5)
        self.rnn = nn.LSTM(flat, 6, batch_first=True)

    def forward(self, x):
        seen = self.window(x.flatten(0, 1)).view(-1, self.flat)
        return self.rnn(seen.view(x.size(0), x.size(1), -1))[0]


def flattened():
    """A model whose number is a default: the line is that of the call."""
    return Flattened()  # HERE Flattened


class Gated(nn.Module):
    spec = ("B 6",)

    def __init__(self):
        super().__init__()
        self.gate = nn.Linear(6, 4)
        self.experts = nn.ModuleList([nn.Linear(6, 5) for _ in range(4)])

    def gating(self, x):
        return functional.softmax(self.gate(x), dim=-1)

    def forward(self, x):
        gates = self.gating(x)  # HERE Gated
        return (gates * torch.stack([expert(x) for expert in self.experts], dim=1)).sum(1)


class Judged(nn.Module):
    spec = ("B 6", "B 6")

    def __init__(self):
        super().__init__()
        self.head = nn.Linear(6, 1)

    def score(self, x):
        return torch.sigmoid(self.head(x))

    def forward(self, real, fake):
        ones = torch.ones(real.size(0))
        true = functional.binary_cross_entropy(self.score(real), ones)  # HERE Judged
        return true + functional.binary_cross_entropy(self.score(fake), torch.zeros(len(fake), 1))


class Turned(nn.Module):
    spec = ("B T 6", "B T:int64")

    def __init__(self):
        super().__init__()
        self.attention = nn.MultiheadAttention(6, 2, batch_first=True)

    def forward(self, x, ids):
        padding = (ids == 0).t()  # HERE Turned
        return self.attention(x, x, x, key_padding_mask=padding)[0]


class Hidden(nn.Module):
    spec = ("B T 6", "B T:bool")

    def __init__(self):
        super().__init__()
        self.attention = nn.MultiheadAttention(6, 2, batch_first=True)

    def forward(self, x, pad):
        return self.attention(x, x, x, attn_mask=pad)[0]  # HERE Hidden


class Restored(nn.Module):
    spec = ("B 1 2*K",)

    def __init__(self):
        super().__init__()
        self.down = nn.Conv1d(1, 4, 5, stride=2, padding=2)
        self.up = nn.ConvTranspose1d(4, 1, 5, stride=2, padding=2)  # HERE Restored

    def forward(self, x):
        return functional.l1_loss(self.up(self.down(x)), x)


class Paired(nn.Module):
    spec = ("N 6",)

    def __init__(self):
        super().__init__()
        self.a = nn.Parameter(torch.zeros(6, 1))  # HERE Paired

    def forward(self, x):
        return torch.cat([x, x], dim=1) @ self.a


class Worded(nn.Module):
    spec = ("B T:int64",)

    def __init__(self):
        super().__init__()
        self.embedding = nn.Embedding(9, 5)
        self.rnn = nn.GRU(6, 4, batch_first=True)

    def forward(self, ids):
        return self.rnn(self.embedding(ids))[0]


class Block(nn.Module):
    def __init__(self, stride):
        super().__init__()
        self.conv1 = nn.Conv2d(8, 8, 3, stride=stride, padding=1)
        self.conv2 = nn.Conv2d(8, 8, 3, padding=1)

    def forward(self, x):
        out = self.conv2(torch.relu(self.conv1(x)))
        out += x  # HERE Residual
        return out


class Residual(nn.Module):
    spec = ("B 8 16 16",)

    def __init__(self):
        super().__init__()
        self.blocks = nn.Sequential(Block(1), Block(2))

    def forward(self, x):
        return self.blocks(x)


class HandedOver(nn.Module):
    spec = "B S 4", "B T 4"

    def __init__(self):
        super().__init__()
        self.encoder = nn.LSTM(4, 6, batch_first=True)
        self.decoder = nn.LSTM(4, 6, batch_first=True)

    def forward(self, x, y):
        _, (h, c) = self.encoder(x)
        return self.decoder(y, (h.transpose(0, 1), c.transpose(0, 1)))[0]  # HERE HandedOver
