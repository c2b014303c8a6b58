"""Loops about whose length everything is known: one step maps what it carries to itself.

The runs at several numbers of steps say what a loop does; that it does the same for all numbers is
an induction. Its step: code that treats all steps alike (see ``steady``) makes, from shapes that
are those of the step before, the same calls with the same shapes. What is done with the steps
behind the loop has sizes that are polynomials in their number, and equations between polynomials
that hold at more numbers than their degree hold everywhere.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from types import CodeType
from typing import Any

from ..core import dims
from ..core.constraint import Constraint, Location
from ..core.dims import Dim
from ..trace import Record, Span
from ..trace.tensor import SymbolicTensor
from .branch import Branch
from .fit import Fitter, NoLaw
from .oracle import INSTANCES, SEARCHED, constants_of
from .steady import Loop, Position, Seen, is_pure, is_steady, loop_at, settings

LEAST = 4
"""At how many numbers of steps a loop must have been seen: polynomials then are of degree 3."""
MOST_SUSPECTS = 4
"""How many numbers that the code speaks of are tried, each with the two behind it."""
STEADY = 2
"""How many steps behind the first one must be alike in the longest run."""
POLYNOMIAL = frozenset(
    "stack cat concat transpose permute swapaxes movedim t linear matmul bmm mm view reshape "
    "flatten unsqueeze squeeze softmax log_softmax dropout layer_norm contiguous clone detach to "
    "__getitem__ select new_zeros zeros new_empty empty zeros_like select_scatter embedding "
    "sum mean amax max cross_entropy nll_loss".split()
)
"""Calls whose sizes are polynomials in those of their operands, and whose demands are equations."""


def settled(
    runs: Sequence[Branch], outputs: Any, demands: Sequence[Constraint]
) -> dict[str, tuple[Location, ...]]:
    """The symbols about which the law that was fitted holds for all numbers, with their loops.

    Args:
        runs: those at all the numbers, which make the same decisions otherwise.
        outputs, demands: the law.
    """
    found: dict[str, tuple[Location, ...]] = {}
    for name in runs[0].instances:
        rows = list(_rows(runs, name))
        if not _is_polynomial((outputs, demands), name) or not all(_holds(r, name) for r in rows):
            return {}
        places = [span.location for run in runs for span in run.taken[name] if span is not None]
        found[name] = tuple({str(place): place for place in places}.values())
    return found


def _rows(runs: Sequence[Branch], name: str) -> Iterator[list[Branch]]:
    """The runs that differ in the number of one symbol only, the least number first."""
    table: dict[Any, list[Branch]] = {}
    for run in sorted(runs, key=lambda run: run.instances[name]):
        others = frozenset((n, k) for n, k in run.instances.items() if n != name)
        table.setdefault(others, []).append(run)
    yield from table.values()


def _holds(runs: Sequence[Branch], name: str) -> bool:
    first = runs[0]
    if len(runs) < LEAST or name in first.rough or not first.ended:
        return False
    loops = _loops(runs, name)
    return bool(loops) and _Induction(runs, name, loops).holds()


def suspects(runs: Sequence[Branch]) -> list[int]:
    """Numbers of steps at which something else may be done: those behind the sizes that numbers
    index, the lengths of lists of modules, and the constants of the code; as all runs have them."""
    common = set.intersection(*(set(_spoken(run)) for run in runs))
    usual = max(INSTANCES) + 1
    numbers = sorted(n for n in common if usual <= n <= SEARCHED)[:MOST_SUSPECTS]
    return sorted({n + more for n in numbers for more in (0, 1, 2)})


def _spoken(run: Branch) -> Iterator[int]:
    """The numbers that the code of a run speaks of, or comes upon."""
    yield from run.run.lengths
    yield from _set(run)
    for record in run.run.records.values():
        yield from constants_of(record.span.code) if record.span else ()
        yield from _ends(record)
        yield from _compared(record)
        for part, size in _entries(record) or ():
            if type(part) is int and isinstance(size, int):
                yield size


def _set(run: Branch) -> Iterator[int]:
    """The numbers that attributes of modules are set to, which their code compares or cuts by."""
    records = run.run.records.values()
    modules = dict(run.run.root.named_modules())
    for path, code in dict.fromkeys((r.path, r.span.code) for r in records if r.span):
        for name in settings(code):
            value = getattr(modules.get(path), name, None)
            if type(value) is int:
                yield value


def _ends(record: Record) -> Iterator[int]:
    """The numbers at which slices of a call begin or end, from either end, and the sizes of what
    they cut."""
    parts = _cut_by(record)
    sizes = _sizes(record.given[0]) if parts else None
    for part, size in zip(parts, sizes or (), strict=False):
        numbers = [abs(end) for end in _bounds(part) if type(end) is int]
        yield from (*numbers, size) if numbers and type(size) is int else numbers


def _compared(record: Record) -> Iterator[int]:
    """The numbers and sizes of which an operation's result has the smallest or the largest."""
    if "min(" in record.signature or "max(" in record.signature:
        yield from map(int, re.findall(r"\d+", record.signature))
        for given in (*record.given, *record.kwargs.values()):
            sizes = _sizes(given) if isinstance(given, SymbolicTensor) else given
            sizes = sizes if isinstance(sizes, list | tuple) else (sizes,)
            yield from (size for size in sizes if type(size) is int)


