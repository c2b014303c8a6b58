"""Residuals in solved form, cores, and the sizes that show them."""

import pytest

from shapeflow.core.constraint import Constraint, Origin
from shapeflow.core.notation import parse_fact
from shapeflow.solve import Facts, Solution, solve


def solution(facts: str, *constraints: str) -> Solution:
    """The solution of constraints in writing."""
    known = Facts([parse_fact(facts)] if facts else [])
    return solve([parse_fact(text) for text in constraints], known)


def forms(found: Solution) -> list[str]:
    """The residuals in writing."""
    return [str(residual.constraint) for residual in found.residuals]


SOLVED = [  # facts, constraint, solved form
    ("",           "B == N",                            "B == N"),
    ("",           "N == B",                            "N == B"),
    ("",           "0 == B - N",                        "B == N"),
    ("",           "B+1 == N+1",                        "B == N"),
    ("",           "2*B == 4*N",                        "B == 2*N"),
    ("",           "5 == T",                            "T == 5"),
    ("",           "T+1 == 5",                          "T == 4"),
    ("",           "2*T+2 == 10",                       "T == 4"),
    ("",           "B*T == 12*B",                       "T == 12"),
    ("",           "B*T == B*N",                        "T == N"),
    ("H >= 2",     "B*H == 6*H",                        "B == 6"),
    ("B == 4",     "B*T == 48",                         "T == 12"),
    ("",           "T*T == 144",                        "T == 12"),
    ("",           "B*B == N*N",                        "B == N"),
    ("",           "(B-3)*(T-2) == 0",                  "T == 2 or B == 3"),
    ("",           "3*T >= 8",                          "T >= 3"),
    ("",           "2*T <= 15",                         "T <= 7"),
    ("",           "H//4 >= 3",                         "H >= 12"),
    ("",           "(H-5)//2+1 >= 1",                   "H >= 5"),
    ("",           "((H-3)//2+1-3)//2+1 >= 1",          "H >= 7"),
    ("",           "(H-1)//2+1 == 7",                   "(H+1)//2 == 7"),
    ("",           "H//2 == W//2",                      "H//2 == W//2"),
    ("",           "(3*H) % 12 == 0",                   "H % 4 == 0"),
    ("",           "(B*T*8) % 16 == 0",                 "(B*T) % 2 == 0"),
    ("",           "3*(C//3) == C",                     "C % 3 == 0"),
    ("H % 4 == 0", "4*(H//4) == W",                     "H == W"),
    ("",           "(T+1)//2 == T//2",                  "T % 2 == 0"),
    ("",           "(T+1)//2 == T//2+1",                "(T+1) % 2 == 0"),
    ("",           "(T+4)//5 == T//5",                  "T % 5 == 0"),
    ("",           "(T+6)//5 == T//5+2",                "(T+1) % 5 == 0"),
    ("",           "B*((T+1)//2) != B*(T//2)",          "2*(T//2) != T"),
    ("",           "T <= 15 or T == 16",                "T <= 16"),
    ("",           "B*16*(H//4)*(W//4) == B*H*W",       "H % 4 == 0 and W % 4 == 0"),
    ("",           "6*(H//2)*((W+1)//3) == H*(W+1)",    "(W+1) % 3 == 0 and H % 2 == 0"),
    ("",           "B*T != 3*B",                        "T != 3"),
    ("",           "max(B, N) == N",                    "N >= B"),
    ("B >= 2",     "B == 5 or B == 1",                  "B == 5"),
    ("",           "B == N or B == 1 or N == 1",        "B == N or B == 1 or N == 1"),
    ("",           "B*T == N*H",                        "B*T == H*N"),
]  # fmt: skip


@pytest.mark.parametrize(("facts", "constraint", "form"), SOLVED)
def test_solved_form(facts: str, constraint: str, form: str) -> None:
    found = solution(facts, constraint)
    assert found.verdict == "conditional"
    assert [parse_fact(text) for text in forms(found)] == [parse_fact(form)]


def test_valid() -> None:
    found = solution("", "B == B", "B*T >= T", "(4*H) % 4 == 0")
    assert found == Solution("valid", (), (), (), {"B": 2, "T": 3})


def test_witnesses_are_small_and_different() -> None:
    (residual,) = solution("", "B == N").residuals
    assert residual.holds_at == {"B": 2, "N": 2}
    assert residual.fails_at == {"B": 2, "N": 3}


def test_a_counter_example_keeps_the_other_conditions() -> None:
    found = solution("", "N == B", "T >= 3", "H % 4 == 0")
    for residual in found.residuals:
        assert residual.fails_at is not None
        failing = [r for r in found.residuals if not r.constraint.at(residual.fails_at)]
        assert failing == [residual]


def test_what_is_implied_is_dropped() -> None:
    assert forms(solution("", "T >= 3", "T >= 5", "T >= 4")) == ["T >= 5"]
    assert forms(solution("", "N == B", "K == B", "N == K")) == ["N == B", "K == B"]
    assert forms(solution("T >= 9", "T >= 3", "H % 4 == 0", "H % 2 == 0")) == ["H % 4 == 0"]


