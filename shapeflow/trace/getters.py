"""Calls that ask about a tensor instead of computing one, and calls that read its entries."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import torch

from ..core.shape import product
from ..ops import layout
from . import arguments
from .floats import SymbolicFloat, unknown_entry
from .sizes import wrap
from .targets import rule_of
from .tensor import SymbolicTensor

if TYPE_CHECKING:
    from .recorder import Recorder

Handler = Callable[["Recorder", Any, tuple[Any, ...], Mapping[str, Any]], Any]


def _value(recorder: Recorder, tensor: Any, what: str) -> Any:
    value = recorder.symbolic(tensor).value
    if value is None:
        raise recorder.blocked(f"{what} of a tensor whose shape is unknown", "follows")
    return value


def _asked(handler: Handler) -> Handler:
    """A question to a symbolic tensor; real ones answer for themselves."""

    def answer(recorder: Recorder, function: Any, args: Any, kwargs: Any) -> Any:
        tensor = args[0] if args else next(iter(kwargs.values()))
        if tensor.__class__ is not SymbolicTensor:
            tensor = recorder.seen(tensor)
            if tensor.__class__ is not SymbolicTensor:
                return function(*args, **kwargs)
        return handler(recorder, function, (tensor, *args[1:]), kwargs)

    return answer


@_asked
def _shape(recorder: Recorder, function: Any, args: Any, kwargs: Any) -> Any:
    return torch.Size([wrap(size) for size in _value(recorder, args[0], "the shape")])


@_asked
def _size(recorder: Recorder, function: Any, args: Any, kwargs: Any) -> Any:
    tensor = args[0]
    dim = args[1] if len(args) > 1 else kwargs.get("dim")
    if dim is None:
        return _shape(recorder, function, args, {})
    if tensor.value is None:  # quiet: the reason has been told
        return wrap(recorder.fresh("size"))
    value = tensor.value
    dim = int(dim)
    if not -max(len(value), 1) <= dim < max(len(value), 1):
        raise IndexError(
            "Dimension out of range (expected to be in range of "
            f"[{-len(value)}, {len(value) - 1}], "
            f"but got {dim})"
        )
    return wrap(value[dim])


@_asked
def _rank(recorder: Recorder, function: Any, args: Any, kwargs: Any) -> Any:
    return len(_value(recorder, args[0], "the rank"))


@_asked
def _length(recorder: Recorder, function: Any, args: Any, kwargs: Any) -> Any:
    value = _value(recorder, args[0], "the length")
    if not value:
        raise TypeError("len() of a 0-d tensor")
    return wrap(value[0])


@_asked
def _numel(recorder: Recorder, function: Any, args: Any, kwargs: Any) -> Any:
    return wrap(product(_value(recorder, args[0], "the number of elements")))


@_asked
def _stride(recorder: Recorder, function: Any, args: Any, kwargs: Any) -> Any:
    strides = tuple(wrap(s) for s in layout.strides_of(_value(recorder, args[0], "the strides")))
    dim = args[1] if len(args) > 1 else kwargs.get("dim")
    return strides if dim is None else strides[dim]


@_asked
def _is_contiguous(recorder: Recorder, function: Any, args: Any, kwargs: Any) -> Any:
    value = _value(recorder, args[0], "the layout")
    return value.strides is None or layout.tidy(tuple(value), value.strides) is None


@_asked
def _dtype(recorder: Recorder, function: Any, args: Any, kwargs: Any) -> Any:
    value = args[0].value
    return torch.float32 if value is None else getattr(torch, value.dtype)


@_asked
def _device(recorder: Recorder, function: Any, args: Any, kwargs: Any) -> Any:
    value = args[0].value
    return torch.device("cpu" if value is None else value.device)


@_asked
def _dtype_question(recorder: Recorder, function: Any, args: Any, kwargs: Any) -> Any:
    return getattr(_dtype(recorder, function, args, kwargs), function.__name__)


def _says(answer: Any) -> Handler:
    """A question that has one answer for every symbolic tensor."""

    def handler(recorder: Recorder, function: Any, args: Any, kwargs: Any) -> Any:
        if args and isinstance(args[0], torch.Tensor) and not isinstance(args[0], SymbolicTensor):
            return function(*args, **kwargs)
        return answer

    return handler


def _ignored(answer: Any) -> Handler:
    """A call that would change the user's tensors, or concerns gradients: it is not made."""

    def handler(recorder: Recorder, function: Any, args: Any, kwargs: Any) -> Any:
        return answer

    return handler


