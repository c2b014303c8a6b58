"""Pictures as text: tree with costs, Markdown, Mermaid, JSON, and what notebooks are given."""

import json
import re
import shutil
import subprocess
from functools import cache
from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torch.utils.flop_counter import FlopCounterMode

import shapeflow
from shapeflow.core.shape import total
from shapeflow.render.compose import alike
from shapeflow.render.drawing import Options, Style, render
from shapeflow.render.mermaid import escaped
from shapeflow.render.scene_json import condition, expression
from shapeflow.render.tree import _rows, marked

from .models import MODELS
from .test_scene import report_of

GOLDEN = """\
Classifier: tokens (B, T) -> (B, 5)
Classifier runs for every size of B and T

layer                                           gives       parameters  multiply-adds  activations, bytes
---------------------------------------------------------------------------------------------------------
tokens  int64                                   (B, T)
embed  Embedding 1000 → 64                      (B, T, 64)      64,000                 256*B*T
lstm  LSTM 64 → 128  2 layers × 2 directions ⇄                 593,920  589824*B*T     1024*B*T+4096*B
cat  dim=-1                                     (B, 256)                               1024*B
head  Linear 256 → 5                            (B, 5)           1,285  1280*B         20*B
result

parameters: 659,205
multiply-adds: 589824*B*T+1280*B
activations, bytes: 1280*B*T+5140*B
"""  # noqa: E501


@cache
def text_of(name: str, form: str) -> str:
    return render(report_of(name), form, Options(), Style()).decode()


def test_tree_of_a_classifier() -> None:
    assert text_of("classifier", "txt") == GOLDEN


def test_costs_of_a_loop_are_those_of_all_steps() -> None:
    told = text_of("decoder loop", "txt")
    assert re.search(r"cell  GRUCell 128 → 64 +\(B, 64\) +37,248  36864\*B\*T ", told)
    assert "stack  dim=1" in told
    assert re.search(r"stack  dim=1 +\(B, T, 500\)", told)


@pytest.mark.parametrize("name", MODELS)
def test_parameters_are_those_of_the_model(name: str) -> None:
    model = MODELS[name][0]()
    count = sum(parameter.numel() for parameter in model.parameters())
    assert f"parameters: {count:,}\n" in text_of(name, "txt")


class Mixed(nn.Module):
    """What the counter of torch counts, in one model."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(4, 6, 3, 2, groups=2)
        self.up = nn.ConvTranspose2d(6, 2, 2, 2)
        self.linear = nn.Linear(8, 8)
        self.attention = nn.MultiheadAttention(8, 2, batch_first=True)

    def forward(self, x: Tensor, y: Tensor) -> tuple[Tensor, ...]:
        y = self.linear(y)
        z = torch.bmm(y, y.transpose(1, 2)) @ y
        mixed, _ = self.attention(z, y, y)
        return self.up(self.conv(x)), nn.functional.scaled_dot_product_attention(z, y, mixed)


@pytest.mark.parametrize("sizes", [(1, 5, 5, 2), (3, 9, 12, 7)])
def test_multiply_adds_are_those_that_torch_counts(sizes: tuple[int, ...]) -> None:
    B, H, W, T = sizes
    model = Mixed().train()
    report = shapeflow.check(model, "B 4 H W", "B T 8")
    rows = list(_rows(alike(report, Options(most=10**6))))
    found = total(row.work for row in rows if row.work is not None)
    assert all(row.work is not None for row in rows)
    with FlopCounterMode(display=False) as counter, torch.no_grad():
        model(torch.rand(B, 4, H, W), torch.rand(B, T, 8))
    assert 2 * found.evaluate(B=B, H=H, W=W, T=T) == counter.get_total_flops()  # type: ignore[union-attr]


def test_markdown_has_a_row_for_each_line_of_the_tree() -> None:
    from shapeflow.render.tree import to_markdown

    lines = to_markdown(report_of("decoder loop")).splitlines()
    rows = [line for line in lines if line.startswith("| ")]
    assert len({line.count(" | ") for line in rows}) == 1
    assert any("t \\= 1" in row or "t = 1" in row for row in rows)
    assert marked("<b>|`x`") == "&lt;b\\>\\|\\`x\\`"


def test_mermaid_has_every_box_edge_and_frame() -> None:
    told = text_of("decoder loop", "mmd")
    assert told.count("subgraph ") == 2
    assert len(re.findall(r"^ +n\d+ (-->|-\.->)", told, re.MULTILINE)) == 20
    assert 'n3 -.->|"h (1, B, 64)<br/>t = 1 … S"| n3' in told.replace("#40;", "(").replace(
        "#41;", ")"
    )
    assert escaped('a"]<b>') == "a#34;#93;#60;b#62;"
    assert "linkStyle" in text_of("wrong head", "mmd")


@pytest.mark.skipif(not shutil.which("mmdc"), reason="needs the mermaid command line")
def test_mermaid_is_understood(tmp_path: Any) -> None:
    (tmp_path / "a.mmd").write_text(text_of("decoder loop", "mmd"), encoding="utf-8")
    subprocess.run(["mmdc", "-i", "a.mmd", "-o", "a.svg"], cwd=tmp_path, check=True)


def test_json_holds_the_scene_and_sizes_that_can_be_evaluated() -> None:
    data = json.loads(text_of("residual network", "json"))
    assert data["schema"] == 1
    assert [group["times"] for group in data["groups"] if group["role"] == "stack"][2] == "× 35"
    assert data["sizes"]["(H-1)//4+1"] == ["+", ["//", ["+", "H", -1], 4], 1]
    used = {size for edge in data["edges"] for t in edge["tensors"] for size in t["shape"]}
    assert {size for size in used if isinstance(size, str)} <= set(data["sizes"])


def test_conditions_as_data() -> None:
    report = shapeflow.check(nn.Conv2d(3, 4, 3), "B 3 H W", where="W % 4 == 0")
    assert condition(report.constraints[0]) == [">=", "H", 3]
    assert condition(report.facts[0]) == ["%", "W", 4]
    assert expression(7) == 7


def test_notebook_gets_page_picture_table_and_text() -> None:
    report = report_of("classifier")
    bundle = report._repr_mimebundle_()
    assert set(bundle) == {"text/plain", "text/markdown", "text/html", "image/svg+xml"}
    assert bundle["text/html"].startswith("<iframe srcdoc=")
    assert 'sandbox="allow-scripts"' in bundle["text/html"]
    assert bundle["text/html"].count('"') == 6  # what is inside is escaped
    assert set(report._repr_mimebundle_(include=["image/png"])) == {"text/plain", "image/png"}
    assert report._repr_mimebundle_(["image/png"])["image/png"].startswith(b"\x89PNG")
    assert report._repr_mimebundle_(["application/pdf"])["application/pdf"].startswith(b"%PDF")
    assert "image/svg+xml" not in report._repr_mimebundle_(exclude=["image/svg+xml"])


def test_notebook_falls_back_to_text(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shapeflow.render.engine._embedded", lambda: None)
    monkeypatch.setenv("PATH", "")
    with pytest.warns(UserWarning, match=r"no image/svg\+xml of this report: there is no Graphviz"):
        bundle = report_of("classifier")._repr_mimebundle_()
    assert "image/svg+xml" not in bundle
    assert bundle["text/plain"].startswith("Classifier")