def _bounds(part: Any) -> tuple[Any, ...]:
    """The numbers at which a slice begins and ends."""
    return (part.start, part.stop) if isinstance(part, slice) else ()


def _index(record: Record) -> list[Any]:
    """The parts of an index, new axes apart; none where a call has no index."""
    if not _takes_entry(record) or len(record.given) < 2:
        return []
    index = record.given[1]
    return [part for part in (index if isinstance(index, tuple) else (index,)) if part is not None]


def _cut_by(record: Record) -> list[Any]:
    """The parts of an index that say what is taken; none where something is written."""
    return _index(record) if record.op.endswith("__getitem__") else []


def _is_cut(row: Sequence[Record], least: int) -> bool:
    """Whether a slice may take all of an axis in some runs and not in others, as the last 9 steps
    are all of up to 9, and the first N places of a table all from its length on."""
    rows = [_cut_by(record) for record in row]
    if not any(type(end) is int for part in rows[0] for end in _bounds(part)):
        return False
    shapes = [_sizes(record.given[0]) for record in row]
    if None in shapes or any(Ellipsis in parts or len(parts) != len(rows[0]) for parts in rows):
        return True
    axes = zip(zip(*rows, strict=True), zip(*shapes, strict=False), strict=False)
    return any(_may_cut(parts, sizes, least) for parts, sizes in axes)


def _may_cut(parts: Sequence[Any], sizes: Sequence[Any], least: int) -> bool:
    """Whether a bound of the slices of one axis in all runs does not keep its place in the axis."""
    for ends in zip(*map(_bounds, parts), strict=False):
        if all(type(end) is int for end in ends):
            if len(set(ends)) == 1 and (len(set(sizes)) == 1 or abs(ends[0]) <= least):
                continue
            rests = {size - end for size, end in zip(sizes, ends, strict=True)}
            if len(rests) != 1 or not isinstance(next(iter(rests)), int):
                return True
    return False


def _entries(record: Record) -> list[tuple[Any, Any]] | None:
    """The parts of an index, each with the size that it indexes; None where that is not plain."""
    if not _takes_entry(record) or len(record.given) < 2:
        return []
    sizes, parts = _sizes(record.given[0]), _index(record)
    if sizes is None or any(part is Ellipsis for part in parts) or len(parts) > len(sizes):
        return None
    return list(zip(parts, sizes, strict=False))


