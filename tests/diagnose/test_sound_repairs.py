"""No repair is offered that only moves the fault to where PyTorch does not see it."""

import torch
from torch import nn

import shapeflow


class Ends(nn.Module):
    """The last states of both directions, as rows of the batch; or steps as such."""

    def __init__(self, rows: bool) -> None:
        super().__init__()
        self.rows = rows
        self.rnn = nn.GRU(8, 16, bidirectional=True, batch_first=True)
        self.head = nn.Linear(16, 5)

    def forward(self, x):
        out, last = self.rnn(x)
        if self.rows:
            return self.head(last.view(x.size(0), 16))
        return self.head(out.reshape(x.size(0), 16))


class Heads(nn.Module):
    """Queries are viewed by head before step."""

    def __init__(self) -> None:
        super().__init__()
        self.query = nn.Linear(24, 24)

    def forward(self, x):
        batch, steps, _ = x.shape
        query = self.query(x).view(batch, 4, steps, 8)
        return query @ query.transpose(2, 3)


class Places(nn.Module):
    """A table of positions that is too short."""

    def __init__(self) -> None:
        super().__init__()
        self.places = nn.Parameter(torch.zeros(1, 64, 24))

    def forward(self, x):
        return x + self.places


def texts(model: nn.Module, spec: str) -> list[str]:
    errors = [f for f in shapeflow.check(model, spec).findings if f.severity == "error"]
    assert errors
    return [fix.text for finding in errors for fix in finding.fixes]


def test_batch_and_steps_stay_what_they_are_in_a_view() -> None:
    for model, spec in ((Ends(True), "B T 8"), (Ends(False), "B T 8"), (Heads(), "B T 24")):
        assert not [text for text in texts(model, spec) if "-1 for" in text]
    assert texts(Ends(True), "B T 8")[0].startswith("join both directions")


def test_heads_are_not_viewed_in_the_wrong_order() -> None:
    """With heads of 6 it runs, and mixes heads and steps."""
    assert not [text for text in texts(Heads(), "B T 24") if "6" in text]


def test_no_axis_is_added_that_makes_an_outer_sum() -> None:
    assert not [text for text in texts(Places(), "B 80 24") if "unsqueeze" in text]
