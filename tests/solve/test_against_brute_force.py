"""Every answer is compared with the truth at every point of a box of small sizes."""

from hypothesis import given
from hypothesis import strategies as st

from shapeflow.core.constraint import Constraint
from shapeflow.core.dims import Size, evaluate
from shapeflow.solve import Facts, find, solve

from .drawing import admitted, facts, holds, relations, sizes, thoroughly, unbounded

wanted = st.lists(relations, min_size=1, max_size=4)


@thoroughly
@given(facts, relations, unbounded)
def test_answers_hold_at_every_point(
    known: list[Constraint], question: Constraint, free: list[str]
) -> None:
    store = Facts(known, free)
    answer = store.decide(question)
    points = list(admitted(known, [question], free))
    if not store.consistent:
        assert not points
    elif answer is not None:
        assert all(question.at(at) is answer for at in points), answer


@thoroughly
@given(facts, sizes, unbounded)
def test_reduced_sizes_and_bounds_agree(
    known: list[Constraint], size: Size, free: list[str]
) -> None:
    store = Facts(known, free)
    reduced = store.reduce(size)
    low, high = store.bounds(size)
    for at in admitted(known, [Constraint("distinct", size, reduced)], free):
        try:
            value = evaluate(size, at)
        except ZeroDivisionError:
            continue
        assert value == evaluate(reduced, at)
        assert low is None or low <= value
        assert high is None or value <= high


@thoroughly
@given(facts, wanted, unbounded)
def test_witnesses_are_witnesses(
    known: list[Constraint], constraints: list[Constraint], free: list[str]
) -> None:
    at = find(constraints, Facts(known, free))
    if at is not None:
        assert holds([*known, *constraints], at)
        assert all(value >= (name not in free) for name, value in at.items())


@thoroughly
@given(facts, wanted, unbounded)
def test_solutions_say_the_same(
    known: list[Constraint], constraints: list[Constraint], free: list[str]
) -> None:
    solution = solve(constraints, Facts(known, free))
    refuted = [core.constraint for core in solution.cores]
    unclear = list(solution.undecided)
    stated = [c for c in constraints if c not in refuted and c not in unclear]
    forms = [residual.constraint for residual in solution.residuals]
    for at in admitted([*known, *unclear], [*stated, *forms], free):
        assert holds(stated, at) == holds(forms, at), at
    for residual in solution.residuals:
        assert residual.holds_at is not None and holds([*known, *forms], residual.holds_at)
        assert residual.fails_at is not None and holds(known, residual.fails_at)
        assert not residual.constraint.at(residual.fails_at)


@thoroughly
@given(facts, wanted, unbounded)
def test_cores_exclude_and_no_member_can_go(
    known: list[Constraint], constraints: list[Constraint], free: list[str]
) -> None:
    for core in solve(constraints, Facts(known, free)).cores:
        members = list(core.members)
        assert not any(core.constraint.at(at) for at in admitted(members, [core.constraint], free))
        for member in members:
            rest = Facts([other for other in members if other is not member], free)
            assert rest.consistent and rest.decide(core.constraint) is not False
