"""Functions of torch that are Python: what they do is seen by running their own body.

Such a function asks first whether a tensor has a torch function of its own, and hands the call
over. Its body is run with that question answered no; the calls that it makes are seen again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from types import FunctionType
from typing import TYPE_CHECKING, Any

from .source import is_torchs

if TYPE_CHECKING:
    from .recorder import Recorder


def _no(*args: Any) -> bool:
    return False


QUESTIONS = {
    name: _no
    for name in ("has_torch_function", "has_torch_function_unary", "has_torch_function_variadic")
}


@cache
def body_of(function: Any) -> Callable[..., Any] | None:
    """The body of one of torch's Python functions, as a function; None for any other."""
    function = getattr(function, "__wrapped__", function)
    if not isinstance(function, FunctionType) or not is_torchs(function.__code__.co_filename):
        return None
    if not set(QUESTIONS) & set(function.__code__.co_names):
        return None
    scope = {**function.__globals__, **QUESTIONS}
    body = FunctionType(
        function.__code__, scope, function.__name__, function.__defaults__, function.__closure__
    )
    body.__kwdefaults__ = function.__kwdefaults__
    return body


@contextmanager
def watched(recorder: Recorder) -> Iterator[None]:
    """Sends torch calls to the recorder again, inside its own answer to one."""
    from .modes import Functions

    with Functions(recorder):
        yield


__all__ = ["body_of", "watched"]
