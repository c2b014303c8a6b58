"""What shapeflow says of a call of PyTorch's tests, held against PyTorch."""

from __future__ import annotations

import random
import traceback
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count
from typing import Any

import torch

import shapeflow
from shapeflow.ops import Value
from shapeflow.report import Report
from shapeflow.testing.against import compare, sizes_for
from shapeflow.testing.ask import REFUSALS, Answer, tensors
from shapeflow.trace.outputs import shapes

from ..beyond import beyond
from ..entries import of_entries
from .calls import Given, Program

SIZES = 6
FILLS = ("own", "zeros", "ones", "eye")
SYMBOLIC = ("sizes", "axes", "empty")


@dataclass(frozen=True)
class Outcome:
    """The comparison of one call, given in one way.

    Attributes:
        scheme: how it was given.
        kind: what came of it: "right", "opaque", "incomplete", or the kind of disagreement.
        text: the call, the sizes and both answers; the reason where it is incomplete.
        note: why it is incomplete.
    """

    scheme: str
    kind: str
    text: str = ""
    note: str = ""


def judge(given: Given, rng: random.Random) -> Iterator[Outcome]:
    """What comes of a call, given in each of the ways."""
    torch.manual_seed(rng.randrange(1 << 30))
    found = ask(given, [tuple(t.shape) for t in given.tensors])
    if not found.accepted and not given.refused:
        yield Outcome("numbers", "refused", f"{given}: {found.message}")
    if given.refused and (found.accepted or of_entries(found.message)):
        yield Outcome("refused", "entries", f"{given}: {found.message}")
        return
    moving = found.accepted and moves(given, found)
    for scheme in ("refused",) if given.refused else given.schemes:
        specs, constants = given_as(given, scheme)
        if (scheme == "known") != bool(constants) or (scheme in SYMBOLIC and not symbols(specs)):
            continue
        yield one(given, scheme, specs, constants, moving, rng)


def given_as(given: Given, scheme: str) -> tuple[list[Value | None], dict[int, torch.Tensor]]:
    """A Value for each tensor, and the tensors that are given as they are."""
    from shapeflow.core import dims

    numbers = count()
    constants = {}
    specs: list[Value | None] = []
    for place, tensor in enumerate(given.tensors):
        dtype = str(tensor.dtype).removeprefix("torch.")
        shape: list[Any] = list(tensor.shape)
        if scheme == "known" and not tensor.dtype.is_floating_point and not tensor.is_complex():
            constants[place] = tensor
        if scheme == "sizes":
            shape = [dims.symbol(f"n{size}") if size > 1 else size for size in shape]
        elif scheme in ("axes", "empty"):
            shape = [
                dims.symbol(f"s{next(numbers)}") if size or scheme == "empty" else 0
                for size in shape
            ]
        specs.append(None if place in constants else Value(shape, dtype))
    return specs, constants


def symbols(specs: list[Value | None]) -> list[str]:
    """The names of the symbols of the specs."""
    return list(
        dict.fromkeys(str(d) for spec in specs for d in spec or () if not isinstance(d, int))
    )


def one(
    given: Given, scheme: str, specs: Any, constants: Any, moving: bool, rng: random.Random
) -> Outcome:
    """What comes of a call that is given in one way."""
    names = symbols(specs)
    where = [f"{name} >= 0" for name in names] if scheme == "empty" else []
    program = Program(given)
    program.given = _with(given, constants)
    wanted = [spec for spec in specs if spec is not None]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            report = shapeflow.check(program, *wanted, where=where)
        except Exception as error:  # a crash is a disagreement
            lines = traceback.format_exception(error)
            return Outcome(
                scheme, f"crash {type(error).__name__}", f"{given}\n" + "".join(lines[-6:])
            )
        own = {
            str(symbol): size
            for spec, tensor in zip(specs, given.tensors, strict=True)
            for symbol, size in zip(spec or (), tensor.shape, strict=False)
            if not isinstance(symbol, int)
        }
        tried = [own, *(sizes_for(report, SIZES, rng) if names else ())]
        for at in tried:
            at = {name: at[name] for name in report.symbols}
            shapes_at = [
                tuple(tensor.shape) if spec is None else tuple(at.get(str(d), d) for d in spec)
                for spec, tensor in zip(specs, given.tensors, strict=True)
            ]
            answer = ask(given, shapes_at)
            for difference in compare(report, at, answer):
                if beyond(difference.kind, report, at, answer):
                    continue
                text = f"{given}\n  {shown(specs)}\n  {difference}"
                return Outcome(scheme, difference.kind, text)
    return settled(given, scheme, specs, report, moving)


