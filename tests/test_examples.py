"""Every example runs, prints what it always printed, and stays short."""

import ast
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
EXAMPLES = sorted((ROOT / "examples").glob("*.py"))
each_example = pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.stem)


@each_example
def test_output(example: Path, tmp_path: Path, golden: Callable[[str, str], None]) -> None:
    """Run a copy elsewhere, so that what an example writes and where it lies leave no trace."""
    copy = tmp_path / "examples" / example.name
    copy.parent.mkdir()
    copy.write_bytes(example.read_bytes())
    run = subprocess.run(
        [sys.executable, f"examples/{example.name}"],
        cwd=tmp_path,
        env=os.environ | {"COLUMNS": "100", "NO_COLOR": "1", "PYTHONIOENCODING": "utf-8"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        timeout=120,
    )
    assert run.returncode == 0, run.stderr
    golden(f"examples/{example.stem}.txt", run.stdout.replace(f"{tmp_path}{os.sep}", ""))


@each_example
def test_form(example: Path) -> None:
    text = example.read_text(encoding="utf-8")
    assert ast.get_docstring(ast.parse(text)), "an example starts with what it shows"
    assert len(text.splitlines()) < 60


def test_no_golden_is_left_over() -> None:
    goldens = (ROOT / "tests" / "golden" / "examples").glob("*.txt")
    assert {path.stem for path in goldens} <= {path.stem for path in EXAMPLES}
