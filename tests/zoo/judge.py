"""One model of the zoo, analysed and held against PyTorch."""

from __future__ import annotations

import time
import traceback
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from statistics import median
from typing import Any
from unittest.mock import patch

import torch

import shapeflow
from shapeflow.core.dims import Dim
from shapeflow.core.notation import parse_size
from shapeflow.core.shape import substitute
from shapeflow.report import Report
from shapeflow.spec import bind, read, values_in
from shapeflow.testing.against import compare
from shapeflow.testing.ask import REFUSALS, Answer, real, tensors
from shapeflow.trace import forward_of, name_of_model
from shapeflow.trace.outputs import shapes
from shapeflow.trace.recorder import Recorder
from shapeflow.trace.replay import copied

from .entry import Entry, Sizes
from .photograph import differences, photograph

QUICK = 1.0
"""Seconds up to which a check is timed three times."""


@dataclass
class Row:
    """What was found out about a model.

    Attributes:
        inputs, outputs: shapes as text.
        seconds: of one check, the median.
        stopped: what could not be analysed, in words.
        agreed: at how many of the three assignments report and PyTorch agree, and were asked.
        disagreements: where they differ.
        pinned: symbols that PyTorch lets vary and the report does not.
        unknown: sizes of the result that depend on data.
        narrow: constants of the specs that PyTorch lets vary.
        changed: what of the model or the process is not as before.
        warnings: what is warned of at places where the entry does not say that it is deserved.
        crash: the exception, if the harness or the analysis raised one.
        peers: what other tools make of it.
    """

    name: str
    verdict: str = ""
    inputs: str = ""
    outputs: str = ""
    paths: int = 0
    seconds: float = 0.0
    probed: list[str] = field(default_factory=list)
    stopped: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    agreed: int = 0
    asked: int = 0
    disagreements: list[str] = field(default_factory=list)
    pinned: list[str] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)
    narrow: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    crash: str = ""
    text: str = ""
    peers: dict[str, Any] = field(default_factory=dict)

    @property
    def finished(self) -> bool:
        """Whether the analysis went through."""
        return not self.crash and self.verdict not in ("", "incomplete")

    @property
    def right(self) -> bool:
        """Whether it went through, agrees with PyTorch, and left everything symbolic and alone.

        A warning counts as a fault unless the entry says that it is deserved.
        """
        faults = self.disagreements or self.pinned or self.changed or self.warnings
        return self.finished and not faults and self.agreed == self.asked


class Subject:
    """A model, its inputs, and PyTorch's answers to them."""

    def __init__(self, entry: Entry) -> None:
        self.entry, self.model = entry, entry.build()
        specs = entry.specs
        self.given: tuple[Any, ...] = specs if isinstance(specs, tuple) else ()
        self.named: dict[str, Any] = {} if isinstance(specs, tuple) else dict(specs)
        bound = bind(forward_of(self.model), name_of_model(self.model), self.given, self.named)
        specs = {**dict(zip(bound.names, bound.arguments, strict=True)), **bound.keywords}
        self.positional = tuple(bound.names)
        self.inputs = {key: read(spec, key) for key, spec in specs.items()}

    def check(self) -> Report:
        """The report on the model."""
        where = self.entry.where
        return shapeflow.check(self.model, *self.given, where=where, **self.named)

    def arguments(self, sizes: Sizes, widened: tuple[str, int] | None = None) -> dict[str, Any]:
        """Real arguments by name, one axis longer by 1 if asked for."""
        made = {}
        for key, item in self.inputs.items():
            at = substitute(_shapes(item), sizes)
            if widened and widened[0] == key:
                at = tuple(size + (i == widened[1]) for i, size in enumerate(at))
            made[key] = real(item, at, "cpu")
            value = self.entry.values.get(key)
            if isinstance(value, str):
                value = substitute(parse_size(value), sizes)
            if callable(value):
                made[key] = value(at, sizes)
            elif value is not None:
                made[key] = torch.full_like(made[key], value)
        return made

    def at(self, sizes: Sizes, widened: tuple[str, int] | None = None) -> Answer:
        """What PyTorch does at these sizes, with a copy of the model."""
        model = copied(self.model, "cpu")
        named = self.arguments(sizes, widened)
        given = [named.pop(name) for name in self.positional]
        try:
            with torch.no_grad(), warnings.catch_warnings():
                warnings.simplefilter("ignore")
                result = model(*given, **named)
        except REFUSALS as error:
            return Answer(False, message=f"{type(error).__name__}: {error}")
        dtypes = tuple(str(t.dtype).removeprefix("torch.") for t in tensors(result))
        return Answer(True, shapes(result), dtypes)