def settled(given: Given, scheme: str, specs: Any, report: Report, moving: bool) -> Outcome:
    """What comes of a call that nothing speaks against: how much is said of it."""
    text = f"{given}\n  {shown(specs)}\n  {report.outputs}"
    if report.verdict == "incomplete":
        note = "; ".join(report.notes) or "; ".join(f.message for f in report.findings)
        return Outcome(scheme, "incomplete", text, note)
    if given.refused:
        return Outcome(scheme, "right")
    ways = [way for way in report.paths if way.outputs is not None]
    known = set(report.symbols)
    if any(names_in(way.outputs) - known for way in ways):
        return Outcome(scheme, "right" if moving else "opaque", text)
    if any(way.instances for way in report.paths):
        return Outcome(scheme, "numbers for sizes", text)
    return Outcome(scheme, "right")


def names_in(tree: Any) -> set[str]:
    """The symbols of sizes in a result."""
    if isinstance(tree, dict):
        tree = list(tree.values())
    if isinstance(tree, list | tuple):
        return set().union(*map(names_in, tree))
    return set(tree.symbols) if hasattr(tree, "symbols") else set()


def shown(specs: list[Value | None]) -> str:
    """Specs as a person writes them."""
    return " | ".join(
        "constant" if s is None else f"{' '.join(map(str, s))}:{s.dtype}" for s in specs
    )


def _with(given: Given, constants: dict[int, torch.Tensor]) -> Given:
    """The call with some of its tensors fixed."""
    if not constants:
        return given
    count_of = len(given.tensors)

    def call(*free: torch.Tensor) -> Any:
        left = iter(free)
        return given.made(constants[i] if i in constants else next(left) for i in range(count_of))

    frees = tuple(t for i, t in enumerate(given.tensors) if i not in constants)
    return Given(given.variant, call, frees, {}, given.refused)


# -- PyTorch ------------------------------------------------------------------------------------


def ask(given: Given, sizes: list[tuple[int, ...]]) -> Answer:
    """What PyTorch does where the tensors have these sizes, with entries like those of the call."""
    answer = Answer(False)
    for fill in FILLS:
        answer = run(given, sizes, fill)
        if answer.accepted:
            break
    return answer


def moves(given: Given, found: Answer) -> bool:
    """Whether the shapes of the result change with the entries."""
    sizes = [tuple(t.shape) for t in given.tensors]
    others = [run(given, sizes, fill) for fill in FILLS[1:]]
    return any(other.accepted and other.shapes != found.shapes for other in others)


def run(given: Given, sizes: list[tuple[int, ...]], fill: str) -> Answer:
    """The answer with the tensors filled in one way."""
    made = [filled(t, shape, fill) for t, shape in zip(given.tensors, sizes, strict=True)]
    try:
        with torch.no_grad(), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            result = given.made(made)
    except REFUSALS as error:
        return Answer(False, message=f"{type(error).__name__}: {error}")
    dtypes = tuple(str(t.dtype).removeprefix("torch.") for t in tensors(result))
    return Answer(True, shapes(result), dtypes)


def filled(tensor: torch.Tensor, shape: tuple[int, ...], fill: str) -> torch.Tensor:
    """A tensor of that shape whose entries are drawn from another one's, or all alike."""
    tensor = tensor.detach().resolve_conj().resolve_neg()
    if fill == "own" and tuple(tensor.shape) == tuple(shape):
        return tensor.clone(memory_format=torch.contiguous_format)
    if fill == "own" and tensor.numel():
        chosen = torch.randint(tensor.numel(), shape)
        return tensor.reshape(-1)[chosen]
    made = torch.full(shape, fill == "ones", dtype=tensor.dtype)
    if fill == "eye" and len(shape) > 1 and tensor.dtype.is_floating_point:
        made.diagonal(dim1=-2, dim2=-1).fill_(1)
    return made
