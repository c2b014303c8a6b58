"""Work grows in proportion to the number of constraints; counted, not timed."""

from collections.abc import Callable
from itertools import pairwise

import pytest

from shapeflow.core import dims
from shapeflow.core.constraint import Constraint, at_least, divides, equal
from shapeflow.solve import Facts, normal, solve

Problem = Callable[[int], list[Constraint]]


def symbols(n: int) -> list[dims.Dim]:
    """Many symbols."""
    return [dims.symbol(f"s{i}") for i in range(n)]


def chain(n: int) -> list[Constraint]:
    """All sizes are equal, at least something, and some products of them divisible."""
    s = symbols(n)
    found = [equal(a, b) for a, b in pairwise(s)]
    found += [at_least(a, 2 + i % 7) for i, a in enumerate(s)]
    found += [divides(4, 4 * a) for a in s]
    return found + [at_least(2 * a * b, a + b) for a, b in pairwise(s)]


def backwards(n: int) -> list[Constraint]:
    """The same, the last symbols first."""
    return chain(n)[::-1]


def separate(n: int) -> list[Constraint]:
    """Many sizes with conditions of their own, each stated twice."""
    s = symbols(n)
    return [c for a in s for c in (divides(4, a), at_least(a, 6), divides(2, a), divides(4, a))]


@pytest.mark.parametrize("problem", [chain, backwards, separate])
def test_work_is_linear(problem: Problem, monkeypatch: pytest.MonkeyPatch) -> None:
    calls = 0
    plain = normal.normal

    def counted(*args: object) -> normal.Normal:
        nonlocal calls
        calls += 1
        return plain(*args)  # type: ignore[arg-type]

    monkeypatch.setattr(normal, "normal", counted)

    def work(n: int) -> int:
        nonlocal calls
        calls = 0
        solve(problem(n), Facts())
        return calls

    assert work(400) < 2.5 * work(200)
