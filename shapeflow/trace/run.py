"""One run of a model on symbolic inputs."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import torch

from ..core.constraint import Constraint, Location
from ..core.step import Visit
from ..ops import Value
from .current import entered
from .edits import apply_to
from .inputs import placeholders
from .modes import Below, Functions
from .modules import interposed
from .nodes import Nodes
from .original import original
from .outputs import has_nothing, in_words, is_whole, leaves, shapes, tensors
from .record import Gap, Interruption, Oracle, Record
from .recorder import Recorder
from .source import Span, failed_in_rule, forward_under_way, raised_at
from .state import unchanged
from .tensor import Blocked, SymbolicTensor


@dataclass(frozen=True, eq=False)
class Raised:
    """An exception that ended a run.

    Attributes:
        kind: name of its class.
        message: its text.
        location: the innermost place in the user's code.
        own: whether user code raised it, not torch below it.
        stated: whether it is an ``assert`` or a ``raise`` statement of the user's.
        span: the call under way in the user's code.
        path: the module whose forward was under way.
    """

    kind: str
    message: str
    location: Location | None
    own: bool
    stated: bool
    span: Span | None = None
    path: str = ""


@dataclass(frozen=True, eq=False)
class Run:
    """What one run recorded.

    Attributes:
        graph: the torch.fx graph.
        outputs: the result with shapes as leaves; None where the run did not end.
        demands: all requirements that are not trivially true, in program order.
        records: the calls by node name.
        gaps: what could not be analysed.
        raised: the exception that ended it, if one did.
        whole: whether the outputs are known.
        leaves: node name and Value of each tensor of the result, in order.
        unbuilt: symbols that the graph cannot read off the inputs.
        constants: real tensors that are not parameters, by their name in the graph.
        root: the module whose paths the graph speaks of.
        visits: the calls of modules.
        touched: the nodes of tensors that code asked about without a call.
        inputs: the tensors that stood for the arguments, in order.
        results: the tensors of the result, in order.
        idle: a layer of each class of the user's that does other things in training, as it is in
            training, with Values in the place of the tensors that it was called with.
    """

    graph: torch.fx.Graph
    outputs: Any
    demands: tuple[Constraint, ...]
    records: Mapping[str, Record]
    gaps: tuple[Gap, ...]
    raised: Raised | None
    whole: bool
    leaves: tuple[tuple[str, Value], ...]
    unbuilt: tuple[str, ...]
    constants: Mapping[str, torch.Tensor]
    root: torch.nn.Module
    visits: tuple[Visit, ...] = ()
    touched: frozenset[torch.fx.Node] = frozenset()

    @property
    def lengths(self) -> set[int]:
        """How long the lists of modules and of parameters are that the model holds."""
        lists = torch.nn.ModuleList, torch.nn.ParameterList, torch.nn.Sequential
        return {len(part) for part in self.root.modules() if isinstance(part, lists)}
    inputs: tuple[SymbolicTensor, ...] = ()
    results: tuple[SymbolicTensor, ...] = ()
    idle: tuple[tuple[torch.nn.Module, tuple[Any, ...], Mapping[str, Any]], ...] = ()


def trace(
    model: Any,
    arguments: tuple[Any, ...],
    keywords: Mapping[str, Any],
    oracle: Oracle,
    changes: Mapping[Any, Any] | None = None,
    runs: dict[Any, Any] | None = None,
    later: Sequence[tuple[tuple[Any, ...], Mapping[str, Any]]] = (),
) -> Run:
    """Runs ``forward`` once on symbolic tensors.

    Args:
        model: an ``nn.Module`` or a function.
        arguments, keywords: what it is called with; Values stand for tensors.
        oracle: answers what sizes alone do not settle.
        changes: what a trial takes in the place of what it finds, see ``edits``.
        runs: what came of the runs of operations without a rule, kept from trace to trace.
        later: what it is called with after that, with what it remembers; the result is then a tuple
            of what each call returns.
    """
    with unchanged(original(model), arguments, keywords):
        edited = apply_to(original(model), changes or {})
        return _traced(edited, arguments, keywords, oracle, changes, runs, later)


def _traced(
    model: Any,
    arguments: tuple[Any, ...],
    keywords: Mapping[str, Any],
    oracle: Oracle,
    changes: Mapping[Any, Any] | None,
    runs: dict[Any, Any] | None,
    later: Sequence[tuple[tuple[Any, ...], Mapping[str, Any]]],
) -> Run:
    root = model if isinstance(model, torch.nn.Module) else torch.nn.Module()
    nodes = Nodes(root)
    recorder = Recorder(oracle, nodes, changes, _traced.__code__, runs)
    result: Any = None
    outputs: Any = None
    whole, raised = False, None
    with interposed(model), entered(recorder):
        given, named = placeholders(recorder, model, arguments, keywords)
        calls = [
            placeholders(recorder, model, *again, suffix=f"_{number}")
            for number, again in enumerate(later, 2)
        ]
        symbolic = tensors([(args, kwargs) for args, kwargs in [(given, named), *calls]])
        try:
            with Below(recorder), Functions(recorder):
                result = model(*given, **named)
                for recorder.turn, (given, named) in enumerate(calls, 2):
                    again = model(*given, **named)
                    result = (*result, again) if recorder.turn > 2 else (result, again)
            nodes.graph.output(nodes.argument(recorder, result))
            outputs, whole = shapes(result), is_whole(result)
            if has_nothing(result):
                recorder.gap("result", f"forward returns {in_words(result)}, and no tensor")
        except (KeyboardInterrupt, Interruption):
            raise
        except Blocked:  # noted where it was raised
            pass
        except RecursionError:
            recorder.gap("recursion", "forward recurses too deeply")
        except BaseException as error:  # the user's own, or torch's below it: it becomes a finding
            if not recorder.stopped:
                raised = _raised(recorder, error)
        finally:
            recorder.ended = True
            for tensor, kind in recorder.materialized:
                tensor.__class__ = kind
    return Run(
        nodes.graph, outputs, tuple(recorder.demands), recorder.records, tuple(recorder.gaps),
        raised, whole, tuple(leaves(result)), tuple(nodes.unbuilt), nodes.extra, root,
        tuple(recorder.visits),
        frozenset(recorder.touched),
        tuple(symbolic), tuple(tensors(result)),
        tuple(_trained(*call) for call in recorder.idle.values()),
    )  # fmt: skip


def executable(run: Run) -> torch.fx.GraphModule:
    """The recorded graph as a module that computes what the model computes."""
    parts: dict[str, Any] = {}
    for node in run.graph.nodes:
        if node.op in ("get_attr", "call_module"):
            path = str(node.target)
            parts[path] = run.constants[path] if path in run.constants else _at(run.root, path)
    return torch.fx.GraphModule(parts, run.graph, type(run.root).__name__)


def _at(root: Any, path: str) -> Any:
    """What stands at a path of attributes."""
    for name in path.split("."):
        root = getattr(root, name)
    return root


def _trained(
    module: torch.nn.Module, args: tuple[Any, ...], kwargs: Mapping[str, Any]
) -> tuple[torch.nn.Module, tuple[Any, ...], Mapping[str, Any]]:
    """A layer as in training, the user's own left as it is, and what it was called with."""
    twin: torch.nn.Module = object.__new__(type(module))  # copying would run the user's code
    twin.__dict__ = {**module.__dict__, "training": True}
    given = tuple(getattr(item, "value", item) for item in args)
    return twin, given, {name: getattr(item, "value", item) for name, item in kwargs.items()}


