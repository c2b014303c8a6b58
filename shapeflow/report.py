"""The finished result: frozen, and all that renderers and front ends read."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from .core.constraint import Constraint, may_be_zero
from .core.errors import ShapeflowError
from .core.shape import substitute
from .core.step import Traced
from .diagnose.diagnostic import Finding, Verdict

MIME = {
    "text/html": "frame",
    "image/svg+xml": "svg",
    "text/markdown": "markdown",
    "application/pdf": "pdf",
    "image/png": "png",
}
"""Forms that a notebook shows, and the renderers that make them."""
ON_DEMAND = {"application/pdf", "image/png"}


class ShapeError(ShapeflowError):
    """Raised by :meth:`Report.raise_if_failed`; its text is the rendered report."""


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
        dtypes: of the tensors of the result, in order; constants are left out.
    """

    condition: tuple[Constraint, ...]
    values: tuple[str, ...]
    demands: tuple[Constraint, ...]
    outputs: Any
    main: bool = False
    instances: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    dtypes: tuple[str, ...] = ()

    def taken(self, sizes: Mapping[str, int]) -> bool:
        """Whether the sizes lead this way (branches on values apart)."""
        return all(relation.may_hold(sizes) for relation in self.condition)


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
        summary: what the verdict says where the question was not which sizes run.
        make_traces: makes ``traces``.
        alternatives: other inputs that ``infer_shapes`` found: further ranks, and optional
            arguments that are given.
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
    summary: str = ""
    alternatives: tuple[Report, ...] = ()
    renderers: Mapping[str, Callable[[Report], Any]] = field(default_factory=dict, repr=False)
    make_traces: Callable[[], tuple[Traced, ...]] | None = field(default=None, repr=False)

    @cached_property
    def graph_module(self) -> Any:
        """The recorded graph as an executable ``torch.fx.GraphModule``; None without a graph."""
        return self.make_module() if self.make_module is not None else None

    @cached_property
    def traces(self) -> tuple[Traced, ...]:
        """The calls of the main path as plain data, for pictures; then those of further runs of
        it, in which loops went round another number of times. None without a graph."""
        return self.make_traces() if self.make_traces is not None else ()

    @property
    def ok(self) -> bool:
        """True when no finding is an error and the analysis is complete."""
        errors = any(finding.severity == "error" for finding in self.findings)
        return not errors and self.verdict is not Verdict.INCOMPLETE

    def accepts(self, **sizes: int) -> bool:
        """Whether the model would run at these sizes.

        Args:
            **sizes: a number for each name in ``symbols``: at least 1, or 0 where a fact
                such as ``T >= 0`` allows it.

        Raises:
            ShapeflowError: a symbol is missing, unknown, or not a whole number.
        """
        self._expect(sizes)
        taken = [path for path in self.paths if path.taken(sizes)]
        if not taken or not all(fact.at(sizes) for fact in self.facts):
            return False
        return all(demand.may_hold(sizes) for path in taken for demand in path.demands)

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

    def to_dot(self) -> str:
        """The picture in Graphviz' language."""
        return self._rendered("dot")

    def to_html(self) -> str:
        """The picture as a page to explore, in one file that needs no network."""
        return self._rendered("html")

    def _rendered(self, form: str) -> str:
        if form not in self.renderers:
            raise ShapeflowError(f"this report cannot be rendered as {form}")
        text: str = self.renderers[form](self)
        return text

    def _repr_mimebundle_(
        self, include: Iterable[str] | None = None, exclude: Iterable[str] | None = None
    ) -> dict[str, Any]:
        """What notebooks show: page, picture, table and text; PDF and PNG where they are asked for.

        A form that cannot be made is left out, with a warning; the text always can.
        """
        wanted = set(include) if include is not None else set(MIME) - ON_DEMAND
        bundle: dict[str, Any] = {"text/plain": str(self)}
        for kind in [kind for kind in MIME if kind in wanted - set(exclude or ())]:
            try:
                bundle[kind] = self.renderers[MIME[kind]](self)
            except Exception as error:  # a notebook shows what there is
                warnings.warn(f"no {kind} of this report: {error}", stacklevel=2)
        return bundle

    def __str__(self) -> str:
        if "text" in self.renderers:
            return self._rendered("text")
        return f"{self.model}: {self.verdict}"

    def _expect(self, sizes: Mapping[str, int]) -> None:
        for name, size in sizes.items():
            if name not in self.symbols:
                known = ", ".join(self.symbols) or "none"
                raise ShapeflowError(f"no symbol is called {name!r}: the symbols are {known}")
            least = 0 if may_be_zero(name, self.facts) else 1
            if isinstance(size, bool) or not isinstance(size, int) or size < least:
                hint = f" (declare '{name} >= 0' in where to allow 0)" if size == 0 else ""
                raise ShapeflowError(
                    f"{name} must be a whole number of at least {least}, not {size!r}{hint}"
                )
        missing = [name for name in self.symbols if name not in sizes]
        if missing:
            raise ShapeflowError(f"a size is needed for {', '.join(missing)}")
