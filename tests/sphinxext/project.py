"""A user's small documentation project, written into a folder."""

from pathlib import Path

MODELS = '''
"""Two models."""

from torch import nn


class Classifier(nn.Module):
    """Classifies sequences.

    Shape:
        - x: :math:`(N, L, 3)`
        - Output: :math:`(N, 2)`
    """

    def __init__(self, hidden=8, head=None):
        super().__init__()
        self.rnn = nn.LSTM(3, hidden, 2, batch_first=True)
        self.head = nn.Linear(head or hidden, 2)

    def forward(self, x):
        out, _ = self.rnn(x)
        return self.head(out[:, -1])


class Encoder(nn.Module):
    """Encodes.

    Shape:
        - x: (N, L, 5)
        - Output: (L, N, 4)
    """

    def __init__(self):
        super().__init__()
        self.rnn = nn.GRU(3, 4, batch_first=True)

    def forward(self, x):
        return self.rnn(x)[0]


class Wrapped(nn.Module):
    """Needs an argument."""

    def __init__(self, inner):
        super().__init__()
        self.inner = inner

    def forward(self, x):
        return self.inner(x)
'''

CONF = """
import sys

sys.path.insert(0, ".")
project = "Small"
extensions = ["shapeflow.sphinxext"]
html_theme = "basic"
shapeflow_theme = "light"
"""


def write_project(folder: Path, index: str, conf: str = "", models: str = MODELS) -> Path:
    """Writes ``conf.py``, ``net.py`` and ``index.rst``."""
    (folder / "conf.py").write_text(CONF + conf)
    (folder / "net.py").write_text(models)
    (folder / "index.rst").write_text(f"Models\n======\n\n{index}")
    return folder
