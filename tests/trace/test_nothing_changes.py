"""A check leaves everything as it was, bit for bit, also where forward raises in the middle."""

import builtins
import gc
import math
import random
import sys
import warnings
from collections import OrderedDict, deque
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import sympy  # noqa: F401 - adds a filter of warnings when it is first imported
import torch
from torch import Tensor, nn

import shapeflow


class Config:
    """A plain object that a model holds."""

    def __init__(self) -> None:
        self.calls = 0
        self.seen: list[object] = []


class Slotted:
    __slots__ = ("count",)

    def __init__(self) -> None:
        self.count = 0


class Busy(nn.Module):
    """Changes whatever a forward can change; raises in the middle if it is told to."""

    instances = 0

    def __init__(self, fails: bool) -> None:
        super().__init__()
        self.fails = fails
        self.rnn = nn.LSTM(3, 4, batch_first=True)
        self.norm = nn.BatchNorm1d(3)
        self.register_buffer("count", torch.zeros(2))
        self.weight = nn.Parameter(torch.randn(3, 3))
        self.history: list[object] = []
        self.table: dict[str, Any] = {"nested": [1, [2]]}
        self.names = {"a"}
        self.recent: deque[int] = deque([1], maxlen=2)
        self.ordered = OrderedDict(z=1)
        self.config, self.slotted = Config(), Slotted()
        self.numbers = np.zeros(3)

    def forward(self, x: Tensor) -> Tensor:
        self.state = x  # a new attribute
        self.history.append(x)
        self.table["nested"][1].append(x)
        self.table["new"] = 1
        self.names.add("b")
        self.recent.append(2)
        self.ordered.move_to_end("z")
        self.ordered["y"] = 2
        self.config.calls += 1
        self.config.seen.append(x)
        self.config.extra = x  # type: ignore[attr-defined]
        self.slotted.count += 1
        self.numbers[0] += 1
        type(self).instances += 1
        self.write(x)
        self.upset_the_process()
        if self.fails:
            raise ValueError("in the middle")
        return self.rnn(self.norm(x.transpose(1, 2)).transpose(1, 2))[0]

    def write(self, x: Tensor) -> None:
        """Writes into buffers and parameters, and swaps them."""
        self.count += 1
        self.count[0] = 5
        self.count.numpy()[1] = 7
        with torch.no_grad():
            self.weight.copy_(torch.zeros(3, 3))
            self.weight.mul_(2)
        nn.init.xavier_uniform_(self.weight)
        self.weight.data = torch.ones(3, 3)
        self.weight.requires_grad = False
        self.weight.requires_grad_(False)
        self.weight.register_hook(lambda grad: grad)
        (x.sum() * self.weight.sum()).backward()
        self.norm.running_mean = torch.ones(3)
        self.extra_weight = nn.Parameter(torch.zeros(2))
        self.extra_layer = nn.Linear(2, 2)
        self.eval()
        self.register_forward_hook(lambda *given: None)
        self.rnn.flatten_parameters()

    def upset_the_process(self) -> None:
        """Changes modes and random states."""
        torch.manual_seed(0)
        random.seed(0)
        np.random.seed(0)
        random.random()
        torch.rand(3)
        torch.set_grad_enabled(False)
        torch.set_default_dtype(torch.float64)
        torch.set_autocast_enabled("cpu", True)


def state_of(model: nn.Module) -> dict[str, Any]:
    """Everything about a model and the process, comparable."""
    objects = {
        f"{path}.{name}": id(value)
        for path, m in model.named_modules()
        for name, value in vars(m).items()
    }
    tensors = {**dict(model.named_parameters()), **dict(model.named_buffers())}
    hooks = {
        path: (len(m._forward_hooks), len(m._forward_pre_hooks))
        for path, m in model.named_modules()
    }
    return {
        "objects": objects,
        "identities": {name: id(tensor) for name, tensor in tensors.items()},
        "entries": {name: tensor.detach().numpy().tobytes() for name, tensor in tensors.items()},
        "gradients": {name: (t.requires_grad, t.grad, t._version) for name, t in tensors.items()},
        "backward hooks": {name: dict(t._backward_hooks or {}) for name, t in tensors.items()},
        "modes": {path: m.training for path, m in model.named_modules()},
        "hooks": hooks,
        "lists": (list(model.history), str(model.table), sorted(model.names), list(model.recent)),
        "order": list(model.ordered.items()),
        "config": (model.config.calls, list(model.config.seen), sorted(vars(model.config))),
        "others": (model.slotted.count, model.numbers.tolist(), type(model).instances),
        "process": process(),
    }


