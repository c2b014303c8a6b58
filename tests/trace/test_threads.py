"""Traces and ordinary calls in several threads at once do not disturb each other."""

import math
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import torch
from torch import Tensor, nn

import shapeflow


class Tagger(nn.Module):
    def __init__(self, wait: Callable[[], object] = lambda: None) -> None:
        super().__init__()
        self.rnn, self.out, self.wait = nn.LSTM(3, 4, batch_first=True), nn.Linear(4, 2), wait

    def forward(self, x: Tensor) -> Tensor:
        self.wait()
        steps = [self.out(step) for step in self.rnn(x)[0].unbind(1)]
        self.wait()
        return torch.stack(steps, 1) / math.sqrt(max(x.size(1), 1))


def test_two_traces_at_once() -> None:
    barrier = threading.Barrier(2)
    models = [Tagger(lambda: barrier.wait(10)) for _ in range(2)]

    def check(model: nn.Module) -> str:
        return str(shapeflow.check(model, "B 4 3").outputs)

    with ThreadPoolExecutor(2) as pool:
        alone = str(shapeflow.check(Tagger(), "B 4 3").outputs)
        assert list(pool.map(check, models)) == [alone, alone]


def test_ordinary_call_during_a_trace() -> None:
    inside, done = threading.Event(), threading.Event()
    model, other = Tagger(lambda: (inside.set(), done.wait(10))), Tagger()
    x = torch.rand(2, 4, 3)
    expected = other(x)
    with ThreadPoolExecutor(1) as pool:
        report = pool.submit(shapeflow.check, model, "B T 3")
        inside.wait(10)
        found, sizes = other(x), (len([1, 2]), max(1, 2), math.sqrt(4))
        done.set()
        assert report.result().verdict == "valid"
    assert torch.equal(found, expected)
    assert sizes == (2, 2, 2.0)
    assert isinstance(found, Tensor)
    assert type(found) is Tensor


def test_many_threads_leave_everything_as_it_was() -> None:
    before = (nn.Module.__call__, len, math.sqrt, nn.LSTM.forward)
    with ThreadPoolExecutor(8) as pool:
        verdicts = [pool.submit(shapeflow.check, Tagger(), "B T 3") for _ in range(24)]
        assert {str(v.result().verdict) for v in verdicts} == {"valid"}
    assert (nn.Module.__call__, len, math.sqrt, nn.LSTM.forward) == before


def test_check_inside_a_forward_that_is_checked() -> None:
    inner: list[str] = []

    class Outer(nn.Module):
        def forward(self, x: Tensor) -> Tensor:
            verdict = str(shapeflow.check(nn.Linear(3, 4), "N 3").verdict)
            return x if verdict == "valid" else x[0]

    assert shapeflow.check(Outer(), "B 3").verdict == "valid"
    assert not inner
