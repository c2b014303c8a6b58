"""Sizes as a picture writes them: long ones get a name, and each symbol keeps its colour."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from ..core.dims import Size, symbols_of
from ..core.shape import Shape

LONGEST = 7
"""Characters of an expression; a longer one gets a name."""
TOKEN = re.compile(r"[^\W\d]\w*|…")
Piece = tuple[str, str]
"""Some text, and the symbol whose colour it has; empty for none."""


class Names:
    """What sizes are called.

    Attributes:
        symbols: the names that have a colour, in order.
        long: names of long sizes, by the size.
    """

    def __init__(self, symbols: Sequence[str]) -> None:
        self.symbols = dict.fromkeys(symbols)
        self.long: dict[Size, str] = {}

    def size(self, size: Size) -> str:
        """A size as text."""
        text = str(size)
        if len(text) <= LONGEST or isinstance(size, int) or text.isidentifier():
            return text
        if size not in self.long:
            names = [name for name in symbols_of(size) if name in self.symbols]
            stem = (names[0] if names else "n").lower()
            taken = {*self.symbols, *self.long.values()}
            number = 1
            while f"{stem}{number}" in taken:
                number += 1
            self.long[size] = f"{stem}{number}"
        return self.long[size]

    def shape(self, shape: Shape | None) -> str:
        """A shape as text: ``(B, T, 64)``; a question mark where it is unknown."""
        if shape is None:
            return "?"
        comma = "," if len(shape) == 1 else ""
        return f"({', '.join(map(self.size, shape))}{comma})"

    @property
    def legend(self) -> tuple[tuple[str, str], ...]:
        """Each name with its size."""
        return tuple((name, str(size)) for size, name in self.long.items())

    def colour_of(self, token: str) -> str:
        """The symbol whose colour a word has; empty for none."""
        if token in self.symbols:
            return token
        for size, name in self.long.items():
            if name == token:
                known = [symbol for symbol in symbols_of(size) if symbol in self.symbols]
                return known[0] if known else ""
        return ""


def pieces(text: str, names: Iterable[str], same: dict[str, str]) -> Iterator[Piece]:
    """A text cut where its colour changes.

    Args:
        text: such as ``(B, 2*H, 3)``.
        names: the symbols.
        same: names of long sizes with the symbol whose colour they have.
    """
    known = {**same, **{name: name for name in names}}
    end = 0
    for match in TOKEN.finditer(text):
        colour = known.get(match[0], "")
        if colour:
            if match.start() > end:
                yield text[end : match.start()], ""
            yield match[0], colour
            end = match.end()
    if end < len(text):
        yield text[end:], ""
