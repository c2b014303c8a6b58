"""What the code of a function reads again from some place on, and which of its lines change things.

Only local variables and the frame itself are looked at: a line that stores an attribute or an item,
or calls a method that may do so, is one that changes things.
"""

from __future__ import annotations

import dis
from collections.abc import Iterator
from functools import lru_cache
from types import CodeType

_ENDS = ("RETURN_VALUE", "RETURN_CONST", "RAISE_VARARGS", "RERAISE")
_LEAPS = ("JUMP_FORWARD", "JUMP_BACKWARD", "JUMP_BACKWARD_NO_INTERRUPT", "JUMP_ABSOLUTE")
_STORES = (
    "STORE_ATTR", "STORE_SUBSCR", "STORE_SLICE", "STORE_GLOBAL", "STORE_NAME", "STORE_DEREF",
    "DELETE_ATTR", "DELETE_SUBSCR", "DELETE_GLOBAL", "DELETE_DEREF", "YIELD_VALUE", "SEND",
    "BEFORE_WITH", "LOAD_SPECIAL",
)  # fmt: skip
_METHODS = frozenset(
    "append extend insert pop popitem remove clear update setdefault add discard sort reverse "
    "write register_buffer register_parameter add_module train eval".split()
)
_FUNCTIONS = frozenset("setattr delattr next exec eval input open".split())


@lru_cache(maxsize=256)
def live_names(code: CodeType) -> dict[int, frozenset[str]]:
    """The local variables that are read before they are written, by offset of an instruction."""
    steps = list(dis.get_instructions(code))
    places = {step.offset: i for i, step in enumerate(steps)}
    following = [[*_next(step, i, places)] for i, step in enumerate(steps)]
    for entry in dis.Bytecode(code).exception_entries:  # type: ignore[attr-defined]
        for i in range(places[entry.start], places.get(entry.end, len(steps))):
            following[i].append(places[entry.target])
    always = frozenset((*code.co_cellvars, *code.co_freevars))
    live = [always] * len(steps)
    changed = True
    while changed:
        changed = False
        for i in range(len(steps) - 1, -1, -1):
            behind = frozenset().union(*(live[j] for j in following[i] if j < len(steps)))
            found = (behind - _names(steps[i], "STORE_FAST")) | _names(steps[i], "LOAD_FAST")
            if found | always != live[i]:
                live[i], changed = found | always, True
    return {step.offset: live[i] for i, step in enumerate(steps)}


def _next(step: dis.Instruction, i: int, places: dict[int, int]) -> Iterator[int]:
    """What may come after an instruction."""
    if step.opname not in _ENDS and step.opname not in _LEAPS:
        yield i + 1
    if step.opcode in dis.hasjrel or step.opcode in dis.hasjabs:
        yield places[step.argval]


def _names(step: dis.Instruction, kind: str) -> frozenset[str]:
    """The variables that an instruction loads or stores; some do both to a pair."""
    if kind not in step.opname:
        return frozenset()
    names = step.argval if isinstance(step.argval, tuple) else (step.argval,)
    if step.opname == "STORE_FAST_LOAD_FAST":
        names = names[:1] if kind == "STORE_FAST" else names[1:]
    return frozenset(names)


@lru_cache(maxsize=1024)
def changing_lines(code: CodeType) -> frozenset[int]:
    """The lines that may change something other than local variables."""
    found: set[int] = set()
    line = code.co_firstlineno
    for step in dis.get_instructions(code):
        line = step.positions.lineno or line if step.positions is not None else line
        name = step.argval if isinstance(step.argval, str) else ""
        method = step.opname in ("LOAD_METHOD", "LOAD_ATTR") and (
            name in _METHODS or (name.endswith("_") and not name.endswith("__"))
        )
        calls = step.opname == "LOAD_GLOBAL" and name in _FUNCTIONS
        if step.opname in _STORES or method or calls:
            found.add(line)
    return frozenset(found)


@lru_cache(maxsize=256)
def _loops(code: CodeType) -> dict[int, int]:
    """The last instruction of each loop, by its first."""
    ends: dict[int, int] = {}
    for step in dis.get_instructions(code):
        if "JUMP" in step.opname and isinstance(step.argval, int) and step.argval < step.offset:
            ends[step.argval] = max(step.offset, ends.get(step.argval, 0))
    return ends


def loops_around(code: CodeType, offset: int) -> frozenset[int]:
    """The loops that an instruction stands in, by their first instructions."""
    return frozenset(first for first, last in _loops(code).items() if first <= offset <= last)


__all__ = ["changing_lines", "live_names", "loops_around"]
