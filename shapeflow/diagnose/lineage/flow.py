"""The pass over the records of one run: the lineage of each axis of each tensor, call by call."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache
from typing import Any, NamedTuple

from ...core.dims import Dim, Size, substitute, symbol
from ...explore import Way
from ...ops.registry import bare
from ...trace.recorder import Record
from ...trace.tensor import SymbolicTensor
from .. import origins
from .axes import NO_MARKS, Axis, Known, Part, Root, one

Handler = Callable[["Flow", Record], Any]
HANDLERS: dict[str, Handler] = {}
"""What follows the axes through an operation, by its name without ``torch.`` and the like."""

BIRTHS = frozenset(
    "zeros ones full empty arange linspace rand randn randint randperm eye tensor scalar_tensor "
    "zeros_like ones_like full_like empty_like rand_like randn_like new_zeros new_ones new_full "
    "new_empty new_tensor".split()
)
"""Calls whose result depends on sizes and numbers only."""


KEPT = frozenset(("made", "step", "masks", "state", "drawn"))
"""The tags that go through an operation on entries."""

ONCE = frozenset(("sample", "space", "rows"))
"""Roles that are taken down once: that another layer says the same is no news."""


def handles(names: str) -> Callable[[Handler], Handler]:
    """Registers what follows the axes through operations."""

    def register(function: Handler) -> Handler:
        for name in names.split():
            HANDLERS[name] = function
        return function

    return register


class Event(NamedTuple):
    """Something along an axis that may turn out to be wrong once the whole run is known."""

    record: Record
    known: Known
    axis: int
    detail: Any = None


class Role(NamedTuple):
    """How a call reads the axes of a root: as ``time``, ``batch``, ``steps`` or ``space``."""

    name: str
    record: Record
    words: str


@cache
def short_name(op: str) -> str:
    """The name of an operation without its home and without the mark of in-place."""
    return bare(op.rpartition(".")[2])


class Flow:
    """What is known so far.

    Attributes:
        run, numbers: what the run recorded, and the numbers that symbols have in it.
        known: the lineage of each tensor, by ``id``.
        used: how often a call or the result takes a tensor, by ``id``.
        events: what may turn out to be wrong, by kind.
        roles: how the axes of a root are read.
        roots: the root of each symbol.
        inputs: the tensors of the arguments, in order.
        results: those of the result.
        contracted: the nodes of the softmaxes whose weights are summed along their axis.
        changes: what a trial of a repair takes in the place of what it finds.

    Args:
        whole: what is known of the whole model, where this is a part of it.
    """

    def __init__(self, way: Way, changes: Mapping[Any, Any], whole: Flow | None = None) -> None:
        self.run, self.changes = way.run, changes
        self.numbers = way.drawn[0][1] if way.drawn else {}
        self.known: dict[int, Known] = {}
        self.used: dict[int, int] = {}
        self.events: dict[str, list[Event]] = {}
        self.roles: dict[Root, list[Role]] = {}
        self.roots: dict[Size, Root] = {}
        self.contracted: set[str] = set()
        self.inputs: list[tuple[Any, Known]] = []
        self.results: list[tuple[Any, Known]] = []
        if whole is not None:
            self.roles, self.roots = whole.roles, whole.roots
        for tensor in self.run.inputs:
            self.inputs.append((tensor, self.of(tensor)))

    def follow(self) -> None:
        """Goes through all calls, then the result."""
        for record in self.run.records.values():
            self.step(record)
        for tensor in self.run.results:
            self.used[id(tensor)] = self.used.get(id(tensor), 0) + 1
            self.results.append((tensor, self.of(tensor)))

    def step(self, record: Record) -> None:
        """One call."""
        for tensor in operands(record):
            self.used[id(tensor)] = self.used.get(id(tensor), 0) + 1
            known = self.known.get(id(tensor))
            if known is not None and "last" in known.tags:
                self.event("last_used", record, known, -1, known.tags["last"])
        handler = HANDLERS.get(short_name(record.op))
        left_open = record.result.__class__ is SymbolicTensor and record.result.value is None
        left_open |= any(tensor.value is None for tensor in operands(record))
        if handler is not None and not left_open:  # as by a fault
            found = handler(self, record)
            if found is not None:
                self.keep(record.result, found)
                return
        self.keep(record.result, self.otherwise(record))

    def keep(self, result: Any, found: Any) -> None:
        """Notes the lineage of a result, or of each tensor of one."""
        if result.__class__ is SymbolicTensor:
            if isinstance(found, Known):
                value = result.value
                if value is not None and len(value) == len(found.axes):
                    source = found.source or id(result)
                    self.known[id(result)] = Known(found.axes, source, found.tags)
        elif isinstance(result, tuple | list) and isinstance(found, tuple | list):
            for part, one_found in zip(result, found, strict=False):
                self.keep(part, one_found)

    # -- what is known of a tensor -----------------------------------------------------------------

    def of(self, tensor: Any) -> Known:
        """The lineage of an operand."""
        known = self.known.get(id(tensor))
        if known is None:
            if not hasattr(type(tensor), "shape"):
                return Known((), 0)  # a number in the place of a tensor
            known = self.known[id(tensor)] = self.born(tensor)
        return known

    def born(self, tensor: Any) -> Known:
        """The lineage of what no call made: an input, a parameter, or something unknown."""
        if tensor.__class__ is not SymbolicTensor:
            return _weight(tensor, tuple(tensor.shape))
        if tensor.value is None:
            return Known((), id(tensor))
        node, value = tensor.node, tensor.value
        if node.op == "get_attr":
            return _weight(tensor, tuple(value))
        words = value.words or str(node.target)
        axes = tuple(self.input_axis(size, words, i) for i, size in enumerate(value))
        tags: Mapping[str, Any] = {"input": words, "offset": 0} if node.name else NO_MARKS
        return Known(axes, id(tensor), tags)

    def input_axis(self, size: Size, words: str, index: int) -> Axis:
        """An axis of an input; those of one symbol have one root."""
        if size == 1:
            return one("input")
        if isinstance(size, Dim) and size is _bare(size):
            return Axis((Part(self.root(size), size),), size)
        return Axis((Part(Root("axis", f"axis {index} of {words}"), size),), size)

    def root(self, size: Dim) -> Root:
        """The root that all axes share whose size is one symbol."""
        root = self.roots.get(size)
        if root is None:
            root = self.roots[size] = Root("input", str(size))
        return root

    def sized(self, size: Size, how: str = "made") -> Axis:
        """An axis of which only the size is known."""
        if size == 1:
            return one(how)
        if isinstance(size, Dim) and size is _bare(size):
            return Axis((Part(self.root(size), size),), size)
        return Axis((Part(Root("other", str(size)), size),), size)

    def shape(self, tensor: Any) -> tuple[Size, ...]:
        """The sizes of a result; none where they are not known."""
        value = getattr(tensor, "value", None)
        return () if value is None else tuple(value)

    def same(self, a: Size, b: Size) -> bool:
        """Whether two sizes are equal in this run."""
        if a == b or not self.numbers:
            return a == b
        return substitute(a, self.numbers) == substitute(b, self.numbers)

    # -- operations without a handler of their own -------------------------------------------------

    def otherwise(self, record: Record) -> Any:
        """Entrywise operations, and whatever else: axes are told by their places or sizes."""
        tensors = list(operands(record))
        return self.spread(record, tensors, record.result)

    def spread(self, record: Record, tensors: Sequence[Any], result: Any) -> Any:
        """The lineage of each tensor of a result."""
        if isinstance(result, tuple | list):
            return [self.spread(record, tensors, part) for part in result]
        if result.__class__ is not SymbolicTensor or result.value is None:
            return None
        sizes = tuple(result.value)
        if not tensors or short_name(record.op) in BIRTHS:
            drawn = short_name(record.op).startswith("rand")
            tags = {"made": True, "drawn": record} if drawn else {"made": True}
            return Known(tuple(self.sized(s) for s in sizes), 0, tags)
        if len(tensors) == 1:
            known = self.of(tensors[0])
            if tuple(axis.size for axis in known.axes) == sizes:
                return Known(known.axes, 0, kept_tags(known))
            return Known(tuple(self.like(s, [known]) for s in sizes), 0, kept_tags(known))
        from .broadcast import broadcast

        return broadcast(self, record, [self.of(t) for t in tensors], sizes)

    def like(self, size: Size, operands: Sequence[Known]) -> Axis:
        """An axis of a result that is an operand's, going by its size."""
        if size == 1 or isinstance(size, int):
            return self.sized(size)
        same = [axis for known in operands for axis in known.axes if axis.size is size]
        return Axis(same[0].parts, size) if len(same) == 1 else self.sized(size)

    def event(
        self, kind: str, record: Record, known: Known, axis: int, detail: Any = None
    ) -> Event:
        """Notes something to look at once the whole run is known."""
        event = Event(record, known, axis, detail)
        self.events.setdefault(kind, []).append(event)
        return event

    def fixed(self, known: Known) -> bool:
        """Whether a tensor depends on sizes and numbers only."""
        return "made" in known.tags

    def reads(self, axis: Axis, name: str, record: Record, words: str) -> None:
        """Notes how a call reads an axis."""
        parts = axis.parts
        if len(parts) != 1:
            return
        roles = self.roles.setdefault(parts[0].root, [])
        if not (roles and roles[-1].name == name and name in ONCE):
            roles.append(Role(name, record, words))

    def role(self, root: Root | None, name: str) -> Role | None:
        """The first call that reads the axes of a root so."""
        roles = self.roles.get(root, ()) if root is not None else ()
        return next((role for role in roles if role.name == name), None)

    # -- where things come from --------------------------------------------------------------------

    def record_of(self, tensor: Any) -> Record | None:
        """The call that made a tensor."""
        made = origins.maker(tensor, self.run.records)
        return made if isinstance(made, Record) else None

    def makers(self, record: Record, limit: int = 1) -> list[Record]:
        """The calls that the first operand of a call comes from, one for each line, last first."""
        first = next(operands(record), None)
        return [] if first is None else self.line_of(first, record, limit)

    def line_of(self, tensor: Any, record: Record, limit: int) -> list[Record]:
        """The calls that a tensor comes from, one for each line of the user's."""
        found: dict[Any, Record] = {}
        for made, _ in origins.history(tensor, self.run.records):
            if isinstance(made, Record) and made.location != record.location:
                found.setdefault(made.location, made)
        return list(found.values())[:limit]

    def stretched(self, tensor: Any, place: int | None) -> list[Record]:
        """The calls that a loss's operand comes from, back to where its axis is another size."""
        if place is None or tensor.__class__ is not SymbolicTensor:
            return []
        size = self.shape(tensor)[-place:][:1]
        found: dict[Any, Record] = {}
        seen: set[str] = set()
        pending = [tensor]
        while pending:
            made = self.record_of(pending.pop())
            if made is None or made.node in seen or len(seen) > 60:
                continue
            seen.add(made.node)
            if self.shape(made.result)[-place:][:1] == size and size != (1,):
                found.setdefault(made.location, made)
                pending += list(operands(made))
        return list(found.values())


