"""Calls that ask about a tensor instead of computing one, and calls that read its entries."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import torch

from ..core.shape import product
from ..ops import layout
from . import arguments
from .sizes import SymbolicFloat, wrap
from .targets import rule_of
from .tensor import SymbolicTensor

if TYPE_CHECKING:
    from .recorder import Recorder

Handler = Callable[["Recorder", Any, tuple[Any, ...], Mapping[str, Any]], Any]


def _value(recorder: Recorder, tensor: Any, what: str) -> Any:
    from .recorder import Blocked

    if not isinstance(tensor, SymbolicTensor):
        tensor = recorder.lift(tensor)
    if tensor.value is None:
        raise Blocked(f"{what} of a tensor whose shape is unknown")
    return tensor.value


def _shape(recorder: Recorder, function: Any, args: Any, kwargs: Any) -> Any:
    tensor = args[0]
    if not isinstance(tensor, SymbolicTensor):
        return function(*args, **kwargs)
    return torch.Size([wrap(size) for size in _value(recorder, tensor, "the shape")])


def _size(recorder: Recorder, function: Any, args: Any, kwargs: Any) -> Any:
    tensor = args[0]
    if not isinstance(tensor, SymbolicTensor):
        return function(*args, **kwargs)
    dim = args[1] if len(args) > 1 else kwargs.get("dim")
    if dim is None:
        return _shape(recorder, function, args, {})
    if tensor.value is None:  # quiet: the reason has been told
        return wrap(recorder.fresh("size"))
    value = tensor.value
    dim = int(dim)
    if not -max(len(value), 1) <= dim < max(len(value), 1):
        raise IndexError(
            f"Dimension out of range (expected to be in range of [{-len(value)}, {len(value) - 1}], "
            f"but got {dim})"
        )
    return wrap(value[dim])


def _rank(recorder: Recorder, function: Any, args: Any, kwargs: Any) -> Any:
    if not isinstance(args[0], SymbolicTensor):
        return function(*args, **kwargs)
    return len(_value(recorder, args[0], "the rank"))


def _length(recorder: Recorder, function: Any, args: Any, kwargs: Any) -> Any:
    if not isinstance(args[0], SymbolicTensor):
        return function(*args, **kwargs)
    value = _value(recorder, args[0], "the length")
    if not value:
        raise TypeError("len() of a 0-d tensor")
    return wrap(value[0])


def _numel(recorder: Recorder, function: Any, args: Any, kwargs: Any) -> Any:
    if not isinstance(args[0], SymbolicTensor):
        return function(*args, **kwargs)
    return wrap(product(_value(recorder, args[0], "the number of elements")))


def _stride(recorder: Recorder, function: Any, args: Any, kwargs: Any) -> Any:
    if not isinstance(args[0], SymbolicTensor):
        return function(*args, **kwargs)
    strides = tuple(wrap(s) for s in layout.strides_of(_value(recorder, args[0], "the strides")))
    dim = args[1] if len(args) > 1 else kwargs.get("dim")
    return strides if dim is None else strides[dim]


def _is_contiguous(recorder: Recorder, function: Any, args: Any, kwargs: Any) -> Any:
    if not isinstance(args[0], SymbolicTensor):
        return function(*args, **kwargs)
    value = _value(recorder, args[0], "the layout")
    return value.strides is None or layout.tidy(tuple(value), value.strides) is None


def _dtype(recorder: Recorder, function: Any, args: Any, kwargs: Any) -> Any:
    tensor = args[0]
    if not isinstance(tensor, SymbolicTensor) or tensor.value is None:
        return torch.float32 if isinstance(tensor, SymbolicTensor) else function(*args, **kwargs)
    return getattr(torch, tensor.value.dtype)


def _device(recorder: Recorder, function: Any, args: Any, kwargs: Any) -> Any:
    tensor = args[0]
    if not isinstance(tensor, SymbolicTensor) or tensor.value is None:
        return torch.device("cpu") if isinstance(tensor, SymbolicTensor) else function(*args, **kwargs)
    return torch.device(tensor.value.device)


def _dtype_question(recorder: Recorder, function: Any, args: Any, kwargs: Any) -> Any:
    if not isinstance(args[0], SymbolicTensor):
        return function(*args, **kwargs)
    return getattr(_dtype(recorder, function, args, kwargs), function.__name__)


def _says(answer: Any) -> Handler:
    """A question that has one answer for every symbolic tensor."""

    def handler(recorder: Recorder, function: Any, args: Any, kwargs: Any) -> Any:
        if args and isinstance(args[0], torch.Tensor) and not isinstance(args[0], SymbolicTensor):
            return function(*args, **kwargs)
        return answer

    return handler


def _passed(recorder: Recorder, function: Any, args: Any, kwargs: Any) -> Any:
    """Calls that concern the process, not a tensor."""
    return function(*args, **kwargs)


def _itself(recorder: Recorder, function: Any, args: Any, kwargs: Any) -> Any:
    """Calls that return their first argument and do nothing to its shape."""
    return args[0]


def _text(recorder: Recorder, function: Any, args: Any, kwargs: Any) -> Any:
    tensor = args[0]
    if not isinstance(tensor, SymbolicTensor):
        return function(*args, **kwargs)
    shape = "unknown" if tensor.value is None else ", ".join(map(str, tensor.value))
    return f"tensor(shape=({shape}))"


def _entry(recorder: Recorder, function: Any, args: Any, kwargs: Any) -> Any:
    """``item()`` and conversions to Python numbers: a known entry, or an unknown one."""
    from .recorder import Blocked

    tensor = args[0]
    if not isinstance(tensor, SymbolicTensor):
        return function(*args, **kwargs)
    if tensor.constant is not None:
        return getattr(tensor.constant(), function.__name__)()
    value = _value(recorder, tensor, "an entry")
    if value.known is not None and isinstance(value.known, int | float):
        return value.known
    name = function.__name__
    if name == "__bool__" or value.dtype == "bool":
        words = f"an entry of {tensor.node.name}"
        return recorder.oracle.choose_value(words, recorder.span_here())
    if name == "__float__":
        raise Blocked("float() of a tensor needs its entries", "data")
    unknown = recorder.fresh("item")
    if name in ("__int__", "__index__"):
        return recorder.instantiate(unknown, "an entry of a tensor is needed as a Python number")
    if value.dtype.startswith(("int", "uint")):
        return wrap(unknown)
    return SymbolicFloat(float, (wrap(unknown),), (unknown, 1))


def _entries(recorder: Recorder, function: Any, args: Any, kwargs: Any) -> Any:
    """``tolist()``: known entries, or a list of unknown ones."""
    tensor = args[0]
    if not isinstance(tensor, SymbolicTensor):
        return function(*args, **kwargs)
    if tensor.constant is not None:
        return tensor.constant().tolist()
    value = _value(recorder, tensor, "the entries")
    if isinstance(value.known, list):
        return value.known

    def nested(shape: tuple[Any, ...]) -> Any:
        if not shape:
            return wrap(recorder.fresh("item"))
        length = recorder.instantiate(shape[0], "a list needs a known length")
        return [nested(shape[1:]) for _ in range(length)]

    return nested(tuple(value))


def _blocked(recorder: Recorder, function: Any, args: Any, kwargs: Any) -> Any:
    """Calls that leave torch: nothing can be known of what happens there."""
    from .recorder import Blocked

    tensor = args[0]
    if not isinstance(tensor, SymbolicTensor):
        return function(*args, **kwargs)
    if tensor.constant is not None and function.__name__ in ("numpy", "__array__"):
        return getattr(tensor.constant(), function.__name__)(*args[1:], **kwargs)
    raise Blocked(f"{function.__name__}() takes the entries of a tensor out of torch", "opaque")


def _set_data(recorder: Recorder, function: Any, args: Any, kwargs: Any) -> None:
    """``x.data = y`` and ``x.grad = y``: the tensor stays what it is to the analysis."""
    if isinstance(args[0], SymbolicTensor) and function.__self__.__name__ == "data":
        other = args[1] if isinstance(args[1], SymbolicTensor) else recorder.lift(args[1])
        args[0].value, args[0].node, args[0].constant = other.value, other.node, other.constant


def makes_tensor(function: Any) -> bool:
    """Whether a call without tensors among its arguments may still return one."""
    return getattr(function, "__name__", "") not in _NO_TENSOR


def _getter(name: str) -> Any:
    return getattr(torch.Tensor, name).__get__


T = torch.Tensor
_FLAGS = "cuda cpu mps xpu xla ipu maia vulkan mkldnn quantized sparse sparse_csr nested meta mtia".split()
GETTERS: dict[Any, Handler] = {
    T.shape.__get__: _shape,
    T.size: _size,
    T.dim: _rank,
    T.ndim.__get__: _rank,
    T.ndimension: _rank,
    T.__len__: _length,
    T.numel: _numel,
    T.nelement: _numel,
    torch.numel: _numel,
    T.stride: _stride,
    T.is_contiguous: _is_contiguous,
    T.dtype.__get__: _dtype,
    T.device.__get__: _device,
    T.is_floating_point: _dtype_question,
    torch.is_floating_point: _dtype_question,
    T.is_complex: _dtype_question,
    torch.is_complex: _dtype_question,
    T.layout.__get__: _says(torch.strided),
    T.requires_grad.__get__: _says(False),
    T.is_leaf.__get__: _says(True),
    T.grad.__get__: _says(None),
    T.grad_fn.__get__: _says(None),
    T.itemsize.__get__: lambda r, f, a, k: _dtype(r, f, a, k).itemsize,
    T.element_size: lambda r, f, a, k: _dtype(r, f, a, k).itemsize,
    T.get_device: _says(-1),
    T.storage_offset: _says(0),
    T.is_pinned: _says(False),
    T.is_shared: _says(False),
    T.requires_grad_: _itself,
    T.retain_grad: _says(None),
    T.register_hook: _says(None),
    T.backward: _says(None),
    T.requires_grad.__set__: _says(None),
    T.data.__set__: _set_data,
    T.grad.__set__: _says(None),
    T.__repr__: _text,
    T.__format__: _text,
    T.item: _entry,
    T.__bool__: _entry,
    T.__int__: _entry,
    T.__index__: _entry,
    T.__float__: _entry,
    T.tolist: _entries,
    T.numpy: _blocked,
    T.__array__: _blocked,
    T.data_ptr: _blocked,
    T.storage: _blocked,
    T.untyped_storage: _blocked,
    T.__reduce_ex__: _blocked,
    T.__deepcopy__: lambda r, f, a, k: r.call(T.clone, (a[0],), {}),
    T.__hash__: _passed,
    torch.set_grad_enabled: _passed,
    torch.get_default_dtype: _passed,
}
"""What answers for each callable that is no operation on shapes."""
for _flag in _FLAGS:
    if hasattr(T, f"is_{_flag}"):
        GETTERS[getattr(T, f"is_{_flag}").__get__] = _says(_flag == "cpu")

_NO_TENSOR = frozenset(
    "set_grad_enabled _set_grad_enabled get_default_dtype set_default_dtype manual_seed seed "
    "initial_seed get_rng_state set_rng_state is_grad_enabled get_default_device device "
    "result_type promote_types can_cast finfo iinfo is_tensor _assert is_autocast_enabled".split()
)

BY_NAME: dict[str, Handler] = {
    f"torch.{name}": _passed
    for name in (
        "_set_grad_enabled device get_default_device set_default_device manual_seed "
        "promote_types can_cast set_default_dtype is_grad_enabled get_rng_state set_rng_state"
    ).split()
}


def _result_type(recorder: Recorder, function: Any, args: Any, kwargs: Any) -> Any:
    """``torch.result_type`` of symbolic tensors."""
    from ..ops import dtypes

    reader = arguments.Reader(recorder)
    return getattr(torch, dtypes.result_type(reader.read(args), recorder.default_dtype))


def _assert(recorder: Recorder, function: Any, args: Any, kwargs: Any) -> None:
    """``torch._assert``: as Python's assert."""
    condition = args[0]
    if not condition:
        raise AssertionError(args[1] if len(args) > 1 else kwargs.get("message", ""))