def test_later_conditions_use_earlier_ones() -> None:
    assert forms(solution("", "N == B", "N*T == 12*B")) == ["N == B", "T == 12"]


def test_sources_are_all_that_say_the_same() -> None:
    texts = ["B*T == 12*B", "T >= 2", "T == 12", "N*T == 12*N"]
    constraints = [
        parse_fact(text).because(Origin(because=f"reason {i}")) for i, text in enumerate(texts)
    ]
    (residual,) = solve(constraints, Facts()).residuals
    assert [source.origin.because for source in residual.sources if source.origin] == [
        "reason 0",
        "reason 2",
        "reason 3",
    ]
    assert residual.constraint.origin == constraints[0].origin


PINS = [  # constraint, whether it pins
    ("B == N",                  True),
    ("T == 12",                 True),
    ("H == 2*W",                True),
    ("B == N or B == 1",        True),
    ("B == N or T >= 3",        False),
    ("T >= 3",                  False),
    ("H % 4 == 0",              False),
    ("T != 3",                  False),
]  # fmt: skip


@pytest.mark.parametrize(("constraint", "pins"), PINS)
def test_pins(constraint: str, pins: bool) -> None:
    (residual,) = solution("", constraint).residuals
    assert residual.pins is pins


CORES = [  # facts, constraints, members of the core of the last one
    ("",                   ["5 == 3"],                                   []),
    ("",                   ["2*B+1 == 2*T"],                             []),
    ("T >= 5",             ["B == N", "T == 4"],                         ["T >= 5"]),
    ("",                   ["T == 4", "B == N", "T >= 5"],               ["T == 4"]),
    ("",                   ["B == N", "N == T", "H == 3", "B == T+1"],   ["B == N", "N == T"]),
    ("H % 4 == 0",         ["H >= 8", "H <= 11", "H == 10"],             ["H % 4 == 0"]),
    ("",                   ["H >= 8", "H <= 11", "H % 4 == 0", "H == 9"], ["H % 4 == 0"]),
    ("",                   ["B == N or B == 1", "B == 3", "N == 4"],
                           ["B == N or B == 1", "B == 3"]),
]  # fmt: skip


@pytest.mark.parametrize(("facts", "constraints", "members"), CORES)
def test_core(facts: str, constraints: list[str], members: list[str]) -> None:
    found = solution(facts, *constraints)
    assert found.verdict == "unsatisfiable"
    (core,) = found.cores
    assert core.constraint == parse_fact(constraints[-1])
    assert list(core.members) == [parse_fact(text) for text in members]
    assert core.fails_at is not None and not core.constraint.at(core.fails_at)


def test_independent_faults_are_all_reported_and_do_not_cascade() -> None:
    found = solution("", "B == 5", "B == 7", "B >= 4", "T == 1", "2*T == 3")
    assert [str(core.constraint) for core in found.cores] == ["B == 7", "2*T == 3"]
    assert forms(found) == ["B == 5", "T == 1"]


def test_a_contradictory_conjunction_is_one_fault() -> None:
    (core,) = solution("", "T >= 5 and T <= 4").cores
    assert core.members == ()


def test_a_conjunction_gives_one_residual_a_part() -> None:
    assert forms(solution("", "2 <= T <= 512 and B == N")) == ["T >= 2", "T <= 512", "B == N"]


def test_nothing_asked() -> None:
    assert solve([], Facts()) == Solution("valid", (), (), (), {})


def test_facts_stay_as_they_were() -> None:
    known = Facts([parse_fact("B == N")])
    solve([parse_fact("B == 4")], known)
    assert known.facts == (parse_fact("B == N"),)
    assert known.decide(parse_fact("B == 4")) is None


def test_the_same_every_time() -> None:
    texts = ["B*T == N*H", "H//2 == W//2", "B == N or T >= 3", "(B*W) % 6 == 0"]
    constraints: list[Constraint] = [parse_fact(text) for text in texts]
    assert solve(constraints, Facts()) == solve(constraints, Facts())


def test_an_option_without_a_value_leaves_the_others_as_they_are() -> None:
    stated = parse_fact("(7//C) % 3 == 0 or 0 >= 4*C")
    (residual,) = solve([stated], Facts([], ["C"])).residuals
    assert residual.constraint.at({"C": 0})
    assert all(residual.constraint.at({"C": c}) == stated.at({"C": c}) for c in range(12))


def test_what_shows_a_fault_breaks_the_constraint_itself() -> None:
    found = solution("", "H >= 16", "W >= 16", "(H//16)*(W//16)+1 == 16 or (H//16)*(W//16)+1 == 1")
    (residual,) = found.residuals
    assert str(residual.constraint) == "(H//16)*(W//16) == 15"
    assert residual.fails_at is not None
    assert min(residual.fails_at[name] for name in "HW") >= 16


def test_what_shows_a_fault_passes_what_comes_before() -> None:
    found = solution("", "H >= 4", "W >= 4", "H >= 10", "W >= 10")
    for residual in found.residuals:
        assert residual.fails_at is not None
        low, high = sorted(residual.fails_at.values())
        assert 4 <= low < 10 <= high
