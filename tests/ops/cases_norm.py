"""Normalisation."""

from .harness import bad, ok, turned

ok("F.batch_norm", "B C", "C", "C", out="B C")
ok("F.batch_norm", "B C H W", "C", "C", "C", "C", out="B C H W")
ok("F.batch_norm", "B C H W", "D", "C", out="B C H W", needs="C == D")
ok("F.batch_norm", "B C T", None, None, training=True, out="B C T", needs="B >= 2 or T >= 2")
ok("F.batch_norm", "B C 7", None, None, training=True, out="B C 7")
ok("torch.batch_norm", "B C", "C", "C", "C", "C", True, 0.1, 1e-5, False, out="B C", data="cpu")
ok("torch.batch_norm", "2 T-1", "3", "3", "3", "3", False, 0.1, 1e-5, False, out="2 T-1",
   needs="T == 4 or T == 1", data="cpu")
ok("F.batch_norm", "2 T-1", None, None, out="2 T-1", needs="T == 1", data="cpu")
ok("F.instance_norm", "2 3 T-1:int64", "3", "3", use_input_stats=False, out="2 3 T-1:int64",
   needs="T == 1", data="cpu")
ok("F.instance_norm", "B C T", out="B C T", needs="T >= 2")
ok("F.instance_norm", "B C H W", "C", "C", "C", "C", use_input_stats=False, out="B C H W")
ok("torch.instance_norm", "B C T", "C", "C", None, None, True, 0.1, 1e-5, False, out="B C T")
ok("F.group_norm", "B 6 T", 3, out="B 6 T")
ok("F.group_norm", "B C T", 2, "C", "C", out="B C T", needs="C % 2 == 0 and (B*C//2 >= 2 or T >= 2)",
   sizes={"C": (1, 2, 3, 4)})
ok("torch.group_norm", "B 6", 6, "6", out="B 6")
ok("layer_norm", "B T 8", (8,), out="B T 8")
ok("layer_norm", "B T H", (8,), "8", "8", out="B T H", needs="H == 8")
ok("layer_norm", "B 3 8", (3, 8), "3 8", out="B 3 8")
ok("rms_norm", "B T H", (8,), "8", out="B T H", needs="H == 8")
ok("F.local_response_norm", "B C T", 2, out="B C T")
ok("F.local_response_norm", "B C H W", 5, out="B C H W")

bad("F.batch_norm", "3", None, None, training=True, data="cpu", why="must be (N, C, *S)")
bad("F.batch_norm", "1 3", None, None, training=True, why="more than one value per channel")
bad("F.batch_norm", "1 3 1 1", None, None, training=True, why="more than one value per channel")
bad("F.batch_norm", "2 3", None, None, data="cpu", why="evaluation needs running statistics")
bad("F.batch_norm", "2 3", "3", None, training=True, data="cpu", why="go together")
bad("F.batch_norm", "2 3", "4", "3", data="cpu", why="the channels of the input")
bad("F.batch_norm", "2 3", "3", "3", "4", data="cpu", why="as many entries as running_mean")
bad("F.batch_norm", "2 3", "3", "3", eps=-1.0, why="eps must be positive")
bad("F.batch_norm", "2 3", "3", "3", "3:float64", data="cpu", why="the dtype of the input")
bad("F.batch_norm", "2 3", "1 3", "3", data="cpu", why="must have 1 axis")
bad("F.batch_norm", "2 3:int64", None, None, training=True, data="cpu", why="not defined for integer")
bad("torch.batch_norm", "2 3", "4", "3", "3", "3", True, 0.1, 1e-5, False, data="cpu",
    why="weight must have as many entries as running_mean")
bad("torch.instance_norm", "2 3 4", "5", "3", None, None, True, 0.1, 1e-5, False, data="cpu",
    why="the channels of the input")
bad("F.instance_norm", "2 3 1", why="more than one value")
bad("F.instance_norm", "2 3", why="more than one value")
bad("F.instance_norm", "3", data="cpu", why="must be (N, C, *S)")
bad("F.instance_norm", "2 3 4", use_input_stats=False, data="cpu", why="running ones are needed")
bad("F.instance_norm", "2 3 4", None, None, "4", data="cpu", why="the channels of the input")
bad("F.group_norm", "2 6 4", 4, data="cpu", why="divisible by the groups")
bad("F.group_norm", "6", 2, data="cpu", why="must be (N, C, *S)")
bad("F.group_norm", "1 6", 6, why="a group needs more than one value")
bad("torch.group_norm", "2 6 4", 0, data="cpu", why="at least one group")
bad("F.group_norm", "2 6 4", 2, "3", data="cpu", why="the channels of the input")
bad("layer_norm", "2 3", (4,), why="must be normalized_shape")
bad("layer_norm", "3", (2, 3), data="cpu", why="one to all of the last axes")
bad("layer_norm", "2 3", (), data="cpu", why="one to all of the last axes")
bad("layer_norm", "2 3", (3,), "4", why="must have the shape normalized_shape")
bad("layer_norm", "2 3", (3,), "3", "2 3", why="must have the shape normalized_shape")
bad("layer_norm", "2 3:int64", (3,), data="cpu", why="not defined for integer")
bad("layer_norm", "2 3", (3,), "3:float64", data="cpu", why="the dtype of the input")
bad("rms_norm", "2 3", (4,), why="must be normalized_shape")
bad("F.local_response_norm", "2 3", 2, why="at least one axis in S")
bad("F.local_response_norm", "2 3 4", 0, data="cpu", why="at least one channel")
bad("F.local_response_norm", "2 3 4:bool", 2, data="cpu", why="not defined for bool")

# -- axes in another order ---------------------------------------------------------------------------

ok("F.batch_norm", turned("B H W C", (0, 3, 1, 2)), "C", "C", out="B C H W", data="cpu")
ok("F.instance_norm", turned("B H W C", (0, 3, 1, 2)), out="B C H W", needs="H >= 2 or W >= 2",
   data="cpu")
ok("F.group_norm", turned("B H W 4", (0, 3, 1, 2)), 2, out="B 4 H W", data="cpu")
ok("layer_norm", turned("T B 8", (1, 0, 2)), (8,), out="B T 8", data="cpu")
ok("F.local_response_norm", turned("B H W C", (0, 3, 1, 2)), 2, out="B C H W", data="cpu")

bad("F.local_response_norm", turned("5 4 3 2 2", (4, 3, 2, 1, 0)), 2, data="cpu",
    why="must lie behind one another in memory")
bad("F.instance_norm", "0 3 4", None, None, "3", data="cpu", why="there must be a sample")
bad("F.local_response_norm", "2 3 4:int32", 2, data="cpu", why="not defined for integer")
ok ("F.batch_norm", turned("C N", (1, 0)), "C", "C:int32", out="N C", data="cpu",
    sizes={"N": (2, 3, 5), "C": (2, 3, 5)})
bad("F.batch_norm", "2 3", "3", "3:int32", data="cpu", why="running_var must have the dtype")
bad("F.batch_norm", turned("3 1", (1, 0)), "3", "3:int32", data="cpu", why="running_var must have the dtype")
bad("torch.instance_norm", "2 0 4", "0", "0", None, None, True, 0.1, 1e-5, False, data="cpu",
    why="must have an entry")
bad("F.batch_norm", turned("3 2", (1, 0)), "3", "3:float64", data="cpu", why="running_var must have the dtype")
