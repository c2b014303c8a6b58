"""A program: layers, inputs and steps, written as the source of a module."""

from __future__ import annotations

import linecache
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import nn
from torch.nn import functional as F

from shapeflow.core.notation import parse_size
from shapeflow.core.shape import symbols_in

WORD = re.compile(r"\b[a-z_]\w*")
INDENT = " " * 8


@dataclass(frozen=True)
class Step:
    """One statement, or a few that belong together.

    Attributes:
        text: its lines.
        kind: what it tries, such as "cat" or "nn.LSTM".
        writes: the tensors it makes, and the spec that each is thought to have.
        layers: lines that make the layers it uses.
    """

    text: str
    kind: str
    writes: Mapping[str, str] = field(default_factory=dict)
    layers: tuple[str, ...] = ()

    @property
    def words(self) -> set[str]:
        """Every name in it."""
        return set(WORD.findall(self.text))


@dataclass(frozen=True)
class Program:
    """A module as data.

    Attributes:
        inputs: specs by name.
        steps: what ``forward`` does.
        train: whether it is in training mode.
    """

    inputs: Mapping[str, str]
    steps: tuple[Step, ...]
    train: bool = False

    @property
    def results(self) -> list[str]:
        """Every tensor that is made."""
        return list(dict.fromkeys(name for step in self.steps for name in step.writes))

    @property
    def source(self) -> str:
        """The program in Python."""
        body = [line for step in self.steps for line in step.text.splitlines()]
        layers = [line for step in self.steps for line in step.layers]
        specs = ", ".join(f'{name}: "{spec}"' for name, spec in self.inputs.items())
        lines = [
            "class Program(nn.Module):",
            "    def __init__(self):",
            "        super().__init__()",
            *(INDENT + line for line in layers),
            "",
            f"    def forward(self, {', '.join(self.inputs)}):  # {specs}",
            *(INDENT + line for line in [*self.sizes(body), *body]),
            f"{INDENT}return {', '.join(self.results) or next(iter(self.inputs))},",
        ]
        return "\n".join(lines) + "\n"

    def sizes(self, body: list[str]) -> list[str]:
        """Lines that read the symbols that are spoken of off the inputs."""
        spoken = set(re.findall(r"(?<![\w.\"'])[A-Z]\b", "\n".join(body)))
        lines, found = [], set()
        for name, spec in self.inputs.items():
            for axis, word in enumerate(spec.partition(":")[0].split()):
                if word in spoken - found:
                    lines.append(f"{word} = {name}.size({axis})")
                    found.add(word)
        return lines

    def missing(self) -> bool:
        """Whether a step speaks of a symbol that no input shows."""
        body = [line for step in self.steps for line in step.text.splitlines()]
        spoken = set(re.findall(r"(?<![\w.\"'])[A-Z]\b", "\n".join(body))) - {"F"}
        shown = {line[0] for line in self.sizes(body)}
        return bool(spoken - shown)

    @property
    def symbols(self) -> list[str]:
        """The symbols of the inputs."""
        words = [word for spec in self.inputs.values() for word in spec.partition(":")[0].split()]
        return symbols_in([parse_size(word) for word in words])

    def module(self, name: str = "program") -> nn.Module:
        """The program as a module; its source can be read like that of a file."""
        file = f"<{name}>"
        source = self.source
        linecache.cache[file] = (len(source), None, source.splitlines(keepends=True), file)
        space: dict[str, Any] = {"torch": torch, "nn": nn, "F": F, "inf": float("inf")}
        exec(compile(source, file, "exec"), space)
        made: nn.Module = space["Program"]()
        return made.train(self.train)
