"""Small real architectures in our own words, each with the specs of its inputs."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence


class Tagger(nn.Module):
    """Words to tags: an embedding, two recurrent layers in both directions, a linear head."""

    def __init__(self) -> None:
        super().__init__()
        self.embed = nn.Embedding(50, 6)
        self.rnn = nn.LSTM(6, 5, num_layers=2, bidirectional=True, batch_first=True)
        self.head = nn.Linear(10, 4)

    def forward(self, words: Tensor) -> Tensor:
        return F.log_softmax(self.head(self.rnn(self.embed(words))[0]), dim=-1)


class PackedClassifier(nn.Module):
    """Padded sequences to classes, without the padding being read."""

    def __init__(self) -> None:
        super().__init__()
        self.rnn = nn.GRU(3, 5, batch_first=True, bidirectional=True)
        self.head = nn.Linear(10, 2)

    def forward(self, x: Tensor, lengths: Tensor) -> Tensor:
        packed = pack_padded_sequence(x, lengths, batch_first=True, enforce_sorted=False)
        out, state = self.rnn(packed)
        padded, _ = pad_packed_sequence(out, batch_first=True, total_length=x.size(1))
        return self.head(torch.cat([state[0], state[1]], -1) + padded.sum(1))


class VideoReader(nn.Module):
    """Frames through convolutions, the features of all frames through an LSTM."""

    def __init__(self) -> None:
        super().__init__()
        self.frames = nn.Sequential(
            nn.Conv2d(3, 4, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2), nn.AdaptiveAvgPool2d(2)
        )
        self.rnn = nn.LSTM(16, 6, batch_first=True)

    def forward(self, video: Tensor) -> Tensor:
        batch, time = video.shape[:2]
        features = self.frames(video.flatten(0, 1)).view(batch, time, -1)
        return self.rnn(features)[0][:, -1]


class TextEncoder(nn.Module):
    """A transformer encoder with sinusoidal positions."""

    def __init__(self) -> None:
        super().__init__()
        self.embed = nn.Embedding(50, 8)
        layer = nn.TransformerEncoderLayer(8, 2, 16, batch_first=True)
        self.encoder = nn.TransformerEncoder(layer, 2, enable_nested_tensor=False)

    def forward(self, words: Tensor) -> Tensor:
        x = self.embed(words) * math.sqrt(8)
        place = torch.arange(words.size(1), device=words.device)[:, None] / torch.arange(1, 5)
        x = x + torch.cat([place.sin(), place.cos()], -1)
        return self.encoder(x).mean(1)


class Block(nn.Module):
    """A residual block; a 1 by 1 convolution where the sizes change."""

    def __init__(self, channels: int, out: int, stride: int = 1) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(channels, out, 3, stride, 1, bias=False)
        self.conv2 = nn.Conv2d(out, out, 3, 1, 1, bias=False)
        self.norm1, self.norm2 = nn.BatchNorm2d(out), nn.BatchNorm2d(out)
        changes = stride != 1 or channels != out
        self.shortcut = nn.Conv2d(channels, out, 1, stride) if changes else nn.Identity()

    def forward(self, x: Tensor) -> Tensor:
        out = self.norm2(self.conv2(F.relu(self.norm1(self.conv1(x)), inplace=True)))
        out += self.shortcut(x)
        return F.relu(out)


class ResidualNet(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.blocks = nn.Sequential(Block(3, 4), Block(4, 6, 2), Block(6, 6))
        self.head = nn.Linear(6, 3)

    def forward(self, image: Tensor) -> Tensor:
        return self.head(F.adaptive_avg_pool2d(self.blocks(image), 1).flatten(1))


class AttentionDecoder(nn.Module):
    """Step by step: attention over the memory, then a recurrent cell."""

    def __init__(self) -> None:
        super().__init__()
        self.embed, self.cell = nn.Embedding(20, 4), nn.LSTMCell(4 + 5, 5)
        self.score, self.out = nn.Linear(10, 1), nn.Linear(5, 20)

    def forward(self, memory: Tensor, words: Tensor) -> tuple[Tensor, Tensor]:
        h = c = memory.new_zeros(memory.size(0), 5)
        logits, weights = [], []
        for t in range(words.size(1)):
            query = h.unsqueeze(1).expand(-1, memory.size(1), -1)
            weight = self.score(torch.cat([memory, query], -1)).squeeze(-1).softmax(-1)
            context = torch.bmm(weight.unsqueeze(1), memory).squeeze(1)
            h, c = self.cell(torch.cat([self.embed(words[:, t]), context], -1), (h, c))
            logits.append(self.out(h))
            weights.append(weight)
        return torch.stack(logits, 1), torch.stack(weights, 1)


class CellLoop(nn.Module):
    """A GRU cell over time, forwards, with what it saw written into one tensor."""

    def __init__(self) -> None:
        super().__init__()
        self.cell = nn.GRUCell(3, 4)

    def forward(self, x: Tensor, state: Tensor | None = None) -> Tensor:
        if state is None:
            state = x.new_zeros(x.size(0), 4)
        out = x.new_empty(x.size(0), x.size(1), 4)
        for t in range(x.size(1)):
            state = self.cell(x[:, t], state)
            out[:, t] = state
        return out


class UNet(nn.Module):
    """Down, up again with interpolation to the size of the skip, joined."""

    def __init__(self) -> None:
        super().__init__()
        self.down1, self.down2 = nn.Conv2d(3, 4, 3, padding=1), nn.Conv2d(4, 6, 3, padding=1)
        self.up, self.out = nn.Conv2d(6 + 4, 4, 3, padding=1), nn.Conv2d(4, 2, 1)

    def forward(self, image: Tensor) -> Tensor:
        skip = F.relu(self.down1(image))
        low = F.relu(self.down2(F.max_pool2d(skip, 2)))
        high = F.interpolate(low, size=skip.shape[-2:], mode="bilinear", align_corners=False)
        return self.out(F.relu(self.up(torch.cat([high, skip], 1))))


class VAE(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.encode, self.decode = nn.Linear(12, 6), nn.Linear(3, 12)

    def forward(self, x: Tensor) -> dict[str, Tensor]:
        mean, log_variance = self.encode(x).chunk(2, dim=-1)
        noise = torch.randn_like(mean)
        sample = mean + noise * (0.5 * log_variance).exp()
        return {"mean": mean, "log_variance": log_variance, "output": self.decode(sample)}


class DictInDictOut(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.text, self.image = nn.EmbeddingBag(30, 4), nn.Linear(6, 4)

    def forward(self, batch: dict[str, Any]) -> dict[str, Any]:
        text, image = self.text(batch["words"]), self.image(batch["pixels"][0])
        return {"scores": text @ image.t(), "parts": (text, [image])}


class InPlace(nn.Module):
    """Writes into views of what it was given to return."""

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("shift", torch.arange(3.0))
        self.scale = nn.Parameter(torch.ones(3))

    def forward(self, x: Tensor) -> Tensor:
        y = x.clone()
        y[:, 0] = 0
        first = y[:, 1:]
        first += self.shift
        first.mul_(self.scale).clamp_(min=0)
        y[y > 0.5] = 1.0
        y.masked_fill_(y == 0, -1.0)
        return y


@dataclass
class Prediction:
    scores: Tensor
    best: Tensor


class DataclassOut(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.head = nn.Linear(3, 5)

    def forward(self, x: Tensor) -> Prediction:
        scores = self.head(x)
        return Prediction(scores, scores.topk(2, dim=-1).indices)


class Seq2Seq(nn.Module):
    """The state of one recurrent layer starts the other."""

    def __init__(self) -> None:
        super().__init__()
        self.encoder = nn.LSTM(3, 4, batch_first=True, bidirectional=True)
        self.bridge = nn.Linear(8, 4)
        self.decoder = nn.LSTM(2, 4, batch_first=True)

    def forward(self, source: Tensor, target: Tensor) -> Tensor:
        _, (h, c) = self.encoder(source)
        h, c = (self.bridge(s.transpose(0, 1).reshape(1, source.size(0), 8)).tanh() for s in (h, c))
        return self.decoder(target, (h.contiguous(), c.contiguous()))[0]


class SlidingConv(nn.Module):
    """Half the length, by size arithmetic of its own."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv1d(3, 4, 5, stride=2, padding=2)

    def forward(self, x: Tensor) -> Tensor:
        y = self.conv(x.transpose(1, 2))
        y = F.pad(y, (0, x.size(1) - y.size(-1)))
        return y.transpose(1, 2)[:, : x.size(1) // 2 + 1] / math.sqrt(x.size(1))


def full_lengths(B: int, T: int) -> tuple[Tensor, Tensor]:
    """Inputs of the packed classifier: some sequences shorter than the longest."""
    return torch.rand(B, T, 3), torch.tensor([max(T - i, 1) for i in range(B)])


Make = Callable[..., Any] | None
ZOO: list[tuple[Callable[[], nn.Module], tuple[Any, ...], Make]] = [
    (Tagger, ("B T:int64",), None),
    (PackedClassifier, ("B T 3", "B:int64"), full_lengths),
    (VideoReader, ("B T 3 H W",), None),
    (TextEncoder, ("B T:int64",), None),
    (ResidualNet, ("B 3 H W",), None),
    (AttentionDecoder, ("B S 5", "B T:int64"), None),
    (CellLoop, ("B T 3",), None),
    (UNet, ("B 3 H W",), None),
    (VAE, ("B 12",), None),
    (DictInDictOut, ({"words": "B T:int64", "pixels": ["N 6"]},), None),
    (InPlace, ("B T 3",), None),
    (DataclassOut, ("B T 3",), None),
    (Seq2Seq, ("B S 3", "B T 2"), None),
    (SlidingConv, ("B T 3",), None),
]
