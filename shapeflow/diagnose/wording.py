"""Sentences: what a person reads about a requirement that fails, or holds for some sizes only."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from ..core import dims
from ..core.constraint import Constraint
from ..core.notation import format_shape
from ..solve import Facts, solve
from ..trace.recorder import Record
from . import origins
from .births import birth
from .diagnostic import Reason

SHORT = 32
"""Characters of an index that is told as it is written."""
LONGEST_STORY = 4
"""Steps told of one operand."""


def subject(record: Record | None, root: Any) -> str:
    """The call as a person knows it: the layer by its attribute path, an index as it is written,
    else the operation."""
    if record is None:
        return "forward"
    layer = layer_of(record, root)
    if layer is None:
        return spelled(record)
    kind = f"nn.{type(layer).__name__}"
    return f"{record.path} ({kind})" if record.path else kind


def spelled(record: Record) -> str:
    """The name of an operation; an index as it is written, where that is short."""
    at = record.location
    if not record.op.endswith("__") or at is None or at.line != at.end_line:
        return record.op
    piece = at.text[at.column - 1 : at.end_column - 1]
    return piece if 0 < len(piece) <= SHORT else record.op


def layer_of(record: Record, root: Any) -> Any:
    """The layer of torch's whose forward makes the call, None where user code makes it."""
    module = root
    for part in record.path.split(".") if record.path else ():
        module = module._modules.get(part) if hasattr(module, "_modules") else None
    if not is_torchs_layer(module):
        return None
    return module if record.path or record.function is module else None


def is_torchs_layer(thing: Any) -> bool:
    """Whether something is a layer of torch's, and no container of others."""
    return any(
        base.__module__.startswith("torch.nn")
        and base.__name__ not in ("Module", *origins.CONTAINERS)
        for base in type(thing).__mro__
    )


def demand_text(demand: Constraint, record: Record | None = None) -> str:
    """What is demanded and what was given, by a call where that is a dtype."""
    origin = demand.origin
    because = origin.because if origin else str(demand)
    if origin is not None and origin.code == "dtype" and record is not None:
        given = dict(origins.operands(record))
        tensors = [given[name] for name in origin.operands if name in given] or given.values()
        dtypes = dict.fromkeys(t.value.dtype for t in tensors if t.value is not None)
        return f"{because}, got {' and '.join(dtypes)}" if dtypes else because
    if demand.kind == "equal" and origin is not None and origin.code == "broadcast":
        place = "" if origin.axis is None else f" on axis {origin.axis}"
        return f"{because}: {demand.right} against {demand.left}{place}"
    if demand.kind == "equal" and demand.right != 0:
        return f"{because}: expected {demand.right}, got {demand.left}"
    if demand.kind == "at_least":
        return f"{because}: at least {demand.right}, got {demand.left}"
    if demand.kind == "divides":
        return f"{because}: {demand.left} is not a multiple of {demand.right}"
    if demand.kind == "any" and demand.options:
        first = demand.options[0]
        if first.kind == "equal":
            return f"{because}: {first.left} against {first.right}"
        return f"{because}: {demand}"
    return because


def condition_text(demand: Constraint, solved: Constraint, when: str) -> str:
    """A requirement that holds for some sizes only."""
    origin = demand.origin
    because = origin.because if origin else "a condition on sizes"
    given = ""
    if demand.kind == "equal" and demand.right != 0:
        given = f" ({demand.left} against {demand.right})"
    return f"{because}{given}: runs only where {solved}{when}"


def renamed(because: str, name: str, other: str) -> str:
    """A reason that speaks of another operand."""
    return re.sub(rf"(?<!\w){re.escape(name)}(?!\w)", other, because)


def joined(message: str, more: str) -> str:
    """A message that says the same of a further axis, or of further sizes."""
    if more in message:
        return message
    because, _, detail = more.partition(": ")
    pair, _, axis = detail.rpartition(" on axis ")
    if message.endswith(f": {detail}"):  # the same of something else
        same = [i for i, letter in enumerate(because) if letter == " " and because[:i] in message]
        if same:
            return message.replace(f": {detail}", f" and {because[same[-1] + 1 :]}: {detail}")
    if pair and f": {pair} on " in message and message.endswith(tuple("0123456789")):
        return f"{message.replace(' on axis ', ' on axes ')} and {axis}"
    return f"{message}; and {detail if f': {because}: ' in message else more}"


