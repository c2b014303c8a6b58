"""JSON and SARIF keep to their schemas, for samples and for reports of models."""

import json
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema
import pytest

import shapeflow
from shapeflow.diagnose.catalogue import CODES
from shapeflow.render.as_json import to_json
from shapeflow.render.sarif import to_sarif
from shapeflow.report import Report
from tests.render.models import MODELS
from tests.render.samples import SAMPLES

ROOT = Path(__file__).parents[2]
REPORT = ROOT / "docs" / "reference" / "report.schema.json"
SARIF = Path(__file__).with_name("sarif.schema.json")


@cache
def validator(path: Path) -> Any:
    """Checks against the schema in a file, formats such as that of URIs included."""
    schema = json.loads(path.read_text("utf-8"))
    kind = jsonschema.Draft202012Validator
    kind.check_schema(schema)
    return kind(schema, format_checker=kind.FORMAT_CHECKER)


def report_of(name: str) -> Report:
    """A sample, or the report of a model."""
    if name in SAMPLES:
        return SAMPLES[name]
    build, specs = MODELS[name]
    return shapeflow.check(build().eval(), **specs)


@pytest.mark.parametrize("name", [*SAMPLES, "classifier", "decoder loop", "wrong head"])
def test_records_keep_to_their_schemas(name: str) -> None:
    report = report_of(name)
    validator(REPORT).validate(json.loads(to_json(report)))
    for rules in (None, CODES):
        validator(SARIF).validate(json.loads(to_sarif(report, rules)))


def test_schemas_refuse_what_is_none_of_theirs() -> None:
    data = json.loads(to_json(SAMPLES["conditional"]))
    data["findings"][0]["severity"] = "fatal"
    with pytest.raises(jsonschema.ValidationError, match="fatal"):
        validator(REPORT).validate(data)
    log = json.loads(to_sarif(SAMPLES["conditional"]))
    log["runs"][0]["results"][0]["rank"] = "high"
    with pytest.raises(jsonschema.ValidationError, match="rank"):
        validator(SARIF).validate(log)
