"""``python -m tests.fuzz --programs 50000 --seed 0 --jobs 2``: see docs/explanation/tests.md."""

from __future__ import annotations

import collections
import re
import sys
import time
from functools import partial

import torch

from ..workers import SHORT, options, results
from .generate import generate
from .judge import Outcome, judge
from .program import Program
from .shrink import shrink


def main() -> int:
    """Runs the programs, prints what differs, and ends with 1 where anything does."""
    given = options("tests.fuzz", "programs", 300).parse_args()
    torch.set_num_threads(1)
    if given.only is not None:
        program = generate(given.seed, given.only)
        print(program.source)
        print(judge(program, given.only))
        return 0
    start = time.monotonic()
    work = partial(one, given.seed)
    numbers = range(given.first, given.first + given.count)
    tally: collections.Counter[str] = collections.Counter()
    notes: collections.Counter[str] = collections.Counter()
    found: dict[str, int] = {}
    for number, result, code in results(work, numbers, given.jobs, longest=SHORT):
        steps, outcome = result or (0, Outcome("killed", text=f"exit code {code}"))
        tally[outcome.verdict or "crash"] += 1
        tally["steps"] += steps
        tally["sizes"] += outcome.compared
        if outcome.verdict == "incomplete":
            notes.update(re.sub(r"\d+|program>?:\S*", "", note)[:90] for note in outcome.notes)
        if outcome.verdict == "killed":
            print(f"--- program {number}: the process ended with {outcome.text}", flush=True)
        if outcome.kind:
            tally["disagreements"] += 1
            tell(given.seed, number, outcome, found)
    seconds = time.monotonic() - start
    for note, count in notes.most_common(30):
        print(f"  incomplete {count:5}: {note}")
    for what, count in found.items():
        print(f"  {count} times: {what}")
    print(", ".join(f"{key} {count}" for key, count in sorted(tally.items())))
    print(f"{given.count} programs from {given.first}, seed {given.seed}: "
          f"{tally['disagreements']} disagreements, {seconds:.0f} s")
    return 1 if tally["disagreements"] else 0


def one(seed: int, number: int) -> tuple[int, Outcome]:
    program = generate(seed, number)
    return len(program.steps), judge(program, number)


def tell(seed: int, number: int, outcome: Outcome, found: dict[str, int]) -> None:
    """Prints a disagreement as small as it can be, unless its like was seen."""

    def fails(program: Program) -> bool:
        return judge(program, number, 12).kind == outcome.kind

    small = shrink(generate(seed, number), fails)
    again = judge(small, number, 12)
    what = f"{outcome.kind} {'+'.join(step.kind for step in small.steps[-2:])}"
    found[what] = found.get(what, 0) + 1
    if found[what] == 1:
        print(f"--- program {number}: {what}\n{small.source}\n{again.text}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
