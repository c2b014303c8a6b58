"""One rule applied to one call: the rule's answer completed with dtypes and layouts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ..core.dims import Dim
from . import dtypes, entries, layout
from .call import Call
from .registry import Rule
from .value import Sizes, Value

NUMPY_NAMES = {"axis": "dim", "keepdims": "keepdim"}
"""Names of arguments that torch takes as well."""


def apply(rule: Rule, call: Call, args: Sequence[Any], kwargs: Mapping[str, Any]) -> Any:
    """What the operation returns: Values, sizes and plain Python objects, nested as torch's result.

    A rule returns a tuple of sizes for one tensor, a list for several results, and anything else
    as it is.
    """
    named = {NUMPY_NAMES.get(name, name): value for name, value in kwargs.items()}
    result = rule.function(call, *args, **named)
    tensors = [*args, *(v for v in named.values() if isinstance(v, Value))]
    result = _completed(rule, call, result, tensors)
    entries.pass_on(call, args, named, result)
    return result


def _completed(rule: Rule, call: Call, result: Any, args: Sequence[Any]) -> Any:
    if isinstance(result, list):
        return [_completed(rule, call, item, args) for item in result]
    dtype, strides, known = "", None, None
    if isinstance(result, Value):
        dtype, strides, known = result.dtype, result.strides, result.known
    elif isinstance(result, Sizes) or not _is_shape(result):
        return result
    if strides is None and rule.layout == "follow":
        strides = layout.follow(result, args, _common(rule, call, args))
    value = Value(result, dtype or _dtype(rule.dtype, call, args), strides, known)
    if isinstance(result, Value) and result.source is not None:
        value.source = result.source
    return value


def _is_shape(result: Any) -> bool:
    return isinstance(result, tuple) and all(isinstance(d, int | Dim) for d in result)


def _common(rule: Rule, call: Call, args: Sequence[Any]) -> str:
    """The dtype that operands are converted to, where that matters to how the result lies."""
    if not any(isinstance(x, Value) and x.strides is not None for x in args):
        return ""
    return _dtype("float" if rule.dtype == "float" else "promote", call, args)


def _dtype(policy: str, call: Call, args: Sequence[Any]) -> str:
    if policy in ("bool", "int64"):
        return policy
    found = dtypes.operands(args)
    if policy == "same":
        return next((x.dtype for x in found if isinstance(x, Value)), call.default_dtype)
    dtype = dtypes.result_type(found, call.default_dtype)
    return call.default_dtype if policy == "float" and dtypes.category(dtype) < 2 else dtype
