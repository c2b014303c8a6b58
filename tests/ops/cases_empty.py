"""What has no entries: much goes unchecked, and some of it has a result of its own."""

from .harness import bad, dt, lit, ok, turned

# fmt: off
FLOAT8 = "float8_e4m3fn"
SDPA = "scaled_dot_product_attention"

# -- dtypes that nothing looks at ------------------------------------------------------------------

ok ("matmul", "B N 0", "B 0 M:bool", out="B N M:bool", data="cpu")
ok ("matmul", "0 N K", "0 K M:int64", out="0 N M:int64", data="cpu")
bad("matmul", "0 5", "5 3:bool", why="one dtype", data="cpu")
ok ("cdist", "A N 0", "M 0:float16", out="A N M", data="cpu")
ok ("conv1d", "B 0 L", "3 0 0", out="B 0 L+1", data="cpu")
ok ("multinomial", "0 0", 5, True, out="0 5:int64", data="cpu")
bad("F.instance_norm", "0 2 3", "1", "2", why="the channels of the input", data="cpu")
bad("F.instance_norm", "2 2 0", None, None, "2 1", why="weight must have 1 axis", data="cpu")
ok ("F.instance_norm", "1 C 0 W", "2", "3", "4", use_input_stats=False, out="1 C 0 W", data="cpu")
ok ("torch.normal", "0 N:bool", 1.0, out="0 N:bool", data="cpu")
bad("torch.normal", "0 3:int64", "3", why="are floats", data="cpu")
ok ("median", "N 0:bool", out=":bool", data="cpu")
ok ("amax", "0 N:complex64", 1, out="0:complex64", needs="N >= 1", data="cpu")
ok ("conv_tbc", turned("B 2 6", (1, 0, 2)), "0 6 4:int32", "4", out="3 B 4", data="cpu")
ok ("conv1d", "0 C 7", "3 C 1:complex64", out="0 3 7:complex64", data="cpu")
ok ("F.fractional_max_pool2d", "B C 1 1:complex64", 2, output_ratio=(0.5, 0.5),
    out="B C 0 0:complex64", data="cpu")
bad("F.fractional_max_pool2d", "1 1 4 4:complex64", 2, 2, why="not defined for complex")
ok ("conv_tbc", "0 N K:int32", "3 K D", "D", 1, out="0 N D:int32", data="cpu")
ok ("baddbmm", "1 N M", "B N 0", "B 0 M:int64", out="B N M:int64", data="cpu")
ok ("addmv", "", "0 K", "K", out="", data="cpu")
ok ("addmv", "", "0 K", "K", beta=0, out="0", data="cpu")
ok ("unravel_index", "0 N:int32", (0, 3), out=["0 N:int64", "0 N:int64"], data="cpu")
ok ("tile", "N 0", 2, -1, out="2*N 0", data="cpu")
ok ("F.interpolate", "0 C H W:int32", 3, mode=lit("area"), out="0 C 3 3:int32", data="cpu",
    needs="H >= 1 and W >= 1")
ok ("F.cross_entropy", "B C 0", "b 0:uint8", out="", needs="b == B", data="cpu")
ok ("F.multi_margin_loss", "0 C:uint8", "0:int32", weight="C", out=":uint8", data="cpu")
ok ("bernoulli", "B 0:bool", out="B 0:bool", data="cpu")
ok ("mm", "N 0:bool", "0 M:bool", out="N M:bool", data="cpu")
ok ("addbmm", "N M", "0 N K:bool", "0 K M", out="N M", data="cpu")
ok ("einsum", lit("bik,bkj->bij"), "B I 0", "B 0 J:int32", out="B I J:int32", data="cpu")
for name in ("linalg_lu_factor_ex", "linalg_lu_factor"):
    ok(name, "B 0 0:int32", out=["B 0 0:int32", "B 0:int32", "B:int32"][: 2 + ("ex" in name)],
       data="cpu")
ok ("linalg_svdvals", "B N 0:float16", out="B 0:float16", data="cpu")
bad("linalg_svdvals", "2 3 0:int64", why="of 32 bits or more", data="cpu")
ok ("cholesky", "0:int32", out="0:int32", data="cpu")
bad("F.cross_entropy", "2 3 0", "2 0:uint8", reduction=lit("none"), data="cpu",
    why="classes must be given as int64")
