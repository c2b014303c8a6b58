"""Where things came from: operands of a call, the calls and the code that made them."""

from __future__ import annotations

import ast
import inspect
import linecache
import textwrap
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from ..core.constraint import Constraint, Location
from ..core.notation import format_spec
from ..ops import Value, lookup
from ..trace.nodes import behind
from ..trace.recorder import Record
from ..trace.source import shortened
from ..trace.tensor import SymbolicTensor

CONTAINERS = ("Sequential", "ModuleList", "ModuleDict")


def operands(record: Record) -> list[tuple[str, SymbolicTensor]]:
    """The tensors of a call with the names that its rule gives them, such as ``hx[0]``."""
    names = names_of(record)
    found: list[tuple[str, SymbolicTensor]] = []
    for i, item in enumerate(record.given):
        found += _tensors(names[i] if i < len(names) else f"operand {i + 1}", record.lifted(item))
    for name, item in record.kwargs.items():
        found += _tensors(name, record.lifted(item))
    return found


def names_of(record: Record) -> list[str]:
    """The names that a call's rule gives its positional arguments."""
    rule = lookup(record.op)
    if rule is None:
        return []
    parameters = list(inspect.signature(rule.function).parameters.values())[1:]
    return [p.name for p in parameters if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]


def _tensors(name: str, item: Any) -> Iterator[tuple[str, SymbolicTensor]]:
    if isinstance(item, SymbolicTensor):
        yield name, item
    elif isinstance(item, dict):
        for key, part in item.items():
            yield from _tensors(f"{name}[{key!r}]", part)
    elif isinstance(item, list | tuple):
        for i, part in enumerate(item):
            fields = getattr(item, "_fields", ())
            yield from _tensors(f"{name}.{fields[i]}" if fields else f"{name}[{i}]", part)


def operand(record: Record, name: str) -> SymbolicTensor | None:
    """The operand that a requirement names, None where it names no tensor."""
    return dict(operands(record)).get(name)


def shape_text(value: Value | None, dtype: bool = False) -> str:
    """A tensor's shape in spec notation, with its dtype on demand."""
    if value is None:
        return "unknown"
    return (format_spec(tuple(value)) or "scalar") + (f":{value.dtype}" if dtype else "")


@dataclass(frozen=True)
class Source:
    """What no call made.

    Attributes:
        word: "input" or "parameter".
        path: its name, or the attributes that lead to it.
    """

    word: str
    path: str

    def __str__(self) -> str:
        return f"{self.word} {self.path}"

    def definition(self, root: Any) -> Location | None:
        """Where a constructor makes it; None for an input."""
        return definition(root, self.path) if self.word == "parameter" else None


def equations(
    demands: Iterable[Constraint], record: Record
) -> Iterator[tuple[str, int, Constraint]]:
    """The equations that a call demands of an operand: its name, the axis, and the equation."""
    for demand in demands:
        origin = demand.origin
        if origin is None or origin.node != record.node or demand.kind != "equal":
            continue
        if origin.operands and origin.axis is not None:
            yield origin.operands[0], origin.axis, demand


def has_receiver(call: ast.Call, record: Record) -> bool:
    """Whether the first operand of a call stands before its name: ``x.sum()``."""
    named = {keyword.arg for keyword in call.keywords}
    method = isinstance(call.func, ast.Attribute) and len(record.given) > len(call.args)
    return method and not named & set(names_of(record)[:1])


def argument(record: Record, position: int, name: str, default: Any = None) -> Any:
    """An argument of a call, by its place or its name."""
    if len(record.given) > position:
        return record.given[position]
    return record.kwargs.get(name, default)


def kept(record: Record, records: Mapping[str, Record]) -> tuple[str, Record] | None:
    """The operand of a call that was made in an earlier call of the model, and the call that made
    it; None without one."""
    for name, tensor in operands(record) if record.turn > 1 else ():
        for node in behind([tensor.node]):
            made = records.get(node.name)
            if made is not None and made.turn < record.turn:
                return name, made
    return None


def maker(tensor: SymbolicTensor, records: Mapping[str, Record]) -> Record | Source | None:
    """What made a tensor: a call, an input or parameter, or None."""
    made, _ = _maker(tensor.node, tensor, records)
    return made


