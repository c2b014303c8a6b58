"""The command line: what it reads, what it prints, and how it ends."""

import io
import json
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from shapeflow.cli import exit_code, main, read_input
from shapeflow.core.errors import ShapeflowError
from shapeflow.diagnose.catalogue import CODES
from shapeflow.diagnose.diagnostic import Finding, Verdict
from shapeflow.render import FORMATS
from shapeflow.report import Report
from shapeflow.spec import literal
from tests.render.samples import SAMPLES, report

ROOT = Path(__file__).parents[1]
NET = """\
import torch
from torch import nn


class Classifier(nn.Module):
    def __init__(self, hidden_size=3):
        super().__init__()
        self.rnn = nn.GRU(3, hidden_size, batch_first=True)
        self.head = nn.Linear(hidden_size, 2)

    def forward(self, x, hx):
        out, _ = self.rnn(x, hx)
        return self.head(out[:, -1])
"""


class Answers:
    """Stands for shapeflow.api: gives one report and remembers what it was asked."""

    def __init__(self) -> None:
        self.report: Report = SAMPLES["valid"]
        self.model: Any = None
        self.options: dict[str, Any] = {}

    def check(self, model: Any, **options: Any) -> Report:
        self.model, self.options = model, options
        print("the model prints")
        return self.report

    def infer_shapes(self, model: Any, **options: Any) -> Report:
        return self.check(model, **options)


@pytest.fixture
def answers(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Answers:
    """A folder with net.py, and an analysis that gives the wanted report."""
    (tmp_path / "net.py").write_text(NET)
    monkeypatch.chdir(tmp_path)
    fake = Answers()
    for home, name in (("api", "check"), ("inference", "infer_shapes")):
        module = ModuleType(f"shapeflow.{home}")
        setattr(module, name, getattr(fake, name))
        monkeypatch.setitem(sys.modules, f"shapeflow.{home}", module)
    return fake


def complaint(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    """The one sentence of a call that was wrong."""
    assert main(arguments) == 2
    told = capsys.readouterr()
    assert told.out == ""
    assert told.err.startswith("shapeflow: ")
    assert told.err.count("\n") == 1
    return told.err.removeprefix("shapeflow: ").strip()


# -- reading -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("B T 3", "B T 3"),
        (" B T 3 ", "B T 3"),
        ("", ""),
        ("B T:int64", "B T:int64"),
        ("3:float32", "3:float32"),
        ("(B+1) 3", "(B+1) 3"),
        ("(B+1)*(T-1)", "(B+1)*(T-1)"),
        ("(B)", "(B)"),
        ("(max(B,T))", "(max(B,T))"),
        ("max(B,T) 3", "max(B,T) 3"),
        ("(1 B 3, 1 B 3)", ("1 B 3", "1 B 3")),
        ("(1 B 3,)", ("1 B 3",)),
        ("()", ()),
        ("[B 3, (B 3, B 4)]", ["B 3", ("B 3", "B 4")]),
        ("[]", []),
        ("[max(B,T) 3]", ["max(B,T) 3"]),
        ("{h=1 B 3, c=(B 3, None)}", {"h": "1 B 3", "c": ("B 3", None)}),
        ("None", None),
        ("True", True),
        ("3", 3),
        ("-3", -3),
        ("0.5", 0.5),
        ("1e-3", 1e-3),
        ("nan", "nan"),
        ("(B 3, None, 2)", ("B 3", None, 2)),
    ],
)
def test_input_values(text: str, value: object) -> None:
    assert read_input(text) == value
    assert type(read_input(text)) is type(value)


def test_quoted_input_is_a_literal() -> None:
    assert read_input("'mean'") == literal("mean")
    assert isinstance(read_input('"mean"'), literal)


@pytest.mark.parametrize(
    "text", ["(B", "B)", "(B]", "(B, 3))", "((B, 3)", "(B,, 3)", "(, B)", "B 3, B"]
)
def test_wrong_input_values(text: str) -> None:
    with pytest.raises(ShapeflowError, match="cannot read"):
        read_input(text)


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ([], "a command is needed, such as check"),
        (["chek"], "invalid choice: 'chek'"),
        (["check"], "TARGET"),
        (["check", "net.py:Classifier", "--inpt", "x=B"], "--inpt"),
        (["check", "net.py:Classifier", "--format", "xml"], "'xml'"),
        (["check", "net.py:Classifier", "--input", "x"], "--input 'x' should be a name, '='"),
        (["check", "net.py:Classifier", "--input", "x=B", "--input", "x=B"], "'x' twice"),
        (["check", "net.py:Classifier", "--input", "x=(B"], "--input x: cannot read '(B'"),
        (["check", "net.py:Classifier", "--input", "where=B"], "'where' cannot be given"),
        (["check", "net.py:Classifier", "--init", "hidden_size=os.getcwd()"], "not a literal"),
        (["check", "net.py:Classifier", "--init", "hidden_size=" + "(" * 999], "not a literal"),
        (["explain", "SF2044"], "there is no code 'SF2044'; did you mean 'SF204'"),
        (["explain", "bach"], "no finding is called 'bach'; did you mean 'batch'?"),
    ],
)
def test_wrong_calls(
    arguments: list[str], told: str, answers: Answers, capsys: pytest.CaptureFixture[str]
) -> None:
    assert told in complaint(capsys, *arguments)


# -- check and infer -----------------------------------------------------------------------------


