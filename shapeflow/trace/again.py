"""A call made for real together with the calls that its operands come from.

So its operands lie in memory as PyTorch lays them, whatever the rules say.
"""

from __future__ import annotations

import operator
import warnings
from collections.abc import Iterator, Mapping
from typing import Any, cast

import torch

from ..core import dims
from ..core.constraint import Constraint
from ..core.dims import Size
from ..ops import Value, layout
from ..ops.registry import bare
from .beforehand import owner_of
from .maker import Maker, Unplayable
from .memory import EXPANDING, REFUSING
from .record import Record
from .replay import FAULTS, tensors_in, tidy
from .results import COPIED, EACH, RESHAPING, SEEN
from .run import Run
from .state import process_unchanged
from .targets import is_in_place
from .tensor import SymbolicTensor

READING = set(
    "view view_copy view_as view_as_complex view_as_complex_copy fill_diagonal_ unflatten "
    "take_along_dim conv_tbc native_group_norm local_response_norm kron matrix_exp "
    "linalg_matrix_exp".split()
)
"""Calls that look at the strides of their operand."""
STEPPING = {"_grouped_mm", "_scaled_mm_v2", "fill_diagonal_"}
"""Calls that look at the step of each axis, also of those that have one entry."""
LOOKING = READING | STEPPING
FOLLOWED = SEEN | COPIED | EACH | REFUSING | READING | set(
    "clone flip sum __reversed__ einsum".split()
)
"""Calls that are made again; in the place of the results of others stand tensors without gaps."""
BENDING = {*EXPANDING, *EACH, "einsum"}
"""Calls that make what lies otherwise where a size is 1, of whatever operands."""
MOST = 24
"""How many calls are made again for one."""
FEW = 7
"""Numbers below which that is sought which makes a size 1."""
FURTHEST = 65
"""Numbers below which that is sought which makes a view of a copy."""
LARGEST = 1 << 14
"""Elements that a tensor has at most."""


Nodes = Mapping[str, torch.fx.Node]


def nodes_of(run: Run) -> Nodes:
    """The nodes of a run's graph by their names."""
    return {node.name: node for node in run.graph.nodes}


def looks(record: Record) -> bool:
    """Whether a call looks at strides, or writes where another operand may lie."""
    short = _short(record)
    if short == "linear":
        return _adds_a_table(record)
    if short not in LOOKING and (not is_in_place(record.op) or short in RESHAPING):
        return False
    return bool(record.given) and isinstance(record.args[0], SymbolicTensor)


def _short(record: Record) -> str:
    return record.op.rpartition(".")[2]


def _adds_a_table(record: Record) -> bool:
    """Whether a linear map has a bias that PyTorch adds within the product where all lie in order,
    and to its result elsewhere, with other demands."""
    tensors = tensors_in((record.args, dict(record.kwargs)))
    operands = [x.value for x in tensors if x.value is not None]
    if len(operands) != 3:
        return False
    input, weight, bias = operands
    return len(input) > 2 and (len(weight), len(bias), bias.dtype) != (2, 1, input.dtype)


