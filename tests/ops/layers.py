"""Every class of ``torch.nn`` with arguments of its constructor, and inputs to try it on.

A line is the class, what it is made with, and specs: a string for one input, a tuple for several.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from torch import nn


@dataclass(frozen=True)
class Line:
    """One way to make a class, and what to call it with."""

    name: str
    make: Callable[[], Any]
    specs: tuple[Any, ...]
    call: Callable[..., Any] | None = None

    def __str__(self) -> str:
        return f"{self.name}-{','.join(map(str, self.specs))}"[:80]


TABLE: list[Line] = []


class new:
    """The arguments of a constructor."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self.args, self.kwargs = args, kwargs


def line(
    names: str, made: new, *inputs: Any, evaluate: bool = False, call: Any = None
) -> None:
    """Enters classes that take the same arguments, once for each input."""
    for name in names.split():
        for given in inputs:
            specs = given if isinstance(given, tuple) else (given,)
            TABLE.append(Line(name, _maker(name, made, evaluate), specs, call))


def _maker(name: str, made: new, evaluate: bool) -> Callable[[], Any]:
    def make() -> Any:
        module = getattr(nn, name)(*made.args, **made.kwargs)
        return module.eval() if evaluate else module

    return make


# -- convolutions ----------------------------------------------------------------------------------

line("Conv1d", new(4, 6, 3), "B C T", "C T", "T")
line("Conv1d", new(4, 6, 3, 2, 2, 2, 2, False), "B 4 T", "4 T")
line("Conv1d", new(4, 6, 4, padding="same", padding_mode="circular"), "B 4 T", "4 T")
line("Conv1d", new(4, 6, 4, padding=2, padding_mode="reflect"), "B 4 T", "C T")
line("Conv2d", new(3, 6, (3, 2), (2, 1), (1, 0), groups=3), "B C H W", "C H W", "H W")
line("Conv2d", new(3, 6, 3, padding="valid", dilation=2), "B 3 H W")
line("Conv2d", new(3, 6, 3, padding=(1, 2), padding_mode="replicate"), "B 3 H W", "3 H W")
line("Conv3d", new(2, 4, 2, stride=2), "B C D H W", "2 D H W")
line("Conv3d", new(2, 4, 3, padding=1, padding_mode="circular"), "B 2 D H W")
line("Conv3d", new(2, 4, 3, padding=1, padding_mode="zeros"), "B 2 D H W:float64")
line("ConvTranspose1d", new(4, 6, 3, 2, 1, 1, 2), "B C T", "C T", "T")
line("ConvTranspose2d", new(3, 6, (3, 2), 2, 1, dilation=2), "B C H W", "3 H W")
line("ConvTranspose2d", new(3, 6, 3, 2, 1), ("B 3 H W", "B 6 h w"), ("B 3 H W", "h w"),
     call=lambda layer, x, like: layer(x, like.shape))
line("ConvTranspose3d", new(2, 4, 3, padding=1), "B C D H W", "2 D H W")
line("LazyConv1d LazyConvTranspose1d", new(6, 3), "B C T", "C T")
line("LazyConv2d LazyConvTranspose2d", new(6, 3, padding=1), "B C H W", "C H W")
line("LazyConv3d LazyConvTranspose3d", new(6, 2, stride=2), "B C D H W", "C D H W", "H W")

# -- pooling ---------------------------------------------------------------------------------------

POOLED = "MaxPool{0}d AvgPool{0}d"
for n, s in ((1, "T"), (2, "H W"), (3, "D H W")):
    for made in (new(3), new(3, 2, 1), new(2, 2, ceil_mode=True), new(3, 2, 1, ceil_mode=True)):
        line(POOLED.format(n), made, f"B C {s}", f"C {s}")
    line(f"MaxPool{n}d", new(3, 1, 0, 2), f"B C {s}", s)
    line(f"MaxPool{n}d", new(2, return_indices=True), f"B C {s}")
    line(f"LPPool{n}d", new(2, 3), f"B C {s}", f"C {s}", s)
    line(f"LPPool{n}d", new(1.5, 2, 1, True), f"B C {s}")
    line(f"AdaptiveAvgPool{n}d AdaptiveMaxPool{n}d", new(1), f"B C {s}", f"C {s}", s)
    line(f"AdaptiveAvgPool{n}d AdaptiveMaxPool{n}d", new(5), f"B C {s}", f"C {s}")
    line(f"AdaptiveMaxPool{n}d", new(2, True), f"B C {s}")
    line(f"MaxUnpool{n}d", new(2), (f"B C {s}", f"B C {s}:int64"), (f"C {s}", f"c {s}:int64"))
    line(f"MaxUnpool{n}d", new(3, 2, 1), (f"B C {s}", f"B C {s}:int64"), (s, f"{s}:int64"))