ok ("F.cross_entropy", "0 C:complex64", "0 C", out=":complex64", data="cpu")
ok ("cholesky", "B 2 0:int32", out="B 2 0:int32", data="cpu")
ok ("softmax", "B 0:bool", 1, out="B 0:bool", data="cpu")
ok ("cummax", "B 0:complex64", 5, out=["B 0:complex64", "B 0:int64"], data="cpu")
ok ("cumsum", "B 0", 1, dtype=dt("bool"), out="B 0:bool", data="cpu")
ok ("Tensor.cumprod_", ":bool", 0, out=":bool", data="cpu")
ok ("cummin", ":complex64", 0, out=[":complex64", ":int64"], data="cpu")
ok ("roll", "B 0", 1, 5, out="B 0", data="cpu")
ok ("F.local_response_norm", "B 0 L:bool", -1, out="B 0 L:bool", data="cpu")
ok ("Tensor.exponential_", "0 B:bool", out="0 B:bool", data="cpu")
bad("Tensor.cauchy_", "0 2:bool", why="not defined for bool", data="cpu")
ok ("F.dropout2d", "0 B C D:complex64", out="0 B C D:complex64", data="cpu")
ok ("histogram", "0 B:float16", 3, out=["3:float16", "4:float16"], data="cpu")
ok ("take_along_dim", "B C", "0 C:uint8", out="0", data="cpu")
ok ("F.grid_sample", "N C 4 4", "N 0 P 2:bool", out="N C 0 P", data="cpu")
ok ("F.max_unpool2d", "0 C 3 3:uint8", "0 C 3 3:int64", 2, out="0 C 6 6:uint8", data="cpu")

# -- sizes that nothing looks at -------------------------------------------------------------------

ok ("F.batch_norm", "0 C", "D", "D:int32", out="0 C", data="cpu")
ok ("F.batch_norm", "0 C", "C", "C", "C", "C:complex64", out="0 C:complex64", data="cpu")
ok ("F.batch_norm", "0", "C", "D:int32", out="0", data="cpu")
bad("F.batch_norm", "2", "2", "2", why="(N, C, *S)", data="cpu")
bad("F.batch_norm", "2 0", "0", "0", "0", "0", why="must have an entry", data="cpu")
bad("torch.native_batch_norm", "2 3 0", None, None, None, None, True, 0.1, 1e-5,
    why="must not be empty", data="cpu")
ok ("F.instance_norm", "N C 0:uint8", out="N C 0:uint8", data="cpu")
bad("F.instance_norm", "2 0 4", weight="0", why="must have an entry", data="cpu")
ok ("conv1d", "0 4 12:int64", "3 4 1", out="0 3 12", data="cpu")
ok ("conv1d", "B 0 7", "3 0 1", out="B 0 7", data="cpu")
ok ("conv_transpose1d", "0 4 0", "4 3 3", None, 2, 1, 1, out="0 3 0", data="cpu")
bad("conv1d", "2 4 0", "3 4 3", padding=2, why="padding needs", data="cpu")
ok (SDPA, "B C L E", "B 0 S E", "B 0 S E", out="B C L E", data="cpu")
ok (SDPA, "2 0 4", "3 5 7", "9 6 8", out="2 0 8", data="cpu")
bad(SDPA, "2 3 4", "2 0 4", "2 5 4", why="a step for each step", data="cpu")
ok ("trapz", "B 0:bool", "3", out="B:bool", data="cpu")
ok ("linalg_pinv", "B 0 3", rtol="2 1", out="B 3 0", data="cpu")
ok ("pixel_unshuffle", "B 0 4 6", 2, out="B 0 4 6", data="cpu")
bad("F.unfold", "3 0 4", (3, 1), padding=(3, 0), why="needs at least one entry", data="cpu")
ok ("F.pad", "0 C 4", (2, 1), lit("circular"), out="0 C 7", data="cpu")
for name, sizes in (("1d", "B 0 4"), ("2d", "B 0 4 5")):
    ok(f"adaptive_avg_pool{name}", sizes, 3, out="B 0 3" + " 3" * (name == "2d"), data="cpu")
bad("adaptive_avg_pool3d", "2 0 4 4 4", 3, why="only the batch", data="cpu")
ok ("Tensor.__getitem__", "3 0", [0, 4], out="2 0", data="cpu")
ok ("torch._scaled_mm_v2", f"N 0:{FLOAT8}", f"6 M:{FLOAT8}", ["7"], [0], [], ["1"], [0], [], None,
    None, out=f"N M:{FLOAT8}", data="cpu")
ok ("torch._scaled_mm_v2", f"0 5:{FLOAT8}", f"5 8:{FLOAT8}", ["3"], [7], [], ["2"], [7], [],
    None, dt("bfloat16"), (1, 0), out="0 8:bfloat16", data="cpu")

# -- what needs an entry ---------------------------------------------------------------------------

bad("F.embedding", "3:int64", "0 4", why="no entries to select", data="cpu")
bad("F.embedding_bag", "2 3:int64", "0 4", why="no entries to select", data="cpu")
bad("F.nll_loss", "9 0", "9:int64", why="no entries to select", data="cpu")
bad("F.cross_entropy", "9 0 6", "9 6:int64", why="no entries to select", data="cpu")
bad("F.ctc_loss", "8 0 5", "0 2:int64", "0:int64", "0:int64", why="a sample", data="cpu")
bad("fft_ifftshift", "0 12", dim=2,                      why="axis")
bad("torch.norm_except_dim", "0 2", -1, -1,              why="needs entries")
bad("linalg_lstsq", "5 1 1 8", "5 1 2",                  why="cannot enlarge the batch")
bad("F.grid_sample", "0 7 4 6 2:int64", "0 9 1 4 3", mode=lit("nearest"), why="not defined")
ok ("bincount", "0:int64", "1", minlength=4,             out="4:int64")
