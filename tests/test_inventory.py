"""The inventory says what is so, and nothing that the layers of torch consist of is left out."""

import json
from functools import cache

import pytest
import torch

from shapeflow import inventory
from shapeflow.inventory import families, operators
from shapeflow.inventory.calls import calls
from shapeflow.inventory.inventory import DATA, KINDS, OTHER, PROBED, RULE, judged, share
from shapeflow.trace.targets import name_of
from tests.ops.layers import TABLE


@cache
def items() -> tuple[inventory.Item, ...]:
    """The inventory, taken once."""
    return tuple(inventory.inventory())


def kind_of(family: str, name: str) -> str:
    """The kind of one callable."""
    (found,) = [i for i in items() if (i.family, i.name) == (family, name)]
    return found.kind


def test_layers_that_have_a_rule_are_those_that_were_really_run() -> None:
    ruled = {i.name for i in items() if i.family == "torch.nn" and i.kind == RULE}
    assert ruled - {line.name for line in TABLE} == {"Sequential"}
    assert not [i for i in items() if i.family == "torch.nn" and i.kind == PROBED]


def test_every_overridable_public_function_is_listed() -> None:
    names = {f"{i.family}.{i.name}" for i in items()}
    named = {torch.overrides.resolve_name(f) or "" for f in families.overridable()}
    named = {name.removesuffix(".__get__").removeprefix("torch.functional.") for name in named}
    public = {n for n in named if not n.rpartition(".")[2].startswith("_") and n[:5] == "torch"}
    assert public - names <= {"torch.autocast"}


@pytest.mark.parametrize(
    ("family", "name", "kind"),
    [
        ("torch", "cat", RULE),
        ("torch.nn", "LSTM", RULE),
        ("torch.nn.functional", "conv2d", RULE),
        ("torch.linalg", "inv", RULE),
        ("torch.fft", "fftfreq", RULE),
        ("torch.nn.utils.rnn", "pad_packed_sequence", RULE),
        ("torch", "nonzero", DATA),
        ("torch", "unique", DATA),
        ("torch.Tensor", "item", DATA),
        ("torch", "allclose", DATA),
        ("torch.nn", "ModuleList", OTHER),
        ("torch.Tensor", "dtype", OTHER),
        ("torch.Tensor", "crow_indices", OTHER),
        ("torch.Tensor", "q_scale", OTHER),
        ("torch", "miopen_rnn", OTHER),
        ("torch", "manual_seed", OTHER),
        ("torch", "is_tensor", OTHER),
    ],
)
def test_kind(family: str, name: str, kind: str) -> None:
    assert kind_of(family, name) == kind


def test_a_function_without_anything_to_say_is_probed() -> None:
    assert judged(torch._standard_gamma_grad) == ("torch._standard_gamma_grad", PROBED, "")


def test_python_is_as_good_as_what_it_calls() -> None:
    assert torch.nn.functional.pad in calls(torch.nn.Conv2d.forward, torch.nn.Conv2d)
    assert torch.conv2d in calls(torch.nn.Conv2d.forward, torch.nn.Conv2d)


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("add", ""),
        ("select_copy", ""),
        ("sparse_dim", "for sparse tensors"),
        ("int_repr", "for quantized tensors"),
        ("batch_norm_stats", "has no kernel for the CPU"),
    ],
)
def test_kernels(name: str, reason: str) -> None:
    assert operators.kernels(name) == reason


@pytest.mark.parametrize(
    ("name", "depends"),
    [
        ("nonzero", True),
        ("unique", True),
        ("linalg_lstsq", True),
        ("add", False),
        ("ctc_loss", False),
    ],
)
def test_tags(name: str, depends: bool) -> None:
    assert operators.is_data_dependent(name) == depends


def test_results_of_operators() -> None:
    assert operators.returned("is_neg") == "returns bool"
    assert operators.returned("frexp") == ""


def test_share_leaves_out_what_has_no_shape_of_its_own() -> None:
    def item(target: str, kind: str, overridable: bool = True) -> inventory.Item:
        return inventory.Item("torch", target, target, kind, "", overridable)

    listed = [item("a", RULE), item("a", RULE), item("b", PROBED), item("c", RULE, False)]
    assert share([*listed, item("d", DATA), item("e", OTHER)]) == (1, 2)


def test_json_has_all(capsys: pytest.CaptureFixture[str]) -> None:
    assert inventory.main(["--format", "json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert len(found["operations"]) == len(items())
    assert {name for counts in found["families"].values() for name in counts} == set(KINDS)


def test_missing_shows_nothing_that_has_a_rule(capsys: pytest.CaptureFixture[str]) -> None:
    assert inventory.main(["--missing", "--format", "json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert {operation["kind"] for operation in found["operations"]} <= {PROBED}


def test_text_has_a_line_for_each(capsys: pytest.CaptureFixture[str]) -> None:
    inventory.main([])
    lines = capsys.readouterr().out.splitlines()
    assert "torch.cat\trule\t[(*A, n_i, *B), ..] -> (*A, sum(n_i), *B)" in lines
    assert sum("\t" in line for line in lines) == len(items())


def test_names_of_python_properties() -> None:
    getter = vars(torch.Tensor)["__cuda_array_interface__"].__get__
    assert name_of(getter) == "Tensor.__cuda_array_interface__"
