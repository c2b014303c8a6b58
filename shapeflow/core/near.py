"""Near misses: the known names that somebody may have meant."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches


def near_misses(name: str, known: Iterable[str]) -> str:
    """``"; did you mean 'hx'?"``, or nothing where no known name is close."""
    folded = {word.casefold(): word for word in known}
    close = [folded[word] for word in get_close_matches(name.casefold(), folded, n=3, cutoff=0.6)]
    return f"; did you mean {' or '.join(map(repr, close))}?" if close else ""
