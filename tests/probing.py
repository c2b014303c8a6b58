"""How many of the rules' own operations probing finds the law of: ``python -m tests.probing``.

Every ``ok`` line of the case tables is probed as if its operation had no rule. What is found counts
as exact where it agrees with the rule at all drawn sizes: on what is accepted and on the shapes and
dtypes of the results. Lines whose result depends on the entries of a tensor have no law in sizes;
they are counted apart. A line at which PyTorch ends the process counts as missed.
"""

from __future__ import annotations

import argparse
import importlib
import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from shapeflow.core import constraint, dims
from shapeflow.core.constraint import Constraint
from shapeflow.core.laws import variables_in
from shapeflow.core.notation import parse_fact
from shapeflow.core.shape import symbols_in
from shapeflow.ops import Call, Fault, Value
from shapeflow.ops.probing import probe
from shapeflow.trace.probe import Runner, numbers_in, sizes_in
from shapeflow.trace.sizes import wrap
from shapeflow.trace.tensor import SymbolicTensor

from .ops import harness
from .workers import results

FURTHER = ((15, 22, 31, 18, 45, 27), (64, 48, 40, 56, 24, 72), (30, 30, 30, 30, 30, 30))
"""Sizes at which a law is looked at beyond those that the line is drawn at."""


class Noting(harness.Ask):
    """Remembers what it answered where the facts were silent."""

    def __init__(self, facts: str = "") -> None:
        super().__init__(facts)
        self.assumed: list[Constraint] = []

    def choose(self, question: Constraint) -> bool:
        answer = super().choose(question)
        self.assumed.append(question if answer else question.negated())
        return answer

    def instantiate(self, size: Any, why: str) -> int:
        number = super().instantiate(size, why)
        self.assumed.append(constraint.equal(size, number))
        return number


@dataclass(frozen=True)
class Finding:
    """What probing made of one line: "exact", "data", or what is wrong with it."""

    case: harness.Case
    answer: str
    runs: int


def symbolic(item: Any) -> Any:
    """Arguments as they are in a trace."""
    if isinstance(item, harness.numbers):
        return torch.tensor(list(item))
    if isinstance(item, Value):
        if isinstance(item.known, list):
            return torch.tensor(item.known)
        return SymbolicTensor.make(item, None, None)  # type: ignore[arg-type]
    if isinstance(item, dims.Dim):
        return wrap(item)
    if isinstance(item, harness.dt):
        return getattr(torch, item)
    if isinstance(item, slice):
        return slice(*(symbolic(part) for part in (item.start, item.stop, item.step)))
    if isinstance(item, dict):
        return {name: symbolic(part) for name, part in item.items()}
    if isinstance(item, list | tuple):
        return type(item)(symbolic(part) for part in item)
    return item


def examined(case: harness.Case) -> Finding:
    """Probes one line and compares."""
    args = harness.read(case.args, None)
    kwargs = {name: harness.read(item, None) for name, item in case.kwargs.items()}
    ruled, _ = harness.run(case, harness.Ask(case.where), args, kwargs)
    sizes = [size for value in harness.flat(ruled) for size in value]
    if any(leaf.kind == "opaque" for size in sizes for leaf in dims.leaves(size)):
        return Finding(case, "data", 0)
    answers: list[Finding] = []
    for function in harness.spellings(case.name):
        if case.module is not None:
            function = function(**case.module)
        variables = variables_in(list(sizes_in((args, kwargs))))
        known: dict[Any, Any] = {}
        run = Runner(function, symbolic(args), symbolic(kwargs), variables, known, True)
        ask = Noting(case.where)
        numbers = list(numbers_in((args, kwargs)))
        if case.module is not None:
            numbers += [d for p in function.parameters() for d in p.shape]
        try:
            found = probe(Call(case.name, ask), variables, run, numbers)
        except Fault as fault:
            answers.append(Finding(case, f"refused: {fault}", len(known)))
            continue
        if "depends on data" in found.reason and not harness.flat(ruled):
            return Finding(case, "data", len(known))
        answer = found.reason or compared(case, ask, found.result) or "exact"
        answers.append(Finding(case, answer, len(known)))
        if answer == "exact":
            return answers[-1]
    return answers[0]


