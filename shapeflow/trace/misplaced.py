"""Several tensors in the place of one, such as what an LSTM returns handed to the next layer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from torch.nn.utils.rnn import PackedSequence

from ..ops import Rule
from .record import Record
from .tensor import find_trace

if TYPE_CHECKING:
    from .recorder import Recorder

SEVERAL = (tuple, list, PackedSequence)
"""Classes of what may hold several tensors."""


def refuse(
    recorder: Recorder, rule: Rule, name: str, function: Any, args: Any, kwargs: Any
) -> None:
    """Raises what PyTorch does where a call takes one tensor and is given several."""
    if not args or args[0].__class__ not in SEVERAL:
        return
    from .replay import refused

    packed = isinstance(args[0], PackedSequence) and name.startswith("nn.")
    if rule.signature.startswith("[") or "packed" in name or packed or find_trace(args[0]) is None:
        return
    path = recorder.stack[-1] if recorder.stack else ""
    record = Record("", name, function, args, kwargs, recorder.span, path, None, "", recorder.lift)
    error = refused(record)
    if error is not None:
        raise error
