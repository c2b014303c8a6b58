"""A run as plain data for pictures: made when somebody draws, not when somebody checks."""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from inspect import Parameter, signature
from typing import Any

import torch

from ..core.dims import Dim, Size
from ..core.shape import with_sizes
from ..core.step import Module, Result, Step, Traced
from ..ops import Value, lookup
from .nodes import Made, packed_sequence
from .record import Record
from .run import Run
from .sizes import SymbolicSize, unwrap
from .targets import is_in_place
from .tensor import SymbolicTensor
from .tree import modules_of, tensors_of

_UNINITIALIZED: Any = vars(torch.nn.parameter)["UninitializedTensorMixin"]
LONGEST = 60
"""Characters of the settings of one call."""
LABELS: dict[str, dict[tuple[int, ...], str]] = {
    "nn.LSTM": {(0,): "output", (1, 0): "h", (1, 1): "c"},
    "nn.GRU": {(0,): "output", (1,): "h"},
    "nn.RNN": {(0,): "output", (1,): "h"},
    "nn.LSTMCell": {(0,): "h", (1,): "c"},
}
"""What the results of recurrent layers are called, by where they stand in the result."""
MANY = 3
"""Arguments without a name of their own that are told by the names of the rule."""
UNNAMED = ("", None)
DULL = ("device", "memory_format", "layout", "inplace", "requires_grad", "pin_memory", "out")
"""Arguments that no picture tells."""
FROM_TO = (
    ("in_features", "out_features"),
    ("in_channels", "out_channels"),
    ("num_embeddings", "embedding_dim"),
    ("input_size", "hidden_size"),
)
SHOWN = {  # attribute: how it is told, the value that goes without saying
    "embed_dim": ("{}", None), "num_heads": ("{} heads", None), "normalized_shape": ("{}", None),
    "num_features": ("{}", None), "num_groups": ("{} groups", None),
    "kernel_size": ("{}", None), "stride": ("stride {}", 1), "padding": ("padding {}", 0),
    "dilation": ("dilation {}", 1), "groups": ("{} groups", 1),
    "output_size": ("to {}", None), "p": ("p={}", None),
}  # fmt: skip


def traced(run: Run, instances: Mapping[str, int], settled: Callable[[Size], Size]) -> Traced:
    """The nodes, module calls and modules of a run.

    Args:
        run: the run.
        instances: the numbers that symbols were given for it.
        settled: a size as the report writes it.
    """
    steps = _Steps(run, settled)
    return Traced(
        tuple(steps.all()),
        run.visits,
        {path: _module(module) for path, module in modules_of(run.root)},
        dict(instances),
        frozenset(p for p, t in _tensors_by_path(run) if isinstance(t, torch.nn.Parameter)),
    )


@cache
def _operands(op: str) -> tuple[tuple[str, Any], ...]:
    """The names that a rule gives to what an operation takes, each with its default."""
    rule = lookup(op)
    known = list(signature(rule.function).parameters.values())[1:] if rule is not None else []
    plain = (Parameter.POSITIONAL_ONLY, Parameter.POSITIONAL_OR_KEYWORD)
    return tuple((p.name, p.default) for p in known if p.kind in plain)


