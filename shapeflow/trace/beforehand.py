"""What a rule has to know about memory before it is asked, or cannot know."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ..core import dims
from ..core.dims import Size
from ..core.shape import product
from ..ops import Call, Value, layout
from ..ops.common import channels_last
from .conjugates import look_at_marks
from .results import RESHAPING
from .tensor import SymbolicTensor

if TYPE_CHECKING:
    from .recorder import Recorder


def look(
    recorder: Recorder, call: Call, name: str, args: Any, given: Any, named: Mapping[str, Any]
) -> None:
    """What a rule has to know about memory, or leaves open, before it is asked."""
    if args and ("as_strided" in name or name.endswith("fill_diagonal_")):
        call.memory = room(recorder, call, args[0])
    if name in ("Tensor.view", "Tensor.view_as") and isinstance(given[0], Value):
        _lay(call, given[0])
        _look_at_maker(recorder, call, args[0])
    if name in ("Tensor.view", "torch.view_as_real") and isinstance(given[0], Value):
        look_at_marks(call, args[0], (*given, *named.values()))
    if name in ("F.embedding", "F.embedding_bag"):
        place = 4 if name == "F.embedding" else 3
        limit = given[place] if len(given) > place else named.get("max_norm")
        weight = given[1] if len(given) > 1 else named.get("weight")
        if limit is not None:
            look_at_rows(recorder, call, weight)
    if name == "torch.isin" and len(given) > 1 and getattr(given[1], "strides", None):
        text = "whether isin reads what lies otherwise depends on how many entries there are"
        recorder.gap("memory", text, call.node)
    if name == "torch._grouped_mm":
        _look_at_steps(recorder, call, (*given[:2], *named.values()))


def _lay(call: Call, x: Value) -> None:
    """Takes a side on how a tensor lies that is a view at some sizes only."""
    for relation, strides in layout.turned(x):
        if call.holds(relation):
            x.strides, x.source = strides, None
            return


def _look_at_maker(recorder: Recorder, call: Call, x: Any) -> None:
    """Notes a view of what ``max_pool1d`` makes in another layout where gradients are recorded."""
    maker = recorder.records.get(recorder.symbolic(x).node.name)
    if maker is not None and maker.op.endswith("max_pool1d"):
        pooled = getattr(maker.given[0], "value", None) or ()
        if len(pooled) == 3 and channels_last(layout.inserted(pooled, 2)):
            text = "how max_pool1d lays out its result depends on whether gradients are recorded"
            recorder.gap("memory", text, call.node)


def look_at_rows(recorder: Recorder, call: Call, table: Any) -> None:
    """Notes a table whose rows cannot be scaled in place, if that comes to it."""
    if isinstance(table, Value) and 0 in layout.strides_of(table)[1:]:
        text = "rows that are expanded cannot be scaled, and which ones are depends on entries"
        recorder.gap("memory", text, call.node)


def _look_at_steps(recorder: Recorder, call: Call, operands: Any) -> None:
    """Notes matrices of one row or column: an axis with one entry may have any step."""
    for x in operands:
        if isinstance(x, Value) and 1 in x[-2:]:
            text = "the step along an axis that has one entry is not known"
            recorder.gap("memory", text, call.node)
            return


def room(recorder: Recorder, call: Call, x: Any) -> tuple[Size, Size] | None:
    """How many elements the memory of a tensor has, and where in it the tensor begins."""
    target = recorder.symbolic(x)
    owner = owner_of(target)
    if owner.value is not None and target.value is not None and target.offset is not None:
        if owner.value.dtype == target.value.dtype and not target.copies:
            return product(owner.value) if owner.room is None else owner.room, target.offset
    recorder.gap("memory", "how much memory a tensor has is not known", call.node)
    return None


def reshaped(target: SymbolicTensor, name: str, after: Value | None) -> None:
    """Remembers how large a memory is whose tensor takes another shape: it never shrinks."""
    owner, short = owner_of(target), name.rpartition(".")[2]
    if short not in RESHAPING or owner.value is None:
        return
    if owner.room is None:
        owner.room = product(owner.value)
    if short != "as_strided_" and after is not None and target.offset is not None:
        if 0 not in (after.strides or ()):  # else nothing changed
            owner.room = dims.maximum(owner.room, target.offset + product(after))


def owner_of(x: SymbolicTensor) -> SymbolicTensor:
    """The tensor whose memory it is."""
    return x if x.base is None else x.base
