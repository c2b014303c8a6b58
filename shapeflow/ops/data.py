"""Tensors made from Python numbers: their shape by nesting, their dtype by kind."""

from __future__ import annotations

from typing import Any

from ..core.shape import Shape, product
from .call import Call
from .dtypes import category, of_number, promote_two
from .registry import op
from .value import Value


def shape_of(call: Call, data: Any) -> Shape:
    """The shape that nested lists of numbers have; lists of unequal lengths have none."""
    if isinstance(data, Value):
        call.equal(product(data), 1, "a tensor inside a list must be one number", kind="argument")
        return ()
    if isinstance(data, str) or data is None:
        call.fail("a tensor is made of numbers", kind="argument", of="data")
    if not isinstance(data, list | tuple | range):
        return ()
    inner = [shape_of(call, item) for item in data]
    if any(shape != inner[0] for shape in inner) and 0 not in inner[0]:
        call.fail("nested lists must have equal lengths", kind="argument", of="data")
    return (len(inner), *(inner[0] if inner else ()))


def dtype_of(call: Call, data: Any) -> str:
    """The dtype that nested lists of numbers have."""
    found = ""
    for item in _numbers(data):
        dtype = item.dtype if isinstance(item, Value) else of_number(item, call.default_dtype)
        found = promote_two(found, dtype) if found else dtype
    return found or call.default_dtype


def _numbers(data: Any) -> list[Any]:
    if isinstance(data, Value) or not isinstance(data, list | tuple | range):
        return [data]
    return [number for item in data for number in _numbers(item)]


@op("torch.tensor torch.as_tensor torch.asarray torch.scalar_tensor Tensor.new_tensor")
def tensor(call: Call, *args: Any, data: Any = None, dtype: Any = None, **options: Any) -> Value:
    """nested numbers -> a tensor of the nesting's shape"""
    given = [*args, *([] if data is None else [data]), *_other_names(options)]
    own = given.pop(0) if call.op.endswith("new_tensor") else None
    data, dtype = given[0], given[1] if len(given) > 1 and dtype is None else dtype
    if own is not None:
        dtype = dtype or own.dtype
    elif call.op.endswith("scalar_tensor"):
        dtype = dtype or call.default_dtype
    if isinstance(data, Value):
        kept = call.op.endswith(("as_tensor", "asarray")) and dtype in (None, data.dtype)
        return call.tensor(data, dtype or data.dtype, data.strides if kept else None, data.known)
    shape = shape_of(call, data)
    known = list(data) if isinstance(data, range) else data
    if 0 in shape:
        return call.tensor(shape, dtype or call.default_dtype)
    dtype = dtype or dtype_of(call, data)
    plain = all(type(x) in (bool, int, float, complex) for x in _numbers(data))
    return call.tensor(shape, dtype, known=_converted(known, dtype) if plain else None)


def _converted(known: Any, dtype: str) -> Any:
    """The entries as numbers of that dtype."""
    if isinstance(known, list | tuple):
        return [_converted(item, dtype) for item in known]
    kind: Any = (bool, int, float, complex)[category(dtype)]
    return kind(known)


def _other_names(options: dict[str, Any]) -> list[Any]:
    return [options[name] for name in ("obj", "s") if name in options]
