"""Branches whose sides come together again are no ways of their own, and others stay apart."""

import sys
from collections.abc import Callable

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn

import shapeflow
from tests.agreement import agrees

SIZES = {"B": [1, 2], "H": [1, 2, 3, 4, 6, 7, 8, 12], "W": [1, 3, 4, 5, 12]}


class Windows(nn.Module):
    """Pads to a multiple of the window, mixes within each window, and crops."""

    def __init__(self, window: int) -> None:
        super().__init__()
        self.window = window
        self.mix = nn.Linear(4, 4)

    def forward(self, x: Tensor) -> Tensor:
        batch, height, width, channels = x.shape
        n = self.window
        below, right = (n - height % n) % n, (n - width % n) % n
        if below > 0 or right > 0:
            x = F.pad(x, (0, 0, 0, right, 0, below))
        rows, columns = x.shape[1] // n, x.shape[2] // n
        y = x.view(batch, rows, n, columns, n, channels).transpose(2, 3)
        y = self.mix(y).transpose(2, 3).reshape(batch, rows * n, columns * n, channels)
        if below > 0 or right > 0:
            y = y[:, :height, :width].contiguous()
        return y


def padded(x: Tensor) -> Tensor:
    for n in (2, 3, 5, 7):
        if x.size(1) % n:
            x = F.pad(x, (0, 0, 0, (n - x.size(1) % n) % n))
    return x


class Even(nn.Module):
    """Makes both axes even, as far as they are not, before it halves them."""

    def __init__(self) -> None:
        super().__init__()
        self.reduce = nn.Conv2d(2, 2, 2, 2)

    def forward(self, x: Tensor) -> Tensor:
        height, width = x.shape[-2:]
        odd = height % 2 == 1 or width % 2 == 1
        if odd:
            extra = (0, width % 2, 0, height % 2)
            x = F.pad(x, extra)
        return self.reduce(x)


def test_windows_are_one_way() -> None:
    model = nn.Sequential(Windows(2), Windows(3)).eval()
    report = shapeflow.check(model, "B H W 4")
    assert (report.verdict, len(report.paths)) == ("valid", 1)
    agrees(model, "B H W 4", sizes=SIZES)


def test_halving_after_padding_is_one_way() -> None:
    model = nn.Sequential(Even(), Even(), Even()).eval()
    report = shapeflow.check(model, "B 2 H W")
    assert (report.verdict, len(report.paths)) == ("valid", 1)
    assert report.output_shapes(B=2, H=9, W=16) == (2, 2, 2, 2)
    agrees(model, "B 2 H W", sizes=SIZES)


def test_padding_in_a_row_is_one_way() -> None:
    assert len(shapeflow.check(padded, "B H 3").paths) == 1
    agrees(padded, "B H 3", sizes=SIZES)


class Remembering(nn.Module):
    """A branch that changes more than variables: later ones depend on it."""

    def forward(self, x: Tensor) -> Tensor:
        self.long = False
        if x.size(1) > 3:
            self.long = True
        if x.size(0) > 1:
            x = x.clone()
        if x.size(2) > 2 and self.long:
            return x.sum(2)
        return x.sum(1) if self.long else x


def flagged(x: Tensor) -> Tensor:
    flag = 0
    if x.size(1) > 3:
        flag = 1
    if x.size(0) > 1:
        x = x.clone()
    if x.size(2) > 2:
        x = x.sin()
    return x[flag:]


def listed(x: Tensor) -> Tensor:
    parts = [x]
    if x.size(1) > 3:
        parts.append(x)
    if x.size(0) > 1:
        parts.append(x)
    if x.size(2) > 2:
        parts.append(x)
    return torch.cat(parts)


def returning(x: Tensor) -> Tensor:
    if x.size(1) > 3:
        return x
    if x.size(0) > 1:
        return x.sum(0)
    if x.size(2) > 2:
        return x.sum(1)
    return x.sum()


def demanding(x: Tensor) -> Tensor:
    if x.size(0) > 1:
        x = x.clone()
    if x.size(2) > 2:
        x = x.cos()
    if x.size(1) > 3:
        x = x + x.new_zeros(1, x.size(1), 3)
    return x


def in_turn(x: Tensor) -> Tensor:
    steps = 0
    for n in (2, 3, 4):
        if x.size(1) < n:
            continue
        steps += 1
    return x.new_zeros(steps, 2)


APART: list[Callable[..., object]] = [
    Remembering(), flagged, listed, returning, demanding, in_turn,
]  # fmt: skip


@pytest.mark.parametrize("model", APART)
def test_what_differs_stays_apart(model: Callable[..., object]) -> None:
    agrees(model, "B H W", sizes={"B": [1, 2, 3], "H": [1, 2, 3, 4, 5], "W": [1, 2, 3, 4]})


def test_nobody_is_traced_afterwards() -> None:
    shapeflow.check(padded, "B H 3")
    assert sys.gettrace() is None


def test_under_a_debugger_the_answer_is_right_too() -> None:
    def watch(*arguments: object) -> None:
        return None

    sys.settrace(watch)
    try:
        agrees(padded, "B H 3", sizes={"B": [1], "H": [1, 2, 5, 6]})
        assert sys.gettrace() is watch
    finally:
        sys.settrace(None)
