"""Calls that have no rule, run on ``meta`` tensors: what ``ops.probing`` finds laws through.

The runs are apart from everything: on tensors and copies of modules made for them, without the
modes of the trace, without gradients, and with the random state put back. Where an operation has no
kernel for ``meta`` tensors, small ones on the CPU are tried; a result whose shape changes there
with the entries follows no law of sizes.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from math import prod
from typing import TYPE_CHECKING, Any

import torch
from torch.utils._python_dispatch import _disable_current_modes

from ..core import dims
from ..core.dims import Dim, Size
from ..core.laws import Point, variables_in
from ..ops import Call, Value
from ..ops.outcome import flatten
from ..ops.probing import Probed, Refusal, TooLarge, Unable, probe
from ..ops.value import Sizes
from . import arguments
from .current import entered
from .maker import Maker, TooManyElements, Unplayable
from .replay import FAULTS, UNCHECKED, copied, is_about_meta, tidy
from .state import process_unchanged
from .tensor import SymbolicTensor

if TYPE_CHECKING:
    from .recorder import Recorder

NO_KERNEL = ("fake impl", "Meta kernel", "meta kernel", "'Meta' backend", "Cannot copy out of meta")
ON_DATA = ("data-dependent", "data-independent")
ON_SIZES = re.compile("size|shape|dimension|match|broadcast|elements|channels|out of bounds")
ITS_DATA = "the shape of its result depends on data"
MOST = 72
"""Runs of one call at most."""
LARGEST = 1 << 40
"""Elements in a tensor up to which ``meta`` tensors are asked."""

Cache = dict[Any, dict[Point, Any]]
"""What came of runs, by call."""


def probed(
    recorder: Recorder, call: Call, function: Any, args: Any, kwargs: Mapping[str, Any], given: Any
) -> Probed:
    """The result of a call that has no rule, its requirements stated.

    Args:
        recorder: the trace under way; keeps what came of runs.
        call: the call.
        function: what is called: one of torch's functions or a scripted module.
        args, kwargs: as called.
        given: the same as rules take them.

    Raises:
        Fault: PyTorch refuses the call at all sizes.
    """
    sizes, numbers = list(sizes_in(given)), list(numbers_in(given))
    variables = variables_in(sizes)
    span = recorder.span
    key = (id(function), span.location if span else None, _key(given))
    native = call.op.startswith(("torch.", "Tensor.", "F."))
    run = Runner(function, args, kwargs, variables, recorder.runs.setdefault(key, {}), native)
    return probe(call, variables, run, numbers)


class Runner:
    """Runs one call at numbers for its variables.

    Attributes:
        known: what came of runs so far.
        device: where they are made; the CPU once ``meta`` turned out to be impossible.
        differs: whether ``meta`` accepted what the CPU refuses, or the other way round.
        native: whether it is one of torch's own functions, which compute and do nothing else.
    """

    def __init__(
        self,
        function: Any,
        args: Any,
        kwargs: Any,
        variables: list[Dim],
        known: dict[Point, Any],
        native: bool = False,
    ) -> None:
        self.native = native and function not in UNCHECKED
        self.function, self.args, self.kwargs = function, args, kwargs
        self.variables, self.known = variables, known
        self.device = "meta"
        self.differs = False
        self.twins: dict[str, Any] = {}

    def __call__(self, point: Point) -> Any:
        """The result, as rules give it."""
        if point not in self.known:
            if len(self.known) >= MOST:
                raise TooLarge
            try:
                self.known[point] = self.run(point)
            except (Refusal, TooLarge, Unable) as error:
                self.known[point] = error
        outcome = self.known[point]
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    def run(self, point: Point) -> Any:
        """One run where it can be made."""
        sizes = dict(zip(self.variables, point, strict=True))
        if self.device == "meta":
            try:
                return self.on_meta(sizes)
            except _NoKernel:
                self.device = "cpu"
            except ArithmeticError:  # in Python that stands for a kernel
                pass
        return self.on_cpu(sizes)

    def on_meta(self, sizes: Mapping[Dim, int]) -> Any:
        """One run on ``meta`` tensors; where kernels of torch's differ, that of the CPU counts."""
        try:
            result = self.made(sizes, "meta", "zeros")
        except Refusal as refusal:
            if not self.native:
                raise
            try:
                result = self.on_cpu(sizes)
            except (Refusal, Unable):
                raise refusal from None
            except TooLarge:
                raise (TooLarge if self.differs else refusal) from None
            self.differs = True
            return result
        if self.native:
            self.compute(sizes)
        return result

    def on_cpu(self, sizes: Mapping[Dim, int]) -> Any:
        """One run on small tensors; Unable where the entries play a part."""
        results, refusals = [], []
        for fill in ("zeros", "ones", "mixed"):
            try:
                results.append(self.made(sizes, "cpu", fill))
            except Refusal as refusal:  # perhaps for the entries
                refusals.append(refusal)
        if not results:
            raise refusals[0]
        if any(flatten(other) != flatten(results[0]) for other in results):
            raise Unable(ITS_DATA)
        return results[0]

    def compute(self, sizes: Mapping[Dim, int]) -> None:
        """Refusal where the kernel of the CPU refuses sizes: that of ``meta`` may check less."""
        try:
            self.on_cpu(sizes)
        except Refusal as refusal:
            if ON_SIZES.search(str(refusal)):
                self.differs = True
                raise
        except TooLarge:
            if self.differs:
                raise
        except (Unable, ArithmeticError):
            pass  # meta has the last word

    def made(self, sizes: Mapping[Dim, int], device: str, fill: str) -> Any:
        """The call itself, with these entries in its tensors."""
        maker = _Maker(sizes, device, fill)
        try:
            with apart():
                args, kwargs = maker.make(self.args), maker.make(dict(self.kwargs))
                return read(self.twin(device)(*args, **kwargs), device)
        except (TooManyElements, OverflowError, MemoryError):
            raise TooLarge from None
        except (Unplayable, Unable) as error:
            raise Unable(str(error)) from None
        except NotImplementedError as error:
            raise hindered(error, device) from None
        except FAULTS as error:
            raise judged(error, device) from None
        except ArithmeticError as error:
            if device == "meta":
                raise
            raise Unable(str(error)) from None
        except Exception as error:
            raise Unable(f"it raises {type(error).__name__}: {error}") from None

    def twin(self, device: str) -> Any:
        """What is called: a function itself, a copy of a module."""
        if not isinstance(self.function, torch.nn.Module):
            return self.function
        if device not in self.twins:
            self.twins[device] = copied(self.function, device)
        return self.twins[device]


