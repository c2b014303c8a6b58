"""``python -m tests.ops --draws 300000 --seed 0``: single operations against PyTorch."""

from __future__ import annotations

import argparse
import collections
import importlib
import random
import sys
import time
from functools import partial
from pathlib import Path

import torch

from ..workers import SHORT, options, results
from .draw import Difference, Drawing, drawables, text_of


def drawing(given: argparse.Namespace, number: int) -> Drawing:
    """The draw of that number: the same one each time."""
    return Drawing(random.Random(f"{given.seed}-{number}"), given.changes, given.turned)


def one(given: argparse.Namespace, number: int) -> list[Difference] | None:
    return drawing(given, number).differences()


def main() -> int:
    """Draws calls, prints what differs, and ends with 1 where anything does."""
    parser = options("tests.ops", "draws", 10_000)
    parser.add_argument("--changes", type=int, default=1, help="arguments changed in a call")
    parser.add_argument("--turned", action="store_true", help="axes in other orders in memory")
    given = parser.parse_args()
    torch.set_num_threads(1)
    for table in sorted(Path(__file__).parent.glob("cases_*.py")):
        importlib.import_module(f"{__package__}.{table.stem}")
    start = time.monotonic()
    found: collections.Counter[tuple[str, str]] = collections.Counter()
    compared = 0
    drawables()
    if given.only is not None:
        call = drawing(given, given.only).call()
        print("no call" if call is None else text_of(*call), flush=True)
        print(one(given, given.only))
        return 0
    work = partial(one, given)
    numbers = range(given.first, given.first + given.count)
    for number, differences, code in results(work, numbers, given.jobs, longest=SHORT):
        compared += differences is not None
        if code:
            print(f"draw {number}: the process ended with exit code {code}", flush=True)
            if code > 0:  # an exception of the comparison itself, not a crash of torch
                found["a draw", "crash"] += 1
        for difference in (differences or [])[:1]:
            key = (difference.case, difference.kind)
            found[key] += 1
            if found[key] == 1:
                print(f"draw {number}: {difference.kind}: {difference.text}", flush=True)
    for (case, kind), count in found.most_common():
        print(f"  {count} times: {kind} {case}")
    seconds = time.monotonic() - start
    print(f"{given.count} draws from {given.first}, {compared} compared, seed {given.seed}: "
          f"{found.total()} disagreements, {seconds:.0f} s")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
