"""SF5xx: code that runs and is probably wrong, about batch, time and states."""

from __future__ import annotations

from ..entry import entry

BATCH_AS_TIME = entry(
    "SF501",
    "batch_as_time",
    "the batch is read as time",
    """
    A recurrent or attention layer goes along one axis and keeps the entries of another apart.
    Without batch_first=True it goes along the first axis. Where the rest of the model treats the
    axis that it keeps apart as the sequence, each step of the layer reads another example of the
    batch. PyTorch cannot tell: both orders have three axes. See nn.LSTM, batch_first.
    """,
    """
    import torch
    from torch import nn

    import shapeflow


    class Reader(nn.Module):
        def __init__(self):
            super().__init__()
            self.rnn = nn.LSTM(3, 5)
            self.head = nn.Linear(5, 2)

        def forward(self, x):
            out, _ = self.rnn(x)  # goes along the batch
            return self.head(out[:, -1])


    model = Reader().eval()
    model(torch.zeros(4, 7, 3))
    report = shapeflow.check(model, "B T 3")
    """,
    """
    import torch
    from torch import nn

    import shapeflow


    class Reader(nn.Module):
        def __init__(self):
            super().__init__()
            self.rnn = nn.LSTM(3, 5, batch_first=True)
            self.head = nn.Linear(5, 2)

        def forward(self, x):
            out, _ = self.rnn(x)
            return self.head(out[:, -1])


    model = Reader().eval()
    model(torch.zeros(4, 7, 3))
    report = shapeflow.check(model, "B T 3")
    """,
)

LAST_OF_BATCH = entry(
    "SF502",
    "last_of_batch",
    "the last of the batch is taken for the last step",
    """
    With batch_first=True the first axis of a result is the batch, so out[-1] is the last example
    at all steps, not the last step of all examples. A state is (layers, batch, features) whatever
    batch_first says, so h_n[:, -1] is the last example too. See nn.LSTM, Outputs.
    """,
    """
    import torch
    from torch import nn

    import shapeflow


    class Reader(nn.Module):
        def __init__(self):
            super().__init__()
            self.rnn = nn.GRU(3, 5, batch_first=True)

        def forward(self, x):
            out, _ = self.rnn(x)
            return out[-1]


    model = Reader().eval()
    model(torch.zeros(4, 7, 3))
    report = shapeflow.check(model, "B T 3")
    """,
    """
    import torch
    from torch import nn

    import shapeflow


    class Reader(nn.Module):
        def __init__(self):
            super().__init__()
            self.rnn = nn.GRU(3, 5, batch_first=True)

        def forward(self, x):
            out, _ = self.rnn(x)
            return out[:, -1]


    model = Reader().eval()
    model(torch.zeros(4, 7, 3))
    report = shapeflow.check(model, "B T 3")
    """,
)

BACKWARD_STEP = entry(
    "SF503",
    "backward_step",
    "the last step of the backward direction has seen one step only",
    """
    A bidirectional layer returns, at each step, what both directions know there. The backward one
    begins at the last step, so out[:, -1] holds its state after a single step. The final states
    of both directions are in h_n. See nn.LSTM, Outputs.
    """,
    """
    import torch
    from torch import nn

    import shapeflow


    class Reader(nn.Module):
        def __init__(self):
            super().__init__()
            self.rnn = nn.GRU(3, 5, batch_first=True, bidirectional=True)
            self.head = nn.Linear(10, 2)

        def forward(self, x):
            out, _ = self.rnn(x)
            return self.head(out[:, -1])


    model = Reader().eval()
    model(torch.zeros(4, 7, 3))
    report = shapeflow.check(model, "B T 3")
    """,
    """
    import torch
    from torch import nn

    import shapeflow


    class Reader(nn.Module):
        def __init__(self):
            super().__init__()
            self.rnn = nn.GRU(3, 5, batch_first=True, bidirectional=True)
            self.head = nn.Linear(10, 2)

        def forward(self, x):
            _, h_n = self.rnn(x)
            return self.head(torch.cat([h_n[-2], h_n[-1]], dim=-1))


    model = Reader().eval()
    model(torch.zeros(4, 7, 3))
    report = shapeflow.check(model, "B T 3")
    """,
)

