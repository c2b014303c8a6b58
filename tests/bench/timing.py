"""Medians and ratios."""

from __future__ import annotations

import gc
import statistics
import time
from collections.abc import Callable
from typing import Any


def median(run: Callable[[], Any], times: int, warm: int = 2) -> float:
    """The median of several runs, in milliseconds, after some that do not count."""
    for _ in range(warm):
        run()
    taken = []
    for _ in range(times):
        gc.collect()
        gc.disable()
        start = time.perf_counter()
        run()
        taken.append((time.perf_counter() - start) * 1e3)
        gc.enable()
    return statistics.median(taken)


def interleaved(runs: dict[str, Callable[[], Any]], rounds: int, warm: int = 2) -> dict[str, float]:
    """Medians of several commands run in turn, so that a slow spell of the machine meets all."""
    for run in runs.values():
        for _ in range(warm):
            run()
    taken: dict[str, list[float]] = {name: [] for name in runs}
    for _ in range(rounds):
        for name, run in runs.items():
            gc.collect()
            start = time.perf_counter()
            run()
            taken[name].append((time.perf_counter() - start) * 1e3)
    return {name: statistics.median(times) for name, times in taken.items()}
