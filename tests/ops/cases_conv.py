"""Convolutions and patches."""

from .harness import bad, lit, ok, turned

ok("conv1d", "B 3 T", "8 3 5", out="B 8 T-4", needs="T >= 5")
ok("conv1d", "3 T", "8 3 3", "8", padding=1, out="8 T")
ok("conv1d", "B C T", "D E 1", out="B D T", needs="C == E")
ok("conv1d", "B 4 T", "6 2 3", groups=2, padding=1, stride=2, out="B 6 (T-1)//2+1")
ok("conv1d", "B 4 T", "6 4 3", padding=lit("same"), dilation=2, out="B 6 T")
ok("conv1d", "B 4 T", "6 4 3", padding=lit("valid"), out="B 6 T-2", needs="T >= 3")
ok("conv2d", "B 3 H W", "8 3 7 7", "8", 2, 3, out="B 8 (H-1)//2+1 (W-1)//2+1")
ok("conv2d", "3 H W", "8 3 3 3", padding=[1, 1], out="8 H W")
ok("conv2d", "B 3 H W", "8 3 3 5", stride=(2, 1), padding=(1, 2), dilation=(1, 1),
   out="B 8 (H-1)//2+1 W")
ok("conv2d", "B C H W", "C 1 3 3", padding=1, groups=4, out="B C H W", needs="C == 4",
   sizes={"C": (2, 4, 8)})
ok("conv3d", "B 2 D H W", "4 2 3 3 3", padding=1, out="B 4 D H W")
ok("conv3d", "2 D H W", "4 2 1 2 2", stride=(1, 2, 2), out="4 D H//2 W//2", needs="H >= 2 and W >= 2")
ok("conv_transpose1d", "B 4 T", "4 3 4", stride=2, padding=1, out="B 3 2*T")
ok("conv_transpose1d", "4 T", "4 3 3", "6", groups=2, out="6 T+2")
ok("conv_transpose2d", "B 4 H W", "4 3 3 3", stride=2, padding=1, output_padding=1,
   out="B 3 2*H 2*W")
ok("conv_transpose2d", "B C H W", "D 3 1 1", out="B 3 H W", needs="C == D", data="cpu")
ok("conv_transpose3d", "B 2 D H W", "2 1 2 2 2", stride=2, out="B 1 2*D 2*H 2*W")
ok("conv_tbc", "T B C", "3 C 5", "5", 1, out="T B 5")

WHY = "the window must fit into the padded input"
bad("conv1d", "2 3 4", "8 3 5", why=WHY)
bad("conv1d", "3", "8 3 3", why="the input must be (N, C, L) or (C, L)")
bad("conv1d", "2 3 8", "8 3", why="the weight must be")
bad("conv1d", "2 3 8", "8 4 3", why="channels of the input must be those of the weight")
bad("conv1d", "2 3 8", "8 3 3", "7", why="one entry for each output channel")
bad("conv1d", "2 3 8", "8 3 3", "8 1", why="bias must have 1 axis")
bad("conv1d", "2 4 8", "3 2 3", groups=2, why="groups must divide")
bad("conv1d", "2 4 8", "4 4 3", groups=0, why="groups must be positive")
bad("conv1d", "2 4 8", "1 2 3", groups=2, why="each group needs a channel")
bad("conv1d", "2 3 8", "8 3 0", data="cpu", why="the kernel needs at least one entry")
bad("conv1d", "2 3 8", "8 3 3", stride=0, why="stride must be positive")
bad("conv1d", "2 3 8", "8 3 3", dilation=0, why="dilation must be positive")
bad("conv1d", "2 3 8", "8 3 3", padding=-1, why="padding cannot be negative")
bad("conv1d", "2 3 8", "8 3 3", padding=lit("full"), why="padding must be 'same'")
bad("conv1d", "2 3 8", "8 3 3", padding=lit("same"), stride=2, why="needs a stride of one")
bad("conv1d", "2 3 8", "8 3 3:float64", why="one dtype")
bad("conv1d", "2 3 8:bool", "8 3 3:bool", data="cpu", why="not defined for bool")
bad("conv2d", "2 3 8 8", "8 3 3 3", stride=(1, 1, 1), why="one number or 2")
bad("conv2d", "2 3 4 9", "8 3 5 5", why=WHY)
bad("conv2d", "2 3 0 9", "8 3 1 1", padding=1, data="cpu", why="padding needs at least one entry")
bad("conv3d", "2 8 8", "8 3 3 3 3", why="the input must be")
bad("conv_transpose1d", "2 4 8", "3 4 3", why="must be the first size of the weight")
bad("conv_transpose1d", "2 4 8", "4 3 3", output_padding=1, why="smaller than the stride")
bad("conv_transpose1d", "2 4 8", "4 3 3", output_padding=-1, stride=2, why="cannot be negative")
bad("conv_transpose1d", "1 4 1", "4 3 2", padding=1, data="cpu", why="leave at least one entry")
bad("conv_transpose1d", "2 4 0", "4 3 3", data="cpu", why="the input needs at least one entry")
bad("conv_transpose2d", "2 4 8 8", "4 3 3 3", "4", why="one entry for each output channel")
bad("conv_tbc", "5 2 4", "3 3 5", "5", why="channels of the input")
bad("conv_tbc", "5 2 4", "3 4 5", "4", why="one entry for each output channel")
bad("conv_tbc", "1 2 4", "3 4 5", "5", data="cpu", why=WHY)
bad("conv_tbc", "5 4", "3 4 5", "5", why="the input must be (T, N, C)")
bad("conv_tbc", "5 2 4", "4 5", "5", why="the weight must be (K, C, D)")
bad("conv_tbc", "5 2 4:bool", "3 4 5:bool", "5:bool", data="cpu", why="not defined for bool")

