"""Changes that a trial run makes: other modules, other attributes, other calls.

A trial's changes are a mapping. A key is a path of modules, whose value are attributes of a layer
that has a rule of its own; a path of a parameter, whose value is a shape; ``("module", path)``,
whose value stands in for the module there; ``("set", path, name)``, an attribute of a module; the
site of a call, whose value is an Edit; or "@" and the name of a node, whose value is a function of
the name of an operand and of what the rule would be given, to what it is given.
"""

from __future__ import annotations

import inspect
import warnings
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import torch
from torch.nn.utils.rnn import PackedSequence, pad_packed_sequence
from torch.overrides import TorchFunctionMode

from ..ops import Rule, Value, lookup
from .record import Record
from .state import unchanged

if TYPE_CHECKING:
    from .recorder import Recorder

Edit = Callable[[Callable[..., Any], tuple[Any, ...], Mapping[str, Any]], Any]
"""Makes a call in another way: it is given what makes the call, and the arguments."""

RECURRENT = (
    "input_size hidden_size num_layers bias batch_first dropout bidirectional proj_size".split()
)
FILLING = "normal_ uniform_ fill_ zero_ erfinv_ mul_ add_ clamp_".split()
"""What the layers of torch's start their parameters with."""
LARGEST = 20_000_000
"""Parameters up to which a user's module is made again."""


@dataclass(frozen=True)
class At:
    """An edit of the calls that one module makes, or all.

    Attributes:
        edit: what to do.
        path: the module; None is any.
    """

    edit: Edit
    path: str | None = None


def site_of(record: Record) -> Any:
    """What tells a call of the source from others; it may be made several times in a run."""
    span = record.span
    return None if span is None else (span.code, span.instruction, record.op)


def operand(name: str, change: Callable[[Any], Any]) -> Edit:
    """The edit that changes the operand of a name, as messages call it, such as ``hx[0]``."""
    return operands({name: change})


