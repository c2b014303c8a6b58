"""Products of matrices in groups, and of scaled ones."""

from .harness import bad, dt, ok, turned

F8, HALF = ":float8_e4m3fn", ":bfloat16"
GROUPED, SCALED = "torch._grouped_mm", "torch._scaled_mm_v2"
TENSOR, ROW, NO = [0], [1], []

# fmt: off
EIGHT = {"K": (4, 8, 12, 16), "M": (4, 8, 12, 24), "L": (4, 8)}
ok (GROUPED, "G n K", "H L M", out="G n M", needs="G == H and K == L and K % 4 == 0 and M % 4 == 0",
    sizes=EIGHT, data="cpu")
ok (GROUPED, "G n K", turned("G K M", (0, 2, 1)), out="G n K", where="K == M",
    needs="K % 4 == 0", sizes={"K": (4, 6, 8), "M": (4, 6, 8)}, data="cpu")
ok (GROUPED, "n 8" + HALF, turned("G 5 8" + HALF, (0, 2, 1)), "H:int32", out="n 5" + HALF,
    needs="G == H", data="cpu")
ok (GROUPED, "n K", "K 8", "G:int32", out="G n 8", needs="K % 4 == 0", data="cpu")
ok (GROUPED, turned("4 n", (1, 0)), "4 8", "G:int32", out="G n 8", needs="n % 4 == 0",
    sizes={"n": (4, 6, 8)}, data="cpu")
ok (GROUPED, "G n 4", "4 8", "G:int32", out_dtype=dt("float32"), out="n 8", data="cpu")
bad(GROUPED, "8", "8 8", "2:int32", why="mat_a must have 2 or 3")
bad(GROUPED, "2 8 8:float64", "2 8 8:float64", why="at most 32 bits")
bad(GROUPED, "2 8 8", "2 8 8:float16", why="operands of one dtype")
bad(GROUPED, "2 8 8", "2 8 8", out_dtype=dt("float16"), why="dtype of mat_a")
bad(GROUPED, "2 8 8", "2 8 8", bias="8", why="not supported yet")
bad(GROUPED, "8 8", "2 8 8", why="offsets to be cut at")
bad(GROUPED, "2 8 8", "2 8 8", "2:int32", why="offsets to be cut at")
bad(GROUPED, "8 8", "2 8 8", "2 1:int32", why="offs must have 1 axis")
bad(GROUPED, "8 8", "2 8 8", "2:int64", why="must be int32")
bad(GROUPED, turned("8 8 2", (2, 0, 1)), "2 8 8", why="without gaps")
bad(GROUPED, "2 8 0", "2 0 8", why="multiples of sixteen")
bad(GROUPED, "2 8 6", "2 6 8", why="multiples of sixteen bytes")

END = (NO, None, None)
ok (SCALED, "n K" + F8, "L M" + F8, ["s"], TENSOR, NO, ["t 1"], TENSOR, *END, out="n M" + F8,
    needs="K == L and s == 1 and t == 1", data="cpu")
ok (SCALED, turned("K n" + F8, (1, 0)), "K M:float8_e5m2", ["a b"], ROW, NO, ["1 m"], ROW, NO, "m",
    dt("bfloat16"), (1, 0), out="n M" + HALF, needs="a == n and b == 1 and m == M", data="cpu")
bad(SCALED, "2 3 5" + F8, "5 7" + F8, ["1"], TENSOR, NO, ["1"], TENSOR, *END, why="must have 2")
bad(SCALED, "3 5", "5 7", ["1"], TENSOR, NO, ["1"], TENSOR, *END, why="eight-bit floats")
bad(SCALED, "3 5" + F8, "5 7" + F8, ["3 1"], ROW, NO, ["1"], TENSOR, *END, why="the CPU takes")
bad(SCALED, "3 5" + F8, "5 7" + F8, ["1:float64"], TENSOR, NO, ["1"], TENSOR, *END,
    why="one tensor of float32")
bad(SCALED, "3 5" + F8, "5 7" + F8, ["3"], ROW, NO, ["1 7"], ROW, *END, why="must have 2 axes")
bad(SCALED, "3 5" + F8, "5 7" + F8, ["3 1"], ROW, NO, ["7 1"], ROW, *END, why="scale_b must be")
bad(SCALED, "3 5" + F8, "5 3" + F8, ["1"], TENSOR, NO, ["1"], TENSOR, *END, (1,), why="two contr")
bad(SCALED, "3 5" + F8, "5 7" + F8, ["1"], TENSOR, NO, ["1"], TENSOR, *END, (0, 1),
    why="contracted axes must")
bad(SCALED, "3 5" + F8, "5 7" + F8, ["1"], TENSOR, NO, ["1"], TENSOR, NO, "7:float64", None,
    why="the bias must be of floats")
bad(SCALED, "3 5" + F8, "5 7" + F8, ["1"], TENSOR, NO, ["1"], TENSOR, NO, "7 1", None,
    why="each size of bias")
bad(SCALED, "3 5" + F8, "5 7" + F8, ["1"], TENSOR, NO, ["1"], TENSOR, NO, "1", None,
    why="one entry for each column")
