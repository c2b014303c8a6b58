"""The pipeline: specs, ways, solutions, findings, report."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import fields, is_dataclass, replace
from functools import partial
from typing import Any

from .core import dims
from .core.constraint import Constraint, Origin, at_least, may_be_zero, never
from .core.dims import Dim, Size, symbol
from .core.shape import substitute, symbols_in, with_sizes
from .diagnose.backwards import INPUTS
from .diagnose.contract import promised
from .diagnose.diagnose import Diagnosis, diagnose
from .diagnose.diagnostic import Finding
from .diagnose.fixes import Outcome, with_fixes
from .diagnose.layouts import tried
from .diagnose.nothing import loosened
from .diagnose.silent import codes_of, warned, with_remedies
from .explore import PATHS, SECONDS, Exploration, explore
from .ops import Value
from .ranks import over_ranks
from .render import FORMATS, PICTURES
from .report import Path, Report
from .solve import Facts
from .spec import (
    Bound,
    SpecError,
    bind,
    leading_counts,
    leads,
    mapped,
    read,
    read_facts,
    values_in,
)
from .trace import executable, forward_of, name_of_model, prepared, refuted, traced

TRIAL_SECONDS = 5.0
"""For how long one trial of a repair may run."""


def check(
    model: Any,
    *specs: Any,
    where: str | Constraint | Iterable[str | Constraint] = (),
    returns: Any = None,
    ignore: str | Iterable[str] = (),
    calls: int = 1,
    paths: int = PATHS,
    seconds: float = SECONDS,
    **named: Any,
) -> Report:
    """Checks a model for all sizes at once.

    Args:
        model: an ``nn.Module``, a function, or a ``torch.fx.GraphModule``.
        *specs: a spec per argument of ``forward``, such as ``"B T 3"``, nested like the argument.
        where: facts that hold, such as ``"H % 8 == 0"``.
        returns: the result's contract, a spec nested like the result.
        ignore: codes of warnings that are not wanted, such as ``("SF501",)``.
        calls: how often the model is called in a row, with what it remembers; each further call has
            sizes of its own (``B2``, ``T2``), and the result is a tuple of what each returns.
        paths: how many runs of ``forward`` at most follow its branches and loops.
        seconds: for how long these are followed at most; the first run always ends.
        **named: specs by parameter name.

    Returns:
        The report: verdict, findings, conditions, and the shapes of everything.

    Raises:
        ShapeflowError: a spec, fact, code or input that cannot be; one sentence says which.
    """
    if not isinstance(where, str | Constraint):
        where = tuple(where) if isinstance(where, Iterable) else (where,)
    off = codes_of(ignore)
    limits = _limits(calls, paths, seconds)
    for wrong in refuted(model):
        raise SpecError(wrong)
    name = name_of_model(model)
    bound = bind(forward_of(model), name, specs, named)
    if returns is not None:
        bound = replace(bound, returns=returns)
    given = {**dict(zip(bound.names, bound.arguments, strict=True)), **bound.keywords}
    leading = {words: spec for key, item in given.items() for words, spec in leads(item, key)}
    if not leading:
        if any(leads(bound.returns, "")):
            raise SpecError("returns has '...', which stands for the axes of '...' in an input")
        return _report(model, name, bound, where, limits, off)
    counts = leading_counts(leading.values())
    reports = {n: _report(model, name, bound, where, limits, off, n) for n in counts}
    words, spec = next(iter(leading.items()))
    return over_ranks(reports, words, len(spec.axes))


def _limits(calls: int, paths: int, seconds: float) -> dict[str, Any]:
    """How often and for how long a model is run; ShapeflowError for what is no such number."""
    for name, number in (("calls", calls), ("paths", paths)):
        if isinstance(number, bool) or not isinstance(number, int) or number < 1:
            raise SpecError(f"{name} must be a whole number of at least 1, not {number!r}")
    if isinstance(seconds, bool) or not isinstance(seconds, int | float) or not seconds > 0:
        raise SpecError(f"seconds must be a number above 0, not {seconds!r}")
    return {"calls": calls, "paths": paths, "seconds": seconds}


@prepared()
def _report(
    model: Any,
    name: str,
    bound: Bound,
    where: Any,
    limits: Mapping[str, Any],
    ignored: tuple[str, ...],
    extra: int = 0,
) -> Report:
    """The report where ``...`` stands for some number of axes."""
    arguments = tuple(
        read(item, words, extra) for item, words in zip(bound.arguments, bound.names, strict=True)
    )
    keywords = {key: read(item, key, extra) for key, item in bound.keywords.items()}
    inputs = {**dict(zip(bound.names, arguments, strict=True)), **keywords}
    own = symbols_in([tuple(value) for value in values_in(inputs)])
    budget = {key: limit for key, limit in limits.items() if key != "calls"}
    later = [_again(arguments, keywords, number) for number in range(2, limits["calls"] + 1)]
    for number, (others, more) in enumerate(later, 2):
        again = {**dict(zip(bound.names, others, strict=True)), **more}
        inputs |= {f"{key} of call {number}": item for key, item in again.items()}
    names = symbols_in([tuple(value) for value in values_in(inputs)])
    facts = read_facts(where, names)
    facts = (*facts, *_existing(values_in(inputs), facts))
    unbounded = tuple(n for n in names if may_be_zero(n, facts))
    if not Facts(facts, unbounded).consistent:
        raise SpecError(f"no sizes meet where: {' and '.join(map(str, facts))}")
    anonymous = tuple(n for n in names if n.startswith("_"))
    contract = _contract(bound.returns, own, extra)
    if contract is not None and later:
        numbers = range(1, len(later) + 2)
        contract = tuple(substitute(contract, _renamed(own, number)) for number in numbers)
    shapes = {v.words: tuple(v) for v in values_in(inputs) if contract is None and not later}

    def explored(shapes: Mapping[str, Any] = {}, **options: Any) -> Exploration:
        options = {**budget, "later": later, **options}
        given, named = _reshaped(arguments, shapes), _reshaped(keywords, shapes)
        found = explore(model, given, named, facts, unbounded, **options)
        ways = (way if contract is None else promised(way, contract) for way in found.ways)
        return replace(found, ways=tuple(ways))

    exploration = loosened(tried(explored(), facts), facts, unbounded)
    diagnosis = diagnose(exploration, model, facts, unbounded, anonymous)

    def attempt(changes: Mapping[Any, Any]) -> Outcome:
        own = {} if INPUTS in changes else changes
        again = explored(changes.get(INPUTS, {}), seconds=TRIAL_SECONDS, changes=own)
        found = diagnose(again, model, facts, unbounded, anonymous, brief=True)
        doubts = partial(warned, again.ways, model, (), own)
        return Outcome(found.findings, found.verdict, found.constraints, found.calls, doubts)

    def doubted(changes: Mapping[str, Any]) -> tuple[Finding, ...]:
        outcome = attempt(changes)
        return (*outcome.findings, *(finding for finding, _ in outcome.doubts()))

    findings = with_fixes(diagnosis.findings, diagnosis.repairs, diagnosis.verdict, attempt, shapes)
    if not any(finding.severity == "error" for finding in findings):
        doubtful = warned(exploration.ways, model, ignored)
        findings = (*with_remedies(doubtful, findings, doubted), *findings)
    diagnosis = replace(diagnosis, findings=findings)
    return _finished(name, inputs, names, facts, exploration, diagnosis)


def _reshaped(item: Any, shapes: Mapping[str, Any]) -> Any:
    """Arguments with other shapes for some inputs, given by what messages call these."""
    if isinstance(item, Value):
        shape = shapes.get(item.words)
        return item if shape is None else Value(shape, item.dtype, words=item.words)
    if not shapes or type(item) not in (tuple, list, dict):  # packed sequences stay as they are
        return item
    return mapped(item, lambda part: _reshaped(part, shapes))


def _again(
    arguments: tuple[Any, ...], keywords: Mapping[str, Any], number: int
) -> tuple[tuple[Any, ...], dict[str, Any]]:
    """What a further call is given: the same with sizes of its own."""
    names = symbols_in([tuple(value) for value in values_in((*arguments, *keywords.values()))])
    renamed = _renamed(names, number)

    def other(item: Any) -> Any:
        if isinstance(item, Value):
            words = f"{item.words} of call {number}"
            return Value(substitute(tuple(item), renamed), item.dtype, words=words)
        return mapped(item, other)

    return tuple(map(other, arguments)), {key: other(item) for key, item in keywords.items()}


def _renamed(names: Iterable[str], number: int) -> dict[str, Size]:
    """Sizes of a further call by those of the first: ``B2`` for ``B``."""
    known = list(names)
    if number == 1:
        return {}
    apart = "_" if any(f"{name}{number}" in known for name in known) else ""
    return {name: symbol(f"{name}{apart}{number}") for name in known}


def _existing(values: Iterable[Value], facts: tuple[Constraint, ...]) -> Iterator[Constraint]:
    """That expressions such as ``T-2`` are sizes, where that says something."""
    computed = [s for v in values for s in v if isinstance(s, Dim) and s.symbols != (str(s),)]
    known = Facts(facts) if computed else None
    for size in dict.fromkeys(computed):
        relation = at_least(size, 0, Origin("sizes are at least 0", op="where"))
        if known is not None and known.decide(relation) is not True:
            yield relation


def _finished(
    name: str,
    inputs: Mapping[str, Any],
    names: list[str],
    facts: tuple[Constraint, ...],
    exploration: Exploration,
    diagnosis: Diagnosis,
) -> Report:
    main = exploration.ways[0]
    ended = [way for way in exploration.ways if way.outputs is not None]
    main = main if main.outputs is not None or not ended else ended[0]
    known = Facts((*facts, *diagnosis.inferred))
    found = _inferred(names, known)
    holding = known.copy()
    for condition in diagnosis.constraints:
        holding.assume(condition)

    def settled(size: Size) -> Size:
        return holding.settled(dims.substitute(size, found))

    paths = tuple(
        Path(
            tuple(c.substitute(found) for c in way.condition),
            way.values,
            tuple(c.substitute(found) for c in _demands(way)),
            substitute(way.outputs, found),
            way is main,
            way.instances,
            tuple(value.dtype if value is not None else "" for _, value in way.run.leaves),
        )
        for way in exploration.ways
    )
    shapes = substitute({key: _shapes(item) for key, item in inputs.items()}, found)
    return Report(
        verdict=diagnosis.verdict,
        findings=diagnosis.findings,
        constraints=diagnosis.constraints,
        inputs=shapes,
        outputs=with_sizes(main.outputs, settled),
        symbols=tuple(symbols_in(shapes)),
        graph=main.run.graph,
        make_module=lambda: executable(main.run),
        paths=paths,
        notes=diagnosis.notes,
        model=name,
        facts=facts,
        renderers={**FORMATS, **PICTURES},
        make_traces=lambda: tuple(traced(*one, settled) for one in main.drawn),
    )


def _inferred(names: list[str], known: Facts) -> dict[str, Size]:
    """What anonymous sizes were found to be, in named ones where these are known to be equal."""
    anonymous = [n for n in names if n.startswith("_")]
    named = {known.reduce(symbol(n)): symbol(n) for n in names if n not in anonymous}
    back = {str(size): name for size, name in named.items() if str(size) in anonymous}
    return {n: substitute(known.reduce(symbol(n)), back) for n in anonymous}


def _demands(way: Any) -> tuple[Constraint, ...]:
    """What must hold on a way; one that raises is never to be taken."""
    if way.run.raised is not None and not way.values:
        return (*way.demands, never())
    return tuple(way.demands)


def _shapes(item: Any) -> Any:
    """A tree of arguments with plain shapes as leaves."""
    if isinstance(item, Value):
        return tuple(item)
    if isinstance(item, dict):
        return {key: _shapes(part) for key, part in item.items()}
    if isinstance(item, list | tuple):
        return (
            type(item)(_shapes(part) for part in item)
            if type(item) in (list, tuple)
            else tuple(map(_shapes, item))
        )
    if is_dataclass(item) and not isinstance(item, type):
        return {field.name: _shapes(getattr(item, field.name)) for field in fields(item)}
    return item


def _contract(returns: Any, names: list[str], extra: int) -> Any:
    """The promised shapes of the result.

    Raises:
        SpecError: it speaks of a symbol that no input has.
    """
    promise = read(returns, "result", extra)
    for value in values_in(promise):
        for name in symbols_in(tuple(value)):
            if name not in names and not name.startswith("_"):
                has = ", ".join(names) or "none"
                raise SpecError(f"returns speaks of {name}, but the specs' symbols are {has}")
    return _shapes(promise)