def judge(entry: Entry, more: Callable[[Subject, Row], None] | None = None) -> Row:
    """Everything about one model; ``more`` may add to it."""
    row = Row(entry.name)
    warnings.simplefilter("ignore")
    try:
        torch.manual_seed(0)
        subject = Subject(entry)
        before = photograph(subject.model)
        start = time.process_time()
        with noted(lambda _: None) as calls:
            report = subject.check()
        taken = time.process_time() - start
        row.changed = differences(before, photograph(subject.model))
        _describe(row, report, entry.deserved)
        row.changed += [f"{name} (interrupted)" for name in _interrupted(subject, before, calls[0])]
        row.seconds = taken if taken > QUICK else median(timed(subject.check, 3))
        _compare(row, subject, report)
        if more is not None:
            more(subject, row)
    except Exception as error:
        place = traceback.extract_tb(error.__traceback__)[-1]
        row.crash = f"{type(error).__name__}: {error} ({place.filename}:{place.lineno})"
        row.text = traceback.format_exc()
    return row


def timed(run: Callable[[], Any], times: int) -> list[float]:
    """Seconds of several runs."""
    found = []
    for _ in range(times):
        start = time.process_time()
        run()
        found.append(time.process_time() - start)
    return found


def _describe(row: Row, report: Report, deserved: Mapping[str, str]) -> None:
    row.verdict, row.paths = str(report.verdict), len(report.paths)
    row.inputs, row.outputs = brief(report.inputs), brief(report.outputs)
    row.probed = [n.partition(" was probed")[0] for n in report.notes if " was probed" in n]
    row.notes = [n for n in report.notes if " was probed" not in n]
    if row.verdict == "incomplete":
        found = [f for f in report.findings if f.code.startswith(("SF4", "SF9"))]
        row.stopped = [f"{f.code} {f.message}{_at(f.location)}" for f in found]
    doubts = [(f, _at(f.location)) for f in report.findings if f.severity == "warning"]
    row.warnings = [f"{f.code} {f.message}{at}" for f, at in doubts if at[2:-1] not in deserved]
    names = {name for dim in _dims(report.outputs) for name in dim.symbols}
    row.unknown = sorted(names - set(report.symbols))
    row.text = str(report)


def _at(location: Any) -> str:
    return f" [{location.file.rpartition('/')[2]}:{location.line}]" if location else ""


@contextmanager
def noted(each: Callable[[int], None]) -> Iterator[list[int]]:
    """Counts the calls that checks take down, and does something at each."""
    calls, note = [0], Recorder.note

    def counted(*args: Any, **kwargs: Any) -> Any:
        calls[0] += 1
        each(calls[0])
        return note(*args, **kwargs)

    with patch.object(Recorder, "note", counted):
        yield calls


def _interrupted(subject: Subject, before: Mapping[str, Any], calls: int) -> list[str]:
    """What is not as before when somebody interrupts a check of so many calls halfway."""

    def interrupt(call: int) -> None:
        if call > calls // 2:
            raise KeyboardInterrupt

    try:
        with noted(interrupt):
            subject.check()
    except KeyboardInterrupt:
        return differences(dict(before), photograph(subject.model))
    return ["nothing could be interrupted"] if calls else []


def _compare(row: Row, subject: Subject, report: Report) -> None:
    """Report and PyTorch at the three assignments, and each symbol changed alone."""
    first = subject.entry.sizes[0]
    for sizes in subject.entry.sizes:
        answer = subject.at(sizes)
        found = [str(d) for d in compare(report, sizes, answer)]
        if not answer.accepted:
            found.append(f"PyTorch refuses {dict(sizes)}: {answer.message}")
        row.asked, row.agreed = row.asked + 1, row.agreed + (not found)
        row.disagreements += found
    for name, sizes in _alone(subject.entry):
        if name not in row.pinned and subject.at(sizes).accepted and subject.at(first).accepted:
            if row.finished and not (report.accepts(**sizes) and report.accepts(**first)):
                row.pinned.append(name)
    for key, item in subject.inputs.items():
        for axis, size in enumerate(_shapes(item) if len(list(values_in(item))) == 1 else ()):
            if isinstance(size, int) and size > 1 and subject.at(first, (key, axis)).accepted:
                row.narrow.append(f"{key} axis {axis}")


def _alone(entry: Entry) -> Iterator[tuple[str, dict[str, int]]]:
    """The first assignment with one symbol changed."""
    first, *others = entry.sizes
    for name in first:
        for number in dict.fromkeys([*(sizes[name] for sizes in others), first[name] + 1]):
            yield name, {**first, name: number}


def _shapes(item: Any) -> Any:
    from shapeflow.api import _shapes as shapes_of

    return shapes_of(item)


def _dims(item: Any) -> Iterator[Dim]:
    if isinstance(item, Dim):
        yield item
    elif isinstance(item, Mapping):
        for part in item.values():
            yield from _dims(part)
    elif isinstance(item, list | tuple):
        for part in item:
            yield from _dims(part)


def brief(item: Any) -> str:
    """A tree of shapes on one line; many parts of one shape are counted."""
    if isinstance(item, Mapping):
        return ", ".join(f"{key} {brief(part)}" for key, part in item.items() if part is not None)
    if isinstance(item, tuple) and all(isinstance(size, int | Dim) for size in item):
        return "(" + ", ".join(map(str, item)) + ")"
    if isinstance(item, list | tuple):
        parts = [brief(part) for part in item if part is not None]
        counted = {part: parts.count(part) for part in parts}
        return "[" + ", ".join(f"{n} x {p}" if n > 1 else p for p, n in counted.items()) + "]"
    return str(item)
