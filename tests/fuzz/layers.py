"""Layers: recurrent ones, in loops or packed, convolutions, normalisation, attention."""

from __future__ import annotations

from shapeflow.core.dims import Size, floordiv
from shapeflow.ops import Value

from .idiom import features, idiom, one
from .operands import Operands
from .workshop import Unfit

SAME_SHAPE = (
    "LayerNorm BatchNorm GroupNorm InstanceNorm RMSNorm Dropout Dropout2d GELU PReLU Softmax "
    "TransformerEncoderLayer".split()
)


@idiom
def linear(maker: Operands) -> None:
    x = maker.pick((1, 2, 3, 4))
    size, wide = features(maker, x), maker.rng.randint(1, 6)
    layer, line = maker.layer(f"nn.Linear({size}, {wide})")
    one(maker, f"{layer}({x})", "nn.Linear", (*maker.pool[x][:-1], wide), line)


@idiom
def recurrent(maker: Operands) -> None:
    rng = maker.rng
    x = maker.pick((3, 3, 2))
    size, hidden, layers = features(maker, x), rng.randint(1, 5), rng.choice((1, 1, 2))
    kind, both, first = rng.choice(("LSTM", "GRU", "RNN")), rng.random() < 0.3, rng.random() < 0.6
    options = f", num_layers={layers}" * (layers > 1) + ", bidirectional=True" * both
    options += ", batch_first=True" * first
    layer, line = maker.layer(f"nn.{kind}({size}, {hidden}{options})")
    value, ways = maker.pool[x], 2 if both else 1
    batch = () if len(value) == 2 else (value[0] if first else value[1],)
    state = Value((layers * ways, *batch, hidden))
    hx = ""
    if rng.random() < 0.5:
        hx = maker.made(state)
        if maker.mood == "condition" and rng.random() < 0.4:
            hx = maker.pick((len(state),))
        hx = f", ({hx}, {hx})" if kind == "LSTM" else f", {hx}"
    n = int(maker.name()[1:])
    names = [f"v{n + i}" for i in range(3 if kind == "LSTM" else 2)]
    shapes = [Value((*value[:-1], hidden * ways)), state, state]
    last = f"({names[1]}, {names[2]})" if kind == "LSTM" else names[1]
    writes = dict(zip(names, shapes, strict=False))
    maker.add(f"{names[0]}, {last} = {layer}({x}{hx})", f"nn.{kind}", writes, [line], guessed=True)


@idiom
def cell_loop(maker: Operands) -> None:
    """A cell stepped along an axis of known or unknown length."""
    rng = maker.rng
    x = maker.pick((3,))
    value, hidden = maker.pool[x], rng.randint(1, 4)
    if not isinstance(value[1], int) and any("range(" in step.text for step in maker.steps):
        raise Unfit
    size = features(maker, x)
    kind = rng.choice(("GRUCell", "LSTMCell", "RNNCell"))
    layer, line = maker.layer(f"nn.{kind}({size}, {hidden})")
    h = maker.name()
    batch = maker.text(value[0])
    start = f"torch.zeros({batch}, {hidden})"
    call = f"{h} = {layer}({x}[:, t], {h})"
    if kind == "LSTMCell":
        start, call = f"{start}, {start}", f"{h}, state = {layer}({x}[:, t], ({h}, state))"
    shape: tuple[Size, ...] = (value[0], hidden)
    left = f"{h}, state" if kind == "LSTMCell" else h
    lines = [f"{left} = {start}", f"for t in range({x}.size(1)):", f"    {call}"]
    if rng.random() < 0.5:
        lines = [f"{left} = {start}", "outs = []", f"for t in range({x}.size(1)):", f"    {call}",
                 f"    outs.append({h})", f"{h} = torch.stack(outs, dim=1)"]
        shape = (value[0], value[1], hidden)
    maker.add("\n".join(lines), f"nn.{kind} loop", {h: Value(shape)}, [line], guessed=True)


@idiom
def cell(maker: Operands) -> None:
    rng = maker.rng
    x = maker.pick((2, 1))
    kind, hidden = rng.choice(("GRUCell", "RNNCell")), rng.randint(1, 4)
    layer, line = maker.layer(f"nn.{kind}({features(maker, x)}, {hidden})")
    shape = (*maker.pool[x][:-1], hidden)
    hx = f", {maker.made(Value(shape))}" if rng.random() < 0.6 else ""
    one(maker, f"{layer}({x}{hx})", f"nn.{kind}", shape, line)


