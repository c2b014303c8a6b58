"""Sizes as text, in the notation that the parser reads."""

from __future__ import annotations

from collections.abc import Iterator

from .dims import Dim, Monomial, Size, as_dim, of_atom, sum_terms


def text_of(size: Size) -> str:
    """A size as people write it."""
    if isinstance(size, int):
        return str(size)
    parts = [_term_text(m, c) for m, c in _with_remainders(size)]
    positive = [i for i, part in enumerate(parts) if not part.startswith("-")]
    if positive and positive[0]:
        parts.insert(0, parts.pop(positive[0]))
    signed = [part if part.startswith("-") else f"+{part}" for part in parts[1:]]
    return "".join([*parts[:1], *signed])


def _with_remainders(size: Dim) -> Iterator[tuple[Monomial | str, int]]:
    """The terms, with ``a - n*(a//n)`` gathered into ``a%n`` again."""
    left: Size = size
    for m, c in size.terms:
        if len(m) != 1 or m[0][1] != 1 or m[0][0].kind != "floordiv":
            continue
        a, n = m[0][0].args
        if not isinstance(n, int) or c % n:
            continue
        times = -c // n
        rest = left - times * (a - n * of_atom(m[0][0]))
        if len(as_dim(rest).terms) <= len(as_dim(left).terms) - 2 + (isinstance(rest, int)):
            left = rest
            yield f"{bracketed(a)}%{n}", times
    yield from as_dim(left).terms


def _term_text(m: Monomial | str, c: int) -> str:
    if not m:
        return str(c)
    if isinstance(m, str):
        factors = [m if c == 1 else f"({m})"]
    else:
        plain = [(str(a), p) for a, p in m if a.kind != "floordiv"]
        divided = [(str(a), p) for a, p in m if a.kind == "floordiv"]
        alone = not plain and len(divided) == 1 and divided[0][1] == 1 and c == 1
        factors = [text for text, p in plain for _ in range(p)]
        factors += [text if alone else f"({text})" for text, p in divided for _ in range(p)]
    text = "*".join(factors)
    if c == 1:
        return text
    return f"-{text}" if c == -1 else f"{c}*{text}"


def bracketed(size: Size) -> str:
    """The text, in brackets where it is no single name or number."""
    text = text_of(size)
    return text if text.isidentifier() or text.isdigit() else f"({text})"


def inequality(left: Size, right: Size) -> str:
    """``T >= 3`` rather than ``T-3 >= 0`` or ``0 >= 3-T``: the symbol first, the number last."""
    difference = left - right
    plain = isinstance(left, Dim) and isinstance(right, int) and constant_of(left) == 0
    if not isinstance(difference, Dim) or plain:
        return f"{left} >= {right}"
    constant = constant_of(difference)
    positive, negative = by_sign(difference - constant)
    if isinstance(positive, int):
        return f"{negative} <= {constant}"
    if isinstance(negative, int):
        return f"{positive} >= {-constant}"
    if constant > 0:
        return f"{positive + constant} >= {negative}"
    return f"{positive} >= {negative - constant}"


def constant_of(size: Size) -> int:
    """The constant term."""
    if isinstance(size, int):
        return size
    return size.terms[-1][1] if not size.terms[-1][0] else 0


def by_sign(size: Size) -> tuple[Size, Size]:
    """The terms with positive coefficients, and the negated others: ``size = first - second``."""
    if isinstance(size, int):
        return (size, 0) if size > 0 else (0, -size)
    up = [(m, c) for m, c in size.terms if c > 0]
    down = [(m, -c) for m, c in size.terms if c < 0]
    return sum_terms(up, 0), sum_terms(down, 0)
