"""JSON, SARIF and GitHub: what their readers rely on."""

import json
import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from shapeflow.core import dims, notation
from shapeflow.core.constraint import Location
from shapeflow.diagnose.catalogue import CODES
from shapeflow.diagnose.diagnostic import Finding
from shapeflow.render.as_json import to_dict, tree
from shapeflow.render.github import to_github
from shapeflow.render.sarif import to_sarif
from shapeflow.report import Report
from tests.render.samples import BATCH, CALL, SAMPLES, report

B, T = dims.symbol("B"), dims.symbol("T")

REQUIRED = {  # SARIF 2.1.0, by the name under which an object hangs
    "log": ["version", "runs"],
    "runs": ["tool"],
    "tool": ["driver"],
    "driver": ["name"],
    "rules": ["id"],
    "results": ["message"],
    "relatedLocations": ["physicalLocation", "message"],
    "codeFlows": ["threadFlows"],
    "threadFlows": ["locations"],
    "physicalLocation": ["artifactLocation"],
    "artifactLocation": ["uri"],
    "invocations": ["executionSuccessful"],
    "toolExecutionNotifications": ["message"],
    "message": ["text"],
    "shortDescription": ["text"],
    "fullDescription": ["text"],
    "help": ["text"],
}


def missing(name: str, value: Any) -> list[str]:
    """Required properties of SARIF that are not there."""
    if isinstance(value, list):
        return [gap for item in value for gap in missing(name, item)]
    if not isinstance(value, dict):
        return []
    gaps = [f"{name}.{key}" for key in REQUIRED.get(name, []) if key not in value]
    return gaps + [gap for key, item in value.items() for gap in missing(key, item)]


@pytest.mark.parametrize("name", SAMPLES)
@pytest.mark.parametrize("rules", [None, CODES], ids=["bare", "catalogue"])
def test_sarif_is_complete(name: str, rules: Any) -> None:
    log = json.loads(to_sarif(SAMPLES[name], rules))
    assert missing("log", log) == []
    assert log["version"] == "2.1.0"
    (run,) = log["runs"]
    known = [rule["id"] for rule in run["tool"]["driver"]["rules"]]
    assert len(set(known)) == len(known)
    for result in run["results"]:
        assert known[result["ruleIndex"]] == result["ruleId"]
        assert result["level"] in ("error", "warning", "note")


def test_sarif_tells_rules_from_a_mapping() -> None:
    log = json.loads(to_sarif(SAMPLES["conditional"], CODES))
    rules = {rule["id"]: rule for rule in log["runs"][0]["tool"]["driver"]["rules"]}
    assert rules["SF204"]["shortDescription"]["text"] == CODES["SF204"].title


def region(location: Location) -> dict[str, Any]:
    """The physical location that SARIF gives."""
    log = json.loads(to_sarif(report(findings=(replace(BATCH, location=location),))))
    place: dict[str, Any] = log["runs"][0]["results"][0]["locations"][0]["physicalLocation"]
    return place


def test_sarif_places(tmp_path: Path) -> None:
    assert region(CALL)["region"] == {
        "startLine": 31,
        "startColumn": 18,
        "endLine": 31,
        "endColumn": 34,
        "snippet": {"text": CALL.text},
    }
    here = os.path.join(os.getcwd(), "my nets", "net.py")
    below = {"uri": "my%20nets/net.py", "uriBaseId": "%SRCROOT%"}
    assert region(Location(here, 3))["artifactLocation"] == below
    away = region(Location(str(tmp_path / "net.py"), 3))
    assert away["artifactLocation"] == {"uri": (tmp_path / "net.py").as_uri()}
    assert away["region"] == {"startLine": 3}


def test_incomplete_run_is_not_successful() -> None:
    log = json.loads(to_sarif(SAMPLES["incomplete"]))
    assert not log["runs"][0]["invocations"][0]["executionSuccessful"]


def one(**changes: Any) -> Report:
    """A report with one short finding."""
    return report(findings=(replace(Finding("SF204", "error", "hx differs", CALL), **changes),))


def test_github() -> None:
    place = "file=net.py,line=31,col=18,endColumn=34"
    assert to_github(one()) == f"::error {place},title=SF204::hx differs"
    assert to_github(one(severity="note", location=None)) == "::notice title=SF204::hx differs"


def test_github_escapes() -> None:
    odd = Location("a,b:c%.py", 3, 1, 5, 2, "f(")
    said = to_github(one(location=odd, message="100 %, a: b\nc", severity="warning"))
    assert said == (
        "::warning file=a%2Cb%3Ac%25.py,line=3,endLine=5,title=SF204::100 %25, a: b%0Ac"
    )


def test_json_sizes_are_specs() -> None:
    shape = (B, 2 * T - 1, dims.floordiv(T, 2), 3)
    text = tree(shape)
    assert text == "B 2*T-1 T//2 3"
    assert tuple(map(notation.parse_size, text.split())) == shape


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ((), ""),
        (((B, 3), [None, True]), ["B 3", [None, True]]),
        ({"h": (B,)}, {"h": "B"}),
        (B, {"size": "B"}),
        ("mean", {"text": "mean"}),
        (0.5, 0.5),
        (float("nan"), {"text": "nan"}),
        (slice(None), {"object": "slice"}),
    ],
)
def test_json_tree(value: object, shown: object) -> None:
    assert tree(value) == shown


def test_json_keys() -> None:
    record = to_dict(SAMPLES["conditional"])
    assert list(record) == [
        *"schema tool model verdict ok findings constraints facts inputs outputs symbols".split(),
        *"paths notes".split(),
    ]
    assert record["verdict"] == "conditional"
    assert record["ok"] is False
    assert record["constraints"][0]["text"] == "N == B"
    assert record["findings"][0]["witness"] == {"B": 2, "T": 1, "N": 3}
