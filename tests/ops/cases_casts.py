"""The same tensor with another dtype, device or place in memory."""

import torch

from .harness import bad, dt, lit, ok, turned

ok ("Tensor.to", "B T", dt("float64"),                   out="B T")
ok ("Tensor.to", turned("B T", (1, 0)), dt("int64"),     out="T B")
ok ("Tensor.to", turned("B T", (1, 0)), "2:int64",       out="T B")
ok ("Tensor.to", "B T", lit("cpu"),                      out="B T")
ok ("Tensor.to", "B T", 2.5,                             out="B T:float64")
ok ("Tensor.to", "B T", True, False, True,               out="B T:bool")
ok ("Tensor.type", "B T", dt("int64"),                   out="B T")
ok ("Tensor.type", "B T", lit("torch.LongTensor"),       out="B T")
ok ("Tensor.type", "B T:int64",                          out=None)
bad("Tensor.type", "2", lit("torch.WideTensor"),         why="not one that tensors have")
ok ("Tensor.type_as", "B T", "2:int64",                  out="B T")
ok ("clone", turned("B T H", (2, 0, 1)),                 out="H B T")
ok ("clone", "B C H W", memory_format=torch.channels_last, out="B C H W")
ok ("Tensor.contiguous", turned("B T H", (2, 0, 1)),     out="H B T")
ok ("Tensor.contiguous", "B C H W", memory_format=torch.channels_last, out="B C H W")
bad("Tensor.contiguous", "2 3", memory_format=torch.channels_last, why="another number of axes")
ok ("Tensor.double", turned("B T", (1, 0)),              out="T B")
ok ("Tensor.float", "B T",                               out="B T")
for name in "half bfloat16 long int short char byte bool cfloat cdouble chalf".split():
    ok (f"Tensor.{name}", "B T",                         out="B T")
for name in "detach data cpu requires_grad_ resolve_conj resolve_neg".split():
    ok (f"Tensor.{name}", turned("B T", (1, 0)),         out="T B")
ok ("Tensor.conj", "B T:complex64",                      out="B T")
ok ("real", turned("B T:complex64", (1, 0)),             out="T B")
ok ("real", "B T",                                       out="B T")
ok ("imag", "B T:complex128",                            out="B T")
bad("imag", "2 3",                                       why="imaginary part")
ok ("view_as_real", "B T:complex64",                     out="B T 2")
bad("view_as_real", "2 3",                               why="complex tensors")
ok ("view_as_complex", "B 2",                            out="B")
ok ("view_as_complex", "B T",                            out="B", needs="T == 2", where="T == 2")
bad("view_as_complex", "2 3",                            why="a real and an imaginary part")
bad("view_as_complex", "2 2:int64",                      why="float tensors")
bad("view_as_complex", "",                               why="last axis of size 2")
bad("view_as_complex", turned("2 3", (1, 0)),            why="side by side")
ok ("view_as_complex", turned("2 B", (1, 0)),            out="B", needs="B == 1", where="B == 1")
ok ("view_as_complex", turned("B 2 T", (0, 2, 1)),       out="B T", needs="T == 1")
bad("Tensor.requires_grad_", "2:int64",                  why="can require gradients")
for name in """clone Tensor.to Tensor.double Tensor.float Tensor.half Tensor.bfloat16 Tensor.long
    Tensor.int Tensor.short Tensor.char Tensor.byte Tensor.bool""".split():
    bad(name, "2 3", memory_format=torch.channels_last,  why="another number of axes")
for name in "item __bool__ __int__ __float__ __complex__ is_nonzero".split():
    ok(f"Tensor.{name}", "1 B", out=None, needs="B == 1", data="cpu")
    bad(f"Tensor.{name}", "2",                           why="just one entry")
bad("Tensor.__index__", "",                              why="a whole number")
