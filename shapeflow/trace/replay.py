"""One recorded call made for real, at given sizes: what PyTorch says to it.

Small calls are made on the CPU, whose messages are those that people see, others on ``meta``.
"""

from __future__ import annotations

import copy
import io
import math
import re
import warnings
from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Any

import torch
from torch.nn.utils.parametrize import is_parametrized
from torch.nn.utils.rnn import PackedSequence

from ..core import dims
from ..core.constraint import Constraint
from ..core.dims import Size
from ..ops import Value, layout
from ..ops.dtypes import INTEGERS
from ..ops.entries import Entries
from ..ops.ranges import extremes, whole_numbers
from .conjugates import marked
from .current import entered
from .floats import SymbolicFloat
from .record import Record
from .sizes import SymbolicSize
from .tensor import SymbolicTensor

LARGEST = 1 << 20
"""Elements up to which a call is made on the CPU, whose messages are those that people see."""

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

Changes = Mapping[int, Mapping[int, int]]
"""Other sizes for tensors: by the ``id`` of the symbolic tensor, then by axis."""


class Unplayable(Exception):
    """The call cannot be made at these sizes: something in it is not known."""


class TooManyElements(Exception):
    """Not worth computing: ``meta`` tensors are asked instead."""


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
            with entered(None):
                error = _error(record, sizes, {})
        except Unplayable:
            break
        if error is not None:
            return error
    return RuntimeError(demand.origin.because if demand.origin else str(demand))


def refused(record: Record) -> Exception | None:
    """What PyTorch raises in a call that is given what is no tensor, at any sizes."""
    try:
        with entered(None):
            error = _error(record, defaultdict(lambda: 2), {})
    except Unplayable:
        return None
    return error if isinstance(error, TypeError | AttributeError) else None


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
            maker.elements = sum(p.numel() for p in function.parameters(recurse=False))
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
            function = _module_on(function, device)
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


def _module_on(module: torch.nn.Module, device: str) -> torch.nn.Module:
    """A copy of a module on another device, its hooks and the original untouched."""
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
        name: None if tensor is None else torch.nn.Parameter(_blank(tensor, device), False)
        for name, tensor in tensors.items()
    }
    for name in ("_forward_hooks", "_forward_pre_hooks"):
        twin.__dict__[name] = {}
    names = getattr(module, "_flat_weights_names", None)
    if names is not None:
        weights = [tensors.get(name, vars(module).get(name)) for name in names]
        blank = [None if w is None else _blank(w, device) for w in weights]
        twin.__dict__["_flat_weights"] = blank
        twin.__dict__["_flat_weight_refs"] = [None] * len(names)
    return twin


def _blank(tensor: torch.Tensor, device: str) -> torch.Tensor:
    return torch.empty(tensor.shape, dtype=tensor.dtype, device=device)


