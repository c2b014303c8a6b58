"""Numbered work in processes, which PyTorch may take down without taking down the whole."""

from __future__ import annotations

import argparse
import multiprocessing
from collections.abc import Callable, Iterator
from multiprocessing.connection import wait
from typing import Any

import torch

CHUNK = 500
LONGEST = 900
"""Seconds after which work of which nothing is heard is ended, as if it had ended its process."""
SHORT = 90
"""The same for what takes far less than a second, unless PyTorch never comes to an end."""


def options(command: str, what: str, count: int) -> argparse.ArgumentParser:
    """The options of a command that compares a number of drawn things with PyTorch."""
    parser = argparse.ArgumentParser(prog=f"python -m {command}")
    parser.add_argument(f"--{what}", type=int, default=count, dest="count", help="how many")
    parser.add_argument("--seed", type=int, default=0, help=f"decides which {what} are made")
    parser.add_argument("--first", type=int, default=0, help="number of the first one")
    parser.add_argument("--jobs", type=int, default=1, help="processes")
    parser.add_argument("--only", type=int, help="shows and runs the one of this number alone")
    return parser


def results(
    work: Callable[[int], Any],
    numbers: range,
    jobs: int,
    chunk: int = CHUNK,
    longest: int = LONGEST,
) -> Iterator[tuple[int, Any, int]]:
    """(number, result, 0) of each number; (number, None, exit code) of one that ended a process."""
    fork = multiprocessing.get_context("fork")
    waiting = [numbers[i : i + chunk] for i in range(0, len(numbers), chunk)]
    running: dict[Any, tuple[range, Any]] = {}
    while waiting or running:
        while waiting and len(running) < jobs:
            mine, theirs = fork.Pipe(duplex=False)
            process = fork.Process(target=_run, args=(work, waiting[0], theirs))
            process.start()
            theirs.close()
            running[mine] = (waiting.pop(0), process)
        ready = wait(list(running), longest)
        if not ready:
            for _, process in running.values():
                process.kill()
        for pipe in ready:
            left, process = running.pop(pipe)
            try:
                result = pipe.recv()
            except EOFError:
                process.join()
                if left:
                    yield left[0], None, process.exitcode or 1
                    waiting.append(left[1:])
                continue
            yield left[0], result, 0
            running[pipe] = (left[1:], process)


def _run(work: Callable[[int], Any], numbers: range, pipe: Any) -> None:
    torch.set_num_threads(1)
    for number in numbers:
        pipe.send(work(number))
