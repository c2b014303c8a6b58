"""What the findings on a folder of programs are worth: ``python -m tests.corpus [FOLDER]``.

A program is a Python file with ``SPEC``, the specs by parameter name, and ``build()``, which makes
the model; the line that a person would edit ends in ``# CAUSE``. Where ``META["expected"]`` is
``"silent"``, the program runs and is wrong, and where it is ``"none"``, it is right: then warnings
are counted, else errors. Without a folder, the programs beside this file are read.
"""

from __future__ import annotations

import argparse
import importlib.util
import re
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import shapeflow
from shapeflow.core.constraint import Location
from shapeflow.diagnose.diagnostic import Finding
from shapeflow.failures import explained

PROGRAMS = Path(__file__).parent / "programs"
CAUSE = re.compile(r"#\s*CAUSE\d?(?!\w)")

KINDS = {"silent": "a program that runs and is wrong", "none": "a program that is right"}
LACKING = {
    "replayed": "PyTorch's own message",
    "fixed": "a verified fix",
    "at cause": "a first verified fix at the marked cause",
}


def load(path: Path) -> ModuleType:
    """The module of a program."""
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None and spec.loader is not None
    program = importlib.util.module_from_spec(spec)
    sys.modules[path.stem] = program  # where the source of its classes is looked for
    spec.loader.exec_module(program)
    return program


def report_of(program: ModuleType) -> shapeflow.Report:
    """What is said of a program; of saved weights that do not fit, while its model is made."""
    try:
        return shapeflow.check(program.build().eval(), **program.SPEC)
    except RuntimeError as error:
        report = explained(error)
        assert report is not None, error
        return report


def lacking(finding: Finding, path: Path) -> list[str]:
    """What an error should have and has not."""
    fixes = [fix for fix in finding.fixes if fix.verified]
    lines = path.read_text(encoding="utf-8").splitlines()
    causes = {number for number, line in enumerate(lines, 1) if CAUSE.search(line)}
    has = {
        "replayed": bool(finding.pytorch_message),
        "fixed": bool(fixes),
        "at cause": bool(fixes) and bool(causes & set(_lines(fixes[0].location, path))),
    }
    return [name for name, good in has.items() if not good]


def _lines(place: Location | None, path: Path) -> range:
    if place is None or Path(place.file).name != path.name:
        return range(0)
    return range(place.line, max(place.line, place.end_line) + 1)


def counted(folder: Path, texts: list[str]) -> Iterator[str]:
    """Reads the programs, adds their reports to ``texts`` and gives lines to print."""
    errors, missing = 0, Counter[str]()
    programs, warnings = Counter[str](), Counter[str]()
    for path in sorted(folder.glob("*.py")):
        program = load(path)
        if not hasattr(program, "build"):
            continue
        expected = getattr(program, "META", {}).get("expected", "error")
        report = report_of(program)
        texts.append(f"######## {path.stem}\n{report}\n")
        programs[expected] += 1
        warnings[expected] += sum(f.severity == "warning" for f in report.findings)
        found = [f for f in report.findings if f.severity == "error"]
        if expected == "error" and not found:
            yield f"{path.stem}: no error is found"
        for finding in found if expected == "error" else ():
            errors += 1
            for name in lacking(finding, path):
                missing[name] += 1
                yield f"{path.stem}: {finding.code} has not {LACKING[name]}"
    yield f"{errors} errors in {programs['error']} programs that PyTorch refuses"
    for name, words in LACKING.items():
        share = (errors - missing[name]) / errors if errors else 1
        yield f"{errors - missing[name]:5} ({share:4.0%}) with {words}"
    for expected, words in KINDS.items():
        if programs[expected]:
            each = warnings[expected] / programs[expected]
            yield f"{each:.2f} warnings for {words} ({programs[expected]} of these)"


def main(arguments: list[str] | None = None) -> int:
    """Prints the shares."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.corpus",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("folder", type=Path, nargs="?", default=PROGRAMS)
    parser.add_argument("--text", type=Path, help="a file to write all reports to")
    options = parser.parse_args(arguments)
    texts: list[str] = []
    for line in counted(options.folder, texts):
        print(line)
    if options.text:
        options.text.write_text("\n".join(texts), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
