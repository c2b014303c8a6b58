"""Every option of the recurrent modules times every single fault, judged by the modules themselves.

A cell is one module, one form of input (batched, unbatched, packed in order or not), a state or
none, and one fault. The rule must accept what the module accepts, give the same shapes, and name
the operand and the kind of fault where the module refuses.
"""

from __future__ import annotations

import itertools
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import pytest
import torch
from torch import nn
from torch.nn.utils.rnn import PackedSequence, pack_padded_sequence

from shapeflow.ops import Call, Fault, Value, lookup
from shapeflow.ops.apply import apply
from shapeflow.ops.packed import Packed, PackedSizes

from .harness import Ask, attributes

FEATURES, HIDDEN, PROJECTED, TIME, BATCH = 3, 5, 4, 3, 6
LENGTHS = (3, 3, 2, 2, 1, 1)
UNSORTED = (1, 3, 2, 3, 1, 2)
FORMS = ("batched", "unbatched", "packed", "unsorted")


@dataclass(frozen=True)
class Given:
    """What a module is called with: shapes, and how the states are handed over."""

    input: tuple[int, ...]
    states: tuple[tuple[int, ...], ...] = ()
    bundle: Callable[[list[Any]], Any] = list
    dtype: str = "float32"


@dataclass(frozen=True)
class Flaw:
    """One way to go wrong, and what the reason must name: operand and kind."""

    name: str
    apply: Callable[[Given], Given]
    of: str = ""
    kind: str = ""


# -- faults ------------------------------------------------------------------------------------


def resized(shape: tuple[int, ...], axis: int, size: int) -> tuple[int, ...]:
    at = axis % len(shape)
    return (*shape[:at], size, *shape[at + 1 :])


def on_input(change: Callable[[tuple[int, ...]], tuple[int, ...]]) -> Callable[[Given], Given]:
    return lambda given: replace(given, input=change(given.input))


def on_state(
    i: int, change: Callable[[tuple[int, ...]], tuple[int, ...]]
) -> Callable[[Given], Given]:
    def apply(given: Given) -> Given:
        states = list(given.states)
        states[i] = change(states[i])
        return replace(given, states=tuple(states))

    return apply


def handed(bundle: Callable[[list[Any]], Any]) -> Callable[[Given], Given]:
    return lambda given: replace(given, bundle=bundle)


def input_flaws(time: int | None, batch: int | None, given: bool) -> Iterator[Flaw]:
    """``time`` and ``batch`` are the input's axes, where it has them."""
    yield Flaw("none", lambda g: g)
    for size in (FEATURES + 1, FEATURES - 1, 1, 0):
        change = on_input(lambda s, n=size: resized(s, -1, n))
        yield Flaw(f"{size} features", change, "input", "features")
    yield Flaw("an axis more", on_input(lambda s: (*s, 1)), "input")
    yield Flaw("an axis more before", on_input(lambda s: (1, *s)))
    yield Flaw("an axis less", on_input(lambda s: s[1:]))
    yield Flaw("two axes less", on_input(lambda s: s[2:]), "input", "rank")
    yield Flaw("a double", lambda g: replace(g, dtype="float64"), "input", "dtype")
    if time is not None:
        yield Flaw("no steps", on_input(lambda s: resized(s, time, 0)), "input", "values")
        yield Flaw("one step", on_input(lambda s: resized(s, time, 1)))
    if time is not None and batch is not None:
        state = "hx" if given else ""
        swapped = on_input(lambda s: (s[1], s[0], s[2]))
        yield Flaw("batch and time swapped", swapped, state, "batch")
        yield Flaw("no batch", on_input(lambda s: resized(s, batch, 0)), state, "batch")
        yield Flaw("one in the batch", on_input(lambda s: resized(s, batch, 1)), state, "batch")


