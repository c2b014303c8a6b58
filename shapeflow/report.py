"""The finished result: frozen, and all that renderers and front ends read."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from typing import Any

from .core import dims
from .core.constraint import Constraint, Location
from .core.errors import ShapeflowError
from .core.shape import substitute

SEVERITIES = ("error", "warning", "note")


class Verdict(StrEnum):
    """What holds of the model for the declared sizes; compares equal to its text."""

    VALID = "valid"
    CONDITIONAL = "conditional"
    UNSATISFIABLE = "unsatisfiable"
    INCOMPLETE = "incomplete"


class ShapeError(ShapeflowError):
    """Raised by :meth:`Report.raise_if_failed`; its text is the rendered report."""


@dataclass(frozen=True)
class Fix:
    """A change that would help.

    Attributes:
        text: the change, in one line.
        location: where to make it.
        verified: True only if it was applied, analysed again, and the finding was gone.
    """

    text: str
    location: Location | None = None
    verified: bool = False


@dataclass(frozen=True)
class Reason:
    """One step of the argument: what is so, and where that is written."""

    text: str
    location: Location | None = None


@dataclass(frozen=True)
class Finding:
    """What a person reads about one fault or condition.

    Attributes:
        code: stable, such as ``SF204``.
        severity: ``error`` raises in PyTorch (always, or wherever a condition that equates declared
            sizes does not hold), ``warning`` runs and is probably wrong, ``note`` is a condition
            worth knowing.
        message: one line that stands alone.
        location: where it surfaces in the user's source.
        related: (location, text) pairs: where the sizes came from, where a person would edit.
        because: the chain of reasons, in program order.
        constraints: the core: what cannot hold together.
        witness: small sizes at which PyTorch fails.
        pytorch_message: what PyTorch says at these sizes.
        fixes: changes that help, best first.
        operation: the call's name as a person knows it, such as ``nn.LSTM`` or ``torch.cat``.
        signature: the shape law of the operation.
        operands: (name, shape) of each tensor of the call, shapes in spec notation.
    """

    code: str
    severity: str
    message: str
    location: Location | None = None
    related: tuple[tuple[Location, str], ...] = ()
    because: tuple[Reason, ...] = ()
    constraints: tuple[Constraint, ...] = ()
    witness: Mapping[str, int] = field(default_factory=dict)
    pytorch_message: str = ""
    fixes: tuple[Fix, ...] = ()
    operation: str = ""
    signature: str = ""
    operands: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Path:
    """One way through ``forward``.

    Attributes:
        condition: relations between sizes under which this way is taken; none where always.
        values: branches on tensor values that this way takes, in words with their places.
        demands: everything that must hold on this way.
        outputs: the result structure with shapes as leaves; None where it raises.
        main: whether ``Report.outputs`` and the graph are this path's.
        instances: sizes that were instantiated for loops, with the values tried.
    """

    condition: tuple[Constraint, ...]
    values: tuple[str, ...]
    demands: tuple[Constraint, ...]
    outputs: Any
    main: bool = False
    instances: Mapping[str, tuple[int, ...]] = field(default_factory=dict)

    def taken(self, sizes: Mapping[str, int]) -> bool:
        """Whether the sizes lead this way (branches on values apart)."""
        return all(_may_hold(relation, sizes) for relation in self.condition)


@dataclass(frozen=True, eq=False)
class Report:
    """The answer to one question about one model.

    Attributes:
        verdict: ``valid``, ``conditional``, ``unsatisfiable`` or ``incomplete``.
        findings: errors first, then in program order.
        constraints: residual conditions in solved form.
        inputs: the argument structure by parameter name, shapes as leaves.
        outputs: the result structure with shapes (tuples of int and Dim) as leaves.
        symbols: names of the free symbols, in order of appearance.
        graph: the recorded ``torch.fx.Graph`` of the main path.
        make_module: makes the same executable.
        paths: the ways through ``forward`` that were explored.
        notes: what a reader should know of the analysis itself ("checked for T in {1, 2, 3, 5}").
        model: name of the model, as a person would say it.
        facts: what was declared to hold (``where``).
    """

    verdict: Verdict
    findings: tuple[Finding, ...]
    constraints: tuple[Constraint, ...]
    inputs: Mapping[str, Any]
    outputs: Any
    symbols: tuple[str, ...]
    graph: Any = None
    make_module: Callable[[], Any] | None = field(default=None, repr=False)
    paths: tuple[Path, ...] = ()
    notes: tuple[str, ...] = ()
    model: str = ""
    facts: tuple[Constraint, ...] = ()
    renderers: Mapping[str, Callable[[Report], str]] = field(default_factory=dict, repr=False)

    @cached_property
    def graph_module(self) -> Any:
        """The recorded graph as an executable ``torch.fx.GraphModule``; None without a graph."""
        return self.make_module() if self.make_module is not None else None

    @property
    def ok(self) -> bool:
        """True when no finding is an error and the analysis is complete."""
        errors = any(finding.severity == "error" for finding in self.findings)
        return not errors and self.verdict is not Verdict.INCOMPLETE

    def accepts(self, **sizes: int) -> bool:
        """Whether the model would run at these sizes.

        Args:
            **sizes: a number for each name in ``symbols``; at least 1, or 0 where ``where`` says so.

        Raises:
            ShapeflowError: a symbol is missing, unknown, or not a whole number.
        """
        self._expect(sizes)
        taken = [path for path in self.paths if path.taken(sizes)]
        if not taken or not all(fact.at(sizes) for fact in self.facts):
            return False
        return all(_may_hold(demand, sizes) for path in taken for demand in path.demands)

    def output_shapes(self, **sizes: int) -> Any:
        """The result structure at these sizes: tuples of int as leaves.

        A size that depends on data stays a Dim.

        Raises:
            ShapeflowError: a symbol is missing, unknown, or not a whole number.
        """
        self._expect(sizes)
        outputs = self.outputs
        for path in self.paths:
            if path.outputs is not None and path.taken(sizes):
                outputs = path.outputs
                break
        return substitute(outputs, sizes)

    def raise_if_failed(self) -> None:
        """Raises ShapeError with the rendered text unless the report is ``ok``."""
        if not self.ok:
            raise ShapeError(str(self))

    def to_json(self) -> str:
        """The record as JSON."""
        return self._rendered("json")

    def to_sarif(self) -> str:
        """The findings as a SARIF 2.1.0 log."""
        return self._rendered("sarif")

    def _rendered(self, form: str) -> str:
        if form not in self.renderers:
            raise ShapeflowError(f"this report cannot be rendered as {form}")
        return self.renderers[form](self)

    def __str__(self) -> str:
        if "text" in self.renderers:
            return self.renderers["text"](self)
        return f"{self.model}: {self.verdict}"

    def _expect(self, sizes: Mapping[str, int]) -> None:
        for name, size in sizes.items():
            if name not in self.symbols:
                known = ", ".join(self.symbols) or "none"
                raise ShapeflowError(f"no symbol is called {name!r}: the symbols are {known}")
            least = 0 if _may_be_empty(name, self.facts) else 1
            if isinstance(size, bool) or not isinstance(size, int) or size < least:
                hint = f" (declare '{name} >= 0' in where to allow 0)" if size == 0 else ""
                raise ShapeflowError(
                    f"{name} must be a whole number of at least {least}, not {size!r}{hint}"
                )
        missing = [name for name in self.symbols if name not in sizes]
        if missing:
            raise ShapeflowError(f"a size is needed for {', '.join(missing)}")


def _may_be_empty(name: str, facts: tuple[Constraint, ...]) -> bool:
    """Whether a fact such as ``T >= 0`` says that a symbol may be 0."""
    return any(
        fact.kind == "at_least" and str(fact.left) == name and fact.right == 0 for fact in facts
    )


def _may_hold(demand: Constraint, sizes: Mapping[str, int]) -> bool:
    """False where the demand is violated; sizes that depend on data get the benefit of doubt."""
    at_sizes = demand.substitute(sizes)
    if at_sizes.symbols:
        return True
    return at_sizes.at({})


def is_shape(tree: Any) -> bool:
    """Whether a node of a result structure is a shape: a tuple of sizes."""
    return isinstance(tree, tuple) and all(
        isinstance(size, int | dims.Dim) and not isinstance(size, bool) for size in tree
    )
