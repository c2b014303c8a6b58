"""The models whose pictures are measured, and what they are drawn with."""

from collections.abc import Callable

import torch
from torch import Tensor, nn


class Classifier(nn.Module):
    """Words to classes by the last states of a 2-layer bidirectional LSTM."""

    def __init__(self, expects: int = 256) -> None:
        super().__init__()
        self.embed = nn.Embedding(1000, 64)
        self.lstm = nn.LSTM(64, 128, num_layers=2, bidirectional=True, batch_first=True)
        self.head = nn.Linear(expects, 5)

    def forward(self, tokens: Tensor) -> Tensor:
        _, (h, _) = self.lstm(self.embed(tokens))
        last = torch.cat([h[-2], h[-1]], dim=-1)
        return self.head(last)


class Attention(nn.Module):
    """Where in the source a state looks."""

    def __init__(self, size: int) -> None:
        super().__init__()
        self.query = nn.Linear(size, size)
        self.key = nn.Linear(size, size)
        self.score = nn.Linear(size, 1)

    def forward(self, state: Tensor, memory: Tensor) -> Tensor:
        energy = torch.tanh(self.query(state).unsqueeze(1) + self.key(memory))
        weights = torch.softmax(self.score(energy).squeeze(-1), dim=-1)
        return torch.bmm(weights.unsqueeze(1), memory).squeeze(1)


class Translator(nn.Module):
    """A GRU encoder, and a decoder that takes its steps in a Python loop."""

    def __init__(self, words: int = 500, size: int = 64) -> None:
        super().__init__()
        self.source = nn.Embedding(words, size)
        self.target = nn.Embedding(words, size)
        self.encoder = nn.GRU(size, size, batch_first=True)
        self.attention = Attention(size)
        self.cell = nn.GRUCell(2 * size, size)
        self.out = nn.Linear(size, words)

    def forward(self, source: Tensor, target: Tensor) -> Tensor:
        memory, state = self.encoder(self.source(source))
        state = state[-1]
        words = self.target(target)
        logits = []
        for t in range(words.size(1)):
            context = self.attention(state, memory)
            state = self.cell(torch.cat([words[:, t], context], dim=-1), state)
            logits.append(self.out(state))
        return torch.stack(logits, dim=1)


class Bottleneck(nn.Module):
    """Three convolutions beside a short cut."""

    def __init__(self, taken: int, width: int, stride: int) -> None:
        super().__init__()
        given = 4 * width
        self.conv1 = nn.Conv2d(taken, width, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(width)
        self.conv2 = nn.Conv2d(width, width, 3, stride, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(width)
        self.conv3 = nn.Conv2d(width, given, 1, bias=False)
        self.bn3 = nn.BatchNorm2d(given)
        self.relu = nn.ReLU()
        same = taken == given and stride == 1
        cut = nn.Conv2d(taken, given, 1, stride, bias=False)
        self.shortcut = None if same else nn.Sequential(cut, nn.BatchNorm2d(given))

    def forward(self, x: Tensor) -> Tensor:
        y = self.relu(self.bn1(self.conv1(x)))
        y = self.relu(self.bn2(self.conv2(y)))
        y = self.bn3(self.conv3(y))
        return self.relu(y + (x if self.shortcut is None else self.shortcut(x)))


class Residual(nn.Module):
    """A residual network of 152 layers, and narrow."""

    def __init__(self, blocks: tuple[int, ...] = (3, 8, 36, 3), width: int = 16) -> None:
        super().__init__()
        stem = [nn.Conv2d(3, width, 7, 2, 3, bias=False), nn.BatchNorm2d(width), nn.ReLU()]
        self.stem = nn.Sequential(*stem, nn.MaxPool2d(3, 2, 1))
        self.stages = nn.ModuleList()
        taken = width
        for i, count in enumerate(blocks):
            stage = nn.Sequential()
            for j in range(count):
                stage.append(Bottleneck(taken, width * 2**i, 2 if i and not j else 1))
                taken = 4 * width * 2**i
            self.stages.append(stage)
        self.pool = nn.AdaptiveAvgPool2d(1)
        self.fc = nn.Linear(taken, 10)

    def forward(self, x: Tensor) -> Tensor:
        x = self.stem(x)
        for stage in self.stages:
            x = stage(x)
        return self.fc(torch.flatten(self.pool(x), 1))


class Encoder(nn.Module):
    """Torch's own transformer encoder between an embedding and a head."""

    def __init__(self, layers: int = 12) -> None:
        super().__init__()
        self.embed = nn.Embedding(1000, 128)
        layer = nn.TransformerEncoderLayer(128, 4, 256, batch_first=True)
        self.encoder = nn.TransformerEncoder(layer, layers)
        self.head = nn.Linear(128, 1000)

    def forward(self, tokens: Tensor) -> Tensor:
        return self.head(self.encoder(self.embed(tokens)))


MODELS: dict[str, tuple[Callable[[], nn.Module], dict[str, str]]] = {
    "classifier": (Classifier, {"tokens": "B T:int64"}),
    "decoder loop": (Translator, {"source": "B S:int64", "target": "B T:int64"}),
    "residual network": (Residual, {"x": "B 3 H W"}),
    "transformer": (Encoder, {"tokens": "B T:int64"}),
    "wrong head": (lambda: Classifier(expects=128), {"tokens": "B T:int64"}),
}