def judged(error: Exception, device: str) -> Exception:
    """Whether PyTorch refuses a call or cannot make it on a device."""
    text = str(error)
    if any(word in text for word in (*NO_KERNEL, *ON_DATA)) or is_about_meta(text):
        return hindered(error, device)
    if "out of memory" in text or "overflow" in text:
        return TooLarge()
    return Refusal(tidy(text))


def hindered(error: Exception, device: str) -> Exception:
    """What follows from a failure that is not for the sizes."""
    if any(word in str(error) for word in ON_DATA):
        return Unable(ITS_DATA)
    return _NoKernel() if device == "meta" else Unable(str(error).split("\n")[0])


class _NoKernel(Exception):
    """The operation cannot be run on meta tensors."""


class _Maker(Maker):
    """Arguments at numbers for their variables."""

    def __init__(self, sizes: Mapping[Dim, int], device: str, fill: str) -> None:
        super().__init__({}, device, {})
        self.at, self.fill = sizes, fill

    def size(self, size: Size) -> int:
        """The number for a size."""
        number = dims.rewrite(size, lambda atom: self.at.get(dims.of_atom(atom)))
        if not isinstance(number, int):
            raise Unplayable(f"{number} has no number")
        return number

    def make(self, item: Any) -> Any:
        """One argument; nothing of the user's is handed over."""
        if isinstance(item, SymbolicTensor):
            if item.constant is not None and self.device == "cpu":
                return item.constant().detach().clone()
            if prod(map(self.size, item.value or ())) > LARGEST:
                raise TooManyElements
            tensor = self.tensor(item)
            if self.device == "cpu" and self.fill != "zeros":
                ones = torch.ones_like(tensor).flatten()
                ones[1::2] = self.fill == "ones"
                tensor.copy_(ones.reshape(tensor.shape))
            return tensor
        if isinstance(item, torch.Tensor) and self.device == "cpu":
            return item.detach().clone()
        return super().make(item)


@contextmanager
def apart() -> Iterator[None]:
    """Runs things for real, and leaves no trace of it."""
    with ExitStack() as stack:
        stack.enter_context(entered(None))
        stack.enter_context(_disable_current_modes())
        stack.enter_context(torch._C.DisableTorchFunction())
        stack.enter_context(process_unchanged())
        stack.enter_context(torch.no_grad())
        stack.enter_context(warnings.catch_warnings())
        warnings.simplefilter("ignore")
        yield


def read(result: Any, device: str) -> Any:
    """A result of torch's as rules give it."""
    if isinstance(result, torch.Tensor):
        value = arguments.value_of(result)
        strides = tuple(result.stride()) if value.strides is not None else None
        place = "cpu" if value.device == "meta" else value.device
        return Value(value, value.dtype, strides, device=place)
    if isinstance(result, torch.Size):
        return Sizes(result)
    if isinstance(result, list | tuple):
        return [read(item, device) for item in result]
    if result is None or (device == "meta" and isinstance(result, int | float | str | bool)):
        return result
    if isinstance(result, bool | int | float | complex):
        raise Unable("its result is a number that depends on data")
    raise Unable(f"its result is a {type(result).__name__}")


def sizes_in(tree: Any) -> Iterator[Size]:
    """The sizes among some arguments, those of tensors too."""
    if isinstance(tree, Dim):
        yield tree
    elif isinstance(tree, Value):
        yield from tree
        yield from tree.strides or ()
    else:
        for item in _parts(tree):
            yield from sizes_in(item)


def numbers_in(tree: Any) -> Iterator[int]:
    """The numbers among some arguments, sizes of tensors too."""
    if isinstance(tree, int) and not isinstance(tree, bool):
        yield abs(tree)
    else:
        for item in tree if isinstance(tree, Value) else _parts(tree):
            yield from numbers_in(item)


def _parts(tree: Any) -> Any:
    if isinstance(tree, slice):
        return (tree.start, tree.stop, tree.step)
    if isinstance(tree, dict):
        return tree.values()
    return tree if isinstance(tree, list | tuple) else ()


def _key(tree: Any) -> Any:
    """Arguments as a key: equal for calls that are made alike."""
    if isinstance(tree, Value):
        return tuple(tree), tree.dtype, tree.strides, tree.device, str(tree.known)
    if isinstance(tree, dict):
        return tuple((name, _key(item)) for name, item in tree.items())
    if isinstance(tree, list | tuple | slice):
        return type(tree).__name__, *map(_key, _parts(tree))
    return tree if isinstance(tree, Dim) else (type(tree).__name__, str(tree))


__all__ = ["Cache", "Runner", "apart", "probed", "read"]