def _loops(runs: Sequence[Branch], name: str) -> list[Loop]:
    """The loops that need the number; none where anything else needs it, too."""
    found: dict[int, Loop] = {}
    for run in runs:
        for span in run.taken[name]:
            loop = loop_at(span.position) if span is not None else None
            if loop is None:
                return []
            found[id(loop.node)] = loop
    return list(found.values())


class _Induction:
    """The calls of the runs, in the loops and outside."""

    def __init__(self, runs: Sequence[Branch], name: str, loops: Sequence[Loop]) -> None:
        self.runs, self.name, self.loops = runs, name, loops
        self.numbers = [run.instances[name] for run in runs]
        symbol = runs[0].symbols[name]
        self.fitter = Fitter([run.instances for run in runs], {name: symbol}, (), with_rare=False)
        self.tables = [_by_place(run.run.records.values()) for run in runs]

    def holds(self) -> bool:
        """Whether the loops do for all numbers of steps what they do for those tried."""
        places = dict.fromkeys(place for table in self.tables for place in table)
        repeated: list[Record] = []
        for place in places:
            calls = [table.get(place, []) for table in self.tables]
            counts = [len(some) for some in calls]
            if counts[0] == counts[-1]:
                steady = len(set(counts)) == 1 and self.is_polynomial(calls)
            else:
                steady = self.is_repeated(calls)
                repeated += calls[-1]
            if not steady:
                return False
        seen = _seen(repeated, self.runs[-1].run.records.values())
        own = {span.code for run in self.runs for span in run.taken[self.name] if span}
        codes = {record.span.code for record in repeated if record.span} - own
        inside = [r for r in repeated if r.span and r.span.code in own]
        alone = all(
            any(loop.holds(r.span.position) for loop in self.loops) for r in inside if r.span
        )
        pure = all(is_pure(code, seen) for code in codes if not _is_body(code, self.loops))
        return alone and pure and all(is_steady(loop, seen) for loop in self.loops)

    def is_polynomial(self, calls: Sequence[Sequence[Record]]) -> bool:
        """Whether calls made in every run have sizes that are polynomials in the number."""
        return all(self.follows(row, self.fitter) for row in zip(*calls, strict=True))

    def follows(self, row: Sequence[Record], fitter: Fitter) -> bool:
        """Whether the same call of the runs has one shape, or a polynomial one."""
        shapes = [_condensed(record) for record in row]
        if any(record.op != row[0].op for record in row):
            return False
        if all(shape == shapes[0] for shape in shapes):
            return True
        if _is_cut(row, min(self.numbers)):
            return False
        signature = row[0].signature
        exact = "broadcast(" in signature or signature == "(*S) -> (*S)"
        if not exact and row[0].op.rpartition(".")[2] not in POLYNOMIAL:
            return False
        try:
            law = fitter.tree(shapes)
        except NoLaw:
            return False
        return _is_polynomial(law, self.name)

    def is_repeated(self, calls: Sequence[Sequence[Record]]) -> bool:
        """Whether a place of a loop makes the same calls at every step behind the first."""
        counts = [len(some) for some in calls]
        pairs = list(zip(self.numbers, counts, strict=True))
        if self.numbers[-1] == self.numbers[-2]:
            return False  # two ways with one number of steps tell nothing
        each, rest = divmod(counts[-1] - counts[-2], self.numbers[-1] - self.numbers[-2])
        offset = counts[-1] - each * self.numbers[-1]
        if rest or each < 1 or any(count != each * n + offset for n, count in pairs):
            return False
        if counts[-1] < each * (1 + STEADY):
            return False
        longest = calls[-1]
        for i in range(each, counts[-1]):
            earlier = i - each if i >= 2 * each else i
            if not _alike(longest[i], longest[earlier]):
                return False
            there = [k for k, some in enumerate(calls) if len(some) > i]
            part = self.fitter.at([self.fitter.points[k] for k in there])
            if not self.follows([calls[k][i] for k in there], part):
                return False
        return all(self.is_within(record) for record in longest if _takes_entry(record))

    def is_within(self, record: Record) -> bool:
        """Whether an index that may be the number of the step indexes an axis of that many."""
        entries = _entries(record)
        return entries is not None and all(
            part in (0, -1) or self.reaches(size) for part, size in entries if type(part) is int
        )

    def reaches(self, size: Any) -> bool:
        """Whether a size is at least the number of steps, whatever that is."""
        if isinstance(size, Dim):
            rest = size - self.runs[-1].symbols[self.name]
            return isinstance(rest, int) and rest >= 0
        return False