def test_check_hands_everything_on(answers: Answers, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = "check net.py:Classifier --init hidden_size=64 --where H>0 --where T>=3".split()
    specs = ["--input", "x=B T 3", "--input", "hx=(1 B 3, None)", "--returns", "(B 2, B)"]
    assert main([*arguments, *specs]) == 0
    assert answers.model.rnn.hidden_size == 64
    assert not answers.model.training
    assert answers.options == {
        "x": "B T 3", "hx": ("1 B 3", None), "where": ("H>0", "T>=3"), "returns": ("B 2", "B"),
    }  # fmt: skip
    told = capsys.readouterr()
    assert told.out == FORMATS["text"](SAMPLES["valid"]) + "\n"
    assert told.err == "the model prints\n"


def test_training_mode(answers: Answers) -> None:
    assert main(["check", "net.py:Classifier", "--train"]) == 0
    assert answers.model.training


def test_infer(answers: Answers, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["infer", "net.py:Classifier", "--format", "json"]) == 0
    assert json.loads(capsys.readouterr().out)["verdict"] == "valid"


def test_infer_for_some_seconds(answers: Answers, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["infer", "net.py:Classifier", "--seconds", "2.5"]) == 0
    assert answers.options == {"seconds": 2.5}
    assert main(["infer", "net.py:Classifier", "--seconds", "soon"]) == 2
    assert "--seconds takes a number above 0, not 'soon'" in capsys.readouterr().err


@pytest.mark.parametrize("form", FORMATS)
def test_formats(form: str, answers: Answers, capsys: pytest.CaptureFixture[str]) -> None:
    answers.report = SAMPLES["conditional"]
    assert main(["check", "net.py:Classifier", "--format", form]) == 1
    if form != "sarif":
        assert capsys.readouterr().out == FORMATS[form](SAMPLES["conditional"]) + "\n"
        return
    (run,) = json.loads(capsys.readouterr().out)["runs"]
    assert run["tool"]["driver"]["rules"][0]["shortDescription"]["text"] == CODES["SF204"].title


def test_nothing_to_say_prints_nothing(
    answers: Answers, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["check", "net.py:Classifier", "--format", "short"]) == 0
    assert capsys.readouterr().out == ""


def finding(severity: str, code: str = "SF204") -> Finding:
    """A finding of that severity."""
    return Finding(code, severity, "something")


@pytest.mark.parametrize(
    ("verdict", "findings", "code", "strict"),
    [
        (Verdict.VALID, [], 0, 0),
        (Verdict.CONDITIONAL, [finding("note")], 0, 0),
        (Verdict.VALID, [finding("warning")], 0, 1),
        (Verdict.VALID, [finding("error")], 1, 1),
        (Verdict.UNSATISFIABLE, [finding("error")], 1, 1),
        (Verdict.INCOMPLETE, [], 3, 3),
        (Verdict.INCOMPLETE, [finding("error", "SF401")], 3, 3),
        (Verdict.INCOMPLETE, [finding("warning", "SF403")], 3, 3),
        (Verdict.INCOMPLETE, [finding("error", "SF401"), finding("error")], 1, 1),
        (Verdict.INCOMPLETE, [finding("error", "SF901")], 3, 3),
    ],
)
def test_exit_codes(verdict: Verdict, findings: list[Finding], code: int, strict: int) -> None:
    one = report(verdict, findings=tuple(findings))
    assert exit_code(one) == code
    assert exit_code(one, strict=True) == strict


def test_model_that_ends_the_program(
    answers: Answers, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def leave(model: Any, **options: Any) -> Report:
        raise SystemExit(5)

    monkeypatch.setattr(sys.modules["shapeflow.api"], "check", leave)
    told = complaint(capsys, "check", "net.py:Classifier")
    assert told == "net.py:Classifier ends the program (SystemExit: 5)"


def test_errors_of_the_analysis_are_sentences(
    answers: Answers, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(model: Any, **options: Any) -> Report:
        raise ShapeflowError("Classifier(x, hx) has no parameter 'y'\nat all")

    monkeypatch.setattr(sys.modules["shapeflow.api"], "check", refuse)
    told = complaint(capsys, "check", "net.py:Classifier", "--input", "y=B")
    assert told == "Classifier(x, hx) has no parameter 'y' at all"


@pytest.mark.parametrize(("raised", "code"), [(KeyboardInterrupt(), 130), (KeyError("x"), 3)])
def test_interrupts_and_internal_faults(
    raised: BaseException,
    code: int,
    answers: Answers,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def fail(model: Any, **options: Any) -> Report:
        raise raised

    monkeypatch.setattr(sys.modules["shapeflow.api"], "check", fail)
    assert main(["check", "net.py:Classifier"]) == code
    told = capsys.readouterr().err
    assert ("internal fault (SF901)" in told) == (code == 3)
    assert code == 3 or told == ""


def test_letters_that_the_terminal_lacks(answers: Answers, monkeypatch: pytest.MonkeyPatch) -> None:
    answers.report = report(model="λ")
    out = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    monkeypatch.setattr(sys, "stdout", out)
    assert main(["check", "net.py:Classifier"]) == 0
    assert b"\\u03bb" in out.buffer.getvalue()  # type: ignore[attr-defined]


def test_colours_on_a_terminal_only(
    answers: Answers, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    answers.report = SAMPLES["conditional"]
    main(["check", "net.py:Classifier"])
    assert "\x1b" not in capsys.readouterr().out
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.delenv("NO_COLOR", raising=False)
    main(["check", "net.py:Classifier"])
    assert "\x1b[" in capsys.readouterr().out
