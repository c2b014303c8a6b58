"""Shape laws as text: ``"B T 3 -> B T 8"`` says what a part does that is not seen through."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ..core import dims
from ..core.dims import Dim, Size
from ..core.shape import substitute, symbols_in
from ..ops import Call, Rule, Value
from .spec import Spec, SpecError, parse_spec

ARROW = "->"


@dataclass(frozen=True)
class Law:
    """What a part takes and gives.

    Attributes:
        text: as it was written.
        inputs: a spec for each tensor that it is given, in order.
        outputs: a spec, or a tuple of such, nested like the result.
    """

    text: str
    inputs: tuple[Spec, ...]
    outputs: Any

    @property
    def symbols(self) -> list[str]:
        """The sizes that are bound at each call."""
        return symbols_in([spec.axes for spec in self.inputs])

    def rule(self) -> Rule:
        """The rule that answers for a call of the part."""

        def answer(call: Call, *operands: Any, **named: Any) -> Any:
            given = list(_values((operands, tuple(named.values()))))
            return _made(self.outputs, *self.bound(call, given))

        answer.__doc__ = self.text
        return Rule(("declared",), answer, "same", "contiguous")

    def bound(self, call: Call, given: list[Value]) -> tuple[dict[str, Size], tuple[Size, ...]]:
        """The sizes that the symbols stand for at a call, and those of ``...``."""
        if len(given) != len(self.inputs):
            text = f"the declared law takes {len(self.inputs)} tensors"
            call.fail(f"{text}, and {len(given)} were given", kind="input")
        sizes: dict[str, Size] = {}
        leading: tuple[Size, ...] = ()
        later: list[tuple[Size, Size, str, int]] = []
        for i, (spec, x) in enumerate(zip(self.inputs, given, strict=True)):
            name, extra = f"input {i + 1}", len(x) - len(spec.axes)
            if extra < 0 or (extra and not spec.leading):
                text = f"the declared law takes {len(spec.axes)} axes here"
                call.fail(text, kind="rank", of=name)
            if spec.dtype != x.dtype:
                text = f"the declared law takes {spec.dtype} here, and this is {x.dtype}"
                call.wrong(text, kind="dtype", of=name)
            leading = tuple(x[:extra]) if spec.leading else leading
            for axis, (size, wanted) in enumerate(zip(x[extra:], spec.axes, strict=True)):
                if isinstance(wanted, Dim) and wanted.symbols == (str(wanted),):
                    if str(wanted) not in sizes:
                        sizes[str(wanted)] = size
                        continue
                if wanted is not None:
                    later.append((size, wanted, name, axis + extra))
        for size, wanted, name, axis in later:
            because = f"the declared law has {wanted} here"
            call.equal(size, substitute(wanted, sizes), because, of=name, axis=axis)
        return sizes, leading


def parse_law(text: str) -> Law:
    """The law written in ``text``.

    Raises:
        SpecError: there is no arrow, or a result has a size that no input tells.
        NotationError: a spec cannot be read.
    """
    if not isinstance(text, str) or ARROW not in text:
        raise SpecError(f"a law is a text such as 'B T 3 -> B T 8', not {text!r}")
    left, _, right = text.partition(ARROW)
    inputs = tuple(_leaves(_read(left, text)))
    outputs = _read(right, text)
    outputs = outputs[0] if len(outputs) == 1 else outputs
    known = symbols_in([spec.axes for spec in inputs])
    for spec in _leaves(outputs):
        if any(size is None for size in spec.axes):
            raise SpecError(f"{text!r}: a result has no size '_'")
        unknown = [name for name in symbols_in(spec.axes) if name not in known]
        if unknown:
            raise SpecError(f"{text!r}: no input tells what {unknown[0]} is")
        if spec.leading and not any(other.leading for other in inputs):
            raise SpecError(f"{text!r}: no input tells what '...' is")
    return Law(text, inputs, outputs)


def _read(text: str, whole: str) -> tuple[Any, ...]:
    """Specs with commas between them, and tuples of such in brackets."""
    parts, depth = [""], 0
    for letter in text:
        depth += (letter == "(") - (letter == ")")
        if depth < 0:
            break
        if letter == "," and depth == 0:
            parts.append("")
        else:
            parts[-1] += letter
    if depth:
        raise SpecError(f"{whole!r}: the brackets do not match")
    return tuple(_one(part.strip(), whole) for part in parts)


def _one(text: str, whole: str) -> Any:
    if text.startswith("(") and text.endswith(")") and "," in text:
        return _read(text[1:-1], whole)
    return parse_spec(text)


def _leaves(tree: Any) -> Iterator[Spec]:
    if isinstance(tree, Spec):
        yield tree
    else:
        for part in tree:
            yield from _leaves(part)


def _values(tree: Any) -> Iterator[Value]:
    if isinstance(tree, Value):
        yield tree
    elif isinstance(tree, Mapping):
        yield from _values(tuple(tree.values()))
    elif isinstance(tree, tuple | list):
        for part in tree:
            yield from _values(part)


def _made(tree: Any, sizes: Mapping[str, Size], leading: tuple[Size, ...]) -> Any:
    if isinstance(tree, Spec):
        axes = (dims.substitute(size, sizes) for size in tree.axes if size is not None)
        return Value((*(leading if tree.leading else ()), *axes), tree.dtype)
    return [_made(part, sizes, leading) for part in tree]


__all__ = ["Law", "parse_law"]
