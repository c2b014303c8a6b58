"""Steps as people write them: sizes, branches, loops, views that are written to."""

from __future__ import annotations

from shapeflow.core.dims import Dim, Size, floordiv
from shapeflow.core.shape import product
from shapeflow.ops import Value

from . import layers
from .idiom import IDIOMS, idiom, one
from .operands import Operands
from .workshop import Unfit

__all__ = ["IDIOMS", "layers"]


@idiom
def arithmetic(maker: Operands) -> None:
    rng = maker.rng
    x, y = maker.pick(), maker.pick()
    a, b = maker.pool[x], maker.pool[y]
    if rng.random() < 0.6:
        y = maker.made(Value(a[rng.randint(0, len(a)):]))
        b = maker.pool[y]
    if len(a) < len(b) or tuple(a[len(a) - len(b):]) != tuple(b):
        if maker.mood == "sound" and rng.random() < 0.7:
            raise Unfit
        if len(a) < len(b):
            raise Unfit
    text = rng.choice((
        f"{x} + {y}", f"{x} * {y}", f"{x} - 2 * {y}", f"{x} / {y}", f"{x} ** 2 + {y}",
        f"torch.where({x} > 0, {x}, {y})", f"{y} + {x}.abs()",
    ))  # fmt: skip
    one(maker, text, "arithmetic", tuple(a))


@idiom
def own_sizes(maker: Operands) -> None:
    """Views by the sizes that the tensor has itself."""
    rng = maker.rng
    x = maker.pick((2, 3, 4))
    value = maker.pool[x]
    rest, before = product(value[1:]), product(value[:-1])
    options: list[tuple[str, tuple[Size, ...]]] = [
        (f"{x}.view({x}.size(0), -1)", (value[0], rest)),
        (f"{x}.reshape(-1, {x}.shape[-1])", (before, value[-1])),
        (f"{x}.flatten(1)", (value[0], rest)),
        (f"{x}.reshape({x}.numel())", (before * value[-1],)),
        (f"{x}.view(*{x}.shape[:-1], 1, -1)", (*value[:-1], 1, value[-1])),
        (f"{x}.reshape(*{x}.size()[:1], 2, -1)", (value[0], 2, floordiv(rest, 2))),
    ]
    text, shape = rng.choice(options)
    one(maker, text, "view", shape)


@idiom
def turned(maker: Operands) -> None:
    rng = maker.rng
    x = maker.pick((2, 3, 4))
    value = maker.pool[x]
    order = rng.sample(range(len(value)), len(value))
    end = rng.choice(("", "", ".contiguous()"))
    text = f"{x}.permute({', '.join(map(str, order))}){end}"
    if rng.random() < 0.4:
        i, j = rng.sample(range(len(value)), 2)
        order = list(range(len(value)))
        order[i], order[j] = j, i
        text = f"{x}.transpose({i}, {j - len(value)}){end}"
    name = maker.name()
    maker.add(f"{name} = {text}", "permute", {name: Value([value[i] for i in order])}, guessed=True)


@idiom
def indexed(maker: Operands) -> None:
    rng = maker.rng
    x = maker.pick((1, 2, 3, 4))
    texts: list[str] = []
    shape: list[Size] = []
    for size in maker.pool[x]:
        way = rng.randint(0, 7)
        if way < 3:
            texts.append(":")
            shape.append(size)
        elif way == 3:
            texts.append(rng.choice(("0", "-1", "1")))
        elif way == 4:
            texts.append("1:")
            shape.append(size - 1)
        elif way == 5:
            texts.append("::2")
            shape.append(floordiv(size + 1, 2))
        elif way == 6:
            texts.append("None, :")
            shape += [1, size]
        else:
            texts.append("[0, 0]")
            shape.append(2)
    if texts.count("[0, 0]") > 1:
        raise Unfit
    one(maker, f"{x}[{', '.join(texts)}]", "getitem", tuple(shape))


@idiom
def written_view(maker: Operands) -> None:
    rng = maker.rng
    x = maker.pick((2, 3, 4))
    value = maker.pool[x]
    y = maker.name()
    texts = [
        (f"{y} = {x}.clone()\n{y}[:, 0] = 0", tuple(value)),
        (f"{y} = {x}.clone()\n{y}[..., -1] += 1", tuple(value)),
        (f"{y} = {x}[:, 0]\n{y}.mul_(2)", (value[0], *value[2:])),
        (f"{y} = {x}.transpose(0, 1)\n{y}.add_(1).relu_()", (value[1], value[0], *value[2:])),
        (f"{y} = {x}.clone()\n{y}[:, 1:] = {y}[:, :-1]", tuple(value)),
        (f"{y} = {x}.clone()\n{y}[{y} > 0] = 0", tuple(value)),
        (f"{y} = {x}.new_zeros({x}.shape)\n{y}.copy_({x})", tuple(value)),
        (f"{y} = {x}.clone()\n{y}[0] = {x}[-1]", tuple(value)),
        (f"{y} = torch.zeros_like({x})\n{y} += {x}", tuple(value)),
        (f"{y} = {x}.view(-1)\n{y} *= 2", (product(value),)),
    ]
    text, shape = rng.choice(texts)
    maker.add(text, "write", {y: Value(shape)}, guessed=True)


@idiom
def in_place_call(maker: Operands) -> None:
    rng = maker.rng
    x = maker.pick((1, 2, 3))
    y = maker.made(Value(maker.pool[x][-1:]))
    text = rng.choice((
        f"{x}.add_({y})", f"{x}.relu_()", f"{x}.mul_({y})", f"{x}.clamp_(min=0)", f"{x} += {y}",
        f"{x}.copy_({y})", f"{x}.fill_(1.0)", f"{x}.sigmoid_()",
    ))  # fmt: skip
    maker.add(text, "in place", {})


