"""What is tried for each parameter of ``forward``: ranks and dtypes, pairs of states, numbers."""

from __future__ import annotations

import inspect
import types
import typing
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from ..spec import annotated

LEFT_OUT: Any = object()
"""The kind of an optional argument that is not given."""
FLOATS = tuple(("float32", rank) for rank in (3, 4, 2, 5, 1))
WORDS = tuple(("int64", rank) for rank in (2, 1, 3))
MASKS = tuple(("bool", rank) for rank in (2, 3, 1, 4))
SCALARS = ("float32", 0), ("int64", 0)
NUMBERS = (3, 0.5)
FLAGS = (False, True)
MOST_MORE = 3
"""How many tensors ``*args`` are tried as."""


class Listed(tuple[Any, ...]):
    """The kind of an argument that is a list."""


@dataclass(frozen=True)
class Slot:
    """One parameter with what is tried for it, the likeliest first.

    Attributes:
        name: the parameter's, or ``*0``, ``*1``.. for those of ``*args``.
        kinds: specs with anonymous sizes, nested like the argument; numbers and flags.
        optional: whether it has the default None, so that it may be left out.
    """

    name: str
    kinds: tuple[Any, ...]
    optional: bool = False


def slots(function: Callable[..., Any]) -> tuple[list[Slot], bool]:
    """The parameters that are to be found out about; whether there are ``*args`` besides.

    Those with a default other than None keep it, and so do those whose annotation is a spec.
    """
    known, _ = annotated(function)
    hints = _hints(function)
    found = []
    parameters = inspect.signature(function).parameters.values()
    for p in parameters:
        plain = p.kind not in (p.VAR_POSITIONAL, p.VAR_KEYWORD)
        if plain and p.name not in known and (p.default is p.empty or p.default is None):
            optional = p.default is None
            kinds = tuple(dict.fromkeys(_hinted(hints.get(p.name))))
            found.append(Slot(p.name, (LEFT_OUT, *kinds) if optional else kinds, optional))
    return found, any(p.kind is p.VAR_POSITIONAL for p in parameters)


def more_slots(count: int) -> list[Slot]:
    """Slots for that many tensors of ``*args``."""
    return [Slot(f"*{i}", tuple(_tensors())) for i in range(count)]


def axes_of(kind: Any) -> int:
    """How many axes a kind has, the most of its parts."""
    if isinstance(kind, str):
        return len(kind.partition(":")[0].split())
    return max(map(axes_of, kind), default=0) if isinstance(kind, tuple) else 0


def structure_of(kind: Any) -> str:
    """How a pair is nested; the same for all lists, and empty for anything else."""
    if isinstance(kind, Listed):
        return "[]"
    if isinstance(kind, tuple):
        return f"({','.join(map(structure_of, kind))})"
    return ""


def lowered(kind: Any, by: int = 1) -> Any:
    """A kind with axes less in every tensor; None where it has none to spare."""
    if isinstance(kind, str):
        axes, _, dtype = kind.partition(":")
        words = axes.split()
        return f"{' '.join(words[by:])}:{dtype}" if len(words) >= by else None
    if isinstance(kind, tuple):
        parts = [lowered(part, by) for part in kind]
        return None if None in parts else type(kind)(parts)
    return kind


def as_argument(kind: Any) -> Any:
    """A kind, or a spec made of one, as ``check`` takes it."""
    if isinstance(kind, tuple):
        parts = [as_argument(part) for part in kind]
        return parts if isinstance(kind, Listed) else tuple(parts)
    return kind


def _hints(function: Callable[..., Any]) -> dict[str, Any]:
    try:
        return typing.get_type_hints(function)
    except (NameError, TypeError, AttributeError):
        return {k: v for k, v in getattr(function, "__annotations__", {}).items() if v is not None}


def _tensor(dtype: str, rank: int) -> str:
    return f"{' '.join('_' * rank)}:{dtype}"


def _tensors(dtypes: str = "float32 int64 bool") -> Iterator[Any]:
    """Tensors of the usual ranks."""
    allowed = dtypes.split()
    for dtype, rank in (*FLOATS, *WORDS, *MASKS, *SCALARS):
        if dtype in allowed:
            yield _tensor(dtype, rank)


def _pairs(kind: Callable[[Sequence[Any]], Any] = tuple) -> Iterator[Any]:
    """Two or three tensors alike, such as the states of an LSTM, and pairs of such pairs."""
    states = [_tensor("float32", rank) for rank in (2, 3, 4)]
    yield from (kind((state, state)) for state in states)
    yield from (kind((state, state, state)) for state in states)
    yield from (kind(((state, state), (state, state))) for state in states)


def _hinted(hint: Any) -> Iterator[Any]:
    """What a type hint leaves to try; everything without one."""
    inner = [part for part in typing.get_args(hint) if part is not type(None)]
    origin = typing.get_origin(hint)
    if origin in (typing.Union, types.UnionType):
        for part in inner:
            yield from _hinted(part)
    elif origin in (tuple, list) or (origin is not None and _is_sequence(origin)):
        yield from _sequences(origin, inner)
    elif hint in (bool, int, float):
        yield from FLAGS if hint is bool else NUMBERS[:1] if hint is int else NUMBERS[1:]
    elif _torch_name(hint) == "Tensor":
        yield from _tensors()
    elif _torch_name(hint) in _DTYPES:
        yield from _tensors(_DTYPES[_torch_name(hint)])
    else:
        yield from _tensors()
        yield from _pairs()
        yield from (*NUMBERS[:1], *FLAGS[1:])


_DTYPES = {"LongTensor": "int64", "FloatTensor": "float32", "BoolTensor": "bool"}


def _torch_name(hint: Any) -> str:
    """The name of one of torch's classes, as a hint may also be a text."""
    if isinstance(hint, str):
        return hint.rpartition(".")[2]
    return str(getattr(hint, "__name__", ""))


def _is_sequence(origin: Any) -> bool:
    return isinstance(origin, type) and issubclass(origin, typing.Sequence)


def _sequences(origin: Any, inner: Sequence[Any]) -> Iterator[Any]:
    """Tuples and lists of what is hinted, alike in kind."""
    counts = [len(inner)] if origin is tuple and ... not in inner else [2, 3, 1]
    options = [list(dict.fromkeys(_hinted(part))) for part in inner if part is not ...]
    if not options:
        options = [list(_tensors())]
    for count in counts:
        first, *rest = (options * count)[:count]
        for i, kind in enumerate(first):
            parts = [kind, *(other[i] if i < len(other) else other[0] for other in rest)]
            yield tuple(parts) if origin is tuple else Listed(parts)


__all__ = [
    "LEFT_OUT",
    "Slot",
    "as_argument",
    "axes_of",
    "lowered",
    "more_slots",
    "slots",
    "structure_of",
]
