"""The command line as people start it: explain, help, and whole processes."""

import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from shapeflow.cli import main
from shapeflow.diagnose.catalogue import CODES
from tests.test_cli import NET, complaint

ROOT = Path(__file__).parents[1]


def process(*arguments: str, cwd: Path = ROOT, **options: Any) -> subprocess.CompletedProcess[str]:
    """Runs the command line in a process of its own."""
    options = {"stdin": subprocess.DEVNULL, "capture_output": True, "timeout": 120} | options
    environment = os.environ | {"PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "utf-8"}
    command = [sys.executable, *arguments]
    return subprocess.run(command, cwd=cwd, env=environment, encoding="utf-8", **options)


def test_explain(capsys: pytest.CaptureFixture[str], golden: Callable[[str, str], None]) -> None:
    assert main(["explain", "sf204"]) == 0
    told = capsys.readouterr().out
    golden("cli/explain_SF204.txt", told)
    assert main(["explain", "batch"]) == 0
    assert capsys.readouterr().out == told


def test_explain_lists_all_codes(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines] == list(CODES)


@pytest.mark.parametrize("code", CODES)
def test_every_code_is_explained(code: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", code]) == 0
    assert CODES[code].title in capsys.readouterr().out


def test_help_names_everything(capsys: pytest.CaptureFixture[str]) -> None:
    texts = []
    for arguments in (["--help"], ["check", "--help"]):
        with pytest.raises(SystemExit) as ended:
            main(arguments)
        assert ended.value.code == 0
        texts.append(capsys.readouterr().out)
    for word in ("check", "infer", "explain", "--version"):
        assert word in texts[0]
    for word in ("--input", "--where", "--returns", "--init", "--format", "--strict", "--train"):
        assert word in texts[1]


def test_options_are_documented(capsys: pytest.CaptureFixture[str]) -> None:
    page = (ROOT / "docs" / "reference" / "cli.md").read_text("utf-8")
    for command in ("check", "infer", "explain"):
        with pytest.raises(SystemExit):
            main([command, "--help"])
        options = re.findall(r"--[a-z]+", capsys.readouterr().out)
        assert not [option for option in options if f"`{option}" not in page and option != "--help"]


@pytest.mark.parametrize("arguments", [["explain", "SF204"], ["--version"], ["check", "no.py:M"]])
def test_torch_is_imported_for_models_only(arguments: list[str]) -> None:
    done = process("-X", "importtime", "-m", "shapeflow", *arguments)
    imported = {line.rpartition("|")[2].strip() for line in done.stderr.splitlines()}
    assert "shapeflow.cli" in imported
    assert not imported & {"torch", "sympy", "rich", "numpy"}


def test_version() -> None:
    done = process("-m", "shapeflow", "--version")
    assert done.stdout.startswith("shapeflow ")
    assert done.returncode == 0


@pytest.mark.skipif(os.name != "posix", reason="pipes are closed differently elsewhere")
def test_closed_pipe_is_quiet() -> None:
    command = f"{sys.executable} -m shapeflow explain"
    read, write = os.pipe()
    os.close(read)
    with os.fdopen(write, "w") as closed:
        done = subprocess.run(
            command.split(), cwd=ROOT, stdout=closed, stderr=subprocess.PIPE, timeout=120
        )
    assert done.stderr == b""
    assert done.returncode == 0


def test_whole_way(tmp_path: Path) -> None:
    (tmp_path / "net.py").write_text(NET)
    command = "-m shapeflow check net.py:Classifier --input".split()
    wrong = process(*command, "x=B T 3", "--input", "hx=1 N 3", cwd=tmp_path)
    assert wrong.returncode == 1, wrong.stderr
    assert "error[SF204]" in wrong.stdout
    assert "net.py:12:18" in wrong.stdout
    assert wrong.stdout.splitlines()[-1].startswith("conditional: Classifier")
    right = process(*command, "x=B T 3", "--input", "hx=1 B 3", cwd=tmp_path)
    assert right.returncode == 0, right.stderr
    assert right.stdout.splitlines()[-1].startswith("valid: Classifier")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["net.py"]


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--input", "x=B T 3", "--input", "hz=1 B 3"], "'hz'"),
        (["--input", "x=B T 3"], "'hx'"),
        (["--input", "x=B T +", "--input", "hx=1 B 3"], "'B T +'"),
        (["--input", "x=B T 3:flat", "--input", "hx=1 B 3"], "'flat'"),
        (["--input", "x=B T 3", "--input", "hx=1 B 3", "--where", "Q > 1"], "Q"),
        (["--input", "x=B T 3", "--input", "hx=1 B 3", "--where", "B >"], "'B >'"),
    ],
)
def test_wrong_specs(
    arguments: list[str],
    told: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    (tmp_path / "net.py").write_text(NET)
    monkeypatch.chdir(tmp_path)
    assert told in complaint(capsys, "check", "net.py:Classifier", *arguments)


def test_infer_finds_shapes(tmp_path: Path) -> None:
    (tmp_path / "net.py").write_text(NET)
    done = process("-m", "shapeflow", "infer", "net.py:Classifier", cwd=tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