def operands(changes: Mapping[str, Callable[[Any], Any]]) -> Edit:
    """The edit that changes several operands."""

    def edit(call: Callable[..., Any], args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> Any:
        rule = lookup(call.op)  # type: ignore[attr-defined]
        names = list(inspect.signature(rule.function).parameters)[1:] if rule else []
        given = [
            _walk(names[i] if i < len(names) else f"operand {i + 1}", item, changes)
            for i, item in enumerate(args)
        ]
        named = {name: _walk(name, item, changes) for name, item in kwargs.items()}
        return call(tuple(given), named)

    return edit


def _walk(name: str, item: Any, changes: Mapping[str, Callable[[Any], Any]]) -> Any:
    if name in changes:
        return changes[name](item)
    if type(item) in (list, tuple):
        return type(item)(_walk(f"{name}[{i}]", part, changes) for i, part in enumerate(item))
    return item


def with_values(
    changes: Mapping[Any, Any], node: str, rule: Rule, args: Sequence[Any], kwargs: dict[str, Any]
) -> tuple[Any, dict[str, Any]]:
    """What a rule is given, as a trial that edits the operands of one node has it."""
    edit = changes.get(f"@{node}")
    if edit is None:
        return args, kwargs
    names = list(inspect.signature(rule.function).parameters)[1:]
    given = [
        _valued(names[i] if i < len(names) else f"operand {i + 1}", item, edit)
        for i, item in enumerate(args)
    ]
    return tuple(given), {name: _valued(name, item, edit) for name, item in kwargs.items()}


def _valued(name: str, item: Any, edit: Callable[[str, Any], Any]) -> Any:
    changed = edit(name, item)
    if changed is not item or isinstance(item, Value):
        return changed
    if type(item) in (list, tuple):
        return type(item)(_valued(f"{name}[{i}]", part, edit) for i, part in enumerate(item))
    return item


def result(change: Callable[[Any], Any]) -> Edit:
    """The edit that changes what a call returns."""

    def edit(call: Callable[..., Any], args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> Any:
        return change(call(args, kwargs))

    return edit


def unpacked(batch_first: bool) -> Edit:
    """The edit that unpacks the packed sequence that a recurrent layer returns."""

    def change(pair: Any) -> Any:
        output, *rest = pair
        return (pad_packed_sequence(output, batch_first=batch_first)[0], *rest)

    return result(change)


def skipped(call: Callable[..., Any], args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> Any:
    """The edit that leaves a call out: its first operand as it is."""
    return args[0]


def renamed(method: str, **more: Any) -> Edit:
    """The edit that calls another method of the first operand, or gives other keywords."""

    def edit(call: Callable[..., Any], args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> Any:
        if not method:
            return call(args, {**kwargs, **more})
        return getattr(args[0], method)(*args[1:], **{**kwargs, **more})

    return edit


def arguments(number: Any, *positions: int) -> Edit:
    """The edit that gives another argument at some positions, counted in the source's call."""

    def edit(call: Callable[..., Any], args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> Any:
        given = list(args)
        for position in positions:
            given[position] = number
        return call(tuple(given), kwargs)

    return edit


class Original:
    """Makes the call as it would have been made."""

    def __init__(self, op: str, make: Callable[..., Any]) -> None:
        self.op, self.make = op, make

    def __call__(self, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> Any:
        return self.make(args, dict(kwargs))


def edit_here(recorder: Recorder, name: str) -> Edit | None:
    """What a trial does to the call under way."""
    span = recorder.span
    at = None if span is None else recorder.changes.get((span.code, span.instruction, name))
    path = recorder.stack[-1] if recorder.stack else ""
    return at.edit if at is not None and at.path in (None, path) else None


def edited(
    recorder: Recorder, edit: Edit, name: str, rule: Rule, function: Any, args: Any, kwargs: Any,
    attributes: Any,
) -> Any:  # fmt: skip
    """A call as a trial makes it."""

    def make(args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> Any:
        return recorder.apply(name, rule, function, args, kwargs, attributes)

    recorder.editing = True
    try:
        return edit(Original(name, make), args, kwargs)
    finally:
        recorder.editing = False


def is_packed(thing: Any) -> bool:
    """Whether something is a packed sequence."""
    return isinstance(thing, PackedSequence)


def apply_to(model: Any, changes: Mapping[Any, Any]) -> Any:
    """The model with other modules and attributes; who calls this puts everything back."""
    for key, value in changes.items():
        if not isinstance(key, tuple) or key[0] not in ("module", "set"):
            continue
        if key[0] == "module" and key[1] == "":
            model = value
            continue
        owner = model
        names = key[1].split(".") if key[1] else []
        for name in names if key[0] == "set" else names[:-1]:
            owner = owner._modules[name]
        if key[0] == "set":
            owner.__dict__[key[2]] = value
        else:
            owner._modules[names[-1]] = value
    return model


def remade(layer: torch.nn.Module, **changes: Any) -> torch.nn.Module | None:
    """A layer of torch's made anew with other arguments; None where that cannot be."""
    kind = type(layer)
    if not kind.__module__.startswith("torch.nn") or "parametrizations" in layer._modules:
        return None  # a computed weight is not asked for: computing it may change its buffers
    names: Sequence[str] = RECURRENT
    if not hasattr(kind, "all_weights"):
        names = list(inspect.signature(kind.__init__).parameters)[1:]
    given: dict[str, Any] = {}
    for name in names:
        if name == "bias" and not isinstance(getattr(layer, name, None), bool):
            given[name] = getattr(layer, name, None) is not None
        elif name not in ("device", "dtype", "args", "kwargs") and hasattr(layer, name):
            given[name] = getattr(layer, name)
    if not given.get("proj_size", 1):
        del given["proj_size"]  # which only an LSTM takes
    if getattr(layer, "_qkv_same_embed_dim", False):
        given |= {"kdim": None, "vdim": None}  # which follow embed_dim
    given = {n: v for n, v in given.items() if not isinstance(v, torch.Tensor)} | changes
    try:
        with warnings.catch_warnings(), _Unfilled():
            warnings.simplefilter("ignore")
            made = kind(**given, device="meta")
    except (TypeError, ValueError, RuntimeError, AssertionError, ZeroDivisionError):
        return None
    for name, tensor in made._parameters.items():  # entries do not matter, memory is not touched
        if tensor is not None:
            empty = torch.empty(tensor.shape, dtype=tensor.dtype)
            made._parameters[name] = torch.nn.Parameter(empty)
    for name, buffer in made._buffers.items():
        if buffer is not None:
            made._buffers[name] = torch.empty(buffer.shape, dtype=buffer.dtype)
    return made.train(layer.training)


class _Unfilled(TorchFunctionMode):
    """New parameters stay as they are: on the device ``meta`` there is nothing to fill, and
    PyTorch would import its compiler, which takes seconds, to find that out."""

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        kwargs = kwargs or {}
        if getattr(func, "__name__", "") in FILLING:
            return args[0] if args else kwargs["tensor"]
        return func(*args, **kwargs)


def made_again(module: torch.nn.Module, args: Sequence[Any], kwargs: Mapping[str, Any]) -> Any:
    """A module of the user's made anew with other arguments; None where that cannot be.

    The constructor is the user's own: whatever it raises only says that these arguments are none.
    """
    if sum(p.numel() for p in module.parameters()) > LARGEST:
        return None
    made: Any = None
    with suppress(Exception), unchanged(module), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        made = type(module)(*args, **kwargs)
    return made.train(module.training) if isinstance(made, torch.nn.Module) else None
