"""Arguments that are written as text: inputs with their specs, and literals."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from .core.errors import ShapeflowError

WORDS = {"None": None, "True": True, "False": False}
NUMBER = re.compile(r"[+-]?(\d+|(\d+\.\d*|\.\d+)([eE][+-]?\d+)?|\d+[eE][+-]?\d+)")
BRACKETS = {"(": ")", "[": "]", "{": "}"}


def read_input(text: str) -> Any:
    """The value of ``--input``: a spec, None, a bool, a number, or a quoted literal text.

    ``(a, b)`` is a tuple, ``[a, b]`` a list and ``{k=a, l=b}`` a dict of such values. A spec of one
    fixed size is written with its dtype, ``3:float32``.

    Raises:
        ShapeflowError: the brackets do not match, or an item is empty.
    """
    text = text.strip()
    if text in WORDS:
        return WORDS[text]
    if NUMBER.fullmatch(text):
        return int(text) if text.lstrip("+-").isdecimal() else float(text)
    if len(text) > 1 and text[0] == text[-1] and text[0] in "'\"":
        from .spec import literal

        return literal(text[1:-1])
    parts = _parts(text)
    if len(parts) > 1 and not text.startswith(tuple(BRACKETS)):
        raise ShapeflowError(f"cannot read {text!r}: several specs are written ({text})")
    closing = BRACKETS.get(text[:1], "")
    if not closing or not _encloses(text):
        return text
    items = _parts(text[1:-1])
    if closing == ")" and len(items) == 1 and items[0].strip():
        return text  # a size in brackets
    if items and not items[-1].strip():
        items.pop()  # behind the last comma
    if not all(item.strip() for item in items):
        raise ShapeflowError(f"cannot read {text!r}: an item is empty")
    if closing == "}":
        return dict(assigned(text, items, read_input))
    values = [read_input(item) for item in items]
    return tuple(values) if closing == ")" else values


def _parts(text: str) -> list[str]:
    """The text cut at commas outside brackets."""
    parts, open_brackets = [""], []
    for letter in text:
        if letter in BRACKETS:
            open_brackets.append(BRACKETS[letter])
        elif letter in BRACKETS.values() and (not open_brackets or open_brackets.pop() != letter):
            raise ShapeflowError(f"cannot read {text!r}: the brackets do not match")
        if letter == "," and not open_brackets:
            parts.append("")
        else:
            parts[-1] += letter
    if open_brackets:
        raise ShapeflowError(f"cannot read {text!r}: the brackets do not match")
    return parts


def _encloses(text: str) -> bool:
    """Whether the first bracket is closed by the last letter."""
    depth = 0
    for number, letter in enumerate(text, 1):
        depth += (letter in BRACKETS) - (letter in BRACKETS.values())
        if depth == 0:
            return number == len(text)
    return False


def assigned(
    option: str, items: Iterable[str], read: Callable[[str], Any]
) -> Iterator[tuple[str, Any]]:
    """The names and values of items such as ``x=B T 3``; ``option`` is how a message calls them."""
    seen = set()
    for item in items:
        name, sign, text = item.partition("=")
        name = name.strip()
        if not sign or not name.isidentifier():
            raise ShapeflowError(f"{option} {item!r} should be a name, '=' and a value")
        if name in seen:
            raise ShapeflowError(f"{option} gives {name!r} twice")
        seen.add(name)
        try:
            yield name, read(text)
        except ShapeflowError as error:
            raise ShapeflowError(f"{option} {name}: {error}") from error


def read_literal(text: str) -> Any:
    """A Python literal; ShapeflowError for anything else."""
    try:
        return ast.literal_eval(text.strip())
    except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
        example = '64, 0.5, True, None, \'"text"\' or "[3, 4]"'
        raise ShapeflowError(f"{text!r} is not a literal such as {example}") from None


def read_number(option: str, text: str, whole: bool = False) -> int | float:
    """A number above 0; ShapeflowError for anything else."""
    number = float(text) if NUMBER.fullmatch(text.strip()) else 0.0
    if not 0 < number < float("inf") or (whole and not number.is_integer()):
        what = "a whole number" if whole else "a number"
        raise ShapeflowError(f"{option} takes {what} above 0, not {text!r}")
    return int(number) if whole else number


__all__ = ["assigned", "read_input", "read_literal", "read_number"]
