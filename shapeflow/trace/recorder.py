"""The recorder: every torch call of a run becomes a graph node, its rule gives the shapes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from types import CodeType
from typing import Any

import torch

from ..core import dims
from ..core.constraint import Constraint, Origin
from ..core.dims import Size
from ..core.step import Visit
from ..ops import Call, Fault, Rule, Value, outs
from ..ops.apply import apply
from ..spec.law import Law
from . import answers, arguments, beforehand, entries, memory, misplaced, results, unruled
from .edits import edit_here, edited, with_values
from .guard import is_guarded
from .nodes import Nodes
from .record import Gap, Oracle, Record, Refused
from .sameness import Sameness
from .source import Span, asked_here, calls_here, here
from .targets import is_in_place, rule_of
from .tensor import Blocked, SymbolicTensor

MOST_CALLS = 100_000
"""Calls after which a run is taken for one without end."""


class Lifted:
    """A real tensor in a trace; a symbolic one stands for it once somebody changes it."""

    __slots__ = ("node", "symbolic", "tensor", "value")

    def __init__(
        self,
        tensor: torch.Tensor,
        node: torch.fx.Node,
        value: Value | None,
        symbolic: SymbolicTensor | None = None,
    ) -> None:
        self.tensor, self.node, self.value, self.symbolic = tensor, node, value, symbolic


class Recorder(torch.fx.Tracer):
    """One run of a model on symbolic tensors.

    Attributes:
        graph: the ``torch.fx.Graph`` recorded so far.
        records: a Record for each call, by the name of its node.
        demands: every requirement that is not trivially true, in program order.
        gaps: what could not be analysed.
        visits: the calls of modules so far; ``visit`` is the number of the one under way.
        changes: what a trial run takes in the place of what it finds, see ``edits``.
        editing: whether a call is being made as a trial makes it.
        aliases: tensors that may share memory, by the ``id`` of the one that owns it.
        start: the code whose frame is the run's outermost.
        stack: paths of the modules whose forward is under way.
        edges: code that the user's runs under, with the user's call that it was reached by.
        stopped: whether something was met that the run cannot go behind.
        runs: what came of the runs of operations without a rule, by call.
        idle: a layer of each class of the user's that does other things in training, and what it
            was called with.
        ended: whether the run is over; symbolic tensors are of no use afterwards.
        touched: the nodes of tensors that code asked about without a call.
        turn: which call of the model is under way.
    """

    def __init__(
        self,
        oracle: Oracle,
        nodes: Nodes,
        changes: Mapping[Any, Any] | None = None,
        start: CodeType | None = None,
        runs: dict[Any, Any] | None = None,
    ) -> None:
        super().__init__()
        self.runs = {} if runs is None else runs
        self.oracle, self.nodes, self.changes, self.start = oracle, nodes, changes or {}, start
        self.graph = nodes.graph
        self.records: dict[str, Record] = {}
        self.demands: list[Constraint] = []
        self.gaps: list[Gap] = []
        self.stack: list[str] = []
        self.visit = 0
        self.visits: list[Visit] = [Visit("", 0)]
        self.touched: set[torch.fx.Node] = set()
        self.turn = 1
        self.edges: dict[CodeType, Span | None] = {} if start is None else {start: None}
        self.ended = self.stopped = self.editing = False
        self.span: Span | None = None
        self.lifted: dict[int, Lifted] = {}
        self.idle: dict[type, tuple[Any, tuple[Any, ...], Mapping[str, Any]]] = {}
        self.materialized: list[tuple[Any, type]] = []
        self.aliases: dict[int, list[SymbolicTensor]] = {}
        self.sizes: dict[str, Size] = {}
        self.sameness = Sameness()
        self.default_dtype = str(torch.get_default_dtype())[6:]
        self.leaf_base: Any = torch.nn.Module

    def span_here(self) -> Span | None:
        """The call under way in the user's code."""
        return here() or self.span

    # -- calls -----------------------------------------------------------------------------------

    def call(
        self, function: Callable[..., Any], args: tuple[Any, ...], kwargs: Mapping[str, Any]
    ) -> Any:
        """One call of one of torch's functions."""
        getter = answers.GETTERS.get(function)
        if getter is not None:
            return getter(self, function, args, kwargs)
        name, rule = rule_of(function)
        special = answers.BY_NAME.get(name)
        if special is not None:
            return special(self, function, args, kwargs)
        if rule is None:
            return self.unknown(name, function, args, kwargs)
        if kwargs and not args:
            args, kwargs = arguments.led(rule, kwargs)
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
        self.span = calls_here(self.edges) or here()
        misplaced.refuse(self, rule, name, function, args, kwargs)
        if self.changes and not self.editing and (edit := edit_here(self, name)) is not None:
            return edited(self, edit, name, rule, function, args, kwargs, attributes)
        reader = arguments.Reader(self)
        nodes, given = reader.both(args)
        if kwargs:
            node_kwargs, values = reader.both(kwargs.values())
            named = dict(zip(kwargs, values, strict=True))
            node = self.nodes.call(
                self, function, tuple(nodes), dict(zip(kwargs, node_kwargs, strict=True))
            )
        else:
            named = {}
            node = self.nodes.call(self, function, tuple(nodes), {})
        if self.changes:
            given, named = with_values(self.changes, node.name, rule, given, named)
        target = named.pop("out", None)
        result: Any = None
        known = not reader.unknown
        if known:
            call = Call(name, self, node.name, self.default_dtype)
            beforehand.look(self, call, name, args, given, named)
            if target is not None:
                named = outs.taken(call, rule, target, named)
            try:
                result = self.result(rule, call, given, {**named, **(attributes or {})})
            except Fault:
                known = False
            except Refused as refused:
                raise self.refusal(node, name, function, args, kwargs, refused) from None
            except (TypeError, AttributeError, ValueError, IndexError):
                misplaced.ask(self, name, function, args, kwargs, node)
                raise
        if is_in_place(name):
            after = result if known else None
            whole = self.written(name, function, args, kwargs, given, after, node)
        elif target is not None:
            after = outs.written(call, result, target) if known else None
            whole = results.assigned(self, kwargs["out"], after, node)
        elif known:
            whole = results.wrap(self, function, result, node)
            if whole.__class__ is SymbolicTensor:
                whole.constant = entries.computed(name, function, args, kwargs, result)
            if args and entries.shares_memory(name, rule, function, args, kwargs):
                memory.share(self, whole, name, args, given, named)
        else:
            whole = SymbolicTensor.make(None, node, self)
        self.note(node, name, function, args, kwargs, whole, rule.signature)
        return whole

    def result(self, rule: Rule, call: Call, given: Any, named: dict[str, Any]) -> Any:
        """What the rule says; Fault where it says that there is no result."""
        before = len(self.demands)
        try:
            return apply(rule, call, given, named)
        except TypeError as error:
            if len(self.demands) == before and _binds(rule, error):
                text = f"the arguments of {call.op} are not understood: {error}"
                self.gap("rule", text, call.node)
            raise Fault(str(error)) from None

    def alias(self, view: SymbolicTensor, of: Any) -> None:
        """Remembers that two tensors may share memory."""
        owner = self.symbolic(of) if isinstance(of, torch.Tensor) else None
        if owner is not None and owner is not view:
            view.base = owner if owner.base is None else owner.base
            self.aliases.setdefault(id(view.base), []).append(view)

    def written(
        self, name: str, function: Any, args: Any, kwargs: Any, given: Any, result: Any, node: Any
    ) -> Any:
        """What an in-place operation returns: its first operand."""
        target = self.symbolic(args[0])
        value = target.value
        call = Call(name, self, node.name)
        after = results.in_place(call, result, value)
        memory.demand_apart(self, call, name, (*args, *kwargs.values()), given)
        known = entries.computed(name, function, args, kwargs, value or (0,) * 99, in_place=True)
        entries.written(self, target, known if value is not None else None)
        if name.endswith("__setitem__"):
            return None
        beforehand.reshaped(target, name, after)
        target.value, target.node = after, node
        return target

    def refusal(
        self, node: Any, name: str, function: Any, args: Any, kwargs: Any, refused: Refused
    ) -> Exception:
        """What PyTorch raises instead of making this call."""
        from .replay import raised_by

        path = self.stack[-1] if self.stack else ""
        record = Record(
            node.name, name, function, args, kwargs, self.span, path, None, "", self.lift
        )
        self.graph.erase_node(node)
        return raised_by(record, refused.args[0])

    def unknown(self, name: str, function: Any, args: Any, kwargs: Any) -> Any:
        """A call that has no rule."""
        return unruled.unknown(self, name, function, args, kwargs)

    def leaf(self, name: str, rule: Rule, module: torch.nn.Module, args: Any, kwargs: Any) -> Any:
        """A call of a module that has a rule of its own."""
        path = self.stack[-1] if self.stack else ""
        attributes = arguments.attributes(rule, module, self.changes.get(path, {}))
        return self.apply(name, rule, module, args, kwargs, attributes)

    def declared(self, law: Law, part: Any, args: Any, kwargs: Any) -> Any:
        """A call of a part whose shape law was declared."""
        self.leaf_base = type(part)
        return self.apply(f"declared.{type(part).__name__}", law.rule(), part, args, kwargs)

    def scripted(self, module: torch.nn.Module, args: Any, kwargs: Any) -> Any:
        """A call of a compiled (TorchScript) module."""
        return unruled.scripted(self, module, args, kwargs)

    def note(
        self, node: Any, name: str, function: Any, args: Any, kwargs: Any, whole: Any, law: str
    ) -> None:
        """Takes the call down, so that messages and replays can speak of it."""
        path = self.stack[-1] if self.stack else ""
        self.records[node.name] = Record(
            node.name, name, function, args, kwargs, self.span, path, whole, law, self.lift,
            False, self.visit, whole.value if whole.__class__ is SymbolicTensor else None,
            self.turn,
        )  # fmt: skip
        if len(self.records) > MOST_CALLS:
            raise self.blocked(f"forward had made {MOST_CALLS} calls and went on")

    def symbolic(self, tensor: torch.Tensor) -> SymbolicTensor:
        """A tensor as part of the trace, real ones lifted."""
        return tensor if isinstance(tensor, SymbolicTensor) else self.lift(tensor)

    def seen(self, tensor: Any) -> Any:
        """A real tensor as it is, or what stands for it in the trace."""
        entry = self.lifted.get(id(tensor))
        return tensor if entry is None or entry.symbolic is None else entry.symbolic

    def entry(self, tensor: torch.Tensor) -> Lifted:
        """The node and the shape of a real tensor (parameter, buffer, constant)."""
        entry = self.lifted.get(id(tensor))
        if entry is None:
            node, words = self.nodes.constant(tensor)
            value = arguments.value_of(tensor, words)
            if words in self.changes:
                value = Value(self.changes[words], value.dtype, None, None, words, value.device)
            entry = self.lifted[id(tensor)] = Lifted(tensor, node, value)
        return entry

    def lift(self, tensor: torch.Tensor) -> SymbolicTensor:
        """A real tensor as part of the trace."""
        entry = self.entry(tensor)
        if entry.symbolic is None:
            entry.symbolic = SymbolicTensor.make(entry.value, entry.node, self)
            entry.symbolic.constant = lambda: tensor
        return entry.symbolic

    def replace(self, tensor: torch.Tensor, other: SymbolicTensor) -> None:
        """Lets another tensor stand for what a real one holds from here on."""
        self.lifted[id(tensor)] = Lifted(tensor, other.node, other.value, other)

    def materialize(self, tensor: Any, shape: Any, dtype: Any) -> None:
        """Gives a parameter of a lazy layer its shape, for this run."""
        self.materialized.append((tensor, type(tensor)))
        named = {"dtype": dtype or tensor.dtype}
        self.replace(tensor, self.call(torch.empty, (tuple(shape),), named))
        tensor.__class__ = tensor.cls_to_become

    def gap(self, kind: str, text: str, node: str = "") -> None:
        """Notes that something could not be analysed."""
        span = self.span_here()
        self.gaps.append(Gap(kind, text, span.location if span else None, node))

    def blocked(self, text: str, kind: str = "opaque") -> Blocked:
        """What to raise where the run cannot go on; noted also where user code catches it."""
        self.stopped = True
        self.gap(kind, text)
        return Blocked(text)

    # -- what rules ask (ops.call.Asker) ----------------------------------------------------------

    def demand(self, requirement: Constraint) -> None:
        """Takes a requirement down, with its place."""
        if self.oracle.settle(requirement) is not True and self.start is not None:
            if is_guarded(self.start):
                if not self.choose(requirement):
                    raise Refused(requirement)
                return
        origin = requirement.origin or Origin("")
        if origin.location is None and self.span is not None:
            origin = replace(origin, location=self.span.location)
        requirement = requirement.because(origin)
        self.demands.append(requirement)
        self.oracle.assume(requirement)

    def proved(self, requirement: Constraint) -> bool:
        """Whether it holds whatever numbers loop bounds are given."""
        return self.oracle.proved(requirement)

    def settle(self, question: Constraint) -> bool | None:
        """What the facts entail."""
        return self.oracle.settle(question)

    def choose(self, question: Constraint) -> bool:
        """A side of a branch on sizes."""
        return self.oracle.choose(question, self.span_here())

    def compare(self, question: Constraint) -> bool:
        """The same where user code compares them."""
        return self.oracle.compare(question, self.span_here())

    def choose_value(self, words: str, node: torch.fx.Node | None = None) -> bool:
        """A side of a branch on entries, those of a node if one is given."""
        words, same = asked_here() or words, None
        if node is not None:
            same = self.sameness.number(self.graph.nodes, self.records, node)
        side = self.oracle.choose_value(words, self.span_here(), same)
        if side is None:
            raise self.blocked(f"a loop goes on for as long as {words}", "data")
        return side

    def instantiate(self, size: Size, why: str) -> int:
        """A number for a size."""
        if isinstance(size, int):
            return size
        return self.oracle.instantiate(size, why, self.span_here())

    def fresh(self, words: str, at_most: Size | None = None) -> Size:
        """A new size that depends on data."""
        return self.data_size(f"{identifier(words)}_{len(self.sizes) + 1}", None, at_most)

    def data_size(
        self, name: str, at_least: Size | None = None, at_most: Size | None = None
    ) -> Size:
        """The size of that name that depends on data, within bounds."""
        size = self.sizes.get(name)
        if size is None:
            size = self.sizes[name] = dims.opaque(name)
        if at_least is not None:
            self.oracle.assume(Constraint("at_least", size, at_least))
        if at_most is not None:
            self.oracle.assume(Constraint("at_least", at_most, size))
        return size


def _binds(rule: Rule, error: TypeError) -> bool:
    """Whether a TypeError came from binding a rule's arguments; one from inside is raised."""
    traceback = error.__traceback__
    while traceback is not None:
        if traceback.tb_frame.f_code is rule.function.__code__:
            raise error
        traceback = traceback.tb_next
    return True


def identifier(words: str) -> str:
    """Words as the name of a size."""
    text = "".join(c if c.isalnum() else "_" for c in words).strip("_")
    return text if text.isidentifier() else f"n_{text}"


__all__ = ["Blocked", "Gap", "Oracle", "Record", "Recorder", "identifier"]
