"""Specs that are written elsewhere: jaxtyping annotations on the parameters of ``forward``."""

from __future__ import annotations

import inspect
import typing
from collections.abc import Callable
from typing import Any

from .spec import DTYPES, Spec, parse_spec


def annotated(function: Callable[..., Any]) -> tuple[dict[str, Any], Any]:
    """The specs that annotations state, by parameter name, and that of the result or None."""
    notes = getattr(function, "__annotations__", None)
    if not notes:
        return {}, None
    try:
        hints = typing.get_type_hints(function)
    except (NameError, TypeError, AttributeError):
        hints = {name: note for name, note in notes.items() if not isinstance(note, str)}
    found = {name: spec_of(hint) for name, hint in hints.items()}
    returns = found.pop("return", None)
    return {name: spec for name, spec in found.items() if spec is not None}, returns


def spec_of(hint: Any) -> Any:
    """The spec of one annotation; None where it states no shape."""
    if typing.get_origin(hint) in (tuple, list):
        parts = [spec_of(part) for part in typing.get_args(hint)]
        return tuple(parts) if parts and all(part is not None for part in parts) else None
    text = inspect.getattr_static(hint, "dim_str", None)
    if not isinstance(text, str):
        return None
    allowed = getattr(hint, "dtypes", ())
    words = [_word(word) for word in text.split()]
    if None in words or "..." in words[1:]:
        return None
    spec = parse_spec(" ".join(word for word in words if word is not None))
    return Spec(spec.axes, _dtype(allowed), spec.leading)


def _word(word: str) -> str | None:
    """One axis of jaxtyping's notation in ours; None where ours has none."""
    if word.startswith("*") or word == "...":
        return "..."
    word = word.lstrip("#?")
    if word.startswith("_"):
        return "_"
    if "=" in word:
        word = word.partition("=")[2]
    return None if "{" in word else word


def _dtype(allowed: Any) -> str:
    names = [str(item) for item in allowed] if isinstance(allowed, list | tuple) else []
    if not names or "float32" in names:
        return "float32"
    for name in ("int64", "int32", "bool", *names):
        if name in names and name in DTYPES:
            return name
    return "float32"
