"""SF5xx: code that runs and is probably wrong, about entries out of their places."""

from __future__ import annotations

from ..entry import entry

PADDING = entry(
    "SF504",
    "padding",
    "padding is read as content",
    """
    Sequences of different lengths share a tensor by padding. The last step of a padded axis is
    padding for all but the longest sequence, a mean or a maximum over it counts the padding, and
    so does a softmax that no mask restrains. See torch.nn.utils.rnn.pad_packed_sequence.
    """,
    """
    import torch
    from torch import nn
    from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

    import shapeflow


    class Reader(nn.Module):
        def __init__(self):
            super().__init__()
            self.rnn = nn.GRU(3, 5, batch_first=True)

        def forward(self, x, lengths):
            packed = pack_padded_sequence(x, lengths, batch_first=True, enforce_sorted=False)
            out, _ = pad_packed_sequence(self.rnn(packed)[0], batch_first=True)
            return out[:, -1]


    model = Reader().eval()
    model(torch.zeros(2, 7, 3), torch.tensor([7, 4]))
    report = shapeflow.check(model, "B T 3", "B:int64")
    """,
    """
    import torch
    from torch import nn
    from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

    import shapeflow


    class Reader(nn.Module):
        def __init__(self):
            super().__init__()
            self.rnn = nn.GRU(3, 5, batch_first=True)

        def forward(self, x, lengths):
            packed = pack_padded_sequence(x, lengths, batch_first=True, enforce_sorted=False)
            _, h_n = self.rnn(packed)
            return h_n[-1]


    model = Reader().eval()
    model(torch.zeros(2, 7, 3), torch.tensor([7, 4]))
    report = shapeflow.check(model, "B T 3", "B:int64")
    """,
)

TORN = entry(
    "SF505",
    "torn",
    "a view mixes up the entries, where a transposition was meant",
    """
    view and reshape keep the entries in their order in memory and only draw other borders. Where
    the sizes are those of the axes in another order, or where an axis such as the batch comes out
    with other neighbours, the entries of different examples, steps, layers or directions are
    mixed. Axes change places by transpose or permute only. See Tensor.view.
    """,
    """
    import torch
    from torch import nn

    import shapeflow


    class Summary(nn.Module):
        def __init__(self):
            super().__init__()
            self.rnn = nn.GRU(3, 5, batch_first=True, bidirectional=True)
            self.head = nn.Linear(10, 2)

        def forward(self, x):
            _, h_n = self.rnn(x)  # (2, B, 5)
            return self.head(h_n.view(x.size(0), -1))


    model = Summary().eval()
    model(torch.zeros(4, 7, 3))
    report = shapeflow.check(model, "B T 3")
    """,
    """
    import torch
    from torch import nn

    import shapeflow


    class Summary(nn.Module):
        def __init__(self):
            super().__init__()
            self.rnn = nn.GRU(3, 5, batch_first=True, bidirectional=True)
            self.head = nn.Linear(10, 2)

        def forward(self, x):
            _, h_n = self.rnn(x)  # (2, B, 5)
            return self.head(h_n.transpose(0, 1).reshape(x.size(0), -1))


    model = Summary().eval()
    model(torch.zeros(4, 7, 3))
    report = shapeflow.check(model, "B T 3")
    """,
)

ROWS = entry(
    "SF506",
    "rows",
    "rows that were flattened in different orders meet",
    """
    An axis of steps and examples that were flattened together goes through them in one order. If
    scores are flattened steps first and their targets examples first, both have the same number
    of rows, and every row meets the wrong one. See nn.CrossEntropyLoss, Shape, and
    Tensor.flatten.
    """,
    """
    import torch
    from torch import nn

    import shapeflow


    class Tagger(nn.Module):
        def __init__(self):
            super().__init__()
            self.rnn = nn.GRU(3, 5)
            self.loss = nn.CrossEntropyLoss()

        def forward(self, x, tags):
            out, _ = self.rnn(x)  # (T, B, 5)
            return self.loss(out.flatten(0, 1), tags.flatten())


    model = Tagger().eval()
    model(torch.zeros(7, 4, 3), torch.zeros(4, 7, dtype=torch.int64))
    report = shapeflow.check(model, "T B 3", "B T:int64")
    """,
    """
    import torch
    from torch import nn

    import shapeflow


    class Tagger(nn.Module):
        def __init__(self):
            super().__init__()
            self.rnn = nn.GRU(3, 5)
            self.loss = nn.CrossEntropyLoss()

        def forward(self, x, tags):
            out, _ = self.rnn(x)  # (T, B, 5)
            return self.loss(out.flatten(0, 1), tags.T.flatten())


    model = Tagger().eval()
    model(torch.zeros(7, 4, 3), torch.zeros(4, 7, dtype=torch.int64))
    report = shapeflow.check(model, "T B 3", "B T:int64")
    """,
)