def _passed(recorder: Recorder, function: Any, args: Any, kwargs: Any) -> Any:
    """Calls that concern the process, not a tensor."""
    return function(*args, **kwargs)


def _itself(recorder: Recorder, function: Any, args: Any, kwargs: Any) -> Any:
    """Calls that return their first argument and do nothing to its shape."""
    return args[0]


@_asked
def _text(recorder: Recorder, function: Any, args: Any, kwargs: Any) -> Any:
    tensor = args[0]
    shape = "unknown" if tensor.value is None else ", ".join(map(str, tensor.value))
    return f"tensor(shape=({shape}))"


@_asked
def _entry(recorder: Recorder, function: Any, args: Any, kwargs: Any) -> Any:
    """``item()`` and conversions to Python numbers: a known entry, or an unknown one."""
    tensor, name = args[0], function.__name__
    if tensor.constant is not None:
        return getattr(tensor.constant(), name)()
    value = _value(recorder, tensor, "an entry")
    if isinstance(value.known, int | float):
        return getattr(torch.tensor(value.known), name)()
    if name == "__bool__" or value.dtype == "bool":
        return recorder.choose_value(f"an entry of {tensor.node.name}")
    if name == "__float__":
        raise recorder.blocked("float() of a tensor needs its entries", "data")
    if name in ("__int__", "__index__"):
        why = "an entry of a tensor is needed as a Python number"
        return recorder.instantiate(recorder.fresh("item"), why)
    if value.dtype.startswith(("int", "uint")):
        return wrap(recorder.fresh("item"))
    return SymbolicFloat(unknown_entry, (tensor.node.name,))


@_asked
def _entries(recorder: Recorder, function: Any, args: Any, kwargs: Any) -> Any:
    """``tolist()``: known entries, or a list of unknown ones."""
    tensor = args[0]
    if tensor.constant is not None:
        return tensor.constant().tolist()
    value = _value(recorder, tensor, "the entries")
    if isinstance(value.known, list) and None not in value.known:
        return value.known
    whole = value.dtype.startswith(("int", "uint"))

    def nested(shape: tuple[Any, ...]) -> Any:
        if not shape:
            if whole:
                return wrap(recorder.fresh("item"))
            return SymbolicFloat(unknown_entry, (tensor.node.name,))
        length = recorder.instantiate(shape[0], "a list needs a known length")
        return [nested(shape[1:]) for _ in range(length)]

    return nested(tuple(value))


def _array(recorder: Recorder, function: Any, args: Any, kwargs: Any) -> Any:
    """``numpy()``: a copy of known entries, so that nobody writes into the user's tensors."""
    tensor = recorder.seen(args[0])
    if not isinstance(tensor, SymbolicTensor):
        return function(tensor.clone(), *args[1:], **kwargs)
    if tensor.constant is not None:
        return function(tensor.constant().clone(), *args[1:], **kwargs)
    return _blocked(recorder, function, (tensor,), kwargs)


@_asked
def _blocked(recorder: Recorder, function: Any, args: Any, kwargs: Any) -> Any:
    """Calls that leave torch: nothing can be known of what happens there."""
    raise recorder.blocked(f"{function.__name__}() takes the entries of a tensor out of torch")