_WORDS = {"SymbolicTensor": "Tensor", "SymbolicSize": "int", "SymbolicFloat": "float"}
_OWN = re.compile(r"\b(?:" + "|".join(_WORDS) + r")\b")
"""Classes of ours, and those that stand there when the model runs."""


def _raised(recorder: Recorder, error: BaseException) -> Raised | None:
    """The exception that ended a run; None where it is no fault of the model's, which is noted."""
    if "is not a subclass of the requested type" in str(error):
        recorder.gap("opaque", "a tensor subclass is made inside forward")
        return None
    span, own = raised_at(error.__traceback__)
    place = span.location if span else None
    if failed_in_rule(error.__traceback__):
        text = f"shapeflow failed at this call: {type(error).__name__}: {error}"
        recorder.gaps.append(Gap("internal", text, place))
        return None
    stated = own and place is not None and place.text.lstrip().startswith(("assert", "raise"))
    path = forward_under_way(error.__traceback__, recorder.nodes.modules)
    message = str(error)
    if SymbolicTensor.__name__ in message:
        first = message.split("\n")[0]  # the rest tells what our own classes are
        message = first.removesuffix(", but expected one of:")
    message = _OWN.sub(lambda found: _WORDS[found[0]], message)
    return Raised(type(error).__name__, message, place, own, stated, span, path)


__all__ = ["Raised", "Run", "executable", "trace"]