line("AvgPool2d", new((2, 3), 1, (1, 0), False, False, 5), "B C H W")
line("AvgPool3d", new(3, 2, 1, True, False), "B C D H W")
line("MaxPool2d", new((2, 3), (1, 2), (1, 0)), "B C H W", "C H W:int64")
line("AdaptiveAvgPool2d", new((None, 3)), "B C H W", "C H W")
line("AdaptiveMaxPool3d", new((1, None, 3)), "B C D H W")
line("MaxUnpool2d", new(2), ("B C H W", "B C H W:int64", "h w"),
     call=lambda layer, x, places, like: layer(x, places, like.shape))
line("FractionalMaxPool2d", new(2, output_size=3), "B C H W", "C H W", "H W")
line("FractionalMaxPool2d", new((2, 3), output_ratio=0.5, return_indices=True), "B C H W")
line("FractionalMaxPool3d", new(2, output_size=(2, 3, 1)), "B C D H W", "C D H W")
line("FractionalMaxPool3d", new(2, output_ratio=(0.5, 0.25, 0.5)), "B C D H W", "D H W")

# -- padding and other rearrangements --------------------------------------------------------------

for n, s in ((1, "T"), (2, "H W"), (3, "D H W")):
    for made in (new(2), new((1, 0) * n), new((-1, 2) * n)):
        line(f"CircularPad{n}d ReflectionPad{n}d ReplicationPad{n}d ZeroPad{n}d", made,
             f"B C {s}", f"C {s}")
    line(f"CircularPad{n}d ReflectionPad{n}d ReplicationPad{n}d ZeroPad{n}d", new(1), s)
    line(f"ConstantPad{n}d", new(2, 0.5), f"B C {s}", s)
    line(f"ConstantPad{n}d", new((-1, 2) * n, 1), f"B C {s}", f"C {s}:int64")
line("Flatten", new(), "B C H W", "B T", "B")
line("Flatten", new(0, -2), "B C H W", "B T", "T")
line("Flatten", new(0), "", "B C")
line("Unflatten", new(1, (2, -1)), "B T", "B C T", "B")
line("Unflatten", new(-1, (2, 3)), "B T", "T")
line("Fold", new((4, 5), 2), "B C L", "C L", "B C H W")
line("Fold", new((6, 5), (3, 2), padding=1, stride=2), "B 12 9")
line("Unfold", new(3), "B C H W", "C H W", "B C T")
line("Unfold", new((2, 3), dilation=2, padding=1, stride=2), "B C H W", "C H W")
line("PixelShuffle", new(2), "B C H W", "C H W", "A B C H W", "H W")
line("PixelUnshuffle", new(3), "B C H W", "C H W", "A B C H W", "H W")
line("ChannelShuffle", new(3), "B C H W", "C T", "B C T", "C")
line("Upsample", new(scale_factor=2), "B C T", "B C H W", "B C D H W", "C T")
line("Upsample", new(size=5), "B C T", "B C H W", "B C D H W")
line("Upsample", new(scale_factor=1.5, mode="linear"), "B C T", "B C H W")
line("Upsample", new((3, 4), mode="bilinear", align_corners=True), "B C H W", "B C T")
line("Upsample", new(scale_factor=(2, 0.5), mode="bicubic"), "B C H W")
line("Upsample", new(scale_factor=2.0, mode="trilinear", recompute_scale_factor=True), "B C D H W")
line("Upsample", new(scale_factor=3, mode="area"), "B C T", "B C H W")
line("Upsample", new(scale_factor=0.7, mode="nearest-exact"), "B C T", "B C H W")
line("UpsamplingBilinear2d UpsamplingNearest2d", new(scale_factor=2), "B C H W", "C H W")
line("UpsamplingBilinear2d UpsamplingNearest2d", new((3, 5)), "B C H W")

