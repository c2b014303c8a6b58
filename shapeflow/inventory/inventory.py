"""What shapeflow does with each callable of torch."""

from __future__ import annotations

import inspect
import re
import sys
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from types import FunctionType
from typing import Any

import torch

from ..ops import lookup
from ..trace.answers import BY_NAME, GETTERS, READERS, makes_tensor
from ..trace.bodies import body_of
from ..trace.targets import LEAVES, rule_of
from . import operators
from .calls import calls
from .families import NAMESPACES, family_of, members, overridable

RULE, DATA, PROBED, OTHER = "rule", "data-dependent", "probed", "not an operation of shapes"
KINDS = {
    RULE: "its shape law is known; of Python code: all that it calls has a rule",
    DATA: "sizes of its result, or the result itself, depend on entries",
    PROBED: "has no rule: its shape law is fitted to runs on tensors without entries",
    OTHER: "says nothing of shapes, or is not for ordinary tensors",
}

REASONS = {  # by name, where torch itself gives nothing to ask
    r"cudnn_|miopen_|mkldnn_|to_mkldnn": "for one backend",
    r"fbgemm_|quantized_|quantize_per_|empty_quantized|dequantize|q_": "for quantized tensors",
    r".*sparse_|to_sparse|coalesce$|[hds]?s(pa|a)?(ddmm|mm)$": "for sparse tensors",
    r".*(row|col)_indices_copy|(indices|values)_copy$": "for sparse tensors",
    r"_?(as_)?nested_|to_padded_tensor": "for nested tensors",
    r"_native_multi_head|_transformer_encoder": "a fast path that a trace does not take",
    r"_?sym_": "computes with sizes, not with tensors",
    r"__(array|cuda_array|dlpack|setstate|reduce)|const_data_ptr$": "leaves torch",
    r"to_dlpack$|from_(dlpack|file|numpy)$|frombuffer$": "crosses the border of torch",
    r"(cond|while_loop|compile|vmap)$": "runs functions that it is given",
    r"__(complex|long|nonzero)__": "gives an entry to Python",
    r"(dim_order|storage_type|module_load)$|register_": "concerns how a tensor is kept",
    r"(apply|map2?)_$": "calls Python for each entry",
}


@dataclass(frozen=True)
class Item:
    """One callable.

    Attributes:
        family: the namespace where it is found.
        name: its name there.
        target: the dotted name that its rule goes by.
        kind: one of ``KINDS``.
        says: the rule's signature, or the reason.
        overridable: whether torch hands its calls over.
    """

    family: str
    name: str
    target: str
    kind: str
    says: str
    overridable: bool


def inventory() -> list[Item]:
    """All callables of the installed torch, by family and name."""
    found = []
    for namespace in NAMESPACES:
        family = family_of(namespace)
        for name, thing in members(namespace):
            target, kind, says = _module(thing) if inspect.isclass(thing) else judged(thing)
            found.append(Item(family, name, target, kind, says, thing in overridable()))
    return found


def share(items: Sequence[Item]) -> tuple[int, int]:
    """Of the overridable functions that return tensors of input-determined shape: ruled, all."""
    counted = {i.target: i.kind for i in items if i.overridable and i.kind in (RULE, PROBED)}
    return list(counted.values()).count(RULE), len(counted)


@cache
def judged(function: Callable[..., Any]) -> tuple[str, str, str]:
    """Target, kind and reason of a function, a method or a property's getter."""
    target, rule = rule_of(function)
    short = target.rpartition(".")[2]
    handler = GETTERS.get(function) or BY_NAME.get(target)
    if rule is not None:
        tagged = any(operators.is_data_dependent(name.rpartition(".")[2]) for name in rule.names)
        return target, DATA if tagged else RULE, rule.signature
    if handler is not None:
        return target, DATA if handler in READERS else OTHER, _answer(handler)
    if operators.is_data_dependent(short):
        return target, DATA, "has no rule yet"
    reason = _no_operation(function, short)
    if reason:
        return target, OTHER, reason
    if _runs_as_python(function):
        return target, *_python(function, "its own Python", torch.Tensor)
    return target, PROBED, ""


def _answer(handler: Any) -> str:
    """What the one who answers for a call says of it, or the one who made it."""
    home = sys.modules[handler.__module__]
    maker = getattr(home, handler.__qualname__.partition(".")[0], None)
    text = handler.__doc__ or getattr(maker, "__doc__", "") or "what is known of the tensor."
    return str(text.splitlines()[0].removesuffix("."))


def _runs_as_python(function: Callable[..., Any]) -> bool:
    """Whether a trace sees the calls that it makes."""
    return body_of(function) is not None or (
        isinstance(function, FunctionType) and function not in overridable()
    )


def _no_operation(function: Callable[..., Any], short: str) -> str:
    """Why a function without a rule needs none; empty where it does."""
    named = next((why for words, why in REASONS.items() if re.match(words, short)), "")
    return (
        named
        or operators.kernels(short)
        or operators.returned(short)
        or _property(function)
        or _annotated(function, short)
    )


def _property(getter: Any) -> str:
    """What a property is when it is no tensor."""
    if getattr(getter, "__name__", "") != "__get__":
        return ""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            value = getter(torch.ones(2, 2))
        except (AttributeError, RuntimeError, TypeError):
            return "ordinary tensors do not have it"
    return "" if isinstance(value, torch.Tensor) else "a property that is no tensor"


def _annotated(function: Callable[..., Any], short: str) -> str:
    """What a Python function says of itself: it returns no tensor, takes none, or is gone."""
    code = getattr(function, "__code__", None)
    if code and any("deprecated since" in c for c in code.co_consts if isinstance(c, str)):
        return "removed from torch"
    try:
        signature = inspect.signature(function)
    except (TypeError, ValueError):
        signature = inspect.Signature()
    result = signature.return_annotation
    text = result if isinstance(result, str) else inspect.formatannotation(result)
    typed = result is not inspect.Signature.empty and not inspect.isclass(function)
    if typed and ("TypeIs" in text or not re.search("Tensor|Packed|Any|Self|_T", text)):
        return f"returns {text}" if len(text) < 40 else "returns no tensor"
    if function in overridable() or operators.overloads(short):
        return ""
    return "" if "Tensor" in str(signature) and makes_tensor(function) else "takes no tensor"


def _python(function: Any, what: str, owner: type) -> tuple[str, str]:
    """Kind and reason of a function that is Python."""
    found = [judged(call) for call in calls(function, owner)]
    names = {target: kind for target, kind, _ in found}
    missing = sorted(name for name, kind in names.items() if kind == PROBED)
    if missing:
        return PROBED, f"{what}; without a rule: {', '.join(missing)}"
    ruled = sorted(name for name, kind in names.items() if kind != OTHER)
    if not ruled and owner is torch.Tensor:
        why = next((says for _, _, says in found if says == operators.NO_KERNEL), "")
        return (OTHER, f"{what}: {why}") if why else (PROBED, what)
    return RULE, ": ".join(filter(None, [what, ", ".join(ruled)]))


def _module(kind: Any) -> tuple[str, str, str]:
    """Target, kind and reason of a module class."""
    target = f"nn.{kind.__name__}"
    rule = lookup(LEAVES.get(kind, ""))
    if rule is not None:
        return target, RULE, rule.signature
    if kind.forward is torch.nn.Module.forward:
        return target, OTHER, "has no forward of its own"
    if kind.__module__.startswith(torch.nn.parallel.__name__):
        return target, OTHER, "spreads a module over devices"
    return target, *_python(kind.forward, "its own forward", kind)
