"""What a report tells, held against really running the model."""

import json
from typing import Any

import pytest
import sympy
import torch
from torch import nn

import shapeflow
from shapeflow import Report, ShapeError, ShapeflowError, Verdict
from shapeflow.core import dims
from tests.agreement import agrees


class Classifier(nn.Module):
    """A recurrent classifier with a start state."""

    def __init__(self) -> None:
        super().__init__()
        self.rnn = nn.GRU(3, 5, batch_first=True)
        self.head = nn.Linear(5, 2)

    def forward(self, x, hx):
        out, _ = self.rnn(x, hx)
        return self.head(out[:, -1])


class Windows(nn.Module):
    """Convolution, pooling and a recurrent layer."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv1d(3, 6, 3, stride=2)
        self.rnn = nn.LSTM(6, 4, batch_first=True, bidirectional=True)

    def forward(self, x):
        return self.rnn(self.conv(x).transpose(1, 2))


class Heads(nn.Module):
    """Features split into heads of two."""

    def forward(self, x):
        return x.view(x.size(0), x.size(1), -1, 2).transpose(1, 2)


class Loop(nn.Module):
    """A cell in a Python loop over time."""

    def __init__(self) -> None:
        super().__init__()
        self.cell = nn.LSTMCell(3, 4)

    def forward(self, x):
        h = c = x.new_zeros(x.size(1), 4)
        outs = []
        for step in x:
            h, c = self.cell(step, (h, c))
            outs.append(h)
        return {"all": torch.stack(outs), "last": (h, c)}


def swap(x):
    return x[:, 0] + x[0]


def two_ways(x):
    return x.sum(1) if x.size(0) > 2 else x


MODELS: list[tuple[Any, dict[str, Any], str]] = [
    (Classifier(), {"x": "B T 3", "hx": "1 B 5"}, "valid"),
    (Classifier(), {"x": "B T 3", "hx": "1 N 5"}, "conditional"),
    (Classifier(), {"x": "B T 3", "hx": "L 2 5"}, "conditional"),
    (Classifier(), {"x": "B T 4", "hx": "1 B 5"}, "unsatisfiable"),
    (Classifier(), {"x": "B T F", "hx": "1 B H"}, "conditional"),
    (Windows(), {"x": "B 3 T"}, "conditional"),
    (Windows(), {"x": "B 3 2*T+1"}, "valid"),
    (Heads(), {"x": "B T H"}, "conditional"),
    (Heads(), {"x": "B T 2*H"}, "valid"),
    (Loop(), {"x": "T B 3"}, "valid"),
    (swap, {"x": "B T 3"}, "conditional"),
    (two_ways, {"x": "B T 3"}, "valid"),
    (nn.RNN(3, 4), {"input": "T B 3"}, "valid"),
    (nn.LSTM(3, 4, proj_size=2), {"input": "T 3"}, "valid"),
    (nn.LSTM(3, 4), {"input": "T B 3", "hx": ("1 B 4", "1 N 4")}, "conditional"),
    (nn.GRU(3, 4, 2), {"input": "T B 3", "hx": "2*D B 4"}, "conditional"),
    (nn.Embedding(9, 3), {"input": "B T:int64"}, "valid"),
    (nn.Conv2d(3, 4, 3, padding=1, stride=2), {"input": "B 3 H W"}, "valid"),
    (nn.MaxPool2d(2), {"input": "B 3 H W"}, "conditional"),
    (nn.Bilinear(3, 4, 5), {"input1": "B 3", "input2": "N 4"}, "conditional"),
    (lambda a, b: a @ b, {"a": "B N K", "b": "K M"}, "valid"),
    (lambda a, b: a @ b, {"a": "B N K", "b": "C K M"}, "conditional"),
    (lambda a, b: torch.cat([a, b], 1), {"a": "B N", "b": "C M"}, "conditional"),
    (lambda a: a.view(-1, 6), {"a": "B T"}, "conditional"),
    (lambda a: a.reshape(a.size(0), 4), {"a": "B T 2"}, "conditional"),
    (lambda a: a.chunk(2, 1)[1], {"a": "B T"}, "conditional"),
]
each_model = pytest.mark.parametrize(("model", "specs", "verdict"), MODELS)


@each_model
def test_verdict(model: Any, specs: dict[str, Any], verdict: str) -> None:
    report = shapeflow.check(model, **specs)
    assert report.verdict == verdict
    assert isinstance(report.verdict, Verdict)
    assert report.ok is not any(f.severity == "error" for f in report.findings)


@each_model
def test_accepted_sizes_run_and_others_fail(model: Any, specs: Any, verdict: str) -> None:
    agrees(model, *specs.values(), sizes=dict.fromkeys("BTNLFHDWKMCS", range(1, 6)))


@each_model
def test_conditions_say_the_same(model: Any, specs: dict[str, Any], verdict: str) -> None:
    report = shapeflow.check(model, **specs)
    if report.verdict == "unsatisfiable":
        return
    for b in (1, 2, 3, 4, 5, 6):
        sizes = {name: b + i for i, name in enumerate(report.symbols)}
        assert report.accepts(**sizes) is all(c.holds(**sizes) for c in report.constraints)


def mismatch() -> Report:
    """The report on a state with a batch of its own."""
    return shapeflow.check(Classifier(), "B T 3", hx="1 N 5")


def test_constraint() -> None:
    (condition,) = mismatch().constraints
    assert str(condition) in ("N == B", "B == N")
    assert isinstance(condition.sympy, sympy.Eq)
    assert {str(symbol) for symbol in condition.sympy.free_symbols} == {"B", "N"}
    assert condition.holds(B=3, N=3)
    assert not condition.holds(B=3, N=2)
    assert condition.origin.location.text.strip() == "out, _ = self.rnn(x, hx)"
    assert "batch" in condition.origin.because


def test_finding() -> None:
    report = mismatch()
    (finding,) = report.findings
    assert (finding.code, finding.severity) == ("SF204", "error")
    assert "\n" not in finding.message
    place = finding.location
    assert place.text[place.column - 1 : place.end_column - 1] == "self.rnn(x, hx)"
    assert [location.text.strip() for location, _ in finding.related] == [
        "self.rnn = nn.GRU(3, 5, batch_first=True)"
    ]
    assert not report.accepts(**dict.fromkeys(report.symbols, 2) | finding.witness)
    assert finding.pytorch_message.startswith("Expected hidden size")
    assert finding.because[-1].text.endswith("expected B, got N")
    assert all(fix.verified for fix in finding.fixes)


def test_errors_come_first() -> None:
    def model(x, y):
        x = nn.functional.max_pool1d(x, 3)
        return torch.cat([x, y], 0)

    report = shapeflow.check(model, "B 4 T", y="N 5 T//3")
    assert [f.severity for f in report.findings] == ["error", "note"]


def test_findings_of_a_kind_are_in_program_order() -> None:
    def model(x, y):
        first = torch.cat([x, y])
        return first, x @ y

    codes = [f.code for f in shapeflow.check(model, "2 3", "4 5").findings]
    assert codes == ["SF211", "SF208"]


def test_symbols_are_in_order_of_appearance() -> None:
    report = shapeflow.check(lambda x, y: (x, y), "T 2*B", y="N T B//S")
    assert report.symbols == ("T", "B", "N", "S")


@pytest.mark.parametrize(
    ("sizes", "told"),
    [
        ({"B": 2, "T": 3}, "a size is needed for N"),
        ({"B": 2, "T": 3, "N": 2, "C": 1}, "no symbol is called 'C': the symbols are B, T, N"),
        ({"B": 2, "T": 3, "N": -1}, "N must be a whole number of at least 1, not -1"),
        ({"B": 2, "T": 3, "N": 2.0}, "N must be a whole number of at least 1, not 2.0"),
    ],
)
def test_sizes_that_cannot_be(sizes: Any, told: str) -> None:
    for ask in (mismatch().accepts, mismatch().output_shapes):
        with pytest.raises(ShapeflowError) as raised:
            ask(**sizes)
        assert str(raised.value) == told


def test_inputs_and_outputs() -> None:
    report = shapeflow.check(Loop(), "T B 3")
    assert report.output_shapes(T=2, B=7) == {"all": (2, 7, 4), "last": ((7, 4), (7, 4))}
    assert [str(size) for size in report.inputs["x"]] == ["T", "B", "3"]
    assert list(report.outputs) == ["all", "last"]


def test_paths() -> None:
    report = shapeflow.check(two_ways, "B T 3")
    assert sorted(str(path.condition[0]) for path in report.paths) == ["B <= 2", "B >= 3"]
    assert sum(path.main for path in report.paths) == 1
    assert report.output_shapes(B=2, T=7) == (2, 7, 3)
    assert report.output_shapes(B=3, T=7) == (3, 3)


def test_branch_on_entries_goes_both_ways() -> None:
    report = shapeflow.check(lambda x: x if x.sum() > 0 else x[0], "B 3")
    assert len(report.paths) == 2
    assert all(len(path.values) == 1 for path in report.paths)


def test_graph_computes_what_the_model_computes() -> None:
    model = Windows().eval()
    module = shapeflow.check(model, "B 3 T").graph_module
    x = torch.randn(2, 3, 9)
    torch.testing.assert_close(module(x), model(x))


def test_raise_if_failed() -> None:
    report = mismatch()
    with pytest.raises(ShapeError) as raised:
        report.raise_if_failed()
    assert str(raised.value) == str(report)
    shapeflow.check(Classifier(), "B T 3", hx="1 B 5").raise_if_failed()


def test_incomplete_is_not_ok() -> None:
    report = shapeflow.check(lambda x: x.numpy(), "B 3")
    assert report.verdict == "incomplete"
    assert not report.ok
    assert not any(f.severity == "error" for f in report.findings)


def test_json_and_sarif() -> None:
    report = mismatch()
    record, log = json.loads(report.to_json()), json.loads(report.to_sarif())
    assert record["verdict"] == "conditional"
    assert record["findings"][0]["code"] == "SF204"
    assert log["version"] == "2.1.0"
    assert log["runs"][0]["results"][0]["ruleId"] == "SF204"


@pytest.mark.parametrize(
    ("model", "spec", "returns"),
    [
        (nn.Linear(3, 2), "B T 3", "B T 2"),
        (nn.Linear(3, 2), "B T 3", "_ _ 2"),
        (nn.GRU(3, 5), "T B 3", ("T B 5", "1 B 5")),
        (nn.GRU(3, 5), "T B 3", ("T B 5", None)),
        (nn.GRU(3, 5), "T B 3", ["T B 5", None]),
        (Loop(), "T B 3", {"all": "T B 4", "last": None}),
        (lambda x: (x, [x.sum(), None]), "B 3", ("B 3", ["", None])),
        (lambda x: x.flatten(), "B T", "T*B"),
    ],
)
def test_contract_kept(model: Any, spec: str, returns: Any) -> None:
    assert shapeflow.check(model, spec, returns=returns).verdict == "valid"


@pytest.mark.parametrize(
    ("model", "spec", "returns", "told"),
    [
        (
            nn.Linear(3, 2),
            "B T 3",
            "B T 3",
            "F.linear: axis 2 of the result must be as promised in (B, T, 3): expected 3, got 2",
        ),
        (
            nn.GRU(3, 5),
            "B T 3",
            ("B T 5", "1 B 5"),
            "nn.GRU: axis 1 of result[1] must be as promised in (1, B, 5) (T against B): "
            "runs only where T == B",
        ),
        (
            nn.GRU(3, 5),
            "T B 3",
            "T B 5",
            "forward: the result has 2 parts, and (T, B, 5) was promised",
        ),
        (
            nn.Linear(3, 2),
            "B 3",
            ("B 2", None),
            "F.linear: the result was promised to be ((B, 2), nothing), and is (B, 2)",
        ),
        (
            Loop(),
            "T B 3",
            {"all": "T B 4"},
            "forward: the result has the keys 'all', 'last', and {'all': (T, B, 4)} was promised",
        ),
        (
            lambda x: (x, None),
            "B 3",
            (None, "B 3"),
            "forward: result[1] is no tensor, and (B, 3) was promised",
        ),
        (
            lambda x: x.sum(0),
            "B 3",
            "B 3",
            "Tensor.sum: the result was promised to be (B, 3), and is (3,)",
        ),
    ],
)
def test_contract_broken(model: Any, spec: str, returns: Any, told: str) -> None:
    report = shapeflow.check(model, spec, returns=returns)
    assert [f.message for f in report.findings] == [told]
    assert report.findings[0].code == "SF102"
    assert not report.ok


def test_broken_contract_points_at_the_call() -> None:
    class Tagger(nn.Module):
        def __init__(self):
            super().__init__()
            self.rnn = nn.GRU(3, 5)

        def forward(self, x):
            out, last = self.rnn(x)
            return last

    (finding,) = shapeflow.check(Tagger(), "B T 3", returns="1 B 5").findings
    assert finding.location.text.strip() == "out, last = self.rnn(x)"


def test_roundings_that_conditions_rule_out_are_not_told() -> None:
    class Unet(nn.Module):
        def __init__(self):
            super().__init__()
            self.down = nn.Conv1d(3, 4, 3, stride=2, padding=1)
            self.up = nn.ConvTranspose1d(4, 4, 2, stride=2)

        def forward(self, x):
            return torch.cat([x, self.up(self.down(x))], dim=1)

    report = shapeflow.check(Unet(), "B 3 L")
    assert [str(condition) for condition in report.constraints] == ["L % 2 == 0"]
    assert str(report.outputs) == str((dims.symbol("B"), 7, dims.symbol("L")))
    assert report.output_shapes(B=2, L=6) == (2, 7, 6)
