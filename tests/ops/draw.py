"""Single operations at drawn sizes, specs and arguments, each compared with PyTorch."""

from __future__ import annotations

import random
import warnings
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache
from itertools import islice
from typing import Any

import torch

from shapeflow.core.constraint import Constraint
from shapeflow.core.notation import parse_fact
from shapeflow.core.shape import symbols_in
from shapeflow.ops import Value
from shapeflow.ops.factors import PIVOTS
from shapeflow.testing.sampling import draws

from ..entries import SHORT_FLOATS, of_entries
from . import harness
from .harness import Ask, Case, dt, lit, numbers, turned

OTHER_DTYPES = "float32 float64 float16 int64 int32 uint8 bool complex64".split()
OUT_OF_BOUNDS = set(
    "torch.lstm torch.gru torch.rnn_tanh torch.rnn_relu torch._weight_norm torch.embedding_bag "
    "F.embedding_bag torch.choose_qparams_optimized lu_unpack".split()
)
"""Calls that reach out of bounds on the CPU where their operands do not fit."""
DIVIDING = "torch._weight_norm"
"""A call that divides by the number of entries, which ends the process where there are none."""
REASONS = {
    "scaled_dot_product_attention": "a step for each step of key",
    "torch.batch_norm_update_stats": "the channels of the input must be as many as the entries of "
    "running_mean; the channels of the input must be as many as the entries of running_var; "
    "running_var must have as many entries as running_mean",
    "torch.segment_reduce": "the leading sizes of the data",
    "torch._pad_packed_sequence": "that the batch sizes count",
    "lu_unpack": PIVOTS,
    "as_strided": "a size must be at least 0",  # beside one that is 0
    "Tensor.resize_": "a size must be at least 0",
    "Tensor.expand": "a size must be at least 0",
    "broadcast_to": "a size must be at least 0",
    "index_put": "at least one index must be given",
    "torch.rnn_tanh_cell": "hx must have the batch and the features as axes",  # two are read
    "torch.rnn_relu_cell": "hx must have the batch and the features as axes",
} | dict.fromkeys(
    ("torch.convolution", "conv_transpose1d", "conv_transpose2d", "conv_transpose3d"),
    "padding must leave at least one entry of the result; "
    "input, weight and bias must have one dtype",
)
"""Reasons of rules that PyTorch does not look at before it reads out of bounds, or that hang on
entries, or on which kernel it chooses on this machine."""
OF_RANK = ("gelss", "gelsd")
"""Drivers that leave the residuals out where a matrix has not full rank, as one of ones."""
IGNORED = "an empty axis has no entries to select"
"""Targets that are all ignored, by their entries, need no class."""
LARGEST = 200_000
TRACED = "Tensor.__i"
"""Calls whose demands on the tensor that is written to are the tracer's to state."""


@dataclass(frozen=True)
class Difference:
    """A call that the rule and PyTorch judge differently."""

    case: str
    kind: str
    text: str


@dataclass(frozen=True)
class Drawable:
    """A line with its symbols and all that decides about their sizes."""

    case: Case
    names: list[str]
    relations: list[Constraint]


@cache
def drawables() -> list[Drawable]:
    """The ok lines that calls are drawn from."""
    return [
        Drawable(case, all_names(case), relations(case))
        for case in harness.CASES
        if not case.why and case.data != "ones" and not case.name.startswith(TRACED)
    ]


def all_names(case: Case) -> list[str]:
    """The symbols of a line."""
    return symbols_in([*harness.specs(case.args), *harness.specs(tuple(case.kwargs.values()))])


def relations(case: Case) -> list[Constraint]:
    """What the rule demands, and what the line says."""
    args = harness.read(case.args, None)
    kwargs = {key: harness.read(value, None) for key, value in case.kwargs.items()}
    _, demands = harness.run(case, Ask(case.where), args, kwargs)
    said = [parse_fact(text) for text in (case.needs, case.where) if text]
    return [*demands, *said]


