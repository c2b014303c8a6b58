"""Fixes of several operands at once."""

import pytest
from torch import Tensor, nn

import shapeflow


class Translator(nn.Module):
    """Hands the states of two layers on to one."""

    def __init__(self, written: str) -> None:
        super().__init__()
        self.written = written
        self.encoder = nn.LSTM(4, 6, num_layers=2, batch_first=True)
        self.decoder = nn.LSTM(4, 6, batch_first=True)

    def encoded(self, x: Tensor) -> tuple[Tensor, tuple[Tensor, Tensor]]:
        out, (h, c) = self.encoder(x)
        return out, (h, c)

    def forward(self, x: Tensor, y: Tensor) -> Tensor:
        if self.written == "pair":
            _, state = self.encoder(x)
            return self.decoder(y, state)[0]
        if self.written == "both":
            _, (h, c) = self.encoder(x)
            return self.decoder(y, (h, c))[0]
        _, handed = self.encoded(x)
        return self.decoder(y, handed)[0]


@pytest.mark.parametrize(
    ("written", "told"),
    [
        ("pair", "write tuple(s[-1:] for s in state) for state"),
        ("both", "write h[-1:] for h, and the other state likewise"),
        ("helper", "write tuple(s[-1:] for s in handed) for handed"),
    ],
)
def test_both_states_change_together(written: str, told: str) -> None:
    (finding,) = shapeflow.check(Translator(written), "B S 4", "B T 4").findings
    assert told in [fix.text for fix in finding.fixes]
