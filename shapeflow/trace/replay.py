"""One recorded call made for real, at given sizes: what PyTorch says to it.

Small calls are made on the CPU, whose messages are those that people see, others on ``meta``.
"""

from __future__ import annotations

import copy
import io
import re
import warnings
from collections import defaultdict
from collections.abc import Iterator, Mapping
from itertools import repeat
from typing import Any

import torch
from torch.nn.utils.parametrize import is_parametrized

from ..core import dims
from ..core.constraint import Constraint
from .current import entered
from .maker import LARGEST, Changes, Maker, TooManyElements, Unplayable
from .record import Record
from .tensor import SymbolicTensor

FAULTS = (
    RuntimeError, ValueError, IndexError, TypeError, AssertionError, AttributeError,
    ZeroDivisionError, torch.jit.Error,
)  # fmt: skip
SCRIPTED = re.compile(r".*(?:RuntimeError|builtins\.\w+): ", re.DOTALL)
"""What TorchScript puts before PyTorch's own words."""

UNCHECKED = frozenset(
    "lstm gru rnn_tanh rnn_relu _weight_norm embedding_bag batch_norm_update_stats "
    "segment_reduce".split()
)
"""Functions that, on the CPU, write out of bounds where their operands do not fit."""

ENDING = frozenset("lstm_cell gru_cell LSTMCell GRUCell".split())
"""What ends the process, on any device, where the state has more axes than the input."""

NO_KERNEL = "Could not run"
"""In a message that speaks of the device; that a dtype is not implemented speaks of the call."""

OF_SIZES = re.compile("0-d tensor|only one element|single element")
"""In a TypeError that speaks of a tensor's sizes, not of what it is."""


def replay(
    record: Record,
    sizes: Mapping[str, int],
    changes: Changes | None = None,
    entries: bool = False,
) -> str | None:
    """PyTorch's message for a call at these sizes; None where it accepts the call.

    Args:
        record: the call.
        sizes: numbers for all symbols in it.
        changes: sizes to put in the place of a tensor's own, to look at one fault of several.
        entries: whether integers that are known are put in, such as indices; else all are 0.

    Raises:
        Unplayable: a tensor's shape is unknown, a symbol has no number, or only ``meta`` tensors
            can be asked and have nothing against the call.
    """
    error = _error(record, sizes, changes or {}, entries)
    return None if error is None else tidy(str(error))


def raised_by(record: Record, demand: Constraint) -> Exception:
    """What PyTorch raises in a call where a demand is not met."""
    tensors = [tensor for tensor in tensors_in((record.args, dict(record.kwargs))) if tensor.value]
    names = {n for t in tensors for size in t.value or () for n in dims.symbols_of(size)}
    names |= set(demand.symbols)
    for start, step in ((2, 1), (2, 0), (1, 0), (5, 2), (1, 3)):
        sizes = {name: start + step * i for i, name in enumerate(sorted(names))}
        if demand.at(sizes):
            continue
        try:
            error = _real_error(record, sizes)
        except Unplayable:
            break
        if error is not None:
            return error
    return RuntimeError(demand.origin.because if demand.origin else str(demand))


def refused(record: Record) -> Exception | None:
    """What PyTorch raises in a call for the classes of what it is given.

    Raises:
        Unplayable: the sizes that were tried are refused for other reasons.
    """
    errors = []
    for number in (2, 1, 3):
        error = _real_error(record, defaultdict(repeat(number).__next__))
        if error is None:
            return None
        if isinstance(error, TypeError | AttributeError) and not OF_SIZES.search(str(error)):
            errors.append(error)
    if not errors:
        raise Unplayable("the sizes do not fit")
    return errors[0]


def _real_error(record: Record, sizes: Mapping[str, int]) -> Exception | None:
    """The same while a trace is under way, which sees nothing of it."""
    with entered(None), torch._C.DisableTorchFunction():
        return _error(record, sizes, {})


def tensors_in(tree: Any) -> Iterator[SymbolicTensor]:
    """The symbolic tensors among some arguments."""
    if isinstance(tree, SymbolicTensor):
        yield tree
    elif isinstance(tree, dict):
        yield from tensors_in(tuple(tree.values()))
    elif isinstance(tree, list | tuple):
        for item in tree:
            yield from tensors_in(item)


