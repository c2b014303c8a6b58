"""The directive in small projects, built as a user would."""

import os
import re
import subprocess
import sys
from pathlib import Path

from shapeflow.documenting import Exhibit
from shapeflow.sphinxext.docstrings import contradictions, stated
from tests.sphinxext.project import MODELS, write_project

ROOT = Path(__file__).parents[2]
ONE = """
.. shapeflow:: net:Classifier
   :input: x=B T 3
"""


def build(folder: Path, builder: str = "html", *options: str) -> tuple[str, int]:
    """What Sphinx complains of, and its exit code; the pages are in ``folder/out``."""
    command = [sys.executable, "-m", "sphinx", "-q", "-b", builder, "-d", f"{folder}/trees"]
    command += [*options, str(folder), str(folder / "out")]
    paths = os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])
    environment = {**os.environ, "PYTHONPATH": paths}
    done = subprocess.run(
        command, capture_output=True, text=True, cwd=folder, env=environment, check=False
    )
    return done.stderr, done.returncode


def test_a_figure_in_html(tmp_path: Path) -> None:
    page = ONE + "   :caption: The *classifier*.\n   :name: one\n   :align: center\n"
    page += "\nSee :ref:`one`.\n" + ONE + "   :alt: another\n   :class: wide\n"
    complaints, code = build(write_project(tmp_path, page), "html", "-W")
    assert not complaints and code == 0
    html = (tmp_path / "out" / "index.html").read_text("utf-8")
    assert html.count('class="shapeflow-figure') == 2
    assert 'aria-label="Classifier: x (B, T, 3) -&gt; (B, 2); valid"' in html
    assert 'aria-label="another"' in html and "shapeflow-figure wide" in html
    assert "The <em>classifier</em>." in html and 'href="#one"' in html
    ids = re.findall(r'<g id="([^"]+)"', html)
    assert ids and len(ids) == len(set(ids))
    assert "shapeflow-id-" not in html


BUILDERS = {
    "text": ("index.txt", "x (B, T, 3) -> (B, 2)"),
    "man": ("small.1", "x (B, T, 3) "),
    "latex": ("small.tex", "sphinxincludegraphics{shapeflow-"),
    "texinfo": ("small.texi", "@image{shapeflow-"),
    "pseudoxml": ("index.pseudoxml", "x (B, T, 3)"),
}


def test_other_builders(tmp_path: Path) -> None:
    write_project(tmp_path, ONE)
    for builder, (file, words) in BUILDERS.items():
        complaints, code = build(tmp_path, builder)
        assert code == 0 and "shapeflow" not in complaints, builder
        assert words in (tmp_path / "out" / file).read_text("utf-8"), builder


def test_views_content_and_options(tmp_path: Path) -> None:
    page = ONE.replace("net:", "net.py:") + "   :view: both\n   :init: hidden=5\n"
    page += ONE + "   :view: signature\n" + ONE + "   :view: report\n   :returns: B 3\n"
    page += """
.. shapeflow::
   :input: input=B 4
   :where: B >= 2; B <= 7

   from torch import nn

   model = nn.Sequential(nn.Linear(4, 5), nn.ReLU())
"""
    complaints, code = build(write_project(tmp_path, page), "html", "-W")
    assert not complaints and code == 0
    html = (tmp_path / "out" / "index.html").read_text("utf-8")
    assert html.count("<pre>") == 2
    assert "SF102" in html
    assert html.count('class="shapeflow-figure') == 2


WRONG = {
    ".. shapeflow:: net:Nope\n": "index.rst:4: WARNING: net has no 'Nope'",
    ".. shapeflow:: nett:Nope\n": "there is no module 'nett'",
    ".. shapeflow::\n": "neither a target nor content",
    ".. shapeflow:: net:Wrapped\n": "needs inner",
    ONE + "\n   model = 1\n": "both a target and content",
    ONE.replace("B T 3", "B T $"): "column 5 should be",
    ONE + "   :expect: conflict\n": "Classifier should be conflict: valid",
    ONE + "   :init: head=7\n   :expect: ok\n": "should be ok",
}


def test_what_is_wrong_is_a_warning_with_its_place(tmp_path: Path) -> None:
    complaints, code = build(write_project(tmp_path, "\n".join(WRONG)))
    assert code == 0 and "Traceback" not in complaints
    for words in WRONG.values():
        assert words in complaints
    assert complaints.count("WARNING") == len(WRONG)
    quiet, code = build(tmp_path, "html", "-E", "-D", "suppress_warnings=shapeflow", "-W")
    assert not quiet and code == 0
    assert build(tmp_path, "html", "-E", "-W")[1]


