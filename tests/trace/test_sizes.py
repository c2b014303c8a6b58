"""Symbolic sizes in the arithmetic, the slices and the factories of forward."""

import math
from collections.abc import Callable

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch import Tensor

import shapeflow
from tests.agreement import agrees, is_symbolic

Idiom = tuple[str, Callable[..., object], str]


def unpacked(x: Tensor) -> Tensor:
    batch, time, features = x.size()
    return x.reshape(batch, time * features)


def product_of_sizes(x: Tensor) -> Tensor:
    n = 1
    for size in x.shape[:-1]:
        n *= size
    return x.reshape(n, 3)


def quotient_and_rest(x: Tensor) -> Tensor:
    quotient, rest = divmod(x.size(1), 2)
    return x.new_zeros(2 * quotient + rest)


def formatted(x: Tensor) -> Tensor:
    text = f"{x.size(0)} {x.shape} {x.size(1):d} {x.shape[1]!r} {x.size(1):>5}"
    text += "%s and %s" % (x.size(0), x.shape) + str(x.size(1)) + "{}".format(x.size())  # noqa: UP031, UP032
    return x if text else x[0]


SYMBOLIC: list[Idiom] = [
    ("zeros", lambda x: torch.zeros(x.size(0), 5), "(B, 5)"),
    ("zeros of a tuple", lambda x: torch.zeros((2, x.size(0), 5)), "(2, B, 5)"),
    ("randn by keyword", lambda x: torch.randn(size=(x.size(0), 5)), "(B, 5)"),
    ("new_zeros", lambda x: x.new_zeros(x.size(0), 5, x.shape[1]), "(B, 5, T)"),
    ("new_full", lambda x: x.new_full((x.size(0), x.size(1)), 2.0), "(B, T)"),
    ("new", lambda x: x.new(x.size(0), 5).zero_(), "(B, 5)"),
    ("like", lambda x: torch.zeros_like(x) + torch.full_like(x, 2.0), "(B, T, 3)"),
    ("torch.Tensor", lambda x: torch.Tensor(x.size(0), 4).uniform_(-1, 1), "(B, 4)"),
    ("torch.FloatTensor", lambda x: torch.FloatTensor(x.size(0), 4).zero_(), "(B, 4)"),
    ("torch.LongTensor", lambda x: torch.LongTensor(x.size(1)).fill_(1), "(T,)"),
    ("torch.Tensor of a list", lambda x: torch.Tensor([1, 2]) + x.sum(), "(2,)"),
    ("arange", lambda x: torch.arange(x.size(1), device=x.device), "(T,)"),
    ("triu", lambda x: torch.triu(torch.ones(x.size(1), x.size(1)), diagonal=1).bool(), "(T, T)"),
    ("unpacked", unpacked, "(B, 3*T)"),
    ("starred", lambda x: torch.zeros(*x.shape[:-1], 7), "(B, T, 7)"),
    ("shape plus tuple", lambda x: torch.zeros(x.shape[:-1] + (7,)), "(B, T, 7)"),  # noqa: RUF005
    ("list of shape", lambda x: x.view([*x.shape]).reshape(list(x.size())), "(B, T, 3)"),
    ("len", lambda x: torch.zeros(len(x)), "(B,)"),
    ("numel", lambda x: x.view(x.numel() // (x.size(1) * 3), x.size(1), 3), "(B, T, 3)"),
    ("math.prod", lambda x: x.reshape(math.prod(x.shape[:-1]), 3), "(B*T, 3)"),
    ("product in a loop", product_of_sizes, "(B*T, 3)"),
    ("sum of sizes", lambda x: torch.zeros(sum([x.size(1)] * 3)), "(3*T,)"),
    ("max", lambda x: torch.zeros(max(x.size(1), 7)), "(max(T,7),)"),
    ("min in a slice", lambda x: x[:, : min(7, x.size(1))], "(B, min(T,7), 3)"),
    ("floor division", lambda x: x[:, : x.size(1) // 2], "(B, T//2, 3)"),
    ("math.floor", lambda x: x[:, : math.floor(x.size(1) / 2)], "(B, T//2, 3)"),
    ("math.ceil", lambda x: x[:, : math.ceil(x.size(1) / 2)], "(B, (T+1)//2, 3)"),
    ("round", lambda x: torch.zeros(round(x.size(1) * 2.0)), "(2*T,)"),
    ("divmod", quotient_and_rest, "(T,)"),
    ("abs", lambda x: torch.zeros(abs(-x.size(1))), "(T,)"),
    ("shift", lambda x: torch.zeros(x.size(1) << 1, x.size(0) >> 1), "(2*T, B//2)"),
    ("even", lambda x: torch.zeros(x.size(1) & ~1) if False else x, "(B, T, 3)"),
    ("formatted", formatted, "(B, T, 3)"),
    ("slice from", lambda x: x[:, 1:], "(B, T-1, 3)"),
    ("negative slice", lambda x: x[:, -1:], "(B, 1, 3)"),
    ("math.sqrt", lambda x: x / math.sqrt(x.size(-2)), "(B, T, 3)"),
    ("power", lambda x: x * x.size(-2) ** -0.5, "(B, T, 3)"),
    ("np.sqrt of a constant", lambda x: x / np.sqrt(x.size(-1)), "(B, T, 3)"),
    ("torch.sqrt", lambda x: x / torch.sqrt(torch.tensor(x.size(1)).float()), "(B, T, 3)"),
    ("mean by hand", lambda x: x.sum(1) / x.size(1), "(B, 3)"),
    ("scale factor", lambda x: F.interpolate(x, size=x.size(2) * 2), "(B, T, 6)"),
    ("expand", lambda x: x[:, :1].expand(-1, x.size(1), -1), "(B, T, 3)"),
    ("repeat", lambda x: x[:, :1].repeat(1, x.size(1), 1), "(B, T, 3)"),
    ("last step", lambda x: x[torch.arange(x.size(0)), -1], "(B, 3)"),
    ("float('inf')", lambda x: x if x.size(1) < float("inf") else None, "(B, T, 3)"),
]


@pytest.mark.parametrize(
    ("function", "shape"), [case[1:] for case in SYMBOLIC], ids=[c[0] for c in SYMBOLIC]
)
def test_size_stays_symbolic(function: Callable[..., object], shape: str) -> None:
    report = agrees(function, "B T 3", sizes={"B": [1, 2, 5], "T": [2, 3, 8]})
    assert _text(report.outputs) == shape
    assert is_symbolic(report)


@pytest.mark.parametrize("function", [case[1] for case in SYMBOLIC], ids=[c[0] for c in SYMBOLIC])
def test_graph_computes_the_sizes(function: Callable[..., object]) -> None:
    module = shapeflow.check(function, "B T 3").graph_module
    for batch, time in ((2, 4), (3, 7), (1, 8)):
        x = torch.rand(batch, time, 3)
        torch.manual_seed(0)
        expected = function(x.clone())
        torch.manual_seed(0)
        found = module(x.clone())
        assert torch.equal(found, expected) or found.shape == expected.shape == (batch, 4)


NUMBERS: list[Idiom] = [
    ("int", lambda x: x[:, : int(x.size(1) / 2)], "(B, T//2, 3)"),
    ("int of a product", lambda x: torch.zeros(int(x.size(1) * 2)), "(2*T,)"),
    ("numpy product", lambda x: x.reshape(int(np.prod(x.shape[:-1])), 3), "(B*T, 3)"),
    ("Size.numel", lambda x: x.reshape(x.shape[:-1].numel(), 3), "(B*T, 3)"),
    ("integer tensor", lambda x: torch.zeros(torch.IntTensor([x.size(1), 3]).tolist()), "(T, 3)"),
]


@pytest.mark.parametrize(
    ("function", "shape"), [case[1:] for case in NUMBERS], ids=[c[0] for c in NUMBERS]
)
def test_size_comes_back_from_a_number(function: Callable[..., object], shape: str) -> None:
    report = agrees(function, "B T 3", sizes={"B": [1, 2, 5], "T": [2, 3, 8]})
    assert _text(report.outputs) == shape


def test_rounding_goes_to_even_as_in_python() -> None:
    agrees(
        lambda x: x.new_zeros(round(x.size(0) / 2), round(x.size(0) * 0.75)),
        "T",
        sizes={"T": range(1, 20)},
    )


def test_rank_questions_have_answers() -> None:
    def forward(x: Tensor, state: Tensor | None = None) -> Tensor:
        assert isinstance(x, torch.Tensor)
        assert torch.is_tensor(x)
        if state is None:
            state = x.new_zeros(x.size(0), 3)
        if x.dim() == 2 or x.ndim == 1 or len(x.shape) == 4:
            return x
        return x.sum(1) + state

    assert is_symbolic(agrees(forward, "B T 3"))


def _text(tree: object) -> str:
    if isinstance(tree, tuple):
        return f"({', '.join(map(_text, tree))}{',' * (len(tree) == 1)})"
    return str(tree)
