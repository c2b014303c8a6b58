"""Conditions on sizes are told in solved form, and loops stay loops."""

from typing import Any

import pytest
import torch
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

import shapeflow
from tests.agreement import agrees, outcome


class Recurrent(nn.Module):
    """A layer whose state is made from a size, or is a fixed number of rows."""

    def __init__(self, axis: int | None, rows: int = 2) -> None:
        super().__init__()
        self.rnn = nn.GRU(3, 4, batch_first=True)
        self.axis, self.rows = axis, rows

    def forward(self, x):
        rows = self.rows if self.axis is None else x.size(self.axis)
        return self.rnn(x, x.new_zeros(1, rows, 4))[0]


class Kept(nn.Module):
    """A state that is kept as a parameter, for a batch of two."""

    def __init__(self) -> None:
        super().__init__()
        self.rnn = nn.RNN(3, 4, batch_first=True)
        self.start = nn.Parameter(torch.zeros(1, 2, 4))

    def forward(self, x):
        return self.rnn(x, self.start)[0]


class Summed(nn.Module):
    """Adds the last output to the first sequence."""

    def __init__(self) -> None:
        super().__init__()
        self.rnn = nn.RNN(3, 4, batch_first=True)

    def forward(self, x):
        out, _ = self.rnn(x)
        return torch.cat([out[:, -1], out[0]], 1)


CONDITIONS: list[tuple[Any, tuple[Any, ...], str]] = [
    (Recurrent(0), ("B T 3",), ""),
    (Recurrent(1), ("B T 3",), "T == B"),
    (Recurrent(None), ("B T 3",), "B == 2"),
    (Recurrent(None, 5), ("N T 3",), "N == 5"),
    (Kept(), ("B T 3",), "B == 2"),
    (Summed(), ("B T 3",), "B == T"),
    (nn.GRU(3, 4), ("T B 3", "1 N 4"), "N == B"),
    (nn.GRU(3, 4), ("T B 3", "R B 4"), "R == 1"),
    (nn.GRU(3, 4), ("T B 3", "1 B H"), "H == 4"),
    (nn.GRU(3, 4), ("T B F",), "F == 3"),
    (nn.GRU(3, 4), ("T B 2*F+1",), "F == 1"),
    (nn.LSTM(3, 4), ("T B 3", ("1 N 4", "1 M 4")), "M == B and N == B"),
    (nn.GRUCell(3, 4), ("B 3", "N 4"), "N == B"),
    (nn.GRUCell(3, 4), ("B 3", "2*N 4"), "B == 2*N"),
]


@pytest.mark.parametrize(("model", "specs", "told"), CONDITIONS)
def test_condition(model: Any, specs: tuple[Any, ...], told: str) -> None:
    report = agrees(model, *specs, sizes=dict.fromkeys("BTNMRHF", (1, 2, 3, 4, 5)))
    found = sorted(map(str, report.constraints))
    flipped = [" == ".join(reversed(text.split(" == "))) for text in found]
    assert " and ".join(found) == told or " and ".join(sorted(flipped)) == told
    assert report.verdict == ("conditional" if told else "valid")
    assert report.ok is not bool(told)


LAYERS = [
    (kind, options)
    for kind in ("RNN", "LSTM", "GRU")
    for options in ({}, {"num_layers": 2, "bidirectional": True}, {"batch_first": True})
]


@pytest.mark.parametrize(("kind", "options"), LAYERS)
def test_time_stays_symbolic_in_a_layer(kind: str, options: dict[str, Any]) -> None:
    report = agrees(getattr(nn, kind)(3, 4, **options), "T B 3")
    assert report.verdict == "valid"
    assert not report.notes
    assert len(list(report.graph.find_nodes(op="call_module", target=""))) <= 1
    assert {"T", "B"} == set(report.symbols)


class Steps(nn.Module):
    """A cell in a Python loop over time."""

    def __init__(self, kind: str, width: int = 4, features: int = 3) -> None:
        super().__init__()
        self.cell = getattr(nn, kind)(features, 4)
        self.pair, self.width = kind == "LSTMCell", width

    def forward(self, x):
        h = x.new_zeros(x.size(0), self.width)
        c, outs = h, []
        for t in range(x.size(1)):
            if self.pair:
                h, c = self.cell(x[:, t], (h, c))
            else:
                h = self.cell(x[:, t], h)
            outs.append(h)
        return torch.stack(outs, dim=1)


@pytest.mark.parametrize("kind", ["RNNCell", "LSTMCell", "GRUCell"])
def test_time_stays_symbolic_in_a_loop(kind: str) -> None:
    report = agrees(Steps(kind), "B T 3")
    assert report.verdict == "valid"
    assert report.output_shapes(B=2, T=1000) == (2, 1000, 4)


@pytest.mark.parametrize("kind", ["RNNCell", "LSTMCell", "GRUCell"])
@pytest.mark.parametrize("options", [{"width": 5}, {"features": 7}])
def test_fault_in_a_loop_is_told_once(kind: str, options: dict[str, int]) -> None:
    report = shapeflow.check(Steps(kind, **options), "B T 3")
    (finding,) = report.findings
    place = finding.location
    assert place.text[place.column - 1 : place.end_column - 1].startswith("self.cell(x[:, t], ")
    assert finding.pytorch_message
    assert any(fix.verified for fix in finding.fixes)


class Packed(nn.Module):
    """Packs, reads, unpacks."""

    def __init__(self, features: int = 3, first: bool = True, labels: int = 5) -> None:
        super().__init__()
        self.rnn = nn.GRU(features, 5, batch_first=True)
        self.head = nn.Linear(labels, 2)
        self.first = first

    def forward(self, x, lengths, hx=None):
        packed = pack_padded_sequence(x, lengths, batch_first=self.first)
        out, last = self.rnn(packed, hx)
        out, _ = pad_packed_sequence(out, batch_first=True)
        return self.head(out), last


@pytest.mark.parametrize(
    ("model", "specs", "told"),
    [
        (Packed(), ("B T 3", "B:int64"), ""),
        (Packed(), ("B T 3", "B:int64", "1 B 5"), ""),
        (Packed(first=False), ("T B 3", "B:int64"), ""),
        (Packed(features=4), ("B T 3", "B:int64"), "SF202"),
        (Packed(labels=6), ("B T 3", "B:int64"), "SF202"),
        (Packed(), ("B T 3", "B:int64", "1 N 5"), "SF204"),
        (Packed(), ("B T 3", "B:int64", "1 B 6"), "SF203"),
        (Packed(), ("B T 3", "T:int64"), "SF216"),
        (Packed(first=False), ("B T 3", "B:int64"), "SF216"),
    ],
)
def test_packed_both_ways(model: nn.Module, specs: tuple[str, ...], told: str) -> None:
    report = shapeflow.check(model, *specs)
    assert [f.code for f in report.findings if f.severity == "error"] == [told] * bool(told)
    at = {"B": 3, "T": 4, "N": 2}
    shape = [[at.get(word, word) for word in spec.partition(":")[0].split()] for spec in specs]
    x, hx = (torch.rand(*map(int, shape[i])) for i in (0, -1))
    lengths = torch.tensor([4, 3, 1, 1][: int(shape[1][0])])
    ran = outcome(model, (x, lengths, *([hx] if len(specs) > 2 else [])))
    assert (ran is None) is bool(told)
