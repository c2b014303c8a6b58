"""What the user promises about each input."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ..core import dims
from ..core.constraint import Constraint
from ..core.dims import Size
from ..core.errors import NotationError, ShapeflowError
from ..core.notation import parse_fact, parse_size
from ..ops.value import Value

DTYPES = frozenset(
    "float16 bfloat16 float32 float64 complex32 complex64 complex128 uint8 int8 int16 int32 int64 "
    "bool float8_e4m3fn float8_e5m2 uint16 uint32 uint64".split()
)
ALIASES = {
    "float": "float32",
    "double": "float64",
    "half": "float16",
    "int": "int32",
    "long": "int64",
}
LEADING = 5
"""Ranks that ``...`` is tried at: 1 to 5."""


class SpecError(ShapeflowError):
    """A spec that cannot be, such as a missing input or an unknown dtype."""


class literal(str):
    """A string that is itself the argument, not a spec."""


@dataclass(frozen=True)
class Spec:
    """One input's declared shape.

    Attributes:
        axes: a size, or None for an anonymous one (``_``).
        dtype: torch's name.
        leading: whether any axes may come before these (``...``).
    """

    axes: tuple[Size | None, ...]
    dtype: str = "float32"
    leading: bool = False

    def value(self, words: str, extra: int = 0) -> Value:
        """The tensor it declares; anonymous sizes get names made of ``words`` and the axis."""
        lead = [dims.symbol(f"_{words}_{i}") for i in range(extra)]
        axes = [
            dims.symbol(f"_{words}_{i + extra}") if size is None else size
            for i, size in enumerate(self.axes)
        ]
        return Value((*lead, *axes), self.dtype, words=words)


def parse_spec(text: str) -> Spec:
    """The spec written in ``text``, such as ``"B T 3:int64"``.

    Raises:
        NotationError: with the column and what was expected there.
        SpecError: for a dtype that torch does not have, or a negative size.
    """
    shape, colon, dtype = text.partition(":")
    dtype = ALIASES.get(dtype.strip(), dtype.strip()) if colon else "float32"
    if dtype not in DTYPES:
        raise SpecError(f"{text!r} names the dtype {dtype!r}, which torch does not have")
    axes: list[Size | None] = []
    leading = False
    for match in re.finditer(r"\S+", shape):
        word = match.group()
        if word == "...":
            if axes or leading:
                raise NotationError(text, match.start() + 1, "a size: '...' stands first")
            leading = True
        else:
            axes.append(_axis(text, word, match.start()))
    return Spec(tuple(axes), dtype, leading)


def _axis(text: str, word: str, start: int) -> Size | None:
    if word == "_":
        return None
    try:
        size = parse_size(word)
    except NotationError as error:
        raise NotationError(text, start + error.column, error.expected) from None
    if isinstance(size, int) and size < 0:
        raise SpecError(f"{text!r} has the size {size}: sizes are at least 0")
    return size


def read(item: Any, words: str, extra: int = 0) -> Any:
    """A spec as a tree of Values and plain arguments.

    Args:
        item: text, None, a number, a literal, something with ``shape`` and ``dtype``, or a tuple,
            list, dict, named tuple or dataclass of such.
        words: the parameter's name, for messages.
        extra: how many axes ``...`` stands for.
    """
    if isinstance(item, literal):
        return str(item)
    if isinstance(item, str):
        spec = parse_spec(item)
        return spec.value(words, extra if spec.leading else 0)
    if isinstance(item, Spec):
        return item.value(words, extra if item.leading else 0)
    if item is None or isinstance(item, bool | int | float | complex | Value):
        return item
    fields = getattr(item, "_fields", None)
    if isinstance(item, tuple) and fields is not None:
        parts = (read(getattr(item, f), f"{words}.{f}", extra) for f in fields)
        return tuple.__new__(type(item), parts)  # a class may demand tensors of its makers
    if isinstance(item, list | tuple):
        return type(item)(read(part, f"{words}[{i}]", extra) for i, part in enumerate(item))
    if isinstance(item, Mapping):
        return {key: read(part, f"{words}[{key!r}]", extra) for key, part in item.items()}
    if hasattr(item, "shape") and hasattr(item, "dtype"):
        return Value(
            tuple(map(int, item.shape)), str(item.dtype).removeprefix("torch."), words=words
        )
    if dataclasses.is_dataclass(item) and not isinstance(item, type):
        fields = {f.name: getattr(item, f.name) for f in dataclasses.fields(item) if f.init}
        return type(item)(**{k: read(v, f"{words}.{k}", extra) for k, v in fields.items()})
    return item


def leads(item: Any, words: str) -> Iterator[tuple[str, Spec]]:
    """The specs with ``...`` in a tree of specs, each with its name."""
    if isinstance(item, str):
        item = None if isinstance(item, literal) else parse_spec(item)
    if isinstance(item, Spec):
        if item.leading:
            yield words, item
    elif isinstance(item, Mapping):
        for key, part in item.items():
            yield from leads(part, f"{words}[{key!r}]")
    elif isinstance(item, list | tuple):
        names = getattr(item, "_fields", None)
        for i, part in enumerate(item):
            yield from leads(part, f"{words}.{names[i]}" if names else f"{words}[{i}]")
    elif dataclasses.is_dataclass(item) and not isinstance(item, type):
        for field in dataclasses.fields(item):
            yield from leads(getattr(item, field.name), f"{words}.{field.name}")


def leading_counts(specs: Iterable[Spec]) -> tuple[int, ...]:
    """The numbers of axes that ``...`` is tried as, for all of these specs alike."""
    fixed = [len(spec.axes) for spec in specs]
    counts = range(0 if min(fixed) else 1, LEADING - max(fixed) + 1)
    return tuple(counts) or (0,)


def read_facts(
    where: str | Constraint | Iterable[str | Constraint], known: Iterable[str]
) -> tuple[Constraint, ...]:
    """The facts of ``where``.

    Raises:
        SpecError: a fact speaks of a symbol that no spec has, or is none.
    """
    facts = []
    names = list(known)
    for fact in (where,) if isinstance(where, str | Constraint) else where:
        if not isinstance(fact, str | Constraint):
            raise SpecError(f"where takes facts such as 'T >= 3', not {fact!r}")
        relation = parse_fact(fact) if isinstance(fact, str) else fact
        for name in relation.symbols:
            if name not in names:
                has = ", ".join(names) or "none"
                raise SpecError(
                    f"where={str(fact)!r} speaks of {name}, but the specs' symbols are {has}"
                )
        facts.append(relation)
    return tuple(facts)


def values_in(tree: Any) -> list[Value]:
    """The tensors of a tree of arguments, in order."""
    if isinstance(tree, Value):
        return [tree]
    if isinstance(tree, Mapping):
        return [value for item in tree.values() for value in values_in(item)]
    if isinstance(tree, list | tuple):
        return [value for item in tree for value in values_in(item)]
    if dataclasses.is_dataclass(tree) and not isinstance(tree, type):
        return [v for f in dataclasses.fields(tree) for v in values_in(getattr(tree, f.name))]
    return []


def mapped(tree: Any, change: Callable[[Any], Any]) -> Any:
    """A tree of arguments with another item in the place of each; what has no items stays."""
    if isinstance(tree, tuple) and hasattr(tree, "_fields"):
        return type(tree)(*map(change, tree))
    if isinstance(tree, list | tuple):
        return type(tree)(map(change, tree))
    if isinstance(tree, Mapping):
        return {key: change(item) for key, item in tree.items()}
    if dataclasses.is_dataclass(tree) and not isinstance(tree, type) and values_in(tree):
        fields = {f.name: getattr(tree, f.name) for f in dataclasses.fields(tree) if f.init}
        return type(tree)(**{key: change(item) for key, item in fields.items()})
    return tree
