"""What the README shows is true."""

import re
import shlex
from pathlib import Path

import pytest

from shapeflow.cli import main

ROOT = Path(__file__).parents[1]
TEXT = (ROOT / "README.md").read_text("utf-8")
FENCES = re.findall(r"^```(\w+)\n(.*?)^```$", TEXT, re.MULTILINE | re.DOTALL)
SHELL = [line for language, text in FENCES if language == "sh" for line in text.splitlines()]
CALLS = [line for line in SHELL if line.startswith("shapeflow ")]


@pytest.fixture(autouse=True)
def at_the_root(monkeypatch: pytest.MonkeyPatch) -> None:
    """Commands are given in a checkout."""
    monkeypatch.chdir(ROOT)


def test_first_command_finds_the_fault(capsys: pytest.CaptureFixture[str]) -> None:
    command = SHELL[0].split(" && ")[-1]
    assert main(shlex.split(command)[1:]) == 1
    out = capsys.readouterr().out
    assert "error[SF204]" in out
    assert "fix (tried): " in out


def test_two_commands_set_up() -> None:
    assert sum("venv" in line for line in SHELL) == 2
    assert SHELL[1].endswith("&& pytest -n auto")


@pytest.mark.parametrize("command", CALLS)
def test_command(command: str, tmp_path: Path) -> None:
    command = command.replace(" -o ", f" -o {tmp_path}/")
    assert main(shlex.split(command)[1:]) == 0


def test_python() -> None:
    (code,) = [text for language, text in FENCES if language == "python"]
    names: dict[str, object] = {"__name__": "readme"}
    exec(compile(code, "README.md", "exec"), names)
    shown = re.findall(r"^(report\..*?) +# (\w+|\(.*\))", code, re.MULTILINE)
    assert len(shown) == 3
    for expression, value in shown:
        assert str(eval(expression, names)) == value


def test_links() -> None:
    links = re.findall(r"\]\(([^)#:]+)\)", TEXT)
    assert links
    assert not [link for link in links if not (ROOT / link).exists()]
