"""Attention: scaled_dot_product_attention, and multi_head_attention_forward line by line."""

from __future__ import annotations

from functools import reduce

from ..core import constraint
from ..core.dims import Dim, Size
from ..core.shape import Shape, product
from . import layout
from .call import Call
from .common import accepts, empty, expandable, float_only, same_dtype, vanishes
from .dtypes import is_float, promote_two
from .registry import op
from .value import Value

BATCHES = "the axes of batch and heads must be equal, or one of them 1"


@op("scaled_dot_product_attention")
def scaled_dot_product_attention(
    call: Call, query: Value, key: Value, value: Value, attn_mask: Value | None = None,
    dropout_p: float = 0.0, is_causal: bool = False, scale: float | None = None,
    enable_gqa: bool = False,
) -> Value:  # fmt: skip
    """(*B, L, E), (*B, S, E), (*B, S, V) -> (*B, L, V)"""
    _check_operands(call, query, key, value, attn_mask)
    if vanishes(call, query[-2:-1]) or vanishes(call, value):  # nothing is computed, nor checked
        dtype = "int64" if query.dtype == "bool" else query.dtype
        return Value((*query[:-1], value[-1]), dtype)
    _check_attended(call, query, key, value, enable_gqa)
    keys, values = key[:-2], value[:-2]
    if enable_gqa:
        keys, values = _grouped(call, query, key, "key"), _grouped(call, query, value, "value")
    batch = call.broadcast(query[:-2], keys, because=BATCHES)
    alike = not dropout_p and len(query) == 4 and keys == values == query[:-2]
    fused = alike and _fused(query, key, value)
    if attn_mask is not None:
        _check_mask(call, attn_mask, (*batch, query[-2], key[-2]), is_causal, alike)
        fused = fused and len(attn_mask) in (2, 4)
    shape = (*call.broadcast(batch, values, because=BATCHES), query[-2], value[-1])
    return Value(shape, query.dtype, layout.follow(shape, [query]) if fused else None)


def _check_attended(call: Call, query: Value, key: Value, value: Value, grouped: bool) -> None:
    for name, x in (("query", query), ("key", key), ("value", value)):
        if len(x) < 2 + grouped:
            call.fail(f"{name} must have axes of heads, steps and features", kind="rank", of=name)
    accepts(call, query.dtype, "f", "query")
    because = "the features of key must be those of query"
    call.equal(key[-1], query[-1], because, kind="features", of="key", axis=-1)
    because = "value must have a step for each step of key"
    call.equal(value[-2], key[-2], because, kind="matmul", of="value", axis=-2)


def _grouped(call: Call, query: Value, x: Value, name: str) -> Shape:
    because = f"the heads of query must be a multiple of the heads of {name}"
    call.divides(x[-3], query[-3], because, of=name, axis=-3)
    return (*x[:-3], query[-3])


def _fused(query: Value, key: Value, value: Value) -> bool:
    """Whether a kernel runs that leaves the result in the layout of ``query``."""
    inner = all(layout.strides_of(x)[-1] == 1 for x in (query, key, value))
    return inner and query[-1] == key[-1] == value[-1]


def _check_operands(
    call: Call, query: Value, key: Value, value: Value, mask: Value | None
) -> None:
    """What is checked even where nothing is computed."""
    for name, x in (("query", query), ("key", key), ("value", value)):
        if len(x) < 2:
            call.fail(f"{name} must have axes of steps and features", kind="rank", of=name)
    same_dtype(call, query, key, value, because="query, key and value must have one dtype")
    if mask is not None and mask.dtype not in ("bool", "float32", query.dtype):
        because = "the mask must be bool, float32 or of the dtype of query"
        call.wrong(because, kind="dtype", of="attn_mask")


def _check_mask(call: Call, mask: Value, scores: Shape, is_causal: bool, alike: bool) -> None:
    if is_causal:
        because = "attention is masked by is_causal or by attn_mask, not both"
        call.wrong(because, kind="argument", of="attn_mask")
    if alike and len(mask) < 2:
        because = "the mask must have axes of query steps and key steps"
        call.wrong(because, kind="rank", of="attn_mask")
    expandable(call, mask, scores, "attn_mask")


# -- nn.MultiheadAttention ---------------------------------------------------------------------