class Line:
    """A call with the calls that its operands come from."""

    def __init__(self, run: Run, nodes: Nodes, record: Record) -> None:
        self.run, self.nodes, self.record = run, nodes, record
        self.records: dict[str, Record] = {}
        self.values: dict[str, Value] = {}
        self.exact = _reads_steps(record)
        self.collect(record, nodes[record.node])

    def collect(self, record: Record, node: torch.fx.Node) -> None:
        """Goes back from a call through those that are made again."""
        self.records[record.node] = record
        for tensor, source in _pairs((record.args, dict(record.kwargs)), (node.args, node.kwargs)):
            maker = self.run.records.get(self.whole(source).name)
            value = tensor.value if maker is None or maker.value is None else maker.value
            if value is not None:
                self.values[source.name] = value
            if maker is None or maker.node in self.records or len(self.records) == MOST:
                continue
            if self.is_followed(maker):
                self.collect(maker, self.nodes[maker.node])

    def is_followed(self, maker: Record) -> bool:
        """Whether a call is made again: what it makes may lie otherwise where a size is 1."""
        if isinstance(maker.function, torch.nn.Module):
            return False
        return bare(_short(maker)) in FOLLOWED or self.exact or _is_turned(maker)

    def whole(self, node: torch.fx.Node) -> torch.fx.Node:
        """The node that makes several results, for one of them."""
        part = node.target is operator.getitem and node.name not in self.run.records
        source = node.args[0] if part and node.args else None
        return source if isinstance(source, torch.fx.Node) else node

    def is_doubtful(self) -> bool:
        """Whether anything in the line lies otherwise where a size is 1."""
        stepped = self.exact and (_is_turned(self.record) or self.has_single())
        return stepped or self.is_narrow() or any(map(self.bends, self.records.values()))

    def has_single(self) -> bool:
        """Whether an operand that is made again has an axis of one entry, in whichever step."""
        if len(self.records) == 1:
            return False
        operands = tensors_in((self.record.args, dict(self.record.kwargs)))
        return any(x.value is not None and 1 in x.value for x in operands)

    def is_narrow(self) -> bool:
        """Whether it writes into an axis of one entry, whose step makes views of one memory two."""
        if not is_in_place(self.record.op) or len(self.records) == 1:
            return False
        target, *others = tensors_in((self.record.args, dict(self.record.kwargs)))
        return bool(others) and target.value is not None and 1 in target.value

    def bends(self, record: Record) -> bool:
        """Whether a call makes what lies otherwise where a size is 1."""
        if record is self.record:
            return False
        short, value = _short(record), record.value
        if short in BENDING or (value is not None and value.source is not None):
            return True
        if short == "__getitem__":
            parts = record.given[1] if isinstance(record.given[1], tuple) else (record.given[1],)
            return any(isinstance(part, list | torch.Tensor) for part in parts)
        if bare(short) in SEEN or short == "view":
            return is_in_place(self.record.op) and value is not None and value.strides is not None
        if short in COPIED and not self.exact and not _reads_steps(record):
            return False
        return _is_turned(record)

    def narrowing(self) -> dict[str, list[int]]:
        """The symbols in the shapes of all that is made, each with numbers of interest.

        Those make a size 1, or a view of what else is a copy.
        """
        found: dict[str, set[int]] = {}
        for size in {size for value in self.values.values() for size in value}:
            names = dims.symbols_of(size)
            for name in names:
                found.setdefault(name, {1})
            if len(names) == 1:
                found[names[0]] |= {n for n in range(2, FEW) if _is_one(size, names[0], n)}
        for equation in self.equations():
            if len(equation.symbols) == 1 and equation.symbols[0] in found:
                found[equation.symbols[0]] |= set(_roots(equation))
        return {name: sorted(found[name]) for name in sorted(found)}

    def equations(self) -> list[Constraint]:
        """The equations between sizes under which one that is made is a view, a copy else."""
        return [e for value in self.values.values() for e in layout.equations(value)]

    def message(self, sizes: Mapping[str, int]) -> str | None:
        """PyTorch's message for the call; None where it accepts it."""
        made = _Making(self, sizes)
        try:
            with process_unchanged(), torch.no_grad(), warnings.catch_warnings():
                warnings.simplefilter("ignore")
                made.call(self.record)
        except _Refused as refused:
            return tidy(str(refused.args[0]))
        return None


def _roots(equation: Constraint) -> Iterator[int]:
    """The small numbers of its only symbol at which an equation holds."""
    (name,) = equation.symbols
    return (number for number in range(1, FURTHEST) if equation.at({name: number}))


def _is_one(size: Size, name: str, number: int) -> bool:
    """Whether a size is 1 where its symbol has that number."""
    try:
        return dims.evaluate(size, {name: number}) == 1
    except (KeyError, ZeroDivisionError):
        return False


def _reads_steps(record: Record) -> bool:
    """Whether a call looks at the step of each axis, as views do that give a dtype.

    So does writing into memory that another operand has a part in.
    """
    given = (*record.args, *dict(record.kwargs).values())
    if _short(record) in STEPPING or any(isinstance(a, torch.dtype) for a in given):
        return True
    written, *others = [id(owner_of(tensor)) for tensor in tensors_in(given)] or [0]
    return is_in_place(record.op) and written in others


