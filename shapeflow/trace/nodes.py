"""Graph nodes for calls, constants and symbolic sizes."""

from __future__ import annotations

import dataclasses
import operator
import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from typing import Any

import torch
from torch.fx import Graph, Node
from torch.nn.utils.rnn import PackedSequence

from ..core import dims
from ..core.dims import Atom, Dim, Size
from .floats import SymbolicFloat
from .sizes import SymbolicSize
from .tensor import SymbolicTensor
from .tree import modules_of, tensors_of

_PLAIN = (int, float, bool, str, type(None), complex)
_WRITABLE = (
    str, complex, type(Ellipsis), torch.dtype, torch.device, torch.memory_format, torch.layout
)  # fmt: skip
"""What Python code can be written of."""
_set = object.__setattr__
"""Nodes keep tables of what names and targets they have, which arguments take no part in."""


def packed_sequence(data: Any, batch_sizes: Any, order: Any, inverse: Any) -> PackedSequence:
    """A PackedSequence from its four parts, as a graph node can make it."""
    return PackedSequence(data, batch_sizes, order, inverse)


def behind(nodes: Iterable[Node]) -> Iterator[Node]:
    """Some nodes and all that they were computed from, each once."""
    pending, seen = list(nodes), set()
    while pending:
        node = pending.pop()
        if node not in seen:
            seen.add(node)
            yield node
            pending += node.all_input_nodes


class Made:
    """An object of the user's from its fields, or one that is just there, as a graph target."""

    def __init__(self, what: Any) -> None:
        self.what = what
        self.__name__ = self.__qualname__ = f"make_{getattr(what, '__name__', type(what).__name__)}"
        self.__module__ = __name__

    def __call__(self, **fields: Any) -> Any:
        return self.what(**fields) if fields else self.what


class ForwardOf:
    """``Base.forward`` of a module whose own class overrides it, as a graph target."""

    def __init__(self, base: type, module: torch.nn.Module) -> None:
        self.base, self.module = base, module
        self.__name__ = f"{base.__name__}_forward"
        self.__qualname__, self.__module__ = self.__name__, __name__

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return self.base.forward(self.module, *args, **kwargs)  # type: ignore[attr-defined]


@cache
def _short(target: Any) -> str:
    """The name of a target, as a variable is named."""
    name = target if isinstance(target, str) else getattr(target, "__name__", type(target).__name__)
    name = name[2:-2] if name.startswith("__") and name.endswith("__") else name
    return re.sub(r"(?<=[a-z])([A-Z])", r"_\1", name).lower().replace(".", "_")


@cache
def _kind(function: Any) -> tuple[str, Any]:
    """What kind of node a call of one of torch's functions is, and its target."""
    short = getattr(function, "__name__", "")
    if short == "__get__":
        return "attribute", function.__self__.__name__
    if short == "__setitem__":
        return "call_function", operator.setitem
    method = getattr(function, "__qualname__", "").startswith("Tensor.")
    if method or hasattr(function, "__objclass__"):
        return "call_method", short
    return "call_function", function