@op("F.multi_head_attention_forward")
def multi_head_attention_forward(
    call: Call, query: Value, key: Value, value: Value, embed_dim_to_check: int, num_heads: int,
    in_proj_weight: Value | None, in_proj_bias: Value | None, bias_k: Value | None,
    bias_v: Value | None, add_zero_attn: bool, dropout_p: float, out_proj_weight: Value,
    out_proj_bias: Value | None, training: bool = True, key_padding_mask: Value | None = None,
    need_weights: bool = True, attn_mask: Value | None = None,
    use_separate_proj_weight: bool = False, q_proj_weight: Value | None = None,
    k_proj_weight: Value | None = None, v_proj_weight: Value | None = None,
    static_k: Value | None = None, static_v: Value | None = None,
    average_attn_weights: bool = True, is_causal: bool = False,
) -> list[Value | None]:  # fmt: skip
    """(L, B, E), (S, B, K), (S, B, V) -> [(L, B, E), (B, L, S)]"""
    loose = _loose_biases(query, key, value, use_separate_proj_weight)
    batch, inputs = _mha_inputs(call, query, key, value, embed_dim_to_check, num_heads)
    own, (query, key, value) = [q_proj_weight, k_proj_weight, v_proj_weight], inputs
    weights = own if use_separate_proj_weight else _thirds(call, in_proj_weight, key, value)
    _mha_projections(call, inputs, weights, in_proj_bias, loose)
    result = _mha_output(call, query, out_proj_weight, out_proj_bias)
    heads = Value((*batch, num_heads))
    source = _mha_statics(call, query, key, heads, static_k, static_v)
    masks = (attn_mask, key_padding_mask)
    _mha_masks(call, query, (key[0], source), heads, masks, is_causal, need_weights)
    source += int(add_zero_attn)
    source += _mha_biases(call, query, bias_k, bias_v, static_k or static_v, need_weights, masks)
    each = heads[: len(batch) + (not average_attn_weights)]
    return [result, _mha_scores(query, bias_k, (*each, query[0], source)) if need_weights else None]


def _mha_inputs(
    call: Call, query: Value, key: Value, value: Value, width: Size, num_heads: int
) -> tuple[Shape, list[Value]]:
    """The axis of the batch, if there is one, and the inputs with the features they should have."""
    because = "query must have 3 axes (steps, batch, features), or 2 without a batch"
    call.rank(query, 2, 3, of="query", because=because)
    for name, x in (("key", key), ("value", value)):
        call.rank(x, len(query), of=name, because=f"{name} must have as many axes as query")
    if len(query) == 3:
        if not empty(key[:1]):
            _same_axis(call, "key", key, "query", query, 1)
        _same_axis(call, "value", value, "key", key, 1)
    _same_axis(call, "value", value, "key", key, 0)
    because = "the features of query must be embed_dim"
    call.equal(query[-1], width, because, kind="features", of="query", axis=-1)
    if num_heads < 1:
        call.fail("there must be a head", kind="argument", of="num_heads")
    because = "embed_dim must be a multiple of the number of heads"
    call.divides(num_heads, width, because, of="query", axis=-1)
    return query[1:-1], _fitted((query, key, value), width)


def _fitted(inputs: tuple[Value, ...], width: Size) -> list[Value]:
    """The inputs as they would be with the right features: their fault has been stated."""
    given = inputs[0][-1]
    return [
        Value((*x[:-1], width), x.dtype, x.strides) if x[-1] == given != width else x
        for x in inputs
    ]


WORDS = {0: ("steps", "size"), 1: ("batch", "batch"), -1: ("features", "features")}


def _same_axis(call: Call, name: str, x: Value, other: str, y: Value, axis: int) -> None:
    words, kind = WORDS[axis]
    because = f"the {words} of {name} must be the {words} of {other}"
    call.equal(x[axis], y[axis], because, kind=kind, of=name, axis=axis)


def _thirds(call: Call, weight: Value | None, key: Value, value: Value) -> list[Value | None]:
    """The packed projection of query, key and value, as three."""
    _same_axis(call, "value", value, "key", key, -1)
    if weight is None:
        call.fail("the projection weight must be given", kind="argument", of="in_proj_weight")
    call.rank(weight, 2, of="in_proj_weight")
    because = "the packed projection must have three times embed_dim rows"
    call.equal(weight[0], 3 * weight[1], because, kind="features", of="in_proj_weight", axis=0)
    return [Value((weight[1], weight[1]), weight.dtype)] * 3


