"""A file that is edited and loaded again is read again."""

import importlib.util
from pathlib import Path
from types import ModuleType

import shapeflow

LOOP = """
import torch
from torch import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.cell = nn.GRUCell(3, 4)

    def forward(self, x):
        {name} = x.new_zeros(x.size({axis}), 4)
        for t in range(x.size(1)):
            {name} = self.cell(x[:, t], {name}{more})
        return {name}
"""


def loaded(path: Path, text: str) -> ModuleType:
    """The module of a file, as it is after an edit."""
    path.write_text(text, encoding="utf-8")
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_messages_show_the_source_as_it_is(tmp_path: Path) -> None:
    for name in ("state", "hidden"):
        text = LOOP.format(name=name, axis=1, more="")
        (finding,) = shapeflow.check(loaded(tmp_path / "net.py", text).Net(), "B T 3").findings
        assert finding.location is not None
        assert finding.location.text.strip() == f"{name} = self.cell(x[:, t], {name})"
        assert f"{name} is set here" in [text for _, text in finding.related]


def test_loops_are_judged_as_they_are(tmp_path: Path) -> None:
    """What depends on the number of the step is not said to hold for all."""
    for more, steady in (("", True), (" * (1 if t < 7 else 2)", False)):
        text = LOOP.format(name="state", axis=0, more=more)
        report = shapeflow.check(loaded(tmp_path / "net.py", text).Net(), "B T 3")
        assert any("for all T" in note for note in report.notes) is steady, report