class Maker:
    """Symbolic arguments to real ones."""

    def __init__(
        self, sizes: Mapping[str, int], device: str, changes: Changes, entries: bool = False
    ) -> None:
        self.sizes, self.device, self.changes = sizes, device, changes
        self.with_entries, self.elements = entries, 0
        self.made: dict[int, torch.Tensor] = {}

    def size(self, size: Size) -> int:
        """The number for a size."""
        try:
            number = dims.evaluate(size, self.sizes)
        except KeyError as missing:
            raise Unplayable(f"{missing} has no number") from None
        return number

    def make(self, item: Any) -> Any:
        """An argument, with everything symbolic in it made real."""
        if isinstance(item, SymbolicTensor):
            return self.tensor(item)
        if isinstance(item, SymbolicSize):
            return self.size(item.dim)
        if isinstance(item, SymbolicFloat):
            return 1.5
        if isinstance(item, torch.Tensor):
            if item.is_meta or self.device == "cpu":
                return item if not item.is_meta else torch.zeros(item.shape, dtype=item.dtype)
            return torch.empty_strided(item.shape, item.stride(), dtype=item.dtype, device="meta")
        if isinstance(item, slice):
            return slice(self.make(item.start), self.make(item.stop), self.make(item.step))
        if isinstance(item, PackedSequence):
            return self.packed(item)
        if isinstance(item, torch.Size):
            return torch.Size([self.make(part) for part in item])
        if isinstance(item, dict):
            return {key: self.make(part) for key, part in item.items()}
        if isinstance(item, tuple) and hasattr(item, "_fields"):
            return type(item)(*(self.make(part) for part in item))
        if isinstance(item, list | tuple):
            return type(item)(self.make(part) for part in item)
        return item

    def tensor(self, tensor: SymbolicTensor) -> torch.Tensor:
        """Zeros of the shape that a symbolic tensor has, a view in the memory that it lies in."""
        value: Value | None = tensor.value
        if value is None:
            raise Unplayable("a tensor's shape is unknown")
        changes = self.changes.get(id(tensor), {})
        if id(tensor) not in self.made:
            shape = [changes.get(axis, self.size(size)) for axis, size in enumerate(value)]
            if any(size < 0 for size in shape):
                raise Unplayable("a size is negative")
            self.elements += math.prod(shape)
            if self.device == "cpu" and self.elements > LARGEST:
                raise TooManyElements
            made = None if changes else self.view(tensor, value, shape)
            made = self.zeros(value, shape) if made is None else made
            self.made[id(tensor)] = marked(made, tensor, self.sizes)
        return self.made[id(tensor)]

    def view(
        self, tensor: SymbolicTensor, value: Value, shape: list[int]
    ) -> torch.Tensor | None:
        """A part of another tensor's memory; None for a tensor with memory of its own."""
        owner = tensor.base
        if owner is None or owner.value is None or tensor.offset is None:
            return None
        if owner.value.dtype != value.dtype or id(owner) in self.changes:
            return None
        strides = [self.size(stride) for stride in layout.strides_of(value)]
        start = self.size(tensor.offset)
        memory = self.tensor(owner)
        last = start + sum((d - 1) * stride for d, stride in zip(shape, strides, strict=True))
        if min((start, *shape)) < 0 or last >= memory.untyped_storage().nbytes() // memory.itemsize:
            return None
        return memory.as_strided(shape, strides, start)

    def zeros(self, value: Value, shape: list[int]) -> torch.Tensor:
        """A tensor with memory of its own."""
        dtype = getattr(torch, value.dtype)
        if value.strides is None or shape != [self.size(size) for size in value]:
            made = torch.zeros(shape, dtype=dtype, device=self.device)
            if self.with_entries:
                self.entries(made, value)
            return made
        strides = [self.size(stride) for stride in layout.strides_of(value)]
        return torch.empty_strided(shape, strides, dtype=dtype, device=self.device).zero_()

    def entries(self, made: torch.Tensor, value: Value) -> None:
        """Puts in the numbers that are known: all of them, or the least and the greatest."""
        if value.dtype not in INTEGERS or not made.numel() or made.device.type != "cpu":
            return
        known = value.known.sizes if isinstance(value.known, Entries) else value.known
        ends = extremes(known)
        if isinstance(known, list | tuple) and len(list(whole_numbers(known))) == made.numel():
            made.copy_(torch.tensor(known).reshape(made.shape))
        elif ends is not None and made.is_contiguous():
            made.fill_(self.size(ends.low)).view(-1)[-1] = self.size(ends.high)

    def packed(self, item: PackedSequence) -> PackedSequence:
        """A packed batch with every sequence as long as the longest."""
        batch_sizes: Any = item.batch_sizes
        known = batch_sizes.value.known
        if known is None or not hasattr(known, "batch"):
            raise Unplayable("the lengths of a packed sequence are unknown")
        batch = self.size(known.batch)
        data: Any = item.data
        inner = [self.size(size) for size in data.value[1:]]
        steps = 2
        return PackedSequence(
            torch.zeros(
                [batch * steps, *inner], dtype=getattr(torch, data.value.dtype), device=self.device
            ),
            torch.tensor([batch] * steps),
            None,
            None,
        )
