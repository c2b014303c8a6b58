"""One run of a model on symbolic inputs."""

from __future__ import annotations

import dataclasses
import operator
import sys
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import torch
from torch.nn.utils.rnn import PackedSequence

from ..core.constraint import Constraint, Location
from ..ops import Value
from ..ops.packed import Entries
from .modules import interposed
from .nodes import Nodes
from .recorder import Blocked, Gap, Leak, Mode, Oracle, Record, Recorder, identifier
from .sizes import SymbolicSize, _asker, unwrap
from .source import raised_at
from .state import unchanged
from .tensor import SymbolicTensor

FRAMES = 20_000


@dataclass(frozen=True, eq=False)
class Raised:
    """An exception that ended a run.

    Attributes:
        kind: name of its class.
        message: its text.
        location: the innermost place in the user's code.
        own: whether user code raised it, not torch below it.
        stated: whether it is an ``assert`` or a ``raise`` statement of the user's.
    """

    kind: str
    message: str
    location: Location | None
    own: bool
    stated: bool


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
        output_node: name of the node that made the result (the first of several).
        unbuilt: symbols that the graph cannot read off the inputs.
        constants: real tensors that are not parameters, by their name in the graph.
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


def trace(
    model: Any,
    arguments: tuple[Any, ...],
    keywords: Mapping[str, Any],
    oracle: Oracle,
    changes: Mapping[str, Any] | None = None,
) -> Run:
    """Runs ``forward`` once on symbolic tensors.

    Args:
        model: an ``nn.Module`` or a function.
        arguments, keywords: what it is called with; Values stand for tensors.
        oracle: answers what sizes alone do not settle.
        changes: what a trial takes in the place of what it finds, see Recorder.
    """
    root = model if isinstance(model, torch.nn.Module) else torch.nn.Module()
    nodes = Nodes(root)
    recorder = Recorder(oracle, nodes, changes)
    result: Any = None
    outputs: Any = None
    whole, raised = False, None
    limit = sys.getrecursionlimit()
    with unchanged(model, arguments, keywords), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        given, named = _placeholders(recorder, model, arguments, keywords)
        _asker.append(recorder)
        try:
            sys.setrecursionlimit(max(limit, FRAMES))
            with interposed(recorder), Mode(recorder):
                result = model(*given, **named)
            nodes.graph.output(nodes.argument(recorder, result))
            outputs, whole = shapes(result), _is_whole(result)
        except Blocked as blocked:
            recorder.gap(blocked.kind, blocked.why)
        except Leak as leak:
            recorder.gap("opaque", str(leak))
        except RecursionError:
            recorder.gap("recursion", "forward recurses too deeply")
        except Exception as error:  # the user's own, or torch's below it: it becomes a finding
            raised = _raised(error)
        finally:
            sys.setrecursionlimit(limit)
            _asker.pop()
            recorder.ended = True
    return Run(
        nodes.graph, outputs, tuple(recorder.demands), recorder.records, tuple(recorder.gaps),
        raised, whole, tuple(_leaves(result)), tuple(nodes.unbuilt), nodes.extra, root,
    )


def _placeholders(recorder: Recorder, model: Any, arguments: Any, keywords: Any) -> tuple[Any, Any]:
    """Symbolic tensors for all Values, each with its placeholder or a part of one."""
    graph = recorder.graph
    names = _parameter_names(model, len(arguments))
    tops = [(graph.placeholder(name), item) for name, item in zip(names, arguments, strict=True)]
    named = {name: (graph.placeholder(name), item) for name, item in keywords.items()}
    given = tuple(_symbolic(recorder, node, item) for node, item in tops)
    return given, {name: _symbolic(recorder, node, item) for name, (node, item) in named.items()}


def _parameter_names(model: Any, count: int) -> list[str]:
    import inspect

    function = model.forward if isinstance(model, torch.nn.Module) else model
    parameters = list(inspect.signature(function).parameters.values())
    names = [p.name for p in parameters if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]
    return (names + [f"args_{i}" for i in range(count)])[:count]


def _symbolic(recorder: Recorder, node: torch.fx.Node, item: Any) -> Any:
    if isinstance(item, Value):
        for axis, size in enumerate(item):
            recorder.nodes.born(node, axis, size)
        if item.known is None and len(item) == 1 and item.dtype.startswith(("int", "uint")):
            source = Entries(identifier(item.words or node.name))
            item = Value(item, item.dtype, item.strides, source, item.words, item.device)
        return SymbolicTensor.make(item, node, recorder)

    def part(target: Any, key: Any, inner: Any) -> Any:
        if not _has_value(inner):
            return inner
        child = recorder.graph.create_node("call_function", target, (node, key), {})
        return _symbolic(recorder, child, inner)

    if isinstance(item, tuple) and hasattr(item, "_fields"):
        return type(item)(*(part(getattr, f, getattr(item, f)) for f in item._fields))
    if isinstance(item, list | tuple):
        return type(item)(part(operator.getitem, i, inner) for i, inner in enumerate(item))
    if isinstance(item, dict):
        return {key: part(operator.getitem, key, inner) for key, inner in item.items()}
    if dataclasses.is_dataclass(item) and not isinstance(item, type) and _has_value(item):
        fields = {f.name: getattr(item, f.name) for f in dataclasses.fields(item) if f.init}
        return type(item)(**{key: part(getattr, key, inner) for key, inner in fields.items()})
    return item


def _has_value(item: Any) -> bool:
    if isinstance(item, Value):
        return True
    if isinstance(item, dict):
        return any(map(_has_value, item.values()))
    if isinstance(item, list | tuple):
        return any(map(_has_value, item))
    if dataclasses.is_dataclass(item) and not isinstance(item, type):
        return any(_has_value(getattr(item, f.name)) for f in dataclasses.fields(item))
    return False


def shapes(result: Any) -> Any:
    """A result with shapes in the place of tensors; None where a shape is unknown."""
    if isinstance(result, SymbolicTensor):
        return None if result.value is None else tuple(result.value)
    if isinstance(result, torch.Tensor):
        return tuple(result.shape)
    if isinstance(result, SymbolicSize):
        return unwrap(result)
    if isinstance(result, PackedSequence):
        return shapes(result.data)
    if isinstance(result, dict):
        return {key: shapes(item) for key, item in result.items()}
    if isinstance(result, list):
        return [shapes(item) for item in result]
    if isinstance(result, tuple):
        return tuple(shapes(item) for item in result)
    if dataclasses.is_dataclass(result) and not isinstance(result, type):
        return {f.name: shapes(getattr(result, f.name)) for f in dataclasses.fields(result)}
    return result if isinstance(result, int | float | bool | str | type(None)) else None


def _is_whole(result: Any) -> bool:
    return all(isinstance(value, Value) for _, value in _leaves(result))


def _leaves(result: Any) -> list[tuple[str, Any]]:
    """(node name, Value) of each symbolic tensor in a result, in order."""
    if isinstance(result, SymbolicTensor):
        return [(result.node.name, result.value)]
    if isinstance(result, dict):
        result = list(result.values())
    if isinstance(result, list | tuple):
        return [leaf for item in result for leaf in _leaves(item)]
    if dataclasses.is_dataclass(result) and not isinstance(result, type):
        return [leaf for f in dataclasses.fields(result) for leaf in _leaves(getattr(result, f.name))]
    return []


def _raised(error: Exception) -> Raised:
    span, own = raised_at(error.__traceback__)
    place = span.location if span else None
    stated = own and place is not None and place.text.lstrip().startswith(("assert", "raise"))
    return Raised(type(error).__name__, str(error), place, own, stated)
