"""The documentation is true: generated pages are fresh, and what it shows was really printed."""

import contextlib
import importlib.util
import io
import re
import shlex
import sys
from pathlib import Path
from types import ModuleType

import pytest

from shapeflow.cli import main
from shapeflow.inventory.printing import version

DOCS = Path(__file__).parents[1] / "docs"
FENCE = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
PAGES = sorted(set(DOCS.rglob("*.md")) - set((DOCS / "reference" / "findings").glob("*.md")))


def generate() -> ModuleType:
    """The script that writes pages."""
    spec = importlib.util.spec_from_file_location("generate_docs", DOCS / "generate.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_generated_pages_are_fresh() -> None:
    wanted = generate().pages()
    found = {path: path.read_text("utf-8") for path in (DOCS / "reference" / "findings").glob("*")}
    assert found == wanted, "run python docs/generate.py"


def test_page_of_operations_is_fresh() -> None:
    script = generate()
    found = script.OPERATIONS.read_text("utf-8")
    if f"this page is for torch {version()}.\n" not in found:
        pytest.skip("the page was made with another torch")
    assert found == script.operations(), "run python docs/generate.py"


def test_picture_is_fresh(tmp_path: Path) -> None:
    script = generate()
    script.draw(tmp_path / "fresh.svg")
    assert (tmp_path / "fresh.svg").read_bytes() == script.PICTURE.read_bytes(), (
        "run python docs/generate.py"
    )


class Reader:
    """Does what a page shows, in order, and puts in what is printed."""

    def __init__(self) -> None:
        self.names: dict[str, object] = {"__name__": "page"}
        self.printed: str | None = None

    def __call__(self, fence: re.Match[str]) -> str:
        language, text = fence.groups()
        if language == "text" and self.printed is not None:
            text, self.printed = self.printed, None
        elif language == "python" and (name := re.match(r"# (\w+\.py)\n", text)):
            Path(name[1]).write_text(text.removeprefix(name[0]), encoding="utf-8")
        elif language in ("python", "sh"):
            with contextlib.redirect_stdout(io.StringIO()) as out:
                self.run(language, text)
            self.printed = out.getvalue() or None
        return f"```{language}\n{text}```"

    def run(self, language: str, text: str) -> None:
        """Runs Python, or those lines of a shell that call shapeflow."""
        if language == "python":
            exec(compile(text, "<page>", "exec"), self.names)
            return
        for line in text.splitlines():
            if line.startswith("shapeflow "):
                assert main(shlex.split(line)[1:]) in (0, 1, 3)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_page(
    page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(str(tmp_path))
    before = set(sys.modules)
    try:
        printed = FENCE.sub(Reader(), page.read_text("utf-8"))
    finally:
        for name in {file.stem for file in tmp_path.iterdir()} - before:
            sys.modules.pop(name, None)
    if request.config.getoption("--update-golden"):
        page.write_text(printed, encoding="utf-8", newline="\n")
    assert printed == page.read_text("utf-8")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_links(page: Path) -> None:
    links = re.findall(r"\]\(([^)#:]+)\)", page.read_text("utf-8"))
    assert not [link for link in links if not (page.parent / link).is_file()]
