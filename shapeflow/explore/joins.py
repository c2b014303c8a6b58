"""Branches whose sides come together again: ``if pad > 0: x = F.pad(x, (0, pad))``.

Two branches in a row lead four ways, and twenty of them a million. Where nothing but local
variables differ behind a branch, and the values of one side are those of the other under the
other's condition, too, the values of that side hold for both, and one way goes on from there.
"""

from __future__ import annotations

from collections.abc import Callable

from ..core.constraint import Location
from ..solve import Facts
from ..trace import Run, State, Watch, alike
from .decision import Joint
from .oracle import PathOracle

DEEPEST = 3
"""How deep branches within branches are joined."""
PATIENCE = 4
"""How often the sides of one place may stay apart before they are taken to do so always."""

Attempt = Callable[[tuple[int, ...], int | None], tuple[Run | None, PathOracle]]
"""Makes a run along a prefix, with its frames watched, and only until behind one decision."""


class Joins:
    """The branches known to come together, and those known not to.

    Attributes:
        joints: by the answers that lead to the branch.
        apart: the answers that lead to branches whose sides stay apart, with those given inside.
        failures: how often the sides of a place stayed apart since they last came together.
    """

    def __init__(self, attempt: Attempt, is_over: Callable[[], bool]) -> None:
        self.attempt, self.is_over = attempt, is_over
        self.joints: dict[tuple[int, ...], Joint] = {}
        self.apart: set[tuple[tuple[int, ...], tuple[int, ...]]] = set()
        self.failures: dict[Location | None, int] = {}

    def run(
        self,
        prefix: tuple[int, ...],
        stop: int | None = None,
        depth: int = 0,
        begun: tuple[Run | None, PathOracle] | None = None,
    ) -> tuple[Run | None, PathOracle]:
        """A run along a prefix, with all branches behind it joined that can be, in order.

        ``begun`` is what came of it as long as no branch behind the prefix was joined.
        """
        while True:
            run, oracle = self.attempt(prefix, stop) if begun is None else begun
            begun = None
            answers = tuple(decision.answer for decision in oracle.decisions)
            for i in range(len(prefix), len(answers)):
                joint = self.joint(oracle, answers[:i], answers[i : oracle.ends.get(i)], depth)
                if joint is not None:
                    self.joints[answers[:i]] = joint
                    break
            else:
                return run, oracle

    def joint(
        self, oracle: PathOracle, key: tuple[int, ...], inner: tuple[int, ...], depth: int
    ) -> Joint | None:
        """Where the sides of one branch of a run come together; None where they do not.

        The branches inside it are joined only where the sides do not meet before them; then it is
        asked again.
        """
        i = len(key)
        decision, own = oracle.decisions[i], oracle.watched.get(i)
        if decision.kind != "size" or own is None or (key, inner) in self.apart or depth > DEEPEST:
            return None
        if self.is_over() or not any(map(own[0].is_harmless, own[0].states.values())):
            return None
        failures = self.failures.get(decision.location, 0)
        if failures >= PATIENCE:
            return None
        prefix = *key, 1 - decision.answer
        begun = self.attempt(prefix, i)
        found = _meeting(own, begun[1].watched.get(i), decision.answer)
        if found is None:
            _, there = self.run(prefix, i, depth + 1, begun)
            found = _meeting(own, there.watched.get(i), decision.answer)
        self.failures[decision.location] = 0
        if found is None:
            self.apart.add((key, inner))
            self.failures[decision.location] = failures + 1
        return found


def _meeting(
    own: tuple[Watch, Facts], other: tuple[Watch, Facts] | None, side: int
) -> Joint | None:
    """The first line at which the values of one side are right on the other side, too."""
    if other is None:
        return None
    for line, state in own[0].states.items():
        there = other[0].states.get(line)
        if there is None or not (_is_free(own, state) and _is_free(other, there)):
            continue
        made = own[0].made(state) | other[0].made(there)
        if alike(state.values, there.values, made, other[1].decide):
            return Joint(side, line)
        if alike(there.values, state.values, made, own[1].decide):
            return Joint(1 - side, line)
    return None


def _is_free(side: tuple[Watch, Facts], state: State) -> bool:
    """Whether a side changes nothing but variables, and demands nothing."""
    watch, facts = side
    return watch.is_harmless(state) and all(
        facts.decide(demand) is True for demand in watch.demanded(state)
    )


__all__ = ["Joins"]
