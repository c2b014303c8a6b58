"""The same tensor with another dtype, device or place in memory."""

from __future__ import annotations

from typing import Any

from ..core import constraint
from ..core.shape import product
from . import layout
from .call import Call
from .common import like
from .dtypes import COMPLEX_OF, FLOAT_OF, category, is_name
from .registry import enter, op
from .value import Value

CASTS = {
    "double": "float64", "float": "float32", "half": "float16", "bfloat16": "bfloat16",
    "long": "int64", "int": "int32", "short": "int16", "char": "int8", "byte": "uint8",
    "bool": "bool", "cfloat": "complex64", "cdouble": "complex128", "chalf": "complex32",
}  # fmt: skip
TYPES = {
    "Float": "float32", "Double": "float64", "Half": "float16", "BFloat16": "bfloat16",
    "Long": "int64", "Int": "int32", "Short": "int16", "Char": "int8", "Byte": "uint8",
    "Bool": "bool", "ComplexFloat": "complex64", "ComplexDouble": "complex128",
}  # fmt: skip
UNCHANGED = """torch.detach torch.conj conj detach data cpu cuda xpu pin_memory
    share_memory_ resolve_conj resolve_neg __deepcopy__"""


def cast(call: Call, x: Value, dtype: str, memory_format: Any = None, copy: Any = False) -> Value:
    """``x`` as that dtype: itself where nothing changes, else a copy that lies like it."""
    wanted = layout.formatted(x, memory_format)
    if wanted is None and "channels_last" in str(memory_format):
        call.fail("this memory format needs another number of axes", kind="rank", of="input")
    if wanted is not None or "contiguous_format" in str(memory_format):
        return call.tensor(x, dtype, None if wanted is None else layout.tidy(x, wanted))
    if dtype == x.dtype and not copy:
        return call.tensor(x, dtype, x.strides)
    return like(call, x, dtype)


@op("Tensor.to", layout="view")
def to(call: Call, input: Value, *args: Any, **options: Any) -> Value:
    """(*S) -> (*S)"""
    others = [x for x in (*args, options.get("other")) if isinstance(x, Value)]
    names = [x for x in (*args, options.get("dtype")) if is_name(x)]
    first = args[0] if args else None
    flags = [x for x in args[isinstance(first, bool) :] if isinstance(x, bool)]
    copy = options.get("copy", flags[1] if len(flags) > 1 else False)
    dtype = others[0].dtype if others else names[0] if names else input.dtype
    if isinstance(first, bool | float | complex):  # stands for a tensor of that one number
        dtype = {"bool": "bool", "float": "float64"}.get(type(first).__name__, "complex128")
    return cast(call, input, dtype, options.get("memory_format"), copy)


@op("Tensor.type", layout="view")
def type_(call: Call, input: Value, dtype: Any = None, non_blocking: Any = False) -> Any:
    """(*S) -> (*S)"""
    if dtype is None:
        names = {name: key for key, name in TYPES.items()}
        return f"torch.{names[input.dtype]}Tensor"
    if not is_name(dtype):
        dtype = TYPES.get(str(dtype).rpartition(".")[2].removesuffix("Tensor"), "")
    if not dtype:
        call.fail("the type is not one that tensors have", kind="dtype")
    return cast(call, input, dtype)


@op("Tensor.type_as", layout="view")
def type_as(call: Call, input: Value, other: Value) -> Value:
    """(*S), (*R) -> (*S)"""
    return cast(call, input, other.dtype)


@op("clone", layout="view")
def clone(call: Call, input: Value, *, memory_format: Any = None) -> Value:
    """(*S) -> (*S)"""
    return cast(call, input, input.dtype, memory_format, copy=True)


@op("Tensor.contiguous", layout="view")
def contiguous(call: Call, input: Value, memory_format: Any = "torch.contiguous_format") -> Value:
    """(*S) -> (*S)"""
    return cast(call, input, input.dtype, memory_format)


@op("Tensor.requires_grad_", layout="view")
def requires_grad(call: Call, input: Value, requires_grad: bool = True) -> Value:
    """(*S) -> (*S)"""
    if requires_grad and category(input.dtype) < 2:
        call.wrong("only float and complex tensors can require gradients", kind="dtype", of="input")
    return unchanged(call, input)


def unchanged(call: Call, input: Value, *args: Any, **options: Any) -> Value:
    """(*S) -> (*S)"""
    return call.tensor(input, input.dtype, input.strides, input.known)


@op(
    "Tensor.item Tensor.__bool__ Tensor.__nonzero__ Tensor.__int__ Tensor.__long__",
    "Tensor.__index__ Tensor.__float__ Tensor.__complex__ is_nonzero",
    dtype="none",
)
def item(call: Call, input: Value) -> None:
    """(*S) of one entry -> a number"""
    because = "only a tensor of just one entry can be read as a number"
    call.equal(product(input), 1, because, kind="elements", of="input")
    if call.op.endswith("__index__") and category(input.dtype) > 1:
        call.wrong("an index must be a whole number", kind="dtype", of="input")


def _named(dtype: str) -> Any:
    def converted(call: Call, input: Value, memory_format: Any = None) -> Value:
        """(*S) -> (*S)"""
        return cast(call, input, dtype, memory_format)

    return converted


_names = [name if "." in name else f"Tensor.{name}" for name in UNCHANGED.split()]
enter(tuple(_names), unchanged, "same", "view")
for _name, _dtype in CASTS.items():
    enter((f"Tensor.{_name}",), _named(_dtype), "same", "view")


@op("real imag", layout="view")
def real(call: Call, input: Value) -> Value:
    """(*S) -> (*S)"""
    if category(input.dtype) == 3:
        strides = (2 * s for s in layout.strides_of(input))
        return layout.view(call.tensor(input, FLOAT_OF[input.dtype]), input, strides)
    if call.op.endswith("imag"):
        call.fail("only complex tensors have an imaginary part", kind="dtype", of="input")
    return call.tensor(input, input.dtype, input.strides)


@op("view_as_real", layout="view")
def view_as_real(call: Call, input: Value) -> Value:
    """(*S) -> (*S, 2)"""
    if category(input.dtype) != 3:
        call.fail("view_as_real is for complex tensors", kind="dtype", of="input")
    strides = tuple(2 * s for s in layout.strides_of(input))
    return layout.view(call.tensor(input, FLOAT_OF[input.dtype]), (*input, 2), (*strides, 1))


@op("view_as_complex", layout="view")
def view_as_complex(call: Call, input: Value) -> Value:
    """(*S, 2) -> (*S)"""
    if input.dtype not in ("float16", "float32", "float64"):
        call.fail("view_as_complex is for float tensors", kind="dtype", of="input")
    if not len(input):
        call.fail("view_as_complex needs a last axis of size 2", kind="rank", of="input")
    call.equal(input[-1], 2, "the last axis must hold a real and an imaginary part", kind="size",
               of="input", axis=-1)  # fmt: skip
    *strides, last = layout.strides_of(input)
    call.equal(last, 1, "both parts must lie side by side", kind="layout", of="input")
    because = "the entries must start at whole complex numbers"
    steps = []
    for stride, size in zip(strides, input, strict=False):
        whole = constraint.any_of([constraint.equal(size, 1), constraint.divides(2, stride)])
        call.require(whole, because, kind="layout", of="input")
        steps.append(stride // 2)
    return layout.view(call.tensor(input, COMPLEX_OF[input.dtype]), tuple(input[:-1]), steps)
