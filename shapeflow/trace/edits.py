"""Changes that a trial run makes to the operands of one call."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from inspect import signature
from typing import Any

from ..ops import Rule, Value

Edit = Callable[[str, Any], Any]


def edited(rule: Rule, args: Sequence[Any], kwargs: dict[str, Any], edit: Edit) -> tuple[Any, Any]:
    """The arguments with ``edit`` applied to each operand under the name that messages give it."""
    names = list(signature(rule.function).parameters)[1:]
    given = [
        _walk(names[i] if i < len(names) else f"operand {i + 1}", item, edit)
        for i, item in enumerate(args)
    ]
    return tuple(given), {name: _walk(name, item, edit) for name, item in kwargs.items()}


def _walk(name: str, item: Any, edit: Edit) -> Any:
    changed = edit(name, item)
    if changed is not item or isinstance(item, Value):
        return changed
    if type(item) in (list, tuple):
        return type(item)(_walk(f"{name}[{i}]", part, edit) for i, part in enumerate(item))
    return item
