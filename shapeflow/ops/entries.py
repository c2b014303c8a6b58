"""What is known of the entries of integer tensors, such as the lengths of sequences.

Sizes that depend on lengths are equal where the lengths are, so these carry a key or their entries
along (``Value.known``) through every operation that keeps them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..core.dims import Dim, Size
from .call import Call
from .ranges import SAME, is_order, made, plain
from .ratios import ratio_of
from .value import Value

REORDERED = set("flip roll sort msort".split())
INDEXED = set("__getitem__ index_select take gather".split())


@dataclass(frozen=True)
class Entries:
    """What is known of a tensor's entries.

    Attributes:
        key: an identifier that names the source, as ``"lengths"``: equal keys, equal entries.
        sizes: the entries themselves, where they are known.
        in_order: whether ``sizes`` stand in the order of the tensor.
    """

    key: str = ""
    sizes: tuple[Size, ...] | None = None
    in_order: bool = False


def of_numbers(numbers: object) -> Entries | None:
    """The entries of a tensor made of a list of sizes."""
    if isinstance(numbers, list | tuple) and all(_is_size(number) for number in numbers):
        return Entries(sizes=tuple(numbers), in_order=True)
    return None


def entries_of(x: Value) -> Entries | None:
    """What is known of the entries of a tensor with one axis."""
    return x.known if isinstance(x.known, Entries) else of_numbers(x.known)


def reordered(x: Value) -> Entries | None:
    """What is still known of a tensor's entries when their order has changed."""
    found = entries_of(x)
    return found and Entries(found.key, found.sizes)


def _is_size(number: object) -> bool:
    return isinstance(number, int | Dim) and not isinstance(number, bool)


def pass_on(call: Call, args: Sequence[Any], named: Mapping[str, Any], result: Any) -> None:
    """Tells the results of one call what is known of their entries.

    An integer tensor of unknown entries takes the name of its node for a key.
    """
    name = call.op.rpartition(".")[2]
    results = result if isinstance(result, list) else [result]
    for i, x in enumerate(results):
        if isinstance(x, Value) and not len(x) and x.known is None:
            x.known = ratio_of(name, args, named, x)
        whole = isinstance(x, Value) and x.dtype.startswith(("int", "uint"))
        if whole and plain(name) != name:
            x.known = made(name, args, named, i, x)
        elif whole and _open(x):
            x.known = _known(name, args, i) or made(name, args, named, i, x)
            if x.known is None and len(x) == 1 and call.node:
                x.known = Entries(f"{call.node}_{i}" if i else call.node)


def _open(x: Value) -> bool:
    return x.known is None or (isinstance(x.known, list) and None in x.known)


def _known(name: str, args: Sequence[Any], place: int) -> object:
    x = args[0] if args else None
    if name in ("as_tensor", "tensor") and not isinstance(x, Value):
        return of_numbers(x)
    if not isinstance(x, Value) or place:
        return None
    if name in SAME:
        return entries_of(x)
    picks = [y for y in args[1:] if isinstance(y, Value)]
    if name in REORDERED or (name in INDEXED and [is_order(y) for y in picks] == [True]):
        return reordered(x) if len(x) == 1 else None
    return None
