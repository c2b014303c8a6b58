"""Parts of numbers, places, sums to a size, functions of Python's."""

from shapeflow.core.notation import parse_size

from .harness import bad, ok, turned

# fmt: off
ok ("frexp", turned("A B C", (2, 0, 1)), out=["C A B", "C A B:int32"])
bad("frexp", "3:int64", why="not defined for integer")
ok ("torch.unravel_index", "A B:int64", (3, 4), out=["A B:int64"] * 2, data="cpu")
ok ("torch.unravel_index", turned("A B:int32", (1, 0)), 5, out=["B A:int64"], data="cpu")
bad("torch.unravel_index", "3", (2, 3), why="not defined for float")
bad("torch.unravel_index", "3:int64", (2, -3), why="sizes of a grid")
ok ("nonzero_static", "A B", size=parse_size("N"), out="N 2:int64", data="cpu")
bad("nonzero_static", "3", size=-1, why="a size must be at least 0")
ok ("Tensor.sum_to_size", "A B", 1, parse_size("C"), out="1 C", needs="B == C or C == 1",
    sizes={"A": (2, 3)})
ok ("Tensor.sum_to_size", "A B:int32", (parse_size("B"),), out="B:int64")
ok ("Tensor.sum_to_size", turned("A B", (1, 0)), parse_size("B"), parse_size("A"), out="B A")
ok ("Tensor.sum_to_size", ":bool", (), out=":int64")
bad("Tensor.sum_to_size", "2 3", 2, why="each size of the result")
bad("Tensor.sum_to_size", "2 3", 1, 2, 3, why="the result has more axes")
ok ("Tensor.fill_diagonal_", "A B", 1.5, wrap=True, out="A B")
ok ("Tensor.fill_diagonal_", "A B C", 1, out="A B C", needs="B == A and C == A")
ok ("Tensor.fill_diagonal_", turned("A 3", (1, 0)), 1.5, wrap=True, out="3 A")
bad("Tensor.fill_diagonal_", turned("3 12", (1, 0)), 1.5, wrap=True, data="cpu",
    why="inside the memory")
bad("Tensor.fill_diagonal_", "3", 1, why="a diagonal needs two axes")
bad("Tensor.fill_diagonal_", "3 3", "2", why="must be a number or a scalar")
bad("Tensor.fill_diagonal_", "3 3", 1j, why="a complex value needs")
ok ("Tensor.apply_", "A B", abs, out="A B", data="cpu")
ok ("Tensor.map_", "A B", "C", max, out="A B", needs="C == B or C == 1", data="cpu")
ok ("Tensor.map2_", "A B", "A 1", "B", max, out="A B", data="cpu")
bad("Tensor.map_", "2 3", "4", max, why="each size of the other tensor")
bad("Tensor.map_", "2 3", "2 3 1", max, why="more axes than the tensor")
ok ("torch.constant_pad_nd", "A B", (1, 2, 0, 1), 2.0, out="A+1 B+3")
bad("torch.constant_pad_nd", "2 3", (1,), why="a left and a right side")
ok ("torch.norm_except_dim", "A B C", 2, 1, out="1 B 1")
ok ("torch.norm_except_dim", "A B:complex64", 1, -1, out=":float32")
bad("torch.norm_except_dim", "", why="scalar")
bad("torch.norm_except_dim", "3:int64", why="not defined for integer")
ok ("Tensor.resize_", "B T", 3, parse_size("T"),         out="3 T")
ok ("Tensor.resize_", turned("B T", (1, 0)), (4,),       out="4")
bad("Tensor.resize_", "2 3", -1, 2,                      why="at least 0")
ok ("Tensor.resize_as_", "B T", "K 3",                   out="K 3")
ok ("torch.fill", turned("A B C", (2, 0, 1)), 1.5,        out="C A B")
ok ("torch.fill", "A B:int64", "",                       out="A B")
bad("torch.fill", "2 3", "1",                            why="must be a number or a scalar")
bad("torch.fill", "2 3", 1j,                             why="a complex value needs")
