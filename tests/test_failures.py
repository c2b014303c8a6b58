"""Errors of PyTorch's, explained where they are raised."""

import subprocess
import sys
from typing import Any

import pytest
import torch
from torch import nn
from torch.nn.utils.rnn import pack_sequence

import shapeflow
from shapeflow.failures import HEAD


class Classifier(nn.Module):
    """A recurrent classifier whose head is too wide."""

    def __init__(self) -> None:
        super().__init__()
        self.rnn = nn.LSTM(3, 8, 2, batch_first=True)
        self.head = nn.Linear(16, 2)

    def forward(self, x, hx=None, mode="last"):
        out, _ = self.rnn(x, hx)
        return self.head(out[:, -1] if mode == "last" else out.sum(1))


def note(function: Any, *args: Any, kind: type[Exception] = RuntimeError) -> str:
    """What is added to the error of a call; the error itself is PyTorch's."""
    with pytest.raises(kind) as plain:
        function(*args)
    with pytest.raises(kind) as caught, shapeflow.explaining():
        function(*args)
    assert str(caught.value) == str(plain.value)
    return "\n".join(getattr(caught.value, "__notes__", ()))


def test_a_call_of_a_model() -> None:
    h = torch.zeros(2, 2, 8)
    text = note(Classifier(), torch.zeros(4, 7, 3), (h, h), "sum")
    assert text.startswith(HEAD)
    assert "error[SF204] rnn (nn.LSTM)" in text and "error[SF202] head (nn.Linear)" in text
    assert "fix (tried)" in text


def test_a_layer_alone_and_packed_sequences() -> None:
    packed = pack_sequence([torch.zeros(4, 5), torch.zeros(2, 5)])
    assert "expected 3, got 5" in note(nn.LSTM(3, 8), packed)


def test_weights_that_do_not_fit() -> None:
    text = note(nn.LSTM(3, 8).load_state_dict, nn.LSTM(3, 4).state_dict())
    assert "saved with hidden_size=4, this nn.LSTM has hidden_size=8" in text


def test_other_errors_stay_as_they_are() -> None:
    class Fails(nn.Module):
        def forward(self, x):
            raise KeyError("mine")

    class Values(nn.Module):
        def forward(self, x):
            return torch.linalg.cholesky(x)

    assert not note(Values(), torch.zeros(2, 2))
    assert "SF101" in note(Fails(), torch.zeros(2), kind=KeyError)
    assert not note(lambda: [][1], kind=IndexError)
    with shapeflow.explaining():
        result = torch.zeros(2) + 1
    assert result.sum() == 2


def test_what_cannot_be_analysed_hides_no_error(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*args: Any, **kwargs: Any) -> None:
        raise ZeroDivisionError("ours")

    monkeypatch.setattr("shapeflow.failures.check", broken)
    text = note(Classifier(), torch.zeros(4, 7, 3))
    assert text == "shapeflow failed (SF901) to explain this: ZeroDivisionError: ours"


PROGRAM = """
import sys, torch, shapeflow
from torch import nn
undo = shapeflow.install()
shapeflow.install()
if sys.argv[1] == "undo":
    undo()
nn.LSTM(3, 8)(torch.zeros(4, 7, 5))
"""


@pytest.mark.parametrize("word", ["keep", "undo"])
def test_installed_for_a_process(word: str) -> None:
    command = [sys.executable, "-c", PROGRAM, word]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "mat1 and mat2" in done.stderr or "input.size(-1)" in done.stderr
    assert done.stderr.count("shapeflow explains") == (word == "keep")
