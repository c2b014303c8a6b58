"""Laws through instances: found, refused, or asked for one more instance."""

import pytest

from shapeflow.core import constraint, dims
from shapeflow.core.notation import parse_size
from shapeflow.explore.fit import Ambiguous, Fitter, NoLaw

B, L, T = (dims.symbol(name) for name in "BLT")
USUAL = [3, 1, 2, 5]
MANY = [1, 2, 3, 5, 6, 7, 8, 9, 11]


def fitted(law: str, numbers: list[int], bounds: tuple[str, ...] = ()) -> str:
    """The law found through the sizes that a law gives at some numbers of T."""
    size = parse_size(law)
    points = [{"T": number} for number in numbers]
    sizes = [dims.substitute(size, point) for point in points]
    return str(Fitter(points, {"T": T}, [parse_size(b) for b in bounds]).fit(sizes))


@pytest.mark.parametrize("law", ["4", "T", "2*T+3", "B", "B*T", "B*T+L", "3-T", "(B*T)//4"])
def test_usual_law_needs_the_usual_numbers(law: str) -> None:
    assert fitted(law, USUAL) == law


@pytest.mark.parametrize("law", ["T//2", "(T+1)//3", "T//2+1"])
def test_law_in_what_was_asked_for(law: str) -> None:
    assert fitted(law, USUAL, (law,)) == law


@pytest.mark.parametrize("law", ["T//2", "(T+1)//2", "T//3+1", "min(T,6)", "max(T,6)"])
def test_rare_law_needs_many_numbers(law: str) -> None:
    assert fitted(law, MANY) == law
    with pytest.raises(Ambiguous):
        fitted(law, [1, 2, 3, 5] if law[0] != "m" else [4, 5, 8, 9])


def test_numbers_without_law() -> None:
    points = [{"T": number} for number in MANY]
    with pytest.raises(NoLaw):
        Fitter(points, {"T": T}).fit([1, 1, 2, 1, 1, 1, 3, 1, 1])


def test_law_in_two_symbols() -> None:
    numbers = [(t, n) for t in USUAL for n in USUAL]
    points = [{"T": t, "L": n} for t, n in numbers]
    fitter = Fitter(points, {"T": T, "L": L})
    assert str(fitter.fit([t * n + 2 * t for t, n in numbers])) == "L*T+2*T"


def test_tree_of_results() -> None:
    fitter = Fitter([{"T": n} for n in USUAL], {"T": T})
    assert fitter.tree([{"a": (n, B), "b": [None, "x"]} for n in USUAL]) == {
        "a": (T, B),
        "b": [None, "x"],
    }
    for odd in ({"a": (1,)}, (1, 2), {"b": 1}):
        with pytest.raises(NoLaw):
            fitter.tree([{"a": (n, B)} for n in USUAL[:3]] + [odd])


def test_relation_through_relations() -> None:
    fitter = Fitter([{"T": n} for n in USUAL], {"T": T})
    assert fitter.relation([constraint.equal(n * B, T * B) for n in USUAL]) == constraint.equal(
        B * T, B * T
    )
    assert fitter.relation([constraint.divides(4, n * B) for n in USUAL]) == constraint.divides(
        4, B * T
    )
    with pytest.raises(NoLaw):
        fitter.relation([constraint.equal(B, 1), constraint.distinct(B, 1)])


def test_no_law_of_multiples_of_nothing() -> None:
    points = [{"T": number} for number in (1, 2, 3)]
    multiples = [constraint.divides(number - 1, B * number) for number in (1, 2, 3)]
    with pytest.raises(NoLaw):
        Fitter(points, {"T": T}).relation(multiples)
