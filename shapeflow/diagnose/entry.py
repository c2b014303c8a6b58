"""One entry of the catalogue of findings."""

from __future__ import annotations

from dataclasses import dataclass
from textwrap import dedent


@dataclass(frozen=True)
class Entry:
    """What there is to know of one code.

    Attributes:
        code: stable, such as ``SF204``.
        slug: one word, by which rules name it.
        title: what is the matter, in one line.
        why: what PyTorch demands, and where that is documented.
        example: a complete program that fails, or that is warned of; empty where none can be
            written.
        repair: the same program put right.
    """

    code: str
    slug: str
    title: str
    why: str
    example: str
    repair: str

    @property
    def is_warning(self) -> bool:
        """Whether the example runs and is wrong."""
        return self.code.startswith("SF5")

    @property
    def titles(self) -> tuple[str, str]:
        """What stands above the example and above its repair."""
        if self.is_warning:
            return "This runs and is wrong", "This is right"
        return "This fails", "This runs"


def entry(code: str, slug: str, title: str, why: str, example: str = "", repair: str = "") -> Entry:
    """An entry whose texts were written indented and over several lines."""
    return Entry(code, slug, title, " ".join(why.split()), _program(example), _program(repair))


def _program(text: str) -> str:
    return dedent(text).strip() + "\n" if text.strip() else ""
