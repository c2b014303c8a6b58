"""Small recurrent models: each takes ``fault=True`` for the mistake, and is right without."""

import torch
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence


class Bidirectional(nn.Module):
    """The head is as wide as one direction."""

    def __init__(self, fault: bool) -> None:
        super().__init__()
        self.rnn = nn.GRU(3, 6, batch_first=True, bidirectional=True)
        self.head = nn.Linear(6 if fault else 12, 2)

    def forward(self, x):
        return self.head(self.rnn(x)[0])


class OwnState(nn.Module):
    """The state made in forward has the length of time in the place of the batch."""

    def __init__(self, fault: bool) -> None:
        super().__init__()
        self.rnn = nn.LSTM(3, 4, batch_first=True)
        self.axis = 1 if fault else 0

    def forward(self, x):
        h = x.new_zeros(1, x.size(self.axis), 4)
        return self.rnn(x, (h, h))[0]


class LayersOfState(nn.Module):
    """The state forgets that each layer has two directions."""

    def __init__(self, fault: bool) -> None:
        super().__init__()
        self.rnn = nn.RNN(3, 4, num_layers=3, bidirectional=True)
        self.layers = 3 if fault else 6

    def forward(self, x):
        return self.rnn(x, torch.zeros(self.layers, x.size(1), 4))[0]


class BareState(nn.Module):
    """An LSTM is given h without c."""

    def __init__(self, fault: bool) -> None:
        super().__init__()
        self.rnn = nn.LSTM(3, 4)
        self.fault = fault

    def forward(self, x):
        h = torch.zeros(1, x.size(1), 4)
        return self.rnn(x, h if self.fault else (h, h.clone()))[0]


class Projected(nn.Module):
    """With a projection, h is narrower than c."""

    def __init__(self, fault: bool) -> None:
        super().__init__()
        self.rnn = nn.LSTM(3, 8, proj_size=2, batch_first=True)
        self.width = 8 if fault else 2

    def forward(self, x):
        h, c = x.new_zeros(1, len(x), self.width), x.new_zeros(1, len(x), 8)
        return self.rnn(x, (h, c))[0]


class Decoder(nn.Module):
    """The decoder is narrower than the encoder whose state it gets."""

    def __init__(self, fault: bool) -> None:
        super().__init__()
        self.encoder = nn.GRU(3, 6, batch_first=True)
        self.decoder = nn.GRU(3, 4 if fault else 6, batch_first=True)

    def forward(self, source, target):
        _, state = self.encoder(source)
        return self.decoder(target, state)[0]


class Attention(nn.Module):
    """The scores are multiplied with keys that were not transposed."""

    def __init__(self, fault: bool) -> None:
        super().__init__()
        self.rnn = nn.GRU(3, 6, batch_first=True)
        self.fault = fault

    def forward(self, x):
        out, last = self.rnn(x)
        query = last.transpose(0, 1)
        keys = out if self.fault else out.transpose(1, 2)
        weights = torch.softmax(torch.bmm(query, keys), -1)
        return torch.bmm(weights, out)


class Convolved(nn.Module):
    """Channels are given to the recurrent layer in the place of features."""

    def __init__(self, fault: bool) -> None:
        super().__init__()
        self.conv = nn.Conv1d(3, 8, 3, padding=1)
        self.rnn = nn.GRU(8, 4, batch_first=True)
        self.fault = fault

    def forward(self, x):
        y = self.conv(x.transpose(1, 2))
        return self.rnn(y if self.fault else y.transpose(1, 2))[0]


class Fed(nn.Module):
    """A cell is fed its last output, which is narrower than its input."""

    def __init__(self, fault: bool) -> None:
        super().__init__()
        self.cell = nn.GRUCell(3, 4)
        self.out = nn.Linear(4, 2 if fault else 3)

    def forward(self, x, steps):
        h = x.new_zeros(x.size(0), 4)
        for _ in range(steps):
            h = self.cell(x, h)
            x = self.out(h)
        return x


class CellOverTime(nn.Module):
    """The loop goes over the batch, and its steps are taken out of time."""

    def __init__(self, fault: bool) -> None:
        super().__init__()
        self.cell = nn.RNNCell(3, 4)
        self.fault = fault

    def forward(self, x):
        h = x.new_zeros(x.size(1 if self.fault else 0), 4)
        for step in x.unbind(1):
            h = self.cell(step, h)
        return h


class Concatenated(nn.Module):
    """The context is joined to the embedding, and the layer was not made wider."""

    def __init__(self, fault: bool) -> None:
        super().__init__()
        self.embed = nn.Embedding(50, 5)
        self.rnn = nn.LSTM(5 if fault else 9, 4, batch_first=True)

    def forward(self, words, context):
        e = self.embed(words)
        context = context.unsqueeze(1).expand(-1, e.size(1), -1)
        return self.rnn(torch.cat([e, context], 2))[0]


class PackedTags(nn.Module):
    """The head is not as wide as the unpacked output."""

    def __init__(self, fault: bool) -> None:
        super().__init__()
        self.rnn = nn.LSTM(3, 5, batch_first=True, bidirectional=True)
        self.head = nn.Linear(5 if fault else 10, 7)

    def forward(self, x, lengths):
        packed = pack_padded_sequence(x, lengths, batch_first=True, enforce_sorted=False)
        out, _ = pad_packed_sequence(self.rnn(packed)[0], batch_first=True)
        return self.head(out)


class Stacked(nn.Module):
    """The second layer was made for one direction of the first."""

    def __init__(self, fault: bool) -> None:
        super().__init__()
        self.layers = nn.ModuleList(
            [
                nn.GRU(3, 4, batch_first=True, bidirectional=True),
                nn.GRU(4 if fault else 8, 5, batch_first=True),
            ]
        )

    def forward(self, x):
        for layer in self.layers:
            x, _ = layer(x)
        return x
