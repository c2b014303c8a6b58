"""What follows from what: facts, a question, the answer."""

import pytest

from shapeflow.core import dims
from shapeflow.core.constraint import ALWAYS, at_least, distinct, divides, equal, never
from shapeflow.core.notation import parse_fact, parse_size
from shapeflow.solve import Facts

OPEN = None
TABLE = [  # facts, question, answer
    # written the same way
    ("",                       "B == B",                               True),
    ("",                       "5 == 3",                               False),
    ("",                       "(2*B*T)//2 == B*T",                    True),
    ("",                       "(T-1)//2+1 == (T+1)//2",               True),
    ("",                       "(H//2)//2 == H//4",                    True),
    ("",                       "(B*T) % T == 0",                       True),
    ("",                       "B*T*H//(B*T) == H",                    True),
    ("",                       "T+1 == T",                             False),
    # names may differ
    ("",                       "B == N",                               OPEN),
    ("",                       "T == 12",                              OPEN),
    ("",                       "H//2 == W//2",                         OPEN),
    ("",                       "H % 4 == 0",                           OPEN),
    ("",                       "B != N",                               OPEN),
    # equalities
    ("B == T",                 "B*T == B*B",                           True),
    ("B == N and N == T",      "2*B+1 == N+T+1",                       True),
    ("B == N+1",               "B == N",                               False),
    ("B*T == 12*N",            "B*T*H == 12*N*H",                      True),
    ("B*T == 12*N",            "B*T >= 12",                            True),
    ("2*K == 3*M",             "K % 3 == 0 and M % 2 == 0",            True),
    ("B*B == T*T",             "B == T",                               True),
    ("B*T == 12*B",            "T == 12",                              True),
    ("(B-3)*(T-2) == 0",       "B == 3 or T == 2",                     True),
    # a division that leaves no rest
    ("(N*T) % 49 == 0",        "(3136*((4*N*T)//49))//(N*T) == 256",   True),
    ("(N*T) % 49 == 0",        "(3136*((4*N*T)//49))//(N*T) == 3136",  False),
    ("(N*T) % 7 == 0",         "(3136*((4*N*T)//49))//(N*T) == 256",   OPEN),
    # no whole number
    ("",                       "2*B+1 == 2*T",                         False),
    ("",                       "6*B+9*T == 20",                        False),
    ("",                       "T*T == 2",                             False),
    ("",                       "B*T+1 == T",                           False),
    ("H % 2 == 0",             "H == 7",                               False),
    ("H % 4 == 2",             "H % 2 == 0",                           True),
    ("",                       "A*B*B == A+2",                         False),
    # sizes are at least 1
    ("",                       "B*T >= T",                             True),
    ("",                       "T*T >= T",                             True),
    ("",                       "2*T >= T+1",                           True),
    ("",                       "B*T != 0",                             True),
    ("",                       "B*T*H >= B+T+H-2",                     True),
    ("T >= 7",                 "T >= 5",                               True),
    ("T >= 7",                 "T >= 8",                               OPEN),
    ("T >= 4",                 "T != 3",                               True),
    ("T <= 4",                 "T >= 5",                               False),
    ("1 <= T <= 3",            "T == 1 or T == 2 or T == 3",           True),
    ("A >= B and B >= C",      "A >= C",                               True),
    ("A >= B and B >= A",      "A == B",                               True),
    ("T >= N",                 "B*T >= B*N",                           True),
    ("B >= 5",                 "7*B*C-7*B == B-C",                     False),
    # floor division
    ("",                       "2*(H//2) <= H",                        True),
    ("",                       "T*(H//T) <= H",                        True),
    ("",                       "(H+2*1-3)//2+1 >= 1",                  True),
    ("",                       "(W-1)//4+1 >= 1",                      True),
    ("",                       "((H-1)//2+1-1)//2+1 >= 1",             True),
    ("",                       "(H-5)//2+1 >= 1",                      OPEN),
    ("",                       "T//2 + (T+1)//2 == T",                 True),
    ("",                       "(H+2)//3 == (H-1)//3+1",               True),
    ("",                       "H - 4*(H//4) <= 3",                    True),
    ("a >= 8",                 "a//8 >= 1",                            True),
    ("H >= 12",                "H//4 >= 3",                            True),
    ("H//4 >= 3",              "H >= 12",                              True),
    ("H//4 == 3",              "12 <= H and H <= 15",                  True),
    ("H//2 == W//2",           "B*(H//2) == B*(W//2)",                 True),
    ("20 == min(A, B)//2",     "A >= 40",                              True),
    # divisibility
    ("H % 4 == 0",             "4*(H//4) == H",                        True),
    ("H % 4 == 0",             "H % 2 == 0",                           True),
    ("H % 2 == 0",             "H % 4 == 0",                           OPEN),
    ("H % 2 == 0 and H % 3 == 0", "H % 6 == 0",                        True),
    ("H % 8 == 0 and W % 8 == 0", "64*(H//8)*(W//8) == H*W",           True),
    ("d % n == 0",             "n*(d//n) == d",                        True),
    ("d % n == 0",             "d >= n",                               True),
    ("d % n == 0 and d < 2*n", "d == n",                               True),
    ("",                       "(B*(B+1)) % 2 == 0",                   True),
    ("",                       "(B*(B+1)*(B+2)) % 6 == 0",             True),
    ("",                       "(4*B+2) % 4 == 0",                     False),
    ("",                       "(B*B+1) % 4 == 0",                     False),
    # either, or
    ("B == 1",                 "B == 1 or T == 1",                     True),
    ("B >= 2",                 "B == 1 or B == 0",                     False),
    ("",                       "B == N or B != N",                     True),
    ("B == N or T == 3",       "B == N",                               OPEN),
    ("B == 2 or B == 4",       "B % 2 == 0",                           True),
    ("B == 5 or B == 1 and B >= 2", "B >= 1",                          True),
    # largest and smallest
    ("",                       "min(T, 5) <= 5",                       True),
    ("B == N",                 "max(B, N) == B",                       True),
    ("B == S or B == 1",       "max(B, S) == S",                       True),
    ("B == N or B == 1 or N == 1", "max(B, N) % B == 0",               True),
    ("",                       "max(B, T) >= B",                       True),
    ("",                       "max(B, T) + min(B, T) == B + T",       True),
    ("",                       "max(B, T) == B",                       OPEN),
]  # fmt: skip


