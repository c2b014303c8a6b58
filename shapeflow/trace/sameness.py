"""Which tensors of a run hold the same entries, since they are made by the same calls."""

from __future__ import annotations

import inspect
from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any

from torch.fx import Node

from .entries import RANDOM
from .record import Record
from .targets import is_in_place
from .tensor import SymbolicTensor

CHANCE = (*RANDOM, "gumbel", "rrelu", "fractional", "attention")
"""Words in the names of operations that may draw at random."""


class Sameness:
    """A number for each tensor: where numbers are equal, so are the entries.

    A call that writes into a tensor makes all numbers before it worthless.

    Attributes:
        numbers: a number by what was computed, from what, and after how many writes.
        of: the number of each node's entries, and after how many writes that was so.
    """

    def __init__(self) -> None:
        self.numbers: dict[Any, int] = {}
        self.of: dict[Node, tuple[int, int]] = {}
        self.writes = 0

    def number(self, nodes: Iterable[Node], records: Mapping[str, Record], asked: Node) -> int:
        """The number of one of the nodes of a graph, which come in its order."""
        for node in nodes:
            if node not in self.of:
                self.of[node] = self.next(node, records.get(node.name)), self.writes
        return self.numbers.setdefault(self.key(asked), len(self.numbers))

    def next(self, node: Node, record: Record | None) -> int:
        """A number for a node whose operands have theirs."""
        name = record.op if record is not None else _name(node.target)
        if record is not None and _takes_all(record):
            number, writes = self.of[node.args[0]]  # type: ignore[index]
            if writes == self.writes:
                return number
        key: Any = node
        if node.op != "call_module" and not any(word in name for word in CHANCE):
            key = node.op, node.target, self.key(node.args), self.key(node.kwargs)
        if is_in_place(name) or _may_write(node.target) or "out" in node.kwargs:
            self.writes += 1
            key = node
        try:
            return self.numbers.setdefault(key, len(self.numbers))
        except TypeError:  # an argument that cannot be a key
            return self.numbers.setdefault(node, len(self.numbers))

    def key(self, tree: Any) -> Any:
        """Arguments with numbers in the place of nodes, as long as these hold."""
        if isinstance(tree, Node):
            number, writes = self.of[tree]
            return (Node, number) if writes == self.writes else (tree, self.writes)
        if isinstance(tree, tuple | list):
            return type(tree), tuple(map(self.key, tree))
        if isinstance(tree, dict):
            return tuple((name, self.key(item)) for name, item in tree.items())
        if isinstance(tree, slice):
            return slice, self.key((tree.start, tree.stop, tree.step))
        return type(tree), tree


def _takes_all(record: Record) -> bool:
    """Whether slices leave a tensor as it is."""
    if not record.op.endswith("__getitem__") or not isinstance(record.given[1], tuple | slice):
        return False
    index = record.given[1] if isinstance(record.given[1], tuple) else (record.given[1],)
    tensor, result = record.given[0], record.result
    if not isinstance(tensor, SymbolicTensor) or not isinstance(result, SymbolicTensor):
        return False
    plain = all(isinstance(item, slice) and item.step in (None, 1) for item in index)
    before, after = tensor.value, result.value
    return plain and before is not None and after is not None and tuple(before) == tuple(after)


def _name(target: Any) -> str:
    return target if isinstance(target, str) else getattr(target, "__name__", "")


@cache
def _may_write(target: Any) -> bool:
    """Whether a function of torch's can be told to write into its operand."""
    try:
        return not isinstance(target, str) and "inplace" in inspect.signature(target).parameters
    except (TypeError, ValueError):  # it tells nobody what it takes
        return False


__all__ = ["Sameness"]
