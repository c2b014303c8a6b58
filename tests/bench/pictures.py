"""How fast and how legible the default pictures are: ``python -m tests.bench.pictures [FOLDER]``.

With a folder, the pictures are written there as PDF and PNG.
"""

import re
import sys
import time
from pathlib import Path

import shapeflow
from shapeflow.render.drawing import Options, Style, painted, readable, render
from tests.render.models import MODELS

BARS = {  # boxes, points of text on an A4 page, seconds
    "classifier": (None, 6.0, 0.15),
    "decoder loop": (25, 6.0, None),
    "residual network": (30, 6.0, 2.0),
    "transformer": (15, 6.0, 1.0),
    "wrong head": (None, 6.0, None),
}
ROUNDS = 5


def main(folder: str | None = None) -> None:
    """Prints the table."""
    engine = shapeflow.drawing_engine()
    print(engine.version)
    print(f"{'model':<18}{'boxes':>12}{'text on A4':>16}{'report to SVG':>18}  symbols")
    for name, (build, specs) in MODELS.items():
        report = shapeflow.check(build().eval(), **specs)
        seconds = min(timed(report) for _ in range(ROUNDS))
        picture, scene, _ = painted(report, Options(), Style())
        text = readable(picture)
        told = " ".join(str(t.shape) for e in scene.edges for t in e.tensors)
        kept = [symbol for symbol in report.symbols if re.search(rf"'[^']*\b{symbol}\b", told)]
        most, least, slowest = BARS[name]
        print(
            f"{name:<18}{len(scene.boxes):>5} {bar(most, '<='):>6}"
            f"{text:>8.1f} {bar(least, '>='):>6} pt"
            f"{seconds:>8.3f} {bar(slowest, '<='):>7} s  {' '.join(kept)}"
        )
        if folder is not None:
            for form in ("pdf", "png"):
                content = render(report, form, Options(), Style())
                (Path(folder) / f"{name.replace(' ', '_')}.{form}").write_bytes(content)


def bar(number: float | None, sign: str) -> str:
    """What is to be kept."""
    return "" if number is None else f"({sign}{number:g})"


def timed(report: shapeflow.Report) -> float:
    """Seconds from a report that nobody has drawn yet to its SVG."""
    report.__dict__.pop("traces", None)
    start = time.perf_counter()
    render(report, "svg", Options(), Style())
    return time.perf_counter() - start


if __name__ == "__main__":
    main(*sys.argv[1:])