class _Steps:
    """Walks over the graph; knows what each node gives, and who wrote into it last."""

    def __init__(self, run: Run, settled: Callable[[Size], Size]) -> None:
        self.run, self.settled = run, settled
        self.given: dict[str, dict[tuple[int, ...], Result]] = {}
        self.names: dict[str, Mapping[tuple[int, ...], str]] = {}
        self.last: dict[str, str] = {}
        self.inputs = dict(_operands_of(run))
        self.tensors = dict(_tensors_by_path(run))

    def all(self) -> Iterator[Step]:
        for node in self.run.graph.nodes:
            record = self.run.records.get(node.name)
            takes = tuple(self.takes(node, record))
            if record is not None:
                yield self.call(node, record, takes)
            elif node.op in ("placeholder", "get_attr"):
                kind = "input" if node.op == "placeholder" else "parameter"
                known = self.inputs.get(node.name)
                results = (self.result("", known),) if known is not None else ()
                if (
                    kind == "parameter"
                    and (tensor := self.tensors.get(str(node.target))) is not None
                ):
                    results = (Result("", tuple(tensor.shape), str(tensor.dtype)[6:]),)
                self.given[node.name] = {(): results[0]} if results else {}
                yield Step(node.name, kind, str(node.target), 0, takes, results)
            elif node.op == "output":
                yield Step(node.name, "output", "output", 0, takes)
            else:
                yield self.other(node, takes)

    def takes(self, node: Any, record: Record | None) -> Iterator[tuple[str, str]]:
        """The operands with the names that the rule gives them; writers stand for what they
        wrote into."""
        names = [name for name, _ in _operands(record.op)] if record is not None else []
        for i, item in enumerate(node.args):
            yield from self.nodes_in(names[i] if i < len(names) else f"operand {i + 1}", item)
        for name, item in node.kwargs.items():
            yield from self.nodes_in(name, item)

    def nodes_in(self, name: str, item: Any) -> Iterator[tuple[str, str]]:
        if isinstance(item, torch.fx.Node):
            yield name, self.last.get(item.name, item.name)
        elif isinstance(item, list | tuple):
            for i, part in enumerate(item):
                yield from self.nodes_in(f"{name}[{i}]", part)
        elif isinstance(item, dict):
            for key, part in item.items():
                yield from self.nodes_in(f"{name}[{key!r}]", part)
        elif isinstance(item, slice):
            yield from self.nodes_in(name, (item.start, item.stop, item.step))

    def call(self, node: Any, record: Record, takes: tuple[tuple[str, str], ...]) -> Step:
        names = LABELS.get(record.op, {})
        found = dict(_flat(record.result if record.value is None else record.value))
        self.names[node.name] = names
        self.given[node.name] = {
            place: self.result(_label(place, names) if len(found) > 1 else "", value)
            for place, value in found.items()
        }
        if is_in_place(record.op) and takes:
            self.last[takes[0][1]] = self.last[str(node.args[0])] = node.name
        if record.op.endswith("__setitem__") and takes:
            self.given[node.name] = dict(self.given.get(takes[0][1], {}))
        return Step(
            node.name, "call", record.op, record.visit, takes,
            tuple(self.given[node.name].values()), _settings(record), record.location,
            record.signature, record.probed,
        )  # fmt: skip

    def result(self, label: str, value: Value | None) -> Result:
        if value is None:
            return Result(label, None)
        return Result(label, with_sizes(tuple(value), self.settled), value.dtype)

    def other(self, node: Any, takes: tuple[tuple[str, str], ...]) -> Step:
        """A part of a result, or arithmetic on sizes."""
        parent = takes[0][1] if takes else ""
        if node.target in (operator.getitem, getattr) and parent in self.given:
            key = node.args[1]
            place = (key,) if isinstance(key, int) else ()
            inner = {at[1:]: result for at, result in self.given[parent].items() if at[:1] == place}
            if not inner and node.name in self.inputs:  # a part of an input
                inner = {(): self.result("", self.inputs[node.name])}
            self.given[node.name] = inner
            label = next(iter(inner.values())).label if len(inner) == 1 else ""
            detail = label or (f"[{key!r}]" if node.target is operator.getitem else f".{key}")
            return Step(node.name, "part", "part", 0, takes, tuple(inner.values()), detail)
        if node.target is packed_sequence or isinstance(node.target, Made):
            return Step(node.name, "made", "made", 0, takes)
        return Step(node.name, "size", getattr(node.target, "__name__", str(node.target)), 0, takes)


def _tensors_by_path(run: Run) -> Iterator[tuple[str, torch.Tensor]]:
    """Parameters, buffers and constants that have a shape."""
    for path, module in modules_of(run.root):
        for name, tensor in tensors_of(module):
            if not isinstance(tensor, _UNINITIALIZED):
                yield f"{path}.{name}" if path else name, tensor
    yield from run.constants.items()


def _operands_of(run: Run) -> Iterator[tuple[str, Value]]:
    """What inputs and parameters hold, as the calls that read them see it."""
    for record in run.records.values():
        for tensor in _tensors((record.args, tuple(record.kwargs.values()))):
            if tensor.value is not None and tensor.node.name not in run.records:
                yield tensor.node.name, tensor.value


