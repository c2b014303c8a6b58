"""What rules of several families share."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from numbers import Number
from typing import Any

from ..core import constraint
from ..core.constraint import Constraint
from ..core.dims import Dim, Size
from . import layout
from .call import Call
from .counts import positive
from .dtypes import UNDEFINED, category, holds, is_float, result_type
from .ranges import held
from .value import Value

KINDS = {"b": "bool", "i": "integer", "f": "float", "c": "complex"}


def is_operand(x: object) -> bool:
    """Whether it is a tensor or a number."""
    return isinstance(x, Value | Number | Dim)


def title(call: Call) -> str:
    """The name of the operation without its home: ``softmax``."""
    return call.op.rpartition(".")[2]


def accepts(call: Call, dtype: str, kinds: str, of: str = "") -> None:
    """Demands a dtype of one of the kinds, each a letter of "bifc" (see KINDS).

    "F" is for floats of 32 bits or more.
    """
    precise = dtype not in ("float16", "bfloat16") and "F" in kinds
    if dtype == UNDEFINED:
        call.wrong("the dtypes of the operands have no common dtype", kind="dtype", of=of)
    elif "bifc"[category(dtype)] not in (kinds.lower() if precise else kinds):
        kind = dtype if "F" in kinds and is_float(dtype) else KINDS["bifc"[category(dtype)]]
        call.wrong(f"{title(call)} is not defined for {kind} tensors", kind="dtype", of=of)


def same_dtype(call: Call, *operands: Value | None, because: str = "") -> None:
    """Demands that all tensors have the dtype of the first."""
    given = [x for x in operands if x is not None]
    if any(x.dtype != given[0].dtype for x in given):
        because = because or f"{title(call)} needs operands of one dtype"
        call.wrong(because, kind="dtype")


def at_least_float(dtype: str, call: Call) -> str:
    """The dtype itself where it is float or complex, else torch's default."""
    return dtype if category(dtype) >= 2 else call.default_dtype


def pointwise(
    call: Call, operands: Iterable[Any], kinds: str = "bifc", policy: str = "promote"
) -> Value:
    """The result of an element-wise operation on tensors and numbers.

    ``policy`` is "promote", "float" (promotion, then at least float), or a dtype.
    """
    operands = [x for x in operands if is_operand(x)]
    tensors = [x for x in operands if isinstance(x, Value)]
    shape = call.broadcast(*tensors) if tensors else ()
    common = result_type(operands, call.default_dtype)
    accepts(call, common, kinds)
    dtype = {"promote": common, "float": at_least_float(common, call)}.get(policy, policy)
    used = common if category(dtype) < 2 else dtype
    return call.tensor(shape, dtype, layout.follow(shape, tensors, used))


def like(call: Call, x: Value, dtype: str = "") -> Value:
    """A result of the shape and layout of ``x``."""
    return call.tensor(x, dtype or x.dtype, layout.follow(tuple(x), [x]))


def drop(x: Sequence[Size], axes: Iterable[int], keepdim: bool) -> tuple[Size, ...]:
    """The shape without these axes, or with them of size 1."""
    gone = set(axes)
    return tuple(1 if i in gone else d for i, d in enumerate(x) if keepdim or i not in gone)


def float_only(call: Call, x: Value, of: str = "input") -> None:
    """Demands a real floating dtype."""
    if not is_float(x.dtype):
        kind = KINDS["bifc"[category(x.dtype)]]
        call.wrong(f"{title(call)} is not defined for {kind} tensors", kind="dtype", of=of)


def can_hold(call: Call, dtype: str, value: Any, of: str = "value") -> None:
    """Demands a number that a dtype can hold; of a tensor only its entry could tell."""
    if isinstance(value, complex) and category(dtype) in (1, 2):
        call.wrong("a complex value needs a complex dtype", kind="dtype", of=of)
    elif isinstance(value, int | float | complex) and not holds(dtype, value):
        call.wrong(f"{dtype} cannot hold {value}", kind="dtype", of=of)


def computes_with(call: Call, dtype: str, value: Any, of: str = "value") -> None:
    """Demands a number that the kernels of a dtype can hold: those of short floats have more."""
    can_hold(call, "float32" if dtype in ("float16", "bfloat16") else dtype, value, of)


def real_numbers(call: Call, **numbers: Any) -> None:
    """Demands numbers that can be compared."""
    for name, number in numbers.items():
        if isinstance(number, complex):
            call.fail(f"{name} must be a real number", kind="argument", of=name)


def factor(call: Call, dtype: str, value: Any, of: str = "alpha") -> None:
    """Demands a number by which entries can be multiplied that keep their dtype."""
    if isinstance(value, float | complex) and category(dtype) < 2:
        call.wrong(f"{of} must be a whole number for integer tensors", kind="dtype", of=of)
    elif isinstance(value, complex) and category(dtype) == 2:
        call.wrong(f"{of} must be real for real tensors", kind="dtype", of=of)
    elif isinstance(value, bool) and dtype != "bool":
        call.wrong(f"{of} may be a bool for bool tensors only", kind="dtype", of=of)
    else:
        can_hold(call, dtype, value, of)


