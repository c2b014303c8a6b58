"""The exceptions of the public API: all derive from :class:`ShapeflowError`."""

from __future__ import annotations


class ShapeflowError(Exception):
    """Misuse of shapeflow: one sentence that names the input and what was expected."""


class NotationError(ShapeflowError):
    """A spec or fact that cannot be read.

    Attributes:
        text: what was written.
        column: position of the trouble, from 1.
        expected: what could have stood there.
    """

    def __init__(self, text: str, column: int, expected: str) -> None:
        self.text, self.column, self.expected = text, column, expected
        word = text[column - 1 :].split(" ")[0]
        found = repr(word) if word else "the end"
        super().__init__(f"cannot read {text!r}: column {column} should be {expected}, not {found}")
