"""Entries that must be equal are asked about once."""

from typing import Any

import torch

import shapeflow
from tests.agreement import agrees


def paths(model: Any, *specs: Any) -> list[tuple[str, ...]]:
    return [path.values for path in shapeflow.check(model, *specs).paths]


def test_the_same_question_has_the_same_answer() -> None:
    def forward(x: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        if mask.all():
            x = x[:, 1:]
        y = x * 2
        if not mask.all():
            y = y[:, 1:]
        return y

    report = agrees(forward, "B 5", "B 5:bool")
    assert report.outputs == (report.inputs["x"][0], 4)
    assert len(report.paths) == 2


def test_another_question_has_answers_of_its_own() -> None:
    def forward(x: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        if mask[:, 0].all():
            x = x[:, 1:]
        return x[:, 1:] if mask[:, 1].all() else x

    assert len(paths(forward, "B 5", "B 5:bool")) == 4


def test_what_was_written_in_between_is_asked_again() -> None:
    def written(x: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        view = mask[:, 0]
        if view.all():
            x = x[:, 1:]
        mask.fill_(True)
        return x[:, 1:] if view.all() else x

    def rectified(x: torch.Tensor) -> torch.Tensor:
        y = x * 1
        if (y < 0).any():
            x = x[:, 1:]
        torch.nn.functional.relu(y, True)
        return x[:, 1:] if (y < 0).any() else x

    assert len(paths(written, "B 5", "B 5:bool")) == 4
    assert len(paths(rectified, "B 5")) == 4


def test_chance_is_asked_again() -> None:
    def forward(x: torch.Tensor) -> torch.Tensor:
        if torch.rand(1) < 0.5:
            x = x[:, 1:]
        return x[:, 1:] if torch.rand(1) < 0.5 else x

    assert len(paths(forward, "B 5")) == 4


def test_a_loop_over_layers_asks_once() -> None:
    def forward(x: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        for _ in range(6):
            x = x + 1 if mask.any() else x.tanh()
        return x

    assert len(paths(forward, "B 5", "B 5:bool")) == 2


def test_slices_that_take_all_ask_nothing_new() -> None:
    def forward(x: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        steps = x.shape[1]
        if mask.all():
            return x
        if mask[:, :steps].all() and (~mask[:, steps:]).all():
            return x[:, 1:]
        return x * 2

    report = agrees(forward, "B T", "B T:bool")
    assert [path.outputs == report.inputs["x"] for path in report.paths] == [True, True]


def test_of_no_entries_all_are_true_and_not_any() -> None:
    def forward(x: torch.Tensor) -> torch.Tensor:
        nothing = x[:0]
        if nothing.any() or not (nothing > 0).all():
            return x.sum()
        return x

    report = agrees(forward, "B T")
    assert len(report.paths) == 1
