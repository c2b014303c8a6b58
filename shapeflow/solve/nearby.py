"""Relations connected by the symbols they share, nearest first."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from ..core.constraint import Constraint


class Nearby:
    """A sequence of relations that can be asked which of them concern some symbols."""

    def __init__(self, relations: Sequence[Constraint]) -> None:
        self.relations = relations
        self._index: dict[str, list[int]] = {}
        for i, relation in enumerate(relations):
            for name in relation.symbols:
                self._index.setdefault(name, []).append(i)

    def rings(self, names: Iterable[str], without: int = -1) -> Iterator[list[int]]:
        """Positions of the relations one step away, two steps away, and so on."""
        seen: set[int] = {without}
        edge = dict.fromkeys(names)
        known = set(edge)
        while edge:
            ring = dict.fromkeys(i for name in edge for i in self._index.get(name, ()))
            fresh = [i for i in ring if i not in seen]
            seen.update(fresh)
            if fresh:
                yield fresh
            edge = dict.fromkeys(n for i in fresh for n in self.relations[i].symbols)
            edge = {name: None for name in edge if name not in known}
            known.update(edge)

    def around(self, names: Iterable[str], limit: int, without: int = -1) -> list[int]:
        """Positions of at most ``limit`` connected relations, in program order."""
        found: list[int] = []
        for ring in self.rings(names, without):
            found += ring[: limit - len(found)]
            if len(found) >= limit:
                break
        return sorted(found)