def _loose_biases(query: Value, key: Value, value: Value, separate: bool) -> tuple[int, ...]:
    """Numbers of entries that the packed bias may have, too, since they are spread over all.

    How it is cut in three hangs on which of the operands are one tensor.
    """
    if separate:
        return ()
    if len(query) == 2 or key is not value:
        return (3,)
    return (1,) if query is key else ()


def _mha_projections(
    call: Call, inputs: list[Value], weights: list[Value | None], bias: Value | None,
    loose: tuple[int, ...],
) -> None:  # fmt: skip
    width = inputs[0][-1]
    same_dtype(call, *inputs, because="query, key and value must have one dtype")
    if bias is not None:
        call.rank(bias, 1, of="in_proj_bias")
        because = "the projection bias must have three times embed_dim entries"
        others = [constraint.equal(bias[0], n) for n in loose if isinstance(bias[0], Dim)]
        if others:
            relation = constraint.any_of([constraint.equal(bias[0], 3 * width), *others])
            call.require(relation, because, kind="features", of="in_proj_bias", axis=0)
        elif bias[0] not in loose:
            call.equal(bias[0], 3 * width, because, kind="features", of="in_proj_bias", axis=0)
    for name, x, weight in zip(("query", "key", "value"), inputs, weights, strict=True):
        if weight is None:
            call.fail(f"the weight of {name} must be given", kind="argument", of=name)
        call.rank(weight, 2, of=f"{name} weight")
        because = f"the projection of {name} must have embed_dim rows"
        call.equal(weight[0], width, because, kind="features", of=f"{name} weight", axis=0)
        _mha_projection(call, name, x, weight, bias)


def _mha_projection(call: Call, name: str, x: Value, weight: Value, bias: Value | None) -> None:
    call.rank(weight, 2, of=f"{name} weight")
    because = f"the features of {name} must be those of its projection"
    call.equal(x[-1], weight[1], because, kind="features", of=name, axis=-1)
    same_dtype(call, x, weight, bias, because=f"{name} must have the dtype of the weights")
    float_only(call, x, name)


def _mha_output(call: Call, query: Value, weight: Value, bias: Value | None) -> Value:
    _mha_projection(call, "attention", query, weight, bias)
    if bias is not None:
        expandable(call, bias, (product(query[:-1]), weight[0]), "out_proj_bias", "features")
    return Value((*query[:-1], weight[0]), query.dtype)