def _is_turned(record: Record) -> bool:
    """Whether an operand or the result lies in another order than the contiguous one."""
    operands = (x.value for x in tensors_in((record.args, dict(record.kwargs))))
    values = (record.value, *operands)
    return any(value is not None and value.strides is not None for value in values)


class _Refused(Exception):
    """The call itself is refused."""


class _Making:
    """Real tensors in the place of symbolic ones."""

    def __init__(self, line: Line, sizes: Mapping[str, int]) -> None:
        self.line, self.maker = line, Maker(sizes, "cpu", {})
        self.made: dict[str, Any] = {}

    def call(self, record: Record) -> Any:
        """The result of a call."""
        node = self.line.nodes[record.node]
        given = node.args[: len(record.args)] if node.target is getattr else node.args
        args, kwargs = self.argument((record.args, dict(record.kwargs)), (given, node.kwargs))
        if _short(record) in RESHAPING:  # the tensor before it is made once
            args = (args[0].detach(), *args[1:])
        try:
            return record.function(*args, **kwargs)
        except FAULTS as error:
            if record is self.line.record:
                raise _Refused(error) from None
            raise Unplayable("an earlier call is refused") from None

    def argument(self, item: Any, node: Any) -> Any:
        """An argument, with what the graph has in its place."""
        if isinstance(item, SymbolicTensor):
            if not isinstance(node, torch.fx.Node):
                raise Unplayable("a tensor is not in the graph")
            return self.tensor(node)
        if isinstance(item, dict):
            return {key: self.argument(part, node[key]) for key, part in item.items()}
        if isinstance(item, list | tuple) and isinstance(node, list | tuple):
            if len(item) != len(node):
                raise Unplayable("the graph has other arguments")
            return type(item)(map(self.argument, item, node))
        if isinstance(item, torch.Tensor):  # what is written into is not the user's
            return self.blank(Value(item.shape, str(item.dtype).removeprefix("torch.")))
        return self.maker.make(item)

    def tensor(self, node: torch.fx.Node) -> Any:
        """The real tensor of a node."""
        if node.name not in self.made:
            value, made = self.line.values.get(node.name), self.result(node)
            if value is not None and (made is None or list(made.shape) != self.shape(value)):
                made = self.blank(value)  # entries, which are 0 here, decide on its shape
            if made is None:
                raise Unplayable("a tensor's shape is not known")
            self.made[node.name] = made
        return self.made[node.name]

    def result(self, node: torch.fx.Node) -> Any:
        """What the call of a node gives, or the one that it is a part of; None where it is not made
        again."""
        whole = self.line.whole(node)
        record = self.line.records.get(whole.name)
        if record is None or record is self.line.record:
            return None
        if whole is node:
            return self.call(record)
        parts, place = self.tensor(whole), cast(int, node.args[1])
        if place >= len(parts):
            raise Unplayable("there are fewer results")
        return parts[place]

    def shape(self, value: Value) -> list[int]:
        """The sizes of a value in numbers."""
        return [self.maker.size(size) for size in value]

    def blank(self, value: Value) -> torch.Tensor:
        """A tensor of zeros that lies as a value says."""
        shape = self.shape(value)
        if min(shape, default=1) < 0 or torch.Size(shape).numel() > LARGEST:
            raise Unplayable("a tensor cannot be made")
        return self.maker.zeros(value, shape)


def _pairs(item: Any, node: Any) -> Iterator[tuple[SymbolicTensor, torch.fx.Node]]:
    """The tensors among arguments, each with its node."""
    if isinstance(item, SymbolicTensor) and isinstance(node, torch.fx.Node):
        yield item, node
    elif isinstance(item, dict):
        for key, part in item.items():
            yield from _pairs(part, node.get(key))
    elif isinstance(item, list | tuple) and isinstance(node, list | tuple):
        for part, inner in zip(item, node, strict=False):
            yield from _pairs(part, inner)


__all__ = ["Line", "looks", "nodes_of"]
