"""Random programs: calls of all operations, as the case tables have them, and idioms."""

from __future__ import annotations

import random
import warnings
from dataclasses import replace
from typing import Any

import torch

from shapeflow.core import dims
from shapeflow.core.dims import Dim, Size
from shapeflow.core.shape import substitute
from shapeflow.ops import Value
from shapeflow.ops.layout import permuted

from ..ops import harness
from ..ops.harness import dt, lit, numbers, turned
from .idioms import IDIOMS
from .operands import Operands
from .program import Program
from .templates import Template, templates
from .workshop import Guess, Unfit

INPUTS = ("B T 3", "B T 4", "B 3 H H", "B 4 T", "T B 6", "B T H", "B H", "T H", "B", "N T", "B 6",
          "N H 4", "2 B T", "B:int64", "B T:int64", "B T 4", "B 8 H T", "B 2*T", "B T:bool",
          "B T 4:float64", "N 8", "")  # fmt: skip


class Maker(Operands):
    """Calls operations at random."""

    def argument(self, arg: Any, binding: dict[str, Size]) -> tuple[str, Any]:
        """An argument as text, and as the rule takes it."""
        if isinstance(arg, lit):
            return repr(str(arg)), arg
        if isinstance(arg, dt):
            return f"torch.{arg}", arg
        if isinstance(arg, str):
            name = self.operand(arg, binding)
            return name, self.pool[name]
        if isinstance(arg, turned):
            name = self.operand(arg.spec, binding)
            return f"{name}.permute({', '.join(map(str, arg.order))})", permuted(
                self.pool[name], arg.order)
        if isinstance(arg, numbers):
            return f"torch.tensor({list(arg)})", Value((len(arg),), "int64", known=list(arg))
        if isinstance(arg, Dim):
            size = substitute(arg, binding)
            if set(dims.symbols_of(size)) - set("BTHN"):
                raise Unfit
            return self.text(size), size
        if isinstance(arg, list | tuple):
            parts = [self.argument(part, binding) for part in arg]
            inner = ", ".join(text for text, _ in parts)
            if isinstance(arg, tuple):
                return f"({inner}{',' if len(parts) == 1 else ''})", tuple(p for _, p in parts)
            return f"[{inner}]", [p for _, p in parts]
        if isinstance(arg, int) and not isinstance(arg, bool) and self.mood != "sound":
            arg += self.rng.choice((-1, 1)) if self.rng.random() < 0.06 else 0
        return repr(arg), arg

    def call(self, template: Template) -> None:
        """A step that calls as a template does."""
        case = template.case
        binding: dict[str, Size] = {n: self.rng.choice(c) for n, c in case.sizes.items()}
        pairs = [self.argument(arg, binding) for arg in case.args]
        named = {key: self.argument(arg, binding) for key, arg in case.kwargs.items()}
        texts = [text for text, _ in pairs] + [f"{k}={text}" for k, (text, _) in named.items()]
        if template.is_attribute:
            text = f"{texts[0]}.{template.spelling[7:]}"
        elif template.is_method:
            text = f"{texts[0]}.{template.spelling[7:]}({', '.join(texts[1:])})"
        else:
            text = f"{template.spelling}({', '.join(texts)})"
        wanted = replace(case, name=template.spelling if template.changes else case.name)
        result, _ = harness.run(
            wanted, Guess(), [v for _, v in pairs], {k: v for k, (_, v) in named.items()})
        if result is harness.Fault:
            if self.mood != "fault":
                raise Unfit
            self.add(text, case.name, {})
            return
        found = harness.flat(result)
        if isinstance(result, Value):
            name = self.name()
            self.add(f"{name} = {text}", case.name, {name: result})
            return
        if not isinstance(result, list) or not found or len(found) != len(result):
            raise Unfit
        first = int(self.name()[1:])
        writes = {f"v{first + i}": value for i, value in enumerate(found)}
        left = ", ".join(writes) + ("," if len(writes) == 1 else "")
        self.add(f"{left} = {text}", case.name, writes)

    def random_call(self) -> None:
        """A call of any operation."""
        table = templates()
        self.call(self.rng.choice(table[self.rng.choice(list(table))]))

    def program(self, train: bool) -> Program:
        """What came of it."""
        return Program(dict(self.inputs), tuple(self.steps), train)


def generate(seed: int, number: int) -> Program:
    """The program of that number: the same one each time."""
    rng = random.Random(f"{seed}-{number}")
    torch.manual_seed(number)
    maker = Maker(rng)
    for _ in range(rng.randint(1, 3)):
        maker.input(rng.choice(INPUTS))
    length = rng.randint(5, 30)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for _ in range(6 * length):
            if len(maker.steps) >= length:
                break
            try:
                if rng.random() < 0.45:
                    rng.choice(IDIOMS)(maker)
                else:
                    maker.random_call()
            except Unfit:
                continue
    return maker.program(rng.random() < 0.5)
