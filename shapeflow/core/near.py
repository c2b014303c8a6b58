"""Near misses: the known names that somebody may have meant."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

MOST = 3


def near_misses(name: str, known: Iterable[str]) -> str:
    """``"; did you mean 'hx'?"``, or nothing where no known name is close."""
    folded: dict[str, list[str]] = {}
    for word in known:
        folded.setdefault(word.casefold(), []).append(word)
    close = get_close_matches(name.casefold(), folded, MOST)
    words = [repr(word) for match in close for word in folded[match]][:MOST]
    return f"; did you mean {' or '.join(words)}?" if words else ""
