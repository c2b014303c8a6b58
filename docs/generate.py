"""Writes what follows from the code: pages of findings, their list, the operations, a picture.

Run ``python docs/generate.py`` after a change of catalogue or rules; a test fails until then.
"""

import contextlib
from pathlib import Path

from shapeflow.cli import main as main_of_shapeflow
from shapeflow.diagnose.catalogue import CODES, Entry
from shapeflow.inventory import inventory, to_markdown

DOCS = Path(__file__).resolve().parent
FINDINGS = DOCS / "reference" / "findings"
OPERATIONS = DOCS / "reference" / "operations.md"
PICTURE = DOCS / "translator.svg"
KINDS = {
    "SF1": "The model and its inputs",
    "SF2": "Operations",
    "SF3": "Conditions on sizes",
    "SF4": "What could not be analysed",
    "SF5": "What runs and is probably wrong",
    "SF6": "Saved weights",
    "SF9": "shapeflow itself",
}


def page(entry: Entry) -> str:
    """The page of one code."""
    parts = [f"# {entry.code} {entry.slug}: {entry.title}", entry.why]
    if entry.example:
        wrong, right = entry.titles
        parts += [f"## {wrong}", f"```python\n{entry.example}```"]
        parts += [f"## {right}", f"```python\n{entry.repair}```"]
    return "\n\n".join(parts) + "\n"


def index() -> str:
    """The list of all codes."""
    lines = [
        "# Findings",
        "",
        "A code keeps its meaning for ever. `shapeflow explain SF204` prints the same text.",
    ]
    for start, title in KINDS.items():
        lines += [
            "",
            f"## {title}",
            "",
            "| code | word | what is the matter |",
            "| --- | --- | --- |",
        ]
        lines += [
            f"| [{entry.code}]({entry.code}.md) | {entry.slug} | {entry.title} |"
            for entry in CODES.values()
            if entry.code.startswith(start)
        ]
    toctree = ["", "```{toctree}", ":hidden:", "", *CODES, "```"]
    return "\n".join(lines + toctree) + "\n"


def operations() -> str:
    """What is done with each callable of torch."""
    items = inventory()
    return to_markdown(items, items)


def pages() -> dict[Path, str]:
    """The pages of the findings and their text."""
    found = {FINDINGS / f"{code}.md": page(entry) for code, entry in CODES.items()}
    return found | {FINDINGS / "index.md": index()}


def draw(path: Path) -> None:
    """Draws the picture of the README."""
    inputs = ["--input", "source=B S:int64", "--input", "target=B T:int64"]
    with contextlib.chdir(DOCS.parent):
        main_of_shapeflow(["draw", "examples/decoder_loop.py:Translator", *inputs, "-o", str(path)])


def main() -> None:
    """Writes the pages and removes those of codes that are gone."""
    FINDINGS.mkdir(parents=True, exist_ok=True)
    wanted = pages()
    for old in set(FINDINGS.glob("*.md")) - set(wanted):
        old.unlink()
    for path, text in {**wanted, OPERATIONS: operations()}.items():
        path.write_text(text, encoding="utf-8", newline="\n")
    draw(PICTURE)


if __name__ == "__main__":
    main()
