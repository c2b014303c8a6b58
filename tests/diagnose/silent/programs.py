"""Small programs of one layer or a few, for the tests of warnings."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

import shapeflow

Forward = Callable[..., Any]


class Program(nn.Module):
    """Layers by name, and a function that is called with the module and the inputs."""

    def __init__(self, forward: Forward, **layers: nn.Module) -> None:
        super().__init__()
        self.run = forward
        for name, layer in layers.items():
            setattr(self, name, layer)

    def forward(self, *inputs: Any) -> Any:
        return self.run(self, *inputs)


@dataclass(frozen=True)
class Case:
    """A program, the specs of its inputs, and the codes that it is warned of."""

    name: str
    forward: Forward
    specs: tuple[Any, ...]
    layers: dict[str, nn.Module]
    codes: frozenset[str]

    def found(self, **options: Any) -> list[Any]:
        """The warnings; an error or an incomplete analysis fails."""
        report = shapeflow.check(
            Program(self.forward, **self.layers).eval(), *self.specs, **options
        )
        assert not [f for f in report.findings if f.severity == "error"], str(report)
        assert report.verdict != "incomplete", str(report)
        return [f for f in report.findings if f.severity == "warning"]


def collected(cases: list[Case]) -> Callable[..., Callable[[Forward], Forward]]:
    """A decorator that takes down a program: ``@case("B T 3", codes, rnn=nn.GRU(3, 5))``."""

    def case(*specs: Any, codes: str = "", **layers: nn.Module) -> Callable[[Forward], Forward]:
        def take(forward: Forward) -> Forward:
            name = forward.__name__
            cases.append(Case(name, forward, specs, layers, frozenset(codes.split())))
            return forward

        return take

    return case


READER: dict[str, Any] = {"rnn": nn.GRU(3, 5, batch_first=True), "head": nn.Linear(5, 2)}
"""The layers of many programs."""


def packed(m: Any, x: Any, lengths: Any) -> Any:
    """Both results of a program's layer for a packed batch."""
    pack = pack_padded_sequence(x, lengths, batch_first=True, enforce_sorted=False)
    return m.rnn(pack)


def padded(m: Any, x: Any, lengths: Any) -> Any:
    """Its outputs, padded again."""
    return pad_packed_sequence(packed(m, x, lengths)[0], batch_first=True)[0]
