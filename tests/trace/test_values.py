"""What goes in and out: tuples, dicts, dataclasses, None and more; and writing in place."""

import copy
import dataclasses
from collections import OrderedDict
from collections.abc import Callable
from typing import Any, NamedTuple

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn

import shapeflow
from shapeflow.core import dims
from tests.agreement import agrees, is_symbolic

B, T = dims.symbol("B"), dims.symbol("T")


class State(NamedTuple):
    hidden: Tensor
    steps: int


@dataclasses.dataclass
class Result:
    scores: Tensor
    parts: dict[str, Tensor]
    extra: object = None


class Box:
    def __init__(self, content: Tensor) -> None:
        self.content = content


def test_every_kind_of_container_comes_out() -> None:
    def forward(x: Tensor) -> Any:
        return {
            "state": State(x, 3),
            "result": Result(x, {"twice": torch.cat([x, x], 1)}),
            "ordered": OrderedDict(z=x),
            "nothing": None,
            "list": [x, (x,)],
        }

    report = agrees(forward, "B 3")
    assert report.outputs["result"] == {"scores": (B, 3), "parts": {"twice": (B, 6)}, "extra": None}


def test_object_of_ones_own_shows_its_tensors() -> None:
    assert shapeflow.check(lambda x: Box(x.sum(1)), "B 3").outputs == {"content": (B,)}


def test_containers_go_in() -> None:
    def forward(batch: dict[str, Any], state: tuple[Tensor, None], *rest: Tensor) -> Tensor:
        return torch.cat([batch["a"], batch["b"][0], state[0], *rest], 1)

    specs = ({"a": "B 3", "b": ["B 2", None]}, ("B 1", None), "B 4", "B 5")
    assert is_symbolic(agrees(forward, *specs))


def test_named_tuple_and_dataclass_go_in() -> None:
    def forward(state: State, result: Result) -> Tensor:
        return torch.cat([state.hidden, result.scores, result.parts["p"]], 1) * state.steps

    report = shapeflow.check(forward, State("B 2", 3), Result("B 3", {"p": "B 1"}))
    assert report.outputs == (B, 6)
    assert report.verdict == "valid"


def test_keyword_arguments_and_defaults() -> None:
    def forward(x: Tensor, *, scale: float = 2.0, mask: Tensor | None = None) -> Tensor:
        return x * scale if mask is None else x * mask

    assert shapeflow.check(forward, "B 3", mask="B 1", scale=3.0).outputs == (B, 3)
    assert shapeflow.check(forward, "B 3").outputs == (B, 3)


def in_place(x: Tensor) -> Tensor:
    y = x.clone()
    y += x
    y *= 2
    y -= 1
    y /= 3
    y.add_(x).relu_().clamp_(0, 1)
    y.masked_fill_(y > 0, 1.0).copy_(x)
    y[y > 2] = 0
    y[:, 0] = x[:, 1]
    torch.relu_(y)
    F.relu(y, inplace=True)
    return y


def written_by_step(x: Tensor) -> Tensor:
    out = torch.zeros(x.size(0), x.size(1), 3)
    for t in range(x.size(1)):
        out[:, t] = x[:, t]
    return out


def out_argument(x: Tensor) -> Tensor:
    y = torch.empty(0)
    torch.add(x, 1, out=y)
    return y


WRITES: list[tuple[str, Callable[..., object]]] = [
    ("in place", in_place),
    ("setitem in a loop", written_by_step),
    ("out=", out_argument),
    ("data", lambda x: _with_data(x)),
    ("deepcopy", copy.deepcopy),
    ("copy", copy.copy),
    ("Variable", lambda x: torch.autograd.Variable(x)),
    ("Variable of zeros", lambda x: torch.autograd.Variable(torch.zeros(x.size(0), 4))),
    ("Parameter in forward", lambda x: x @ nn.Parameter(torch.randn(3, 4))),
    ("layer in forward", lambda x: nn.Linear(3, 4)(x)),
    ("recurrent layer in forward", lambda x: nn.LSTM(3, 4)(x)[0]),
    ("attribute of a tensor", lambda x: _with_attribute(x)),
    ("detach and requires_grad_", lambda x: x.detach().requires_grad_(True)),
]