@idiom
def packed(maker: Operands) -> None:
    """Sequences of lengths that are the same for all, or given."""
    rng = maker.rng
    x = maker.pick((3,))
    value, hidden = maker.pool[x], rng.randint(1, 4)
    layer, line = maker.layer(f"nn.GRU({features(maker, x)}, {hidden}, batch_first=True)")
    n = int(maker.name()[1:])
    lengths = f"torch.full(({maker.text(value[0])},), {maker.text(value[1])})"
    lines = [
        f"packed = nn.utils.rnn.pack_padded_sequence({x}, {lengths}, batch_first=True)",
        f"packed, v{n} = {layer}(packed)",
        f"v{n + 1}, v{n + 2} = nn.utils.rnn.pad_packed_sequence(packed, batch_first=True)",
    ]
    writes = {f"v{n}": Value((1, value[0], hidden)),
              f"v{n + 1}": Value((value[0], value[1], hidden)),
              f"v{n + 2}": Value((value[0],), "int64")}  # fmt: skip
    maker.add("\n".join(lines), "packed", writes, [line], guessed=True)


@idiom
def convolution(maker: Operands) -> None:
    rng = maker.rng
    x = maker.pick((3, 4))
    value = maker.pool[x]
    n, wide = len(value) - 2, rng.randint(1, 6)
    kernel, stride, padding = rng.randint(1, 4), rng.randint(1, 3), rng.randint(0, 2)
    options = f", stride={stride}" * (stride > 1) + f", padding={padding}" * (padding > 0)
    layer, line = maker.layer(f"nn.Conv{n}d({features(maker, x, 1)}, {wide}, {kernel}{options})")
    space = (floordiv(s + 2 * padding - kernel, stride) + 1 for s in value[2:])
    one(maker, f"{layer}({x})", f"nn.Conv{n}d", (value[0], wide, *space), line)


@idiom
def pooling(maker: Operands) -> None:
    rng = maker.rng
    x = maker.pick((3, 4))
    value, size = maker.pool[x], rng.randint(1, 3)
    n = len(value) - 2
    if rng.random() < 0.3:
        layer, line = maker.layer(f"nn.Adaptive{rng.choice(('Avg', 'Max'))}Pool{n}d({size})")
        one(maker, f"{layer}({x})", "nn.AdaptivePool", (*value[:2], *[size] * n), line)
        return
    layer, line = maker.layer(f"nn.{rng.choice(('Avg', 'Max'))}Pool{n}d({size})")
    space = (floordiv(s, size) for s in value[2:])
    one(maker, f"{layer}({x})", "nn.Pool", (*value[:2], *space), line)


@idiom
def same_shape_layer(maker: Operands) -> None:
    rng = maker.rng
    x = maker.pick((2, 3, 4))
    value = maker.pool[x]
    name = rng.choice(SAME_SHAPE)
    made = f"nn.{name}()"
    if name in ("LayerNorm", "RMSNorm"):
        made = f"nn.{name}({features(maker, x)})"
    elif name == "BatchNorm":
        made = f"nn.BatchNorm{ {2: 1, 3: 1, 4: 2}[len(value)] }d({features(maker, x, 1)})"
    elif name == "InstanceNorm":
        made = f"nn.InstanceNorm{ {2: 1, 3: 1, 4: 2}[len(value)] }d({features(maker, x, 1)})"
    elif name == "GroupNorm":
        made = f"nn.GroupNorm({rng.choice((1, 1, 2))}, {features(maker, x, 1)})"
    elif name == "Softmax":
        made = "nn.Softmax(dim=-1)"
    elif name == "TransformerEncoderLayer":
        if len(value) > 3:
            raise Unfit
        made = f"nn.TransformerEncoderLayer({features(maker, x)}, 1, 8, batch_first=True)"
    layer, line = maker.layer(made)
    one(maker, f"{layer}({x})", f"nn.{name}", tuple(value), line)


@idiom
def attention(maker: Operands) -> None:
    x = maker.pick((3, 2))
    value = maker.pool[x]
    heads = maker.rng.choice((1, 1, 2))
    made = f"nn.MultiheadAttention({features(maker, x)}, {heads}, batch_first=True)"
    layer, line = maker.layer(made)
    n = int(maker.name()[1:])
    key = x
    if maker.rng.random() < 0.4:
        key = maker.operand(" ".join(map(str, (*value[:-2], "T", value[-1]))), {})
    weights = (*value[:-2], value[-2], maker.pool[key][-2])
    writes = {f"v{n}": Value(value), f"v{n + 1}": Value(weights)}
    text = f"v{n}, v{n + 1} = {layer}({x}, {key}, {key})"
    maker.add(text, "nn.MultiheadAttention", writes, [line], guessed=True)


@idiom
def embedding(maker: Operands) -> None:
    x = maker.pick((1, 2, 3), "int64")
    if not x.isalpha():
        raise Unfit
    layer, line = maker.layer(f"nn.Embedding(5, {maker.rng.randint(1, 5)})")
    wide = int(line.split()[-1][:-1])
    one(maker, f"{layer}({x})", "nn.Embedding", (*maker.pool[x], wide), line)
