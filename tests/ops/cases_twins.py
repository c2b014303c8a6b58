"""torch's own functions where torch.nn.functional has one of the same name."""

from shapeflow.core.notation import parse_size

from .harness import bad, ok, turned

for r in (0, 1, 2):
    out = "" if r else "B C"
    rows = "" if r else "B"
    ok("torch.binary_cross_entropy_with_logits", "B C", "b C", None, None, r, data="cpu",
       out="" if r else "b C", needs="b == B or B == 1")
    ok("torch.binary_cross_entropy_with_logits", "B C", "b C", None, "C", r, data="cpu",
       out="" if r else "b C", needs="b == B")
    ok("torch.cosine_embedding_loss", "B C", "B C", "B", 0.5, r, out=rows, data="cpu")
    ok("torch.hinge_embedding_loss", "B C", "B C", 1.0, r, out=out, data="cpu")
    ok("torch.kl_div", "B C", "C", r, out=out, data="cpu")
    ok("torch.margin_ranking_loss", "B C", "B C", "B C", 0.0, r, out=out, data="cpu")
    ok("torch.poisson_nll_loss", "B C", "B C", True, False, 1e-8, r, out=out, data="cpu")
    ok("torch.triplet_margin_loss", "B C", "B C", "B C", reduction=r, out=rows, data="cpu")

bad("torch.binary_cross_entropy_with_logits", "2 3", "2 4", why="each size of input must be", data="cpu")
bad("torch.cosine_embedding_loss", "2 3", "2 3", "3", why="must be equal, or one", data="cpu")
bad("torch.hinge_embedding_loss", "2 3", "2 4", why="must be equal, or one", data="cpu")
bad("torch.kl_div", "2 3", "2 4", why="must be equal, or one", data="cpu")
bad("torch.margin_ranking_loss", "2 3", "2 4", "2 3", why="must be equal, or one", data="cpu")
bad("torch.poisson_nll_loss", "2 3", "2 4", True, False, 1e-8, 1, why="must be equal", data="cpu")
bad("torch.triplet_margin_loss", "2 3", "3", "2 3", why="as many axes", data="cpu")

ok("torch.embedding_bag", "N D", "n:int64", "B:int64", False, 1, data="cpu",
   out=["B D", "n", "B", "B"])
ok("torch.embedding_bag", "N D", "n:int64", "B:int64", False, 2, data="cpu",
   out=["B D", "n", "B", "B D"])
ok("torch.embedding_bag", "N D", "n:int64", "B:int64", data="cpu", out=["B D", "0", "B", "B"])
bad("torch.embedding_bag", "5 4", "6:int64", "2:int64", False, 3, why="the mode must be",
    data="cpu")

STEPS = ((1,), (0,), (1,))
ok("torch.convolution", "B C T", "6 c 3", None, *STEPS, False, (0,), 1, out="B 6 T-2",
   needs="C == c and T >= 3")
ok("torch.convolution", "B 4 H W", "4 6 3 3", "6", *STEPS, True, (0,), 1, out="B 6 H+2 W+2")
bad("torch.convolution", "3 8", "6 3 3", None, *STEPS, False, (0,), 1, why="the axes of the weight")
bad("torch.convolution", "2 3", "6 3", None, *STEPS, False, (0,), 1, why="weight must have")

ok("torch.native_batch_norm", "B C T", None, None, None, None, True, 0.1, 1e-5, data="cpu",
   out=["B C T", "C", "C"])
bad("torch.native_batch_norm", "3", None, None, None, None, True, 0.1, 1e-5, data="cpu",
    why="the input must be")
ok("torch.native_layer_norm", "B T C", (4,), None, None, 1e-5, needs="C == 4", data="cpu",
   out=["B T C", "B T 1", "B T 1"])
bad("torch.native_layer_norm", "2 3", (4,), None, None, 1e-5, why="must be normalized_shape",
    data="cpu")
ok("torch.native_group_norm", "B 4 T", "c", None, 2, 4, 6, 2, 1e-5, data="cpu",
   needs="B*T == 12 and c == 4", out=["B 4 T", "2 2", "2 2"], sizes={"B": (1, 2), "T": (6, 12), "c": (3, 4)})
bad("torch.native_group_norm", turned("2 4 5", (0, 2, 1)), None, None, 2, 5, 4, 1, 1e-5,
    why="must be contiguous", data="cpu")
bad("torch.native_group_norm", "2 4 5", None, None, 2, 4, 6, 2, 1e-5, why="as many entries",
    data="cpu")
bad("torch.native_group_norm", "2 4 5", None, None, 2, 4, 5, 3, 1e-5, why="by the groups",
    data="cpu")
bad("torch.native_group_norm", "2 4 5", "3", None, 2, 4, 5, 2, 1e-5, why="for each channel",
    data="cpu")
ok("torch.native_group_norm", "2 4 6:float16", None, "4", 2, 4, 6, 2, 1e-5, data="cpu",
   out=["2 4 6:float16", "2 2", "2 2"])
ok("torch.native_group_norm", "2 4 6:bfloat16", "4", "4", 2, 4, 6, 2, 1e-5, data="cpu",
   out=["2 4 6:bfloat16", "2 2", "2 2"])
bad("torch.native_group_norm", "2 4 6", None, None, -2, 4, -6, 2, 1e-5, data="cpu",
    why="less than no entries")
bad("torch.native_group_norm", "2 4 6:float16", "4", "4:float16", 2, 4, 6, 2, 1e-5,
    why="operands of one dtype", data="cpu")
