"""Every function of ``torch.nn.functional``, with options, and inputs to try it on."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
import torch.nn.functional as F
from torch import nn

from .layers import Line

TABLE: list[Line] = []


def call(name: str, function: Callable[..., Any], *inputs: Any) -> None:
    """Enters a call, once for each input: a spec, or a tuple of several."""
    for given in inputs:
        specs = given if isinstance(given, tuple) else (given,)
        TABLE.append(Line(name, lambda: function, specs))


def each(names: str, *inputs: Any, **options: Any) -> None:
    """Enters functions that take the same options, once for each input."""
    for name in names.split():
        call(name, _with(getattr(F, name), options), *inputs)


def _with(function: Callable[..., Any], options: dict[str, Any]) -> Callable[..., Any]:
    return lambda *args: function(*args, **options)


def attended(
    q: Any, k: Any, v: Any, zeros: bool = False, weight: Any = True, **options: Any
) -> Any:
    """Attention of four features and two heads."""
    packed = torch.ones(12, 4) if weight else None
    return F.multi_head_attention_forward(
        q, k, v, 4, 2, packed, torch.ones(12), None, None, zeros, 0.0, torch.ones(4, 4),
        torch.ones(4), **options,
    )  # fmt: skip


for n, s in ((1, "T"), (2, "H W"), (3, "D H W")):
    each(f"conv{n}d", (f"B C {s}", "6 3 " + "2 " * n), (f"3 {s}", "6 3 " + "2 " * n, "6"))
    each(f"conv{n}d", (f"B C {s}", "D c " + "K " * n, "d"), stride=2, padding=1)
    each(f"conv{n}d", (f"B 4 {s}", "6 2 " + "3 " * n), groups=2, padding="same", dilation=2)
    each(f"conv_transpose{n}d", (f"B C {s}", "c D " + "K " * n, "d"), stride=2)
    each(f"max_pool{n}d avg_pool{n}d", f"B C {s}", f"C {s}", s, kernel_size=3, stride=2, padding=1)
    each(f"max_pool{n}d", f"B C {s}", kernel_size=3, return_indices=True)
    each(f"max_pool{n}d_with_indices", f"B C {s}", kernel_size=3, dilation=2)
    each(f"lp_pool{n}d", f"B C {s}", norm_type=3, kernel_size=2)
    each(f"adaptive_avg_pool{n}d adaptive_max_pool{n}d", f"B C {s}", f"C {s}", output_size=3)
    each(f"adaptive_max_pool{n}d", f"B C {s}", output_size=3, return_indices=True)
    each(f"adaptive_max_pool{n}d_with_indices", f"B C {s}", output_size=3)
    each(f"max_unpool{n}d", (f"B C {s}", f"B C {s}:int64"), kernel_size=2)
    each(f"dropout{n}d", f"B C {s}", f"C {s}", s)
    each("interpolate upsample_nearest", f"B C {s}", scale_factor=2)
    each("interpolate", f"B C {s}", scale_factor=0.3, mode="area")
    each(
        "interpolate",
        f"B C {s}",
        scale_factor=1.7,
        mode=["linear", "bilinear", "trilinear"][n - 1],
        recompute_scale_factor=True,
    )
    each(
        "interpolate",
        f"B C {s}",
        scale_factor=1 / 3,
        mode=["linear", "bilinear", "trilinear"][n - 1],
        align_corners=True,
    )
    each("interpolate", f"B C {s}", size=[3] * n, mode="nearest-exact")
    each("interpolate", f"B C {s}", size=2, mode="bicubic", antialias=True)
    call(
        "interpolate", lambda x, y: F.interpolate(x, y.shape[2:]), (f"B C {s}", f"B C {s.lower()}")
    )
    for m in ("constant", "reflect", "replicate", "circular"):
        each("pad", f"B C {s}", f"C {s}", pad=(2, 1) * n, mode=m)
        each("pad", f"B C {s}", pad=(-1, 3) * n, mode=m)
    each("local_response_norm", f"B C {s}", size=3)
    each("instance_norm", f"B C {s}", (f"B C {s}", "c", "c", "C", "C"))
    each("batch_norm", (f"B C {s}", "c", "c"), (f"B C {s}", "C", "C", "c", "c"))
    each("batch_norm", (f"B C {s}", "c", "c"), training=True)
    each("group_norm", f"B C {s}", (f"B 4 {s}", "c", "4"), num_groups=2)
each("fractional_max_pool2d", "B C H W", "C H W", kernel_size=2, output_size=3)
each(
    "fractional_max_pool2d",
    "B C H W",
    kernel_size=(2, 1),
    output_ratio=(0.5, 0.4),
    return_indices=True,
)
each("fractional_max_pool3d", "B C D H W", kernel_size=2, output_size=2)
each(
    "fractional_max_pool2d_with_indices fractional_max_pool3d_with_indices",
    "B C D H W",
    "B C H W",
    kernel_size=2,
    output_size=2,
)
each("upsample_bilinear", "B C H W", "B C T", scale_factor=2)
each("upsample", "B C H W", size=(3, 4), mode="bilinear")
each("conv_tbc", ("T B C", "K c D", "d"))
each("conv_tbc", ("T B C", "3 c D", "d"), pad=1)
for m in ("bilinear", "nearest", "bicubic"):
    for pm in ("zeros", "border", "reflection"):
        each(
            "grid_sample",
            ("B C H W", "b h w 2"),
            ("B C D H W", "b d h w 3"),
            ("B C H W", "B h w D"),
            mode=m,
            padding_mode=pm,
        )
call(
    "affine_grid",
    lambda t, x: F.affine_grid(t, x.shape),
    ("B 2 3", "b C H W"),
    ("B 3 4", "b C D H W"),
    ("B 2 n", "B C H W"),
)
call(
    "affine_grid", lambda t, x: F.affine_grid(t, x.size(), align_corners=True), ("B 2 3", "b C H W")
)
each(
    "elu relu relu6 leaky_relu selu celu gelu silu mish hardswish hardsigmoid "
    "hardtanh hardshrink softshrink softsign softplus tanhshrink logsigmoid sigmoid "
    "tanh rrelu",
    "B T",
    "",
    "T:int64",
)
each("relu_ elu_ hardtanh_ leaky_relu_ selu_ celu_ rrelu_ ", "B T")
each("threshold threshold_", "B T", threshold=0.1, value=2)
each("prelu", ("B C T", "c"), ("C", "1"), ("", "1"), ("B C", ""))
each("glu", "B T", "T")
each("glu", "B C T", dim=1)
each("softmax softmin log_softmax gumbel_softmax", "B T", dim=1)
each("softmax log_softmax", "B T", "B T:int64", dim=-1, dtype=torch.float64)
each("softmax softmin log_softmax", "B C T")
each("gumbel_softmax", "B T", "T", hard=True, tau=0.5)
each("dropout alpha_dropout feature_alpha_dropout", "B C T", "B T", "T")
each(
    "dropout alpha_dropout feature_alpha_dropout dropout1d dropout2d dropout3d",
    "B C T",
    "B T",
    "T:int64",
    training=False,
)
each("linear", ("B T C", "D c", "d"), ("C", "D c"), ("C", "c"), ("B C", "c", ""))
each("bilinear", ("B I", "b J", "D i j", "d"), ("B T I", "B T J", "D I J"))
each("embedding", ("B T:int64", "N D"), ("B T:int32", "N"))
each("embedding", ("B T:int64", "N D"), padding_idx=3, max_norm=1.0)
each("embedding_bag", ("B T:int64", "N D"), ("T:int64", "N D", "B:int64"), ("T:int64", "N D"))
each(
    "embedding_bag",
    ("B T:int64", "N D"),
    ("T:int64", "N D", "B:int64"),
    mode="sum",
    include_last_offset=True,
)
call(
    "embedding_bag",
    lambda a, b, c: F.embedding_bag(a, b, mode="sum", per_sample_weights=c),
    ("B T:int64", "N D", "b t"),
)
each("one_hot", "B T:int64", "B T", "T:int32", num_classes=5)
each("cosine_similarity", ("B C T", "b c t"), ("B C", "c"))
each("cosine_similarity", ("B C T", "B C t"), dim=0)
each("pairwise_distance", ("B C", "b c"), ("C", "B c"), keepdim=True)
each("pdist", "B C", "C", "B C T")
each("normalize", "B C T", "C", dim=0)
each("normalize", "B C T", "B C")
each("layer_norm", ("B T C", (5,)), ("B T C", (4, 5)), ("B T C", (5,), "c", "5"))
each("rms_norm", ("B T C", (5,)), ("B T C", (4, 5)), ("B T C", (5,), "c"))
each("pixel_shuffle", "B C H W", "C H W", "H W", upscale_factor=2)
each("pixel_unshuffle", "B C H W", "C H W", downscale_factor=2)
each("channel_shuffle native_channel_shuffle", "B C H W", "B C T", groups=2)
each("unfold", "B C H W", "C H W", kernel_size=(2, 3), padding=1)
call("fold", lambda x: F.fold(x, (4, 5), 2), "B C L", "C L", "B 8 12")
call("fold", lambda x: F.fold(x, (4, 5), (2, 3), stride=2, padding=1), "B 12 9", "12 9")
for r in ("none", "mean", "sum"):
    each(
        "mse_loss l1_loss smooth_l1_loss huber_loss kl_div poisson_nll_loss "
        "soft_margin_loss hinge_embedding_loss binary_cross_entropy "
        "binary_cross_entropy_with_logits multilabel_soft_margin_loss",
        ("B T", "b t"),
        ("B T", "t"),
        ("B", "B:int64"),
        reduction=r,
    )
    each("mse_loss l1_loss huber_loss", ("B T", "b t"), reduction=r, weight=torch.ones(2, 3))
    each("gaussian_nll_loss", ("B T", "b t", "B v"), ("B T", "B T", "b"), reduction=r)
    each(
        "nll_loss cross_entropy",
        ("B C", "b:int64"),
        ("B C H", "b h:int64"),
        ("C", ":int64"),
        ("C", "c"),
        ("B C", "b c"),
        ("B C", "b:int64", "c"),
        reduction=r,
    )
    each(
        "cross_entropy",
        ("B C T", "b t:int64"),
        ("B C T", "b c t"),
        reduction=r,
        label_smoothing=0.2,
    )
    each("multi_margin_loss", ("B C", "b:int64"), ("C", ":int64"), ("C", "n:int64"), reduction=r)
    each("multilabel_margin_loss", ("B C", "b c:int64"), ("C", "c:int64"), reduction=r)
    each("cosine_embedding_loss", ("B C", "b c", "n"), ("C", "c", ""), reduction=r)
    each("margin_ranking_loss", ("B", "b", "n"), ("B T", "b t", "B T"), reduction=r)
    each(
        "triplet_margin_loss",
        ("B C", "b c", "B C"),
        ("B T C", "B t C", "b T c"),
        reduction=r,
        swap=True,
    )
    each(
        "triplet_margin_with_distance_loss",
        ("B C", "b c", "B C"),
        ("B T C", "B t C", "b T c"),
        reduction=r,
    )
    each(
        "triplet_margin_with_distance_loss",
        ("B C", "b c", "B C"),
        reduction=r,
        distance_function=lambda a, b: (a - b).norm(dim=1),
    )
    each("ctc_loss", ("T B C", "b S:int64", "n:int64", "m:int64"), reduction=r)
    for options in (None, nn.LinearCrossEntropyOptions()):
        each(
            "linear_cross_entropy",
            ("B I", "C i", "b:int64"),
            ("I", "C i", ":int64"),
            ("B I", "C i", "b c"),
            ("B I", "C D i", "b d:int64"),
            ("I", "C D i", "b d:int64"),
            ("B T I", "C I", "B T:int64"),
            reduction=r,
            options=options,
        )
        call(
            "linear_cross_entropy",
            lambda a, b, c, d, e, options=options: F.linear_cross_entropy(
                a, b, c, linear_bias=d, weight=e, options=options
            ),
            ("B I", "C i", "b:int64", "c", "c"),
        )
each(
    "scaled_dot_product_attention",
    ("B T D", "b S d", "b S D"),
    ("B H T 4", "B H S 4", "B H S V"),
    ("T D", "S d", "s v"),
    ("B T D", "B S D", "B S D", "t s"),
    ("B H T D", "B H S D", "B H S D", "T S:bool"),
)
each("scaled_dot_product_attention", ("B T D", "b S d", "b S D"), is_causal=True)
each("scaled_dot_product_attention", ("B H T 4", "B h S 4", "B h S 4"), enable_gqa=True)
call(
    "multi_head_attention_forward",
    lambda q, k, v: attended(q, k, v),
    ("T B 4", "S b 4", "s B 4"),
    ("T 4", "S 4", "s 4"),
    ("T B C", "S B C", "S B C"),
)
call(
    "multi_head_attention_forward",
    lambda q, k, v: attended(q, k, v, need_weights=False),
    ("T B 4", "S B 4", "S B 4"),
)
call(
    "multi_head_attention_forward",
    lambda q, k, v: attended(q, k, v, average_attn_weights=False),
    ("T B 4", "S B 4", "S B 4"),
)
call(
    "multi_head_attention_forward",
    lambda q, k, v, m: attended(q, k, v, attn_mask=m, is_causal=True, need_weights=False),
    ("T B 4", "S B 4", "S B 4", "t s"),
)
call(
    "multi_head_attention_forward",
    lambda q, k, v, m: attended(q, k, v, zeros=True, key_padding_mask=m),
    ("T B 4", "S B 4", "S B 4", "b s:bool"),
)
call(
    "multi_head_attention_forward",
    lambda q, k, v, a, b, c: attended(
        q,
        k,
        v,
        weight=None,
        use_separate_proj_weight=True,
        q_proj_weight=a,
        k_proj_weight=b,
        v_proj_weight=c,
    ),
    ("T B 4", "S B K", "S B V", "4 4", "4 k", "4 v"),
)
