"""Sizes worth trying: 1, equal ones, small ones, those where a relation changes its answer."""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator, Mapping, Sequence

from ..core.constraint import Constraint

SMALL = (1, 2, 3, 4, 5, 6, 7, 8, 9, 12)
LARGER = (16, 24, 33, 64)
SCANNED = 40
"""Up to which number the boundaries of a relation are looked for."""


def draws(
    names: Sequence[str],
    relations: Iterable[Constraint],
    rng: random.Random,
    zeros: Iterable[str] = (),
    known: Iterable[Mapping[str, int]] = (),
) -> Iterator[dict[str, int]]:
    """Endless sizes for some symbols, repetitions among them.

    Args:
        names: the symbols.
        relations: what decides whether sizes are admissible: their boundaries are tried.
        rng: where chance comes from.
        zeros: the symbols that may be 0.
        known: sizes of interest, tried first.
    """
    least = {name: int(name not in set(zeros)) for name in names}
    spoken = [r for r in relations if r.symbols and set(r.symbols) <= set(names)]
    for sizes in ({}, *known):
        yield {name: max(sizes.get(name, 1), least[name]) for name in names}
    while True:
        sizes = _small(names, least, rng)
        if spoken and rng.random() < 0.75:
            for relation in rng.sample(spoken, len(spoken)):
                if not relation.at(sizes):
                    _settle(relation, sizes, least, rng)
        if spoken and rng.random() < 0.5:
            _to_boundary(rng.choice(spoken), sizes, least, rng)
        yield sizes


def _small(names: Sequence[str], least: Mapping[str, int], rng: random.Random) -> dict[str, int]:
    sizes = {name: rng.choice(SMALL) for name in names}
    for name in names:
        if rng.random() < 0.15:
            sizes[name] = least[name] if rng.random() < 0.5 else 1
    if names and rng.random() < 0.1:
        sizes[rng.choice(names)] = rng.choice(LARGER)
    if len(names) > 1 and rng.random() < 0.3:
        one, other = rng.sample(list(names), 2)
        sizes[one] = max(sizes[other], least[one])
    return sizes


def _answers(
    relation: Constraint, sizes: Mapping[str, int], name: str, least: Mapping[str, int]
) -> list[bool]:
    """Whether a relation holds for each number of one symbol, from its least on."""
    return [relation.at({**sizes, name: n}) for n in range(least[name], SCANNED)]


def _settle(
    relation: Constraint, sizes: dict[str, int], least: Mapping[str, int], rng: random.Random
) -> None:
    """Makes a relation hold by another size for one symbol, where one does."""
    for name in rng.sample(relation.symbols, len(relation.symbols)):
        answers = _answers(relation, sizes, name, least)
        if any(answers):
            holding = [least[name] + i for i, answer in enumerate(answers) if answer]
            sizes[name] = rng.choice(holding[:4])
            return


def _to_boundary(
    relation: Constraint, sizes: dict[str, int], least: Mapping[str, int], rng: random.Random
) -> None:
    """Moves one symbol to where a relation just holds, or just does not any more."""
    name = rng.choice(relation.symbols)
    answers = _answers(relation, sizes, name, least)
    flips = [i for i in range(1, len(answers)) if answers[i] != answers[i - 1]]
    if flips:
        sizes[name] = least[name] + rng.choice(flips[:6]) - rng.randint(0, 1)