STATE_DROPPED = entry(
    "SF510",
    "state_dropped",
    "a state is dropped",
    """
    A recurrent layer remembers through its state alone. If a state that the model was given, or
    has computed, is never passed, or if every step begins at the same one, or if all but a lower
    layer's is left unread, the result does not depend on what it should. A layer that is given no
    state begins at zeros. See nn.LSTM, Inputs.
    """,
    """
    import torch
    from torch import nn

    import shapeflow


    class Stream(nn.Module):
        def __init__(self):
            super().__init__()
            self.rnn = nn.GRU(3, 5)

        def forward(self, x, state):
            out, h_n = self.rnn(x)  # state is never read
            return out, h_n


    model = Stream().eval()
    model(torch.zeros(7, 4, 3), torch.zeros(1, 4, 5))
    report = shapeflow.check(model, "T B 3", "1 B 5")
    """,
    """
    import torch
    from torch import nn

    import shapeflow


    class Stream(nn.Module):
        def __init__(self):
            super().__init__()
            self.rnn = nn.GRU(3, 5)

        def forward(self, x, state):
            out, h_n = self.rnn(x, state)
            return out, h_n


    model = Stream().eval()
    model(torch.zeros(7, 4, 3), torch.zeros(1, 4, 5))
    report = shapeflow.check(model, "T B 3", "1 B 5")
    """,
)

STATE_SWAPPED = entry(
    "SF511",
    "state_swapped",
    "the hidden and the cell state have changed places",
    """
    nn.LSTM and nn.LSTMCell take and return (h, c). Both have the same shape unless proj_size is
    set, so PyTorch takes (c, h) without a word. See nn.LSTM, Inputs.
    """,
    """
    import torch
    from torch import nn

    import shapeflow


    class Pair(nn.Module):
        def __init__(self):
            super().__init__()
            self.encoder = nn.LSTM(3, 5)
            self.decoder = nn.LSTM(3, 5)

        def forward(self, x):
            _, (h, c) = self.encoder(x)
            return self.decoder(x, (c, h))[0]


    model = Pair().eval()
    model(torch.zeros(7, 4, 3))
    report = shapeflow.check(model, "T B 3")
    """,
    """
    import torch
    from torch import nn

    import shapeflow


    class Pair(nn.Module):
        def __init__(self):
            super().__init__()
            self.encoder = nn.LSTM(3, 5)
            self.decoder = nn.LSTM(3, 5)

        def forward(self, x):
            _, (h, c) = self.encoder(x)
            return self.decoder(x, (h, c))[0]


    model = Pair().eval()
    model(torch.zeros(7, 4, 3))
    report = shapeflow.check(model, "T B 3")
    """,
)

ONE_SEQUENCE = entry(
    "SF512",
    "one_sequence",
    "a batch is read as a single sequence",
    """
    A recurrent layer takes an input of two axes for one sequence without a batch: (steps,
    features). Rows that are examples are then read one after the other, each with the memory of
    those before it. See nn.LSTM, Inputs: unbatched.
    """,
    """
    import torch
    from torch import nn

    import shapeflow


    class Records(nn.Module):
        def __init__(self):
            super().__init__()
            self.rnn = nn.LSTM(3, 5, batch_first=True)
            self.head = nn.Linear(5, 2)

        def forward(self, x):
            out, _ = self.rnn(x)  # (B, 3): B steps
            return self.head(out)


    model = Records().eval()
    model(torch.zeros(4, 3))
    report = shapeflow.check(model, "B 3")
    """,
    """
    import torch
    from torch import nn

    import shapeflow


    class Records(nn.Module):
        def __init__(self):
            super().__init__()
            self.rnn = nn.LSTM(3, 5, batch_first=True)
            self.head = nn.Linear(5, 2)

        def forward(self, x):
            out, _ = self.rnn(x.unsqueeze(1))  # one step each
            return self.head(out[:, -1])


    model = Records().eval()
    model(torch.zeros(4, 3))
    report = shapeflow.check(model, "B 3")
    """,
)

ENTRIES = (
    BATCH_AS_TIME,
    LAST_OF_BATCH,
    BACKWARD_STEP,
    STATE_DROPPED,
    STATE_SWAPPED,
    ONE_SEQUENCE,
)