def test_a_conflict_is_content(tmp_path: Path) -> None:
    page = ONE + "   :init: head=7\n   :expect: conflict\n"
    assert build(write_project(tmp_path, page), "html", "-W") == ("", 0)
    assert "SF202" in (tmp_path / "out" / "index.html").read_text("utf-8")


WATCH = """

class Watch:
    def find_spec(self, name, path=None, target=None):
        if name == "torch":
            print("torch is imported", file=sys.stderr)


sys.meta_path.insert(0, Watch())
"""


def test_a_warm_build_does_not_import_torch(tmp_path: Path) -> None:
    write_project(tmp_path, ONE, conf=WATCH)
    assert "torch is imported" in build(tmp_path)[0]
    page = tmp_path / "index.rst"
    page.write_text(page.read_text() + "\nMore.\n")
    assert "torch is imported" not in build(tmp_path)[0]
    assert "<svg" in (tmp_path / "out" / "index.html").read_text("utf-8")
    (tmp_path / "net.py").write_text(MODELS.replace("hidden, 2, batch", "hidden, 3, batch"))
    assert "torch is imported" in build(tmp_path)[0]
    assert "3\u00a0layers" in (tmp_path / "out" / "index.html").read_text("utf-8")


def test_pages_are_read_in_parallel(tmp_path: Path) -> None:
    write_project(tmp_path, ".. toctree::\n   :glob:\n\n   page*\n")
    for number in range(12):
        (tmp_path / f"page{number}.rst").write_text(f"Page {number}\n========\n{ONE}")
    complaints, code = build(tmp_path, "html", "-j", "2", "-W")
    assert not complaints and code == 0


AUTODOC = """
shapeflow_autodoc = {
    "net.Classifier": {"x": "B T 3"},
    "net.Encoder": {"inputs": {"x": "B T 3"}},
}
shapeflow_check_docstrings = True
"""


def test_docstrings(tmp_path: Path) -> None:
    page = ".. autoclass:: net.Classifier\n\n.. autoclass:: net.Encoder\n"
    complaints, _ = build(write_project(tmp_path, page, conf=AUTODOC))
    html = (tmp_path / "out" / "index.html").read_text("utf-8")
    assert "x (B, T, 3) -&gt; (B, 2)" in html.replace('<span class="pre">', "").replace(
        "</span>", ""
    )
    assert "net.Classifier" not in complaints
    assert "the docstring of net.Encoder says x is (N, L, 5), but axis 2 is 3" in complaints
    assert "says Output is (L, N, 4), but L is T elsewhere and B on axis 0" in complaints


def test_shapes_stated_in_docstrings() -> None:
    lines = [
        "Does.",
        "",
        "Shape:",
        "    - Input: :math:`(N, C_{in}, *)`, where",
        "    - Output: (N)",
    ]
    assert list(stated(lines)) == [("Input", ["N", "Cin", "*"]), ("Output", ["N"])]
    shown = Exhibit("M", "", "", "valid", "", "", (("x", "B 3 T"),), ("B 4",), (), ())
    assert list(contradictions(lines, shown)) == [
        "Output is (N), but it has 2 axes: (B, 4)",
    ]
    assert not list(stated(["Shape of things: (a, b) is meant"]))


MYST = """
# Models

```{shapeflow} net:Classifier
:input: x=B T 3
:caption: In *MyST*.
```
"""


def test_myst(tmp_path: Path) -> None:
    write_project(tmp_path, "", conf='extensions.append("myst_parser")\n')
    (tmp_path / "index.rst").unlink()
    (tmp_path / "index.md").write_text(MYST)
    assert build(tmp_path, "html", "-W") == ("", 0)
    html = (tmp_path / "out" / "index.html").read_text("utf-8")
    assert "<svg" in html and "In <em>MyST</em>." in html


NESTED = (
    MODELS
    + '''

class Pair(nn.Module):
    """Two parts."""

    def __init__(self):
        super().__init__()
        self.encoder = Encoder()
        self.head = nn.Linear(4, 2)

    def forward(self, x):
        return self.head(self.encoder(x))
'''
)


def test_classes_that_are_described_are_linked(tmp_path: Path) -> None:
    page = "\n.. shapeflow:: net:Pair\n   :input: x=B T 3\n   :depth: 9\n"
    write_project(tmp_path, page + "\n.. autoclass:: net.Encoder\n", models=NESTED)
    complaints, code = build(tmp_path, "html", "-W")
    assert not complaints and code == 0
    html = (tmp_path / "out" / "index.html").read_text("utf-8")
    assert 'href="#net.Encoder"' in html and "class:net" not in html
    assert "pytorch.org/docs" in html
    write_project(tmp_path, page, models=NESTED)
    assert build(tmp_path, "html", "-W") == ("", 0)
    html = (tmp_path / "out" / "index.html").read_text("utf-8")
    assert "#net.Encoder" not in html and "class:net" not in html