def _set_data(recorder: Recorder, function: Any, args: Any, kwargs: Any) -> None:
    """``x.data = y``: from here on the tensor is what the other one is."""
    target, other = recorder.seen(args[0]), recorder.symbolic(args[1])
    if not isinstance(target, SymbolicTensor):
        recorder.replace(target, other)
        return
    target.value, target.node, target.constant = other.value, other.node, other.constant


def makes_tensor(function: Any) -> bool:
    """Whether a call without tensors among its arguments may still return one."""
    name = getattr(function, "__name__", "").lstrip("_")
    return name not in _NO_TENSOR and not name.startswith(_NO_TENSORS)


T: Any = torch.Tensor
_FLAGS = (
    "cuda cpu mps xpu xla ipu maia vulkan mkldnn quantized sparse sparse_csr nested meta mtia"
).split()
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
    T.share_memory_: _itself,
    T.pin_memory: _itself,
    T.is_inference: _says(False),
    T._is_view: _says(False),
    T.retains_grad.__get__: _says(False),
    T._version.__get__: _says(0),
    T.output_nr.__get__: _says(0),
    T.name.__get__: _says(None),
    T._backward_hooks.__get__: _says(None),
    T.__dir__: _says(dir(torch.Tensor)),
    T.is_set_to: lambda r, f, a, k: a[0] is a[1],
    T.nbytes.__get__: lambda r, f, a, k: _numel(r, f, a, k) * _dtype(r, f, a, k).itemsize,
    T.retain_grad: _ignored(None),
    T.register_hook: _ignored(None),
    T.backward: _ignored(None),
    T.requires_grad.__set__: _ignored(None),
    T.data.__set__: _set_data,
    T.grad.__set__: _ignored(None),
    T.__repr__: _text,
    T.__format__: _text,
    T.item: _entry,
    T.__bool__: _entry,
    T.__int__: _entry,
    T.__index__: _entry,
    T.__float__: _entry,
    T.tolist: _entries,
    T.numpy: _array,
    T.__array__: _array,
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

_NO_TENSORS = ("is_", "set_", "record_function", "has_", "autocast_", "clear_autocast")
_NO_TENSOR = frozenset(
    "get_default_dtype manual_seed seed initial_seed get_rng_state get_default_device device "
    "result_type promote_types can_cast finfo iinfo assert get_autocast_dtype "
    "get_autocast_cpu_dtype get_autocast_gpu_dtype".split()
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
    return recorder.choose_value(f"torch.{function.__name__}")


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
    assert rule is not None
    return recorder.apply(name, rule, function, args, kwargs)


def _initialised(recorder: Recorder, function: Any, args: Any, kwargs: Any) -> Any:
    """``torch.nn.init``: new entries in the same tensor."""
    return recorder.call(T.zero_, (args[0] if args else kwargs["tensor"],), {})


def _gradients(recorder: Recorder, function: Any, args: Any, kwargs: Any) -> Any:
    """``torch.autograd.grad``: as many tensors as inputs, of their shapes."""
    inputs = kwargs["inputs"] if "inputs" in kwargs else args[1]
    inputs = (inputs,) if isinstance(inputs, torch.Tensor) else tuple(inputs)
    return tuple(recorder.call(torch.zeros_like, (x,), {}) for x in inputs)


BY_NAME.update(
    {
        "torch._is_all_true": lambda r, f, a, k: r.call(torch.all, a[:1], {}),
        "torch._is_any_true": lambda r, f, a, k: r.call(torch.any, a[:1], {}),
        "torch._nested_tensor_from_mask_left_aligned": _ignored(False),
        "torch.autograd.grad": _gradients,
        "torch.result_type": _result_type,
        "torch._assert": _assert,
        "torch.equal": _truth,
        "Tensor.equal": _truth,
        "torch.allclose": _truth,
        "Tensor.allclose": _truth,
        "Tensor.type": _same_dtype,
        **{f"torch.nn.init.{name}": _initialised for name in dir(torch.nn.init)},
        "torch.as_tensor": _tensor_of,
    }
)

__all__ = ["BY_NAME", "GETTERS", "makes_tensor"]
