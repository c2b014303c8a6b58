"""One trial: a model analysed for inputs of some kinds, and whom to blame where it fails."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from ..core.constraint import Constraint
from ..core.errors import ShapeflowError
from ..core.shape import Shape, symbols_in
from ..diagnose.faults import Solved, solve_ways
from ..explore import Way, explore
from ..solve import Facts
from ..spec import bind, read, values_in
from ..trace import forward_of, name_of_model
from ..trace.nodes import behind
from ..trace.record import Record
from .joins import is_shared, joins
from .kinds import LEFT_OUT, as_argument, axes_of

PATHS = 24
SECONDS = 5.0
"""How many ways, and for how long, one trial follows."""

UNBATCHED = {
    **dict.fromkeys(("RNN", "GRU", "LSTM", "multi_head_attention_forward"), 2),
    **dict.fromkeys(("RNNCell", "GRUCell", "LSTMCell"), 1),
    **{f"{name}{n}d": n + 1 for n in (1, 2, 3) for name in ("conv", "conv_transpose")},
}
"""How many axes the first operand of a call has where it is a single sample."""

Assignment = Mapping[str, Any]
"""The kind of each slot, by name."""


@dataclass(frozen=True, eq=False)
class Trial:
    """What came of some kinds.

    Attributes:
        kinds: the kind of each slot.
        solved: the ways with their solutions.
        failed: in words why nothing could be tried, None where something was.
    """

    kinds: Assignment
    solved: tuple[Solved, ...]
    failed: str | None = None

    @cached_property
    def good(self) -> Solved | None:
        """A way that comes to a result whose conditions can be met; None without one."""
        return next(filter(_is_good, self.solved), None)

    @property
    def reach(self) -> int:
        """How many calls were made."""
        return max((len(one.way.run.records) for one in self.solved), default=-1)

    @cached_property
    def cost(self) -> int:
        """How special the inputs must be: sizes that are pinned, conditions, and ranks that
        differ where tensors broadcast.

        A first axis of a fixed size costs more than other fixed sizes: what is taken apart along
        it may as well be a tuple, whose parts may differ.
        """
        assert self.good is not None
        _, left = self.joined
        pins = self.pins() + sum(2 for r in left if r.kind != "at_least")
        pins += sum(self.is_converted(record) for record in self.good.way.run.records.values())
        pins += self.unbatched
        return pins + sum(map(_plainness, self.kinds.values())) + 2 * len(set(self.uneven()))

    @cached_property
    def unbatched(self) -> bool:
        """Whether a layer that takes batches is given a single sample somewhere."""
        assert self.good is not None
        return any(map(_is_unbatched, self.good.way.run.records.values()))

    def pins(self) -> int:
        """What sizes cost that must be numbers: of the parts of a pair, those of one."""
        costs: dict[str, dict[str, int]] = {}
        for relation in self.relations:
            if relation.symbols:
                words = relation.symbols[0].rpartition("_")[0]
                parts = costs.setdefault(words.partition("[")[0], {})
                parts[words] = parts.get(words, 0) + _pinned(relation)
        return sum(max(parts.values()) for parts in costs.values())

    @cached_property
    def relations(self) -> list[Constraint]:
        """Everything that sizes must meet, in solved form."""
        assert self.good is not None
        relations = [residual.constraint for residual in self.good.solution.residuals]
        return [*relations, *self.good.way.condition]

    @cached_property
    def joined(self) -> tuple[Facts, list[Constraint]]:
        """Sizes that are best taken to be one, and the conditions that then stay."""
        return joins(self.relations, list(tensors_of(self.kinds)))

    @property
    def spare(self) -> int:
        """Where conditions hold only for shared axes: how many free sizes there are besides."""
        if not any(is_shared(relation) for relation in self.relations):
            return 0
        facts, _ = self.joined
        sizes = [facts.reduce(size) for shape in tensors_of(self.kinds) for size in shape]
        return len(symbols_in(tuple(sizes)))

    def is_converted(self, record: Record) -> bool:
        """Whether a call turns an input into numbers of another kind: better given as that."""
        tensor = record.given[0] if record.given else None
        made, came = getattr(record.result, "value", None), getattr(tensor, "value", None)
        is_cast = record.op.rpartition(".")[2] in ("to", "long", "int", "type", "bool")
        if not is_cast or made is None or came is None:
            return False
        node: Any = getattr(tensor, "node", None)
        return node.op == "placeholder" and made.dtype not in (came.dtype, "float32")

    def uneven(self) -> Iterator[Any]:
        """The places where inputs of different ranks, scalars apart, broadcast."""
        assert self.good is not None
        fed: dict[Any, bool] = {}
        for node in self.good.way.run.graph.nodes:
            inner = any(fed[other] for other in node.all_input_nodes)
            fed[node] = node.op == "placeholder" or inner
        for record in self.good.way.run.records.values():
            if "broadcast(" in record.signature:
                values = [(x.value, x.node) for x in record.given if hasattr(x, "value")]
                ranks = {len(value) for value, node in values if value and fed.get(node)}
                if len(ranks) > 1:
                    yield record.location

    def nogoods(self) -> Iterator[frozenset[tuple[str, Any]]]:
        """Parts of the assignment that cannot be kept, whatever the others are."""
        whole = frozenset(self.kinds.items())
        reasons = [list(self.reasons(one)) for one in self.solved]
        if not reasons or not all(reasons):
            yield whole
        elif len(reasons) == 1:
            yield from reasons[0]
        else:
            yield frozenset().union(*(min(some, key=len) for some in reasons))

    def reasons(self, one: Solved) -> Iterator[frozenset[tuple[str, Any]]]:
        """Each a set of slots that make one way fail."""
        run = one.way.run
        touched = [n for n in run.graph.nodes if n.name in run.records or n in run.touched]
        if one.solution.cores:
            by_name = {node.name: node for node in run.graph.nodes}
            for core in one.solution.cores:
                relations = (core.constraint, *core.members)
                names = [c.origin.node for c in relations if c.origin and c.origin.node in by_name]
                yield self.kinds_behind([by_name[name] for name in names] or touched)
        elif run.raised is not None or run.gaps:
            yield self.kinds_behind(touched)

    def kinds_behind(self, nodes: Iterable[Any]) -> frozenset[tuple[str, Any]]:
        """The slots that flow into some nodes, and all that are no tensors."""
        names = {str(node.target) for node in behind(nodes) if node.op == "placeholder"}
        names |= {name for name, kind in self.kinds.items() if not isinstance(kind, str)}
        names |= {name for name in self.kinds if name.startswith("*")}
        return frozenset((name, kind) for name, kind in self.kinds.items() if name in names)

    def uses(self, name: str) -> bool:
        """Whether the model does anything with a parameter."""
        assert self.good is not None
        run = self.good.way.run
        pending = [n for n in run.graph.nodes if n.op == "placeholder" and n.target == name]
        while pending:
            node = pending.pop()
            if node in run.touched:
                return True
            for user in node.users:
                if user.op == "output" or user.name in run.records:
                    return True
                pending.append(user)
        return False


def attempt(model: Any, kinds: Assignment) -> Trial:
    """Analyses a model for inputs of some kinds, without looking for repairs."""
    specs, named = arguments(kinds)
    try:
        bound = bind(forward_of(model), name_of_model(model), specs, named)
        given = tuple(map(read, bound.arguments, bound.names))
        by_name = {key: read(item, key) for key, item in bound.keywords.items()}
        found = explore(model, given, by_name, (), paths=PATHS, seconds=SECONDS)
    except ShapeflowError as error:
        return Trial(kinds, (), str(error))
    return Trial(kinds, tuple(solve_ways(found.ways, (), ())))


def arguments(kinds: Assignment) -> tuple[tuple[Any, ...], dict[str, Any]]:
    """Specs by position (those of ``*args``) and by name."""
    given = {name: as_argument(kind) for name, kind in kinds.items() if kind is not LEFT_OUT}
    rest = tuple(kind for name, kind in given.items() if name.startswith("*"))
    named = {name: kind for name, kind in given.items() if not name.startswith("*")}
    return (*named.values(), *rest) if rest else (), {} if rest else named


def _is_good(one: Solved) -> bool:
    way: Way = one.way
    if one.raises or way.outputs is None or way.run.gaps or way.unfitted:
        return False
    return one.solution.verdict in ("valid", "conditional")


def tensors_of(kinds: Assignment) -> Iterator[Shape]:
    """The shapes of all tensors of an assignment, sizes under the names that they get."""
    given, specs = arguments(kinds)
    for i, kind in enumerate(given):
        yield from map(tuple, values_in(read(kind, f"args[{i}]")))
    for name, kind in specs.items():
        yield from map(tuple, values_in(read(kind, name)))


def _pinned(relation: Constraint) -> int:
    """What a size costs that must be a number, or as large as an index needs it."""
    sizes = [size for size in (relation.left, relation.right) if isinstance(size, int)]
    if not sizes:
        return 0
    first = any(name.endswith("_0") for name in relation.symbols)
    if relation.kind == "at_least":
        taken_apart = relation.origin is not None and relation.origin.code in ("index", "structure")
        return 2 if first and taken_apart else 0
    if relation.kind != "equal":
        return 0
    return 5 if sizes[0] < 2 else 2 if first else 1


def _is_unbatched(record: Record) -> bool:
    """Whether a call is that of a layer given a single sample."""
    value = getattr(record.given[0], "value", None) if record.given else None
    most = UNBATCHED.get(record.op.rpartition(".")[2], -1)
    return value is not None and len(value) == most


def _plainness(kind: Any) -> int:
    """What a tensor of few axes costs: that it has no axis to speak of says little."""
    return {0: 8, 1: 3}.get(axes_of(kind), 0) if isinstance(kind, str) else 0


__all__ = ["Assignment", "Trial", "arguments", "attempt", "tensors_of"]