class Nodes:
    """Creates nodes; knows the parameters and where each symbol can be read off an input.

    Attributes:
        graph: the graph under construction.
        unbuilt: symbols that no input shows, so that the graph cannot compute them.
    """

    def __init__(self, root: torch.nn.Module) -> None:
        self.root = root
        self.graph = Graph()
        self.births: dict[str, tuple[Node, int, Dim]] = {}
        self.known: dict[Size, Any] = {}
        self.unbuilt: list[str] = []
        self.tensors: dict[int, str] = {}
        self.modules: dict[int, str] = {}
        for path, module in modules_of(root):
            self.modules[id(module)] = path
            for name, tensor in tensors_of(module):
                self.tensors.setdefault(id(tensor), f"{path}.{name}" if path else name)
        self.extra: dict[str, torch.Tensor] = {}

    def make(self, op: str, target: Any, args: tuple[Any, ...], kwargs: Any = None) -> Node:
        """A node; torch.fx's own way, with names and arguments that need no second look."""
        node = self.graph.create_node(op, target, name=_short(target))
        if args:
            _set(node, "args", args)
        if kwargs:
            _set(node, "kwargs", kwargs)
        return node

    def call(
        self, recorder: Any, function: Any, given: tuple[Any, ...], named: Mapping[str, Any]
    ) -> Node:
        """The node of one call; its arguments are nodes already."""
        if isinstance(function, torch.nn.Module):
            path, base = self.modules.get(id(function)), recorder.leaf_base
            if path and type(function).forward is base.forward:
                return self.make("call_module", path, given, named)
            return self.make("call_function", ForwardOf(base, function), given, named)
        op, target = _kind(function)
        if op == "attribute":
            return self.make("call_function", getattr, (given[0], target))
        return self.make(op, target, given, named)

    def constant(self, tensor: torch.Tensor) -> tuple[Node, str]:
        """The node of a real tensor, and its name in words."""
        path = self.tensors.get(id(tensor))
        if path is None:
            path = f"_constant_{len(self.extra)}"
            self.extra[path] = tensor
            self.tensors[id(tensor)] = path
        return self.make("get_attr", path, ()), path

    def arguments(self, recorder: Any, args: Any, kwargs: Mapping[str, Any]) -> tuple[Any, Any]:
        """All arguments of a call as torch.fx takes them."""
        given = tuple([self.argument(recorder, item) for item in args])
        return given, {key: self.argument(recorder, item) for key, item in kwargs.items()}

    def argument(self, recorder: Any, item: Any) -> Any:
        """An argument as torch.fx takes it."""
        kind = item.__class__
        if kind is SymbolicTensor:
            return item.node
        if kind in _PLAIN:
            return item
        if kind is tuple or kind is torch.Size:
            return tuple([self.argument(recorder, part) for part in item])
        if kind is list:
            return [self.argument(recorder, part) for part in item]
        if isinstance(item, torch.Tensor):
            return recorder.lift(item).node
        if isinstance(item, SymbolicSize):
            return self.size(item.dim)
        if isinstance(item, SymbolicFloat):
            given = tuple(self.argument(recorder, part) for part in item.given)
            return self.make("call_function", item.function, given)
        return self.container(recorder, item)

    def container(self, recorder: Any, item: Any) -> Any:
        """Slices, dictionaries and objects that hold tensors; anything else as it is."""
        if isinstance(item, slice):
            parts = (item.start, item.stop, item.step)
            return slice(*[self.argument(recorder, part) for part in parts])
        if isinstance(item, PackedSequence):
            parts4 = tuple(self.argument(recorder, part) for part in item)
            return self.make("call_function", packed_sequence, parts4)
        if isinstance(item, dict):
            return {key: self.argument(recorder, part) for key, part in item.items()}
        if isinstance(item, tuple) and hasattr(item, "_fields"):
            fields = {name: self.argument(recorder, getattr(item, name)) for name in item._fields}
            return self.make("call_function", Made(type(item)), (), fields)
        if isinstance(item, list | tuple):
            return tuple(self.argument(recorder, part) for part in item)
        if dataclasses.is_dataclass(item) and not isinstance(item, type):
            fields = {
                f.name: self.argument(recorder, getattr(item, f.name))
                for f in dataclasses.fields(item)
            }
            return self.make("call_function", Made(type(item)), (), fields)
        if isinstance(item, int | float):  # a number of numpy's, or of an enumeration
            return int(item) if isinstance(item, int) else float(item)
        return item if isinstance(item, _WRITABLE) else self.make("call_function", Made(item), ())

    # -- sizes -----------------------------------------------------------------------------------

    def born(self, node: Node, axis: int, size: Size) -> None:
        """Remembers where symbols can be read off: an axis of an input, or of a computed tensor."""
        if isinstance(size, Dim):
            for name in size.symbols:
                known = self.births.get(name)
                if known is None or (
                    known[2] is not dims.symbol(name) and size is dims.symbol(name)
                ):
                    self.births[name] = (node, axis, size)

    def size(self, size: Size) -> Any:
        """A node that computes a size from those of the inputs; an int as it is."""
        if isinstance(size, int):
            return size
        node = self.known.get(size)
        if node is None:
            node = self.known[size] = self.polynomial(size)
        return node

    def polynomial(self, size: Dim) -> Any:
        """Nodes that compute a polynomial."""
        total: Any = None
        for monomial, coefficient in size.terms:
            term: Any = None
            for atom, power in monomial:
                for _ in range(power):
                    factor = self.atom(atom)
                    term = factor if term is None else self.apply(operator.mul, term, factor)
            if term is None:
                term = coefficient
            elif coefficient != 1:
                term = self.apply(operator.mul, term, coefficient)
            total = term if total is None else self.apply(operator.add, total, term)
        return total

    def atom(self, atom: Atom) -> Any:
        """Nodes that compute an atom: a symbol read off an input, or an operation on sizes."""
        if atom.args:
            parts = [self.size(arg) for arg in atom.args]
            function = {"floordiv": operator.floordiv, "max": max, "min": min}[atom.kind]
            return self.apply(function, *parts)
        alone: Size = dims.symbol(atom.name) if atom.kind == "symbol" else dims.opaque(atom.name)
        if alone in self.known:
            return self.known[alone]
        birth = self.births.get(atom.name)
        if birth is None:
            self.unbuilt.append(atom.name)
            return 0
        node, axis, size = birth
        whole = self.make("call_method", "size", (node, axis))
        self.known[alone] = solved = self.solved(whole, size, atom.name)
        return solved

    def solved(self, whole: Node, size: Dim, name: str) -> Any:
        """The symbol from a size that is linear in it: ``2*B + 1`` gives ``(size - 1)//2``."""
        if size is dims.symbol(name) or size.terms[0][0][0][0].kind == "opaque":
            return whole
        rest = size - size.terms[0][1] * dims.symbol(name)
        if len(size.symbols) > 1 or not isinstance(rest, int):
            self.unbuilt.append(name)
            return 0
        return self.apply(
            operator.floordiv, self.apply(operator.sub, whole, rest), size.terms[0][1]
        )

    def apply(self, function: Any, *args: Any) -> Node:
        return self.make("call_function", function, args)
