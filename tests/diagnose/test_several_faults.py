"""Independent faults are told in one run, each once, and what only follows from one is not told."""

import pytest
import torch
from torch import nn

import shapeflow
from tests.agreement import outcome, real


class Two(nn.Module):
    """An embedding, a layer and a head that may be of the wrong width."""

    def __init__(self, features: int, labels: int) -> None:
        super().__init__()
        self.embed = nn.Embedding(20, 8)
        self.rnn = nn.LSTM(features, 6, batch_first=True)
        self.head = nn.Linear(labels, 2)

    def forward(self, words):
        _, (h, _) = self.rnn(self.embed(words))
        return self.head(h[-1])


@pytest.mark.parametrize(
    ("features", "labels", "told"),
    [(8, 6, []), (9, 6, ["rnn"]), (8, 5, ["head"]), (9, 5, ["rnn", "head"])],
)
def test_each_fault_is_told_once(features: int, labels: int, told: list[str]) -> None:
    report = shapeflow.check(Two(features, labels), "B T:int64")
    assert [f.message.partition(" ")[0] for f in report.findings] == told
    for finding in report.findings:
        assert any(fix.verified and "make " + finding.message.split()[0] in fix.text
                   for fix in finding.fixes)  # fmt: skip


class Chain(nn.Module):
    """A wrong first layer, and much after it that is right."""

    def __init__(self) -> None:
        super().__init__()
        self.first = nn.GRU(4, 6, batch_first=True)
        self.second = nn.GRU(6, 6, batch_first=True)
        self.norm = nn.LayerNorm(6)
        self.head = nn.Linear(6, 2)

    def forward(self, x):
        y, _ = self.first(x)
        z, _ = self.second(y)
        return self.head(self.norm(y + z)).log_softmax(-1)


def test_no_cascade() -> None:
    (finding,) = shapeflow.check(Chain(), "B T 3").findings
    assert finding.message.startswith("first (nn.GRU): ")


class Encoders(nn.Module):
    """Two branches with faults of different kinds, then a join."""

    def __init__(self) -> None:
        super().__init__()
        self.left = nn.GRU(3, 4, batch_first=True)
        self.right = nn.LSTM(5, 4, batch_first=True)

    def forward(self, x, y):
        a, _ = self.left(x, x.new_zeros(1, x.size(1), 4))
        b, _ = self.right(y)
        return torch.cat([a[:, -1], b[:, -1]], 1)


def test_branches_are_told_each() -> None:
    report = shapeflow.check(Encoders(), "B T 3", "B S 6")
    assert [f.code for f in report.findings] == ["SF204", "SF202"]


EVIDENCE = [
    (Two(9, 5), ("B T:int64",)),
    (Chain(), ("B T 3",)),
    (Encoders(), ("B T 3", "B S 6")),
    (nn.GRU(3, 4), ("T B 3", "1 N 4")),
    (nn.LSTM(3, 4, 2), ("T B F", ("2 B 4", "1 B 4"))),
    (nn.GRU(3, 4, bidirectional=True), ("T B 3", "1 N 5")),
    (nn.RNNCell(3, 4), ("B 4", "N 5")),
]


@pytest.mark.parametrize(("model", "specs"), EVIDENCE)
def test_every_error_has_its_evidence(model: nn.Module, specs: tuple[object, ...]) -> None:
    report = shapeflow.check(model, *specs)
    errors = [f for f in report.findings if f.severity == "error"]
    assert errors
    for finding in errors:
        sizes = dict.fromkeys(report.symbols, 2) | dict(finding.witness)
        assert finding.pytorch_message
        assert outcome(model, real(specs, sizes)) is None
        assert not report.accepts(**sizes)
        assert finding.location is not None
        assert finding.location.end_column > finding.location.column
        assert finding.because
        assert finding.constraints


class Step(nn.Module):
    """Its gates are as wide as the state, but for the one that is one too wide."""

    def __init__(self) -> None:
        super().__init__()
        self.gates = nn.Linear(4 + 6, 7)

    def forward(self, x):
        h = x.new_zeros(x.size(0), 6)
        for t in range(x.size(1)):
            h = h + self.gates(torch.cat([x[:, t], h * 0], 1))
        return h


def test_a_fault_of_the_first_step_and_of_all_is_told_once() -> None:
    report = shapeflow.check(Step(), "B T 4")
    assert report.verdict == "unsatisfiable"
    assert not report.constraints
    adds = [f for f in report.findings if f.operation == "Tensor.add"]
    assert [f.severity for f in adds] == ["error"]


class Squeezed(nn.Module):
    """Packs what may have lost its axis of steps, and has another width than the layer takes."""

    def __init__(self) -> None:
        super().__init__()
        self.rnn = nn.GRU(4, 3, batch_first=True)

    def forward(self, x):
        lengths = torch.full((x.size(0),), x.size(1))
        packed = nn.utils.rnn.pack_padded_sequence(x.squeeze(1), lengths, batch_first=True)
        return self.rnn(packed)[1]


def test_a_recurrent_layer_behind_a_fault_is_no_crash() -> None:
    report = shapeflow.check(Squeezed(), "B T 2")
    assert report.verdict == "unsatisfiable"
    assert "SF202" in {finding.code for finding in report.findings}


class Stepless(Squeezed):
    """Packs sequences of no steps."""

    def forward(self, x):
        lengths = torch.full((x.size(0),), 0)
        packed = nn.utils.rnn.pack_padded_sequence(x, lengths, batch_first=True)
        return nn.utils.rnn.pad_packed_sequence(self.rnn(packed)[0], batch_first=True)


def test_packing_no_steps_is_no_crash() -> None:
    report = shapeflow.check(Stepless(), "B 2 4")
    assert report.findings[0].operation == "torch._pack_padded_sequence"
