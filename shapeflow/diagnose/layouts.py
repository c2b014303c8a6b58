"""How tensors lie where an axis has one entry: there PyTorch is asked.

Rules speak of strides in the general case, in which no size is 1. What was expanded, indexed or
viewed lies otherwise where one is, and so does what is made of it. Calls that strides decide on
are made for real at such sizes, with the calls that their operands come from.
"""

from __future__ import annotations

import operator
import warnings
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import torch

from ..core import dims
from ..core.constraint import Constraint
from ..explore import Exploration, Way
from ..ops import Value
from ..ops.registry import bare
from ..trace import Gap, Record, Run
from ..trace.memory import COPIED, EACH, EXPANDING, REFUSING, SEEN
from ..trace.replay import FAULTS, Maker, Unplayable, tidy
from ..trace.results import RESHAPING
from ..trace.state import process_unchanged
from ..trace.targets import is_in_place
from ..trace.tensor import SymbolicTensor

READING = set(
    "view view_as view_as_complex view_as_complex_copy fill_diagonal_ unflatten take_along_dim "
    "conv_tbc native_group_norm local_response_norm".split()
)
"""Calls that look at the strides of their operand."""
FOLLOWED = SEEN | COPIED | EACH | REFUSING | READING | set("clone flip sum __reversed__".split())
"""Calls that are made again; in the place of the results of others stand tensors without gaps."""
MOST = 24
"""How many calls are made again for one."""
LARGEST = 1 << 14
"""Elements that a tensor has at most."""
SIZES = (4, 3, 5, 7)
"""Numbers for the symbols that are not 1."""
OF_LAYOUT = ("memory location", "stride", "storage")
"""Words of refusals for how tensors lie; others may be for the entries, all of which are 0."""


def tried(exploration: Exploration, facts: Sequence[Constraint]) -> Exploration:
    """The ways, requirements about which PyTorch says something else replaced by a note."""
    ways = tuple(_tried(way, facts) for way in exploration.ways)
    return replace(exploration, ways=ways)


def _tried(way: Way, facts: Sequence[Constraint]) -> Way:
    found = dict(_doubts(way, facts))
    if not found:
        return way
    demands = tuple(d for d in way.demands if _place(way.run, d) not in found)
    gaps = (*way.run.gaps, *found.values())
    return replace(way, demands=demands, run=replace(way.run, gaps=gaps))


def _place(run: Run, demand: Constraint) -> Any:
    """The call that a requirement is about, the same in all runs."""
    record = run.records.get(demand.origin.node) if demand.origin else None
    return None if record is None else (record.op, record.location)


def _doubts(way: Way, facts: Sequence[Constraint]) -> Iterator[tuple[Any, Gap]]:
    """Calls about which PyTorch says something else at sizes of 1 than the requirements do."""
    for run, numbers in way.drawn or [(way.run, {})]:
        if run is not way.run and 1 not in numbers.values():
            continue
        nodes: dict[str, torch.fx.Node] = {}
        for record in run.records.values():
            if record.args and _looks(record):
                nodes = nodes or {node.name: node for node in run.graph.nodes}
                line = _Line(run, nodes, record)
                if line.is_doubtful():
                    for gap in line.differences((*facts, *way.condition), numbers):
                        yield (record.op, record.location), gap


def _looks(record: Record) -> bool:
    """Whether a call looks at strides, or writes where another operand may lie."""
    first, short = record.args[0], _short(record)
    if not isinstance(first, SymbolicTensor):
        return False
    if short in READING:
        return True
    return is_in_place(record.op) and short not in RESHAPING


def _short(record: Record) -> str:
    return record.op.rpartition(".")[2]


