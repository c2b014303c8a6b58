"""What torch says of its own operators: kernels, results, tags."""

from __future__ import annotations

from functools import cache
from typing import Any

import torch

DENSE = ("CPU", "CompositeImplicitAutograd", "CompositeExplicitAutogradNonFunctional")
SPARSE = ("SparseCPU", "SparseCsrCPU", "SparseMeta")
QUANTIZED = ("QuantizedCPU",)
GENERIC = ("CompositeExplicitAutograd",)
NO_KERNEL = "has no kernel for the CPU"
TAGS = ("dynamic_output_shape", "data_dependent_output")


def overloads(name: str) -> list[Any]:
    """The operators of that name which the dispatcher knows, without those that write into out."""
    packet = None if name.startswith("__") else getattr(torch.ops.aten, name, None)
    if not isinstance(packet, torch._ops.OpOverloadPacket):
        return []
    found = [getattr(packet, which) for which in packet.overloads() if "out" not in which]
    return [one for one in found if torch._C._dispatch_has_kernel(one.name())]


def kernels(name: str) -> str:
    """For which tensors alone an operator is: empty where it takes ordinary ones."""
    names = [one.name() for one in overloads(name)]

    def has(keys: tuple[str, ...]) -> bool:
        ask = torch._C._dispatch_has_kernel_for_dispatch_key
        return any(ask(one, key) for one in names for key in keys)

    if not names or has(DENSE):
        return ""
    if has(SPARSE):
        return "for sparse tensors"
    if has(QUANTIZED):
        return "for quantized tensors"
    return "" if has(GENERIC) else NO_KERNEL


def returned(name: str) -> str:
    """What an operator returns instead of tensors; empty where it returns some."""
    results = [str(r.type) for one in overloads(name) for r in one._schema.returns]
    if not overloads(name) or any("Tensor" in kind for kind in results):
        return ""
    return f"returns {' or '.join(dict.fromkeys(results)) or 'nothing'}"


@cache
def is_data_dependent(name: str) -> bool:
    """Whether sizes of the result, or a number that is the result, depend on entries."""
    tags = {getattr(torch.Tag, tag) for tag in TAGS}
    ones = overloads(name) or overloads(f"_{name}2")  # torch.unique is carried out by _unique2
    return any(tags & set(one.tags) for one in ones)
