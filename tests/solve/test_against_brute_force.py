"""Every answer is compared with the truth at every point of a box of small sizes."""

import os

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shapeflow.core.constraint import Constraint
from shapeflow.core.dims import Size, evaluate
from shapeflow.solve import Facts, find, solve

from .drawing import NAMES, admitted, facts, holds, relations, sizes

HIGH = 7
EXAMPLES = int(os.environ.get("SHAPEFLOW_EXAMPLES", "150"))
thoroughly = settings(
    max_examples=EXAMPLES,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)
zero = st.sets(st.sampled_from(NAMES), max_size=2).map(sorted)


@thoroughly
@given(facts, relations, zero)
def test_answers_hold_at_every_point(
    known: list[Constraint], question: Constraint, unbounded: list[str]
) -> None:
    store = Facts(known, unbounded)
    answer = store.decide(question)
    points = list(admitted(known, [question], HIGH, unbounded))
    if not store.consistent:
        assert not points
    elif answer is not None:
        assert all(holds(question, at) is answer for at in points), answer


@thoroughly
@given(facts, sizes, zero)
def test_reduced_sizes_and_bounds_agree(
    known: list[Constraint], size: Size, unbounded: list[str]
) -> None:
    store = Facts(known, unbounded)
    reduced = store.reduce(size)
    low, high = store.bounds(size)
    speaking = Constraint("distinct", size, reduced)
    for at in admitted(known, [speaking], HIGH, unbounded):
        value = evaluate(size, at)
        assert value == evaluate(reduced, at)
        assert low is None or low <= value
        assert high is None or value <= high


@thoroughly
@given(facts, st.lists(relations, max_size=3))
def test_witnesses_are_witnesses(known: list[Constraint], wanted: list[Constraint]) -> None:
    at = find(wanted, Facts(known))
    if at is not None:
        assert all(holds(relation, at) for relation in [*known, *wanted])
        assert all(value >= 1 for value in at.values())


@thoroughly
@given(facts, st.lists(relations, min_size=1, max_size=4))
def test_solutions_say_the_same(known: list[Constraint], wanted: list[Constraint]) -> None:
    solution = solve(wanted, Facts(known))
    refuted = [core.constraint for core in solution.cores]
    stated = [c for c in wanted if c not in refuted and c not in solution.undecided]
    solved = [residual.constraint for residual in solution.residuals]
    open_ones = [*solved, *solution.undecided]
    for at in admitted(known, [*stated, *solved, *solution.undecided], HIGH):
        if all(holds(c, at) for c in solution.undecided):
            assert all(holds(c, at) for c in stated) == all(holds(c, at) for c in open_ones)
    for residual in solution.residuals:
        assert residual.holds_at is not None and residual.fails_at is not None
        assert all(holds(c, residual.holds_at) is not False for c in [*known, *stated])
        assert not holds(residual.constraint, residual.fails_at)
        assert all(holds(c, residual.fails_at) is not False for c in known)


@thoroughly
@given(facts, st.lists(relations, min_size=1, max_size=4))
def test_cores_exclude_and_none_can_go(known: list[Constraint], wanted: list[Constraint]) -> None:
    solution = solve(wanted, Facts(known))
    for core in solution.cores:
        members = list(core.members)
        assert not any(
            holds(core.constraint, at) for at in admitted(members, [core.constraint], HIGH)
        )
        for member in members:
            rest = Facts([m for m in members if m is not member])
            assert rest.consistent and rest.decide(core.constraint) is not False
