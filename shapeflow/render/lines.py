"""Lines of text whose pieces have roles, before anybody knows whether there are colours."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterable, Iterator, Sequence
from pathlib import PurePath

from rich.cells import cell_len

from ..core.constraint import Location

Piece = tuple[str, str]
"""Some text and its role; the empty role is plain text."""
Line = list[Piece]

NARROWEST = 20  # columns in which text is still wrapped
KEY = 36  # columns that the first column of a table may take
PLACE = 30  # columns in which a place is told with its folders
DEEPEST, SHALLOW = 16, 6  # a deeper hanging indent than the first becomes the second
UNSAFE = re.compile("[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")


def clean(text: str) -> str:
    """Text without what moves a cursor or turns the direction of writing."""
    return UNSAFE.sub("\ufffd", text.expandtabs(4))


def flat(text: str) -> str:
    """Text on one line, with single spaces."""
    return clean(" ".join(text.split()))


def plain(lines: Iterable[Line]) -> str:
    """The lines without their roles."""
    return "\n".join("".join(text for text, _ in line).rstrip() for line in lines)


def wrapped(text: str, width: int, taken: int = 0) -> list[str]:
    """The text in lines of at most ``width`` columns, of which the first has ``taken`` less.

    Words stay whole, and there is at least one line.
    """
    lines = textwrap.wrap(
        flat(text),
        max(width, NARROWEST),
        initial_indent=" " * taken,
        break_long_words=False,
        break_on_hyphens=False,
    )
    return [line.lstrip() for line in lines] or [""]


def paragraph(head: Sequence[Piece], text: str, width: int, role: str = "") -> Iterator[Line]:
    """A head and a text behind it, which goes on below itself."""
    taken = sum(cell_len(piece) for piece, _ in head)
    indent = taken if taken <= DEEPEST else SHALLOW
    first, *rest = wrapped(text, width - indent, taken - indent)
    yield [*head, (first, role)]
    for line in rest:
        yield [(" " * indent, ""), (line, role)]


def table(
    rows: Sequence[tuple[str, str, str]], width: int, indent: int = 4, role: str = ""
) -> Iterator[Line]:
    """Rows of a key, a text and a place, in aligned columns."""
    keys = [flat(key) for key, _, _ in rows]
    first = min(max((cell_len(key) for key in keys), default=0), KEY)
    places = [clean(place) for _, _, place in rows]
    room = max(width - indent - first - 4 - max(map(cell_len, places), default=0), NARROWEST)
    texts = [wrapped(text, room) for _, text, _ in rows]
    second = max((cell_len(line) for text in texts for line in text), default=0)
    for key, text, place in zip(keys, texts, places, strict=True):
        if cell_len(key) > first:
            yield [(" " * indent + key, role)]
            key = ""
        for number, line in enumerate(text):
            row = [(" " * indent + _padded(key if number == 0 else "", first), role)]
            if place and number == len(text) - 1:
                row += [("  " + _padded(line, second) + "  ", ""), (place, "place")]
            elif line:
                row.append(("  " + line, ""))
            yield row


def whereabouts(location: Location | None, home: str = "", room: int = PLACE) -> str:
    """A place in few words: the line where the file is ``home``, and no long folders."""
    if location is None:
        return ""
    if location.file == home:
        return f"line {location.line}"
    place = str(location)
    return place if len(place) <= room else f"{PurePath(location.file).name}:{location.line}"


def snippet(location: Location, role: str) -> Iterator[Line]:
    """The source line of a place with the call underlined."""
    if not location.text.strip():
        return
    number = str(location.line)
    margin = " " * len(number)
    text = location.text.rstrip()
    start, end = underlined(location)
    before = cell_len(clean(text[:start]))
    length = cell_len(clean(text[:end])) - before
    yield [(f"{margin} |", "gutter")]
    yield [(f"{number} | ", "gutter"), (clean(text), "")]
    yield [(f"{margin} | ", "gutter"), (" " * before, ""), ("^" * max(length, 1), role)]


def underlined(location: Location) -> tuple[int, int]:
    """From which to which character of the source line the call goes, counted from 0."""
    text = location.text.rstrip()
    blank = len(text) - len(text.lstrip())
    start = max(location.column - 1, blank)
    end = location.end_column - 1 if location.end_line in (0, location.line) else len(text)
    end = min(end, len(text)) if end > start else len(text)
    return (start, end) if start < end else (blank, len(text))


def _padded(text: str, width: int) -> str:
    return text + " " * (width - cell_len(text))
