"""What the zoo knows of a model: where it comes from, how it is built, and what it is given."""

from __future__ import annotations

import importlib.util
import pkgutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any

from . import entries

Sizes = Mapping[str, int]


@dataclass(frozen=True)
class Entry:
    """One model.

    Attributes:
        name: package and model, such as "transformers/Bert".
        build: imports the package and makes the model, small and with random weights.
        specs: a spec for each parameter that is given something, by name, or in a tuple in order.
        sizes: three assignments of numbers to the symbols. The first is where the others start:
            each symbol is also changed alone. All at least 2, so that peers do not specialise.
        where: facts about the sizes, as for ``shapeflow.check``.
        values: what the entries of an input are where the model is run for real, by parameter
            name: a number, a size in the notation of specs ("T"), or a function from the shape
            and the sizes to the tensor. Otherwise floats are random and all else is 0.
        needs: further packages that must be there.
        deserved: for each place ("file.py:line") that is rightly warned of, the reason why.
    """

    name: str
    build: Callable[[], Any]
    specs: Mapping[str, Any] | tuple[Any, ...]
    sizes: tuple[Sizes, Sizes, Sizes]
    where: tuple[str, ...] = ()
    values: Mapping[str, Any] = field(default_factory=dict)
    needs: tuple[str, ...] = ()
    deserved: Mapping[str, str] = field(default_factory=dict)

    @property
    def package(self) -> str:
        """The name under which the package is imported."""
        return self.name.partition("/")[0]

    @property
    def missing(self) -> str:
        """A package that is needed and not installed; empty where none is."""
        for name in (self.package, *self.needs):
            if importlib.util.find_spec(name) is None:
                return name
        return ""


def all_entries() -> list[Entry]:
    """The entries of every module in ``entries``, in its order."""
    found: list[Entry] = []
    for module in pkgutil.iter_modules(entries.__path__):
        found += import_module(f"{entries.__name__}.{module.name}").ENTRIES
    return found


def three(*names: str, least: int = 2, **fixed: tuple[int, int, int]) -> tuple[Sizes, Sizes, Sizes]:
    """Three assignments in which all symbols differ; ``fixed`` gives the numbers of some."""
    plain = [{name: least + 3 * j + i for i, name in enumerate(names)} for j in (0, 1, 2)]
    first, second, third = (
        {**plain[j], **{name: numbers[j] for name, numbers in fixed.items()}} for j in (0, 1, 2)
    )
    return first, second, third
