"""Parts that cannot be seen through, with and without a declared law."""

import copy
import pickle
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

import shapeflow


class Outside(nn.Module):
    """Leaves torch in the middle."""

    def __init__(self) -> None:
        super().__init__()
        self.mix = nn.Linear(3, 8)

    def forward(self, x: Tensor) -> Tensor:
        return torch.from_numpy(np.tanh(self.mix(x).detach().numpy()))


class Pair(nn.Module):
    def forward(self, x: Tensor, h: Tensor) -> tuple[Tensor, tuple[Tensor, Tensor]]:
        y = torch.from_numpy(x.numpy())
        return y, (h * 1, h.sum(0))


class Model(nn.Module):
    def __init__(self, law: str = "") -> None:
        super().__init__()
        self.outside = Outside()
        self.rnn = nn.GRU(8, 5, batch_first=True)
        if law:
            assert shapeflow.opaque(self.outside, law) is self.outside

    def forward(self, x: Tensor) -> Tensor:
        return self.rnn(self.outside(x))[0]


def test_finding_says_what_and_where_and_what_to_do() -> None:
    report = shapeflow.check(Model(), "B T 3")
    (finding,) = report.findings
    assert report.verdict == "incomplete" and finding.code == "SF402"
    assert finding.location is not None and ".numpy()" in finding.location.text
    assert "shapeflow.opaque(module, 'B T 3 -> B T 8')" in finding.fixes[0].text


@pytest.mark.parametrize("law", ["B T 3 -> B T 8", "... 3 -> ... 8", "A B 3:float32 -> A B 2*4"])
def test_law_answers(law: str) -> None:
    report = shapeflow.check(Model(law), "B T 3")
    assert report.verdict == "valid"
    assert report.output_shapes(B=2, T=7) == (2, 7, 5)
    assert report.graph_module(torch.zeros(2, 4, 3)).shape == (2, 4, 5)


def test_law_demands() -> None:
    report = shapeflow.check(Model("B T 3 -> B T 8"), "B T 4")
    (finding,) = report.findings
    assert report.verdict == "unsatisfiable"
    assert "the declared law has 3 here: expected 3, got 4" in finding.message
    assert shapeflow.check(Model("B T 3 -> B T 8"), "B 3").verdict == "unsatisfiable"
    assert shapeflow.check(Model("B T 3 -> B T 8"), "B T 3:int64").verdict == "unsatisfiable"


def test_symbols_are_bound_at_each_call() -> None:
    part = shapeflow.opaque(Pair(), "B T F, 1 B F -> B T F, (1 B F, B F)")

    def twice(x: Tensor, y: Tensor) -> Any:
        return part(x, x.new_zeros(1, x.size(0), 3)), part(y, h=y.new_zeros(1, y.size(0), 3))

    report = shapeflow.check(twice, "B T 3", "N S 3")
    assert report.verdict == "valid"
    first, second = report.output_shapes(B=2, T=3, N=4, S=5)
    assert first == ((2, 3, 3), ((1, 2, 3), (2, 3)))
    assert second == ((4, 5, 3), ((1, 4, 3), (4, 3)))
    apart = shapeflow.check(lambda x, h: part(x, h)[0], "B T 3", "1 N 3")
    assert [str(c) for c in apart.constraints] == ["N == B"]


def test_function() -> None:
    def product(a: Tensor, b: Tensor) -> Tensor:
        return torch.from_numpy(a.numpy() @ b.numpy())

    known = shapeflow.opaque(product, "N K, K M -> N M")
    assert known(torch.ones(2, 3), torch.ones(3, 4)).shape == (2, 4)
    report = shapeflow.check(lambda x, y: known(x, y) + 1, "B H", "D T")
    assert [str(c) for c in report.constraints] == ["D == H"]


@pytest.mark.parametrize(
    ("law", "told"),
    [
        ("B T 3 -> B T 7", "at B=2, T=3 it gives (2, 3, 8), not (2, 3, 7)"),
        ("B T F -> B T F", "at B=2, T=3, F=5 it raises RuntimeError: mat1 and mat2"),
    ],
)
def test_law_that_the_module_refutes(law: str, told: str) -> None:
    with pytest.raises(shapeflow.ShapeflowError, match="declared for outside") as raised:
        shapeflow.check(Model(law), "B T 3")
    assert told in str(raised.value)


def test_what_cannot_run_here_is_believed() -> None:
    class Elsewhere(nn.Module):
        def forward(self, x: Tensor) -> Tensor:
            raise RuntimeError("this needs a CUDA device")

    model = nn.Sequential(shapeflow.opaque(Elsewhere(), "B F -> B 2*F"), nn.Linear(6, 2))
    assert shapeflow.check(model, "B 3").verdict == "valid"


@pytest.mark.parametrize(
    ("law", "told"),
    [
        ("B T 3", "a law is a text such as 'B T 3 -> B T 8', not 'B T 3'"),
        (3, "a law is a text such as"),
        ("B T 3 -> B N", "no input tells what N is"),
        ("B T 3 -> B _", "a result has no size '_'"),
        ("B 3 -> ... 3", "no input tells what '...' is"),
        ("(B 3 -> B", "the brackets do not match"),
        ("B ? -> B", "column 3 should be"),
    ],
)
def test_laws_that_cannot_be(law: Any, told: str) -> None:
    with pytest.raises(shapeflow.ShapeflowError) as raised:
        shapeflow.opaque(nn.Identity(), law)
    assert told in str(raised.value)


def test_no_part() -> None:
    with pytest.raises(shapeflow.ShapeflowError, match="or a function, not 7"):
        shapeflow.opaque(7, "B -> B")  # type: ignore[type-var]


def test_copies_keep_the_law() -> None:
    for model in (copy.deepcopy(Model("B T 3 -> B T 8")), Model("B T 3 -> B T 8")):
        assert shapeflow.check(model, "B T 3").verdict == "valid"
    assert "_shapeflow_law" not in Model("B T 3 -> B T 8").state_dict()
    part = pickle.loads(pickle.dumps(shapeflow.opaque(nn.Linear(3, 8), "B 3 -> B 8")))
    assert shapeflow.check(part, "B 3").verdict == "valid"


@pytest.mark.parametrize(
    "transformed",
    [
        lambda x: torch.vmap(nn.functional.relu)(x),
        lambda x: torch.func.grad(lambda y: y.pow(2).sum())(x),
        lambda x: torch.func.jacrev(torch.sin)(x),
        lambda x: torch.func.jvp(torch.sin, (x,), (x,)),
    ],
)
def test_transformed_functions_are_not_followed(transformed: Any) -> None:
    report = shapeflow.check(transformed, "B 3")
    assert report.verdict == "incomplete"
    assert "torch.vmap" in report.findings[0].message
    transformed(torch.zeros(2, 3))  # as ever, after the check