@pytest.mark.parametrize(("facts", "question", "answer"), TABLE)
def test_answer(facts: str, question: str, answer: bool | None) -> None:
    known = Facts([parse_fact(facts)] if facts else [])
    assert known.decide(parse_fact(question)) is answer


@pytest.mark.parametrize(("facts", "question", "answer"), TABLE)
def test_the_opposite_has_the_opposite_answer(
    facts: str, question: str, answer: bool | None
) -> None:
    known = Facts([parse_fact(facts)] if facts else [])
    opposite = known.decide(parse_fact(question).negated())
    assert opposite is (None if answer is None else not answer)


def test_an_unbounded_symbol_may_be_zero() -> None:
    known = Facts(unbounded=["L"])
    assert known.bounds(dims.symbol("L")) == (0, None)
    assert known.decide(parse_fact("L >= 1")) is None
    assert known.decide(parse_fact("B*L == B")) is None
    assert known.decide(parse_fact("B*L >= L")) is True


def test_an_opaque_size_may_be_zero() -> None:
    count = dims.opaque("count")
    known = Facts()
    assert known.decide(at_least(count, 0)) is True
    assert known.decide(at_least(count, 1)) is None
    assert known.decide(distinct(count, 0)) is None


def test_what_divides_by_zero_never_holds() -> None:
    known = Facts(unbounded=["L"])
    quotient = dims.floordiv(dims.symbol("B"), dims.symbol("L"))
    assert known.decide(equal(quotient, quotient)) is None
    assert known.decide(divides(dims.symbol("L"), 0)) is None
    known.assume(parse_fact("L == 0"))
    assert known.decide(equal(quotient, quotient)) is False
    assert known.decide(divides(dims.symbol("L"), 0)) is False
    assert known.decide(divides(0, dims.symbol("B"))) is False


def test_constants_of_the_language() -> None:
    assert Facts().decide(ALWAYS) is True
    assert Facts().decide(never()) is False


def test_facts_that_contradict_each_other() -> None:
    known = Facts([parse_fact("T >= 5")])
    assert known.consistent
    known.assume(parse_fact("T <= 4"))
    assert not known.consistent
    assert known.facts == (parse_fact("T >= 5"), parse_fact("T <= 4"))


def test_a_copy_is_independent() -> None:
    known = Facts([parse_fact("B == N")])
    other = known.copy()
    other.assume(parse_fact("B == 3"))
    assert known.decide(parse_fact("N == 3")) is None
    assert other.decide(parse_fact("N == 3")) is True


REDUCED = [  # facts, size, reduced
    ("B == N",           "N",                  "B"),
    ("B == N and T == 5", "N*T + T",           "5*B + 5"),
    ("H % 4 == 0",       "4*(H//4)",           "H"),
    ("H % 4 == 0",       "H//2",               "2*(H//4)"),
    ("H % 4 == 2",       "H % 4",              "2"),
    ("B == 3*N",         "B//3",               "N"),
    ("2*K == 3*M",       "2*K - 3*M + B",      "B"),
    ("T >= 5",           "max(T, 3)",          "T"),
    ("",                 "H//2",               "H//2"),
]  # fmt: skip


@pytest.mark.parametrize(("facts", "size", "reduced"), REDUCED)
def test_reduced(facts: str, size: str, reduced: str) -> None:
    known = Facts([parse_fact(facts)] if facts else [])
    assert known.reduce(parse_size(size)) == parse_size(reduced)


BOUNDS = [  # facts, size, bounds
    ("",                     "B",           (1, None)),
    ("",                     "H % 4",       (0, 3)),
    ("",                     "(H-1)//2+1",  (1, None)),
    ("2 <= T <= 9",          "3*T//2",      (3, 13)),
    ("2 <= T <= 9",          "20-2*T",      (2, 16)),
    ("A >= B",               "A-B",         (0, None)),
    ("A >= B+2",             "B-A",         (None, -2)),
    ("T == 5",               "2*T",         (10, 10)),
    ("H % 8 == 0",           "H",           (8, None)),
    ("",                     "min(B, 5)",   (1, 5)),
]  # fmt: skip


@pytest.mark.parametrize(("facts", "size", "bounds"), BOUNDS)
def test_bounds(facts: str, size: str, bounds: tuple[int | None, int | None]) -> None:
    known = Facts([parse_fact(facts)] if facts else [])
    assert known.bounds(parse_size(size)) == bounds