def _mha_statics(
    call: Call, query: Value, key: Value, heads: Value, *given: Value | None
) -> Size:
    """The steps of the keys; ``static_k`` and ``static_v`` stand in for projected ones."""
    lengths: list[Size] = []
    for name, x in zip(("static_k", "static_v"), given, strict=True):
        if x is None:
            lengths.append(key[0])
            continue
        call.rank(x, 3, of=name)
        same_dtype(call, query, x, because=f"{name} must have the dtype of query")
        for axis, wanted in ((0, product(heads)), (2, query[-1] // heads[-1])):
            because = f"{name} must have sizes (batch times heads, steps, features of a head)"
            call.equal(x[axis], wanted, because, kind="features", of=name, axis=axis)
        lengths.append(x[1])
    because = "there must be a value for each step of the keys"
    call.equal(lengths[1], lengths[0], because, kind="matmul", of="value", axis=0)
    return lengths[0]


def _mha_scores(query: Value, bias_k: Value | None, shape: Shape) -> Value:
    """The weights of the steps; where there are none, nothing looks at the dtype of the bias."""
    if bias_k is not None and empty(query):
        return Value(shape, promote_two(query.dtype, bias_k.dtype))
    return Value(shape, query.dtype)


def _mha_biases(
    call: Call, query: Value, bias_k: Value | None, bias_v: Value | None, static: Value | None,
    need_weights: bool, masks: tuple[Value | None, Value | None],
) -> Size:  # fmt: skip
    """How many steps the biases add to the keys; a mask has room for one."""
    plain = all(mask is None for mask in masks)
    if bias_k is None and bias_v is None:
        return 0
    if bias_k is None or bias_v is None:
        call.wrong("bias_k and bias_v go together", kind="argument", of="bias_k")
        return 0
    if static is not None:
        call.wrong("biases cannot be added to static keys", kind="argument", of="static_k")
    for name, bias in (("bias_k", bias_k), ("bias_v", bias_v)):
        call.rank(bias, 0, 1, 2, 3, of=name)
        loose = bias is bias_k and need_weights and empty(query)
        if promote_two(query.dtype, bias.dtype) != query.dtype and not loose:
            call.wrong(f"{name} must have the dtype of query", kind="dtype", of=name)
        first = _three(bias_k)[0] if plain else 1
        for axis, wanted in enumerate((first, 1, query[-1])):
            because = f"{name} must have sizes (steps, one, embed_dim), one step beside a mask"
            size = _three(bias)[axis]
            if axis != 1 or size == 1 or not vanishes(call, query[1:-1]):  # repeated for the batch
                call.equal(size, wanted, because, kind="features", of=name, axis=axis)
    return _three(bias_k)[0] if plain else 1


def _three(bias: Value) -> Shape:
    """The sizes of a bias with three axes, as it is repeated."""
    return (1, 1, 1, *bias)[len(bias) :]


def _mha_masks(
    call: Call, query: Value, steps: tuple[Size, Size], heads: Value,
    masks: tuple[Value | None, Value | None], is_causal: bool, need_weights: bool,
) -> None:  # fmt: skip
    """Both masks; ``steps`` are those of the keys given, and of the keys used."""
    mask, padding = masks
    if is_causal and mask is None:
        because = "is_causal is only a hint about attn_mask, which must be given too"
        call.wrong(because, kind="argument", of="is_causal")
    hint = is_causal and padding is None and not need_weights
    if padding is not None:
        _mha_padding(call, padding, (*heads[:-1], steps[1]))
    if mask is not None and len(mask) not in (2, 3):
        because = "attn_mask must have axes of query steps and key steps, and maybe one before them"
        call.wrong(because, kind="rank", of="attn_mask")
    elif mask is not None and not (hint and (len(mask) == 2 or len(query) == 3)):
        _mha_mask(call, mask, (product(heads), query[0], steps[0]))
    used = [x for x in (None if hint else mask, padding) if x is not None]
    if used and not need_weights and product(heads) != 1 and max(len(x) for x in used) + (
        padding is not None
    ) > 2:
        because = "a mask for each head needs heads and steps to lie along"
        call.at_least(product((*heads, steps[0])), 1, because, kind="values", of="attn_mask")
    _mha_mask_dtype(call, query, used, need_weights)


def _mha_padding(call: Call, mask: Value, wanted: Shape) -> None:
    if len(mask) != len(wanted):
        axes = "axes of batch and key steps" if len(wanted) == 2 else "one axis of key steps"
        because = f"key_padding_mask must have {axes}, like a query of this rank"
        call.wrong(because, kind="rank", of="key_padding_mask")
        return
    words, kinds = ("batch of query", "steps of key"), ("batch", "size")
    for axis, (size, right) in enumerate(zip(mask, wanted, strict=True), -len(wanted)):
        because = f"key_padding_mask must have the {words[axis]}"
        call.equal(size, right, because, kind=kinds[axis], of="key_padding_mask", axis=axis)


def _mha_mask(call: Call, mask: Value, full: Shape) -> None:
    words = ("batch times heads", "steps of query", "steps of key")
    for axis in range(-len(mask), 0):
        because = f"attn_mask must have the {words[axis]}"
        call.equal(mask[axis], full[axis], because, kind="size", of="attn_mask", axis=axis)


def _mha_mask_dtype(call: Call, query: Value, masks: list[Value], need_weights: bool) -> None:
    if any(mask.dtype != "bool" and not is_float(mask.dtype) for mask in masks):
        call.wrong("masks must be bool or float", kind="dtype", of="attn_mask")
        return
    found = [query.dtype if mask.dtype == "bool" else mask.dtype for mask in masks]
    merged = reduce(promote_two, found) if found else query.dtype
    if merged != query.dtype and (need_weights or merged != "float32"):
        call.wrong("masks must be bool or of the dtype of query", kind="dtype", of="attn_mask")
