"""Asked backwards: the sizes of inputs that would do, which PyTorch takes at their bounds only."""

from typing import Any

import pytest
import torch
from torch import nn

import shapeflow
from shapeflow.diagnose.diagnostic import Fix
from tests.agreement import outcome


class Flat(nn.Module):
    """Convolutions and a head that counts their pixels."""

    def __init__(self, features: int, *layers: nn.Module) -> None:
        super().__init__()
        self.body, self.head = nn.Sequential(*layers), nn.Linear(features, 10)

    def forward(self, x, extra=None):
        found = self.head(self.body(x).flatten(1))
        return found if extra is None else found + extra.mean(1, keepdim=True)


class Fold(nn.Module):
    """Steps are folded, four at a time, into features."""

    def __init__(self) -> None:
        super().__init__()
        self.rnn = nn.GRU(12, 5, batch_first=True)
        self.head = nn.Linear(5 * 6, 2)

    def forward(self, x):
        out, _ = self.rnn(x.unflatten(1, (-1, 4)).flatten(2))
        return self.head(out.flatten(1))


class Stated(nn.Module):
    """A model that says itself that it cannot go on."""

    def forward(self, x):
        x = nn.functional.max_pool2d(x, 4)
        if x.size(2) != 2:
            raise ValueError("the rows must be two")
        return x.squeeze(2) if x.size(2) == 1 else x[:, :, 0]


POOLED = (nn.Conv2d(1, 4, 3, padding=1), nn.MaxPool2d(2), nn.MaxPool2d(2))
IMAGES = Flat(4 * 8 * 8, *POOLED)
SIGNALS = Flat(3 * 10, nn.Conv1d(8, 3, 5, stride=2))

CASES: list[tuple[nn.Module, str, str, int, int]] = [
    (IMAGES, "B 1 28 28", "pass x of shape (B, 1, n, n) where 32 <= n <= 35", 32, 35),
    (IMAGES, "B 1 H W", "pass x of shape (B, 1, n, n) where 32 <= n <= 35", 32, 35),
    (IMAGES, "B 1 H H", "pass x of shape (B, 1, n, n) where 32 <= n <= 35", 32, 35),
    (IMAGES, "B 1 28 33", "pass x of shape (B, 1, n, 33) where 32 <= n <= 35", 32, 35),
    (SIGNALS, "B 8 50", "pass x of shape (B, 8, n) where 23 <= n <= 24", 23, 24),
    (SIGNALS, "B 8 T", "pass x of shape (B, 8, n) where 23 <= n <= 24", 23, 24),
    (Fold(), "B 20 3", "pass x of shape (B, 24, 3)", 24, 24),
    (Stated(), "B 3 4 4", "pass x of shape (B, 3, n, n) where 8 <= n <= 11", 8, 11),
    (Stated(), "B 3 16 9", "pass x of shape (B, 3, n, 9) where 8 <= n <= 11", 8, 11),
]


def fixes(model: nn.Module, *specs: Any) -> tuple[Fix, ...]:
    errors = [f for f in shapeflow.check(model, *specs).findings if f.severity == "error"]
    return errors[0].fixes


@pytest.mark.parametrize(("model", "spec", "text", "least", "largest"), CASES)
def test_sizes_that_would_do(
    model: nn.Module, spec: str, text: str, least: int, largest: int
) -> None:
    found = [fix for fix in fixes(model, spec) if fix.text.startswith("pass")]
    assert [(fix.text, fix.verified) for fix in found] == [(text, True)]
    shape = text.partition("(")[2].partition(")")[0].split(", ")
    for n in (least - 1, least, largest, largest + 1):
        sizes = [{"n": n, "B": 2}.get(word) or int(word) for word in shape]
        if least == largest:
            sizes[1] = n
        assert (outcome(model, [torch.zeros(sizes)]) is not None) == (least <= n <= largest), n


def test_inputs_that_share_a_number_change_together() -> None:
    found = fixes(IMAGES, "B 1 28 28", "B 28")
    texts = [fix.text for fix in found if fix.text.startswith("pass")]
    assert texts == ["pass x of shape (B, 1, n, n) and extra of shape (B, n) where 32 <= n <= 35"]


@pytest.mark.parametrize(
    ("model", "spec"),
    [
        (Flat(7, nn.Conv1d(8, 3, 5, stride=2)), "B 8 50"),  # no multiple of the channels
        (Flat(3, nn.Conv1d(8, 3, 5, stride=2)), "B 8 50"),  # a tenth of the length
    ],
)
def test_nothing_is_passed_that_is_no_help(model: nn.Module, spec: str) -> None:
    assert not [fix for fix in fixes(model, spec) if fix.text.startswith("pass")]