# -- normalisation ---------------------------------------------------------------------------------

for n, s in ((1, "T"), (2, "H W"), (3, "D H W")):
    for made in (new(4), new(4, affine=False, track_running_stats=False)):
        line(f"BatchNorm{n}d InstanceNorm{n}d", made, f"B C {s}", f"C {s}")
        line(f"BatchNorm{n}d InstanceNorm{n}d", made, f"B 4 {s}", f"C {s}", evaluate=True)
    line(f"InstanceNorm{n}d", new(4, affine=True, track_running_stats=True), f"B C {s}", f"C {s}")
    line(f"BatchNorm{n}d", new(4, momentum=None), f"B C {s}", s)
    line(f"LazyBatchNorm{n}d LazyInstanceNorm{n}d", new(), f"B C {s}", f"C {s}")
line("SyncBatchNorm", new(4), "B C", "B C T", "C", evaluate=True)
line("GroupNorm", new(2, 4), "B C", "B C T", "B C H W", "C")
line("GroupNorm", new(2, 4, affine=False), "B 4 T", "B C T")
line("LayerNorm", new(4), "B T C", "C", "")
line("LayerNorm", new((3, 4), elementwise_affine=False), "B T C", "C")
line("LayerNorm", new((3, 4), bias=False), "B 3 4", "B A C:float64")
line("RMSNorm", new(4), "B T C", "C")
line("RMSNorm", new((3, 4), elementwise_affine=False), "B T C", "C", "B T C:float64")
line("LocalResponseNorm", new(2), "B C T", "B C H W", "B C D H W", "B C")
line("CrossMapLRN2d", new(2), "B C H W", "C H W")

# -- activations and dropout -----------------------------------------------------------------------

line("CELU ELU GELU Hardshrink Hardsigmoid Hardswish Hardtanh LeakyReLU LogSigmoid Mish RReLU ReLU"
     " ReLU6 SELU SiLU Sigmoid Softplus Softshrink Softsign Tanh Tanhshrink Identity",
     new(), "B T", "", "T:int64", "T:float64")
line("CELU ELU Hardtanh LeakyReLU RReLU ReLU ReLU6 SELU SiLU Mish Hardswish Hardsigmoid",
     new(inplace=True), "B T")
line("RReLU", new(0.1, 0.3), "B T", evaluate=True)
line("GELU", new("tanh"), "B T")
line("Threshold", new(0.1, 20), "B T", "T:int64")
line("Threshold", new(0.1, 20, inplace=True), "T")
line("GLU", new(), "B T", "T", "")
line("GLU", new(1), "B T C", "T")
line("PReLU", new(), "B T", "", "T")
line("PReLU", new(4), "B C T", "B C", "T")
line("Softmax Softmin LogSoftmax", new(), "B T", "B C T", "")
line("Softmax Softmin LogSoftmax", new(1), "B T", "T", "B T:int64")
line("Softmax2d", new(), "B C H W", "C H W", "H W")
for p in (0.0, 0.5, 1.0):
    line("Dropout AlphaDropout FeatureAlphaDropout Dropout1d Dropout2d Dropout3d", new(p),
         "B C T", "B C", "B C H W", "T", "")
line("Dropout Dropout1d Dropout2d Dropout3d", new(0.5, True), "B C T", "B C D H W")
line("Dropout AlphaDropout FeatureAlphaDropout Dropout1d Dropout2d Dropout3d", new(),
     "B C T", "B C", "T:int64", evaluate=True)

# -- linear, tables, distances ---------------------------------------------------------------------

line("Linear", new(4, 6), "B C", "C", "B T 4", "", "B T C:float64")
line("Linear", new(4, 6, bias=False, dtype=torch.float64), "B C", "B C:float64", "4:float64")
line("LazyLinear", new(6), "B C", "C", "B T C", "")
line("LazyLinear", new(6, bias=False), "B C")
line("Bilinear", new(4, 5, 6), ("B C", "b c"), ("4", "5"), ("B T 4", "B t 5"), ("B C", "c"))
line("Bilinear", new(4, 5, 6, bias=False), ("B T 4", "B 5"), ("", "5"))
line("Embedding", new(10, 4), "B T:int64", ":int32", "B T")
line("Embedding", new(10, 4, padding_idx=1, max_norm=1.0, scale_grad_by_freq=True), "B T:int64")
line("EmbeddingBag", new(10, 4), "B T:int64", ("T:int64", "B:int64"), "T:int64", "B C T:int64")
line("EmbeddingBag", new(10, 4, mode="sum", include_last_offset=True, padding_idx=1),
     "B T:int32", ("T:int64", "B+1:int64"), ("B T:int64", None, "b t"), ("B T:int64", "n:int64"))
