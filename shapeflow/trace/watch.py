"""Watching a frame from a branch on, to see where both of its sides come together again.

Python's own trace function is used, for a few lines only, and not at all where somebody else (a
debugger, a measurement of coverage) uses it.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import islice
from types import FrameType
from typing import Any

from .current import current
from .liveness import changing_lines, live_names, loops_around
from .source import asking_frame, is_users
from .targets import is_in_place

MOST_LINES = 24
"""How many lines a branch is followed."""


@dataclass(frozen=True)
class State:
    """What a frame holds before one of its lines, or returns.

    Attributes:
        line: the line; 0 for the end of the frame.
        values: the variables that are read again, by name; the result at the end.
        lines: the lines since the branch.
        calls: how many calls had been recorded.
        demands: how many requirements had been noted.
        gaps: how many gaps.
        settled: whether nothing but variables may have changed, and all branches since are joined.
    """

    line: int
    values: Mapping[str, Any]
    lines: frozenset[int]
    calls: int
    demands: int
    gaps: int
    settled: bool


class Watch:
    """One frame from one branch on.

    Attributes:
        frame: the frame of user code that asked.
        states: what it held, by line: where a line comes twice, the first time counts.
        note: says whether all branches since then are joined.
        reached: called with each line, before it is run for the first time, and 0 at the end.
        finished: called when there is nothing more to watch.
    """

    def __init__(
        self,
        frame: FrameType,
        note: Callable[[], bool],
        reached: Callable[[int], None] | None,
        finished: Callable[[], None] | None,
    ) -> None:
        self.frame, self.code, self.recorder = frame, frame.f_code, current()
        self.first, self.lines = frame.f_lasti, {frame.f_lineno}
        self.states: dict[int, State] = {}
        self.note, self.reached, self.finished = note, reached, finished
        self.pure = True
        self.done = False
        self.before = self.counts()

    def counts(self) -> tuple[int, int, int]:
        """How many calls, requirements and gaps there are."""
        recorder = self.recorder
        assert recorder is not None
        return len(recorder.records), len(recorder.demands), len(recorder.gaps)

    def line(self, number: int) -> None:
        """The frame is about to run a line."""
        if number not in self.states and self.is_outside():
            if self.reached is not None:
                self.reached(number)
            live = live_names(self.code).get(self.frame.f_lasti, frozenset())
            values = {k: v for k, v in self.frame.f_locals.items() if k in live}
            self.keep(number, values)
        self.lines.add(number)
        self.done = self.done or len(self.lines) > MOST_LINES

    def end(self, result: Any) -> None:
        """The frame returns."""
        if self.reached is not None:
            self.reached(0)
        self.keep(0, {"": result})
        self.done = True

    def keep(self, number: int, values: Mapping[str, Any]) -> None:
        """Takes down what the frame holds."""
        counts = self.counts()
        self.states[number] = State(
            number, values, frozenset(self.lines), *counts, self.pure and self.note()
        )

    def is_outside(self) -> bool:
        """Whether the frame is in no loop that has begun since the branch."""
        inner = loops_around(self.code, self.frame.f_lasti)
        return inner <= loops_around(self.code, self.first)

    def is_harmless(self, state: State) -> bool:
        """Whether nothing but variables of the frame changed until then."""
        if not state.settled or state.gaps != self.before[2]:
            return False
        if state.lines & changing_lines(self.code):
            return False
        assert self.recorder is not None
        records = islice(self.recorder.records.values(), self.before[0], state.calls)
        return not any(is_in_place(record.op) for record in records)

    def forget(self) -> None:
        """Takes back the requirements noted since the branch: they hold on its side."""
        assert self.recorder is not None
        del self.recorder.demands[self.before[1] :]

    def made(self, state: State) -> set[str]:
        """The names of the nodes recorded until then."""
        assert self.recorder is not None
        return set(islice(self.recorder.records, self.before[0], state.calls))

    def demanded(self, state: State) -> list[Any]:
        """The requirements noted until then."""
        assert self.recorder is not None
        return list(self.recorder.demands[self.before[1] : state.demands])


class Watches:
    """The watches of one run."""

    def __init__(self) -> None:
        self.active: list[Watch] = []

    def begin(
        self,
        note: Callable[[], bool],
        reached: Callable[[int], None] | None = None,
        finished: Callable[[], None] | None = None,
    ) -> Watch | None:
        """Watches the frame that asks; None where that cannot be."""
        frame = asking_frame()
        while frame is not None and frame.f_code.co_name.startswith("<"):
            frame = frame.f_back  # a comprehension belongs to the function around it
        ours = self.called, None
        if frame is None or not is_users(frame.f_code.co_filename) or sys.gettrace() not in ours:
            return None
        watch = Watch(frame, note, reached, finished)
        self.active.append(watch)
        frame.f_trace = self.event
        sys.settrace(self.called)
        return watch

    def called(self, frame: FrameType, event: str, arg: Any) -> None:
        """Python calls a function: of the user's, it must change nothing."""
        code = frame.f_code
        if is_users(code.co_filename) and changing_lines(code):
            for watch in self.active:
                watch.pure = False

    def event(self, frame: FrameType, event: str, arg: Any) -> Any:
        """Something happens in a watched frame; the innermost branch first."""
        for watch in reversed(self.active):
            if watch.frame is frame:
                if event == "line":
                    watch.line(frame.f_lineno)
                elif event == "return":
                    watch.end(arg)
                elif event == "exception" and not issubclass(arg[0], StopIteration):
                    watch.pure = False
        done = [watch for watch in self.active if watch.done]
        self.active = [watch for watch in self.active if not watch.done]
        if not self.active:
            sys.settrace(None)
            frame.f_trace = None
        for watch in done:
            if watch.finished is not None:
                watch.finished()
        return self.event

    def close(self) -> None:
        """Watches nothing any more."""
        self.active.clear()
        if sys.gettrace() == self.called:
            sys.settrace(None)


__all__ = ["State", "Watch", "Watches"]
