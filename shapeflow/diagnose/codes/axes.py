"""SF5xx: code that runs and is probably wrong, about axes."""

from __future__ import annotations

from ..entry import entry

OUTER = entry(
    "SF508",
    "outer",
    "broadcasting makes a table of all pairs, or repeats one side of a loss",
    """
    Shapes are lined up from the last axis, so (B) against (B, 1) gives (B, B): every prediction
    is compared with every target. A loss compares entry with entry, so its two operands should
    have one shape; PyTorch only warns where they have not. See the notes on broadcasting.
    """,
    """
    import torch
    from torch import nn

    import shapeflow


    class Regressor(nn.Module):
        def __init__(self):
            super().__init__()
            self.head = nn.Linear(3, 1)

        def forward(self, x, target):
            return (self.head(x) - target).pow(2).mean()  # (B, 1) - (B)


    model = Regressor().eval()
    model(torch.zeros(4, 3), torch.zeros(4))
    report = shapeflow.check(model, "B 3", "B")
    """,
    """
    import torch
    from torch import nn

    import shapeflow


    class Regressor(nn.Module):
        def __init__(self):
            super().__init__()
            self.head = nn.Linear(3, 1)

        def forward(self, x, target):
            return (self.head(x).squeeze(-1) - target).pow(2).mean()


    model = Regressor().eval()
    model(torch.zeros(4, 3), torch.zeros(4))
    report = shapeflow.check(model, "B 3", "B")
    """,
)

WRONG_AXIS = entry(
    "SF509",
    "wrong_axis",
    "an operation goes along the wrong axis",
    """
    softmax, argmax, means and norms go along one axis, and every other axis is kept apart. Along
    the batch they mix examples, along an axis of size 1 a softmax gives 1 everywhere, and
    attention weights must be shared out along the axis that they are summed along. Without dim,
    softmax picks an axis by the rank; normalize and cosine_similarity take axis 1. See the dim
    argument of each.
    """,
    """
    import torch
    from torch import nn

    import shapeflow


    class Pooling(nn.Module):
        def __init__(self):
            super().__init__()
            self.rnn = nn.GRU(3, 5)
            self.score = nn.Linear(5, 1)

        def forward(self, x):
            out, _ = self.rnn(x)  # (T, B, 5)
            weights = self.score(out).softmax(dim=1)
            return (weights * out).sum(0)


    model = Pooling().eval()
    model(torch.zeros(7, 4, 3))
    report = shapeflow.check(model, "T B 3")
    """,
    """
    import torch
    from torch import nn

    import shapeflow


    class Pooling(nn.Module):
        def __init__(self):
            super().__init__()
            self.rnn = nn.GRU(3, 5)
            self.score = nn.Linear(5, 1)

        def forward(self, x):
            out, _ = self.rnn(x)  # (T, B, 5)
            weights = self.score(out).softmax(dim=0)
            return (weights * out).sum(0)


    model = Pooling().eval()
    model(torch.zeros(7, 4, 3))
    report = shapeflow.check(model, "T B 3")
    """,
)

SQUEEZE = entry(
    "SF515",
    "squeeze",
    "squeeze also takes away a batch of 1",
    """
    Without an axis, squeeze takes away every axis of size 1: the one that is meant, and the batch
    or the steps too where there is only one. The rank then depends on the data. See
    torch.squeeze.
    """,
    """
    import torch
    from torch import nn

    import shapeflow


    class Scorer(nn.Module):
        def __init__(self):
            super().__init__()
            self.head = nn.Linear(3, 1)

        def forward(self, x):
            return self.head(x).squeeze()


    model = Scorer().eval()
    model(torch.zeros(4, 3))
    report = shapeflow.check(model, "B 3")
    """,
    """
    import torch
    from torch import nn

    import shapeflow


    class Scorer(nn.Module):
        def __init__(self):
            super().__init__()
            self.head = nn.Linear(3, 1)

        def forward(self, x):
            return self.head(x).squeeze(-1)


    model = Scorer().eval()
    model(torch.zeros(4, 3))
    report = shapeflow.check(model, "B 3")
    """,
)

ENTRIES = (
    OUTER,
    WRONG_AXIS,
    SQUEEZE,
)