line("EmbeddingBag", new(10, 4, mode="max"), "B T:int64", ("B T:int64", None, "B T"))
line("CosineSimilarity", new(), ("B C T", "b c t"), ("B C", "C"), ("C", "C"))
line("CosineSimilarity", new(-1), ("B C T", "B C 1"), ("C", ""))
line("PairwiseDistance", new(), ("B C", "b c"), ("C", "c"), ("B T C", "C"))
line("PairwiseDistance", new(1.0, keepdim=True), ("B C", "B C"), ("C", "B T C"))

# -- losses ----------------------------------------------------------------------------------------

for r in ("none", "mean", "sum"):
    kept = new(reduction=r)
    two = "BCELoss BCEWithLogitsLoss HingeEmbeddingLoss HuberLoss KLDivLoss L1Loss MSELoss"
    two += " PoissonNLLLoss SmoothL1Loss SoftMarginLoss MultiLabelSoftMarginLoss"
    line(two, kept, ("B T", "b t"), ("B", ""), ("", ""), ("B C T", "T"), ("B T", "B T:int64"))
    line("GaussianNLLLoss", kept, ("B T", "b t", "B v"), ("B T", "B T", "B"), ("B", "B", ""))
    line("NLLLoss CrossEntropyLoss", kept, ("B C", "b:int64"), ("C", ":int64"),
         ("B C H W", "B h w:int64"), ("B C", "B c"), ("B C T", "b c t"), ("C", "c"))
    line("NLLLoss2d", kept, ("B C H W", "B h w:int64"))
    line("MultiMarginLoss", kept, ("B C", "b:int64"), ("C", ":int64"), ("B C T", "B:int64"))
    line("MultiLabelMarginLoss", kept, ("B C", "b c:int64"), ("C", "c:int64"), ("B C", "B C"))
    line("CosineEmbeddingLoss", kept, ("B C", "b c", "n"), ("C", "c", ""), ("B C", "B C", ""))
    line("MarginRankingLoss", kept, ("B T", "b t", "B T"), ("B", "B", "n"), ("B", "B", ""))
    line("TripletMarginLoss TripletMarginWithDistanceLoss", kept, ("B C", "b c", "B C"),
         ("C", "c", "n"), ("B T C", "B T C", "C"), ("B T C", "T C", "C"))
    line("CTCLoss", kept, ("T B C", "b S:int64", "n:int64", "m:int64"),
         ("T C", "b 1:int64", ":int64", ":int64"), ("T 2 5", "2 S:int64", (4, 4), (2, 3)))
    line("LinearCrossEntropyLoss", new(4, 5, reduction=r), ("B C", "b:int64"), ("C", ":int64"),
         ("B 4", "b c"), ("B T C", "B T:int64"))
line("KLDivLoss", new(reduction="batchmean", log_target=True), ("B T", "b t"), ("", ""))
line("BCELoss BCEWithLogitsLoss", new(torch.ones(3)), ("B T", "B T"), ("B C T", "b c t"))
line("BCEWithLogitsLoss", new(pos_weight=torch.ones(3)), ("B T", "B T"), ("B C T", "B C T"))
line("MultiLabelSoftMarginLoss", new(torch.ones(3)), ("B T", "B T"))
line("NLLLoss CrossEntropyLoss", new(torch.ones(5), ignore_index=0), ("B C", "b:int64"))
line("CrossEntropyLoss", new(label_smoothing=0.1), ("B C T", "B T:int64"), ("C", ":int64"))
line("SmoothL1Loss", new(beta=0.0), ("B T", "b t"))
line("HuberLoss", new(delta=0.0), ("B T", "b t"))
line("MultiMarginLoss", new(2, 0.5, torch.ones(3)), ("B C", "B:int64"))
line("TripletMarginLoss", new(2.0, 1, swap=True), ("B C", "B C", "b c"))
line("TripletMarginWithDistanceLoss", new(distance_function=nn.CosineSimilarity(), swap=True),
     ("B C", "B C", "b c"), ("B C T", "B C T", "B C T"))
