"""Models and inputs that cannot be analysed: one clear finding or one clear sentence each."""

import functools
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import torch
from torch import Tensor, nn

import shapeflow

pytestmark = pytest.mark.filterwarnings("ignore:.*:DeprecationWarning", "ignore:.*quantize_per")


class Sub(torch.Tensor):
    """A tensor subclass."""


class Reader(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.rnn = nn.LSTM(3, 4, batch_first=True)

    def forward(self, x: Tensor, state: Any = None) -> Tensor:
        return self.rnn(x, state)[0]


class Static(nn.Module):
    @staticmethod
    def forward(x: Tensor) -> Tensor:
        return x * 2


class Variadic(nn.Module):
    def forward(self, *parts: Tensor, **options: Tensor) -> Tensor:
        return torch.cat([*parts, *options.values()], 1)


class Held(nn.Module):
    """Holds a tensor subclass as parameter or buffer."""

    def __init__(self, as_parameter: bool) -> None:
        super().__init__()
        weight = torch.randn(3, 4).as_subclass(Sub)
        if as_parameter:
            self.weight = nn.Parameter(weight)
        else:
            self.register_buffer("weight", weight)

    def forward(self, x: Tensor) -> Tensor:
        return x @ self.weight


def nested(depth: int) -> nn.Module:
    model: nn.Module = nn.ReLU()
    for _ in range(depth):
        model = nn.Sequential(model)
    return model


def endless(x: Tensor) -> Tensor:
    return endless(x)


def raises(error: Exception) -> Callable[[Tensor], Tensor]:
    def forward(x: Tensor) -> Tensor:
        raise error

    return forward


def swallows(x: Tensor) -> Tensor:
    try:
        return torch.from_numpy(x.numpy())
    except BaseException:
        return x


def generator(x: Tensor) -> Iterator[Tensor]:
    yield x


def hopeless(x: Tensor) -> Tensor:
    while True:
        x = x + 1


SENTENCES: list[tuple[str, Any, tuple[Any, ...], dict[str, Any]]] = [
    ("speaks of Q", Reader(), ("B T 3",), {"where": "Q > 1"}),
    ("needs a spec for 'x'", Reader(), (), {}),
    ("3 inputs were given", Reader(), ("B T 3", None, "C"), {}),
    ("has no parameter 'hxx'", Reader(), ("B T 3",), {"hxx": "1 B 4"}),
    ("sizes are at least 0", Reader(), ("B -1 3",), {}),
    ("the dtype 'foo'", Reader(), ("B T 3:foo",), {}),
    ("cannot read 'B (T 3'", Reader(), ("B (T 3",), {}),
    ("where takes facts", Reader(), ("B T 3",), {"where": 3}),
    ("no sizes meet where", Reader(), ("B T 3",), {"where": "T < 1"}),
    ("is a class: give an instance", Reader, ("B T 3",), {}),
    ("not int", 42, ("B T 3",), {}),
    ("wrap it in a function", torch.tanh, ("B T 3",), {}),
]


@pytest.mark.parametrize(("sentence", "model", "specs", "options"), SENTENCES)
def test_misuse_is_told_in_a_sentence(sentence: str, model: Any, specs: Any, options: Any) -> None:
    with pytest.raises(shapeflow.ShapeflowError, match=re.escape(sentence)):
        shapeflow.check(model, *specs, **options)


FINDINGS: list[tuple[str, Any, tuple[Any, ...]]] = [
    ("must have 3 axes", Reader(), ("B T 3 4",)),
    ("at least one step", Reader(), ("B 0 3",)),
    ("forward raises ValueError: no good", raises(ValueError("no good")), ("B 3",)),
    ("forward raises KeyError: 'a'", lambda x: {}["a"], ("B 3",)),
    ("forward raises ZeroDivisionError", lambda x: x * (1 / 0), ("B 3",)),
    ("forward raises SystemExit: 3", lambda x: sys.exit(3), ("B 3",)),
    ("forward raises AttributeError", lambda x: x.foo, ("B 3",)),
    ("operands of one dtype", nn.Linear(3, 4).half(), ("B 3",)),
    ("dtype of input must be that of the weights", Reader().double(), ("B T 3",)),
]


@pytest.mark.parametrize(("message", "model", "specs"), FINDINGS)
def test_fault_is_a_finding(message: str, model: Any, specs: Any) -> None:
    report = shapeflow.check(model, *specs)
    assert report.verdict == "unsatisfiable"
    assert message in report.findings[0].message


GAPS: list[tuple[str, Any]] = [
    ("returns a str, and no tensor", lambda x: "text"),
    ("returns None, and no tensor", lambda x: None),
    ("returns a generator, and no tensor", generator),
    ("recurses too deeply", endless),
    ("recurses too deeply", nested(1000)),
    ("had made 100000 calls and went on", hopeless),
    ("numpy() takes the entries", lambda x: torch.from_numpy(x.numpy())),
    ("numpy() takes the entries", swallows),
    ("data_ptr() takes the entries", lambda x: x.new_zeros(x.data_ptr() % 7)),
    ("a tensor subclass is made inside forward", lambda x: x.as_subclass(Sub)),
    ("a tensor subclass is made inside forward", lambda x: Sub(x) * 2),
    ("torch.vmap and torch.func run code", lambda x: torch.vmap(lambda row: row.sum())(x)),
]


@pytest.mark.parametrize(("text", "model"), GAPS)
def test_what_cannot_be_seen_is_incomplete(text: str, model: Any) -> None:
    report = shapeflow.check(model, "B 3")
    assert report.verdict == "incomplete"
    assert any(text in finding.message for finding in report.findings), report


VALID: list[tuple[str, Any, tuple[Any, ...]]] = [
    ("a vector for linear", nn.Linear(3, 4), ("3",)),
    ("subclass as parameter", Held(True), ("B 3",)),
    ("subclass as buffer", Held(False), ("B 3",)),
    ("static forward", Static(), ("B 3",)),
    ("any arguments", Variadic(), ("B 3", "B 4")),
    ("partial", functools.partial(lambda x, n: x.repeat(1, n), n=3), ("B 3",)),
    ("partial of a module", functools.partial(Reader(), state=None), ("B T 3",)),
    ("bound method", Reader().forward, ("B T 3",)),
    ("meta device", nn.Linear(3, 4, device="meta"), ("B 3",)),
    ("half precision", nn.Linear(3, 4).half(), ("B 3:float16",)),
    ("cuda without one", lambda x: x.cuda() + torch.zeros(3, device="cuda"), ("B 3",)),
    ("two hundred deep", nested(200), ("B 3",)),
    ("a thousand long", nn.Sequential(*[nn.ReLU() for _ in range(1000)]), ("B 3",)),
    ("a number", lambda x: x.size(0), ("B 3",)),
    ("a tensor as spec", nn.Linear(3, 4), (torch.zeros(5, 3),)),
    ("aten operator", lambda x: torch.ops.aten.mul.Tensor(x, x), ("B 3",)),
    ("gradient", lambda x: torch.autograd.grad((x * 2).sum(), x)[0], ("B 3",)),
    (
        "checkpoint",
        lambda x: torch.utils.checkpoint.checkpoint(torch.relu, x, use_reentrant=False),
        ("B 3",),
    ),
]


@pytest.mark.parametrize(
    ("model", "specs"), [case[1:] for case in VALID], ids=[c[0] for c in VALID]
)
def test_unusual_and_valid(model: Any, specs: Any) -> None:
    assert shapeflow.check(model, *specs).verdict == "valid"


def test_distribution_raises_for_some_entries() -> None:
    report = shapeflow.check(lambda x: torch.distributions.Normal(x, x.exp()).rsample(), "B 3")
    assert report.verdict == "conditional"
    assert "forward raises ValueError" in report.findings[0].message


def test_quantised_layer_is_probed() -> None:
    model = nn.Sequential(nn.Linear(3, 4))
    quantised = torch.ao.quantization.quantize_dynamic(model, {nn.Linear}, dtype=torch.qint8)
    report = shapeflow.check(quantised, "B F")
    assert [str(c) for c in report.constraints] == ["F == 3"]
    assert report.output_shapes(B=5, F=3) == (5, 4)
    assert "linear_dynamic was probed" in report.notes[0]


def test_recursion_ends_where_it_ends_without_a_trace() -> None:
    def runs(depth: int) -> bool:
        try:
            nested(depth)(torch.zeros(2, 3))
        except RecursionError:
            return False
        return True

    least = next(depth for depth in range(100, 1000, 10) if not runs(depth))
    assert shapeflow.check(nested(least + 50), "B 3").verdict == "incomplete"
    assert shapeflow.check(nested(least - 50), "B 3").verdict == "valid"


def test_import_loads_no_heavy_library() -> None:
    code = (
        "import sys, shapeflow;"
        "print([m for m in ('torch', 'sympy', 'networkx') if m in sys.modules])"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"


def test_rule_that_fails_is_no_fault_of_the_model(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shapeflow.ops.apply.NUMPY_NAMES", None)
    report = shapeflow.check(lambda x: torch.sum(x, dim=0), "B T")
    assert report.verdict == "incomplete"
    assert [finding.code for finding in report.findings] == ["SF901"]
    assert "shapeflow failed at this call: AttributeError" in report.findings[0].message


@pytest.mark.parametrize("call", [
    lambda x: nn.functional.glu(x, 2.0), lambda x: x.sum(1.0), lambda x: x.softmax(-1.0),
])  # fmt: skip
def test_an_axis_is_a_whole_number(call: Callable[[Tensor], Tensor]) -> None:
    report = shapeflow.check(call, "B C T")
    assert report.verdict == "unsatisfiable"
    with pytest.raises(TypeError):
        call(torch.zeros(2, 2, 2))
