"""Saved weights beside a model: what PyTorch refuses is told, what it takes is valid."""

import json
import os
import pickle
import struct
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import nn

import shapeflow
from shapeflow import ShapeflowError, check_state_dict


class Scorer(nn.Module):
    """An embedding, a recurrent layer, a convolution and a head."""

    def __init__(self, hidden: int = 32, layers: int = 2, kind: Any = nn.LSTM, **more: Any) -> None:
        super().__init__()
        self.embedding = nn.Embedding(50, 20)
        self.rnn = kind(20, hidden, layers, batch_first=True, **more)
        self.conv = nn.Conv1d(12, 24, 3, groups=4)
        self.norm = nn.BatchNorm1d(24)
        self.head = nn.Linear(8, 12)


SAVED = Scorer().state_dict()


def takes(model: nn.Module, state: Any, strict: bool = True) -> bool:
    """PyTorch's own answer."""
    try:
        model.load_state_dict(state, strict=strict)
    except RuntimeError:
        return False
    return True


def renamed(old: str, new: str) -> dict[str, Any]:
    return {name.replace(old, new): tensor for name, tensor in SAVED.items()}


@pytest.mark.parametrize(
    ("model", "state", "words"),
    [
        (Scorer(hidden=16), SAVED, "saved with hidden_size=32, this nn.LSTM has hidden_size=16"),
        (Scorer(layers=1), SAVED, "saved with num_layers=2, this nn.LSTM has num_layers=1"),
        (Scorer(kind=nn.GRU), SAVED, "saved from nn.LSTM, this is nn.GRU"),
        (Scorer(kind=nn.RNN, layers=3), SAVED, "saved from nn.LSTM with num_layers=2"),
        (Scorer(bidirectional=True), SAVED, "saved with bidirectional=False"),
        (Scorer(proj_size=5), SAVED, "saved with proj_size=0, this nn.LSTM has proj_size=5"),
        (Scorer(), Scorer(proj_size=5).state_dict(), "saved with proj_size=5"),
        (Scorer(bias=False), SAVED, "saved with bias=True, this nn.LSTM has bias=False"),
        (nn.GRUCell(3, 4), nn.LSTMCell(3, 4).state_dict(), "saved from nn.LSTMCell"),
        (nn.Linear(3, 4), nn.Linear(5, 4).state_dict(), "saved with in_features=5"),
        (nn.Linear(3, 4), nn.Linear(3, 4, bias=False).state_dict(), "no bias"),
        (nn.Embedding(9, 4), nn.Embedding(8, 4).state_dict(), "saved with num_embeddings=8"),
        (nn.LayerNorm(6), nn.LayerNorm((2, 6)).state_dict(), "saved with normalized_shape=(2, 6)"),
        (nn.Conv2d(8, 4, 3, groups=2), nn.Conv2d(4, 4, 3, groups=2).state_dict(), "in_channels=4"),
        (nn.ConvTranspose1d(4, 6, 3), nn.ConvTranspose1d(4, 6, 5).state_dict(), "size=(5,)"),
        (nn.BatchNorm2d(3), nn.BatchNorm2d(4).state_dict(), "saved with num_features=4"),
        (nn.MultiheadAttention(8, 2), nn.MultiheadAttention(6, 2).state_dict(), "embed_dim=6"),
        (Scorer(), renamed("head", "classifier"), "no head.weight and head.bias, but those of"),
        (Scorer(), {f"module.{n}": t for n, t in SAVED.items()}, "begin with 'module.'"),
        (nn.Sequential(Scorer()), SAVED, "begin with '0.'"),
        (Scorer(), {**SAVED, "step": torch.zeros(())}, "the saved weights have step"),
        (Scorer(), {n: t for n, t in SAVED.items() if "embed" not in n}, "no embedding.weight"),
    ],
)  # fmt: skip
def test_what_pytorch_refuses_is_told(model: nn.Module, state: Any, words: str) -> None:
    report = check_state_dict(model, state)
    assert not takes(model, state)
    assert report.verdict == "unsatisfiable" and not report.ok
    assert words in " ".join(finding.message for finding in report.findings)
    assert all(finding.pytorch_message for finding in report.findings)
    assert report.findings[0].location is not None
    assert report.findings[0].location.file.endswith("test_checkpoints.py")


@pytest.mark.parametrize(
    ("model", "strict"),
    [(Scorer(), True), (nn.Sequential(Scorer()), False), (nn.Linear(3, 4), False)],
)
def test_what_pytorch_takes_is_valid(model: nn.Module, strict: bool) -> None:
    report = check_state_dict(model, SAVED, strict=strict)
    assert takes(model, SAVED, strict)
    assert report.verdict == "valid" and report.ok


def test_a_change_of_the_layer_is_tried() -> None:
    (finding,) = check_state_dict(Scorer(hidden=16), SAVED).findings
    (fix,) = finding.fixes
    assert fix.text == "make rnn with hidden_size=32" and fix.verified
    assert fix.location is not None and "self.rnn = kind(" in fix.location.text


def test_a_layer_that_no_other_argument_helps_has_no_verified_fix() -> None:
    state = nn.LSTM(3, 4, 2).state_dict()
    state["weight_hh_l1"] = torch.zeros(16, 5)
    (finding,) = check_state_dict(nn.LSTM(3, 4, 2), state).findings
    assert "weight_hh_l1 is (16, 4), but was saved as (16, 5)" in finding.message
    assert not any(fix.verified for fix in finding.fixes)