line("CTCLoss", new(2, zero_infinity=True), ("T B C", "B 3:int64", "B:int64", "B:int64"))
line("PoissonNLLLoss", new(False, True), ("B T", "b t"))
line("GaussianNLLLoss", new(full=True), ("B T", "B T", "B 1"))
line("LinearCrossEntropyLoss", new(4, 5, out_features=(2, 3), bias=True, reduction="none"),
     ("B C", "b 2 3:int64"), ("B 4", "B 5 H 3"), ("4", "2 3:int64"))
line("LinearCrossEntropyLoss", new(4, 5, bias=True, weight=torch.ones(5), label_smoothing=0.1),
     ("B C", "b:int64"), ("B C", "b c"))
line("AdaptiveLogSoftmaxWithLoss", new(4, 20, (5, 10)), ("B C", "b:int64"), ("C", ":int64"))

# -- recurrent and attention -----------------------------------------------------------------------

line("RNN GRU LSTM", new(3, 4, 2, batch_first=True), "B T C", "T C", "C")
line("RNN GRU", new(3, 4, bidirectional=True), ("T B 3", "2 N H"), ("T C", "L H"))
line("LSTM", new(3, 4, 1, proj_size=2), ("T B 3", ("1 N 2", "1 n h")))
line("RNNCell GRUCell LSTMCell", new(3, 4), "B C", "C", "B T C")
line("RNNCell GRUCell", new(3, 4), ("B C", "b H"), ("C", "H"))
line("LSTMCell", new(3, 4), ("B C", ("b H", "b h")))
ATTENDING = ("T B C", "S b c", "s B c")
line("MultiheadAttention", new(4, 2), ("T B 4", "S b 4", "s B 4"), ("T C", "S c", "S c"))
line("MultiheadAttention", new(4, 2, batch_first=True), ("B T 4", "B S 4", "B S 4"))
line("MultiheadAttention", new(4, 2, batch_first=True), ("B T 4", "B T 4", "B T 4"), evaluate=True)
line("MultiheadAttention", new(4, 2, kdim=3, vdim=5), ("T B 4", "S B k", "S B v"))
line("MultiheadAttention", new(4, 2, add_bias_kv=True, add_zero_attn=True),
     ("T B 4", "S B 4", "S B 4", "B s:bool"), ("T B 4", "S B 4", "S B 4", None, False, "t s"))
ENCODED = new(4, 2, 8, batch_first=True)
line("TransformerEncoderLayer", ENCODED, "B T C", "T C", ("B T 4", "t s"), ("B T 4", None, "b s"))
line("TransformerEncoderLayer", ENCODED, "B T C", ("B T 4", "t s"), ("B T 4", None, "b s:bool"),
     "T C", evaluate=True)
line("TransformerEncoderLayer", new(4, 2, 8, norm_first=True, activation="gelu", bias=False),
     "T B C", ("T B 4", "t t:bool", None, True))
line("TransformerDecoderLayer", new(4, 2, 8), ("T B C", "S b c"), ("T B 4", "S B 4", "t t"),
     ("T 4", "S 4"), ("T B 4", "S B 4", None, "t s", "b t:bool", "B S:bool"))
line("TransformerEncoder", new(nn.TransformerEncoderLayer(4, 2, 8), 2), "T B C",
     ("T B 4", "t s"), ("T B 4", None, "b s:bool"), ("T B 4", "T T", None, True))
line("TransformerEncoder",
     new(nn.TransformerEncoderLayer(4, 2, 8, batch_first=True), 2, nn.LayerNorm(4)),
     "B T 4", ("B T 4", None, "b s:bool"), evaluate=True)
line("TransformerDecoder", new(nn.TransformerDecoderLayer(4, 2, 8), 2), ("T B 4", "S b C"),
     ("T B 4", "S B 4", "t t", None, None, None, True))
line("Transformer", new(4, 2, 1, 1, 8), ("T B 4", "S b c"), ("T 4", "S c"),
     ("T B 4", "S B 4", "t t", "s s", "s t"))
line("Transformer", new(4, 2, 1, 2, 8, batch_first=True, norm_first=True), ("B T C", "b S C"))
