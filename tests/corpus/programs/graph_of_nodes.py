"""An adjacency matrix is multiplied from the wrong side."""

import torch
from torch import nn

SPEC = {"nodes": "N 16", "adjacency": "N N"}


class Graph(nn.Module):
    def __init__(self):
        super().__init__()
        self.project = nn.Linear(16, 32)

    def forward(self, nodes, adjacency):
        x = self.project(nodes)
        return torch.relu(torch.mm(x, adjacency))  # CAUSE


def build():
    return Graph()