def process() -> tuple[Any, ...]:
    """What all code shares."""
    return (
        torch.is_grad_enabled(),
        torch.get_default_dtype(),
        torch.is_autocast_enabled("cpu"),
        torch.get_rng_state().tolist(),
        random.getstate(),
        str(np.random.get_state()),
        sys.getrecursionlimit(),
        list(warnings.filters),
        gc.isenabled(),
        torch._C._len_torch_function_stack(),
        torch._C._len_torch_dispatch_stack(),
        *shared(),
    )


def shared() -> list[Any]:
    """What is swapped while a trace runs."""
    functions: list[Any] = [
        builtins.len,
        builtins.max,
        builtins.min,
        random.random,
        nn.Module.__call__,
    ]
    functions += [getattr(math, name) for name in ("sqrt", "log", "exp", "pow")]
    kinds = (nn.RNN, nn.LSTM, nn.GRU, nn.RNNCell, nn.LSTMCell, nn.GRUCell)
    return functions + [kind.forward for kind in kinds]


@pytest.mark.parametrize("fails", [False, True])
def test_model_and_process_are_as_before(fails: bool) -> None:
    model = Busy(fails)
    before = state_of(model)
    report = shapeflow.check(model, "B T 3")
    assert report.verdict == ("unsatisfiable" if fails else "valid")
    after = state_of(model)
    for name, what in before.items():
        assert after[name] == what, name


def stop(kind: type[BaseException]) -> Callable[[Tensor], Tensor]:
    def forward(x: Tensor) -> Tensor:
        torch.set_grad_enabled(False)
        raise kind("stop")

    return forward


def test_interrupt_of_the_keyboard_goes_through() -> None:
    before = process()
    with pytest.raises(KeyboardInterrupt):
        shapeflow.check(stop(KeyboardInterrupt), "B 3")
    assert process() == before


@pytest.mark.parametrize("kind", [SystemExit, GeneratorExit, Exception])
def test_other_exceptions_become_findings(kind: type[BaseException]) -> None:
    before = process()
    report = shapeflow.check(stop(kind), "B 3")
    assert [f.message for f in report.findings] == [f"forward raises {kind.__name__}: stop"]
    assert process() == before


def test_closures_and_globals_of_a_function_are_as_before() -> None:
    calls, seen = 0, []

    def forward(x: Tensor) -> Tensor:
        nonlocal calls
        calls += 1
        seen.append(x)
        COUNTS["forward"] += 1
        return x

    shapeflow.check(forward, "B 3")
    assert (calls, seen, COUNTS) == (0, [], {"forward": 0})


COUNTS = {"forward": 0}


def test_arguments_of_the_user_are_as_before() -> None:
    settings = {"scale": [1.0, 2.0]}

    def forward(x: Tensor, options: dict[str, list[float]]) -> Tensor:
        options["scale"].pop()
        options["new"] = []
        return x * options["scale"][0]

    shapeflow.check(forward, "B 3", settings)
    assert settings == {"scale": [1.0, 2.0]}


def test_warnings_of_the_model_are_not_shown_and_still_come_later() -> None:
    def forward(x: Tensor) -> Tensor:
        warnings.warn("deprecated", stacklevel=1)
        return x

    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("default")
        shapeflow.check(forward, "B 3")
        assert not caught
        forward(torch.zeros(2, 3))
        assert len(caught) == 1


def test_nothing_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    shapeflow.check(nn.Linear(3, 4), "B 3")
    assert capsys.readouterr() == ("", "")


def test_a_module_that_follows_its_input() -> None:
    class Following(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.kernel = torch.nn.Linear(3, 4)

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return self.kernel.to(x)(x)

    model = Following()
    before = model.kernel.weight
    assert str(shapeflow.check(model, "B 3").verdict) == "valid"
    assert model.kernel.weight is before
    assert shapeflow.check(model, "B 3:float64").output_shapes(B=2) == (2, 4)
    assert model.kernel.weight.dtype is torch.float32
