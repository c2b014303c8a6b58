"""The written form of sizes, shapes and facts, and its parser.

::

    size   := term (("+" | "-") term)*
    term   := factor (("*" | "//" | "%") factor)*
    factor := number | name | "-" factor | "(" size ")" | ("max" | "min") "(" size ("," size)+ ")"
    fact   := clause (("and" | "or") clause)*          "and" binds tighter
    clause := size (("==" | "=" | "!=" | ">=" | "<=" | ">" | "<") size)+ | "(" fact ")"

A shape is sizes with spaces between them; whatever shapeflow prints, this module reads back.
Nothing that a user wrote is ever evaluated as Python.
"""

from __future__ import annotations

import re

from . import constraint, dims
from .constraint import Constraint
from .dims import Size
from .errors import NotationError

TOKEN = re.compile(r"\s*(?:(\d+)|([^\W\d]\w*)|(//|==|!=|>=|<=|[-+*%()=<>,]))")
LONGEST_NUMBER = 18
DEEPEST = 60


def parse_size(text: str) -> Size:
    """The size written in ``text``; NotationError says where and what was expected."""
    reader = _Reader(text)
    size = reader.size()
    reader.end("an operator (+ - * // %) or the end")
    return size


def parse_fact(text: str) -> Constraint:
    """The fact written in ``text``, such as ``"H % 8 == 0"`` or ``"1 <= T <= 512"``."""
    reader = _Reader(text)
    fact = reader.fact()
    reader.end("an operator, 'and', 'or' or the end")
    return fact


def format_shape(shape: tuple[Size, ...]) -> str:
    """A shape as people write it: ``(B, T, 3)``."""
    return f"({', '.join(map(str, shape))}{',' * (len(shape) == 1)})"


def format_spec(shape: tuple[Size, ...]) -> str:
    """A shape as the spec parser reads it: ``B T 3``."""
    return " ".join(str(size).replace(" ", "") for size in shape)


class _Reader:
    """A recursive-descent parser over the tokens of one text."""

    def __init__(self, text: str) -> None:
        self.text, self.position, self.depth = text, 0, 0
        self.tokens: list[tuple[str, int]] = []
        at = 0
        while text[at:].strip():
            match = TOKEN.match(text, at)
            if match is None:
                column = at + len(text[at:]) - len(text[at:].lstrip()) + 1
                raise NotationError(text, column, "a number, a name or an operator")
            self.tokens.append((match.group().strip(), match.end() - len(match.group().strip())))
            at = match.end()

    def peek(self) -> str:
        return self.tokens[self.position][0] if self.position < len(self.tokens) else ""

    def take(self, *wanted: str) -> str:
        if self.peek() in wanted and self.peek():
            self.position += 1
            return self.tokens[self.position - 1][0]
        return ""

    def wrong(self, expected: str) -> NotationError:
        known = self.position < len(self.tokens)
        column = self.tokens[self.position][1] + 1 if known else len(self.text) + 1
        return NotationError(self.text, column, expected)

    def end(self, expected: str) -> None:
        if self.position < len(self.tokens):
            raise self.wrong(expected)

    def size(self) -> Size:
        total = self.term()
        while sign := self.take("+", "-"):
            total = total + self.term() if sign == "+" else total - self.term()
        return total

    def term(self) -> Size:
        total = self.factor()
        while sign := self.take("*", "//", "%"):
            at = self.position
            other = self.factor()
            if sign == "*":
                total = total * other
                continue
            if other == 0:
                self.position = at
                raise self.wrong("a divisor other than 0")
            total = dims.floordiv(total, other) if sign == "//" else dims.mod(total, other)
        return total

    def factor(self) -> Size:
        self.depth += 1
        if self.depth > DEEPEST:
            raise self.wrong(f"less than {DEEPEST} levels of brackets")
        try:
            if self.take("-"):
                return -self.factor()
            if self.take("("):
                return self.closed(self.size())
            token = self.peek()
            if token.isdecimal() and token.isascii() and len(token) <= LONGEST_NUMBER:
                self.position += 1
                return int(token)
            if not token.isidentifier() or token in ("and", "or"):
                raise self.wrong("a size: a number, a name or '('")
            self.position += 1
            if token in ("max", "min") and self.take("("):
                return self.extreme(token)
            return dims.symbol(token)
        finally:
            self.depth -= 1

    def closed(self, size: Size) -> Size:
        if not self.take(")"):
            raise self.wrong("')'")
        return size

    def extreme(self, name: str) -> Size:
        sizes = [self.size()]
        while self.take(","):
            sizes.append(self.size())
        whole = dims.maximum(*sizes) if name == "max" else dims.minimum(*sizes)
        return self.closed(whole)

    def fact(self) -> Constraint:
        options = [self.conjunction()]
        while self.take("or"):
            options.append(self.conjunction())
        return constraint.any_of(options) if len(options) > 1 else options[0]

    def conjunction(self) -> Constraint:
        parts = [self.clause()]
        while self.take("and"):
            parts.append(self.clause())
        return constraint.all_of(parts) if len(parts) > 1 else parts[0]

    def clause(self) -> Constraint:
        start = self.position
        if self.take("("):  # a bracketed fact, or the bracket of a size
            try:
                inner = self.fact()
                if self.take(")") and self.peek() in ("", "and", "or", ")"):
                    return inner
            except NotationError:
                pass
            self.position = start
        left, parts = self.size(), []
        while sign := self.take("==", "=", "!=", ">=", "<=", ">", "<"):
            right = self.size()
            parts.append(_relation(sign, left, right))
            left = right
        if not parts:
            raise self.wrong("a comparison (== != >= <= > <)")
        return constraint.all_of(parts) if len(parts) > 1 else parts[0]


def _relation(sign: str, left: Size, right: Size) -> Constraint:
    if sign in ("==", "="):
        return _equality(left, right)
    if sign == "!=":
        return constraint.distinct(left, right)
    if sign in ("<=", "<"):
        left, right, sign = right, left, sign.replace("<", ">")
    return constraint.at_least(left, right + 1 if sign == ">" else right)


def _equality(left: Size, right: Size) -> Constraint:
    """``a % n == 0`` is divisibility, which the solver knows more about."""
    if right == 0 and isinstance(left, dims.Dim):
        for atom in dims.atoms(left):
            if atom.kind == "floordiv" and left == dims.mod(*atom.args):
                return constraint.divides(atom.args[1], atom.args[0])
    return constraint.equal(left, right)
