"""A tensor as the rules see it."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from ..core.constraint import Constraint
from ..core.dims import Size
from ..core.shape import Shape


class Value(tuple[Size, ...]):
    """A shape (the tuple itself) with the dtype and, where they matter, the strides of the tensor.

    Attributes:
        dtype: torch's name without the prefix, such as ``"float32"``.
        strides: in elements, one per axis; None is the contiguous layout.
        known: what is known of the entries: a number or a nested list; None is nothing.
        words: how a message names it ("hx", "the output of encoder").
        device: torch's name of the device.
        source: of what is a view at some sizes only, and else a copy or refused: what it is a
            view of, and the relation under which it is one.
    """

    dtype: str
    strides: Shape | None
    known: object
    words: str
    device: str
    source: tuple[Value, Constraint] | None = None

    def __new__(
        cls,
        shape: Iterable[Size],
        dtype: str = "float32",
        strides: Shape | None = None,
        known: object = None,
        words: str = "",
        device: str = "cpu",
    ) -> Value:
        value = super().__new__(cls, shape)
        value.dtype, value.strides, value.known = dtype, strides, known
        value.words, value.device = words, device
        return value

    @property
    def shape(self) -> Shape:
        """The plain shape."""
        return tuple(self)


class Computed(float):
    """A float that user code computed from sizes: to a rule a float of no particular value.

    Attributes:
        ratio: the fraction of sizes that it is, its denominator at least 1; None where it is none.
        number: makes it a plain float, for which sizes are given numbers.
    """

    ratio: tuple[Size, Size] | None
    number: Callable[[], float]

    @staticmethod
    def of(ratio: tuple[Size, Size] | None, number: Callable[[], float]) -> Computed:
        """One of them; as a float it stands between two whole numbers."""
        made = Computed(1.5)
        made.ratio, made.number = ratio, number
        return made


class Sizes(tuple[Size, ...]):
    """Several sizes as a plain result, such as ``x.shape``: not one tensor."""

    __slots__ = ()
