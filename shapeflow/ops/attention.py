"""Attention: scaled_dot_product_attention, and multi_head_attention_forward line by line."""

from __future__ import annotations

from ..core import constraint, dims
from ..core.dims import Size
from ..core.shape import Shape
from . import layout
from .call import Call
from .common import expandable, same_dtype
from .dtypes import is_float, promote_two
from .registry import op
from .value import Value


@op("scaled_dot_product_attention")
def scaled_dot_product_attention(
    call: Call,
    query: Value,
    key: Value,
    value: Value,
    attn_mask: Value | None = None,
    dropout_p: float = 0.0,
    is_causal: bool = False,
    scale: float | None = None,
    enable_gqa: bool = False,
) -> Value:
    """(*B, L, E), (*B, S, E), (*B, S, V) -> (*B, L, V)"""
    for name, x in (("query", query), ("key", key), ("value", value)):
        if len(x) < 2:
            call.fail(f"{name} must have axes of steps and of features", kind="rank", of=name)
    same_dtype(call, query, key, value, because="query, key and value must have one dtype")
    because = "the features of key must be those of query"
    call.equal(key[-1], query[-1], because, kind="features", of="key", axis=-1)
    because = "value must have a step for each step of key"
    call.equal(value[-2], key[-2], because, kind="matmul", of="value", axis=-2)
    keys, values = key[:-2], value[:-2]
    if enable_gqa:
        keys, values = _grouped(call, query, key, "key"), _grouped(call, query, value, "value")
    batch = call.broadcast(query[:-2], keys, because=BATCHES)
    if attn_mask is not None:
        _check_mask(call, attn_mask, (*batch, query[-2], key[-2]), query.dtype, is_causal)
    batch = call.broadcast(batch, values, because=BATCHES)
    return _attended(call, query, key, value, (*batch, query[-2], value[-1]), dropout_p)


BATCHES = "the axes of batch and heads must be equal, or one of them 1"


def _grouped(call: Call, query: Value, x: Value, name: str) -> Shape:
    if len(query) < 4 or len(x) < 4:
        call.fail("grouped attention needs an axis of heads behind the batch", kind="rank", of=name)
    because = f"the heads of query must be a multiple of the heads of {name}"
    call.divides(x[-3], query[-3], because, of=name, axis=-3)
    return (*x[:-3], query[-3])


def _check_mask(call: Call, mask: Value, scores: Shape, dtype: str, is_causal: bool) -> None:
    if is_causal:
        call.wrong("attention is masked by is_causal or attn_mask, not both", kind="argument",
                   of="attn_mask")  # fmt: skip
    if mask.dtype not in ("bool", dtype):
        call.wrong("the mask must be bool or of the dtype of query", kind="dtype", of="attn_mask")
    expandable(call, mask, scores, "attn_mask")


def _attended(
    call: Call, query: Value, key: Value, value: Value, shape: Shape, dropout_p: float
) -> Value:
    """The result; kernels that take four axes leave it in the order (batch, steps, heads, ..)."""
    fused = len(query) == len(key) == len(value) == 4 and not dropout_p
    same = tuple(query[:2]) == tuple(key[:2]) == tuple(value[:2]) and query[-1] == value[-1]
    strides = layout.dense(shape, (0, 2, 1, 3)) if fused and same else None
    return Value(shape, query.dtype, strides)


@op("F.multi_head_attention_forward")
def multi_head_attention_forward(
    call: Call,
    query: Value,
    key: Value,
    value: Value,
    embed_dim_to_check: int,
    num_heads: int,
    in_proj_weight: Value | None,
    in_proj_bias: Value | None,
    bias_k: Value | None,
    bias_v: Value | None,
    add_zero_attn: bool,
    dropout_p: float,
    out_proj_weight: Value,
    out_proj_bias: Value | None,
    training: bool = True,
    key_padding_mask: Value | None = None,
    need_weights: bool = True,
    attn_mask: Value | None = None,
    use_separate_proj_weight: bool = False,
    q_proj_weight: Value | None = None,
    k_proj_weight: Value | None = None,
    v_proj_weight: Value | None = None,
    static_k: Value | None = None,
    static_v: Value | None = None,
    average_attn_weights: bool = True,
    is_causal: bool = False,
) -> list[Value | None]:
    """(L, B, E), (S, B, K), (S, B, V) -> [(L, B, E), (B, L, S)]"""
    steps, batch = _mha_inputs(call, query, key, value)
    heads = (*batch, num_heads)
    _mha_embedding(call, query, embed_dim_to_check, num_heads)
    if use_separate_proj_weight:
        weights = (q_proj_weight, k_proj_weight, v_proj_weight)
    else:
        weights = _packed_weights(call, in_proj_weight, query[-1])
        pass
    source = key[0]
    return []
