"""The table of rules: which function answers for which operation.

Targets are dotted strings, so that the rules can be listed, documented and tested without torch::

    torch.cat   a function of torch        Tensor.view   a method or property
    F.pad       torch.nn.functional        nn.LSTM       a module that is a leaf of the trace
    cat         any of torch, Tensor and F

A rule registered as ``relu`` also answers for ``relu_``; the tracer adds what in-place means.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from inspect import Parameter, signature
from typing import Any, TypeVar

RuleFunction = TypeVar("RuleFunction", bound=Callable[..., Any])

DTYPES = ("same", "promote", "float", "bool", "int64", "none")
LAYOUTS = ("contiguous", "follow", "view")


@dataclass(frozen=True)
class Rule:
    """One rule.

    Attributes:
        names: the targets it answers for.
        function: the rule itself; takes a Call, then torch's own arguments.
        dtype: what the dtype of a result is when the rule does not say: that of the first tensor
            ("same"), torch's promotion of all ("promote"), promotion and then at least float
            ("float"), or a fixed one.
        layout: how a result lies in memory when the rule does not say: contiguous, in the order of
            its operands ("follow"), or as the rule says because it is a view ("view").
    """

    names: tuple[str, ...]
    function: Callable[..., Any]
    dtype: str
    layout: str

    @cached_property
    def signature(self) -> str:
        """The shape law, first line of the rule's docstring."""
        return (self.function.__doc__ or "").strip().splitlines()[0]

    @cached_property
    def first(self) -> str:
        """The name of the first operand."""
        names = list(signature(self.function).parameters)
        return names[1] if len(names) > 1 else ""

    @cached_property
    def attributes(self) -> tuple[str, ...]:
        """The attributes of a module that the rule asks for: its keyword-only parameters."""
        parameters = signature(self.function).parameters.values()
        return tuple(p.name for p in parameters if p.kind is Parameter.KEYWORD_ONLY)


_RULES: dict[str, Rule] = {}


def op(
    *names: str, dtype: str = "same", layout: str = "contiguous"
) -> Callable[[RuleFunction], RuleFunction]:
    """Registers the decorated function as the rule of ``names`` (each may hold several words)."""
    targets = tuple(name for words in names for name in words.split())

    def register(function: RuleFunction) -> RuleFunction:
        enter(targets, function, dtype, layout)
        return function

    return register


def enter(
    names: tuple[str, ...], function: Callable[..., Any], dtype: str, layout: str
) -> None:
    """Puts a rule into the table; ValueError for a name that has one, or a missing signature."""
    if not (function.__doc__ or "").strip():
        raise ValueError(f"the rule of {names[0]} needs its shape law as docstring")
    if dtype not in DTYPES or layout not in LAYOUTS:
        raise ValueError(f"the rule of {names[0]}: unknown dtype {dtype!r} or layout {layout!r}")
    rule = Rule(names, function, dtype, layout)
    for name in names:
        if name in _RULES:
            raise ValueError(f"two rules for {name}")
        _RULES[name] = rule


def bare(name: str) -> str:
    """A name without the mark that operations in place have."""
    return name[:-1] if name.endswith("_") and not name.endswith("__") else name


def lookup(target: str) -> Rule | None:
    """The rule of a dotted target, None where there is none."""
    rule = _RULES.get(target)
    if rule is not None:
        return rule
    prefix, _, name = target.rpartition(".")
    if prefix not in ("torch", "Tensor", "F"):
        return None
    rule = _RULES.get(name)
    if rule is None and bare(name) != name:
        return lookup(bare(target))
    return rule


def rules() -> Iterator[Rule]:
    """All rules, each once, in order of registration."""
    yield from dict.fromkeys(_RULES.values())
