"""What is found for arguments of every kind: states, masks, lengths, lists, flags, hints."""

from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional as F
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

import shapeflow
from shapeflow.render.signature import signatures


class Decoder(nn.Module):
    """A recurrent language model with a pair of states of different widths, and its loss."""

    def __init__(self) -> None:
        super().__init__()
        self.embed = nn.Embedding(20, 4)
        self.rnn = nn.LSTM(4, 9, 2, batch_first=True, proj_size=5)
        self.out = nn.Linear(5, 20)

    def forward(self, words, wanted, states):
        y, states = self.rnn(self.embed(words), tuple(s.detach() for s in states))
        return F.cross_entropy(self.out(y).flatten(0, 1), wanted.reshape(-1)), states


class Unrolled(nn.Module):
    """A cell in a loop over time, which comes first."""

    def __init__(self) -> None:
        super().__init__()
        self.cell = nn.LSTMCell(3, 6)

    def forward(self, x, states):
        h, c = states
        steps = []
        for step in x:
            h, c = self.cell(step, (h, c))
            steps.append(h)
        return torch.stack(steps), h


class Packing(nn.Module):
    """Lengths in, a packed layer, a masked mean out."""

    def __init__(self) -> None:
        super().__init__()
        self.embed = nn.Embedding(30, 4)
        self.rnn = nn.GRU(4, 5, batch_first=True)

    def forward(self, words, lengths):
        x = pack_padded_sequence(self.embed(words), lengths, batch_first=True, enforce_sorted=False)
        out, _ = pad_packed_sequence(self.rnn(x)[0], batch_first=True, total_length=words.size(1))
        return out.sum(1) / lengths[:, None]


class Characters(nn.Module):
    """Words, and their letters with one axis more."""

    def __init__(self) -> None:
        super().__init__()
        self.words, self.letters = nn.Embedding(30, 4), nn.Embedding(9, 3)
        self.rnn = nn.LSTM(3, 2, bidirectional=True, batch_first=True)
        self.out = nn.Linear(8, 5)

    def forward(self, words, letters):
        batch, steps = words.shape
        states = self.rnn(self.letters(letters.view(batch * steps, -1)))[1][0]
        made = states.transpose(0, 1).reshape(batch, steps, 4)
        return self.out(torch.cat([self.words(words), made], -1))


class Tall(nn.Module):
    """Images of one height only, asserted."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(1, 4, 3, stride=4, padding=1)

    def forward(self, image):
        x = self.conv(image)
        assert x.size(2) == 2, "two rows are left"
        return x.mean(2)


def masked(x, mask):
    return x.masked_fill(mask, 0.0).softmax(-1)


def hinted(
    x: Tensor, states: tuple[Tensor, Tensor], more: list[Tensor], scale: float, flag: bool
) -> Tensor:
    h, c = states
    y = torch.cat([x, h, c, *more], -1) * scale
    return y.transpose(0, 1) if flag else y


class Prompted(nn.Module):
    """Patches of an image before words, which nearly fits for a single image, too."""

    def __init__(self) -> None:
        super().__init__()
        self.patches = nn.Conv2d(3, 6, 4, 4)
        self.embed = nn.Embedding(20, 6)

    def forward(self, image, words):
        return torch.cat([self.patches(image).flatten(2).transpose(1, 2), self.embed(words)], 1)


def optional(x: Tensor, bias: Tensor | None = None, size: int = 4) -> Tensor:
    return x if bias is None else x[..., :size] + bias.view(1, size)


def several(*parts):
    return torch.cat(parts, 1) @ torch.ones(6, 2)


def attention(query, memory, mask=None):
    scores = torch.bmm(query, memory.transpose(1, 2))
    if mask is not None:
        scores = scores.masked_fill(~mask.unsqueeze(1), -1e9)
    return torch.bmm(scores.softmax(-1), memory)


def counted(x, steps):
    for _ in range(steps):
        x = F.linear(x, torch.ones(3, 3))
    return x


FOUND: list[tuple[Any, list[str]]] = [
    (
        Decoder(),
        [
            "words (B, T), wanted (B, T), states ((2, B, 5), (2, B, 9)) -> (), "
            "((2, B, 5), (2, B, 9))"
        ],
    ),
    (Unrolled(), ["x (T, B, 3), states ((B, 6), (B, 6)) -> (T, B, 6), (B, 6)"]),
    (Packing(), ["words (B, T), lengths (B,) -> (B, 5)"]),
    (Characters(), ["words (B, T), letters (B, T, F) -> (B, T, 5)"]),
    (Prompted(), ["image (B, 3, H, W), words (B, T) -> (B, (H//4)*(W//4)+T, 6)"]),
    (Tall(), ["image (B, 1, H, W) -> (B, 4, (W-1)//4+1), where (H-1)//4 == 1"]),
    (masked, ["x (B, T, F), mask (B, T, F) -> (B, T, F)"]),
    (counted, ["x (B, T, 3), steps 3 -> (B, T, 3)"]),
    (attention, ["query (B, T, F), memory (B, S, F), mask (B, S) or None -> (B, T, F)"]),
    (optional, ["x (B, T, F) -> (B, T, F)"]),
]


@pytest.mark.parametrize(("model", "expected"), FOUND, ids=lambda x: getattr(x, "__name__", None))
def test_signature(model: Any, expected: list[str]) -> None:
    report = shapeflow.infer_shapes(model)
    assert report.ok
    assert any(note.startswith("PyTorch agrees at ") for note in report.notes)
    assert signatures(report)[: len(expected)] == expected


def test_lengths_and_words_are_whole_numbers() -> None:
    module = shapeflow.infer_shapes(Packing()).graph_module
    words, lengths = torch.zeros(2, 3, dtype=torch.int64), torch.tensor([3, 1])
    assert module(words, lengths).shape == (2, 5)


def test_hints_say_what_is_tried() -> None:
    report = shapeflow.infer_shapes(hinted)
    assert report.ok
    assert [len(report.inputs["states"]), len(report.inputs["more"])] == [2, 2]
    assert isinstance(report.inputs["more"], list)
    assert report.inputs["scale"] == 0.5 and report.inputs["flag"] is False


def test_further_arguments_by_position() -> None:
    report = shapeflow.infer_shapes(several)
    assert report.ok
    assert len(report.inputs) == 1 and report.outputs[-1] == 2


def test_ranks_are_alternatives() -> None:
    report = shapeflow.infer_shapes(nn.LSTM(3, 5, batch_first=True))
    told = signatures(report)
    assert told[0].startswith("input (B, T, 3), hx ((1, B, 5), (1, B, 5)) or None -> (B, T, 5), ")
    assert told[1].startswith("input (T, 3), hx ((1, 5), (1, 5)) or None -> (T, 5), ")


def test_an_argument_that_is_not_used_is_left_out() -> None:
    report = shapeflow.infer_shapes(lambda x, extra=None: x @ torch.ones(3, 2))
    assert all(list(one.inputs) == ["x"] for one in (report, *report.alternatives))


def test_nothing_changes() -> None:
    class Remembering(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.norm, self.seen = nn.BatchNorm1d(3), 0

        def forward(self, x):
            self.seen += 1
            return self.norm(x) + torch.rand(3)

    model = Remembering().train()
    before = {name: value.clone() for name, value in model.state_dict().items()}
    torch.manual_seed(3)
    state = torch.get_rng_state()
    shapeflow.infer_shapes(model)
    assert torch.equal(torch.get_rng_state(), state)
    assert model.seen == 0 and model.training
    assert all(torch.equal(before[name], value) for name, value in model.state_dict().items())