def _by_place(records: Iterable[Record]) -> dict[Any, list[Record]]:
    table: dict[Any, list[Record]] = {}
    for record in records:
        span: Span | None = record.span
        place = (span.code, span.instruction) if span else None
        table.setdefault((place, record.path), []).append(record)
    return table


def _seen(repeated: Sequence[Record], records: Iterable[Record]) -> Seen:
    calls: dict[Position, None] = {}
    indexed: dict[Position, None] = {}
    codes: dict[str, set[CodeType]] = {}
    calls.update({record.span.position: None for record in records if record.span})
    for record in repeated:
        if record.span is None:
            continue
        if _takes_entry(record):
            indexed[record.span.position] = None
        name = record.span.code.co_name
        for part in record.path.split(".") if name == "forward" else [name]:
            codes.setdefault(part, set()).add(record.span.code)
    known = {name: frozenset(some) for name, some in codes.items()}
    return Seen(frozenset(calls), frozenset(indexed), known)


def _takes_entry(record: Record) -> bool:
    return record.op.rpartition(".")[2] in ("__getitem__", "__setitem__")


def _is_body(code: CodeType, loops: Sequence[Loop]) -> bool:
    """Whether some code is the body of a comprehension that is one of the loops."""
    lines = [(loop.filename, loop.node.lineno) for loop in loops]
    return code.co_name in ("<listcomp>", "<genexpr>") and (
        (code.co_filename, code.co_firstlineno) in lines
    )


def _alike(one: Record, other: Record) -> bool:
    return one.op == other.op and _shapes(one.result) == _shapes(other.result)


def _shapes(result: Any) -> Any:
    if isinstance(result, tuple | list):
        return tuple(_shapes(part) for part in result)
    value = getattr(result, "value", None)
    return tuple(value) if value is not None else None


def _sizes(tensor: Any) -> tuple[Any, ...] | None:
    """The shape of a tensor of the trace, or of a real one such as a parameter."""
    value = getattr(tensor, "value", tensor)
    return None if value is None else tuple(getattr(value, "shape", value))


def _condensed(record: Record) -> Any:
    """The shapes of a result; of the entries along an axis, of which there are as many as steps,
    the one that all have."""
    shapes = _shapes(record.result)
    if record.op.rpartition(".")[2] in ("unbind", "__iter__") and len(set(shapes)) == 1:
        return shapes[0]
    return shapes


def _leaves(tree: Any) -> Iterator[Any]:
    if isinstance(tree, Mapping):
        tree = tuple(tree.values())
    if isinstance(tree, Constraint):
        yield from tree.sizes()
    elif isinstance(tree, tuple | list):
        for part in tree:
            yield from _leaves(part)
    else:
        yield tree


def _is_polynomial(tree: Any, name: str) -> bool:
    """Whether the sizes that speak of a symbol are polynomials in it, and nothing is unknown."""
    for size in _leaves(tree):
        if isinstance(size, Dim) and name in size.symbols:
            inner = [atom for atom in dims.atoms(size) if atom.kind != "symbol"]
            if any(name in dims.symbols_of(part) for atom in inner for part in atom.args):
                return False
    return True


__all__ = ["settled", "suspects"]
