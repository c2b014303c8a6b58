"""Faults are traced to the line that a person would edit, and the first repair is written there."""

import subprocess
import sys
from pathlib import Path
from types import ModuleType, SimpleNamespace

import pytest
import torch

import shapeflow
from shapeflow import Report
from tests.diagnose import repairable

SOURCE = Path(repairable.__file__).read_text("utf-8").splitlines()
FIRST = {  # the first repair of each model
    "FromTable": "make encoder with input_size=5",
    "OtherBatch": "write x.size(0) for x.size(1) in torch.zeros(1, x.size(1), 6)",
    "OneDirection": "make rows 4 instead of 2",
    "Appended": "make head with in_features=9",
    "Matched": "write memory.transpose(1, 2) for memory",
    "Scored": "write self.head(x).transpose(1, 2) for self.head(x)",
    "Centred": "keep the axis: mean(..., keepdim=True)",
    "Unrolled": "write self.first.expand(x.size(0), -1) for self.first",
    "Chained": "wrap body.1 in a module that returns its output alone, rnn(x)[0]",
    "Packed": "unpack the output of rnn: pad_packed_sequence(out, batch_first=True)[0]",
    "Shrunk": "make window with padding=same",
    "Outer": "make inner with width=9: Handed(9)",
    "BothWays": "join the last states of both directions: torch.cat([h[-2], h[-1]], dim=1)",
    "Swapped": "write x for x.transpose(1, 2)",
    "Lists": "write state[i:i + 1] for state",
    "Wholes": "write x.long() for x",
    "Gated": "write self.gating(x).unsqueeze(2) for self.gating(x)",
    "Judged": "write self.score(real).squeeze(1) for self.score(real)",
    "Turned": "write ids == 0 for (ids == 0).t()",
    "Hidden": "pass pad as key_padding_mask, in the place of attn_mask",
    "Restored": "make up with output_padding=1",
    "Residual": "project x, such as by nn.Conv2d(8, 8, 1, stride=2)",
    "HandedOver": "write h for h.transpose(0, 1), and the other state likewise",
    "Paired": "make a of shape (12, 1)",
}


def checked(name: str) -> Report:
    """The report on one of the models."""
    model = getattr(repairable, name)()
    return shapeflow.check(model.eval(), *getattr(repairable, name).spec)


def marked(name: str) -> int:
    """The line that a person would edit."""
    (line,) = [n for n, text in enumerate(SOURCE, 1) if text.endswith(f"# HERE {name}")]
    return line


@pytest.mark.parametrize(("name", "text"), FIRST.items())
def test_first_repair_is_the_one_that_is_meant(name: str, text: str) -> None:
    finding = checked(name).findings[0]
    assert finding.severity == "error"
    assert finding.pytorch_message
    first = finding.fixes[0]
    assert first.verified
    assert first.text == text
    assert first.location is not None
    assert first.location.line == marked(name)


@pytest.mark.parametrize("name", ["FromTable", "OneDirection", "Unrolled", "Lists", "Packed"])
def test_line_to_edit_is_among_the_places(name: str) -> None:
    finding = checked(name).findings[0]
    assert marked(name) in {place.line for place, _ in finding.related}


def test_number_that_is_a_default_is_given_where_the_model_is_made() -> None:
    report = shapeflow.check(repairable.flattened(), "N T 3 20 20")
    (error,) = [f for f in report.findings if f.severity == "error"]
    assert error.code == "SF209"
    assert error.location is not None
    assert "view(-1, self.flat)" in error.location.text
    assert error.fixes[0].text == "make the model with flat=64: Flattened(flat=64)"
    assert error.fixes[0].location is not None
    assert error.fixes[0].location.line == marked("Flattened")