bad("torch.native_group_norm", "2 4 6:float16", "4:float64", None, 2, 4, 6, 2, 1e-5,
    why="weights must have the dtype of the input", data="cpu")
ok("torch.native_dropout", "B C", 0.5, True, out=["B C", "B C"], data="cpu")
ok("torch.native_dropout", "B 0", 0.5, True, out=["B 0", "B 0"], data="cpu")
ok("torch.native_dropout", "B C:int64", 0.5, False, out=["B C", "B C"], data="cpu")
bad("torch.native_dropout", "2 3", 1.5, True, why="between zero and one", data="cpu")
bad("torch.native_dropout", "2:int64", 0.5, True, why="not defined for", data="cpu")

ok("torch.grid_sampler_2d", "B C H W", "B h w 2", 0, 0, False, out="B C h w", data="cpu")
ok("torch.grid_sampler_3d", "B C D H W", "B d h w 3", 1, 2, True, out="B C d h w", data="cpu")
ok("torch.grid_sampler_2d", "B C H W", "B h w 2", -1, 3, False, out="B C h w", data="cpu")
bad("torch.grid_sampler_2d", "2 3 4 4 4", "2 4 4 4 3", 0, 0, False, why="(N, C, H, W)", data="cpu")
ok("torch.affine_grid_generator", "b r c", (2, 3, 4, 5), False, out="2 4 5 2",
   needs="b == 2 and r == 2 and c == 3", data="cpu", sizes={"b": (2, 3), "r": (2, 3), "c": (3, 2)})
bad("torch.affine_grid_generator", "2 2 3", (2, 3, 4), False, why="size must be", data="cpu")
bad("torch.affine_grid_generator", "2 2 3", (3, 3, 4, 5), False, why="one affine map", data="cpu")

ok("torch._weight_norm", "A B C", "A 1 1", out="A B C", data="cpu")
ok("torch._weight_norm", "A B C", "1 1 C", 2, out="A B C", data="cpu")
ok("torch._weight_norm", "A B C", "1 b 1", 1, out="A B C", data="cpu", needs="b == B",
   where="B >= 2 and b >= 2")
ok("torch._weight_norm", "A B", "", -1, out="A B", data="cpu")
bad("torch._weight_norm", "2 3", "2 1:float64", why="one dtype", data="cpu")
bad("torch._weight_norm", "2 3:int64", "2 1:int64", why="not defined for integer", data="cpu")
bad("torch._weight_norm", "2 3", "2 1", 2, why="out of range", data="cpu")

PER_TENSOR = "torch.fake_quantize_per_tensor_affine"
PER_CHANNEL = "torch.fake_quantize_per_channel_affine"
ok(PER_TENSOR, "B C", 0.1, 0, 0, 255, out="B C", data="cpu")
ok(PER_TENSOR, "B C", "1", "1:int32", 0, 255, out="B C", data="cpu")
ok(PER_CHANNEL, "B C", "c", "n:int32", 1, 0, 255, out="B C", needs="c == C and n == C",
   data="cpu")
bad(PER_TENSOR, "2:int64", 0.1, 0, 0, 255, why="not defined for integer", data="cpu")
bad(PER_TENSOR, "2", 0.1, 300, 0, 255, why="between quant_min and", data="cpu")
bad(PER_TENSOR, "2", 0.1, 0, 255, 0, why="at most quant_max", data="cpu")
bad(PER_TENSOR, "2", "2", "2:int32", 0, 255, why="must be one number", data="cpu")
ok(PER_CHANNEL, "B C", "c", "n:int32", axis=1, quant_min=0, quant_max=255, out="B C",
   needs="c == C and n == C", data="cpu")
bad(PER_CHANNEL, "2 3", "3", "3:int32", -1, 0, 255, why="out of range", data="cpu")
bad(PER_CHANNEL, "2 3", "3", "3:int64", 1, 0, 255, why="zero points int32", data="cpu")
bad(PER_CHANNEL, "2 3", "2", "2:int32", 1, 0, 255, why="one entry for each slice", data="cpu")
STATS, QPARAMS = "torch.batch_norm_update_stats", "torch.choose_qparams_optimized"
ok(STATS, "N C T", "C", "C", 0.1, out=["C", "C"], data="cpu")
ok(STATS, "N C:bfloat16", None, "C", 0.1, out=["C", "C"], data="cpu")
ok(STATS, "N C:float64", None, None, 0.1, out=["C", "C"], data="cpu")
bad(STATS, "3", "3", "3", 0.1, why="must be (N, C")
bad(STATS, "2 3:int64", "3", "3", 0.1, why="not defined for integer")
bad(STATS, "0 3", "3", "3", 0.1, why="must not be empty")
bad(STATS, "2 3", "3 1", "3", 0.1, why="must have 1 axis")
bad(STATS, "2 3", "3:float64", None, 0.1, why="dtype of the input")
bad(STATS, "2 3", "3", "3:float64", 0.1, why="operands of one dtype")
ok(QPARAMS, "A B", parse_size("A*B"), 200, 0.16, 8, out=["1", "1"], data="cpu", sizes={"A": (2, 3)})
ok(QPARAMS, "A B", parse_size("C"), 200, 0.16, 8, out=["1", "1"], needs="A*B >= C", data="cpu")
bad(QPARAMS, "2:float64", 2, 200, 0.16, 8, why="must be float32")
bad(QPARAMS, "0", 0, 200, 0.16, 8, why="must not be empty")
bad(QPARAMS, "2", -1, 200, 0.16, 8, why="at least 0")