def _tensors(item: Any) -> Iterator[SymbolicTensor]:
    if isinstance(item, SymbolicTensor):
        yield item
    elif isinstance(item, list | tuple):
        for part in item:
            yield from _tensors(part)
    elif isinstance(item, dict):
        for part in item.values():
            yield from _tensors(part)


def _flat(result: Any, place: tuple[int, ...] = ()) -> Iterator[tuple[tuple[int, ...], Any]]:
    """The tensors of a result by where they stand in it."""
    if isinstance(result, Value):
        yield place, result
    elif isinstance(result, SymbolicTensor):
        yield place, result.value
    elif isinstance(result, list | tuple) and not isinstance(result, torch.Size):
        for i, part in enumerate(result):
            yield from _flat(part, (*place, i))


def _label(place: tuple[int, ...], names: Mapping[tuple[int, ...], str]) -> str:
    return names.get(place, "".join(f"[{i}]" for i in place))


def _settings(record: Record) -> str:
    """The arguments of a call that are no tensors, as people write them."""
    operands = _operands(record.op)
    given = [(i, item) for i, item in enumerate(record.given) if not _is_tensor(item)]
    named = dict(enumerate(operands)) if len(given) >= MANY else {}
    parts = [_named(item, *named.get(i, UNNAMED)) for i, item in given]
    defaults = dict(operands)
    parts += [
        _named(item, name, defaults.get(name))
        for name, item in record.kwargs.items()
        if not _is_tensor(item)
        and item is not False
        and name not in DULL
        and not name.startswith("_")
    ]
    text = ", ".join(part for part in parts if part)
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"


def _named(item: Any, name: str, default: Any) -> str:
    """An argument with its name, if it has one; nothing where it goes without saying."""
    item = unwrap(item)
    if name and str(item) in (str(default), "None", f"({default},)", f"[{default}]"):
        return ""
    text = _setting(item)
    return f"{name}={text}" if name and text else text


def _is_tensor(item: Any) -> bool:
    if isinstance(item, list | tuple) and item and not isinstance(item, torch.Size):
        return all(map(_is_tensor, item))
    return isinstance(item, torch.Tensor)


def _setting(item: Any) -> str:
    item = unwrap(item)
    if isinstance(item, slice):
        ends = ["" if end is None else _setting(end) for end in (item.start, item.stop, item.step)]
        return ":".join(ends[: 3 if ends[2] else 2])
    if isinstance(item, list | tuple):
        return f"({', '.join(map(_setting, item))})"
    if item is Ellipsis:
        return "..."
    if isinstance(item, torch.Tensor):
        return "…"
    if isinstance(item, float):
        return f"{item:g}"
    known = bool | int | str | Dim | SymbolicSize | torch.dtype | None
    return str(item).removeprefix("torch.") if isinstance(item, known) else ""


def _module(module: torch.nn.Module) -> Module:
    kind = type(module)
    is_torchs = kind.__module__.startswith("torch.nn")
    learned = [
        tensor
        for _, tensor in tensors_of(module)
        if isinstance(tensor, torch.nn.Parameter) and not isinstance(tensor, _UNINITIALIZED)
    ]
    return Module(
        kind.__name__,
        is_torchs,
        ", ".join(_told(module)) if is_torchs else "",
        sum(tensor.numel() for tensor in learned),
        module.num_layers if isinstance(module, torch.nn.RNNBase) else 0,
        1 + module.bidirectional if isinstance(module, torch.nn.RNNBase) else 0,
        sum(tensor.numel() for tensor in learned if tensor.dim() > 1),
        f"{kind.__module__}.{kind.__qualname__}",
    )


def _told(module: torch.nn.Module) -> Iterator[str]:
    """The settings of one of torch's layers."""
    own = vars(module)
    for first, second in FROM_TO:
        if first in own and second in own:
            yield f"{own[first]} → {own[second]}"
    for name, (form, usual) in SHOWN.items():
        value = own.get(name)
        if value is None or isinstance(value, torch.nn.Module):
            continue
        if isinstance(value, tuple) and value:
            equal = len(set(value)) == 1
            value = (
                "×".join(map(str, value))
                if name in ("kernel_size", "normalized_shape") or not equal
                else value[0]
            )
        elif name == "kernel_size":
            value = f"size {value}"
        if value != usual and isinstance(value, int | float | str):
            yield form.format(value)


__all__ = ["traced"]
