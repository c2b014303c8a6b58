"""Calls as a tree of modules, with what repeats found by its structure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from ..core.step import Traced
from .families import short_name
from .flow import Atom

LONGEST_PERIOD = 200
"""Items that one round of a repetition may have."""
MOST_LEVELS = 40
"""Modules in one another that are told apart."""


@dataclass(frozen=True)
class Leaf:
    """One box: the first atom names it, the others are told in it.

    ``path`` is that of a layer; a ``closed`` one stands for a module that is not looked into, or
    for a function of a library, which ``label`` names.
    """

    atoms: tuple[int, ...]
    path: str | None = None
    closed: bool = False
    label: str = ""


@dataclass(frozen=True)
class Block:
    """One call of a module: its attribute path, its class, and what happens in it.

    ``label`` is told instead where no module stands behind it.
    """

    path: str
    kind: str
    items: tuple[Item, ...]
    label: str = ""


@dataclass(frozen=True)
class Repeat:
    """Items that happen several times in the same way.

    Attributes:
        items: those of the first round.
        rounds: the atoms of each round, in the same order.
        paths: of the module that each round is, where it is one.
        same: whether all rounds use the same parameters: steps of a loop, not a stack of layers.
    """

    items: tuple[Item, ...]
    rounds: tuple[tuple[int, ...], ...]
    paths: tuple[str, ...]
    same: bool


Item = Leaf | Block | Repeat


def atoms_of(items: Sequence[Item]) -> Iterator[int]:
    """The atoms below some items, in order; of repetitions those of the first round."""
    for item in items:
        if isinstance(item, Leaf):
            yield from item.atoms
        else:
            yield from atoms_of(item.items)


def tree(atoms: Sequence[Atom], traced: Traced) -> Block:
    """The atoms below the module calls that they happen in; nothing is folded yet."""
    root: list[Any] = []
    insides: dict[int, list[Any]] = {0: root}

    for atom in atoms:
        chain = [atom.step.visit]
        while chain[-1]:
            chain.append(traced.visits[chain[-1]].outer)
        inside = root
        for visit in chain[-2 : -MOST_LEVELS - 2 : -1]:
            if visit not in insides:
                insides[visit] = []
                inside.append(visit)
            inside = insides[visit]
        inside.append(atom)
    return Block("", _kind("", traced), tuple(_items(root, insides, traced, False)))


def _kind(path: str, traced: Traced) -> str:
    module = traced.modules.get(path)
    return module.kind if module is not None else ""


def _items(
    parts: Sequence[Any], insides: dict[int, list[Any]], traced: Traced, is_torchs: bool
) -> Iterator[Item]:
    for part in parts if is_torchs else _by_call(parts):
        if isinstance(part, Atom):
            yield Leaf((part.number,))
            continue
        if isinstance(part, list):
            yield Leaf(tuple(atom.number for atom in part), None, True, _called(part[-1]))
            continue
        path, inner = traced.visits[part].path, insides[part]
        module = traced.modules.get(path)
        torchs = module is not None and module.is_torchs
        if path == "":  # the model itself needs no frame
            yield from _items(inner, insides, traced, is_torchs)
        elif torchs and all(isinstance(p, Atom) for p in inner):
            yield Leaf(tuple(p.number for p in inner), path)
        else:
            yield Block(path, _kind(path, traced), tuple(_items(inner, insides, traced, torchs)))


def _by_call(parts: Sequence[Any]) -> Iterator[Any]:
    """The parts with those in a list that one expression of the user's makes: what a function of
    a library does inside."""
    run: list[Atom] = []
    for part in parts:
        is_call = isinstance(part, Atom) and part.step.kind == "call"
        place = part.step.location if is_call else None
        if run and (place is None or place != run[0].step.location):
            yield from _calls(run)
            run = []
        if place is None:
            yield part
        else:
            run.append(part)
    yield from _calls(run)


def _calls(run: Sequence[Atom]) -> Iterator[Any]:
    """The atoms of one expression; of each time that a loop comes by it where it does."""
    ops = [atom.step.op for atom in run]
    for period in range(1, len(run) + 1):
        if len(run) % period == 0 and ops == ops[:period] * (len(run) // period):
            for i in range(0, len(run), period):
                yield run[i] if period == 1 else list(run[i : i + period])
            return


def _called(atom: Atom) -> str:
    """The function that an expression calls, by its source."""
    place = atom.step.location
    text = place.text[place.column - 1 :].partition("(")[0] if place is not None else ""
    name = text.rpartition(".")[2].strip()
    return name if name.isidentifier() else short_name(atom.step.op)


class Folder:
    """Finds repetitions.

    Args:
        atoms: all atoms.
        loops: whether rounds with the same parameters are folded.
        stacks: whether rounds with parameters of their own are.
        apart: atoms that are not folded away, such as the one a finding speaks of.
    """

    def __init__(
        self, atoms: Sequence[Atom], loops: bool, stacks: bool, apart: frozenset[int]
    ) -> None:
        self.atoms, self.loops, self.stacks, self.apart = atoms, loops, stacks, apart
        self.numbers: dict[Any, int] = {}
        self.users: list[set[int]] = [set() for _ in atoms]
        for atom in atoms:
            for wire in atom.wires:
                self.users[wire.source].add(atom.number)

    def fold(self, items: Sequence[Item], loops: bool = True) -> tuple[Item, ...]:
        """The items with repetitions in the place of what repeats, at every level."""
        if loops and self.loops:
            found = self.widest(items, True)
            if found is not None:
                return self.around(items, *found, True)
        if self.stacks:
            found = self.widest(items, False)
            if found is not None:
                return self.around(items, *found, False)
        return tuple(self.inside(item) for item in items)

    def inside(self, item: Item) -> Item:
        """The item with what repeats in it folded."""
        if isinstance(item, Block):
            return Block(item.path, item.kind, self.fold(item.items))
        return item

    def around(
        self, items: Sequence[Item], start: int, period: int, count: int, same: bool
    ) -> tuple[Item, ...]:
        """A repetition with what stands before and behind it."""
        rounds = [items[start + i * period : start + (i + 1) * period] for i in range(count)]
        paths = [round[0].path for round in rounds if period == 1 and isinstance(round[0], Block)]
        repeat = Repeat(
            self.fold(rounds[0], not same),
            tuple(tuple(atoms_of(round)) for round in rounds),
            tuple(paths),
            same,
        )
        before, behind = items[:start], items[start + count * period :]
        return (*self.fold(before), repeat, *self.fold(behind))

    def widest(self, items: Sequence[Item], same: bool) -> tuple[int, int, int] | None:
        """Start, period and number of rounds of the repetition that covers most."""
        keys = [self.key(item, same) for item in items]
        found: list[tuple[int, int, int, int]] = []
        for period in range(1, min(len(keys) // 2, LONGEST_PERIOD) + 1):
            run = 0
            for i in range(len(keys) - period + 1):
                if i + period < len(keys) and keys[i] == keys[i + period]:
                    run += 1
                    continue
                if run >= period:
                    count = run // period + 1
                    start = self.phase(items, i - run, run % period, period)
                    found.append((-count * period, period, start, count))
                run = 0
        for _, period, start, count in sorted(found):
            rounds = [
                tuple(atoms_of(items[start + i * period : start + (i + 1) * period]))
                for i in range(count)
            ]
            first, last = self.stretch(rounds, same)
            one = items[start : start + period]
            if self.is_worth(one, rounds[first:last], same):
                return start + first * period, period, last - first
        return None

    def phase(self, items: Sequence[Item], start: int, slack: int, period: int) -> int:
        """Where a round begins: where the source goes on line by line until it jumps back."""
        lines = [self.line(item) for item in items[start : start + slack + period]]
        falls = [
            sum(a > b for a, b in pairwise(window))
            for window in (lines[i : i + period] for i in range(slack + 1))
        ]
        return start + falls.index(min(falls))

    def line(self, item: Item) -> int:
        """The line of the source that an item begins at."""
        place = self.atoms[next(atoms_of([item]))].step.location
        return place.line if place is not None else 0

    def is_worth(
        self, items: Sequence[Item], rounds: Sequence[tuple[int, ...]], same: bool
    ) -> bool:
        """Whether folding rounds that are wired alike saves something and hides nothing."""
        if len(rounds) < 2:
            return False
        saved = (len(rounds) - 1) * len(rounds[0])
        if saved < (2 if same else 3):
            return False
        if not same and len(rounds) < 3 and not any(isinstance(item, Block) for item in items):
            return False
        if not same and not self.have_own_parameters(rounds):
            return False
        carries = any(w[0] == "before" for ws in self.wirings(rounds, same)[1] for w in ws)
        return carries or not same or self.serve_alike(rounds)

    def stretch(self, rounds: Sequence[tuple[int, ...]], same: bool) -> tuple[int, int]:
        """The longest run of rounds that are wired alike; the first may begin otherwise.

        A layer that a finding speaks of is no part of a stack.
        """
        alone = [not same and any(n in self.apart for n in one) for one in rounds]
        wirings = self.wirings(rounds, same)
        here = [[[w for w in ws if w[0] == "here"] for ws in wires] for wires in wirings]
        best, first = (0, 0), 0
        for i in range(len(rounds)):
            if alone[i]:
                first = i + 1
            elif i > first and here[i] != here[first]:
                first = i
            elif i > first + 1 and wirings[i] != wirings[i - 1]:
                first = i - 1
            if i + 1 - first > best[1] - best[0]:
                best = (first, i + 1)
        return best

    def wirings(self, rounds: Sequence[tuple[int, ...]], same: bool) -> list[list[list[Any]]]:
        """What each atom of each round takes."""
        place = {number: (i, j) for i, one in enumerate(rounds) for j, number in enumerate(one)}
        return [self.wiring(i, one, place, same) for i, one in enumerate(rounds)]

    def serve_alike(self, rounds: Sequence[tuple[int, ...]]) -> bool:
        """Whether what each call gives goes to the same places in every round."""
        inside = {number for one in rounds for number in one}
        return all(
            len({frozenset(self.users[number] - inside) for number in column}) == 1
            for column in zip(*rounds, strict=True)
        )

    def have_own_parameters(self, rounds: Sequence[tuple[int, ...]]) -> bool:
        """Whether no round learns the same as another one."""
        known = [{path for n in one for path, _ in self.atoms[n].parameters} for one in rounds]
        return all(known) and len(set().union(*known)) == sum(map(len, known))

    def wiring(
        self, i: int, one: Sequence[int], place: dict[int, tuple[int, int]], same: bool
    ) -> list[list[Any]]:
        """What each atom of a round takes: from here, from rounds before, or from elsewhere."""
        found = []
        for number in one:
            wires: dict[Any, None] = {}
            for wire in self.atoms[number].wires:
                round, j = place.get(wire.source, (i + 1, wire.source))
                if round == i:
                    wires["here", j, 0] = None
                elif round < i:
                    wires["before", j, 1 if same else i - round] = None
                else:
                    wires["elsewhere", wire.source, 0] = None
            found.append(sorted(wires))
        return found

    def key(self, item: Item, same: bool) -> int:
        """A number that is equal for items of equal structure."""
        if isinstance(item, Leaf):
            told: Any = tuple(self.atom_key(self.atoms[n], same) for n in item.atoms)
        else:
            told = ("inside", *(self.key(inner, same) for inner in item.items))
        return self.numbers.setdefault((same, told), len(self.numbers))

    def atom_key(self, atom: Atom, same: bool) -> Any:
        """What two calls have in common that may be rounds of one repetition."""
        step = atom.step
        if step.kind != "call":
            return step.name
        if same:
            place = step.location
            spot = (place.file, place.line, place.column) if place is not None else None
            return step.op, spot, tuple(path for path, _ in atom.parameters)
        shapes = tuple(result.shape for result in step.results)
        return step.op, step.detail, shapes, tuple(shape for _, shape in atom.parameters)


__all__ = ["Block", "Folder", "Item", "Leaf", "Repeat", "atoms_of", "tree"]
