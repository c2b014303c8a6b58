"""A page for each model of a package."""

from pathlib import Path

import pytest

from shapeflow.cli import main
from tests.sphinxext.project import MODELS


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "nets"
    (folder / "inner").mkdir(parents=True)
    (folder / "__init__.py").write_text('"""Models."""\n')
    (folder / "first.py").write_text(MODELS)
    (folder / "inner" / "__init__.py").write_text("from ..first import Encoder\n")
    monkeypatch.chdir(tmp_path)
    return folder


def test_pages(package: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["docs", "nets", "-o", "out"]) == 0
    names = sorted(path.name for path in Path("out").iterdir())
    assert names == [
        "index.md", "nets.first.Classifier.md", "nets.first.Classifier.svg",
        "nets.first.Encoder.md", "nets.first.Encoder.svg",
    ]  # fmt: skip
    index = Path("out/index.md").read_text()
    assert "| [Classifier](nets.first.Classifier.md) | `x (B, T, 3) -> (B, 2)` | valid |" in index
    assert "| Wrapped | needs inner | |" in index
    page = Path("out/nets.first.Classifier.md").read_text()
    assert "](nets.first.Classifier.svg)" in page and "valid: Classifier runs" in page
    capsys.readouterr()
    assert main(["docs", "nets", "-o", "out", "--check"]) == 0
    assert capsys.readouterr().out == ""
    (package / "first.py").write_text(MODELS.replace("hidden=8", "hidden=9"))
    assert main(["docs", "nets", "-o", "out", "--check"]) == 1
    assert "stale: nets.first.Classifier.svg" in capsys.readouterr().out
    assert main(["docs", "nets", "-o", "out"]) == 0
    assert main(["docs", "nets", "-o", "out", "--check"]) == 0


@pytest.mark.parametrize(
    ("package_name", "words"),
    [("netz", "there is no module 'netz'"), ("nets/none.py", "there is no file")],
)
def test_bad_packages(
    package: Path, package_name: str, words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["docs", package_name, "-o", "out"]) == 2
    assert words in capsys.readouterr().err


def test_a_package_that_fails(package: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (package / "broken.py").write_text("1 / 0\n")
    assert main(["docs", "nets", "-o", "out"]) == 2
    assert "nets.broken fails on import: ZeroDivisionError" in capsys.readouterr().err
    (package / "broken.py").unlink()
    (package / "first.py").write_text("")
    (package / "inner" / "__init__.py").write_text("")
    assert main(["docs", "nets", "-o", "out"]) == 2
    assert "nets defines no nn.Module" in capsys.readouterr().err
