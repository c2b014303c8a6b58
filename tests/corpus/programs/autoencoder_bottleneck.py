"""The decoder starts from another width than the encoder ends with."""

from torch import nn

SPEC = {"x": "B 784"}


class Autoencoder(nn.Module):
    def __init__(self, code=32):
        super().__init__()
        self.encoder = nn.Sequential(nn.Linear(784, 128), nn.ReLU(), nn.Linear(128, code))
        self.decoder = nn.Sequential(
            nn.Linear(64, 128),  # CAUSE
            nn.ReLU(),
            nn.Linear(128, 784),
        )

    def forward(self, x):
        return self.decoder(self.encoder(x))


def build():
    return Autoencoder()