def state_flaws(i: int, name: str, width: int, rows: int, batched: bool) -> Iterator[Flaw]:
    for size in (width + 1, width - 1, 1, HIDDEN + PROJECTED):
        change = on_state(i, lambda s, n=size: resized(s, -1, n))
        yield Flaw(f"{size} in {name}", change, name, "hidden")
    for size in (rows + 1, rows - 1, 2 * rows):
        change = on_state(i, lambda s, n=size: resized(s, 0, n))
        yield Flaw(f"{size} rows in {name}", change, name, "layers")
    yield Flaw(f"an axis more in {name}", on_state(i, lambda s: (*s, 1)), name, "rank")
    yield Flaw(f"an axis before {name}", on_state(i, lambda s: (1, *s)), name, "rank")
    yield Flaw(f"no rows in {name}", on_state(i, lambda s: s[1:]), name, "rank")
    yield Flaw(f"{name} of one axis", on_state(i, lambda s: s[-1:]), name, "rank")
    if batched:
        for size in (BATCH + 1, BATCH - 1, 1, TIME):
            change = on_state(i, lambda s, n=size: resized(s, 1, n))
            yield Flaw(f"{size} batches in {name}", change, name, "batch")
        yield Flaw(f"{name} batch first", on_state(i, lambda s: (s[1], s[0], s[2])), name, "layers")
        yield Flaw(f"no batch in {name}", on_state(i, lambda s: (s[0], s[2])), name, "rank")
    else:
        yield Flaw(f"a batch in {name}", on_state(i, lambda s: (s[0], 1, s[1])), name, "rank")


def bundle_flaws(lstm: bool) -> Iterator[Flaw]:
    yield Flaw("a list", handed(list))
    if lstm:
        yield Flaw("h alone", handed(lambda x: x[0]), "hx")
        yield Flaw("h and c stacked", handed(stacked), "hx")
        yield Flaw("a tuple of one", handed(lambda x: (x[0],)), "hx", "structure")
        yield Flaw("a tuple of three", handed(lambda x: (x[0], x[1], x[1])), "hx", "structure")
        yield Flaw("c before h", handed(lambda x: (x[1], x[0])), "hx[0]", "hidden")
    else:
        yield Flaw("a tuple of one", handed(tuple), "hx", "structure")
        yield Flaw("a tuple of two", handed(lambda x: (x[0], x[0])), "hx", "structure")


def stacked(states: list[Any]) -> Any:
    """Both states in one tensor, as if a tensor would do for a tuple."""
    if isinstance(states[0], Value):
        return Value((2, *states[0]), states[0].dtype)
    return torch.stack([states[0], states[0]])


# -- one cell ----------------------------------------------------------------------------------


def mine(module: nn.Module, name: str, given: Given, form: str) -> tuple[Any, list[Any]]:
    """The rule's answer and the origins of broken requirements."""
    rule, ask = lookup(name), Ask()
    assert rule is not None
    x: Any = Value(given.input, given.dtype)
    if form in ("packed", "unsorted"):
        x = packed_value(given, form == "unsorted")
    hx = given.bundle([Value(s) for s in given.states]) if given.states else None
    options = {a: getattr(module, a, None) for a in rule.attributes}
    options["dtype"] = "float32"
    try:
        answer = apply(rule, Call(name, ask), (x, hx), options)
    except Fault:
        answer = None
    return answer, [d.origin for d in ask.demands if not d.at({})]


def packed_value(given: Given, unsorted: bool) -> Packed:
    total = sum(LENGTHS)
    sizes = PackedSizes(BATCH, max(LENGTHS), total)
    order = Value((BATCH,), "int64") if unsorted else None
    counts = Value((max(LENGTHS),), "int64", known=sizes)
    return Packed(Value((total, *given.input[2:]), given.dtype), counts, order, order)


def theirs(module: nn.Module, given: Given, form: str) -> Any:
    """The module's answer, or its message."""
    device = next(module.parameters()).device
    x: Any = torch.zeros(given.input, dtype=getattr(torch, given.dtype), device=device)
    try:
        if form in ("packed", "unsorted"):
            lengths = torch.tensor(LENGTHS if form == "packed" else UNSORTED)
            x = pack_padded_sequence(x, lengths, enforce_sorted=form == "packed")
        hx = given.bundle([torch.zeros(s, device=device) for s in given.states])
        return module(x, hx if given.states else None)
    except (RuntimeError, ValueError, IndexError, TypeError, AttributeError) as error:
        return f"{type(error).__name__}: {error}"


def shapes(result: Any) -> list[tuple[int, ...]]:
    if isinstance(result, Packed | PackedSequence):
        return [tuple(result.data.shape)]
    if isinstance(result, Value | torch.Tensor):
        return [tuple(result.shape)]
    return [shape for item in result for shape in shapes(item)]


