"""Every entry of the catalogue is true: its example fails, its repair runs, it has a page."""

from pathlib import Path
from typing import Any

import pytest

from shapeflow.core.errors import ShapeflowError
from shapeflow.diagnose.catalogue import CODES, Entry, by_code, by_slug

PAGES = Path(__file__).parents[2] / "docs" / "reference" / "findings"
OPERATIONS = """
    rank features hidden batch layers structure broadcast matmul elements layout join axis index
    window divisibility packed loss dtype argument expand inplace values size
""".split()
each_entry = pytest.mark.parametrize("entry", CODES.values(), ids=CODES)


def run(program: str) -> dict[str, Any]:
    """Run a program of the catalogue as it stands; its names."""
    names: dict[str, Any] = {"__name__": "catalogue"}
    exec(compile(program, "<catalogue>", "exec"), names)
    return names


def warnings(program: str) -> set[str]:
    """The codes of the warnings of the report that a program makes."""
    findings = run(program)["report"].findings
    assert not [f for f in findings if f.severity == "error"]
    return {f.code for f in findings if f.severity == "warning"}


@each_entry
def test_example_fails(entry: Entry) -> None:
    if entry.code == "SF901":
        assert not entry.example, "nobody knows how to make shapeflow fail"
        return
    if entry.is_warning:
        assert warnings(entry.example) == {entry.code}
        return
    with pytest.raises(Exception) as raised:
        run(entry.example)
    told = getattr(raised.value, "args", ("",))[0]
    assert "shapeflow" not in entry.example or entry.code in told


@each_entry
def test_repair_runs(entry: Entry) -> None:
    if entry.is_warning:
        assert not warnings(entry.repair)
    else:
        run(entry.repair)
    assert bool(entry.repair) == bool(entry.example)


def test_operations_are_numbered_in_order() -> None:
    assert [by_slug(slug).code for slug in OPERATIONS] == [f"SF{201 + i}" for i in range(23)]
    assert [code for code in CODES if code.startswith("SF2")] == [f"SF{201 + i}" for i in range(23)]


def test_examples_of_operations_are_plain_torch() -> None:
    assert not [e.code for e in map(by_slug, OPERATIONS) if "shapeflow" in e.example + e.repair]


@each_entry
def test_form(entry: Entry) -> None:
    assert len(f"{entry.code} {entry.slug} {entry.title}") <= 100
    assert not entry.title.endswith(".")
    assert entry.why.endswith(".")
    assert by_slug(entry.slug) is entry
    assert all(len(line) <= 100 for line in (entry.example + entry.repair).splitlines())


@each_entry
def test_code_has_a_page(entry: Entry) -> None:
    assert (PAGES / f"{entry.code}.md").is_file()


def test_slugs_are_unique() -> None:
    assert len({entry.slug for entry in CODES.values()}) == len(CODES)


def test_lookups() -> None:
    assert by_code("sf204") is by_slug("batch") is CODES["SF204"]
    for code, told in {
        "SF2044": "there is no code 'SF2044'; did you mean 'SF204'",
        "nothing": "there is no code 'nothing'",
    }.items():
        with pytest.raises(ShapeflowError, match=f"^{told}"):
            by_code(code)
    with pytest.raises(ShapeflowError, match="no finding is called 'bach'; did you mean 'batch'"):
        by_slug("bach")
