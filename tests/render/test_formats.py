"""Every format of every sample report, compared with golden files."""

import json
from collections.abc import Callable

import pytest

from shapeflow.render import FORMATS, as_json, sarif
from tests.render.samples import SAMPLES

SUFFIX = {"text": "txt", "short": "short.txt", "json": "json", "sarif": "sarif", "github": "github"}


@pytest.fixture(autouse=True)
def one_version(monkeypatch: pytest.MonkeyPatch) -> None:
    """Golden files outlive a release."""
    for module in (as_json, sarif):
        monkeypatch.setattr(module, "version", lambda: "1.2.3")


@pytest.mark.parametrize("name", SAMPLES)
def test_text(name: str, golden: Callable[[str, str], None]) -> None:
    golden(f"render/{name}.txt", FORMATS["text"](SAMPLES[name]) + "\n")


@pytest.mark.parametrize("form", [form for form in FORMATS if form != "text"])
def test_other_formats(form: str, golden: Callable[[str, str], None]) -> None:
    golden(f"render/conditional.{SUFFIX[form]}", FORMATS[form](SAMPLES["conditional"]) + "\n")


@pytest.mark.parametrize("name", SAMPLES)
@pytest.mark.parametrize("form", FORMATS)
def test_no_line_is_left_open(form: str, name: str) -> None:
    text = FORMATS[form](SAMPLES[name])
    assert not text.endswith("\n")
    assert all(line == line.rstrip() for line in text.splitlines())


@pytest.mark.parametrize("form", ["short", "github"])
def test_nothing_found_is_nothing_said(form: str) -> None:
    assert FORMATS[form](SAMPLES["valid"]) == ""


@pytest.mark.parametrize("name", SAMPLES)
@pytest.mark.parametrize("form", ["json", "sarif"])
def test_is_json(form: str, name: str) -> None:
    text = FORMATS[form](SAMPLES[name])
    assert text.isascii()
    assert json.loads(text)
