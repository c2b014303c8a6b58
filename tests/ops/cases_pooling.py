"""Windows that slide, adapt, or go back."""

from .harness import bad, ok, turned

ok("F.max_pool1d", "B C T", 2, out="B C T//2", needs="T >= 2")
ok("F.max_pool1d", "C T", 3, 2, 1, out="C (T-1)//2+1")
ok("max_pool1d", "B C T", 3, stride=1, dilation=2, out="B C T-4", needs="T >= 5")
ok("F.max_pool1d", "B C T", 2, ceil_mode=True, out="B C (T-1)//2+1")
ok("max_pool2d", "B C H W", 3, 2, 1, out="B C (H-1)//2+1 (W-1)//2+1")
ok("F.max_pool2d", "C H W", (2, 1), out="C H//2 W", needs="H >= 2")
ok("F.max_pool2d", "B C H W", 2, return_indices=True, out=["B C H//2 W//2", "B C H//2 W//2"],
   needs="H >= 2 and W >= 2")
ok("F.max_pool2d_with_indices", "B C H W", 2, out=["B C H//2 W//2", "B C H//2 W//2"],
   needs="H >= 2 and W >= 2")
ok("max_pool3d", "B C D H W", 2, out="B C D//2 H//2 W//2", needs="D >= 2 and H >= 2 and W >= 2")
ok("avg_pool1d", "B C T", 2, out="B C T//2", needs="T >= 2")
ok("F.avg_pool2d", "B C H W", 3, 2, 1, True, out="B C H//2+1 W//2+1")
ok("F.avg_pool2d", "B C H W", 3, 1, padding=1, out="B C H W")
ok("F.avg_pool3d", "C D H W", 2, out="C D//2 H//2 W//2", needs="D >= 2 and H >= 2 and W >= 2")
ok("F.lp_pool1d", "B C T", 2, 2, out="B C T//2", needs="T >= 2")
bad("F.lp_pool1d", "2 3 4", 0, 2, why="norm_type must not be 0")
ok("F.lp_pool2d", "B C H W", float("inf"), 2, out="B C H//2 W//2", needs="H >= 2 and W >= 2")

WHY = "the window must fit into the padded input"
bad("F.max_pool1d", "2 3 1", 2, why=WHY)
bad("F.max_pool1d", "3", 2, why="the input must be (N, C, L) or (C, L)")
bad("F.max_pool1d", "2 0 4", 2, data="cpu", why="only the batch may be empty")
bad("F.max_pool1d", "2 3 4", 2, padding=2, why="at most half of kernel_size")
bad("F.max_pool2d", "2 3 4 4", 0, why="kernel_size must be positive")
bad("F.max_pool2d", "2 3 4 4", 2, 0, why="stride must be positive")
bad("F.max_pool2d", "2 3 4 4", 2, dilation=0, why="dilation must be positive")
bad("F.max_pool2d", "2 3 4 4", 2, padding=-1, why="padding cannot be negative")
bad("F.max_pool2d", "2 3 4 4", (2, 2, 2), why="one number or 2")
bad("F.max_pool2d", "4 4", 2, why="the input must be")
bad("F.max_pool2d", "2 3 1 4", 3, 1, ceil_mode=True, dilation=2, why=WHY)
bad("F.max_pool2d", "2 3 4 4:bool", 2, data="cpu", why="not defined for bool")
bad("F.max_pool2d_with_indices", "4 4", 2, why="the input must be")
bad("F.avg_pool2d", "2 3 4 4", 2, divisor_override=0, why="cannot be zero")
bad("F.avg_pool2d", "2 3 4 4:int32", 2, data="cpu", why="not defined for integer")
bad("F.avg_pool3d", "2 3 4 1 4", 2, padding=1, why="without padding must hold the window")
bad("F.lp_pool2d", "2 3 4 4", 2, (2,), why="one number or 2")

# -- a number of places ------------------------------------------------------------------------------

ok("adaptive_avg_pool1d", "B C T", 7, out="B C 7")
ok("F.adaptive_avg_pool2d", "B C H W", 1, out="B C 1 1")
ok("F.adaptive_avg_pool2d", "B C H W", (7, None), out="B C 7 W")
ok("F.adaptive_avg_pool3d", "C D H W", (1, 1, 1), out="C 1 1 1")
ok("F.adaptive_max_pool1d", "B C T", 1, out="B C 1")
ok("torch.adaptive_max_pool1d", "B C T", 1, out=["B C 1", "B C 1"])
ok("F.adaptive_max_pool2d", "B C H W", (3, 4), return_indices=True, out=["B C 3 4", "B C 3 4"])
ok("F.fractional_max_pool2d", "B C H W", 2, 3, out="B C 3 3", needs="H >= 4 and W >= 4")
ok("F.fractional_max_pool2d", "B C H W", 2, output_ratio=(0.5, 0.5), out="B C H//2 W//2",
   data="cpu")
ok("F.fractional_max_pool3d_with_indices", "C D H W", 2, 2, out=["C 2 2 2", "C 2 2 2"],
   needs="D >= 4 and H >= 4 and W >= 4")

