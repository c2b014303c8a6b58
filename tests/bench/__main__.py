"""Prints the speed table: shapeflow beside its peers, in one run.

Run with ``python -m tests.bench``; ``--quick`` leaves out the slow peers and the longest chain.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import warnings
from collections.abc import Callable
from typing import Any

import torch

import shapeflow
from shapeflow.core import constraint, dims
from shapeflow.solve import Facts, solve

from .models import ResNet, Tagger, chain
from .timing import interleaved, median

Row = tuple[str, str, str, bool]
"""What, the figure, what it should be, and whether it is."""


def resnet(quick: bool) -> list[Row]:
    """A residual network of 50 layers, symbolic in batch, height and width."""
    model = ResNet().eval()
    where = ["H >= 1", "W >= 1"]
    image = torch.randn(2, 3, 64, 64)
    runs: dict[str, Callable[[], Any]] = {
        "check": lambda: shapeflow.check(model, "B 3 H W", where=where),
        "fx.symbolic_trace": lambda: torch.fx.symbolic_trace(model),
    }
    taken = interleaved(runs, 5 if quick else 15)
    mine = taken["check"]
    rows = [_ratio("ResNet-50 check", mine, "fx.symbolic_trace", taken["fx.symbolic_trace"], 1.5)]
    if not quick:
        rows.append(_ratio("ResNet-50 check", mine, "FakeTensorProp", _fake(model, image), 0.25))
        rows.append(_ratio("ResNet-50 check", mine, "torch.export", _export(model, image), 0.05))
    return rows


def _ratio(what: str, mine: float, peer: str, theirs: float, most: float) -> Row:
    ratio = mine / theirs
    text = f"{mine:.1f} ms / {theirs:.1f} ms = {ratio:.2f}"
    return f"{what} / {peer}", text, f"<= {most}", ratio <= most


def _fake(model: torch.nn.Module, image: torch.Tensor) -> float:
    from torch._subclasses.fake_tensor import FakeTensorMode
    from torch.fx.passes.fake_tensor_prop import FakeTensorProp

    traced = torch.fx.symbolic_trace(model)
    mode = FakeTensorMode(allow_non_fake_inputs=True)
    return median(lambda: FakeTensorProp(traced, mode).propagate(image), 3, 1)


def _export(model: torch.nn.Module, image: torch.Tensor) -> float:
    auto = torch.export.Dim.AUTO
    shapes = ({0: auto, 2: auto, 3: auto},)
    return median(lambda: torch.export.export(model, (image,), dynamic_shapes=shapes), 3, 1)


def tagger() -> list[Row]:
    """A two-layer bidirectional LSTM tagger, symbolic in batch and time."""
    model = Tagger().eval()
    report = shapeflow.check(model, "B T 20")
    symbolic = str(report.outputs[1]) == "T"
    mine = median(lambda: shapeflow.check(model, "B T 20"), 50, 5)
    return [
        ("LSTM tagger check", f"{mine:.2f} ms", "<= 3 ms", mine <= 3),
        ("LSTM tagger's T stays symbolic", "yes" if symbolic else "no", "yes", symbolic),
    ]


def growth(quick: bool) -> list[Row]:
    """Chains of layers: the cost of a layer must not grow with their number."""
    lengths = [10, 100, 1000] if quick else [10, 100, 1000, 10_000]
    models = {n: chain(n) for n in lengths}
    each = {
        n: median(lambda m=m: shapeflow.check(m, "B 16"), max(1, min(20, 2000 // n)), 1) / n
        for n, m in models.items()
    }
    least = each[100]
    return [
        (
            f"chain of {n:,} layers, a layer",
            f"{each[n] * 1e3:.0f} us = {each[n] / least:.2f}",
            "<= 1.3 of 100's",
            each[n] / least <= 1.3,
        )
        for n in lengths
        if n > 100
    ]


def solver() -> list[Row]:
    """A thousand symbols and five thousand constraints."""
    names = [dims.symbol(f"s{i}") for i in range(1000)]
    demands = []
    for i, name in enumerate(names):
        other = names[(i + 1) % 1000]
        demands += [
            constraint.at_least(name, i % 7 + 1),
            constraint.divides(4, 4 * name),
            constraint.equal(2 * dims.floordiv(4 * name, 2), 4 * name),
            constraint.at_least(name + other, 2),
            constraint.equal(name, other) if i % 2 else constraint.at_least(name * other, name),
        ]
    taken = median(lambda: solve(demands, Facts()), 3, 1) / 1e3
    return [("1,000 symbols, 5,000 constraints", f"{taken:.2f} s", "<= 2 s", taken <= 2)]


def imports() -> list[Row]:
    """What ``import shapeflow`` adds to ``import torch``, and what it leaves for later."""
    code = (
        "import torch, time, sys; t = time.perf_counter(); import shapeflow;"
        "t = time.perf_counter() - t;"
        "print(t, [m for m in ('sympy', 'networkx', 'graphviz') if m in sys.modules])"
    )
    found = [
        subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, check=True
        ).stdout
        for _ in range(5)
    ]
    times = sorted(float(line.split()[0]) * 1e3 for line in found)
    loaded = found[0].split(" ", 1)[1].strip()
    return [
        ("import shapeflow, after torch", f"{times[2]:.1f} ms", "<= 60 ms", times[2] <= 60),
        ("heavy modules loaded by it", loaded, "[]", loaded == "[]"),
    ]


def main() -> int:
    """Prints the table; 1 where a figure is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true")
    quick = parser.parse_args().quick
    warnings.simplefilter("ignore")
    torch.set_num_threads(1)
    rows = [*imports(), *tagger(), *resnet(quick), *growth(quick), *solver()]
    widths = [max(len(row[i]) for row in rows) for i in range(3)]  # type: ignore[arg-type]
    for what, figure, wanted, held in rows:
        cells = (f"{what:{widths[0]}}", f"{figure:>{widths[1]}}", f"{wanted:{widths[2]}}")
        line = "  ".join([*cells, "held" if held else "MISSED"])
        print(line)
    return 0 if all(row[3] for row in rows) else 1


if __name__ == "__main__":
    sys.exit(main())
