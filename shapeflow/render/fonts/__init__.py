"""The fonts of the pictures, and how wide their letters are."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from importlib.resources import files

FACES = {
    "regular": "DejaVuSans.ttf",
    "bold": "DejaVuSans-Bold.ttf",
    "mono": "DejaVuSansMono.ttf",
}
FAMILIES = {"regular": "DejaVu Sans", "bold": "DejaVu Sans", "mono": "DejaVu Sans Mono"}
UNKNOWN = 1000
"""Width of a letter that the fonts do not have, in thousandths of the font's size."""


@cache
def widths(face: str) -> Mapping[int, int]:
    """Width of each letter of a face, in thousandths of the font's size."""
    table = json.loads(files(__name__).joinpath("widths.json").read_text("utf-8"))
    return {int(code): width for code, width in table[face].items()}


def width_of(text: str, size: float, face: str = "regular") -> float:
    """How wide a text is, in points."""
    table = widths(face)
    return sum(table.get(ord(letter), UNKNOWN) for letter in text) * size / 1000


@cache
def font(face: str) -> bytes:
    """The font file of a face."""
    return files(__name__).joinpath(FACES[face]).read_bytes()