def test_argument_tells_where_sizes_are_born() -> None:
    class Head(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.rnn = torch.nn.LSTM(4, 5, batch_first=True, bidirectional=True)
            self.head = torch.nn.Linear(5, 2)

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            out: torch.Tensor = self.head(self.rnn(x)[0])
            return out

    finding = shapeflow.check(Head(), "B T 4").findings[0]
    told = [reason.text for reason in finding.because]
    assert (
        "rnn (nn.LSTM) gives (B, T, 10): 10 = 2 * hidden_size, because it is bidirectional" in told
    )
    assert told[-2] == "head is made with in_features=5"


def test_trials_leave_the_model_as_it_was() -> None:
    model = repairable.Outer()
    before = {name: (id(part), dict(vars(part))) for name, part in model.named_modules()}
    weights = {name: tensor.clone() for name, tensor in model.state_dict().items()}
    random = torch.get_rng_state()
    assert shapeflow.check(model, *repairable.Outer.spec).findings[0].fixes
    assert {n: (id(p), dict(vars(p))) for n, p in model.named_modules()} == before
    assert all(torch.equal(weights[n], t) for n, t in model.state_dict().items())
    assert torch.equal(torch.get_rng_state(), random)


def test_repair_that_leads_to_another_fault_is_not_told() -> None:
    finding = checked("Outer").findings[0]
    assert "make inner.rnn with hidden_size=9" not in [fix.text for fix in finding.fixes]


def test_places_of_a_sum_in_place_and_of_what_is_set_before() -> None:
    def shortcut(x: torch.Tensor, narrow: torch.Tensor) -> torch.Tensor:
        out = torch.relu(narrow)
        out += x
        out = out * 2
        return out

    (error,) = shapeflow.check(shortcut, "B 6", "B 4").findings
    lines = [place.text.strip() for place, _ in error.related]
    assert lines == ["out = torch.relu(narrow)"]


def test_lower_bounds_are_no_contradictions_of_a_fault() -> None:
    class Skips(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.short = torch.nn.Conv1d(2, 2, 2)
            self.wide = torch.nn.Conv1d(2, 2, 9)

        def forward(self, x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
            once = self.short(x)
            twice = self.short(self.short(once))
            return once + twice, self.wide(twice)

    report = shapeflow.check(Skips(), "B 2 T")
    assert report.verdict == "unsatisfiable"  # T is 4 or the window does not fit
    severities = [(finding.severity, finding.code) for finding in report.findings]
    assert severities[0] == ("error", "SF207")
    assert {severity for severity, _ in severities[1:]} == {"note"}


def test_trials_do_not_import_the_compiler_of_torch() -> None:
    code = (
        "import sys, shapeflow; from tests.diagnose import repairable;"
        "reports = [shapeflow.check(kind(), *kind.spec)"
        " for kind in (repairable.Paired, repairable.Worded)];"
        "assert all(report.findings[0].fixes for report in reports);"
        "print('torch._dynamo' in sys.modules)"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "False"


def test_no_shortcut_is_projected_to_an_image_of_no_rows() -> None:
    report = shapeflow.check(lambda x, y: x + y[:, :, 9:], "B 4 8", "B 4 9")
    assert [finding.severity for finding in report.findings] == ["error"]


class Lazy(ModuleType):
    """A module that is imported when somebody looks at it, and cannot be."""

    def __getattr__(self, name: str) -> None:
        raise ImportError(f"{name} is not to be had")


def test_modules_that_are_not_imported_yet_stay_so(monkeypatch: pytest.MonkeyPatch) -> None:
    modules = {"lazy_part": Lazy("lazy_part"), **sys.modules}
    monkeypatch.setattr("shapeflow.diagnose.code.scope.sys", SimpleNamespace(modules=modules))
    assert all(checked(name).findings[0].fixes for name in FIRST)


def test_repair_of_a_join_of_different_ranks() -> None:
    def deep(d: torch.Tensor, x: torch.Tensor) -> torch.Tensor:
        return torch.dstack([d, x])

    fixes = shapeflow.check(deep, "2 2", "3 2 2").findings[0].fixes
    assert fixes and all(fix.verified for fix in fixes)


def test_nothing_is_not_repeated() -> None:
    report = shapeflow.check(lambda a, b: torch.bmm(a, b), "2 2 2", "0 2 2")
    assert report.verdict == "unsatisfiable"
