"""The traces under way in each thread: another thread's calls are no business of theirs."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .recorder import Recorder


class _Traces(threading.local):
    innermost: Recorder | None = None


_traces = _Traces()


def current() -> Recorder | None:
    """The innermost trace of this thread."""
    return _traces.innermost


@contextmanager
def entered(recorder: Recorder | None) -> Iterator[None]:
    """Makes a trace the innermost one of this thread; None makes calls real again."""
    before = _traces.innermost
    _traces.innermost = recorder
    try:
        yield
    finally:
        _traces.innermost = before