def one_number(call: Call, x: Value, value: Any, of: str = "value") -> None:
    """Demands one number that the tensor can hold."""
    if isinstance(value, Value):
        because = f"{of} must be a number or a scalar tensor"
        call.rank(value, 0, of=of, because=because)
    can_hold(call, x.dtype, value, of)


def listed(call: Call, given: Sequence[Any], named: Any = None) -> tuple[Size, ...]:
    """Sizes or axes given one by one, as one list, or by keyword: whole numbers."""
    if named is not None:
        given = (named,)
    if not given:
        call.fail("at least one size or axis must be given", kind="argument")
    found = tuple(_plain(d) for d in call.sizes(given))
    if not all(isinstance(d, int | Dim) for d in found):
        call.fail("sizes and axes must be whole numbers", kind="argument")
    return found


def expandable(call: Call, x: Sequence[Size], shape: Sequence[Size], of: str,
               kind: str = "broadcast") -> None:
    """Demands that ``x`` broadcasts to exactly ``shape``."""
    if len(x) > len(shape):
        call.fail(f"{of} has more axes than the tensor it is broadcast to", kind=kind, of=of)
    for i in range(-len(x), 0):
        if x[i] != 1 and x[i] != shape[i]:
            fits = constraint.any_of((constraint.equal(x[i], shape[i]), constraint.equal(x[i], 1)))
            call.require(fits, f"each size of {of} must be that of the target, or one",
                         kind=kind, of=of, axis=i)


def unrepeated(call: Call, x: Value) -> None:
    """Demands that no axis of what is written into is expanded (at::has_internal_overlap)."""
    for axis, stride in enumerate(x.strides or ()):
        if stride == 0 and x[axis] != 1:
            because = "an axis that is expanded has one entry, which cannot hold several"
            fits = [constraint.at_least(1, x[axis])]
            fits += [constraint.equal(size, 0) for size in x]
            fine = constraint.any_of(fit for fit in fits if fit.symbols or fit.at({}))
            call.require(fine, because, kind="inplace", of="input", axis=axis)


def same_sizes(a: Sequence[Size], b: Sequence[Size]) -> Constraint:
    """The relation that two shapes are equal."""
    if len(a) != len(b):
        return constraint.never()
    return constraint.all_of(constraint.equal(x, y) for x, y in zip(a, b, strict=True))


def empty(x: Sequence[Size]) -> bool:
    """Whether a tensor has no entries: much goes unchecked in torch where it has none."""
    return 0 in x


def vanishes(call: Call, x: Sequence[Size]) -> bool:
    """The same where a size may turn out to be 0: forks the path where the facts allow it."""
    unsure = [d for d in x if isinstance(d, Dim) and not positive(call, d)]
    if empty(x) or not unsure:
        return empty(x)
    return call.holds(constraint.any_of(constraint.equal(d, 0) for d in unsure))


def more_than_one(
    call: Call, sizes: Sequence[Size], because: str, kind: str = "values"
) -> None:
    """Demands that the product of the sizes is not 1."""
    if any(isinstance(d, int) and d != 1 for d in sizes):
        return
    if any(isinstance(d, Dim) for d in sizes):
        symbolic = [d for d in sizes if isinstance(d, Dim)]
        options = [constraint.at_least(d, 2) for d in symbolic]
        options += [
            constraint.equal(d, 0)
            for d in symbolic
            if call.settled(constraint.at_least(d, 1)) is not True
        ]
        call.require(constraint.any_of(options), because, kind=kind, of="input")
    elif all(d == 1 for d in sizes):
        call.wrong(because, kind=kind, of="input")


def channels_last(x: Value) -> bool:
    """Whether PyTorch takes (N, C, *S) to have its channels innermost, judging by strides alone."""
    if x.strides is None or len(x) not in (4, 5) or x.strides[1] == 0:
        return False
    least: Size = 0
    for d in (1, *reversed(range(2, len(x))), 0):
        step = x.strides[d]
        if x[d] == 0 or layout.larger(least, step, 2,
                                      x[d]) == 1 or (d == 0 and least == x.strides[1]):
            return False
        least = step * x[d]
    return True


def pixels(call: Call, shape: Sequence[Size], dtype: str, *operands: Value) -> Value:
    """A result (N, C, *S) that keeps channels innermost where an operand has them so."""
    inner = len(shape) in (4, 5) and any(channels_last(x) for x in operands if len(x) == len(shape))
    axes = (0, *range(2, len(shape)), 1)
    return call.tensor(shape, dtype, layout.dense(tuple(shape), axes) if inner else None)


def pixels_in_line(call: Call, shape: Sequence[Size], dtype: str, operand: Value) -> Value:
    """The same for (N, C, L), which counts as (N, C, 1, L), and an operand of three axes."""
    *front, length = shape
    flat = pixels(call, (*front, 1, length), dtype, layout.inserted(operand, 2))
    return layout.selected(flat, 2)


def exactly(call: Call, value: Any, n: int, what: str) -> tuple[Any, ...]:
    """One number for all axes, or n of them; unlike ``call.each`` no list of one."""
    if n > 1 and isinstance(value, list | tuple) and len(value) != n:
        call.fail(f"{what} must be one number or {n}", kind="argument", of=what)
    return call.each(value, n, what)


def _plain(size: Any) -> Any:
    """The number that a scalar tensor is known to hold."""
    number = held(size)
    return size if number is None else number