bad("F.adaptive_avg_pool2d", "4 4", (2, 2), why="an axis of channels before")
bad("F.adaptive_avg_pool2d", "4 4", 2, why="the input must be")
bad("F.adaptive_avg_pool2d", "2 3 4 4", (2, 2, 2), why="one number or 2")
bad("F.adaptive_avg_pool2d", "2 3 4 4", -1, data="cpu", why="cannot be negative")
bad("F.adaptive_avg_pool2d", "2 3 0 4", 2, data="cpu", why="only the batch may be empty")
bad("F.adaptive_avg_pool2d", "2 3 4 4:int64", 2, data="cpu", why="not defined for integer")
bad("F.adaptive_max_pool2d", "2 3 4 4:int64", 2, data="cpu", why="not defined for integer")
bad("F.fractional_max_pool2d", "2 3 4 4", 2, 4, data="cpu", why="windows at random places must fit")
bad("F.fractional_max_pool2d", "2 3 4 4", 2, data="cpu", why="an output_size or an output_ratio")
bad("F.fractional_max_pool3d_with_indices", "2 3 3 3", 4, 2, data="cpu",
    why="windows at random places must fit")
bad("torch.adaptive_max_pool1d", "3", 1, data="cpu", why="the input must be")
PLACED = dict(output_size=2, data="cpu")
ok ("F.fractional_max_pool2d", "B C 4 4", 2, _random_samples="b c 2", out="B C 2 2", needs="b >= B and c == C", **PLACED)
ok ("F.fractional_max_pool3d", "C 4 4 4", 2, _random_samples="b C 3", out="C 2 2 2", **PLACED)
bad("F.fractional_max_pool2d", "2 3 4 4", 2, _random_samples="2 3", why="must have 3 axes", **PLACED)
bad("F.fractional_max_pool2d", "2 3 4 4", 2, _random_samples="2 3 3", why="for each axis of space", **PLACED)
bad("F.fractional_max_pool2d", "2 3 4 4", 2, _random_samples="2 3 2:float64", why="the dtype of the input", **PLACED)
bad("F.fractional_max_pool2d", "4 4", 2, 2, data="cpu", why="the input must be")
bad("F.fractional_max_pool2d", "2 3 4 4:int64", 2, 2, data="cpu", why="not defined for integer")

# -- back to the places of the maxima ----------------------------------------------------------------

ok("F.adaptive_avg_pool2d", "B C H W:int64", (0, 2), out="B C 0 2:int64", data="cpu")
bad("F.adaptive_avg_pool3d", "1 2 3 4 5:int64", 0, why="not defined for integer", data="cpu")
ok("F.lp_pool1d", "B C T:uint8", 3.0, 2, out="B C T//2", needs="T >= 2")
bad("F.lp_pool1d", "2 3 4:int64", -1, 2, why="integers have no negative powers")
ok("F.max_unpool1d", "B C T", "B C T:int64", 2, out="B C 2*T", data="cpu")
ok("F.max_unpool2d", "B C H W", "B C H W:int64", 2, out="B C 2*H 2*W", data="cpu")
ok("F.max_unpool2d", "B C 3 3", "B C 3 3:int64", 2, output_size=(7, 7), out="B C 7 7", data="cpu")
ok("F.max_unpool2d", "B C H W", "B D H W:int64", 2, out="B C 2*H 2*W", needs="C == D", data="cpu")
ok("F.max_unpool3d", "C D H W", "C D H W:int64", 2, out="C 2*D 2*H 2*W", data="cpu")

bad("F.max_unpool2d", "2 3 4 4", "2 3 4 5:int64", 2, data="cpu", why="the shape of the input")
bad("F.max_unpool2d", "2 3 4 4", "3 4 4:int64", 2, data="cpu", why="the shape of the input")
bad("F.max_unpool2d", "2 3 4 4", "2 3 4 4:int32", 2, data="cpu", why="of dtype int64")
bad("F.max_unpool2d", "2 3 4 4", "2 3 4 4:int64", 2, output_size=(12, 8), data="cpu", why="within one stride")
bad("F.max_unpool2d", "2 3 4 4", "2 3 4 4:int64", 2, output_size=(8,), data="cpu", why="one size for each axis")
bad("F.max_unpool2d", "4 4", "4 4:int64", 2, data="cpu", why="the input must be")
ok("F.max_unpool2d", "B C H W:bool", "B C H W:int64", 0, out="B C 0 0:bool", data="cpu")
bad("F.max_unpool2d", "2 3 4 4:int64", "2 3 4 4:int64", 2, data="cpu", why="not defined for integer")
bad("F.max_unpool3d", "2 3 4 4 4", "2 3 4 4 4:int64", 2, 0, data="cpu", why="stride must be positive")

# -- axes in another order ---------------------------------------------------------------------------

ok("F.max_pool2d", turned("B H W C", (0, 3, 1, 2)), 3, 2, 1, out="B C (H-1)//2+1 (W-1)//2+1",
   data="cpu")
ok("F.avg_pool2d", turned("B H W C", (0, 3, 1, 2)), 1, out="B C H W", data="cpu")
ok("F.avg_pool3d", turned("B D H W C", (0, 4, 1, 2, 3)), 1, out="B C D H W", data="cpu")
ok("F.adaptive_avg_pool2d", turned("B H W C", (0, 3, 1, 2)), 2, out="B C 2 2", data="cpu")
ok("F.adaptive_max_pool3d", turned("B D H W C", (0, 4, 1, 2, 3)), 2, out="B C 2 2 2", data="cpu")
ok("F.max_unpool2d", turned("B H W C", (0, 3, 1, 2)), "B C H W:int64", 2, out="B C 2*H 2*W",
   data="cpu")

bad("F.max_pool3d", turned("2 4 4 3", (0, 3, 1, 2)), 2, data="cpu", why="its channels innermost")
bad("F.lp_pool2d", "2 3 4 4:bool", float("inf"), 2, data="cpu", why="not defined for bool")
