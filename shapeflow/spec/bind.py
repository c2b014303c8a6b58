"""Specs matched with the parameters of ``forward``."""

from __future__ import annotations

import difflib
import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .readers import annotated
from .spec import SpecError


@dataclass(frozen=True)
class Bound:
    """What a model is called with, still as specs.

    Attributes:
        arguments: the positional arguments, in order.
        keywords: the keyword arguments.
        names: parameter names of the positional arguments.
        returns: the contract of an annotated result, None without one.
    """

    arguments: tuple[Any, ...]
    keywords: Mapping[str, Any]
    names: tuple[str, ...]
    returns: Any = None


def bind(
    function: Callable[..., Any], name: str, specs: Sequence[Any], named: Mapping[str, Any]
) -> Bound:
    """Specs by position and by name, matched with a signature.

    Args:
        function: ``forward`` of the model (bound), or the function itself.
        name: how messages call it.
        specs: by position.
        named: by parameter name.

    Raises:
        SpecError: an input is missing, surplus, given twice, or unknown.
    """
    try:
        signature = inspect.signature(function)
    except (TypeError, ValueError):
        raise SpecError(
            f"{name} has no Python signature to match specs with: wrap it in a function"
        ) from None
    parameters = signature.parameters
    kinds = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    positional = [p for p in parameters.values() if p.kind in kinds]
    more = any(p.kind is p.VAR_POSITIONAL for p in parameters.values())
    extra = any(p.kind is p.VAR_KEYWORD for p in parameters.values())
    call = f"{name}({', '.join(map(_short, parameters.values()))})"
    if len(specs) > len(positional) and not more:
        raise SpecError(f"{len(specs)} inputs were given, but {call} takes {len(positional)}")
    given = dict(zip([p.name for p in positional], specs, strict=False))
    for key, spec in named.items():
        if key in given:
            raise SpecError(f"the input {key!r} was given twice, by position and by name")
        if key not in parameters and not extra:
            close = difflib.get_close_matches(key, list(parameters), 1)
            hint = f" (did you mean {close[0]!r}?)" if close else ""
            raise SpecError(f"{call} has no parameter {key!r}{hint}")
        given[key] = spec
    notes, returns = annotated(function)
    for key, spec in notes.items():
        given.setdefault(key, spec)
    missing = [
        p.name
        for p in parameters.values()
        if p.default is p.empty
        and p.name not in given
        and p.kind not in (p.VAR_POSITIONAL, p.VAR_KEYWORD)
    ]
    if missing:
        raise SpecError(f"{call} needs a spec for {' and '.join(map(repr, missing))}")
    return _arranged(positional, given, tuple(specs[len(positional) :]), returns)


def _arranged(
    positional: list[Any], given: dict[str, Any], rest: tuple[Any, ...], returns: Any
) -> Bound:
    arguments: list[Any] = []
    names: list[str] = []
    for parameter in positional:
        if parameter.name not in given:
            break
        arguments.append(given.pop(parameter.name))
        names.append(parameter.name)
    names += [f"args[{i}]" for i in range(len(rest))]
    return Bound((*arguments, *rest), given, tuple(names), returns)


def _short(parameter: inspect.Parameter) -> str:
    text = parameter.name
    if parameter.kind is parameter.VAR_POSITIONAL:
        return f"*{text}"
    if parameter.kind is parameter.VAR_KEYWORD:
        return f"**{text}"
    return text if parameter.default is parameter.empty else f"{text}={parameter.default!r}"