def complaint(module: nn.Module, name: str, given: Given, form: str, flaw: Flaw) -> str:
    """What is wrong with one cell; "" where rule and module agree."""
    answer, broken = mine(module, name, given, form)
    real = theirs(module, given, form)
    refused = isinstance(real, str)
    if refused != bool(broken):
        return f"the module says {real if refused else shapes(real)}, the rule {broken}"
    if not refused and shapes(answer) != shapes(real):
        return f"shapes {shapes(answer)}, the module gives {shapes(real)}"
    named = [(origin.operands[0], origin.code) for origin in broken]
    right = [of.startswith(flaw.of) and flaw.kind in kind for of, kind in named]
    if broken and flaw.of and not any(right):
        return f"the reasons name {named}, not {flaw.of} and {flaw.kind}"
    return ""


# -- layers ------------------------------------------------------------------------------------


def unsafe(form: str, flaw: Flaw) -> bool:
    """Cells in which an LSTM on the CPU reads memory that is not its own, or broadcasts by chance.

    Beside a packed input ATen never checks that both states have equally many rows.
    """
    if form != "packed" and form != "unsorted":
        return False
    rows = flaw.kind in ("layers", "rank") and flaw.of in ("hx[0]", "hx[1]")
    return rows or flaw.name in ("1 batches in hx[1]", "1 in hx[1]")


def on_both(change: Callable[[tuple[int, ...]], tuple[int, ...]]) -> Callable[[Given], Given]:
    return lambda given: replace(given, states=tuple(change(s) for s in given.states))


def row_flaws(rows: int) -> Iterator[Flaw]:
    for size in (rows + 1, rows - 1, 2 * rows):
        yield Flaw(f"{size} rows", on_both(lambda s, n=size: resized(s, 0, n)), "hx", "layers")
    yield Flaw("no rows", on_both(lambda s: s[1:]), "hx", "rank")
    yield Flaw("batch first", on_both(lambda s: (s[1], s[0], *s[2:])), "hx", "layers")


def layer_options() -> Iterator[tuple[str, dict[str, Any]]]:
    flags = (False, True)
    choices = itertools.product((1, 2), flags, flags, flags, (0.0, 0.5))
    for layers, both, first, bias, dropout in choices:
        options = {
            "input_size": FEATURES, "hidden_size": HIDDEN, "num_layers": layers, "bias": bias,
            "bidirectional": both, "batch_first": first, "dropout": dropout,
        }  # fmt: skip
        yield "nn.LSTM", options
        yield "nn.LSTM", {**options, "proj_size": PROJECTED}
        yield "nn.GRU", options
        yield "nn.RNN", {**options, "nonlinearity": "tanh"}
        yield "nn.RNN", {**options, "nonlinearity": "relu"}


def layer_given(module: Any, form: str, stateful: bool) -> Given:
    rows = module.num_layers * (1 + module.bidirectional)
    first = module.batch_first and form == "batched"
    shape = (BATCH, TIME, FEATURES) if first else (TIME, BATCH, FEATURES)
    if form == "unbatched":
        shape = (TIME, FEATURES)
    lead = (rows,) if form == "unbatched" else (rows, BATCH)
    widths = (module.proj_size or HIDDEN, HIDDEN) if isinstance(module, nn.LSTM) else (HIDDEN,)
    if not stateful:
        return Given(shape)
    return Given(shape, tuple((*lead, width) for width in widths), bundle_of(len(widths)))


def bundle_of(count: int) -> Callable[[list[Any]], Any]:
    return tuple if count == 2 else lambda states: states[0]


def layer_flaws(module: Any, given: Given, form: str) -> Iterator[Flaw]:
    time, batch = {"batched": (0, 1), "unbatched": (0, None)}.get(form, (None, None))
    if form == "batched" and module.batch_first:
        time, batch = 1, 0
    for flaw in input_flaws(time, batch, bool(given.states)):
        packed = form in ("packed", "unsorted")
        if not (packed and flaw.name in ("an axis more before", "an axis less", "two axes less")):
            yield flaw
    names = ("hx[0]", "hx[1]") if len(given.states) == 2 else ("hx",)
    for i, state in enumerate(given.states):
        yield from state_flaws(i, names[i], state[-1], state[0], form != "unbatched")
    if given.states:
        yield from bundle_flaws(len(given.states) == 2)
        if form != "unbatched":
            yield from row_flaws(given.states[0][0])


def walk(form: str, options: Iterator[tuple[str, dict[str, Any]]]) -> tuple[int, list[str]]:
    """How many cells there are, and what is wrong with some."""
    cells, wrong = 0, []
    for name, chosen in options:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # dropout on a single layer
            module = getattr(nn, name[3:])(**chosen)
        for stateful in (False, True):
            base = layer_given(module, form, stateful)
            for flaw in layer_flaws(module, base, form):
                if isinstance(module, nn.LSTM) and unsafe(form, flaw):
                    continue
                given = flaw.apply(base)
                cells += 1
                if found := complaint(module, name, given, form, flaw):
                    wrong.append(f"{name} {chosen} {form} {flaw.name} {given}: {found}")
    return cells, wrong