# -- patches -----------------------------------------------------------------------------------------

ok("F.unfold", "B C H W", 2, stride=2, out="B 4*C (H//2)*(W//2)", needs="H >= 2 and W >= 2")
ok("F.unfold", "C H W", (3, 1), padding=(1, 0), out="3*C H*W")
ok("F.fold", "B 4*C 12", (4, 5), 2, out="B C 4 5")
ok("F.fold", "B 8 T", (4, 6), 2, stride=2, out="B 2 4 6", needs="T == 6", sizes={"T": (4, 6, 12)})

bad("F.unfold", "2 3 8", (9, 1), why=WHY)
bad("F.unfold", "3 8", 2, why="the input must be (N, C, H, W)")
bad("F.unfold", "2 3 8 8", (2,), why="one number or 2")
bad("F.unfold", "2 3 8 8", 2, stride=0, why="stride must be positive")
bad("F.unfold", "2 3 8 8:int64", 2, data="cpu", why="not defined for integer")
bad("F.fold", "2 9 12", (4, 5), 2, why="a multiple of the entries of a patch")
bad("F.fold", "2 8 11", (4, 5), 2, why="as many patches")
bad("F.fold", "8", (4, 5), 2, why="the input must be (N, C, L)")
bad("F.fold", "2 8 12", (4, 5), (2, 2, 2), why="one number or 2")
bad("F.fold", "2 8 12:int64", (4, 5), 2, data="cpu", why="not defined for integer")

# -- axes in another order ---------------------------------------------------------------------------

ok("conv2d", turned("B H W 3", (0, 3, 1, 2)), "8 3 3 3", padding=1, out="B 8 H W", data="cpu")
ok("conv2d", turned("W H 3 B", (3, 2, 1, 0)), "8 3 3 3", padding=1, out="B 8 H W", data="cpu")
ok("conv1d", turned("B T 3", (0, 2, 1)), "8 3 3", padding=1, out="B 8 T", data="cpu")
ok("conv_transpose2d", turned("B H W 3", (0, 3, 1, 2)), "3 4 2 2", stride=2, out="B 4 2*H 2*W",
   data="cpu")
ok("F.unfold", turned("B H W 3", (0, 3, 1, 2)), 1, out="B 3 H*W", data="cpu")

bad("conv1d", "2 4 8:int32", "6 4 3:int32", dilation=2, data="cpu", why="only int64 will do")
bad("conv_transpose2d", "2 4 8 8:uint8", "4 6 3 3:uint8", data="cpu", why="only int64 will do")
bad("conv_transpose1d", "2 4 8", "4 0 3", data="cpu", why="an output channel")
bad("F.unfold", "2 0 4 4", 2, why="at least one channel")
bad("F.fold", "2 0 12", (4, 5), 2, why="at least one channel")
