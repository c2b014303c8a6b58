"""How long a page with 30 figures takes to build: ``python -m tests.bench.pages``.

First from nothing, then after the page has changed and no model has.
"""

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.sphinxext.project import write_project

ROOT = Path(__file__).parents[2]
FIGURES = 30
MOST = 1.0
"""Seconds that a build may take where no model has changed, beside Sphinx itself."""


def main() -> None:
    """Prints the table."""
    figures = [
        f".. shapeflow:: net:Classifier\n   :input: x=B T 3\n   :init: hidden={2 + number}\n"
        for number in range(FIGURES)
    ]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_project(folder, "\n".join(figures))
        cold = built(folder)
        page = folder / "index.rst"
        page.write_text(page.read_text() + "\nMore.\n")
        warm = built(folder)
        page.write_text("Models\n======\n\nNothing.\n")
        bare = built(folder)
    print(f"{FIGURES} figures from nothing          {cold:6.2f} s")
    print(f"{FIGURES} figures, models as before     {warm:6.2f} s")
    print(f"a page without figures          {bare:6.2f} s")
    verdict = "held" if warm - bare <= MOST else "MISSED"
    print(f"what warm figures cost          {warm - bare:6.2f} s  <= {MOST:g} s  {verdict}")


def built(folder: Path) -> float:
    """Seconds of one build, the start of Python and Sphinx included."""
    command = [sys.executable, "-m", "sphinx", "-q", "-b", "html", "-d", f"{folder}/trees"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    start = time.perf_counter()
    subprocess.run(
        [*command, str(folder), f"{folder}/out"], cwd=folder, env=environment, check=True
    )
    return time.perf_counter() - start


if __name__ == "__main__":
    main()
