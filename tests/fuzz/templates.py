"""The ``ok`` lines of the case tables as templates for calls."""

from __future__ import annotations

import importlib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import torch

from shapeflow.core import dims

from ..ops import harness
from ..ops.harness import Case, dt, lit, numbers, turned

HOMES = {"torch": torch, "Tensor": torch.Tensor, "F": torch.nn.functional}
FAMILIES = ("special", "linalg", "fft")
ATTRIBUTES = "T H mT mH real imag data".split()
UNSAFE = (
    "lu_", "linalg_lu_solve", "linalg_ldl", "linalg_eig", "ormqr", "linalg_householder",
    "linalg_lstsq", "torch._weight_norm", "torch.batch_norm_update_stats", "torch.embedding_bag",
    "F.embedding_bag", "torch.segment_reduce", "torch.choose_qparams_optimized", "torch.binomial",
)  # fmt: skip
"""Calls that end the process, or never end: they read out of bounds where operands do not fit (or,
with ``linalg_lstsq``, where a right side is empty), or for entries of no factorization, or NaN."""
NOT_IN_PLACE = set(
    "resize logical_not logical_and logical_or logical_xor eq ne ge gt le lt equal not_equal "
    "greater greater_equal less less_equal".split()
)
"""Operations that are not written in place: one reshapes, the others leave integers that nothing is
known of, and that would be taken for indices."""
FROM_OUTSIDE = set(
    "torch.lstm torch.gru torch.rnn_tanh torch.rnn_relu torch._pack_padded_sequence "
    "torch._pad_packed_sequence F.ctc_loss F.max_unpool1d F.max_unpool2d F.max_unpool3d".split()
)
"""Calls of operands that only another call makes, which steps of their own bring in: weights in a
list, packed data, lengths, places of maxima. Recurrent ones read out of bounds besides."""
PLAIN = set(
    "Tensor.data Tensor.new torch.LongTensor Tensor.requires_grad_ torch.as_tensor torch.tensor "
    "torch.hann_window torch.kaiser_window Tensor.__getitem__ Tensor.__setitem__ "
    "Tensor.geometric_ Tensor.random_".split()
)
"""Calls that make no tensor worth going on with, indexing, which has steps of its own, and those
that draw integers, which are no indices any more."""


@dataclass(frozen=True)
class Template:
    """A call of one spelling with arguments that fit."""

    case: Case
    spelling: str

    @property
    def is_method(self) -> bool:
        return self.spelling.startswith("Tensor.")

    @property
    def is_attribute(self) -> bool:
        return self.is_method and self.spelling[7:] in ATTRIBUTES

    @property
    def changes(self) -> bool:
        """Whether it writes into its first operand."""
        name = self.spelling.rpartition(".")[2]
        return (name.endswith("_") and not name.endswith("__")) or name.startswith("__i")


def spelled(name: str) -> list[str]:
    """The texts by which an operation is called."""
    family, _, inner = name.partition("_")
    if family in FAMILIES:
        return [f"torch.{family}.{inner}"]
    prefix, _, short = name.rpartition(".")
    if prefix and prefix not in HOMES:
        return []
    homes = [prefix] if prefix else list(HOMES)
    found = [f"{home}.{short}" for home in homes if hasattr(HOMES[home], short)]
    if not prefix or prefix == "Tensor":
        if hasattr(torch.Tensor, f"{short}_") and short not in NOT_IN_PLACE:
            found.append(f"Tensor.{short}_")
    return found


def writable(arg: Any) -> bool:
    """Whether an argument can be written as text."""
    if isinstance(arg, str | turned | numbers | dims.Dim | int | float | complex | type(None)):
        return True
    if isinstance(arg, list | tuple):
        return all(map(writable, arg))
    return isinstance(arg, torch.memory_format)


def has_tensor(arg: Any) -> bool:
    """Whether an argument is a tensor, or a list with one."""
    if isinstance(arg, list | tuple) and not isinstance(arg, numbers):
        return any(map(has_tensor, arg))
    return isinstance(arg, str | turned | numbers) and not isinstance(arg, lit | dt)


@cache
def templates() -> dict[str, list[Template]]:
    """Every template, by the name of the operation."""
    for table in sorted((Path(__file__).parents[1] / "ops").glob("cases_*.py")):
        importlib.import_module(f"tests.ops.{table.stem}")
    found: dict[str, list[Template]] = {}
    for case in harness.CASES:
        usable = not case.why and case.module is None and case.name not in FROM_OUTSIDE | PLAIN
        if not usable or not writable([*case.args, *case.kwargs.values()]):
            continue
        if case.out is None or case.name.startswith(UNSAFE):
            continue
        for spelling in spelled(case.name):
            template = Template(case, spelling)
            first = isinstance(case.args[0], str | turned) if case.args else False
            if template.is_method and not (first and has_tensor(case.args[0])):
                continue
            found.setdefault(case.name, []).append(template)
    return found
