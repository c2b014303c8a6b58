"""Padding, resizing, channels and pixels, sampling."""

from .harness import bad, lit, ok, turned

ok("F.pad", "B T", (1, 2), out="B T+3")
ok("F.pad", "B C H W", (1, 1, 0, 2), out="B C H+2 W+2")
ok("F.pad", "B T", (0, -2), out="B T-2", needs="T >= 2")
ok("F.pad", "B T H", (0, 0, 1, 0), value=1.0, out="B T+1 H")
ok("F.pad", "B T", [], out="B T")
ok("F.pad", "B C T", (2, 2), lit("reflect"), out="B C T+4", needs="T >= 3", data="cpu")
ok("F.pad", "C H W", (1, 1, 1, 1), lit("replicate"), out="C H+2 W+2")
ok("F.pad", "2 3 A B", (5, -4, -4, 3), lit("replicate"), out="2 3 A-1 B+1", data="cpu")
ok("F.pad", "B C T", (2, 1), lit("circular"), out="B C T+3", needs="T >= 2")
ok("F.pad", "B C D H W", (1, 1, 1, 1, 1, 1), lit("replicate"), out="B C D+2 H+2 W+2")

bad("F.pad", "2 3", (1,), why="a left and a right side")
bad("F.pad", "3", (1, 1, 1, 1), why="more axes than the input has")
bad("F.pad", "2 3", (-2, -2), why="cannot take more than there is")
bad("F.pad", "2 3 4", (1, 1), lit("mirror"), why="the modes of padding")
bad("F.pad", "2 3 4", (1, 1), lit("reflect"), 1.0, why="only constant padding takes a value")
bad("F.pad", "3", (1, 1), lit("reflect"), data="cpu", why="takes all axes behind the channels")
bad("F.pad", "2 3 4", (4, 0), lit("reflect"), data="cpu", why="must be smaller than the axis")
bad("F.pad", "2 3 4", (5, 0), lit("circular"), why="may go round once")
bad("F.pad", "2 3 4", (-4, 0), lit("replicate"), data="cpu", why="must leave an entry")
bad("F.pad", "2 3 4", (-5, 0), lit("circular"), data="cpu", why="must leave an entry")
bad("F.pad", "2 0 4", (1, 1), lit("reflect"), data="cpu", why="only the batch may be empty")
bad("F.pad", "2 3 4:bool", (1, 1), lit("reflect"), data="cpu", why="not defined for bool")

# -- resizing ----------------------------------------------------------------------------------------

ok("F.interpolate", "B C T", 7, out="B C 7")
ok("F.interpolate", "B C H W", (7, 8), out="B C 7 8")
ok("F.interpolate", "B C H W", scale_factor=2, out="B C 2*H 2*W")
ok("F.interpolate", "B C H W", scale_factor=0.5, out="B C H//2 W//2", needs="H >= 2 and W >= 2")
ok("F.interpolate", "B C H W", scale_factor=(1.5, 2.0), mode=lit("bilinear"), align_corners=True,
   out="B C 3*H//2 2*W")
ok("F.interpolate", "B C T", scale_factor=0.75, mode=lit("linear"), out="B C 3*T//4", needs="T >= 2",
   data="cpu")
ok("F.interpolate", "B C D H W", scale_factor=2, mode=lit("trilinear"), out="B C 2*D 2*H 2*W")
ok("F.interpolate", "B C H W", 5, mode=lit("bicubic"), antialias=True, out="B C 5 5")
ok("F.interpolate", "B C H W", 3, mode=lit("area"), out="B C 3 3")
ok("F.interpolate", "B C T", scale_factor=3, mode=lit("nearest-exact"), out="B C 3*T")
ok("F.upsample_nearest", "B C H W", scale_factor=2, out="B C 2*H 2*W")
ok("F.upsample_bilinear", "B C H W", 5, out="B C 5 5")

bad("F.interpolate", "3 4", 2, why="the input must be (N, C, L)")
bad("F.interpolate", "2 3 4", why="either size or scale_factor")
bad("F.interpolate", "2 3 4", 2, 2.0, why="either size or scale_factor")
bad("F.interpolate", "2 3 4 4", (2,), why="one entry for each axis")
bad("F.interpolate", "2 3 4 4", scale_factor=(2.0,), why="one entry for each axis")
bad("F.interpolate", "2 3 4 4", 0, data="cpu", why="needs at least one entry")
bad("F.interpolate", "2 3 0 4", 2, data="cpu", why="an empty axis cannot be resized")
bad("F.interpolate", "2 3 4 4", 2, mode=lit("cubic"), data="cpu", why="no such mode")
bad("F.interpolate", "2 3 4", 2, mode=lit("bilinear"), data="cpu", why="mode bilinear takes an input (N, C, H, W)")
bad("F.interpolate", "2 3 4 4", 2, align_corners=True, why="for linear and cubic modes")
bad("F.interpolate", "2 3 4 4", 2, recompute_scale_factor=True, why="no scale_factor to recompute")
bad("F.interpolate", "2 3 4 4", 2, antialias=True, why="antialias goes with")
bad("F.interpolate", "2 3 4 4:int64", 2, data="cpu", why="not defined for integer")
ok("F.interpolate", "B C D H W", 2, mode=lit("area"), out="B C 2 2 2", needs="C >= 1", data="cpu",
   sizes={"B": (0, 1, 2), "C": (0, 1, 3)})
ok("F.interpolate", "B C H W", 1, mode=lit("area"), out="B C 1 1", data="cpu",
   sizes={"B": (0, 1, 2), "C": (0, 1, 3), "H": (0, 1, 4)})