class _Line:
    """A call with the calls that its operands come from."""

    def __init__(self, run: Run, nodes: Mapping[str, torch.fx.Node], record: Record) -> None:
        self.run, self.nodes, self.record = run, nodes, record
        self.records: dict[str, Record] = {}
        self.values: dict[str, Value] = {}
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
            if bare(_short(maker)) in FOLLOWED and not isinstance(maker.function, torch.nn.Module):
                self.collect(maker, self.nodes[maker.node])

    def whole(self, node: torch.fx.Node) -> torch.fx.Node:
        """The node that makes several results, for one of them."""
        part = node.target is operator.getitem and node.name not in self.run.records
        source = node.args[0] if part and node.args else None
        return source if isinstance(source, torch.fx.Node) else node

    def is_doubtful(self) -> bool:
        """Whether anything in the line lies otherwise where a size is 1."""
        return any(map(self.bends, self.records.values()))

    def bends(self, record: Record) -> bool:
        """Whether a call makes what lies otherwise where a size is 1."""
        if record is self.record:
            return False
        short, value = _short(record), record.value
        if short in EXPANDING or short in EACH or (value is not None and value.source is not None):
            return True
        if short == "__getitem__":
            parts = record.given[1] if isinstance(record.given[1], tuple) else (record.given[1],)
            return any(isinstance(part, list | torch.Tensor) for part in parts)
        turned = value is not None and value.strides is not None
        return turned and is_in_place(self.record.op)

    def differences(
        self, facts: Sequence[Constraint], numbers: Mapping[str, int]
    ) -> Iterator[Gap]:
        """Where PyTorch says something else, the first such sizes."""
        own = [d for d in self.run.demands if d.origin and d.origin.node == self.record.node]
        earlier = [d for d in self.run.demands if d not in own]
        known = (*facts, *earlier)
        for sizes in ({**numbers, **drawn} for drawn in self.trials()):
            if not all(relation.may_hold(sizes) for relation in known):
                continue
            if not all(set(relation.symbols) <= set(sizes) for relation in own):
                continue
            try:
                message = self.message(sizes)
            except Unplayable:
                continue
            of_layout = message is None or any(word in message for word in OF_LAYOUT)
            if of_layout and (message is None) != all(relation.at(sizes) for relation in own):
                said = "accepts it" if message is None else f"says: {message}"
                where = ", ".join(f"{name} = {size}" for name, size in sizes.items())
                text = f"{self.record.op}: at {where} PyTorch {said}"
                yield Gap("memory", text, self.record.location, self.record.node)
                return

    def trials(self) -> Iterator[dict[str, int]]:
        """Sizes with ones among them."""
        found = (n for value in self.values.values() for d in value for n in dims.symbols_of(d))
        names = sorted(dict.fromkeys(found))[: len(SIZES)]
        others = dict(zip(names, SIZES, strict=False))
        yield dict.fromkeys(names, 1)
        for name in names:
            yield {**others, name: 1}
        if len(names) > 2:
            for name in names:
                yield {**dict.fromkeys(names, 1), name: others[name]}

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


class _Refused(Exception):
    """The call itself is refused."""


class _Making:
    """Real tensors in the place of symbolic ones."""

    def __init__(self, line: _Line, sizes: Mapping[str, int]) -> None:
        self.line, self.maker = line, Maker(sizes, "cpu", {})
        self.made: dict[str, Any] = {}

    def call(self, record: Record) -> Any:
        """The result of a call."""
        node = self.line.nodes[record.node]
        args, kwargs = self.argument((record.args, dict(record.kwargs)), (node.args, node.kwargs))
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
            whole = self.line.whole(node)
            record = self.line.records.get(whole.name)
            if whole is not node and record is not None:
                self.made[node.name] = self.tensor(whole)[node.args[1]]
            elif record is not None and record is not self.line.record:
                if _short(record) in RESHAPING:
                    raise Unplayable("a tensor takes another shape")
                self.made[node.name] = self.call(record)
            else:
                self.made[node.name] = self.blank(self.line.values[node.name])
        return self.made[node.name]

    def blank(self, value: Value) -> torch.Tensor:
        """A tensor of zeros that lies as a value says."""
        shape = [self.maker.size(size) for size in value]
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


__all__ = ["tried"]
