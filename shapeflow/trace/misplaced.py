"""Arguments of a kind that PyTorch does not take: what an LSTM returns handed to the next layer as
it is, a list where a number belongs, None for a tensor.

Rules read sizes; what their arguments may be is asked of PyTorch, once for each operation and the
classes that it is given, where these are others than the rule's annotations name.
"""

from __future__ import annotations

from collections.abc import Mapping
from inspect import Parameter, signature
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

import torch

from ..ops import Rule
from .maker import Unplayable
from .record import Record
from .sizes import SymbolicSize

if TYPE_CHECKING:
    from .recorder import Recorder

NUMBERS = frozenset({int, float, complex, SymbolicSize})
OWN = ("declared.", "Tensor.__getitem__")
"""What PyTorch is not asked of: a law of the user's, and indices, which are read apart."""

_usual: dict[Any, bool] = {}
"""Whether the classes of an operation's arguments are those that its rule names."""

_taken: set[Any] = set()
"""Classes of arguments, to their last item, that PyTorch was seen to take."""

_undecided: WeakKeyDictionary[Recorder, set[Any]] = WeakKeyDictionary()
"""Those of a trace about which it could not be asked."""


def refuse(
    recorder: Recorder, rule: Rule, name: str, function: Any, args: Any, kwargs: Any
) -> None:
    """Raises what PyTorch does where a call is given something of a class that it does not take."""
    if kwargs:
        key = (name, len(args), *kwargs, *[a.__class__ for a in (*args, *kwargs.values())])
    else:
        key = (name, *[a.__class__ for a in args])
    usual = _usual.get(key)
    if usual is None:
        usual = _usual[key] = name.startswith(OWN) or _is_usual(rule, args, kwargs)
    if not usual:
        ask(recorder, name, function, args, kwargs)


def _is_usual(rule: Rule, args: Any, kwargs: Mapping[str, Any]) -> bool:
    parameters = list(signature(rule.function).parameters.values())[1:]
    named = {parameter.name: parameter for parameter in parameters}
    rest = [p for p in parameters if p.kind is Parameter.VAR_POSITIONAL]
    places = [p for p in parameters if p.kind is not Parameter.KEYWORD_ONLY]
    places += rest * max(0, len(args) - len(places))
    return all(
        _fits(place, arg.__class__) for place, arg in zip(places, args, strict=False)
    ) and all(_fits(named.get(key), arg.__class__) for key, arg in kwargs.items())


def _fits(place: Parameter | None, kind: type) -> bool:
    """Whether a class is one that an annotation names, or that needs no asking for."""
    wanted = "Any" if place is None else str(place.annotation)
    if kind is type(None):
        return place is None or place.default is None or "None" in wanted
    if issubclass(kind, torch.Tensor):
        return "Value" in wanted or wanted in ("Any", "Input")
    if kind is bool or kind is str:
        return kind.__name__ in wanted
    return kind in NUMBERS and "Value" not in wanted and wanted not in ("str", "bool")


def ask(
    recorder: Recorder, name: str, function: Any, args: Any, kwargs: Any, node: Any = None
) -> None:
    """Raises what PyTorch raises where it does not take the classes of some arguments; the call's
    node, if it has one, is taken away then."""
    kinds = name, *map(_kind, args), *kwargs, *map(_kind, kwargs.values())
    open_here = _undecided.setdefault(recorder, set())
    if kinds in _taken or kinds in open_here or torch.Generator in kinds:
        return  # a generator of the user's would go on
    from .replay import refused

    path = recorder.stack[-1] if recorder.stack else ""
    record = Record("", name, function, args, kwargs, recorder.span, path, None, "", recorder.lift)
    try:
        error = refused(record)
    except Unplayable:
        open_here.add(kinds)
        return
    if error is not None:
        if node is not None:
            recorder.graph.erase_node(node)
        raise error
    _taken.add(kinds)


def _kind(item: Any) -> Any:
    """The class of an argument, and the classes of what it holds."""
    if isinstance(item, list | tuple):
        return item.__class__, frozenset(map(_kind, item))
    return item.__class__


__all__ = ["ask", "refuse"]