def compared(case: harness.Case, ask: Noting, result: Any) -> str:
    """Where the law and the rule differ; "" where they do not."""
    agreed = 0
    for sizes in drawn(case, ask.assumed):
        args = harness.read(case.args, sizes)
        kwargs = {name: harness.read(item, sizes) for name, item in case.kwargs.items()}
        if any(d < 0 for leaf in harness.flat([args, kwargs]) for d in leaf):
            continue
        ruled, demands = harness.run(case, harness.Ask(), args, kwargs)
        accepted = ruled is not Fault and all(d.at({}) for d in demands if not d.symbols)
        mine = all(d.at(sizes) for d in ask.demands)
        if mine is not accepted:
            return f"at {sizes} the rule says {accepted}, probing {mine}: {words(ask.demands)}"
        if accepted:
            agreed += 1
            theirs = [(tuple(x), x.dtype) for x in harness.flat(ruled)]
            shapes = [(tuple(dims.evaluate(d, sizes) for d in x), x.dtype)
                      for x in harness.flat(result)]  # fmt: skip
            if shapes != theirs:
                return f"at {sizes} the rule gives {theirs}, probing {shapes}"
    return "" if agreed else "no drawn size was admissible"


def words(demands: list[Constraint]) -> str:
    """Demands as a text."""
    return ", ".join(map(str, demands)) or "no conditions"


def drawn(case: harness.Case, assumed: list[Constraint]) -> Iterator[Mapping[str, int]]:
    """The sizes of the line and further ones, as far as they are those that were assumed."""
    names = symbols_in(list(harness.specs((case.args, tuple(case.kwargs.values())))))
    where = [parse_fact(case.where)] if case.where else []
    sets = harness.draws(case, names)
    sets += [dict(zip(names, row, strict=False)) for row in FURTHER if len(row) >= len(names)]
    pins = {str(r.left): r.right for r in assumed if r.kind == "equal" and r.right == 3}
    for sizes in sets:
        sizes = {**sizes, **{n: int(str(v)) for n, v in pins.items() if n in sizes}}
        if all(relation.at(sizes) for relation in (*assumed, *where)):
            yield sizes


def main() -> int:
    """Prints the misses and the figure."""
    parser = argparse.ArgumentParser(prog="python -m tests.probing")
    parser.add_argument("operations", nargs="*", help="those to probe: all, if none is given")
    parser.add_argument("--jobs", type=int, default=1, help="processes")
    given = parser.parse_args()
    for table in sorted(Path(__file__).parent.glob("ops/cases_*.py")):
        importlib.import_module(f"{__package__}.ops.{table.stem}")
    names = {case.name for case in harness.CASES}
    for name in given.operations:
        if name not in names:
            parser.error(f"{name!r} is no operation of the tables in tests/ops")
    cases = [c for c in harness.CASES
             if not c.why and (not given.operations or c.name in given.operations)]  # fmt: skip
    findings = []
    for number, finding, code in results(
        lambda number: examined(cases[number]), range(len(cases)), given.jobs, 50
    ):
        findings.append(finding or Finding(cases[number], f"exit code {code}", 0))
        if findings[-1].answer not in ("exact", "data"):
            print(f"{cases[number]}\n    {findings[-1].answer}", flush=True)
    lawful = [f for f in findings if f.answer != "data"]
    exact = sum(f.answer == "exact" for f in lawful)
    tried = Counter(f.case.name for f in lawful)
    missed = {f.case.name for f in lawful if f.answer != "exact"}
    whole = len(tried) - len(missed)
    print(f"lines: {exact} of {len(lawful)} exact ({exact / max(len(lawful), 1):.1%})")
    print(f"operations: {whole} of {len(tried)} exact ({whole / max(len(tried), 1):.1%})")
    print(f"without a law in sizes: {len(findings) - len(lawful)} lines")
    print(f"runs: at most {max(f.runs for f in findings)} for a line")
    return 0


if __name__ == "__main__":
    sys.exit(main())
