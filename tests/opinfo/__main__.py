"""``python -m tests.opinfo --samples 20 --seed 0``: see docs/explanation/tests.md."""

from __future__ import annotations

import argparse
import collections
import random
import re
import sys
import time
import warnings
from functools import partial
from typing import Any

import torch

from ..workers import results
from .calls import calls, operators, plain, title
from .judge import Outcome, judge

GOOD = ("right", "opaque", "incomplete", "entries", "left out", "refused", "numbers for sizes")
"""What is no disagreement."""


def one(infos: list[Any], seed: int, samples: int, number: int) -> list[Outcome]:
    """What comes of all calls of one entry."""
    warnings.simplefilter("ignore")
    random.seed(seed)
    torch.manual_seed(seed)
    rng = random.Random(f"{seed}-{number}")
    found: list[Outcome] = []
    try:
        given = list(calls(infos[number], samples))
    except Exception as error:
        return [Outcome("", "left out", f"no samples: {error}")]
    for call in given:
        if plain(call):
            found += judge(call, rng)
        else:
            found.append(Outcome("", "left out", "sparse"))
    return found


def main() -> int:
    """Compares what is asked for, prints what differs, and ends with 1 where anything does."""
    parser = argparse.ArgumentParser(prog="python -m tests.opinfo", description=__doc__)
    parser.add_argument("--samples", type=int, default=20, help="samples of a dtype at most")
    parser.add_argument("--seed", type=int, default=0, help="decides which sizes are drawn")
    parser.add_argument("--jobs", type=int, default=1, help="processes")
    parser.add_argument("--first", type=int, default=0, help="number of the first entry")
    parser.add_argument("--only", help="an operator by its name, or several: 'linalg_.*'")
    parser.add_argument("--show", default="", help="prints calls of this kind too: 'incomplete'")
    given = parser.parse_args()
    torch.set_num_threads(1)
    start = time.monotonic()
    infos = operators()[given.first :]
    if given.only:
        infos = [info for info in infos if re.fullmatch(given.only, title(info))]
    tally: collections.Counter[tuple[str, str]] = collections.Counter()
    found: collections.Counter[tuple[str, str]] = collections.Counter()
    notes: collections.Counter[str] = collections.Counter()
    work = partial(one, infos, given.seed, given.samples)
    for number, outcomes, code in results(work, range(len(infos)), given.jobs, 10):
        name = title(infos[number])
        print(f"{name} {time.monotonic() - start:.0f} s", file=sys.stderr)
        if code:
            outcomes = [Outcome("", "killed", f"the process ended with exit code {code}")]
        for outcome in outcomes:
            tally[outcome.scheme, outcome.kind] += 1
            if outcome.kind == "incomplete":
                notes[f"{name}: {re.sub(r'[0-9]+', '#', outcome.note)[:150]}"] += 1
            key = (name, outcome.kind)
            if outcome.kind not in GOOD or outcome.kind == given.show:
                found[key] += 1
                if found[key] <= 2:
                    print(
                        f"--- {name} {outcome.scheme}: {outcome.kind}: {outcome.text}", flush=True
                    )
    for note, times in notes.most_common(300):
        print(f"  incomplete {times:5}: {note}")
    for (name, kind), times in found.most_common():
        print(f"  {times} times: {kind} {name}")
    for scheme in dict.fromkeys(scheme for scheme, _ in tally):
        kinds = {kind: n for (s, kind), n in tally.items() if s == scheme}
        print(
            f"{scheme or 'not tried'}: {sum(kinds.values())} calls; "
            + ", ".join(f"{kind} {n}" for kind, n in sorted(kinds.items()))
        )
    wrong = sum(n for (_, kind), n in tally.items() if kind not in GOOD)
    print(
        f"{len(infos)} entries, seed {given.seed}: {wrong} disagreements, "
        f"{time.monotonic() - start:.0f} s"
    )
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
