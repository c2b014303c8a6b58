"""A model's report held against PyTorch at drawn sizes."""

import random
from typing import Any

import pytest
import torch

from shapeflow import ShapeflowError, check
from shapeflow.core.notation import parse_fact
from shapeflow.report import Report
from shapeflow.testing import against_torch, compare
from shapeflow.testing.against import alike
from shapeflow.testing.ask import Answer
from shapeflow.testing.sampling import draws


class Tagger(torch.nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.rnn = torch.nn.GRU(3, 4, batch_first=True)

    def forward(self, x: Any, hx: Any) -> Any:
        out, _ = self.rnn(x, hx)
        return out[:, 3:] if x.size(1) > 5 else out, out > 0


def test_a_right_report_agrees() -> None:
    found = against_torch(Tagger(), ("B T 3", "1 N 4"), n=60)
    assert found.ok, str(found)
    assert found.compared == 60
    assert 10 < found.accepted < 60
    assert "agrees with PyTorch at 60 sizes" in str(found)
    found.raise_if_failed()


def test_specs_by_name_alone_and_nested() -> None:
    assert against_torch(Tagger(), {"hx": "1 B 4", "x": "B T 3"}, n=10).ok
    assert against_torch(torch.nn.ReLU(), "B T", n=5).ok
    assert against_torch(lambda xs: torch.cat(xs, 1), (["B T", "N T"],), n=20).ok


@pytest.mark.parametrize("device", ["cpu", "meta"])
def test_either_device_answers(device: str) -> None:
    assert against_torch(Tagger(), ("B T 3", "1 N 4"), n=20, device=device).ok


def test_declared_facts_hold_at_all_sizes() -> None:
    def half(x: Any) -> Any:
        assert x.size(0) % 2 == 0
        return x.view(2, -1)

    found = against_torch(half, "B", n=40, where="B % 2 == 0")
    assert found.ok
    assert found.accepted == found.compared > 3


def test_a_wrong_report_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Report, "accepts", lambda self, **sizes: sizes["N"] != sizes["B"])
    found = against_torch(Tagger(), ("B T 3", "1 N 4"), n=40)
    assert {d.kind for d in found.disagreements} == {"false valid", "false alarm"}
    assert "disagrees with PyTorch at 40 of 40 sizes" in str(found)
    assert "Expected hidden size" in str(found)
    with pytest.raises(AssertionError, match="disagrees with PyTorch"):
        found.raise_if_failed()


def test_wrong_shapes_and_dtypes_are_told() -> None:
    report = check(torch.nn.Linear(3, 4), "B 3")
    for answer, kinds in (
        (Answer(True, (5, 4), ("float32",)), []),
        (Answer(True, (5, 3), ("float32",)), ["shape"]),
        (Answer(True, (5, 4), ("float64",)), ["dtype"]),
        (Answer(False, message="no"), ["false valid"]),
    ):
        assert [d.kind for d in compare(report, {"B": 5}, answer)] == kinds


def test_several_ranks_are_refused() -> None:
    with pytest.raises(ShapeflowError, match="several ranks"):
        against_torch(torch.nn.ReLU(), "... F")


def test_the_same_seed_draws_the_same_sizes() -> None:
    sizes = []
    for _ in range(2):
        seen: list[tuple[int, ...]] = []

        def note(x: Any, seen: list[tuple[int, ...]] = seen) -> Any:
            seen.append(tuple(x.shape))
            return x

        against_torch(note, "B T", n=30, seed=5)
        sizes.append(seen[1:])
    assert sizes[0] == sizes[1]
    assert len(set(sizes[0])) == 30


def test_boundaries_are_drawn() -> None:
    relation = parse_fact("T >= 17")
    found = draws(["T"], [relation], random.Random(0))
    seen = {next(found)["T"] for _ in range(100)}
    assert {1, 16, 17} <= seen


def test_equations_between_symbols_are_met_and_broken() -> None:
    relation = parse_fact("2*B == T")
    found = draws(["B", "T"], [relation], random.Random(0))
    answers = [relation.at(next(found)) for _ in range(100)]
    assert 20 < sum(answers) < 80


def test_zero_is_drawn_where_it_may_be() -> None:
    found = draws(["B", "T"], [], random.Random(0), zeros=["T"])
    seen = [next(found) for _ in range(200)]
    assert any(sizes["T"] == 0 for sizes in seen)
    assert all(sizes["B"] > 0 for sizes in seen)


def test_sizes_of_data_are_like_anything() -> None:
    said = check(lambda x: x.nonzero(), "B T").outputs
    assert alike(said, (5, 2))
    assert not alike(said, (5, 3))


def test_a_model_whose_weights_are_computed_can_be_copied() -> None:
    model = torch.nn.LSTM(3, 4)
    for name in ("weight_hh_l0", "weight_ih_l0"):
        model = torch.nn.utils.weight_norm(model, name)
    kept = model.weight_hh_l0
    assert against_torch(model, "T B 3", n=10).accepted == 10
    assert model.weight_hh_l0 is kept


def test_lengths_are_no_zeros() -> None:
    def forward(x: Any, lengths: Any) -> Any:
        return torch.nn.utils.rnn.pack_padded_sequence(x, lengths)[0].sum()

    found = against_torch(forward, ("T B 3", "B:int64"), n=10)
    assert found.ok
    assert found.accepted == 10


def test_arguments_that_torch_overlooks_under_a_mode() -> None:
    def model(x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
        return torch.nn.functional.l1_loss(x, y, reduction="none", weight=y)

    against_torch(model, ("3 N", "3 2"), n=20).raise_if_failed()
