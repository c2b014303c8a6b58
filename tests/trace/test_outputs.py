"""Results that are neither tensors nor containers."""

import torch

from shapeflow.testing import against_torch


class Step:
    """What a cache remembers of one layer; it knows its model and its cache."""

    def __init__(self, keys: torch.Tensor, model: torch.nn.Module, cache: "Cache") -> None:
        self.keys, self.seen = keys, True
        self.model, self.cache = model, cache


class Cache:
    def __init__(self) -> None:
        self.steps: list[Step] = []
        self.length = 0


class Caching(torch.nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.keys = torch.nn.Linear(8, 3)

    def forward(self, x: torch.Tensor) -> dict[str, object]:
        cache = Cache()
        for _ in range(2):
            cache.steps.append(Step(self.keys(x), self, cache))
        return {"x": x, "cache": cache}


def test_tensors_in_objects_of_a_cache_are_told() -> None:
    found = against_torch(Caching(), "B T 8", 20)
    found.raise_if_failed()
    batch, time, _ = found.report.inputs["x"]
    step = {"keys": (batch, time, 3)}
    assert found.report.outputs["cache"] == {"steps": [step, step]}
