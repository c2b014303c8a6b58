"""Convolutions before a recurrent layer: which image heights the head is made for."""

from torch import nn

import shapeflow


class Recogniser(nn.Module):
    """Reads a line of text from an image, column by column."""

    def __init__(self, letters=80):
        super().__init__()
        self.look = nn.Sequential(
            nn.Conv2d(1, 16, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2),
            nn.Conv2d(16, 32, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2),
        )  # fmt: skip
        self.rnn = nn.LSTM(256, 64, batch_first=True, bidirectional=True)
        self.letter = nn.Linear(128, letters)

    def forward(self, image):
        columns = self.look(image).permute(0, 3, 1, 2).flatten(2)
        out, _ = self.rnn(columns)
        return self.letter(out)


if __name__ == "__main__":
    print(shapeflow.check(Recogniser(), "B 1 H W"))
    print()
    print(shapeflow.check(Recogniser(), "B 1 32 W"))