def _weight(tensor: Any, shape: tuple[Size, ...]) -> Known:
    """The lineage of a parameter, a buffer or a constant."""
    axes = [
        Axis((Part(Root("weight", "a table"), s),), s) if s != 1 else one("weight") for s in shape
    ]
    return Known(tuple(axes), id(tensor), {"weight": True})


def _bare(size: Dim) -> Any:
    """The size itself where it is one symbol."""
    names = size.symbols
    return symbol(names[0]) if len(names) == 1 else None


def kept_tags(known: Known) -> Mapping[str, Any]:
    """The tags that go through an operation on entries."""
    if not known.tags:
        return NO_MARKS
    return {k: v for k, v in known.tags.items() if k in KEPT} or NO_MARKS


def operands(record: Record) -> Iterator[Any]:
    """The tensors among the arguments of a call, parameters apart."""
    yield from run_tensors(record.given)
    if record.kwargs:
        yield from run_tensors(tuple(record.kwargs.values()))


def run_tensors(tree: Any) -> Iterator[Any]:
    """The symbolic tensors of a tree."""
    kind = tree.__class__
    if kind is SymbolicTensor:
        yield tree
    elif kind is dict:
        for item in tree.values():
            yield from run_tensors(item)
    elif isinstance(tree, tuple | list):
        for item in tree:
            yield from run_tensors(item)


def axis_of(dim: Any, rank: int) -> int | None:
    """An axis counted from the front, None where it is no number."""
    if isinstance(dim, bool) or not isinstance(dim, int):
        return None
    return dim % rank if rank and -rank <= dim < rank else None
