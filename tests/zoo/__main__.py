"""Analyses the zoo, each model in a process of its own, and prints what came of it.

Run with ``python -m tests.zoo``; models whose packages are not installed are left out.
"""

from __future__ import annotations

import argparse
import multiprocessing
import resource
import sys
import warnings
from functools import cache
from importlib import import_module
from typing import Any

import torch

from .entry import Entry, all_entries
from .judge import Row, judge
from .peers import peers
from .table import lines, totals, write

SECONDS = 300


def main() -> int:
    """Prints a part for each model, then the totals; 1 where a model is not right."""
    parser = argparse.ArgumentParser(prog="python -m tests.zoo", description=__doc__)
    parser.add_argument("--only", default="", help="models with this in their name")
    parser.add_argument("--package", default="", help="models of this package")
    parser.add_argument("--compare", action="store_true", help="also symbolic_trace and export")
    parser.add_argument("--write", action="store_true", help="put the figures into docs")
    parser.add_argument("--show", action="store_true", help="print reports and tracebacks whole")
    options = parser.parse_args()
    wanted = [
        entry
        for entry in all_entries()
        if options.only.lower() in entry.name.lower() and options.package in ("", entry.package)
    ]
    missing = {entry.missing or unusable(entry.package) for entry in wanted} - {""}
    if options.compare:
        torch.export.export(torch.nn.ReLU(), (torch.ones(2),))  # its imports take seconds
    rows = []
    for entry in wanted:
        if entry.missing or unusable(entry.package):
            continue
        row = apart(entry, options.compare)
        rows.append(row)
        print("\n".join(lines(row)), flush=True)
        if options.show:
            print(row.text)
    print()
    for what, figure, target in totals(rows, sorted(missing)):
        print(f"{what:55} {figure:>18}  {target}")
    if options.write:
        write(rows)
    return 0 if rows and all(row.right for row in rows) else 1


@cache
def unusable(package: str) -> str:
    """Why a package cannot be imported, once for all of its models; empty where it can."""
    warnings.simplefilter("ignore")
    try:
        import_module(package)
    except Exception as error:
        return f"{package} ({type(error).__name__}: {error})"
    return ""


def apart(entry: Entry, compare: bool) -> Row:
    """The row of one model, from a process that may crash or hang."""
    fork = multiprocessing.get_context("fork")
    mine, theirs = fork.Pipe(duplex=False)
    process = fork.Process(target=_work, args=(entry, compare, theirs))
    process.start()
    theirs.close()
    try:
        row: Any = mine.recv() if mine.poll(SECONDS) else None
        crash = f"took more than {SECONDS} s"
    except EOFError:
        process.join()
        row, crash = None, f"the process ended with code {process.exitcode}"
    process.kill()
    process.join()
    return row if row is not None else Row(entry.name, crash=crash)


def _work(entry: Entry, compare: bool, pipe: Any) -> None:
    torch.set_num_threads(1)
    row = judge(entry, peers if compare else None)
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10
    row.notes.append(f"{most} MB at most")
    pipe.send(row)


if __name__ == "__main__":
    sys.exit(main())
