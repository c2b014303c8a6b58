"""Covariance, histograms, and differences along axes."""

from .harness import bad, ok, turned

# fmt: off
ok ("cov", "N M", out="N N", sizes={"N": (2, 3, 4)})
ok ("cov", "1 M:int64", out="")
ok ("cov", "M", aweights="K:float64", out=":float64", needs="K == M and M >= 2", data="ones")
ok ("cov", turned("M N", (1, 0)), fweights="M:int64", data="ones", out="N N",
    sizes={"N": (2, 3, 4)})
bad("cov", "2 3 4", why="input must have 0 or 1 or 2 axes")
bad("cov", "2 3:bool", why="not defined for bool")
bad("cov", "2 3", fweights="3", why="fweights must be integer")
bad("cov", "2 3", aweights="3:int64", why="aweights must be float")
bad("cov", "2 3", aweights="4", why="one weight for each observation")
bad("cov", "2 1", aweights="1:float64", why="a single observation")
ok ("corrcoef", "N M:float64", out="N N:float64", sizes={"N": (2, 3, 4)})
ok ("corrcoef", "M", out="")
bad("corrcoef", "2 3 4", why="input must have 0 or 1 or 2 axes")

ok ("histogram", "A B", out=["100", "101"], data="cpu")
ok ("histogram", "A B", 5, weight="C D", out=["5", "6"], needs="A*B == C*D", data="cpu")
bad("histogram", "3:float16", 5, why="the range of these numbers")
bad("histogram", "3:int64", 5, why="not defined for integer")
bad("histogram", "3", 0, why="at least one bin")
bad("histogram", "3", "2 2", why="bins must have 1 axis")
bad("histogram", "3", "4:float64", why="operands of one dtype")
bad("histogram", "3", 2, range=(1.0, 0.0), why="must not end before it starts")
bad("histogram", "3", 2, range=(1.0, 0.0, 1.0), why="two ends for each coordinate")
bad("histogram", "3", 2, weight="4", why="one weight for each entry")
ok ("histogramdd", "N D", [3, 4], out=["3 4", "4", "5"], needs="D == 2", data="cpu",
    sizes={"D": (1, 2, 3)})
ok ("histogramdd", "A B 2", 3, weight="A B", range=(0.0, 1.0, 0.0, 1.0), out=["3 3", "4", "4"],
    data="cpu")
bad("histogramdd", "3", [2], why="an axis of points and one of coordinates")
bad("histogramdd", "3 2", [2], why="a number of bins for each coordinate")
bad("histogramdd", "3 2", [2, 2], weight="3 1", why="weight must have 1 axis")
bad("histogramdd", "3 2", [2, 2], weight="2", why="one weight for each point")

ok ("torch.gradient", "A B", out=["A B", "A B"], needs="A >= 2 and B >= 2", data="cpu")
ok ("torch.gradient", "A B:int64", dim=1, spacing=2.0, edge_order=2, out="A B", needs="B >= 3",
    data="cpu")
ok ("torch.gradient", "A 4", spacing=["4:float64"], dim=[1], out="A 4:float64", data="cpu")
bad("torch.gradient", "3 3", spacing=[1.0], why="one for each axis")
bad("torch.gradient", "3 3", edge_order=3, why="must be 1 or 2")
bad("torch.gradient", "3:bool", why="differences of these numbers")
bad("torch.gradient", "", dim=0, why="a scalar has no axis")
bad("torch.gradient", "3 3", dim=(0, 0), why="named twice")
bad("torch.gradient", "3", spacing=["3 1"], dim=0, why="spacing must have 1 axis")
bad("torch.gradient", "3", spacing=["3:bool"], why="not defined for bool")
ok ("torch.gradient", "A 3", spacing=["N"], dim=[1], out="A N", where="N >= 3", needs="N >= 2",
    data="cpu")
bad("torch.gradient", "5", spacing=["7"], why="one coordinate for each entry")
bad("torch.gradient", "3", spacing=["2"], edge_order=2, why="more coordinates than the order")
ok ("hash_tensor", "A B", out=":uint64", data="cpu")
ok ("hash_tensor", "A B:int32", 1, keepdim=True, out="A 1:uint64", data="cpu")
ok ("hash_tensor", "0 B:complex64", 1, out="0:uint64", data="cpu")
bad("hash_tensor", "0 3", 0, why="nothing has no hash")
bad("hash_tensor", "3:complex64", why="not defined for complex")
bad("hash_tensor", "3", mode=1, why="there is no such mode")
ok ("torch.binomial", "A 1", "B", out="A B", data="cpu")
bad("torch.binomial", "3:int64", "3", why="floats of 32 or 64 bits")
bad("torch.binomial", "3:float64", "3", why="operands of one dtype")
bad("torch.binomial", "3", "4", why="sizes of the operands")
