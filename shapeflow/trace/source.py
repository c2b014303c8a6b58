"""Where in the user's source a call stands."""

from __future__ import annotations

import ast
import linecache
import os
import sys
import sysconfig
from collections.abc import Mapping
from functools import cache, lru_cache
from types import CodeType, FrameType, TracebackType

import torch

from ..core.constraint import Location

_TORCH = os.path.dirname(torch.__file__) + os.sep
_HERE = os.path.dirname(os.path.dirname(os.path.abspath(__file__))) + os.sep
_TRACE = os.path.join(_HERE, "trace") + os.sep
_STDLIB = sysconfig.get_paths()["stdlib"] + os.sep
_SITE = tuple(
    path + os.sep for path in {sysconfig.get_paths()["purelib"], sysconfig.get_paths()["platlib"]}
)


class Span:
    """A call in the user's code, resolved to a Location only when somebody asks.

    Attributes:
        caller: the call in the user's code that this one was made under; None for the outermost.
    """

    __slots__ = ("caller", "code", "instruction", "line")

    def __init__(
        self, code: CodeType, instruction: int, line: int, caller: Span | None = None
    ) -> None:
        self.code, self.instruction, self.line, self.caller = code, instruction, line, caller

    @property
    def location(self) -> Location:
        """The call with file, line and columns."""
        return _locate(self.code, self.instruction, self.line)

    @property
    def position(self) -> tuple[str, int, int, int, int]:
        """The file, line and column where the call begins, and where it ends, as ``ast`` counts."""
        found = [*self.code.co_positions()][self.instruction // 2]
        first, last, start, end = (number or 0 for number in found)
        return (self.code.co_filename, first, start, last, end)


def syntax_of(filename: str) -> ast.Module | None:
    """The syntax of a file as it is now, or was when the check began; None where it has none."""
    return _parsed("".join(linecache.getlines(filename)))


@lru_cache(maxsize=64)
def _parsed(text: str) -> ast.Module | None:
    try:
        return ast.parse(text)
    except SyntaxError:
        return None


@cache
def is_users(filename: str) -> bool:
    """Whether a file is the user's (or a library's that is not torch, the stdlib or shapeflow)."""
    if filename.startswith((_TORCH, _HERE, "<frozen", "<string>", "<eval_with_key>")):
        return False
    return not filename.startswith(_STDLIB) or filename.startswith(_SITE)


@cache
def is_torchs(filename: str) -> bool:
    """Whether a file belongs to torch."""
    return filename.startswith(_TORCH)


def here() -> Span | None:
    """The innermost call under way in the user's code."""
    frame: FrameType | None = sys._getframe(1)
    while frame is not None:
        code = frame.f_code
        if is_users(code.co_filename):
            return Span(code, frame.f_lasti, frame.f_lineno)
        frame = frame.f_back
    return None


def calls_here(known: Mapping[CodeType, Span | None], above: int = 1) -> Span | None:
    """The same with the calls that it was made under.

    Args:
        known: code of frames at which to stop, with the call that each was made under.
        above: how many frames to leave out.
    """
    frame: FrameType | None = sys._getframe(above)
    span: Span | None = None
    places: list[tuple[CodeType, int, int]] = []
    while frame is not None:
        code = frame.f_code
        if code in known:
            span = known[code]
            break
        if is_users(code.co_filename):
            places.append((code, frame.f_lasti, frame.f_lineno))
        frame = frame.f_back
    for place in reversed(places):
        span = Span(*place, span)
    return span


def asked_here() -> str:
    """The expression of the user's that asks for its own truth; empty where a library asks."""
    frame: FrameType | None = sys._getframe(1)
    while frame is not None and frame.f_code.co_filename.startswith(_HERE):
        frame = frame.f_back
    if frame is None or not is_users(frame.f_code.co_filename):
        return ""
    place = Span(frame.f_code, frame.f_lasti, frame.f_lineno).location
    text = place.text[place.column - 1 : place.end_column - 1].strip()
    whole = place.end_line == place.line and text.split(" ")[0] not in _STATEMENTS
    return text if whole else ""


_STATEMENTS = ("if", "elif", "while", "assert", "return", "for")
"""Words that the test of a branch does not begin with."""


def asking_frame() -> FrameType | None:
    """The frame of that call: the same one as long as the same loop goes round."""
    frame: FrameType | None = sys._getframe(1)
    while frame is not None and not is_users(frame.f_code.co_filename):
        frame = frame.f_back
    return frame


def raised_at(traceback: TracebackType | None) -> tuple[Span | None, bool]:
    """The innermost user call of a traceback, and whether the exception was raised right there."""
    span: Span | None = None
    own = False
    while traceback is not None:
        code = traceback.tb_frame.f_code
        own = is_users(code.co_filename)
        if own:
            span = Span(code, traceback.tb_lasti, traceback.tb_lineno, span)
        traceback = traceback.tb_next
    return span, own


def forward_under_way(traceback: TracebackType | None, paths: Mapping[int, str]) -> str:
    """The path of the innermost module whose ``forward`` an exception came through."""
    path = ""
    while traceback is not None:
        frame = traceback.tb_frame
        if frame.f_code.co_name == "forward" and frame.f_code.co_varnames:
            owner = frame.f_locals.get(frame.f_code.co_varnames[0])
            path = paths.get(id(owner), path)
        traceback = traceback.tb_next
    return path


def failed_in_rule(traceback: TracebackType | None) -> bool:
    """Whether an exception was raised by the code of a rule, or below it; the trace itself raises
    what PyTorch and Python would."""
    while traceback is not None:
        file, traceback = traceback.tb_frame.f_code.co_filename, traceback.tb_next
        if file.startswith(_HERE) and not file.startswith(_TRACE):
            return True
    return False


@lru_cache(maxsize=4096)
def _locate(code: CodeType, instruction: int, line: int) -> Location:
    positions = list(code.co_positions())
    place = positions[instruction // 2] if instruction // 2 < len(positions) else (None,) * 4
    first, last, start, end = place
    if first is None or start is None:
        text = linecache.getline(code.co_filename, line).rstrip("\n")
        return Location(shortened(code.co_filename), line, 1, line, len(text) + 1, text)
    text = linecache.getline(code.co_filename, first).rstrip("\n")
    column = _characters(text, start) + 1
    behind = linecache.getline(code.co_filename, last or first).rstrip("\n")
    end_column = _characters(behind, end or start) + 1
    return Location(shortened(code.co_filename), first, column, last or first, end_column, text)


def _characters(text: str, offset: int) -> int:
    """Columns come in UTF-8 bytes; people count characters."""
    return len(text.encode()[:offset].decode(errors="ignore"))


def shortened(filename: str) -> str:
    """The path from the current folder where the file lies below it."""
    current = os.getcwd() + os.sep
    return filename[len(current) :] if filename.startswith(current) else filename