ok("F.interpolate", "B C H W", 2, mode=lit("area"), out="B C 2 2", data="cpu",
   sizes={"B": (0, 1, 2), "C": (0, 1, 3)})
ok("F.pad", "B C 2", (1, -3), lit("circular"), out="B C 0", data="cpu")
bad("F.pad", "2 3 3", (1, -4), lit("circular"), data="cpu", why="may cut as much as there is")
ok("F.pad", "B C 4", (2, -3), lit("circular"), out="B C 3", needs="B != 1 or C != 1",
   sizes={"B": (0, 1, 2), "C": (0, 1, 2)}, data="cpu")
bad("F.upsample_bilinear", "2 3 4", 2, data="cpu", why="mode bilinear takes")
bad("F.upsample_nearest", "2 3 4 4", why="either size or scale_factor")

# -- channels and pixels -----------------------------------------------------------------------------

ok("pixel_shuffle", "B 12 H W", 2, out="B 3 2*H 2*W")
ok("pixel_shuffle", "C H W", 3, out="C//9 3*H 3*W", needs="C % 9 == 0", sizes={"C": (1, 9, 12, 18)})
ok("pixel_unshuffle", "B C H W", 2, out="B 4*C H//2 W//2", needs="H % 2 == 0 and W % 2 == 0")
ok("channel_shuffle", "B 6 H W", 3, out="B 6 H W")
ok("channel_shuffle", "B C T", 2, out="B C T", needs="C % 2 == 0")

bad("pixel_shuffle", "2 6 4 4", 2, why="a multiple of the square")
bad("pixel_shuffle", "4 4", 2, why="must be (*, C, H, W)")
bad("pixel_shuffle", "2 4 4 4", 0, why="must be a positive number")
bad("pixel_unshuffle", "2 3 5 4", 2, why="multiples of the factor")
bad("channel_shuffle", "2 3 4", 2, data="cpu", why="divisible by the groups")
bad("channel_shuffle", "2 4", 2, data="cpu", why="must be (N, C, *S)")
bad("channel_shuffle", "2 4 4", 0, data="cpu", why="groups must be positive")

# -- sampling ----------------------------------------------------------------------------------------

ok("F.grid_sample", "B C H W", "B X Y 2", out="B C X Y")
ok("F.grid_sample", "B C D H W", "B X Y Z 3", mode=lit("nearest"), align_corners=True, out="B C X Y Z")
ok("F.grid_sample", "B C H W", "N X Y 2", out="B C X Y", needs="B == N")
ok("F.affine_grid", "B 2 3", (4, 3, 5, 6), out="4 5 6 2", needs="B == 4")
ok("F.affine_grid", "2 3 4", (2, 3, 4, 5, 6), out="2 4 5 6 3")

bad("F.grid_sample", "3 4 4", "3 2 2 2", why="the input must be")
bad("F.grid_sample", "2 3 4 4", "2 5 2", why="as many axes as the input")
bad("F.grid_sample", "2 3 4 4", "3 5 5 2", why="the batch of the input")
bad("F.grid_sample", "2 3 4 4", "2 5 5 3", why="one place for each axis")
bad("F.grid_sample", "2 3 0 4", "2 5 5 2", why="an empty image")
bad("F.grid_sample", "2 3 4 4", "2 5 5 2:float64", why="one dtype")
bad("F.grid_sample", "2 3 4 4:int64", "2 5 5 2:int64", data="cpu", why="not defined for integer")
bad("F.grid_sample", "2 3 4 4", "2 5 5 2", lit("linear"), why="the modes of sampling")
bad("F.grid_sample", "2 3 4 4", "2 5 5 2", padding_mode=lit("wrap"), why="the padding modes")
bad("F.grid_sample", "2 3 4 4 4", "2 5 5 5 3", lit("bicubic"), why="mode bicubic takes")
bad("F.affine_grid", "2 2 3", (2, 3, 4), data="cpu", why="size must be")
bad("F.affine_grid", "2 3", (2, 3, 4, 4), data="cpu", why="theta must be")
bad("F.affine_grid", "2 3 4", (2, 3, 4, 4), data="cpu", why="affine maps of the axes")
bad("F.affine_grid", "3 2 3", (2, 3, 4, 4), data="cpu", why="the batch that size names")
bad("F.affine_grid", "2 2 3", (2, 3, 0, 4), data="cpu", why="sizes must be positive")
bad("F.affine_grid", "2 2 3:int64", (2, 3, 4, 4), data="cpu", why="not defined for integer")

# -- axes in another order ---------------------------------------------------------------------------

ok("F.pad", turned("B H W C", (0, 3, 1, 2)), (1, 1), out="B C H W+2", data="cpu")
ok("F.pad", turned("B H W C", (0, 3, 1, 2)), (0, -1), out="B C H W-1", data="cpu")
ok("F.pad", turned("T B", (1, 0)), (1, 1), out="B T+2", data="cpu")
ok("F.interpolate", turned("B H W C", (0, 3, 1, 2)), scale_factor=2, out="B C 2*H 2*W", data="cpu")
ok("pixel_shuffle", turned("B H W 4", (0, 3, 1, 2)), 2, out="B 1 2*H 2*W", data="cpu")
ok("F.grid_sample", turned("B H W C", (0, 3, 1, 2)), "B 3 3 2", out="B C 3 3", data="cpu")

bad("pixel_shuffle", turned("2 4 4 3 4", (0, 4, 1, 2, 3)), 1, data="cpu", why="channels innermost")
ok ("F.pad", "B T", (1, -2), out="B T-1", needs="T >= 2")
bad("F.pad", "2 1", (1, -2), why="take more than there is")
bad("F.interpolate", "2 0 4", 7, why="at least one channel")
