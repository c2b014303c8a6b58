"""Modules with rules of their own."""

from torch import nn

from .harness import bad, lit, ok

CHUNKS = nn.LinearCrossEntropyOptions()

ADAPTIVE = {"in_features": 4, "n_classes": 20, "cutoffs": [5, 10]}
NAME = "nn.AdaptiveLogSoftmaxWithLoss"
ok(NAME, "B C", "N:int64", module=ADAPTIVE, out=["N", ""], needs="N == B and C == 4",
   data="cpu")
ok(NAME, "4", ":int32", module=ADAPTIVE, out=["", ""], data="cpu")
ok(NAME, "B 4", "B", module=ADAPTIVE, out=["B", ""], needs="B == 0", sizes={"B": (0, 1, 2)},
   data="cpu")
bad(NAME, "2 4", "3:int64", module=ADAPTIVE, why="batch sizes of target and input")
bad(NAME, "2 5", "2:int64", module=ADAPTIVE, why="must be in_features")
bad(NAME, "2 4", ":int64", module=ADAPTIVE, why="goes with an input")
bad(NAME, "2 4", "2 4:int64", module=ADAPTIVE, why="target must be (N)")
bad(NAME, "2 4", "2:uint8", module=ADAPTIVE, why="classes must be given as int64")
bad(NAME, "0 4", "0:complex64", module=ADAPTIVE, why="classes must be given as int64")
bad(NAME, "2 4:float64", "2:int64", module=ADAPTIVE, why="the dtype of the layer")

ok("nn.CrossMapLRN2d", "B C H W", module={"size": 2}, out="B C H W")
ok("nn.CrossMapLRN2d", "B 3 H W:complex64", module={"size": 5}, out="B 3 H W")
bad("nn.CrossMapLRN2d", "3 4 5", module={"size": 2}, why="the input must be (N, C, H, W)")
bad("nn.CrossMapLRN2d", "2 0 4 5", module={"size": 2}, why="there must be a channel")
bad("nn.CrossMapLRN2d", "2 3 4 5:int64", module={"size": 2}, why="not defined for integer")

# -- scores and their loss at once -------------------------------------------------------------------

LCE = "F.linear_cross_entropy"
ok(LCE, "B I", "C i", "N:int64", out="", needs="I == i and N == B", data="cpu")
ok(LCE, "I", "C I", ":int64", reduction=lit("none"), out="", data="cpu")
ok(LCE, "B 4", "C K 4", "B k:int64", linear_bias="c K", reduction=lit("none"), out="B K",
   needs="k == K and c == C", data="cpu")
ok(LCE, "B 4", "C 4", "b c", out="", needs="b == B and c == C", data="cpu")
ok(LCE, "B 4", "C 4", "b:int64", options=CHUNKS, out="", needs="b >= B", data="cpu")
ok(LCE, "B 4", "C 4", "B:int64", linear_bias="C:float64", weight="C", options=CHUNKS,
   reduction=lit("none"), out="B", data="cpu")
ok(LCE, "0 4", "C 4", "A B:int64", weight="0", options=CHUNKS, out="", data="cpu")
ok(LCE, "4", "C 4", ":int64", options=CHUNKS, out="", data="cpu")
ok(LCE, "B 4", "5 4", "B 5", options=CHUNKS, out="", data="cpu")
ok(LCE, "4", "C 4", "1:int64", ignore_index=0, out="", needs="C >= 2", data="cpu")

bad(LCE, "2 3 4", "5 4", "2 3:int64", why="the input must be", data="cpu")
bad(LCE, "4", "5 2 4", "2:int64", why="the weight must be", data="cpu")
bad(LCE, "3 4", "4", "3:int64", why="the weight must be", data="cpu")
bad(LCE, "3 4", "5 6", "3:int64", why="input features", data="cpu")
bad(LCE, "3 4", "5 4", "3:int64", linear_bias="1", why="linear_bias must have", data="cpu")
bad(LCE, "3 4", "5 4", "3:int64", linear_bias="5 1", why="linear_bias must have", data="cpu")
bad(LCE, "3 4", "5 4", "3 5", ignore_index=1, why="does not go with", data="cpu")
bad(LCE, "3 4", "5 4", "3:int64", linear_bias="5:float64", why="one dtype", data="cpu")
bad(LCE, "3 4", "5 4", "2:int64", options=CHUNKS, why="each row of the input", data="cpu")
bad(LCE, "3 4", "5 4", "3 1:int64", options=CHUNKS, why="target must have the axes", data="cpu")
bad(LCE, "3 4", "5 4", "3:int64", weight="5 1", options=CHUNKS, why="a list of one", data="cpu")
bad(LCE, "3 4", "5 4", "3:int64", weight="0", options=CHUNKS, why="one weight for", data="cpu")
bad(LCE, "3 4:complex64", "5 4:complex64", "3:int64", options=CHUNKS, why="not defined for",
    data="cpu")
