"""Chains of strided convolutions with skip connections, as real networks make them."""

import random
from collections.abc import Iterator
from itertools import product

import pytest

from shapeflow.core import dims
from shapeflow.core.constraint import Constraint, at_least, divides, equal
from shapeflow.core.dims import Size
from shapeflow.core.notation import parse_fact
from shapeflow.solve import Facts, solve

H, W = dims.symbol("H"), dims.symbol("W")
FACTS = ["", "H >= 32", "H % 32 == 0", "H == W", "H == 224", "32 <= H and H <= 512"]
VALUES = [*range(1, 60, 3), 64, 95, 96, 97, 128, 224, 225]


def convolution(size: Size, kernel: int, stride: int, padding: int) -> Size:
    """The size after a convolution."""
    return dims.floordiv(size + 2 * padding - kernel, stride) + 1


def network(pick: random.Random) -> Iterator[Constraint]:
    """What a random network demands of its input's height and width."""
    h, w, skips = H, W, [(H, W)]
    for _ in range(pick.randint(1, 6)):
        kernel, stride = pick.choice([1, 2, 3, 5, 7]), pick.choice([1, 1, 2, 2, 3, 4])
        padding = pick.choice([0, kernel // 2])
        h, w = convolution(h, kernel, stride, padding), convolution(w, kernel, stride, padding)
        yield from (at_least(h, 1), at_least(w, 1))
        if pick.random() < 0.3:
            (a, b), factor = pick.choice(skips), pick.choice([1, 2, 4])
            yield from (equal(h * factor, a), equal(w * factor, b))
        if pick.random() < 0.2:
            yield divides(pick.choice([2, 4]), h)
        skips.append((h, w))
    if pick.random() < 0.6:
        yield equal(64 * h * w, pick.choice([64, 64 * 49, 1024, 256 * 36]))


@pytest.mark.parametrize("seed", range(60))
def test_network(seed: int) -> None:
    pick = random.Random(seed)
    fact = pick.choice(FACTS)
    facts = [parse_fact(fact)] if fact else []
    constraints = list(network(pick))
    found = solve(constraints, Facts(facts))
    refuted = [core.constraint for core in found.cores]
    assert not found.undecided
    for height, width in product(VALUES, VALUES):
        at = {"H": height, "W": width}
        if all(known.at(at) for known in facts):
            stated = all(c.at(at) for c in constraints if c not in refuted)
            assert stated == all(residual.constraint.at(at) for residual in found.residuals)
            for core in found.cores:
                assert not (core.constraint.at(at) and all(m.at(at) for m in core.members))
