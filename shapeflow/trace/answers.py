"""What answers for the callables of torch that are no operations on shapes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch

from . import arguments, conjugates
from . import getters as ask
from .getters import Handler
from .readers import all_entries, array, contains, entry, truth
from .targets import rule_of

if TYPE_CHECKING:
    from .recorder import Recorder

T: Any = torch.Tensor
_FLAGS = (
    "cuda cpu mps xpu xla ipu maia vulkan mkldnn quantized sparse sparse_csr nested meta mtia"
).split()
GETTERS: dict[Any, Handler] = {
    T.shape.__get__: ask.shape_of,
    T.size: ask.size_of,
    T.dim: ask.rank,
    T.ndim.__get__: ask.rank,
    T.ndimension: ask.rank,
    T.__len__: ask.length,
    T.numel: ask.numel,
    T.nelement: ask.numel,
    torch.numel: ask.numel,
    T.stride: ask.stride,
    T.dtype.__get__: ask.dtype,
    T.device.__get__: ask.device,
    T.is_floating_point: ask.dtype_question,
    torch.is_floating_point: ask.dtype_question,
    T.is_complex: ask.dtype_question,
    torch.is_complex: ask.dtype_question,
    T.layout.__get__: ask.says(torch.strided),
    T.requires_grad.__get__: ask.says(False),
    T.is_leaf.__get__: ask.says(True),
    T.grad.__get__: ask.says(None),
    T.grad_fn.__get__: ask.says(None),
    T.itemsize.__get__: lambda r, f, a, k: ask.dtype(r, f, a, k).itemsize,
    T.element_size: lambda r, f, a, k: ask.dtype(r, f, a, k).itemsize,
    T.get_device: ask.says(-1),
    T.storage_offset: ask.says(0),
    T.is_pinned: ask.says(False),
    T.is_shared: ask.says(False),
    T.requires_grad_: ask.differentiable,
    T.share_memory_: ask.itself,
    T.pin_memory: ask.itself,
    T.is_inference: ask.says(False),
    torch.is_inference: ask.says(False),
    torch.get_device: ask.says(-1),
    **{home.is_conj: ask.asked(conjugates.is_conj) for home in (T, torch)},
    **{home.is_neg: ask.asked(conjugates.is_neg) for home in (T, torch)},
    **{call: ask.says(False) for call in (T.is_distributed, torch.is_distributed)},
    T._is_view: ask.says(False),
    T.retains_grad.__get__: ask.says(False),
    T._version.__get__: ask.says(0),
    T.output_nr.__get__: ask.says(0),
    T.name.__get__: ask.says(None),
    T._backward_hooks.__get__: ask.says(None),
    T.__dir__: ask.says(dir(torch.Tensor)),
    T.is_set_to: lambda r, f, a, k: a[0] is a[1],
    T.nbytes.__get__: lambda r, f, a, k: ask.numel(r, f, a, k) * ask.dtype(r, f, a, k).itemsize,
    T.retain_grad: ask.ignored(None),
    T.register_hook: ask.ignored(None),
    T.backward: ask.ignored(None),
    T.requires_grad.__set__: ask.ignored(None),
    T.data.__set__: ask.set_data,
    T.grad.__set__: ask.ignored(None),
    T.__repr__: ask.text,
    T.__format__: ask.text,
    T.item: entry,
    T.__bool__: entry,
    T.__int__: entry,
    T.__index__: entry,
    T.__nonzero__: entry,
    T.__long__: entry,
    T.__float__: entry,
    T.is_nonzero: entry,
    torch.is_nonzero: entry,
    T.__contains__: contains,
    T.tolist: all_entries,
    T.numpy: array,
    T.__array__: array,
    T.data_ptr: ask.blocked,
    T.storage: ask.blocked,
    T.untyped_storage: ask.blocked,
    T.__reduce_ex__: ask.blocked,
    T.__deepcopy__: lambda r, f, a, k: r.call(T.clone, (a[0],), {}),
    T.__hash__: ask.passed,
    torch.set_grad_enabled: ask.passed,
    torch.get_default_dtype: ask.passed,
}
"""What answers for each callable that is no operation on shapes."""
for _flag in _FLAGS:
    if hasattr(T, f"is_{_flag}"):
        GETTERS[getattr(T, f"is_{_flag}").__get__] = ask.says(_flag == "cpu")


def result_type(recorder: Recorder, function: Any, args: Any, kwargs: Any) -> Any:
    """``torch.result_type`` of symbolic tensors."""
    from ..ops import dtypes

    reader = arguments.Reader(recorder)
    return getattr(torch, dtypes.result_type(reader.read(args), recorder.default_dtype))


def asserted(recorder: Recorder, function: Any, args: Any, kwargs: Any) -> None:
    """``torch._assert``: as Python's assert."""
    condition = args[0]
    if not condition:
        raise AssertionError(args[1] if len(args) > 1 else kwargs.get("message", ""))


