"""Saved weights: their shapes, read without running code in a file and without loading a tensor."""

from __future__ import annotations

import copy
import json
import os
import pickle
import re
import struct
import warnings
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import torch

from ..core.errors import ShapeflowError
from ..ops import Value
from .original import original
from .state import unchanged

MOST_HEADER = 100_000_000
"""Bytes that the header of a safetensors file may have, as its specification says."""
NOT_SAVED = "is no file that torch.save has written, or it is damaged"
SAFETENSORS = {
    "F64": "float64", "F32": "float32", "F16": "float16", "BF16": "bfloat16", "I64": "int64",
    "I32": "int32", "I16": "int16", "I8": "int8", "U8": "uint8", "BOOL": "bool", "U16": "uint16",
    "U32": "uint32", "U64": "uint64", "F8_E4M3": "float8_e4m3fn", "F8_E5M2": "float8_e5m2",
    "C64": "complex64",
}  # fmt: skip


@dataclass(frozen=True)
class Saved:
    """Saved weights, as shapes.

    Attributes:
        entries: shape and dtype of each, by its name.
        key: under which a file holds them; "" where they stand at its top.
        metadata: the versions of the modules that ``state_dict`` has noted, if it has.
    """

    entries: Mapping[str, Value]
    key: str = ""
    metadata: Any = None


def weights_of(model: Any) -> dict[str, Value | None]:
    """What ``model.state_dict()`` has: shape and dtype of each entry, by its name.

    None stands for an entry whose shape is not known, such as a parameter of a lazy module.
    """
    with unchanged(model):
        entries = original(model).state_dict()
    return {name: _value(item) for name, item in entries.items()}


def read_weights(source: Any) -> Saved:
    """The shapes of saved weights.

    Args:
        source: a mapping of names to tensors, or the path of a file: one of ``torch.save``, a
            safetensors file, or the index (``.json``) of several.

    Raises:
        ShapeflowError: it holds no weights, cannot be read, or would have to run code.
    """
    if isinstance(source, Mapping):
        return _entries(source, "the mapping")
    if not isinstance(source, str | os.PathLike):
        raise ShapeflowError(
            f"weights are a state_dict or the path of a file, not {type(source).__name__}"
        )
    path = os.fspath(source)
    if not os.path.isfile(path):
        what = "is a folder" if os.path.isdir(path) else "does not exist"
        raise ShapeflowError(f"the file of weights {path!r} {what}")
    if path.endswith(".safetensors"):
        return Saved(_safetensors(path))
    if path.endswith(".json"):
        return Saved(_index(path))
    return _entries(_unpickled(path), repr(path))


def refusal(model: Any, saved: Saved, strict: bool) -> str | None:
    """What ``load_state_dict`` says to weights of these shapes, "" where it takes them.

    A copy of the model without data is asked; None where the model cannot be copied.
    """
    model = original(model)
    with unchanged(model):
        held = [*model.parameters(), *model.buffers()]
        memo: dict[int, Any] = {id(tensor): _emptied(tensor) for tensor in held}
        try:
            twin = copy.deepcopy(model, memo)
        except (TypeError, ValueError, RuntimeError, AttributeError, NotImplementedError):
            return None
        entries: Any = OrderedDict(
            (name, torch.empty(_numbers(value), dtype=getattr(torch, value.dtype), device="meta"))
            for name, value in saved.entries.items()
        )
        if saved.metadata is not None:
            entries._metadata = saved.metadata
        try:
            with torch.no_grad(), warnings.catch_warnings(action="ignore"):
                twin.load_state_dict(entries, strict=strict)
        except RuntimeError as error:
            return str(error)
    return ""


def made_on_meta(kind: str, arguments: Mapping[str, Any]) -> dict[str, Value | None] | None:
    """The entries of a layer of ``torch.nn`` made with some arguments; None where none can be."""
    try:
        layer = getattr(torch.nn, kind)(**arguments, device="meta")
    except (TypeError, ValueError, RuntimeError):
        return None
    return {name: _value(item) for name, item in layer.state_dict().items()}