@pytest.mark.parametrize("form", FORMS)
def test_layers(form: str) -> None:
    plain = ((n, o) for n, o in layer_options() if o["bias"] and not o["dropout"])
    cells, wrong = walk(form, plain)
    assert not wrong, f"{len(wrong)} of {cells} cells\n" + "\n".join(wrong[:8])
    assert cells > 1000


@pytest.mark.slow
@pytest.mark.parametrize("form", FORMS)
def test_layers_without_bias_and_with_dropout(form: str) -> None:
    others = ((n, o) for n, o in layer_options() if not o["bias"] or o["dropout"])
    cells, wrong = walk(form, others)
    assert not wrong, f"{len(wrong)} of {cells} cells\n" + "\n".join(wrong[:8])
    assert cells > 3000


# -- cells -------------------------------------------------------------------------------------


def cell_flaws(name: str, given: Given, batched: bool) -> Iterator[Flaw]:
    yield from input_flaws(None, None, bool(given.states))
    for size in (BATCH + 1, 1, 0) if batched else ():
        state = "hx" if given.states else ""
        yield Flaw(f"batch {size}", on_input(lambda s, n=size: resized(s, 0, n)), state, "batch")
    names = ("hx[0]", "hx[1]") if len(given.states) == 2 else ("hx",)
    for i in range(len(given.states)):
        for size in (HIDDEN + 1, HIDDEN - 1, 1):
            change = on_state(i, lambda s, n=size: resized(s, -1, n))
            yield Flaw(f"{size} in {names[i]}", change, names[i], "hidden")
        for size in (BATCH + 1, 1) if batched else ():
            change = on_state(i, lambda s, n=size: resized(s, 0, n))
            yield Flaw(f"batch {size} in {names[i]}", change, names[i], "batch")
        yield Flaw(f"an axis less in {names[i]}", on_state(i, lambda s: s[1:]), names[i], "rank")
        yield Flaw(f"an axis before {names[i]}", on_state(i, lambda s: (1, *s)), names[i], "rank")
        if batched:
            turned = on_state(i, lambda s: s[::-1])
            yield Flaw(f"{names[i]} transposed", turned, names[i])
        elif name == "nn.RNNCell":
            yield Flaw("a square state", on_state(i, lambda s: (HIDDEN, *s)))
    if given.states:
        yield from bundle_flaws(len(given.states) == 2)


def crashes(name: str, flaw: Flaw, batched: bool) -> bool:
    """Cells in which PyTorch splits gates that are not there, and the process ends."""
    return name == "nn.LSTMCell" and not batched and flaw.name == "an axis before hx[0]"


@pytest.mark.parametrize("name", ["nn.LSTMCell", "nn.GRUCell", "nn.RNNCell"])
def test_cells(name: str) -> None:
    wrong, cells = [], 0
    for bias, batched, stateful in itertools.product((False, True), repeat=3):
        module = getattr(nn, name[3:])(FEATURES, HIDDEN, bias=bias, device="meta")
        lead = (BATCH,) if batched else ()
        count = 1 + (name == "nn.LSTMCell")
        base = Given((*lead, FEATURES))
        if stateful:
            base = replace(base, states=((*lead, HIDDEN),) * count, bundle=bundle_of(count))
        for flaw in cell_flaws(name, base, batched):
            if crashes(name, flaw, batched) or flaw.kind == "dtype":
                continue
            given, form = flaw.apply(base), "batched"
            cells += 1
            if found := complaint(module, name, given, form, flaw):
                wrong.append(f"{name} bias {bias} {flaw.name} {given}: {found}")
    assert not wrong, f"{len(wrong)} of {cells} cells\n" + "\n".join(wrong[:8])


def test_a_module_has_every_attribute_that_its_rule_asks_for() -> None:
    for name in ("nn.LSTM", "nn.GRU", "nn.RNN", "nn.LSTMCell", "nn.GRUCell", "nn.RNNCell"):
        rule = lookup(name)
        assert rule is not None
        found = attributes(name, rule.attributes, {"input_size": 3, "hidden_size": 5})
        assert set(found) == set(rule.attributes)