def _maker(
    node: Any, tensor: SymbolicTensor, records: Mapping[str, Record]
) -> tuple[Record | Source | None, Any]:
    """What made the tensor of a node, and the node of that."""
    for _ in range(8):
        if node.name in records:
            return records[node.name], node
        if node.op == "placeholder":
            words = tensor.value.words if tensor.value is not None else ""
            return Source("input", words or str(node.target)), node
        if node.op == "get_attr":
            return Source("parameter", str(node.target)), node
        if not node.args or not hasattr(node.args[0], "op"):
            return None, node
        node = node.args[0]
    return None, node


def history(
    tensor: SymbolicTensor, records: Mapping[str, Record], limit: int = 12
) -> Iterator[tuple[Record | Source, SymbolicTensor]]:
    """What made a tensor, and what that was made from, the last first: each with its tensor.

    A call is followed along its first operand; an input or parameter ends it.
    """
    seen: set[str] = set()
    node = tensor.node
    for _ in range(limit):
        made, node = _maker(node, tensor, records)
        if made is None:
            return
        yield made, tensor
        if isinstance(made, Source) or made.node in seen:
            return
        seen.add(made.node)
        inputs = [t for _, t in operands(made)]
        if not inputs:
            return
        if inputs[0] is tensor and node.args and hasattr(node.args[0], "op"):
            node = node.args[0]  # written in place: what it was before
        else:
            tensor = inputs[0]
            node = tensor.node


def definition(root: Any, path: str) -> Location | None:
    """Where the constructor of a class makes the submodule or parameter at ``path``."""
    owner_path, _, name = path.rpartition(".")
    index = 0
    owner = submodule(root, owner_path)
    while owner is not None and type(owner).__name__ in CONTAINERS and owner_path:
        index = int(name) if name.isdigit() else 0
        owner_path, _, name = owner_path.rpartition(".")
        owner = submodule(root, owner_path)
    if owner is None:
        return None
    for cls in type(owner).__mro__:
        found = _assignments(cls).get(name)
        if found is not None:
            return found[min(index, len(found) - 1)]
    return None


def submodule(root: Any, path: str) -> Any:
    """What stands at a path of modules, None where nothing does."""
    for part in path.split(".") if path else ():
        root = getattr(root, "_modules", {}).get(part)
    return root


@lru_cache(maxsize=512)
def _assignments(cls: type) -> dict[str, list[Location]]:
    """``self.name = value`` in the methods of a class: places of the value and of its arguments."""
    try:
        lines, first = inspect.getsourcelines(cls)
        file = inspect.getsourcefile(cls) or ""
        tree = ast.parse(textwrap.dedent("".join(lines)))
    except (OSError, TypeError, SyntaxError):
        return {}
    if "/torch/" in file.replace("\\", "/"):
        return {}
    indent = len(lines[0]) - len(lines[0].lstrip())
    found: dict[str, list[Location]] = {}
    for statement in ast.walk(tree):
        if not isinstance(statement, ast.Assign):
            continue
        for target in statement.targets:
            for one, value in _pairs(target, statement.value):
                if isinstance(one, ast.Attribute) and isinstance(one.value, ast.Name):
                    inner = value.args if isinstance(value, ast.Call) else []
                    places = [_place(n, file, first, indent) for n in (inner or [value])]
                    whole = _place(statement, file, first, indent)
                    container = isinstance(value, ast.Call) and _ends(value.func) in CONTAINERS
                    found.setdefault(one.attr, places if container and places else [whole])
    return found


def _pairs(target: ast.expr, value: ast.expr) -> Iterator[tuple[ast.expr, ast.expr]]:
    if isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple):
        yield from zip(target.elts, value.elts, strict=False)
    else:
        yield target, value


def _ends(function: ast.expr) -> str:
    return function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")


def _place(node: Any, file: str, first: int, indent: int) -> Location:
    line = first + node.lineno - 1
    text = linecache.getline(file, line).rstrip("\n")
    return Location(
        shortened(file),
        line,
        node.col_offset + indent + 1,
        first + (node.end_lineno or node.lineno) - 1,
        (node.end_col_offset or 0) + indent + 1,
        text,
    )
