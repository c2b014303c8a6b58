"""The call of a model that an exception went through."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import Any

import torch

from ..core.constraint import Location
from .source import Span, is_users

CALLS = tuple(
    getattr(torch.nn.Module, name).__code__ for name in ("_wrapped_call_impl", "_call_impl")
)
LOADS = torch.nn.Module.load_state_dict.__code__


@dataclass(frozen=True)
class FailedCall:
    """A model with what it was called with.

    Attributes:
        model: the outermost module whose call did not end.
        arguments, keywords: of the call.
        location: the call.
    """

    model: torch.nn.Module
    arguments: tuple[Any, ...]
    keywords: Mapping[str, Any]
    location: Location | None


@dataclass(frozen=True)
class FailedLoad:
    """A call of ``load_state_dict`` that did not end.

    Attributes:
        model: the module that was to take the weights.
        entries: the weights.
        strict: whether all names had to agree.
        location: the call.
    """

    model: torch.nn.Module
    entries: Mapping[str, Any]
    strict: bool
    location: Location | None


def failed_call(traceback: TracebackType | None) -> FailedCall | FailedLoad | None:
    """The outermost call of a module, or of ``load_state_dict``, on a traceback."""
    place: Location | None = None
    while traceback is not None:
        frame = traceback.tb_frame
        code, inside = frame.f_code, frame.f_locals
        if code in CALLS:
            keywords = dict(inside["kwargs"])
            return FailedCall(inside["self"], tuple(inside["args"]), keywords, place)
        if code is LOADS:
            strict = bool(inside["strict"])
            return FailedLoad(inside["self"], inside["state_dict"], strict, place)
        if is_users(code.co_filename):
            place = Span(code, traceback.tb_lasti, traceback.tb_lineno).location
        traceback = traceback.tb_next
    return None


def places_of(traceback: TracebackType | None) -> set[tuple[str, int]]:
    """The files and lines of the user's code on a traceback."""
    found: set[tuple[str, int]] = set()
    while traceback is not None:
        code = traceback.tb_frame.f_code
        if is_users(code.co_filename):
            place = Span(code, traceback.tb_lasti, traceback.tb_lineno).location
            found |= {(place.file, line) for line in (place.line, traceback.tb_lineno)}
        traceback = traceback.tb_next
    return found


__all__ = ["FailedCall", "FailedLoad", "failed_call", "places_of"]
