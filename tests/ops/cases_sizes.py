"""Shapes as values."""

import torch

from .harness import bad, ok, turned

ok ("Tensor.size", "B T 3",                out=None)
ok ("Tensor.size", "B T 3", -1,            out=None)
bad("Tensor.size", "2 3", 2,               why="out of range")
bad("Tensor.size", "", 0,                  why="has no axes")
ok ("Tensor.shape", "B T 3",               out=None)
ok ("Tensor.stride", turned("B T 3", (1, 0, 2)), out=None)
bad("Tensor.stride", "2 3", -3,            why="out of range")
ok ("Tensor.dim", "B T 3",                 out=None)
ok ("Tensor.ndim", "",                     out=None)
ok ("numel", "B T 3",                      out=None)
ok ("Tensor.__len__", "B T",               out=None)
bad("Tensor.__len__", "",                  why="has no length")
ok ("Tensor.element_size", "B T:float64",  out=None)
ok ("Tensor.nbytes", "B T:float64",        out=None)
ok ("is_floating_point", "B:int64",        out=None)
ok ("is_complex", "B",                     out=None)
ok ("Tensor.is_signed", "B:uint8",         out=None)
ok ("Tensor.is_contiguous", turned("B T", (1, 0)), out=None)
ok ("Tensor.is_contiguous", "B C H W", memory_format=torch.channels_last, out=None)
ok ("Tensor.is_same_size", "B T", "C T",   out=None)
ok ("torch.broadcast_shapes", (2, 1), (3,), out=None)
bad("torch.broadcast_shapes", (2, 4), (3,), why="must be equal, or one of them 1")
bad("torch.broadcast_shapes", (2, -1),     why="at least 0")
