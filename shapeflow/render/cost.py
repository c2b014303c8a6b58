"""What calls cost, as formulas in the symbols: multiply-adds, and memory of what they give."""

from __future__ import annotations

from collections.abc import Sequence

from ..core.dims import Size
from ..core.shape import Shape, product, total
from ..core.step import Step, Traced
from .families import short_name
from .flow import Atom

BYTES = {
    "bool": 1, "uint8": 1, "int8": 1, "int16": 2, "float16": 2, "bfloat16": 2, "int32": 4,
    "float32": 4, "int64": 8, "float64": 8, "complex64": 8, "complex128": 16,
}  # fmt: skip
VIEWS = set(
    "view transpose permute t squeeze unsqueeze expand expand_as narrow select chunk split unbind "
    "movedim swapaxes flatten unflatten […] view_as diagonal detach reshape contiguous".split()
)
"""Calls that give memory they were given; copies that some of them make are left out."""
UNCOUNTED = set("einsum tensordot bilinear stft cdist svd inverse qr cholesky".split())
"""Calls that multiply in a way that is not counted here."""
RECURRENT = ("nn.LSTM", "nn.GRU", "nn.RNN")
"""Names of layers and of their cells begin so."""
PRODUCTS = {"matmul", "bmm", "mm", "mv", "dot", "@", "addmm", "baddbmm", "addbmm"}


def multiply_adds(atom: Atom, traced: Traced) -> Size | None:
    """How many multiplications (each with an addition) a call makes; None where it is not known.

    Only what grows with the product of two sizes is counted: linear layers, convolutions, products
    of matrices, recurrent layers, attention.
    """
    step = atom.step
    name = short_name(step.op)
    if step.kind != "call":
        return 0
    shapes = {operand: shape for operand, shape in operands(atom)}
    given = step.results[0].shape if step.results else None
    if name in UNCOUNTED or name.startswith(("fft.", "linalg.")):
        return None
    if name == "linear":
        weight = shapes.get("weight")
        return None if given is None or weight is None else product(given) * weight[-1]
    if name.startswith("conv"):
        return _convolution(name, given, shapes)
    if name in PRODUCTS:
        return _product(given, [shape for shape in shapes.values() if shape is not None])
    if step.op.startswith(RECURRENT):
        return _recurrent(step, shapes, traced)
    if name == "multi_head_attention_forward":
        return _attention(shapes)
    if name == "scaled_dot_product_attention":
        return _scores(shapes)
    return 0


def operands(atom: Atom) -> list[tuple[str, Shape | None]]:
    """The shapes of what a call takes, by operand; parameters by the last part of their path."""
    found: list[tuple[str, Shape | None]] = [(w.operand, w.shape) for w in atom.wires]
    names = [operand for operand, _ in found]
    found += [(path.rpartition(".")[2], shape) for path, shape in atom.parameters]
    return [(n, s) for i, (n, s) in enumerate(found) if n not in names or i < len(names)]


def _convolution(name: str, given: Shape | None, shapes: dict[str, Shape | None]) -> Size | None:
    weight, taken = shapes.get("weight"), shapes.get("input")
    counted = taken if "transpose" in name else given
    if weight is None or counted is None:
        return None
    return product(counted) * product(weight[1:])


def _product(given: Shape | None, shapes: Sequence[Shape]) -> Size | None:
    if given is None or len(shapes) < 2 or not shapes[-2]:
        return None
    return product(given) * shapes[-2][-1]


def _recurrent(step: Step, shapes: dict[str, Shape | None], traced: Traced) -> Size | None:
    taken = shapes.get("input")
    module = traced.modules.get(traced.visits[step.visit].path)
    if taken is None or module is None:
        return None
    return product(taken[:-1]) * module.weights


def _attention(shapes: dict[str, Shape | None]) -> Size | None:
    query = shapes.get("query")
    if query is None or len(query) < 2:
        return None
    key = shapes.get("key") or query
    width = query[-1]
    rows, columns, batch = query[0], key[0], product(query[1:-1])
    projected = 2 * rows * width * width + 2 * columns * width * width
    return batch * (projected + 2 * rows * columns * width)


def _scores(shapes: dict[str, Shape | None]) -> Size | None:
    query = shapes.get("query")
    key, value = shapes.get("key") or query, shapes.get("value") or query
    if query is None or key is None or value is None or min(map(len, (query, key, value))) < 2:
        return None
    return product(query[:-1]) * key[-2] * (query[-1] + value[-1])


def activation_bytes(atom: Atom) -> Size | None:
    """Memory of what a call gives, in bytes; 0 where that is memory it was given."""
    step = atom.step
    name = short_name(step.op)
    in_place = step.op.endswith("_") and not step.op.endswith("__")
    if step.kind != "call" or name in VIEWS or name == "[…] =" or in_place:
        return 0
    if any(result.shape is None for result in step.results):
        return None
    return total(product(r.shape or ()) * BYTES.get(r.dtype, 4) for r in step.results)
