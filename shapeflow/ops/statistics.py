"""Statistics of samples: covariance, histograms; and differences along axes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..core.dims import Size
from ..core.shape import product
from .call import Call
from .common import KINDS, accepts, at_least_float, drop, empty, float_only, same_dtype
from .dtypes import category, result_type
from .registry import op
from .value import Value

PRECISE = ("float32", "float64")


@op("cov")
def cov(
    call: Call, input: Value, *, correction: Any = 1, fweights: Value | None = None,
    aweights: Value | None = None,
) -> Value:  # fmt: skip
    """(n, m) -> (n, n); one variable, (m), -> ()"""
    call.rank(input, 0, 1, 2, of="input")
    accepts(call, input.dtype, "ifc", "input")
    count = input[-1] if input else 1
    for name, x, kind in (("fweights", fweights, 1), ("aweights", aweights, 2)):
        if x is None:
            continue
        call.rank(x, 0, 1, of=name)
        if category(x.dtype) != kind:
            because = f"{name} must be {KINDS['bifc'[kind]]} numbers"
            call.wrong(because, kind="dtype", of=name)
        because = "there must be one weight for each observation"
        call.equal(product(x), count, because, kind="argument", of=name)
    weights = [x for x in (fweights, aweights) if x is not None]
    dtype = result_type([Value((1,), input.dtype), *weights], call.default_dtype)
    dtype = at_least_float(dtype, call)
    if fweights is None and dtype != at_least_float(input.dtype, call):
        because = "a single observation needs weights of its own dtype"
        call.at_least(count, 2, because, kind="dtype", of="aweights")
    several = len(input) == 2 and not call.is_one(input[0])
    return Value((input[0],) * 2 if several else (), dtype)


@op("corrcoef")
def corrcoef(call: Call, input: Value) -> Value:
    """(n, m) -> (n, n); one variable, (m), -> ()"""
    return cov(call, input)


# -- histograms --------------------------------------------------------------------------------


@op("histogram")
def histogram(
    call: Call, input: Value, bins: Any = 100, *, range: Any = None, weight: Value | None = None,
    density: Any = False,
) -> list[Value]:  # fmt: skip
    """(*S), bins -> [(bins,), (bins + 1,)]"""
    if weight is not None:
        because = "there must be one weight for each entry"
        call.equal(product(weight), product(input), because, kind="argument", of="weight")
    return _histogram(call, input, [bins], range, weight)


@op("histogramdd")
def histogramdd(
    call: Call, input: Value, bins: Any, range: Any = None, weight: Value | None = None,
    density: Any = False,
) -> list[Any]:  # fmt: skip
    """(*S, d), bins_1, .. bins_d -> [(bins_1, .. bins_d), [(bins_1 + 1,), ..]]"""
    if len(input) < 2:
        call.fail("points need an axis of points and one of coordinates", kind="rank", of="input")
    if not isinstance(bins, list | tuple) or isinstance(bins, Value):
        bins = [bins] * call.length(input[-1], "the number of coordinates")
    because = "there must be a number of bins for each coordinate"
    call.equal(input[-1], len(bins), because, kind="argument", of="bins", axis=-1)
    if weight is not None:
        call.rank(weight, len(input) - 1, of="weight")
        for axis, size in enumerate(input[:-1]):
            because = "there must be one weight for each point"
            call.equal(weight[axis], size, because, kind="argument", of="weight", axis=axis)
    counts, *edges = _histogram(call, input, bins, range, weight)
    return [counts, edges]


def _histogram(
    call: Call, x: Value, bins: Sequence[Any], limits: Any, weight: Value | None
) -> list[Value]:
    """The counts, and the edges of the bins of each coordinate."""
    float_only(call, x)
    edges_known = limits is not None or any(isinstance(given, Value) for given in bins)
    if x.dtype not in PRECISE and not (edges_known or empty(x)):
        because = "the range of these numbers is not found: it must be given"
        call.wrong(because, kind="dtype", of="input")
    if weight is not None:
        same_dtype(call, x, weight)
    if limits is not None:
        pairs = list(zip(limits[::2], limits[1::2], strict=False))
        if len(limits) != 2 * len(bins):
            call.fail("the range must have two ends for each coordinate", kind="argument")
        if any(low > high for low, high in pairs):
            call.wrong("the range must not end before it starts", kind="argument", of="range")
    sizes: list[Size] = []
    for given in bins:
        if isinstance(given, Value):
            call.rank(given, 1, of="bins")
            same_dtype(call, x, given)
        sizes.append(given[0] - 1 if isinstance(given, Value) else given)
        call.at_least(sizes[-1], 1, "there must be at least one bin", kind="argument", of="bins")
    return [Value(sizes, x.dtype), *(Value((n + 1,), x.dtype) for n in sizes)]


# -- other -------------------------------------------------------------------------------------


@op("torch.gradient")
def gradient(
    call: Call, input: Value, *, spacing: Any = None, dim: Any = None, edge_order: Any = 1
) -> list[Value]:
    """(*S) -> (*S) for each axis"""
    axes = _axes(call, input, dim)
    steps = list(spacing) if isinstance(spacing, list | tuple) else []
    if isinstance(spacing, list | tuple) and len(steps) != len(axes):
        call.fail("spacing must be one number, or one for each axis", kind="argument")
    if edge_order not in (1, 2):
        call.fail("the order of the edges must be 1 or 2", kind="argument", of="edge_order")
    if input.dtype == "uint8" or (axes and input.dtype == "bool"):
        call.wrong("differences of these numbers are not defined", kind="dtype", of="input")
    found = []
    for i, axis in enumerate(axes):
        because = "an axis must have more entries than the order of its edges"
        call.at_least(input[axis], edge_order + 1, because, of="input", axis=axis - len(input))
        step = steps[i] if steps else 1
        parts, shape = [input], list(input)
        if isinstance(step, Value):
            parts.append(_coordinates(call, step, edge_order))
            because = "there must be one coordinate for each entry of the axis"
            shape[axis] = 2 + call.compatible(shape[axis] - 2, step[0] - 2, because, of="spacing")
        found.append(Value(shape, at_least_float(result_type(parts, call.default_dtype), call)))
    return found


def _coordinates(call: Call, given: Value, edge_order: int) -> Value:
    """The coordinates of the entries along an axis, as floats; between its ends they broadcast."""
    call.rank(given, 1, of="spacing")
    accepts(call, given.dtype, "ifc", "spacing")
    because = "there must be more coordinates than the order of the edges"
    call.at_least(given[0], edge_order + 1, because, kind="argument", of="spacing", axis=0)
    return Value(given, at_least_float(given.dtype, call))


def _axes(call: Call, x: Value, dim: Any) -> tuple[int, ...]:
    if dim is None:
        return tuple(range(len(x)))
    if dim in ((), []):
        return ()
    if not len(x):
        call.fail("a scalar has no axis", kind="axis", of="input")
    return call.axes(dim, len(x))


@op("hash_tensor")
def hash_tensor(
    call: Call, input: Value, dim: Any = (), *, keepdim: Any = False, mode: Any = 0
) -> Value:
    """(*S) -> (*S without the axes)"""
    if mode != 0:
        call.fail("there is no such mode", kind="argument", of="mode")
    if not empty(input):
        accepts(call, input.dtype, "bif", "input")
    axes = call.axes(dim, len(input))
    for axis in axes if input else ():
        because = "nothing has no hash"
        call.at_least(input[axis], 1, because, kind="values", of="input", axis=axis - len(input))
    return Value(drop(input, axes, bool(keepdim)), "uint64")


@op("binomial")
def binomial(call: Call, count: Value, prob: Value, generator: Any = None) -> Value:
    """(*A), (*B) -> broadcast(*A, *B)"""
    if count.dtype not in PRECISE:
        call.wrong("counts must be floats of 32 or 64 bits", kind="dtype", of="count")
    same_dtype(call, count, prob)
    return Value(call.broadcast(count, prob), count.dtype)
