"""Recurrent layers and cells: torch/nn/modules/rnn.py, and what ATen checks behind it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ..core.dims import Size
from ..core.shape import Shape
from . import layout
from .call import Call
from .common import accepts, at_least_float, expandable, same_dtype
from .dtypes import promote_two
from .packed import Packed, check_packed, sizes_of, time_major
from .registry import op
from .value import Value

Input = Value | Packed
States = dict[str, Value]
"""The given states by the names that messages use; empty where none are given."""


@dataclass(frozen=True)
class Layer:
    """The options of a recurrent layer; ``widths`` are the feature sizes of its states."""

    input_size: Size
    widths: tuple[Size, ...]
    rows: int
    batch_first: bool
    bidirectional: bool
    dtype: str


@op("nn.LSTM")
def lstm(
    call: Call,
    input: Input,
    hx: Any = None,
    *,
    input_size: int,
    hidden_size: int,
    num_layers: int,
    batch_first: bool,
    bidirectional: bool,
    proj_size: int,
    dtype: str,
) -> list[Any]:
    """(T, B, I), [(L*D, B, P), (L*D, B, H)] -> [(T, B, D*P), [(L*D, B, P), (L*D, B, H)]]"""
    widths, rows = (proj_size or hidden_size, hidden_size), num_layers * (1 + bidirectional)
    layer = Layer(input_size, widths, rows, batch_first, bidirectional, dtype)
    if isinstance(input, Packed):
        loose = input.sorted_indices is not None
    else:
        loose = len(input) == 2
    output, last = _run(call, layer, input, _pair(call, hx, loose))
    return [output, last]


@op("nn.GRU", "nn.RNN")
def gru(
    call: Call,
    input: Input,
    hx: Any = None,
    *,
    input_size: int,
    hidden_size: int,
    num_layers: int,
    batch_first: bool,
    bidirectional: bool,
    dtype: str,
) -> list[Any]:
    """(T, B, I), (L*D, B, H) -> [(T, B, D*H), (L*D, B, H)]"""
    rows = num_layers * (1 + bidirectional)
    layer = Layer(input_size, (hidden_size,), rows, batch_first, bidirectional, dtype)
    output, last = _run(call, layer, input, _single(call, hx))
    return [output, last[0]]


# -- states ------------------------------------------------------------------------------------


def _single(call: Call, hx: Any) -> States:
    if isinstance(hx, Value) or hx is None:
        return {} if hx is None else {"hx": hx}
    call.wrong("hx must be one tensor: only an LSTM has two states", kind="structure", of="hx")
    return {}


def _pair(call: Call, hx: Any, loose: bool) -> States:
    """The two states of an LSTM.

    Where ``forward`` takes them apart by index (``loose``) a tensor works too, and so does a
    longer tuple.
    """
    because = "hx must be a tuple of two tensors, h_0 and c_0"
    if isinstance(hx, Value) and hx and loose:
        call.at_least(hx[0], 2, because, kind="structure", of="hx", axis=0)
        hx = [Value(hx[1:], hx.dtype)] * 2
    if hx is None:
        return {}
    fit = not isinstance(hx, Value) and isinstance(hx, list | tuple)
    fit = fit and (len(hx) == 2 or (len(hx) > 2 and loose))
    if not fit or not all(isinstance(h, Value) for h in hx):
        call.wrong(because, kind="structure", of="hx")
        return {}
    return {"hx[0]": hx[0], "hx[1]": hx[1]}


def _check_state(call: Call, name: str, state: Value, wanted: Shape, input: Input) -> None:
    if len(state) != len(wanted):
        axes = "layers, batch and features" if len(wanted) == 3 else "layers and features"
        word = "has a batch" if len(wanted) == 3 else "has no batch"
        call.wrong(f"{name} must have axes of {axes}, as the input {word}", kind="rank", of=name)
        return
    because = f"the first size of {name} must be the number of layers times directions"
    packed = isinstance(input, Packed)
    layers = call.at_least if packed and name == "hx[1]" else call.equal  # nobody counts these
    layers(state[0], wanted[0], because, kind="layers", of=name, axis=0)
    because = f"the last size of {name} must be the layer's hidden size"
    call.equal(state[-1], wanted[-1], because, kind="hidden", of=name, axis=-1)
    if len(wanted) == 3:
        because = f"the batch of {name} (its axis 1, whatever batch_first says)"
        because += " must be the batch of the input"
        picked = isinstance(input, Packed) and input.sorted_indices is not None
        batch = call.at_least if picked else call.equal  # index_select leaves the others
        batch(state[1], wanted[1], because, kind="batch", of=name, axis=1)


# -- layers ------------------------------------------------------------------------------------


def _run(call: Call, layer: Layer, input: Input, states: States) -> tuple[Any, list[Value]]:
    """The output of a layer, and its last states."""
    x = input.data if isinstance(input, Packed) else input
    batch = _batch(call, input, layer.batch_first)
    _check_input(call, x, layer.input_size, layer.dtype)
    lead = (layer.rows,) if batch is None else (layer.rows, batch)
    for (name, state), width in zip(states.items(), layer.widths, strict=False):
        _check_state(call, name, state, (*lead, width), input)
        if name != "hx[1]" or len(set(layer.widths)) == 1 or (
            promote_two(state.dtype, layer.dtype) != layer.dtype
        ):  # beside a projection the state of the cell is promoted
            _check_dtype(call, state, layer.dtype, name)
    last = [Value((*lead, width), x.dtype) for width in layer.widths]
    features = layer.widths[0] * (1 + layer.bidirectional)
    if isinstance(input, Packed):
        steps = sizes_of(call, input.batch_sizes, x).total
        data = Value((steps, features), x.dtype)
        return Packed(data, input.batch_sizes, input.sorted_indices, input.unsorted_indices), last
    if batch is None:
        return Value((x[0], features), x.dtype), last
    steps = x[1] if layer.batch_first else x[0]
    return time_major((steps, batch, features), layer.batch_first, x.dtype), last


def _batch(call: Call, input: Input, batch_first: bool) -> Size | None:
    """The batch of the input, None where it has no axis of that."""
    if isinstance(input, Packed):
        call.rank(input.data, 2, of="input", because="packed data must have one axis of features")
        call.rank(input.batch_sizes, 1, of="batch_sizes")
        if input.batch_sizes.dtype != "int64":
            call.wrong("batch sizes must be int64", kind="dtype", of="batch_sizes")
        call.at_least(input.batch_sizes[0], 1, "there must be a step", kind="packed", of="input")
        sizes = sizes_of(call, input.batch_sizes, input.data)
        check_packed(call, input.data, sizes, "input")
        return sizes.batch
    because = "the input must have 3 axes (time, batch, features), or 2 without a batch"
    call.rank(input, 2, 3, of="input", because=because)
    axis = 1 if batch_first and len(input) == 3 else 0
    because = "the sequence must have at least one step"
    call.at_least(input[axis], 1, because, kind="values", of="input", axis=axis)
    return None if len(input) == 2 else input[1 - axis]


def _check_input(call: Call, x: Value, size: Size, dtype: str) -> None:
    because = "the last size of the input must be the layer's input_size"
    call.equal(x[-1], size, because, kind="features", of="input", axis=-1)
    _check_dtype(call, x, dtype, "input")


def _check_dtype(call: Call, x: Value, dtype: str, of: str) -> None:
    if dtype and x.dtype != dtype:
        call.wrong(f"the dtype of {of} must be that of the weights", kind="dtype", of=of)


# -- cells -------------------------------------------------------------------------------------


@op("nn.LSTMCell")
def lstm_cell(
    call: Call, input: Value, hx: Any = None, *, input_size: int, hidden_size: int, dtype: str
) -> list[Value]:
    """(B, I), [(B, H), (B, H)] -> [(B, H), (B, H)]"""
    shape = _cell_input(call, input, input_size, hidden_size, dtype)
    states = _pair(call, hx, len(input) == 1)
    for name, state in states.items():
        if name == "hx[1]" and len(state) == 2 == 1 + len(input):
            last = call.compatible(state[1], hidden_size, BATCHLESS, of=name, axis=-1)
            shape = _outer(call, name, state, hidden_size, last)
        else:
            _check_cell_state(call, name, state, shape)
    c = states.get("hx[1]", input)
    _check_dtype(call, states.get("hx[0]", input), dtype, "hx[0]")
    shape = _going_on(input, input_size, states, shape)
    return [Value(shape, promote_two(input.dtype, c.dtype))] * 2


@op("nn.GRUCell", "nn.RNNCell")
def gru_cell(
    call: Call, input: Value, hx: Any = None, *, input_size: int, hidden_size: int, dtype: str
) -> Shape:
    """(B, I), (B, H) -> (B, H)"""
    shape = _cell_input(call, input, input_size, hidden_size, dtype)
    for name, state in _single(call, hx).items():
        _check_dtype(call, state, dtype, name)
        if call.op == "nn.RNNCell" and len(state) == 2 == 1 + len(input):
            call.equal(state[1], hidden_size, BATCHLESS, kind="rank", of=name, axis=-1)
            shape = _outer(call, name, state, hidden_size, hidden_size)
        else:
            _check_cell_state(call, name, state, shape)
    shape = _going_on(input, input_size, _single(call, hx), shape)
    return _mixed(shape, hx) if call.op == "nn.GRUCell" else shape


def _going_on(input: Value, size: int, states: States, shape: Shape) -> Shape:
    """The next state: as the last one where the features of the input are wrong, too, so that the
    steps of a loop stay alike."""
    state = next(iter(states.values()), None)
    if state is None or not isinstance(input[-1], int) or input[-1] == size:
        return shape
    return (state[0], shape[-1]) if len(state) == len(shape) == 2 else shape


def _mixed(shape: Shape, hx: Any) -> Value:
    """The state of a gated unit, which lies in memory like the one it is mixed with."""
    hx = hx if isinstance(hx, Value) else Value(shape)
    return Value(shape, "", layout.follow(shape, [hx]) if len(hx) == len(shape) else None)


BATCHLESS = "the state must have one axis, as the input has no batch"


def _outer(call: Call, name: str, state: Value, hidden: Size, last: Size) -> Shape:
    """A state with a batch beside an input without, which passes where both sizes are equal."""
    call.equal(state[0], hidden, BATCHLESS, kind="rank", of=name, axis=0)
    return hidden, last


def _cell_input(call: Call, x: Value, size: int, hidden: int, dtype: str) -> Shape:
    because = "the input of a cell must have one axis of features, and one of the batch before it"
    call.rank(x, 1, 2, of="input", because=because)
    _check_input(call, x, size, dtype)
    return (*x[:-1], hidden)


def _check_cell_state(call: Call, name: str, state: Value, wanted: Shape) -> None:
    if len(state) != len(wanted):
        word = "the batch and the features" if len(wanted) == 2 else "the features alone"
        call.wrong(f"{name} must have {word} as axes, like the input", kind="rank", of=name)
        return
    because = f"the last size of {name} must be the cell's hidden_size"
    call.equal(state[-1], wanted[-1], because, kind="hidden", of=name, axis=-1)
    if len(wanted) == 2:
        because = f"the batch of {name} must be the batch of the input"
        call.equal(state[0], wanted[0], because, kind="batch", of=name, axis=0)


# -- functions ---------------------------------------------------------------------------------


@op("torch.lstm")
def lstm_function(call: Call, input: Value, *args: Any) -> list[Any]:
    """(T, B, I), [(L*D, B, P), (L*D, B, H)], [..] -> [(T, B, D*P), (L*D, B, P), (L*D, B, H)]"""
    packed = isinstance(args[0], Value)
    x: Input = Packed(input, args[0]) if packed else input
    hx, params, biases, layers, _, _, bidirectional, *rest = args[1:] if packed else args
    call.rank(input, 2 if packed else 3, of="input")
    layer = _of_weights(call, params, 4, biases, layers, bidirectional, any(rest))
    _one_dtype(call, params)
    output, last = _run(call, layer, x, _pair(call, hx, False))
    return [output.data if isinstance(output, Packed) else output, *last]


@op("torch.gru", "torch.rnn_tanh", "torch.rnn_relu")
def gru_function(call: Call, input: Value, *args: Any) -> list[Any]:
    """(T, B, I), (L*D, B, H), [..] -> [(T, B, D*H), (L*D, B, H)]"""
    packed = isinstance(args[1], Value)
    x: Input = Packed(input, args[0]) if packed else input
    hx, params, biases, layers, _, _, bidirectional, *rest = args[1:] if packed else args
    call.rank(input, 2 if packed else 3, of="input")
    gates = 3 if call.op == "torch.gru" else 1
    layer = _of_weights(call, params, gates, biases, layers, bidirectional, any(rest))
    _one_dtype(call, params)
    output, last = _run(call, layer, x, _single(call, hx))
    return [output.data if isinstance(output, Packed) else output, *last]


def _of_weights(
    call: Call,
    params: list[Value],
    gates: int,
    biases: bool,
    layers: int,
    bidirectional: bool,
    batch_first: bool,
) -> Layer:
    """The layer that flat weights make, which must fit one another."""
    rows = layers * (1 + bidirectional)
    each, rest = divmod(len(params), rows)
    projected = gates == 4 and each == 3 + 2 * biases
    if rest or each != 2 + 2 * biases + projected or any(len(w) != 2 for w in params[:2]):
        because = "there must be the weights of every layer and direction, and no others"
        call.fail(because, kind="layers", of="params")
    shown: Size = params[1][1]
    hidden: Size = params[each - 1][1] if projected else shown
    for row in range(rows):
        below = params[0][1] if row <= bidirectional else shown * (1 + bidirectional)
        wanted: list[Shape] = [(gates * hidden, below), (gates * hidden, shown)]
        wanted += [(gates * hidden,)] * (2 * biases) + [(shown, hidden)] * projected
        for weight, shape in zip(params[row * each :], wanted, strict=False):
            _check_weight(call, weight, shape)
    widths = (shown, hidden) if gates == 4 else (hidden,)
    return Layer(params[0][1], widths, rows, batch_first, bidirectional, params[0].dtype)


def _one_dtype(call: Call, params: list[Value]) -> None:
    """Demands one dtype, which the activation of the layer knows."""
    because = "the weights of a recurrent layer must have one dtype"
    same_dtype(call, *params, because=because)
    kinds = "if" if "relu" in call.op else "ifc" if call.op == "torch.rnn_tanh_cell" else "fc"
    accepts(call, params[0].dtype, kinds, "params")


def _check_weight(call: Call, weight: Value, wanted: Shape) -> None:
    because = "the weights of a recurrent layer must fit its gates, inputs and hidden size"
    if len(weight) != len(wanted):
        call.wrong(because, kind="features", of="params")
        return
    for axis, (size, right) in enumerate(zip(weight, wanted, strict=True)):
        call.equal(size, right, because, kind="features", of="params", axis=axis)


@op("torch.lstm_cell")
def lstm_cell_function(
    call: Call,
    input: Value,
    hx: Any,
    w_ih: Value,
    w_hh: Value,
    b_ih: Value | None = None,
    b_hh: Value | None = None,
) -> list[Value]:
    """(B, I), [(B, H), (B, H)], (4*H, I), (4*H, H), (4*H), (4*H) -> [(B, H), (B, H)]"""
    shape = _weighed(call, 4, input, w_ih, w_hh, b_ih, b_hh)
    states = _pair(call, hx, False)
    _check_dtype(call, states.get("hx[0]", input), w_hh.dtype, "hx[0]")
    for name, state in states.items():
        wide = name == "hx[1]" and len(state) > 2  # the state of the cell is broadcast
        _check_cell_state(call, name, Value(state[:2]) if wide else state, shape)
    whole = call.broadcast(shape, states.get("hx[1]", input)) if hx else shape
    return [Value(whole, promote_two(input.dtype, states.get("hx[1]", input).dtype))] * 2


@op("torch.gru_cell", "torch.rnn_tanh_cell", "torch.rnn_relu_cell")
def gru_cell_function(
    call: Call,
    input: Value,
    hx: Value,
    w_ih: Value,
    w_hh: Value,
    b_ih: Value | None = None,
    b_hh: Value | None = None,
) -> Shape:
    """(B, I), (B, H), (G*H, I), (G*H, H), (G*H), (G*H) -> (B, H)"""
    shape = _weighed(call, 3 if call.op == "torch.gru_cell" else 1, input, w_ih, w_hh, b_ih, b_hh)
    for name, state in _single(call, hx).items():
        _check_cell_state(call, name, state, shape)
        _check_dtype(call, state, w_hh.dtype, name)
    if call.op == "torch.gru_cell":
        return _mixed(shape, hx)
    tanh = call.op == "torch.rnn_tanh_cell"
    return Value(shape, at_least_float(input.dtype, call) if tanh else input.dtype)


def _weighed(
    call: Call, gates: int, x: Value, w_ih: Value, w_hh: Value, *biases: Value | None
) -> Shape:
    call.rank(x, 2, of="input", because="the input must have one axis of batch and one of features")
    for weight in (w_ih, w_hh):
        call.rank(weight, 2, of="weights")
    _one_dtype(call, [w_ih, w_hh, *(bias for bias in biases if bias is not None)])
    hidden = w_hh[1]
    _check_weight(call, w_hh, (gates * hidden, hidden))
    _check_weight(call, w_ih, (gates * hidden, w_ih[1]))
    for bias in biases:
        if bias is not None:
            expandable(call, bias, (x[0], gates * hidden), "params", "features")
    _check_input(call, x, w_ih[1], w_ih.dtype)
    return x[0], hidden