def _emptied(tensor: torch.Tensor) -> torch.Tensor:
    """The same tensor without data, so that copying a model costs no memory."""
    if torch.nn.parameter.is_lazy(tensor):
        made: Any = type(tensor)
        return made(device="meta")
    with torch.no_grad():
        empty = torch.empty_like(tensor, device="meta")
    if isinstance(tensor, torch.nn.Parameter):
        return torch.nn.Parameter(empty, requires_grad=tensor.requires_grad)
    return empty


def _numbers(value: Value) -> tuple[int, ...]:
    return tuple(size for size in value if isinstance(size, int))


def _value(item: Any) -> Value | None:
    if not isinstance(item, torch.Tensor) or torch.nn.parameter.is_lazy(item):
        return None
    return Value(tuple(map(int, item.shape)), str(item.dtype).removeprefix("torch."))


def _entries(loaded: Any, words: str) -> Saved:
    """The tensors of what was loaded."""
    key = ""
    if isinstance(loaded, Mapping) and not _has_weights(loaded):
        held = {k: v for k, v in loaded.items() if isinstance(v, Mapping) and _has_weights(v)}
        if len(held) > 1:
            names = " and ".join(map(repr, held))
            raise ShapeflowError(f"{words} holds several sets of weights, {names}: give one")
        key, loaded = next(iter(held.items()), (key, loaded))
    if not isinstance(loaded, Mapping) or (loaded and not _has_weights(loaded)):
        raise ShapeflowError(f"{words} holds no weights: names with tensors were expected")
    values = {str(name): _value(item) for name, item in loaded.items()}
    entries = {name: value for name, value in values.items() if value is not None}
    return Saved(entries, str(key), getattr(loaded, "_metadata", None))


def _has_weights(mapping: Mapping[Any, Any]) -> bool:
    """Whether a mapping is like a ``state_dict``: names with tensors, among other things."""
    return any(isinstance(k, str) and isinstance(v, torch.Tensor) for k, v in mapping.items())


def _unpickled(path: str) -> Any:
    """A file of ``torch.save`` as tensors without data."""

    def load(**options: Any) -> Any:
        return torch.load(path, map_location="meta", weights_only=True, **options)

    try:
        try:
            return load(mmap=True)
        except RuntimeError as error:
            if "mmap" not in str(error):
                raise
            return load()  # written before torch 1.6
    except OSError as error:
        raise ShapeflowError(f"{path!r} cannot be read: {error.strerror or error}") from None
    except pickle.UnpicklingError as error:
        named = re.search(r"GLOBAL ([\w.]+)", str(error))
        if named is not None:
            raise ShapeflowError(
                f"{path!r} was not read, since {named[1]} in it could run code: "
                "save weights alone, torch.save(model.state_dict(), ...)"
            ) from None
        raise ShapeflowError(f"{path!r} {NOT_SAVED}") from None
    except (RuntimeError, EOFError, ValueError, LookupError, AttributeError, TypeError):
        raise ShapeflowError(f"{path!r} {NOT_SAVED}") from None


def _safetensors(path: str) -> dict[str, Value]:
    """The shapes in the header of a safetensors file: 8 bytes of length, then JSON."""
    try:
        with open(path, "rb") as file:
            (length,) = struct.unpack("<Q", file.read(8))
            if length > min(MOST_HEADER, os.path.getsize(path)):
                raise ValueError(f"its header would have {length} bytes")
            header = json.loads(file.read(length))
            return {
                name: Value(tuple(map(int, entry["shape"])), SAFETENSORS[entry["dtype"]])
                for name, entry in header.items()
                if name != "__metadata__"
            }
    except (OSError, struct.error, ValueError, KeyError, TypeError, AttributeError) as error:
        raise ShapeflowError(f"{path!r} is no safetensors file: {error}") from None


def _index(path: str) -> dict[str, Value]:
    """The shapes in all files that an index names."""
    try:
        with open(path, encoding="utf-8") as file:
            names = sorted(set(json.load(file)["weight_map"].values()))
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        raise ShapeflowError(f"{path!r} is no index of weights: it has no weight_map") from None
    found: dict[str, Value] = {}
    for name in names:
        found |= read_weights(os.path.join(os.path.dirname(path), name)).entries
    return found


__all__ = ["Saved", "made_on_meta", "read_weights", "refusal", "weights_of"]