def _with_data(x: Tensor) -> Tensor:
    y = x.clone()
    y.data = x.data[:, :1]
    return y


def _with_attribute(x: Tensor) -> Tensor:
    y = x * 2
    y.mine = 3  # type: ignore[attr-defined]
    return y if y.mine == 3 else x[0]  # type: ignore[attr-defined]


@pytest.mark.parametrize("function", [case[1] for case in WRITES], ids=[case[0] for case in WRITES])
def test_writing_and_copying(function: Callable[..., object]) -> None:
    agrees(function, "B T 3", sizes={"B": [1, 2, 5], "T": [2, 3, 8]})


def test_writing_in_place_cannot_change_the_shape() -> None:
    report = agrees(lambda x, y: x.add_(y), "B 3", "N 3")
    assert report.verdict == "conditional"


def test_known_entries_follow_what_is_written() -> None:
    def forward(x: Tensor) -> Tensor:
        lengths = torch.tensor([1, 2, 3])
        view = lengths[:2]
        double = lengths * 2
        view += 4
        return x.new_zeros(*lengths.tolist(), *double.tolist())

    *written, twice = shapeflow.check(forward, "B").outputs[2:]
    assert written == [dims.opaque("item_3"), 2, 4]
    assert twice == 6


def test_entries_of_a_buffer_are_read_and_never_written() -> None:
    class Counter(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.register_buffer("count", torch.tensor(3))

        def forward(self, x: Tensor) -> Tensor:
            self.count += 1
            self.count.numpy()[...] = 9
            return x.new_zeros(int(self.count))

    model = Counter()
    assert shapeflow.check(model, "B").outputs == (4,)
    assert model.count.item() == 3


CONTEXTS: list[tuple[str, Callable[[], Any]]] = [
    ("no_grad", torch.no_grad),
    ("enable_grad", torch.enable_grad),
    ("inference_mode", torch.inference_mode),
    ("set_grad_enabled", lambda: torch.set_grad_enabled(False)),
    ("autocast off", lambda: torch.autocast("cpu", enabled=False)),
    ("autocast", lambda: torch.autocast("cpu", dtype=torch.bfloat16)),
    ("detect_anomaly", lambda: torch.autograd.set_detect_anomaly(False)),
    ("record_function", lambda: torch.autograd.profiler.record_function("step")),
]


@pytest.mark.parametrize(
    "context", [case[1] for case in CONTEXTS], ids=[case[0] for case in CONTEXTS]
)
def test_contexts(context: Callable[[], Any]) -> None:
    def forward(x: Tensor) -> Tensor:
        with context():
            y = x * 2
        return y + x

    before = torch.is_grad_enabled()
    assert is_symbolic(agrees(forward, "B 3"))
    assert torch.is_grad_enabled() is before


def test_decorated_functions() -> None:
    assert is_symbolic(agrees(torch.no_grad()(lambda x: x * 2), "B 3"))


def test_questions_about_grad_device_and_script() -> None:
    def forward(x: Tensor) -> Tensor:
        assert not torch.jit.is_scripting()
        assert not torch.jit.is_tracing()
        assert not x.is_cuda
        assert not x.requires_grad
        assert x.device.type == "cpu"
        assert x.dtype == torch.float32
        assert not hasattr(x, "nothing")
        assert x.grad_fn is None
        assert x._version == 0
        return x.to(x.device).type_as(x).cpu().float().contiguous().detach().data

    assert is_symbolic(agrees(forward, "B 3"))


def test_only_floats_require_gradients() -> None:
    report = shapeflow.check(lambda x: x.long().requires_grad_(), "B T")
    assert [finding.code for finding in report.findings] == ["SF218"]
    assert shapeflow.check(lambda x: x.long().requires_grad_(False), "B T").verdict == "valid"


def test_sparse_constants_of_whole_numbers() -> None:
    class Graph(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.register_buffer("edges", torch.eye(5, dtype=torch.int64).to_sparse())

        def forward(self, x: Tensor) -> Tensor:
            return self.edges.to_dense().float() @ x  # type: ignore[operator]

    assert shapeflow.check(Graph(), "5 T").verdict == "valid"
    assert not shapeflow.check(Graph(), "4 T").accepts(T=3)