class Renaming(nn.Linear):
    """Puts the names of an older version right."""

    def _load_from_state_dict(self, state_dict: Any, prefix: str, *args: Any) -> None:
        state_dict[f"{prefix}weight"] = state_dict.pop(f"{prefix}w", state_dict.get("weight"))
        super()._load_from_state_dict(state_dict, prefix, *args)


def test_what_a_model_does_with_names_counts() -> None:
    saved = {"w": torch.zeros(4, 3), "bias": torch.zeros(4)}
    assert takes(Renaming(3, 4), saved)
    assert check_state_dict(Renaming(3, 4), saved).ok


def test_lazy_modules_take_any_shape() -> None:
    assert check_state_dict(nn.LazyLinear(4), nn.Linear(7, 4).state_dict()).ok


def test_nothing_is_changed() -> None:
    model = Scorer(hidden=16)
    before = {name: tensor.clone() for name, tensor in model.state_dict().items()}
    check_state_dict(model, SAVED)
    check_state_dict(Scorer(), SAVED)
    after = model.state_dict()
    assert all(torch.equal(before[name], after[name]) for name in before)


# -- files -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("new", [True, False])
def test_files_of_torch_save(tmp_path: Path, new: bool) -> None:
    file = tmp_path / "weights.pt"
    torch.save({"epoch": 3, "model": SAVED}, file, _use_new_zipfile_serialization=new)
    report = check_state_dict(Scorer(), file)
    assert report.ok and report.notes == ("the weights stand under 'model' in the file",)
    assert "hidden_size=32" in str(check_state_dict(Scorer(hidden=16), str(file)))


def safetensors(file: Path, shapes: dict[str, tuple[int, ...]]) -> None:
    """A safetensors file whose data is a hole."""
    header, end = {}, 0
    for name, shape in shapes.items():
        start, end = end, end + 4 * torch.Size(shape).numel()
        header[name] = {"dtype": "F32", "shape": list(shape), "data_offsets": [start, end]}
    text = json.dumps({**header, "__metadata__": {"format": "pt"}}).encode()
    with open(file, "wb") as out:
        out.write(struct.pack("<Q", len(text)) + text)
        out.truncate(8 + len(text) + end)


def test_large_safetensors_are_not_read(tmp_path: Path) -> None:
    file = tmp_path / "model.safetensors"
    safetensors(file, {"weight": (1 << 16, 40_000), "bias": (1 << 16,)})
    assert os.path.getsize(file) > 10**10
    with torch.device("meta"):
        good, bad = nn.Linear(40_000, 1 << 16), nn.Linear(30_000, 1 << 16)
    assert check_state_dict(good, file).ok
    assert "in_features=40000" in str(check_state_dict(bad, file))


def test_sharded_weights(tmp_path: Path) -> None:
    safetensors(tmp_path / "a.safetensors", {"weight": (4, 3)})
    safetensors(tmp_path / "b.safetensors", {"bias": (4,)})
    index = tmp_path / "model.safetensors.index.json"
    named = {"weight": "a.safetensors", "bias": "b.safetensors"}
    index.write_text(json.dumps({"weight_map": named}))
    assert check_state_dict(nn.Linear(3, 4), index).ok


class Harmful:
    """Pickles to a call."""

    def __reduce__(self) -> Any:
        return (os.mkdir, ("harm",))


def test_a_harmful_pickle_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    torch.save({"weight": Harmful()}, "bad.pt")
    Path("old.pt").write_bytes(pickle.dumps(Harmful(), protocol=2))
    for name in ("bad.pt", "old.pt"):
        with pytest.raises(ShapeflowError, match=r"since \w+\.mkdir in it could run"):
            check_state_dict(nn.Linear(3, 4), name)
    assert not Path("harm").exists()


def test_bad_input_is_one_sentence(tmp_path: Path) -> None:
    text, damaged = tmp_path / "notes.txt", tmp_path / "a.safetensors"
    text.write_text("no weights")
    damaged.write_bytes(b"\x00" * 4)
    two = tmp_path / "two.pt"
    torch.save({"model": SAVED, "ema": SAVED}, two)
    none = tmp_path / "none.pt"
    torch.save({"epoch": 3}, none)
    model = nn.Linear(3, 4)
    for source, words in [
        (text, "is no file that torch.save has written"),
        (damaged, "is no safetensors file"),
        (two, "holds several sets of weights, 'model' and 'ema'"),
        (none, "holds no weights"),
        (tmp_path, "is a folder"),
        (tmp_path / "x.pt", "does not exist"),
        (3, "weights are a state_dict or the path of a file, not int"),
    ]:
        with pytest.raises(ShapeflowError, match=words) as caught:
            check_state_dict(model, source)
        assert "\n" not in str(caught.value)
    with pytest.raises(ShapeflowError, match=r"loaded by an nn\.Module, not builtin"):
        check_state_dict(torch.relu, SAVED)


def test_formats_and_command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    from shapeflow.cli import main

    report = check_state_dict(nn.Linear(3, 4), nn.Linear(5, 4).state_dict())
    assert json.loads(report.to_json())["verdict"] == "unsatisfiable"
    assert report.to_sarif()
    with pytest.raises(shapeflow.ShapeError, match="does not take the saved weights"):
        report.raise_if_failed()
    torch.save(nn.Linear(5, 4).state_dict(), tmp_path / "w.pt")
    sizes = ["--init", "in_features=3", "--init", "out_features=4"]
    assert main(["weights", "torch.nn:Linear", str(tmp_path / "w.pt"), *sizes]) == 1
    assert "saved with in_features=5" in capsys.readouterr().out
    assert main(["weights", "torch.nn:Linear", str(tmp_path / "x.pt"), *sizes]) == 2
