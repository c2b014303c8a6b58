"""A tensor as the rules see it."""

from __future__ import annotations

from collections.abc import Iterable

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
    """

    dtype: str
    strides: Shape | None
    known: object
    words: str
    device: str

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


class Sizes(tuple[Size, ...]):
    """Several sizes as a plain result, such as ``x.shape``: not one tensor."""

    __slots__ = ()
