"""Draws sizes, runs the model at them, and compares with what the report says."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from ..api import check
from ..core.constraint import Constraint, may_be_zero
from ..core.errors import ShapeflowError
from ..core.shape import substitute
from ..report import Path, Report
from ..spec import bind, leads, read
from ..trace import forward_of, name_of_model
from .ask import Answer, Asked
from .sampling import draws


@dataclass(frozen=True)
class Disagreement:
    """Sizes at which a report and PyTorch differ.

    Attributes:
        sizes: a number for each symbol.
        kind: "false valid", "false alarm", "shape" or "dtype".
        said: what the report says.
        found: what PyTorch does.
    """

    sizes: Mapping[str, int]
    kind: str
    said: str
    found: str

    def __str__(self) -> str:
        at = ", ".join(f"{name}={size}" for name, size in self.sizes.items())
        return f"{self.kind} at {at or 'no sizes'}: {self.said}, PyTorch {self.found}"


@dataclass(frozen=True)
class Agreement:
    """What a comparison found.

    Attributes:
        report: the report that was compared.
        compared: at how many sizes.
        accepted: at how many of these PyTorch ran the model.
        disagreements: where the two differ.
        seed: the seed that draws the same sizes again.
    """

    report: Report
    compared: int
    accepted: int
    disagreements: tuple[Disagreement, ...]
    seed: int

    @property
    def ok(self) -> bool:
        """True where PyTorch confirms all that was said."""
        return not self.disagreements

    def raise_if_failed(self) -> None:
        """Raises AssertionError with the whole text unless it is ``ok``."""
        if not self.ok:
            raise AssertionError(str(self))

    def __str__(self) -> str:
        times = f"{self.compared} sizes, {self.accepted} of them accepted (seed {self.seed})"
        if self.ok:
            return f"{self.report.model} agrees with PyTorch at {times}"
        head = f"{self.report.model} disagrees with PyTorch at {len(self.disagreements)} of {times}"
        return "\n".join([head, *(f"  {d}" for d in self.disagreements), "", str(self.report)])


def against_torch(
    model: Any,
    specs: Any,
    n: int = 200,
    *,
    seed: int = 0,
    device: str = "",
    **options: Any,
) -> Agreement:
    """Checks a model, and runs it at many sizes to see whether the report is right.

    Args:
        model: an ``nn.Module`` or a function.
        specs: a spec, several in a tuple or list, or a mapping by parameter name.
        n: how many different sizes to try at most.
        seed: decides which.
        device: where the model runs: "cpu", "meta", or "" for the CPU where little is computed and
            else ``meta``, which computes nothing and refuses less; what it cannot run goes to the
            CPU.
        **options: as for ``shapeflow.check``.

    Raises:
        ShapeflowError: the specs cannot be, or one has ``...``.
    """
    given, named = _arranged(specs)
    report = check(model, *given, **named, **options)
    bound = bind(forward_of(model), name_of_model(model), given, named)
    arguments = dict(zip(bound.names, bound.arguments, strict=True)) | dict(bound.keywords)
    if any(True for key, spec in arguments.items() for _ in leads(spec, key)):
        raise ShapeflowError("'...' stands for several ranks: compare each of them by itself")
    inputs = {key: read(spec, key) for key, spec in arguments.items()}
    asked = Asked(model, inputs, report.inputs, tuple(bound.names), device)
    compared = accepted = 0
    found: list[Disagreement] = []
    for sizes in sizes_for(report, n, random.Random(seed)):
        answer = asked.at(sizes)
        compared, accepted = compared + 1, accepted + answer.accepted
        found.extend(compare(report, sizes, answer))
    return Agreement(report, compared, accepted, tuple(found), seed)


def _arranged(specs: Any) -> tuple[tuple[Any, ...], dict[str, Any]]:
    if isinstance(specs, Mapping):
        return (), dict(specs)
    return (tuple(specs), {}) if isinstance(specs, list | tuple) else ((specs,), {})


def sizes_for(report: Report, n: int, rng: random.Random) -> Iterator[dict[str, int]]:
    """At most ``n`` different sizes that meet what was declared."""
    zeros = [name for name in report.symbols if may_be_zero(name, report.facts)]
    known = [finding.witness for finding in report.findings if finding.witness]
    tried: set[tuple[int, ...]] = set()
    for sizes in islice(draws(report.symbols, relations(report), rng, zeros, known), 4 * n):
        key = tuple(sizes.values())
        if key not in tried and all(fact.at(sizes) for fact in report.facts):
            tried.add(key)
            yield sizes
        if len(tried) >= n:
            return


def relations(report: Report) -> list[Constraint]:
    """Everything that decides whether, and on which way, sizes are accepted."""
    found = [*report.facts, *report.constraints]
    for path in report.paths:
        found += [*path.condition, *path.demands]
    return list(dict.fromkeys(found))


def compare(report: Report, sizes: Mapping[str, int], answer: Answer) -> Iterator[Disagreement]:
    """Where a report differs from what PyTorch does at some sizes, as far as the report claims."""
    ways = [path for path in report.paths if path.taken(sizes)]
    incomplete = report.verdict == "incomplete"
    if incomplete and not ways:
        return
    said = report.accepts(**sizes)
    if said != answer.accepted:
        unsure = incomplete or _hangs(ways, sizes) if said else any(way.values for way in ways)
        if not unsure:
            words = ("it is refused", "it runs")
            kind = "false valid" if said else "false alarm"
            found = f"says: {answer.message}" if said else "runs it"
            yield Disagreement(sizes, kind, words[said], found)
    elif said:
        yield from _differences(ways, sizes, answer)


def _hangs(ways: Sequence[Path], sizes: Mapping[str, int]) -> bool:
    """Whether a condition hangs on a size that data tells."""
    demands = (demand for way in ways for demand in way.demands)
    return any(d.may_hold(sizes) and d.negated().may_hold(sizes) for d in demands)


def _differences(
    ways: Sequence[Path], sizes: Mapping[str, int], answer: Answer
) -> Iterator[Disagreement]:
    """The shapes or dtypes that no way that may be taken has."""
    known = [(substitute(way.outputs, sizes), way) for way in ways if way.outputs is not None]
    fitting = [way for said, way in known if alike(said, answer.shapes)]
    if known and not fitting:
        said = " or ".join(str(shapes) for shapes, _ in known)
        yield Disagreement(sizes, "shape", f"gives {said}", f"gives {answer.shapes}")
    elif known and not any(_same_dtypes(way.dtypes, answer.dtypes) for way in fitting):
        said = " or ".join(str(way.dtypes) for way in fitting)
        yield Disagreement(sizes, "dtype", f"gives {said}", f"gives {answer.dtypes}")


def _same_dtypes(said: tuple[str, ...], found: tuple[str, ...]) -> bool:
    """Whether dtypes are equal, as far as they are known: constants of the model are not told."""
    pairs = zip(said, found, strict=False)
    return len(said) != len(found) or all(a in ("", b) for a, b in pairs)


def alike(said: Any, found: Any) -> bool:
    """Whether two results are equal; unknown shapes, and sizes that data tells, are anything."""
    if said is None or hasattr(said, "symbols"):
        return True
    if isinstance(said, tuple | list) and isinstance(found, tuple | list):
        return len(said) == len(found) and all(map(alike, said, found))
    if isinstance(said, dict) and isinstance(found, dict):
        return said.keys() == found.keys() and all(alike(said[k], found[k]) for k in said)
    return bool(said == found)