def _truth(recorder: Recorder, function: Any, args: Any, kwargs: Any) -> bool:
    """``torch.equal`` and ``torch.allclose``: a question about entries."""
    return bool(recorder.oracle.choose_value(f"torch.{function.__name__}", recorder.span_here()))


def _same_dtype(recorder: Recorder, function: Any, args: Any, kwargs: Any) -> str:
    """``Tensor.type()`` without arguments, as text; with one it is a conversion."""
    if len(args) == 1 and not kwargs:
        return str(T.type(torch.empty(0, dtype=_dtype(recorder, T.dtype.__get__, args, {}))))
    return recorder.call(T.to, (args[0], _named_dtype(args[1])), {})


def _named_dtype(kind: Any) -> Any:
    if not isinstance(kind, str | type):
        return kind
    name = kind if isinstance(kind, str) else f"{kind.__module__}.{kind.__name__}"
    return getattr(torch, name.rpartition(".")[2].removesuffix("Tensor").lower())


def _tensor_of(recorder: Recorder, function: Any, args: Any, kwargs: Any) -> Any:
    """``torch.as_tensor(x)`` of a tensor is a conversion."""
    if isinstance(args[0], torch.Tensor):
        named = {k: v for k, v in kwargs.items() if k in ("dtype", "device") and v is not None}
        return recorder.call(T.to, (args[0], *args[1:2]), named) if named or args[1:2] else args[0]
    name, rule = rule_of(function)
    return recorder.apply(name, rule, function, args, kwargs)


BY_NAME.update(
    {
        "torch.result_type": _result_type,
        "torch._assert": _assert,
        "torch.equal": _truth,
        "Tensor.equal": _truth,
        "torch.allclose": _truth,
        "Tensor.allclose": _truth,
        "Tensor.type": _same_dtype,
        "torch.as_tensor": _tensor_of,
    }
)

__all__ = ["BY_NAME", "GETTERS", "makes_tensor"]
