"""The recorder: every torch call of a run becomes a graph node, its rule gives the shapes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import torch
from torch.overrides import TorchFunctionMode

from ..core import dims
from ..core.constraint import Constraint, Location, Origin
from ..core.dims import Size
from ..ops import Call, Fault, Rule, Value
from ..ops.apply import apply
from . import arguments, getters, results
from .edits import edited
from .nodes import Nodes
from .source import Span, here
from .targets import is_in_place, rule_of
from .tensor import Leak, SymbolicTensor


class Blocked(BaseException):
    """The run cannot go on: what is needed depends on something unknown. Not an Exception, so
    that user code does not swallow it."""

    def __init__(self, why: str, kind: str = "opaque") -> None:
        super().__init__(why)
        self.why, self.kind = why, kind


class Oracle(Protocol):
    """Who decides what sizes alone do not settle: ``explore`` has the solver and the forks."""

    def settle(self, question: Constraint) -> bool | None:
        """What the facts entail."""

    def assume(self, fact: Constraint) -> None:
        """Something that holds from here on, such as a requirement that was not refuted."""

    def choose(self, question: Constraint, where: Span | None) -> bool:
        """A side of a branch on sizes."""

    def choose_value(self, words: str, where: Span | None) -> bool:
        """A side of a branch on the entries of a tensor."""

    def instantiate(self, size: Size, why: str, where: Span | None) -> int:
        """A number for a size."""


@dataclass(frozen=True, slots=True, eq=False)
class Record:
    """One recorded call.

    Attributes:
        node: name of its graph node.
        op: dotted name.
        function: what was called: torch's callable, or the module for a leaf.
        args, kwargs: as called, with symbolic tensors and sizes in them.
        span: the call in the user's source.
        path: attribute path of the module whose forward makes the call.
        result: what it returned.
        signature: the shape law of its rule.
    """

    node: str
    op: str
    function: Any
    args: tuple[Any, ...]
    kwargs: Mapping[str, Any]
    span: Span | None
    path: str
    result: Any
    signature: str

    @property
    def location(self) -> Location | None:
        """The call's place in the user's source."""
        return self.span.location if self.span else None


@dataclass(frozen=True, slots=True)
class Gap:
    """Something that could not be analysed: what and where."""

    kind: str
    text: str
    location: Location | None
    node: str = ""


class Recorder(torch.fx.Tracer):
    """One run of a model on symbolic tensors.

    Attributes:
        graph: the ``torch.fx.Graph`` recorded so far.
        records: a Record for each call, by the name of its node.
        demands: every requirement that is not trivially true, in program order.
        gaps: what could not be analysed.
        changes: what a trial run takes in the place of what it finds: attributes of recurrent
            layers by module path, shapes of parameters by their path, and an edit of the operands
            of the call of a node by "@" and its name.
        ended: whether the run is over; symbolic tensors are of no use afterwards.
    """

    def __init__(self, oracle: Oracle, nodes: Nodes, changes: Mapping[str, Any] | None = None) -> None:
        super().__init__()
        self.oracle, self.nodes, self.changes = oracle, nodes, changes or {}
        self.graph = nodes.graph
        self.records: dict[str, Record] = {}
        self.demands: list[Constraint] = []
        self.gaps: list[Gap] = []
        self.stack: list[str] = []
        self.ended = False
        self.span: Span | None = None
        self.lifted: dict[int, tuple[torch.Tensor, SymbolicTensor]] = {}
        self.count = 0
        self.sizes: dict[str, Size] = {}
        self.record: Record | None = None
        self.default_dtype = str(torch.get_default_dtype())[6:]
        self.leaf_base: Any = torch.nn.Module

    def span_here(self) -> Span | None:
        """The call under way in the user's code."""
        return here() or self.span

    # -- calls -----------------------------------------------------------------------------------

    def call(self, function: Callable[..., Any], args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> Any:
        """One call of one of torch's functions."""
        getter = getters.GETTERS.get(function)
        if getter is not None:
            return getter(self, function, args, kwargs)
        name, rule = rule_of(function)
        special = getters.BY_NAME.get(name)
        if special is not None:
            return special(self, function, args, kwargs)
        if rule is None:
            return self.unknown(name, function, args, kwargs)
        return self.apply(name, rule, function, args, kwargs)

    def apply(
        self,
        name: str,
        rule: Rule,
        function: Any,
        args: tuple[Any, ...],
        kwargs: Mapping[str, Any],
        attributes: Mapping[str, Any] | None = None,
    ) -> Any:
        """One call that has a rule."""
        self.span = here()
        node = self.nodes.call(self, function, args, kwargs)
        reader = arguments.Reader(self)
        given = reader.read(args)
        named = {key: reader.read(value) for key, value in kwargs.items()} if kwargs else {}
        named.pop("out", None)
        result: Any = None
        known = not reader.unknown
        if known and f"@{node.name}" in self.changes:
            given, named = edited(rule, given, named, self.changes[f"@{node.name}"])
        if known:
            before = len(self.demands)
            call = Call(name, self, node.name, self.default_dtype)
            try:
                result = apply(rule, call, given, {**named, **(attributes or {})})
            except Fault:
                known = False
            except TypeError as error:
                if len(self.demands) > before or not _binds(rule, given, named, attributes, error):
                    known = False
                    self.gap("rule", f"the arguments of {name} are not understood: {error}", node.name)
        if known and is_in_place(name):
            whole = self.written(name, args, given, result, node)
        elif known:
            whole = results.wrap(self, function, result, node)
        else:
            whole = SymbolicTensor.make(None, node, self)
        self.note(node, name, function, args, kwargs, whole, rule.signature)
        if known and isinstance(whole, SymbolicTensor):
            whole.constant = results.constant(name, function, args, kwargs)
        return whole

    def written(self, name: str, args: Any, given: Any, result: Any, node: torch.fx.Node) -> Any:
        """What an in-place operation returns: its first operand."""
        target = args[0]
        if isinstance(target, torch.Tensor) and not isinstance(target, SymbolicTensor):
            target = self.lift(target)
        if name.endswith("__setitem__"):
            target.constant = None
            return None
        value: Value = given[0]
        if isinstance(result, Value) and tuple(result) != tuple(value):
            Call(name, self, node.name).require(
                results.same_shape(result, value),
                "an in-place operation cannot change the shape of what it writes into",
                kind="inplace",
                of="input",
            )
        target.constant = None
        target.value = Value(value, value.dtype, value.strides, None, value.words, value.device)
        target.node = node
        return target

    def unknown(self, name: str, function: Any, args: Any, kwargs: Any) -> Any:
        """A call that has no rule: named, and its result is unknown."""
        self.span = here()
        if not arguments.has_tensor((args, tuple(kwargs.values()))) and not getters.makes_tensor(function):
            return function(*args, **kwargs)
        node = self.nodes.call(self, function, args, kwargs)
        self.gap("unknown", f"{name} has no shape rule yet", node.name)
        whole = SymbolicTensor.make(None, node, self)
        self.note(node, name, function, args, kwargs, whole, "")
        return whole

    def leaf(self, name: str, rule: Rule, module: torch.nn.Module, args: Any, kwargs: Any) -> Any:
        """A call of a module that has a rule of its own."""
        path = self.stack[-1] if self.stack else ""
        attributes = arguments.attributes(rule, module, self.changes.get(path, {}))
        return self.apply(name, rule, module, args, kwargs, attributes)

    def scripted(self, module: torch.nn.Module, args: Any, kwargs: Any) -> Any:
        """A compiled (TorchScript) module: its Python is gone, so its result is unknown."""
        self.span = here()
        node = self.graph.create_node("call_function", module.__call__, (), {})
        path = self.nodes.modules.get(id(module), "")
        self.gap("opaque", f"{path or 'a module'} is compiled by TorchScript", node.name)
        return SymbolicTensor.make(None, node, self)

    def note(self, node: Any, name: str, function: Any, args: Any, kwargs: Any, whole: Any, law: str) -> None:
        """Takes the call down, so that messages and replays can speak of it."""
        path = self.stack[-1] if self.stack else ""
        self.records[node.name] = Record(
            node.name, name, function, args, kwargs, self.span, path, whole, law
        )

    def lift(self, tensor: torch.Tensor) -> SymbolicTensor:
        """A real tensor (parameter, buffer, constant) as part of the trace."""
        entry = self.lifted.get(id(tensor))
        if entry is None:
            node, words = self.nodes.constant(tensor)
            value = arguments.value_of(tensor, words)
            if words in self.changes:
                value = Value(self.changes[words], value.dtype, None, None, words, value.device)
            symbolic = SymbolicTensor.make(value, node, self)
            symbolic.constant = lambda: tensor
            entry = self.lifted[id(tensor)] = (tensor, symbolic)
        return entry[1]

    def gap(self, kind: str, text: str, node: str = "") -> None:
        """Notes that something could not be analysed."""
        span = here() or self.span
        self.gaps.append(Gap(kind, text, span.location if span else None, node))

    # -- what rules ask (ops.call.Asker) ----------------------------------------------------------

    def demand(self, requirement: Constraint) -> None:
        """Takes a requirement down, with its place."""
        origin = requirement.origin or Origin("")
        if origin.location is None and self.span is not None:
            origin = Origin(
                origin.because, origin.node, origin.op, self.span.location, origin.operands,
                origin.axis, origin.code,
            )
        requirement = requirement.because(origin)
        self.demands.append(requirement)
        self.oracle.assume(requirement)

    def settle(self, question: Constraint) -> bool | None:
        """What the facts entail."""
        return self.oracle.settle(question)

    def choose(self, question: Constraint) -> bool:
        """A side of a branch on sizes."""
        return self.oracle.choose(question, here() or self.span)

    def instantiate(self, size: Size, why: str) -> int:
        """A number for a size."""
        if isinstance(size, int):
            return size
        return self.oracle.instantiate(size, why, here() or self.span)

    def fresh(self, words: str, at_most: Size | None = None) -> Size:
        """A new size that depends on data."""
        self.count += 1
        return self.data_size(f"{identifier(words)}_{self.count}", None, at_most)

    def data_size(self, name: str, at_least: Size | None = None, at_most: Size | None = None) -> Size:
        """The size of that name that depends on data, within bounds."""
        size = self.sizes.get(name)
        if size is None:
            size = self.sizes[name] = dims.opaque(name)
            if at_least is not None:
                self.oracle.assume(Constraint("at_least", size, at_least))
            if at_most is not None:
                self.oracle.assume(Constraint("at_least", at_most, size))
        return size


class Mode(TorchFunctionMode):
    """Sends every torch call to the recorder, also those without a tensor among the arguments."""

    def __init__(self, recorder: Recorder) -> None:
        super().__init__()
        self.recorder = recorder

    def __torch_function__(
        self,
        func: Callable[..., Any],
        types: Any,
        args: tuple[Any, ...] = (),
        kwargs: Mapping[str, Any] | None = None,
    ) -> Any:
        return self.recorder.call(func, args, kwargs or {})


def _binds(rule: Rule, args: Any, kwargs: Any, attributes: Any, error: TypeError) -> bool:
    """Whether a TypeError came from inside the rule rather than from binding its arguments."""
    traceback = error.__traceback__
    depth = 0
    while traceback is not None:
        if traceback.tb_frame.f_code is rule.function.__code__:
            raise error
        traceback, depth = traceback.tb_next, depth + 1
    return False


def identifier(words: str) -> str:
    """Words as the name of a size."""
    text = "".join(c if c.isalnum() else "_" for c in words).strip("_")
    return text if text.isidentifier() else f"n_{text}"


__all__ = ["Blocked", "Gap", "Leak", "Mode", "Oracle", "Record", "Recorder"]