REPEATED = entry(
    "SF507",
    "repeated",
    "repeat is used where repeat_interleave is meant",
    """
    repeat puts whole copies one behind another (a, b, a, b), repeat_interleave puts the copies of
    an entry side by side (a, a, b, b). Where the copies are later read as several of each
    example, as the hypotheses of a beam are, those of repeat belong to other examples. See
    Tensor.repeat and torch.repeat_interleave.
    """,
    """
    import torch
    from torch import nn

    import shapeflow


    class Beams(nn.Module):
        def __init__(self):
            super().__init__()
            self.cell = nn.GRUCell(3, 5)

        def forward(self, x, state):
            state = state.repeat(4, 1)  # four copies of the batch
            return self.cell(x.flatten(0, 1), state)


    model = Beams().eval()
    model(torch.zeros(2, 4, 3), torch.zeros(2, 5))
    report = shapeflow.check(model, "B 4 3", "B 5")
    """,
    """
    import torch
    from torch import nn

    import shapeflow


    class Beams(nn.Module):
        def __init__(self):
            super().__init__()
            self.cell = nn.GRUCell(3, 5)

        def forward(self, x, state):
            state = state.repeat_interleave(4, dim=0)  # four of each example
            return self.cell(x.flatten(0, 1), state)


    model = Beams().eval()
    model(torch.zeros(2, 4, 3), torch.zeros(2, 5))
    report = shapeflow.check(model, "B 4 3", "B 5")
    """,
)

UNSORTED = entry(
    "SF513",
    "unsorted",
    "a batch that was sorted by length is not put back",
    """
    Packing wants the longest sequence first unless enforce_sorted is False. A batch that was
    sorted for it must be put back before its results meet anything in the order of the inputs:
    index with the argsort of the order. See torch.nn.utils.rnn.pack_padded_sequence.
    """,
    """
    import torch
    from torch import nn
    from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

    import shapeflow


    class Encoder(nn.Module):
        def __init__(self):
            super().__init__()
            self.rnn = nn.GRU(3, 5, batch_first=True)

        def forward(self, x, lengths):
            lengths, order = lengths.sort(descending=True)
            packed = pack_padded_sequence(x[order], lengths, batch_first=True)
            return self.rnn(packed)[1][-1]


    model = Encoder().eval()
    model(torch.zeros(2, 7, 3), torch.tensor([4, 7]))
    report = shapeflow.check(model, "B T 3", "B:int64")
    """,
    """
    import torch
    from torch import nn
    from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

    import shapeflow


    class Encoder(nn.Module):
        def __init__(self):
            super().__init__()
            self.rnn = nn.GRU(3, 5, batch_first=True)

        def forward(self, x, lengths):
            lengths, order = lengths.sort(descending=True)
            packed = pack_padded_sequence(x[order], lengths, batch_first=True)
            return self.rnn(packed)[1][-1][order.argsort()]


    model = Encoder().eval()
    model(torch.zeros(2, 7, 3), torch.tensor([4, 7]))
    report = shapeflow.check(model, "B T 3", "B:int64")
    """,
)

TRUNCATED = entry(
    "SF514",
    "truncated",
    "sequences are packed by lengths that do not cover them",
    """
    pack_padded_sequence takes the first lengths steps of each sequence and drops the rest. Where
    a marker was put before the sequences, each is one step longer than its length says, and its
    last step is lost. See torch.nn.utils.rnn.pack_padded_sequence.
    """,
    """
    import torch
    from torch import nn
    from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

    import shapeflow


    class Tagger(nn.Module):
        def __init__(self):
            super().__init__()
            self.rnn = nn.GRU(3, 5, batch_first=True)

        def forward(self, x, lengths):
            x = torch.cat([x.new_zeros(x.size(0), 1, 3), x], dim=1)
            packed = pack_padded_sequence(x, lengths, batch_first=True, enforce_sorted=False)
            out, _ = pad_packed_sequence(self.rnn(packed)[0], batch_first=True)
            return out[:, 1:]


    model = Tagger().eval()
    model(torch.zeros(2, 7, 3), torch.tensor([7, 4]))
    report = shapeflow.check(model, "B T 3", "B:int64")
    """,
    """
    import torch
    from torch import nn
    from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

    import shapeflow


    class Tagger(nn.Module):
        def __init__(self):
            super().__init__()
            self.rnn = nn.GRU(3, 5, batch_first=True)

        def forward(self, x, lengths):
            x = torch.cat([x.new_zeros(x.size(0), 1, 3), x], dim=1)
            packed = pack_padded_sequence(x, lengths + 1, batch_first=True, enforce_sorted=False)
            out, _ = pad_packed_sequence(self.rnn(packed)[0], batch_first=True)
            return out[:, 1:]


    model = Tagger().eval()
    model(torch.zeros(2, 7, 3), torch.tensor([7, 4]))
    report = shapeflow.check(model, "B T 3", "B:int64")
    """,
)

ENTRIES = (
    PADDING,
    TORN,
    ROWS,
    REPEATED,
    UNSORTED,
    TRUNCATED,
)