@idiom
def pieces(maker: Operands) -> None:
    rng = maker.rng
    x = maker.pick((1, 2, 3))
    value = maker.pool[x]
    axis = rng.randrange(len(value))
    size = value[axis]
    n = int(maker.name()[1:])

    def with_axis(*new: Size) -> Value:
        return Value((*value[:axis], *new, *value[axis + 1 :]))

    way = rng.randint(0, 3)
    if way == 0 and isinstance(size, int) and size % 2 == 0 and size:
        text = f"v{n}, v{n + 1} = {x}.chunk(2, dim={axis})"
        shapes = [with_axis(size // 2)] * 2
    elif way == 1 and isinstance(size, int) and 1 < size < 5:
        text = f"{', '.join(f'v{n + i}' for i in range(size))} = {x}.unbind({axis})"
        shapes = [with_axis()] * size
    elif way == 2:
        text = f"v{n}, v{n + 1} = {x}.split([1, {x}.size({axis}) - 1], {axis})"
        shapes = [with_axis(1), with_axis(size - 1)]
    else:
        text = f"v{n}, v{n + 1} = {x}.max(dim={axis}, keepdim=True)"
        shapes = [with_axis(1), Value(with_axis(1), "int64")]
    writes = {f"v{n + i}": shape for i, shape in enumerate(shapes)}
    maker.add(text, "pieces", writes, guessed=True)


@idiom
def joined(maker: Operands) -> None:
    rng = maker.rng
    x = maker.pick((1, 2, 3))
    value = maker.pool[x]
    if rng.random() < 0.4:
        y, axis = maker.made(Value(value)), rng.randrange(len(value) + 1)
        shape = (*value[:axis], 2, *value[axis:])
        one(maker, f"torch.stack([{x}, {y}], dim={axis})", "stack", shape)
        return
    axis = rng.randrange(len(value))
    spec = [str(s) if i != axis else "N" for i, s in enumerate(value)]
    y = maker.operand(" ".join(spec), {})
    long = value[axis] + maker.pool[y][axis]
    shape = (*value[:axis], long, *value[axis + 1 :])
    one(maker, f"torch.cat([{x}, {y}], dim={axis})", "cat", shape)


@idiom
def branch(maker: Operands) -> None:
    """A branch on a size, with another shape on each side or the same."""
    rng = maker.rng
    if sum("if " in step.text for step in maker.steps) > 1:
        raise Unfit
    x = maker.pick((2, 3))
    value = maker.pool[x]
    axis = rng.randrange(len(value))
    if not isinstance(value[axis], Dim):
        raise Unfit
    number = rng.randint(1, 4)
    test = f"{x}.size({axis}) {rng.choice(('>', '==', '<=', '!='))} {number}"
    if rng.random() < 0.3:
        test = f"{x}.shape[{axis}] % 2 == 0"
    y = maker.name()
    same = (f"{x}.relu()", f"{x} * 2", f"{x}.flip({axis})", f"torch.tanh({x})", f"{x}.clone()")
    text = f"if {test}:\n    {y} = {rng.choice(same)}\nelse:\n    {y} = {rng.choice(same)}"
    shape = Value(value)
    if rng.random() < 0.4:
        text = f"if {test}:\n    {y} = {x}.sum({axis})\nelse:\n    {y} = {x}.select({axis}, 0)"
        shape = Value((*value[:axis], *value[axis + 1 :]))
    maker.add(text, "branch", {y: shape}, guessed=True)


@idiom
def loop(maker: Operands) -> None:
    rng = maker.rng
    x = maker.pick((2, 3))
    value = maker.pool[x]
    if not isinstance(value[1], int) and any("range(" in step.text for step in maker.steps):
        raise Unfit
    y = maker.name()
    texts = [
        (f"{y} = torch.stack([{x}[:, t] * 2 for t in range({x}.size(1))], dim=1)", tuple(value)),
        (f"{y} = {x}[:, 0]\nfor t in range(1, {x}.size(1)):\n    {y} = {y} + {x}[:, t]",
         (value[0], *value[2:])),
        (f"{y} = {x}\nfor _ in range(3):\n    {y} = ({y} + {x}).tanh()", tuple(value)),
        (f"{y} = sum({x}[:, t] for t in range({x}.size(1)))", (value[0], *value[2:])),
    ]
    text, shape = rng.choice(texts)
    maker.add(text, "loop", {y: Value(shape)}, guessed=True)


@idiom
def attended(maker: Operands) -> None:
    """Scores of everything against everything."""
    x = maker.pick((3,))
    value = maker.pool[x]
    y = maker.name()
    text = maker.rng.choice((
        f"{y} = ({x} @ {x}.transpose(1, 2)).softmax(-1) @ {x}",
        f"{y} = torch.einsum('bij,bkj,bkl->bil', {x}, {x}, {x})",
        f"{y} = torch.bmm(torch.bmm({x}, {x}.mT), {x})",
        f"{y} = F.scaled_dot_product_attention({x}, {x}, {x})",
    ))  # fmt: skip
    maker.add(text, "attention", {y: Value(value)}, guessed=True)


@idiom
def reduced(maker: Operands) -> None:
    rng = maker.rng
    x = maker.pick((1, 2, 3, 4))
    value = maker.pool[x]
    axis = rng.randrange(-len(value), len(value))
    keep = rng.random() < 0.5
    place = axis % len(value)
    shape = (*value[:place], *([1] if keep else []), *value[place + 1 :])
    how = rng.choice("mean sum amax std prod logsumexp norm".split())
    one(maker, f"{x}.{how}(dim={axis}, keepdim={keep})", "reduce", shape)
