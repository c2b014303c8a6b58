"""The part of the zoo that needs no package, and what the harness itself promises."""

from dataclasses import replace

import pytest
import torch

from .entry import Entry, all_entries, three
from .judge import judge
from .photograph import differences, photograph
from .table import lines, totals

ENTRIES = all_entries()


@pytest.mark.parametrize(
    "entry", [e for e in ENTRIES if e.package == "torch"], ids=lambda entry: entry.name
)
def test_models_of_torch(entry: Entry) -> None:
    row = judge(entry)
    assert row.right, "\n".join(lines(row))
    assert not row.narrow


def test_names_are_unique() -> None:
    names = [entry.name for entry in ENTRIES]
    assert len(names) == len(set(names))


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.name)
def test_assignments_speak_of_the_same_symbols(entry: Entry) -> None:
    names = [set(sizes) for sizes in entry.sizes]
    assert names[0] == names[1] == names[2]
    assert len({tuple(sizes.values()) for sizes in entry.sizes}) == 3


def test_a_wrong_answer_is_told() -> None:
    class Changing(torch.nn.Module):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            if x.sum() > 1e9:
                return x
            raise RuntimeError("refused")

    row = judge(Entry("torch/Changing", Changing, {"x": "B 3"}, three("B")))
    assert not row.right
    assert row.agreed == 0
    assert row.narrow == []
    assert any("right in every respect" in what for what, _, _ in totals([row]))


def test_a_warning_needs_a_reason() -> None:
    class Mixed(torch.nn.Module):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return x.view(x.size(1), x.size(0), 3)

    entry = Entry("torch/Mixed", Mixed, {"x": "B T 3"}, three("B", "T"))
    row = judge(entry)
    assert row.agreed == 3
    assert not row.right
    assert [text[:5] for text in row.warnings] == ["SF505"]
    place = row.warnings[0].rpartition("[")[2].rstrip("]")
    assert judge(replace(entry, deserved={place: "a view in the place of a transposition"})).right


def test_a_spec_that_is_too_narrow_is_told() -> None:
    row = judge(Entry("torch/Tanh", torch.nn.Tanh, {"input": "B 3"}, three("B")))
    assert row.right
    assert row.narrow == ["input axis 1"]


def test_what_changes_is_seen() -> None:
    model = torch.nn.BatchNorm1d(3)
    model.seen = {"calls": [1]}
    before = photograph(model)
    assert differences(before, photograph(model)) == []
    model.seen["calls"].append(2)
    assert differences(before, photograph(model)) == [".seen"]
    model.seen["calls"].pop()
    model(torch.rand(2, 3))
    assert differences(before, photograph(model)) == ["torch", "._buffers", "state"]