def _error(
    record: Record, sizes: Mapping[str, int], changes: Changes, entries: bool = False
) -> Exception | None:
    for device in ("cpu", "meta"):
        maker = Maker(sizes, device, changes, entries)
        function = record.function
        if isinstance(function, torch.nn.Module):
            weights = [p for p in function._parameters.values() if type(p) is torch.nn.Parameter]
            maker.elements = sum(p.numel() for p in weights)
        name = getattr(function, "__name__", type(function).__name__)
        unsafe = maker.elements > LARGEST or name in UNCHECKED
        if device == "cpu" and unsafe:
            continue
        try:
            args, kwargs = maker.make(record.args), maker.make(dict(record.kwargs))
        except TooManyElements:
            continue
        ranks = list(_ranks((args, kwargs)))
        if name in ENDING and ranks and max(ranks) > ranks[0] and not _checked(function, args):
            break
        if isinstance(function, torch.nn.Module):
            function = _module_on(function, maker)
        try:
            with torch.no_grad(), warnings.catch_warnings():
                warnings.simplefilter("ignore")
                function(*args, **kwargs)
            if device == "cpu":
                return None
        except NotImplementedError as error:
            if NO_KERNEL in str(error):
                continue
            return error
        except FAULTS as error:
            if device == "meta" and is_about_meta(str(error)):
                break
            return error
    raise Unplayable("PyTorch cannot make the call here, or only on meta, which checks less")


def _checked(function: Any, args: Any) -> bool:
    """Whether a cell refuses a state with a batch beside an input without before it reads it."""
    hidden = getattr(function, "hidden_size", None)
    states = args[1] if len(args) > 1 else ()
    states = states if isinstance(states, list | tuple) else (states,)
    if hidden is None or not args or args[0].dim() != 1 or not states:
        return False
    return (
        isinstance(states[0], torch.Tensor)
        and states[0].dim() in (2, 3)
        and (states[0].dim() == 3 or states[0].size(0) != hidden)
    )


def _ranks(tree: Any) -> Iterator[int]:
    if isinstance(tree, torch.Tensor):
        if not torch.nn.parameter.is_lazy(tree):
            yield tree.dim()
    elif isinstance(tree, dict | list | tuple):
        for item in tree.values() if isinstance(tree, dict) else tree:
            yield from _ranks(item)


def is_about_meta(message: str) -> bool:
    """Whether a message speaks of the device, not of the call."""
    return "meta tensor" in message or "Meta" in message or "meta device" in message


def tidy(message: str) -> str:
    """PyTorch's own words in the text of an exception."""
    if "TorchScript" in message:
        message = SCRIPTED.sub("", message)
    return message.strip().split("\n\n")[0].strip()


def copied(module: torch.nn.Module, device: str) -> Any:
    """A deep copy of a module on a device."""
    if device == "cpu" or not isinstance(module, torch.jit.ScriptModule):
        return copy.deepcopy(module, _computed(module)).to(device)
    saved = io.BytesIO()  # the parameters of a scripted module cannot be moved
    torch.jit.save(module, saved)
    saved.seek(0)
    return torch.jit.load(saved, map_location=device)


def _computed(module: torch.nn.Module) -> dict[int, Any]:
    """Copies, by ``id``, of a module's weights that are computed, which torch does not copy."""
    held = [thing for part in module.modules() for thing in vars(part).values()]
    held += [item for thing in held if isinstance(thing, list) for item in thing]
    tensors = [thing for thing in held if isinstance(thing, torch.Tensor) and not thing.is_leaf]
    return {id(tensor): tensor.detach().clone() for tensor in tensors}


def _module_on(module: torch.nn.Module, maker: Maker) -> torch.nn.Module:
    """A copy of a module on another device, its hooks and the original untouched.

    A layer that ``forward`` makes itself has symbolic weights.
    """
    device = maker.device
    if isinstance(module, torch.jit.ScriptModule):
        return copied(module, device)
    kind, tensors = type(module), dict(module._parameters)
    if is_parametrized(module):
        kind = kind.__bases__[0]
        made: Any = module.parametrizations  # computing them would change their buffers
        tensors |= {name: copy.deepcopy(made[name])() for name in made}
    twin: torch.nn.Module = object.__new__(kind)  # copying would run the module's own code
    twin.__dict__ = dict(module.__dict__)
    twin._parameters = {
        name: None if tensor is None else torch.nn.Parameter(_blank(tensor, maker), False)
        for name, tensor in tensors.items()
    }
    for name in ("_forward_hooks", "_forward_pre_hooks"):
        twin.__dict__[name] = {}
    names = getattr(module, "_flat_weights_names", None)
    if names is not None:
        weights = [tensors.get(name, vars(module).get(name)) for name in names]
        blank = [None if w is None else _blank(w, maker) for w in weights]
        twin.__dict__["_flat_weights"] = blank
        twin.__dict__["_flat_weight_refs"] = [None] * len(names)
    return twin


def _blank(tensor: torch.Tensor, maker: Maker) -> torch.Tensor:
    if isinstance(tensor, SymbolicTensor):
        return maker.tensor(tensor)
    return torch.empty(tensor.shape, dtype=tensor.dtype, device=maker.device)