def simplified(demand: Constraint, known: Facts) -> Constraint:
    """A demand with the numbers that are known by now, where that makes it plainer."""
    if not any(atom.args for size in demand.sizes() for atom in dims.atoms(size)):
        return demand
    plain = demand.map(known.reduce)
    return plain if not plain.symbols else demand


def when_text(condition: tuple[Constraint, ...], values: tuple[str, ...]) -> str:
    """The circumstances of a path, empty for the only one."""
    solution = solve(condition, Facts())
    relations = [residual.constraint for residual in solution.residuals]
    parts = [str(c) for c in (relations if not solution.cores else condition)] + list(values)
    return f", when {' and '.join(parts)}" if parts else ""


def argument(
    demand: Constraint,
    record: Record | None,
    records: Any,
    root: Any,
    made: Iterable[Reason] = (),
) -> tuple[Reason, ...]:
    """The chain of reasons: what was given, what each call made of it, what is needed.

    Args:
        demand: what is needed.
        record: the call that needs it.
        records: the calls so far.
        root: the model.
        made: what is known of how the layer of the call was made.
    """
    steps: list[Reason] = []
    if record is not None:
        name = demand.origin.operands[0] if demand.origin and demand.origin.operands else ""
        tensor = origins.operand(record, name)
        tensors = [(name, tensor)] if tensor is not None else origins.operands(record)[:2]
        if tensor is not None and not isinstance(demand.right, int):
            tensors = [*_having(record, demand.right, name), *tensors]
        for _, one in tensors:
            steps += _story(one, records, root, demand, record)
        steps += made
    last = demand.origin.location if demand.origin else None
    steps.append(Reason(f"but {demand_text(demand, record)}", last))
    return tuple(dict.fromkeys(steps))


def _having(record: Record, size: Any, name: str) -> list[tuple[str, Any]]:
    """Another operand of the call that has a size, such as the input whose batch is expected."""
    others = [(label, t) for label, t in origins.operands(record) if label != name]
    return [(label, t) for label, t in others if t.value is not None and size in tuple(t.value)][:1]


def _story(
    tensor: Any, records: Any, root: Any, demand: Constraint, record: Record
) -> list[Reason]:
    """How an operand of a call came to have its shape, first things first."""
    inside = record.path if layer_of(record, root) is not None else None
    sizes = [size for size in dict.fromkeys(demand.sizes()) if size != 1]
    told: list[Reason] = []
    shape: Any = None
    for made, result in origins.history(tensor, records):
        if isinstance(made, Record) and inside and made.path == inside and made.node != record.node:
            continue  # what the layer itself does before
        here = tuple(result.value) if result.value is not None else None
        if here is not None and here == shape and not isinstance(made, origins.Source):
            told.pop()  # a call that keeps the shape is not worth a line
        shape = here
        text = "a tensor of unknown shape" if here is None else format_shape(here)
        if isinstance(made, origins.Source):
            told.append(Reason(f"{made} is {text}"))
        else:
            layer = layer_of(made, root)
            why = next((w for s in sizes if (w := birth(made, result, s, layer))), "")
            text = f"{subject(made, root)} gives {text}{': ' if why else ''}{why}"
            told.append(Reason(text, made.location))
    told.reverse()
    return told if len(told) <= LONGEST_STORY else [told[0], *told[-LONGEST_STORY + 1 :]]


def shapes_of(record: Record | None, demand: Constraint) -> tuple[tuple[str, str], ...]:
    """(name, shape) of the tensors of a call, with dtypes where these are what is demanded; of its
    parameters, the weight and those that are concerned."""
    if record is None:
        return ()
    origin = demand.origin
    dtypes = origin is not None and origin.code == "dtype"
    concerned = ("weight", *(origin.operands if origin is not None else ()))
    told = [
        (name, tensor)
        for name, tensor in origins.operands(record)
        if dtypes or name in concerned or tensor.node.op != "get_attr"
    ]
    return tuple((name, origins.shape_text(t.value, dtypes)) for name, t in told)
