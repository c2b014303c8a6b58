"""Graphviz as another process: which one, and what it answers."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import sysconfig
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..core.errors import ShapeflowError

EMBEDDED, SYSTEM = "graphviz-pure", "dot"
ENGINES = ("auto", EMBEDDED, SYSTEM)
SECONDS = 10.0
"""For how long one layout may be computed."""


class TooSlow(ShapeflowError):
    """The engine did not end in time; fewer boxes would help."""


@dataclass(frozen=True)
class Engine:
    """The program that lays pictures out.

    Attributes:
        name: ``graphviz-pure``, which comes with shapeflow, or ``dot``.
        path: of the program.
        why: why it is this one, in a sentence.
    """

    name: str
    path: str
    why: str

    @property
    def version(self) -> str:
        """What the program says of itself."""
        done = subprocess.run(
            [self.path, "-V"], capture_output=True, text=True, timeout=SECONDS, check=False
        )
        return (done.stdout + done.stderr).strip()


def drawing_engine(engine: str = "auto") -> Engine:
    """Which Graphviz pictures are laid out with, and why.

    Args:
        engine: ``auto`` for the one that is installed with shapeflow, or that of the system where
            there is none; ``graphviz-pure`` or ``dot`` for this one and no other.

    Raises:
        ShapeflowError: there is no such engine, or none at all.
    """
    if engine not in ENGINES:
        raise ShapeflowError(f"engine must be one of {', '.join(ENGINES)}, not {engine!r}")
    embedded, system = _embedded(), shutil.which(SYSTEM)
    if engine == SYSTEM:
        if system is None:
            raise ShapeflowError("engine 'dot' was asked for, but there is no dot on the PATH")
        return Engine(SYSTEM, system, "it was asked for")
    if embedded is not None:
        why = "it was asked for" if engine == EMBEDDED else "it is installed with shapeflow"
        return Engine(EMBEDDED, embedded, why)
    if engine == EMBEDDED or system is None:
        raise ShapeflowError(
            "there is no Graphviz to lay the picture out: pip install graphviz-pure, or install "
            "dot; text, mermaid, json and html need none"
        )
    return Engine(SYSTEM, system, "graphviz-pure is not installed, and dot is on the PATH")


def _embedded() -> str | None:
    """The program of the package graphviz-pure, beside this Python."""
    name = EMBEDDED + (".exe" if os.name == "nt" else "")
    folders = [sysconfig.get_path("scripts"), str(Path(sys.executable).parent)]
    folders.append(sysconfig.get_path("scripts", f"{os.name}_user"))
    for folder in folders:
        if folder and os.access(Path(folder) / name, os.X_OK):
            return str(Path(folder) / name)
    return shutil.which(EMBEDDED)


def laid_out(dot: str, engine: Engine, seconds: float = SECONDS) -> dict[str, Any]:
    """The graph with places for everything, as Graphviz writes it in JSON.

    Raises:
        TooSlow: the engine did not end in time.
        ShapeflowError: it failed.
    """
    try:
        done = subprocess.run(
            [engine.path, "-Tjson"],
            input=dot.encode(),
            capture_output=True,
            timeout=seconds,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise TooSlow(f"{engine.name} took longer than {seconds:g} s") from None
    except OSError as error:
        raise ShapeflowError(f"{engine.name} cannot be started: {error}") from error
    if done.returncode != 0 or not done.stdout:
        said = done.stderr.decode(errors="replace").strip().splitlines()
        raise ShapeflowError(f"{engine.name} failed: {said[0] if said else 'it says nothing'}")
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer
