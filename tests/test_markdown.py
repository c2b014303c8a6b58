"""The fence for Python-Markdown."""

from pathlib import Path

import pytest

from shapeflow.markdown import fence
from tests.sphinxext.project import MODELS


@pytest.fixture(autouse=True)
def models(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "net.py").write_text(MODELS)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))


def shown(*lines: str) -> str:
    return fence("\n".join(lines), "shapeflow", "shapeflow", {}, None)


def test_a_figure() -> None:
    html = shown("net.py:Classifier", "input: x=B T 3", "caption: one <b>", "view: both")
    assert html.startswith('<figure class="shapeflow"') and "<svg" in html
    assert "<figcaption>one &lt;b&gt;</figcaption>" in html
    assert "<pre" in html and "x (B, T, 3) -&gt; (B, 2)" in html
    other = shown("net.py:Classifier", "input: x=B T 3")
    assert "<pre" not in other
    first = html.partition('<g id="')[2].partition('"')[0]
    assert first and f'id="{first}"' not in other


def test_a_signature() -> None:
    html = shown("net.py:Classifier", "input: x=4 T 3", "init: hidden=5", "view: signature")
    assert html == '<p class="shapeflow"><code>x (4, T, 3) -&gt; (4, 2)</code></p>'


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        ([], "names a model on its first line"),
        (["net.py:Clasifier"], "did you mean &#x27;Classifier&#x27;"),
        (["net.py:Classifier", "imput: x=B"], "did you mean &#x27;input&#x27;"),
        (["net.py:Classifier", "input:"], "needs a value"),
        (["net.py:Classifier", "view: all"], "view is one of"),
        (["net.py:Classifier", "depth: two"], "depth must be a whole number"),
        (["net.py:<script>"], "does not say which object"),
    ],
)
def test_what_is_wrong_stands_in_its_place(lines: list[str], words: str) -> None:
    html = shown(*lines)
    assert html.startswith('<pre class="shapeflow error">') and words in html
    assert "<script>" not in html
