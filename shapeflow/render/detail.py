"""How much is shown: what is told in the box before, and which modules stay closed."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from .blocks import Block, Item, Leaf, Repeat, atoms_of
from .families import TRANSPARENT, family_of, short_name
from .flow import Atom

QUIET = ("norm", "arithmetic")
Place = tuple[int, bool]
"""The level of a module, and whether it, or what it lies in or holds, repeats."""
CHUNKS = 40
"""Boxes that are left of a long list without modules."""


def fused(items: Sequence[Item], atoms: Sequence[Atom], apart: Collection[int]) -> tuple[Item, ...]:
    """The items with activations, norms and the like told in the box of what they follow."""
    users: dict[int, set[int]] = {}
    for atom in atoms:
        for wire in atom.wires:
            users.setdefault(wire.source, set()).add(atom.number)
    return tuple(_fused(items, atoms, users, apart))


def _fused(
    items: Sequence[Item],
    atoms: Sequence[Atom],
    users: Mapping[int, set[int]],
    apart: Collection[int],
) -> Iterator[Item]:
    held: Item | None = None
    for item in items:
        if not isinstance(item, Leaf):
            item = replace(item, items=tuple(_fused(item.items, atoms, users, apart)))
        elif isinstance(held, Leaf) and _joins(held, item, atoms, users, apart):
            held = replace(held, atoms=held.atoms + item.atoms)
            continue
        if held is not None:
            yield held
        held = item
    if held is not None:
        yield held


def _joins(
    held: Leaf,
    item: Leaf,
    atoms: Sequence[Atom],
    users: Mapping[int, set[int]],
    apart: Collection[int],
) -> bool:
    last, first = atoms[held.atoms[-1]], atoms[item.atoms[0]]
    if held.closed or len(item.atoms) > 1 or last.step.kind != "call" or first.step.kind != "call":
        return False
    if {last.number, first.number} & set(apart) or users.get(last.number) != {first.number}:
        return False
    if [wire.source for wire in first.wires] != [last.number] or first.wires[0].via:
        return False
    if short_name(first.step.op) in TRANSPARENT:
        return True
    same = [result.shape for result in first.step.results] == [first.wires[0].shape]
    return same and family_of(first.step.op) in QUIET and first.step.results[0].shape is not None


@dataclass(frozen=True)
class View:
    """What is open.

    Attributes:
        items: the tree; a closed Block is a Leaf of all its atoms with its path.
        closed: paths that were closed for want of room, and how many calls long lists hide.
    """

    items: tuple[Item, ...]
    closed: tuple[str, ...] = ()


def opened(
    items: Sequence[Item], depth: int | None, expand: Collection[str], most: int, hard: int
) -> View:
    """Closes what lies deeper than ``depth``, then more until at most ``most`` boxes are left.

    Args:
        items: the whole tree.
        depth: levels of modules that are open; None for as many as there is room for.
        expand: paths of modules that stay open, with all they lie in.
        most: how many boxes, where modules can be closed.
        hard: how many in any case.
    """
    closed: list[str] = []
    current = tuple(items)
    if depth is not None:
        current = _close(current, lambda place: place[0] > depth, expand)
    while boxes_in(current) > most:
        levels = sorted(_levels(current, expand), key=_importance)
        if not levels:
            break
        worst = levels[0]
        closed += [block.path for block, place in _blocks(current, expand) if place == worst]
        current = _close(current, worst.__eq__, expand)
    if boxes_in(current) > hard:
        current = _chunked(current, hard)
    outer = [path for path in closed if not any(path.startswith(f"{o}.") for o in closed)]
    return View(current, tuple(dict.fromkeys(outer)))


def boxes_in(items: Sequence[Item]) -> int:
    """How many boxes the items take."""
    return sum(1 if isinstance(item, Leaf) else boxes_in(item.items) for item in items)


def _importance(place: Place) -> tuple[bool, int]:
    level, repeated = place
    return repeated, -level


def _levels(items: Sequence[Item], expand: Collection[str]) -> set[Place]:
    return {place for _, place in _blocks(items, expand)}


def _blocks(
    items: Sequence[Item], expand: Collection[str], level: int = 1, repeated: bool = False
) -> Iterator[tuple[Block, Place]]:
    """The blocks that may be closed: with their level and whether they, or what they lie in or
    hold, repeat."""
    for item in items:
        if isinstance(item, Repeat):
            yield from _blocks(item.items, expand, level, True)
        elif isinstance(item, Block):
            important = repeated or any(isinstance(inner, Repeat) for inner in item.items)
            if not _kept(item.path, expand):
                yield item, (level, important)
            yield from _blocks(item.items, expand, level + 1, repeated)


def _kept(path: str, expand: Collection[str]) -> bool:
    return any(wish == path or wish.startswith(f"{path}.") for wish in expand)


def _close(
    items: Sequence[Item],
    wanted: Callable[[Place], bool],
    expand: Collection[str],
    level: int = 1,
    repeated: bool = False,
) -> tuple[Item, ...]:
    done: list[Item] = []
    for item in items:
        if isinstance(item, Repeat):
            inner = _close(item.items, wanted, expand, level, True)
            done.append(replace(item, items=inner))
        elif isinstance(item, Block):
            important = repeated or any(isinstance(part, Repeat) for part in item.items)
            if wanted((level, important)) and not _kept(item.path, expand):
                done.append(Leaf(tuple(all_atoms([item])), item.path, True))
            else:
                inner = _close(item.items, wanted, expand, level + 1, repeated)
                done.append(replace(item, items=inner))
        else:
            done.append(item)
    return tuple(done)


def all_atoms(items: Sequence[Item]) -> Iterator[int]:
    """The atoms below some items, of repetitions those of all rounds."""
    for item in items:
        if isinstance(item, Leaf):
            yield from item.atoms
        elif isinstance(item, Block):
            yield from all_atoms(item.items)
        else:
            for one in item.rounds:
                yield from one


def _chunked(items: Sequence[Item], most: int) -> tuple[Item, ...]:
    """A long list with its calls gathered by the dozen."""
    room = max(min(CHUNKS, most), 1)
    size = -(-len(items) // room)
    chunks = [items[i : i + size] for i in range(0, len(items), size)]
    return tuple(
        chunk[0] if len(chunk) == 1 else Leaf(tuple(all_atoms(chunk)), None, True)
        for chunk in chunks
    )


__all__ = ["View", "all_atoms", "atoms_of", "boxes_in", "fused", "opened"]