def same_dtype(recorder: Recorder, function: Any, args: Any, kwargs: Any) -> str:
    """``Tensor.type()`` without arguments, as text; with one it is a conversion."""
    if len(args) == 1 and not kwargs:
        return str(T.type(torch.empty(0, dtype=ask.dtype(recorder, T.dtype.__get__, args, {}))))
    return recorder.call(T.to, (args[0], _named_dtype(args[1])), {})


def _named_dtype(kind: Any) -> Any:
    if not isinstance(kind, str | type):
        return kind
    name = kind if isinstance(kind, str) else f"{kind.__module__}.{kind.__name__}"
    return getattr(torch, name.rpartition(".")[2].removesuffix("Tensor").lower())


def tensor_of(recorder: Recorder, function: Any, args: Any, kwargs: Any) -> Any:
    """``torch.as_tensor(x)`` of a tensor is a conversion."""
    if isinstance(args[0], torch.Tensor):
        named = {k: v for k, v in kwargs.items() if k in ("dtype", "device") and v is not None}
        return recorder.call(T.to, (args[0], *args[1:2]), named) if named or args[1:2] else args[0]
    name, rule = rule_of(function)
    assert rule is not None
    return recorder.apply(name, rule, function, args, kwargs)


def initialised(recorder: Recorder, function: Any, args: Any, kwargs: Any) -> Any:
    """``torch.nn.init``: new entries in the same tensor."""
    return recorder.call(T.zero_, (args[0] if args else kwargs["tensor"],), {})


def target_of(recorder: Recorder, function: Any, args: Any, kwargs: Any) -> Any:
    """What ``Module.to`` asks of its arguments: device, dtype, whether to wait, memory format."""
    like = args[0] if args else kwargs.get("tensor")
    if not isinstance(like, torch.Tensor):
        return function(*args, **kwargs)
    kind, place = (
        ask.dtype(recorder, T.dtype.__get__, (like,), {}),
        ask.device(recorder, T.device.__get__, (like,), {}),
    )
    return place, kind, kwargs.get("non_blocking", False), kwargs.get("memory_format")


def gradients(recorder: Recorder, function: Any, args: Any, kwargs: Any) -> Any:
    """``torch.autograd.grad``: as many tensors as inputs, of their shapes."""
    inputs = kwargs["inputs"] if "inputs" in kwargs else args[1]
    inputs = (inputs,) if isinstance(inputs, torch.Tensor) else tuple(inputs)
    return tuple(recorder.call(torch.zeros_like, (x,), {}) for x in inputs)


BY_NAME: dict[str, Handler] = {
    f"torch.{name}": ask.passed
    for name in (
        "_set_grad_enabled device get_default_device set_default_device manual_seed "
        "promote_types can_cast set_default_dtype is_grad_enabled get_rng_state set_rng_state"
    ).split()
}
BY_NAME.update(
    {
        "torch._is_all_true": lambda r, f, a, k: r.call(torch.all, a[:1], {}),
        "torch._is_any_true": lambda r, f, a, k: r.call(torch.any, a[:1], {}),
        "torch._nested_tensor_from_mask_left_aligned": ask.ignored(False),
        "torch.autograd.grad": gradients,
        "F._parse_to": target_of,
        "torch.result_type": result_type,
        "torch._assert": asserted,
        "torch.equal": truth,
        "Tensor.equal": truth,
        "torch.allclose": truth,
        "Tensor.allclose": truth,
        "Tensor.type": same_dtype,
        **{f"torch.nn.init.{name}": initialised for name in dir(torch.nn.init)},
        "torch.as_tensor": tensor_of,
    }
)

READERS = frozenset({entry, all_entries, contains, truth})
"""Those of the answers that depend on entries."""


def makes_tensor(function: Any) -> bool:
    """Whether a call without tensors among its arguments may still return one."""
    name = getattr(function, "__name__", "").lstrip("_")
    return name not in _NO_TENSOR and not name.startswith(_NO_TENSORS)


_NO_TENSORS = ("is_", "set_", "record_function", "has_", "autocast_", "clear_autocast")
_NO_TENSOR = frozenset(
    "get_default_dtype manual_seed seed initial_seed get_rng_state get_default_device device "
    "result_type promote_types can_cast finfo iinfo assert get_autocast_dtype "
    "get_autocast_cpu_dtype get_autocast_gpu_dtype".split()
)

__all__ = ["BY_NAME", "GETTERS", "READERS", "makes_tensor"]
