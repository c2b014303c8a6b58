"""A program that grows: its inputs and steps, each of them run at a few sizes as it is added."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from types import SimpleNamespace
from typing import Any

import torch
from torch import nn
from torch.nn import functional as F

from shapeflow.core import dims
from shapeflow.core.constraint import Constraint
from shapeflow.core.dims import Size
from shapeflow.ops import Value

from ..entries import of_entries
from ..ops import harness
from .program import Step

BASES = ({"B": 2, "T": 5, "H": 4, "N": 3}, {"B": 3, "T": 7, "H": 6, "N": 4})
"""Sizes at which each step is run while the program grows."""
MORE = ({"B": 1, "T": 4, "H": 9, "N": 6}, {"B": 5, "T": 1, "H": 2, "N": 7})
LARGEST = 20_000
RANK = 5


class Unfit(Exception):
    """A step cannot be made."""


class Guess(harness.Ask):
    """Answers by trying the sizes at hand: good enough to choose the next step by."""

    def settle(self, question: Constraint) -> bool | None:
        answers = {question.at(sizes) for sizes in (*BASES, *MORE)} if known(question) else set()
        return answers.pop() if len(answers) == 1 else None

    def demand(self, requirement: Constraint) -> None:
        self.demands.append(requirement)

    def choose(self, question: Constraint) -> bool:
        answer = self.settle(question)
        return question.kind != "equal" if answer is None else answer

    def data_size(self, name: str, at_least: Any = None, at_most: Any = None) -> Any:
        return dims.opaque(name)


def known(question: Constraint) -> bool:
    """Whether it speaks of the symbols of inputs only."""
    return set(question.symbols) <= set(BASES[0])


def opaque(shape: Sequence[Size]) -> bool:
    """Whether a size is a matter of data."""
    return any(leaf.kind == "opaque" for size in shape for leaf in dims.leaves(size))


def at(shape: Sequence[Size], sizes: Mapping[str, int]) -> tuple[int, ...]:
    """A shape in numbers."""
    return tuple(dims.evaluate(size, sizes) for size in shape)


def spec_of(value: Value) -> str:
    """A tensor's shape and dtype as a spec."""
    text = " ".join(map(str, value))
    return text if value.dtype == "float32" else f"{text}:{value.dtype}"


class Workshop:
    """A program under construction.

    Attributes:
        pool: what is thought of each tensor.
        spaces: the tensors themselves, at each of BASES.
        mood: "sound", "condition" or "fault": what further steps may bring.
    """

    def __init__(self, rng: random.Random) -> None:
        self.rng = rng
        self.inputs: dict[str, str] = {}
        self.steps: list[Step] = []
        self.pool: dict[str, Value] = {}
        self.mood = rng.choices(("sound", "condition", "fault"), (52, 32, 16))[0]
        self.spent = 0
        self.layers = 0
        self.spaces: list[dict[str, Any]] = [
            {"torch": torch, "nn": nn, "F": F, "inf": float("inf"), "self": SimpleNamespace(), **s}
            for s in BASES
        ]

    # -- inputs, steps ---------------------------------------------------------------------------

    def input(self, spec: str) -> str:
        """One more input."""
        name = "abcdefgh"[len(self.inputs)]
        self.inputs[name] = spec
        value = self.pool[name] = harness.read(spec, None)
        for space, sizes in zip(self.spaces, BASES, strict=True):
            space[name] = self.data(value, sizes)
        return name

    def data(self, value: Value, sizes: Mapping[str, int]) -> torch.Tensor:
        """A tensor as it is fed in."""
        dtype = getattr(torch, value.dtype)
        shape = at(value, sizes)
        if any(size < 0 for size in shape):
            raise Unfit
        make = torch.rand if dtype.is_floating_point else torch.zeros
        return make(shape).to(dtype)

    def name(self) -> str:
        """A fresh name."""
        return f"v{sum(len(step.writes) for step in self.steps) + 1}"

    def layer(self, made: str) -> tuple[str, str]:
        """A layer's name and the line that makes it."""
        self.layers += 1
        name = f"self.l{self.layers}"
        return name, f"{name} = {made}"

    def add(self, text: str, kind: str, writes: Mapping[str, Value], layers: Sequence[str] = (),
            guessed: bool = False) -> None:
        """Takes a step in if it does what the mood allows.

        Raises:
            Unfit: it does not, or nothing could go on from it.
        """
        for value in writes.values():
            numbers_ = [] if opaque(value) else [at(value, sizes) for sizes in BASES]
            if len(value) > RANK or any(min(n, default=0) < 0 for n in numbers_):
                raise Unfit
            if any(torch.Size(n).numel() > LARGEST for n in numbers_):
                raise Unfit
        errors = [self.run(text, writes, space, layers) for space in self.spaces]
        failures = sum(error is not None for error in errors)
        if any(isinstance(e, TypeError | NotImplementedError | SyntaxError) for e in errors):
            raise Unfit
        if any(of_entries(f"{type(e).__name__}: {e}") for e in errors):
            raise Unfit
        if failures and (self.mood == "sound" or self.spent > 1 or self.rng.random() < 0.5):
            raise Unfit
        if failures == len(BASES) and (self.mood != "fault" or self.spent):
            raise Unfit
        for space, sizes, error in zip(self.spaces, BASES, errors, strict=True):
            for name, value in writes.items():
                if error is not None and not opaque(value) and name not in self.pool:
                    space[name] = self.data(value, sizes)
                elif error is None and not self.fits(space[name], value, sizes):
                    if guessed:
                        raise Unfit
                    self.spent = 9  # the rule is wrong: the comparison will tell
        self.spent += failures
        specs = {name: spec_of(value) for name, value in writes.items()}
        self.steps.append(Step(text, kind, specs, tuple(layers)))
        for name, value in writes.items():
            if not opaque(value):
                self.pool[name] = Value(value, value.dtype, value.strides)

    def fits(self, tensor: Any, value: Value, sizes: Mapping[str, int]) -> bool:
        """Whether a tensor is as it is thought to be."""
        if not isinstance(tensor, torch.Tensor) or tensor.dtype is not getattr(torch, value.dtype):
            return False
        return opaque(value) or tuple(tensor.shape) == at(value, sizes)

    def run(self, text: str, writes: Mapping[str, Value], space: dict[str, Any],
            layers: Sequence[str]) -> Exception | None:
        """What a step raises."""
        try:
            with torch.no_grad():
                for line in layers:
                    exec(line, space)
                exec(text, space)
            return None
        except Exception as error:  # whatever torch raises is a refusal
            return error
