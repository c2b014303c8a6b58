"""Random numbers of Python's and numpy's own.

Comparisons with a random fraction go both ways; a random whole number is a size that depends on
data.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from typing import Any

from .current import current
from .sizes import unwrap, wrap

_FRACTIONS = {
    "random": "random uniform triangular betavariate gauss normalvariate expovariate",
    "numpy.random": "rand random random_sample ranf uniform beta normal randn standard_normal",
}
_WHOLE = {"random": "randint randrange", "numpy.random": "randint"}


class Chance(float):
    """A random fraction: what is compared with it goes both ways."""

    __slots__ = ()

    def _ask(self, other: Any) -> bool:
        trace = current()
        return trace is None or trace.choose_value("a comparison with a random number")

    __lt__ = __le__ = __gt__ = __ge__ = _ask

    def _computed(name: str) -> Callable[..., Any]:  # type: ignore[misc]
        def method(self: Chance, *others: Any) -> Any:
            result = getattr(float, name)(self, *others)
            return Chance(result) if isinstance(result, float) else result

        return method

    __add__, __radd__ = _computed("__add__"), _computed("__radd__")
    __sub__, __rsub__ = _computed("__sub__"), _computed("__rsub__")
    __mul__, __rmul__ = _computed("__mul__"), _computed("__rmul__")
    __truediv__ = _computed("__truediv__")


def chances() -> Iterator[tuple[Any, str, Any]]:
    """Module, name and what stands in for each source of random numbers that is loaded."""
    for home, names in _FRACTIONS.items():
        module = sys.modules.get(home)
        for name in names.split() if module is not None else ():
            yield module, name, _fraction(getattr(module, name))
    for home, names in _WHOLE.items():
        module = sys.modules.get(home)
        for name in names.split() if module is not None else ():
            yield module, name, _whole(getattr(module, name), inclusive=name == "randint"
                                       and home == "random")  # fmt: skip


def _fraction(original: Callable[..., Any]) -> Callable[..., Any]:
    def number(*args: Any, **kwargs: Any) -> Any:
        drawn = original(*args, **kwargs)
        return Chance(drawn) if current() is not None and isinstance(drawn, float) else drawn

    return number


def _whole(original: Callable[..., Any], inclusive: bool) -> Callable[..., Any]:
    def number(*args: Any, **kwargs: Any) -> Any:
        recorder = current()
        if recorder is None or kwargs or not 0 < len(args) < 3 or None in args:
            return original(*args, **kwargs)
        low, end = [unwrap(arg) for arg in (args if len(args) == 2 else (0, args[0]))]
        width = end - low - (not inclusive)
        return wrap(low + recorder.data_size(f"random_{len(recorder.sizes) + 1}", 0, width))

    return number


__all__ = ["Chance", "chances"]