class Drawing:
    """One call, drawn by chance.

    Attributes:
        changes: how many arguments are other ones than in the line, at most.
        turned: whether tensors may have axes that stand in other orders in memory.
    """

    def __init__(self, rng: random.Random, changes: int = 1, turned: bool = False) -> None:
        self.rng, self.changes, self.turned = rng, changes, turned

    def differences(self) -> list[Difference] | None:
        """How the rule differs from PyTorch; None where there is nothing to compare."""
        call = self.call()
        return None if call is None else list(compared(*call))

    def call(self) -> tuple[Case, Any, Any] | None:
        """A call with its arguments; None where the drawn sizes make none."""
        drawn = self.rng.choice(drawables())
        tried = draws(drawn.names, drawn.relations, self.rng, drawn.names)
        sizes = next(islice(tried, int(self.rng.random() < 0.95), None))
        case = drawn.case
        if case.name not in OUT_OF_BOUNDS:
            for _ in range(self.rng.randint(0, self.changes)):
                case = self.changed(case)
        if self.turned:
            kwargs = {key: self.turn(value) for key, value in case.kwargs.items()}
            case = replace(case, args=self.turn(case.args), kwargs=kwargs)
        if case.where and not parse_fact(case.where).at(sizes):
            return None
        try:
            args = harness.read(case.args, sizes)
            kwargs = {key: harness.read(value, sizes) for key, value in case.kwargs.items()}
        except (ZeroDivisionError, IndexError, ValueError):
            return None
        leaves = harness.flat([args, kwargs])
        if any(size < 0 for leaf in leaves for size in leaf):
            return None
        if any(torch.Size(leaf).numel() > LARGEST for leaf in leaves):
            return None
        if case.name == DIVIDING and any(0 in leaf for leaf in leaves):
            return None
        return replace(case, data="cpu"), args, kwargs

    # -- changes ---------------------------------------------------------------------------------

    def changed(self, case: Case) -> Case:
        """The same call with one of its arguments changed."""
        keys = [*range(len(case.args)), *case.kwargs]
        if not keys:
            return case
        key = self.rng.choice(keys)
        if isinstance(key, int):
            new = self.argument(case.args[key])
            return replace(case, args=(*case.args[:key], new, *case.args[key + 1 :]))
        return replace(case, kwargs={**case.kwargs, key: self.argument(case.kwargs[key])})

    def turn(self, arg: Any) -> Any:
        """Tensors among arguments with axes in another order in memory."""
        if isinstance(arg, list | tuple):
            return type(arg)(self.turn(part) for part in arg)
        if not isinstance(arg, str) or isinstance(arg, lit | dt) or self.rng.random() < 0.4:
            return arg
        text, colon, dtype = arg.partition(":")
        words = text.split()
        order = self.rng.sample(range(len(words)), len(words))
        base = " ".join(words[order.index(axis)] for axis in range(len(words)))
        return turned(base + colon + dtype, tuple(order)) if len(words) > 1 else arg

    def argument(self, arg: Any) -> Any:
        """Another argument of the same kind."""
        rng = self.rng
        if isinstance(arg, lit | numbers) or arg is None or isinstance(arg, bool):
            return arg
        if isinstance(arg, dt):
            return dt(rng.choice(OTHER_DTYPES))
        if isinstance(arg, turned):
            return turned(self.spec(arg.spec, rank=False), arg.order)
        if isinstance(arg, str):
            return self.spec(arg)
        if isinstance(arg, int):
            return rng.choice((arg - 1, arg + 1, -arg, 0, arg + 2))
        if isinstance(arg, list | tuple) and arg:
            place = rng.randrange(len(arg))
            parts = list(arg)
            parts[place] = self.argument(parts[place])
            if rng.random() < 0.1:
                parts.pop(place)
            return type(arg)(parts)
        return arg

    def spec(self, spec: str, rank: bool = True) -> str:
        """Another spec: an axis more or less, another size, another dtype."""
        rng = self.rng
        text, colon, dtype = spec.partition(":")
        words = text.split()
        way = rng.randrange(4)
        if way == 0:
            return f"{text}:{rng.choice(OTHER_DTYPES)}"
        if way == 1 and rank:
            words.insert(rng.randint(0, len(words)), rng.choice(("1", "2", *words)))
        elif way == 2 and rank and words:
            words.pop(rng.randrange(len(words)))
        elif words:
            words[rng.randrange(len(words))] = rng.choice(("0", "1", "2", "3", "4", *words))
        return " ".join(words) + colon + dtype


def compared(case: Case, args: Any, kwargs: Any) -> Iterator[Difference]:
    """How the rule's answer differs from that of each spelling."""
    call = text_of(case, args, kwargs)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            result, demands = harness.run(case, Ask(), args, kwargs)
        except Exception as error:  # a rule never raises anything of its own
            if not isinstance(error, TypeError) or harness.judge(case, args, kwargs):
                yield Difference(case.name, "crash", f"{call}: {type(error).__name__}: {error}")
            return
        open_ones = [demand for demand in demands if demand.symbols]
        broken = [demand for demand in demands if not demand.symbols and not demand.at({})]
        accepted = result is not harness.Fault and not broken
        for good, answer in harness.judge(case, args, kwargs):
            if good != accepted:
                if (good and open_ones) or of_entries(answer):
                    continue
                if any(words in str(answer) for words in SHORT_FLOATS):
                    continue
                kind = "false valid" if accepted else "false alarm"
                kind = "no kernel" if "not implemented for" in str(answer) else kind
                why = answer if accepted else [d.origin.because for d in broken if d.origin]
                reason = IGNORED if "ignore_index" in kwargs else REASONS.get(case.name, "none")
                if not accepted and all(reason in because or because in reason for because in why):
                    continue
                yield Difference(case.name, kind, f"{call}: {why}")
            elif good and kwargs.get("driver") not in OF_RANK:
                try:
                    harness.compare(harness.flat(result), harness.flat(answer), {})
                except AssertionError as error:
                    yield Difference(case.name, "result", f"{call}: {error}")


def text_of(case: Case, args: Any, kwargs: Any) -> str:
    """A call as it is printed."""
    return f"{case.name}{tuple(map(shown, args))} {({k: shown(v) for k, v in kwargs.items()})}"


def shown(arg: Any) -> Any:
    """An argument as it is printed."""
    if isinstance(arg, Value):
        turned_ = f" strides {arg.strides}" if arg.strides is not None else ""
        return f"<{' '.join(map(str, arg))}:{arg.dtype}{turned_}>"
    if isinstance(arg, list | tuple):
        return type(arg)(map(shown, arg))
    return arg
