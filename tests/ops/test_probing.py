"""The laws that probing finds, of operations written down as plain functions of numbers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from shapeflow.core import dims
from shapeflow.core.dims import Size
from shapeflow.core.laws import variables_in
from shapeflow.core.notation import parse_fact, parse_size
from shapeflow.ops import Call, Fault, Value
from shapeflow.ops.probing import MOST, Probed, Refusal, TooLarge, Unable, probe

from .harness import Ask


class Operation:
    """A function of sizes that counts its runs."""

    def __init__(self, law: Callable[..., Any]) -> None:
        self.law = law
        self.points: list[tuple[int, ...]] = []

    def __call__(self, point: tuple[int, ...]) -> Any:
        self.points.append(point)
        return self.law(*point)


def expect(holds: bool, message: str = "sizes do not match") -> None:
    """What an operation demands."""
    if not holds:
        raise Refusal(message)


def run(law: Callable[..., Any], names: str, facts: str = "", numbers: Any = ()) -> Any:
    """What probing says of a function: its answer, the demands and the operation."""
    operation, ask = Operation(law), Ask(facts)
    variables = [dims.symbol(name) for name in names.split()]
    found = probe(Call("fake", ask), variables, operation, numbers)
    return found, ask.demands, operation


def window(t: int) -> Value:
    """A convolution with a kernel of 5, a stride of 3 and a padding of 1."""
    expect(t + 2 >= 5)
    return Value(((t + 2 - 5) // 3 + 1,))


def added(a: int, b: int) -> Value:
    """Broadcasting."""
    expect(a == b or a == 1 or b == 1)
    return Value((max(a, b),))


def grouped(c: int, t: int) -> Value:
    """Channels in groups of four."""
    expect(c % 4 == 0)
    return Value((4, c // 4, t))


def multiplied(m: int, k: int, l: int, n: int) -> Value:  # noqa: E741
    """A product of matrices."""
    expect(k == l)
    return Value((m, n))


def pinned(b: int, h: int) -> Value:
    """A layer that knows its features, and says so."""
    expect(h == 37, f"expected 37 features, got {h}")
    return Value((b, 10))


def patches(h: int, w: int) -> Value:
    """Patches in both directions, counted together."""
    expect(h >= 3 and w >= 3)
    return Value((((h - 3) // 2 + 1) * ((w - 3) // 2 + 1),))


LAWS: list[tuple[Callable[..., Any], str, str, str]] = [
    (window, "T", "T//3", "T >= 3"),
    (added, "A B", "max(A,B)", "A == B or A == 1 or B == 1"),
    (lambda a, b: Value((a + b, 7)), "A B", "A+B 7", ""),
    (lambda a, b, c, d: Value((a, b * c * d)), "A B C D", "A B*C*D", ""),
    (grouped, "C T", "4 C//4 T", "C % 4 == 0"),
    (multiplied, "M K L N", "M N", "K == L"),
    (pinned, "B H", "B 10", "H == 37"),
    (patches, "H W", "((H-1)//2)*((W-1)//2)", "H >= 3 W >= 3"),
    (lambda n: Value((min(n, 10),)), "N", "min(N,10)", ""),
    (lambda n: Value((max(n - 3, 0),)), "N", "max(N-3,0)", ""),
    (lambda n: Value((n * (n - 1) // 2,)), "N", "(N*N-N)//2", ""),
    (lambda n: Value((-(-n // 7),)), "N", "(N+6)//7", ""),
]


@pytest.mark.parametrize(("law", "names", "shape", "needs"), LAWS)
def test_a_law_is_found_exactly(law: Any, names: str, shape: str, needs: str) -> None:
    found, demands, operation = run(law, names, numbers=(3, 10, 7))
    assert found.reason == ""
    assert tuple(found.result) == tuple(parse_size(word) for word in shape.split())
    wanted = needs.replace(" W >=", " and W >=")
    expected = parse_fact(wanted) if wanted else None
    told = {str(demand) for demand in demands}
    assert told == ({str(o) for o in expected.options} if expected is not None
                    and expected.kind == "all" else {str(expected)} if expected else set())
    assert len(operation.points) <= MOST


def test_layouts_are_found() -> None:
    turned = run(lambda a, b: Value((b, a), strides=(1, b)), "A B")[0].result
    assert [str(stride) for stride in turned.strides] == ["1", "B"]


def test_sizes_that_are_ruled_out_are_not_tried() -> None:
    _, _, operation = run(grouped, "C T", "C % 12 == 0 and T >= C")
    assert operation.points
    assert all(c % 12 == 0 and t >= c for c, t in operation.points)


def test_what_is_refused_everywhere_is_a_fault() -> None:
    def wrong(a: int) -> Value:
        raise Refusal("expected a tensor with 4 dimensions")

    with pytest.raises(Fault, match="expected a tensor with 4 dimensions"):
        run(wrong, "A")


def test_a_refusal_that_changes_with_the_sizes_is_no_fault() -> None:
    def odd(a: int) -> Value:
        raise Refusal(f"the checksum {a * 7919 % 4099 + 5000} is wrong")

    found, demands, _ = run(odd, "A")
    assert not found.known
    assert "refused it at all sizes that were tried" in found.reason
    assert demands == []


@pytest.mark.parametrize(
    ("law", "reason"),
    [
        (lambda n, m: Value((bin(n).count("1") + m,)), "the sizes of its result"),
        (lambda n, m: Value((1,) * ((n + m) % 3)), "the structure of its result"),
    ],
)
def test_what_follows_no_law_is_said(law: Any, reason: str) -> None:
    found, _, _ = run(law, "N M")
    assert found.reason.startswith(reason)
    assert found.reason.endswith("no known law")


def test_what_cannot_be_run_is_said() -> None:
    def unable(n: int) -> Value:
        raise Unable("the shape of its result depends on data")

    found, _, _ = run(unable, "N")
    assert found == Probed(None, "the shape of its result depends on data")


def test_large_sizes_can_be_left_out() -> None:
    def small(n: int) -> Value:
        if n > 100:
            raise TooLarge
        return window(n)

    found, demands, _ = run(small, "T")
    assert tuple(found.result) == (parse_size("T//3"),)
    assert [str(demand) for demand in demands] == ["T >= 3"]


def test_a_size_that_decides_the_number_of_results_is_given_a_number() -> None:
    found, _, _ = run(lambda t, b: [Value((b,))] * t, "T B")
    assert found.result == [(dims.symbol("B"),)] * 3  # what the tests' asker answers


@pytest.mark.parametrize(
    ("sizes", "variables"),
    [
        ("B T 3", "B T"),
        ("B (H-1)//2+1", "B (H+1)//2"),
        ("H H//2", "H"),
        ("2*B*T T", "B T"),
    ],
)
def test_what_varies(sizes: str, variables: str) -> None:
    given: list[Size] = [parse_size(word) for word in sizes.split()]
    assert [str(size) for size in variables_in(given)] == variables.split()
