"""SF207 to SF215 and SF219 to SF223: what operations on tensors demand."""

from __future__ import annotations

from ..entry import entry

BROADCAST = entry(
    "SF207",
    "broadcast",
    "two shapes cannot be broadcast against each other",
    """
    Elementwise operations line shapes up from the last axis; on each axis the sizes must be equal,
    or one of them 1, or missing. See "Broadcasting semantics" in the notes of PyTorch.
    """,
    """
    import torch

    scores = torch.zeros(4, 3)
    weights = torch.zeros(4)
    scores * weights
    """,
    """
    import torch

    scores = torch.zeros(4, 3)
    weights = torch.zeros(4)
    scores * weights[:, None]
    """,
)

MATMUL = entry(
    "SF208",
    "matmul",
    "the inner sizes of a matrix product differ",
    """
    In a @ b the last axis of a and the last but one of b are summed over, so they must be equal:
    (n, k) @ (k, m) -> (n, m). All axes before these two are broadcast. See torch.matmul, torch.mm,
    torch.bmm and torch.einsum.
    """,
    """
    import torch

    query = torch.zeros(4, 7, 3)
    key = torch.zeros(4, 9, 3)
    query @ key
    """,
    """
    import torch

    query = torch.zeros(4, 7, 3)
    key = torch.zeros(4, 9, 3)
    query @ key.transpose(1, 2)
    """,
)

ELEMENTS = entry(
    "SF209",
    "elements",
    "a new shape does not hold the same number of elements",
    """
    view, reshape and unflatten rearrange what is there: the product of the sizes must stay the
    same, and -1 stands for a whole number. See Tensor.view and torch.reshape.
    """,
    """
    import torch

    x = torch.zeros(4, 7, 3)
    x.view(4, 20)
    """,
    """
    import torch

    x = torch.zeros(4, 7, 3)
    x.view(4, -1)
    """,
)

LAYOUT = entry(
    "SF210",
    "layout",
    "a view is not possible with the way the tensor lies in memory",
    """
    view never copies, so axes that are merged must lie one behind the other in memory; after a
    transpose, permute or expand they do not. See Tensor.view, which names reshape and contiguous
    as the ways out. Nor can the bytes of what is conjugated be seen as another dtype before
    resolve_conj(): see torch.conj.
    """,
    """
    import torch

    x = torch.zeros(4, 7, 3)
    x.transpose(1, 2).view(4, 21)
    """,
    """
    import torch

    x = torch.zeros(4, 7, 3)
    x.transpose(1, 2).reshape(4, 21)
    """,
)

JOIN = entry(
    "SF211",
    "join",
    "tensors that are joined differ outside the joined axis",
    """
    torch.cat wants equal sizes on every axis but the one that is joined, and torch.stack wants
    equal shapes. See torch.cat and torch.stack.
    """,
    """
    import torch

    words = torch.zeros(4, 7, 3)
    topic = torch.zeros(4, 1, 5)
    torch.cat([words, topic], dim=2)
    """,
    """
    import torch

    words = torch.zeros(4, 7, 3)
    topic = torch.zeros(4, 1, 5)
    torch.cat([words, topic.expand(-1, 7, -1)], dim=2)
    """,
)

AXIS = entry(
    "SF212",
    "axis",
    "an axis is named that the tensor does not have",
    """
    A tensor of rank n has the axes -n to n-1, and an operation on several axes takes each of them
    once. A rank that is one less than expected often comes from an earlier squeeze or an index.
    See the parameter dim of each operation.
    """,
    """
    import torch

    x = torch.zeros(4, 7)
    x.sum(dim=2)
    """,
    """
    import torch

    x = torch.zeros(4, 7)
    x.sum(dim=1)
    """,
)

INDEX = entry(
    "SF213",
    "index",
    "an index lies outside the axis",
    """
    An axis of size n takes the indices -n to n-1; nn.Embedding takes 0 to num_embeddings-1. Slices
    are cut to what there is and never fail; index_select, gather, select and plain indexing do.
    Where the entries of an index are known before the model runs, they are checked, too. See the
    page of each operation.
    """,
    """
    import torch

    x = torch.zeros(4, 7)
    x[:, 7]
    """,
    """
    import torch

    x = torch.zeros(4, 7)
    x[:, 6]
    """,
)

WINDOW = entry(
    "SF214",
    "window",
    "a window is larger than what it slides over",
    """
    A convolution or pooling gives (n + 2*padding - dilation*(kernel - 1) - 1)//stride + 1 positions
    on an axis of size n, and there must be at least one. Reflection padding must be smaller than
    the axis for a similar reason. See nn.Conv1d, nn.MaxPool1d and nn.ReflectionPad1d under "Shape".
    """,
    """
    import torch
    from torch import nn

    nn.Conv1d(3, 8, kernel_size=5)(torch.zeros(4, 3, 4))
    """,
    """
    import torch
    from torch import nn

    nn.Conv1d(3, 8, kernel_size=5, padding=2)(torch.zeros(4, 3, 4))
    """,
)

DIVISIBILITY = entry(
    "SF215",
    "divisibility",
    "a size is not a multiple of what it is split into",
    """
    Some operations split an axis into equal parts: heads of attention, groups of channels, the
    squares of nn.PixelShuffle. The size must be a multiple of their number. The page of each
    operation states it with the parameter that gives the number.
    """,
    """
    import torch
    from torch import nn

    nn.PixelShuffle(2)(torch.zeros(1, 6, 8, 8))
    """,
    """
    import torch
    from torch import nn

    nn.PixelShuffle(2)(torch.zeros(1, 8, 8, 8))
    """,
)

ARGUMENT = entry(
    "SF219",
    "argument",
    "an argument has a value that the operation does not take",
    """
    The fault lies in a number, a word or a list that is not a tensor: a kernel_size with too many
    numbers, an unknown mode, a negative size. No sizes of the inputs repair it. The page of each
    operation lists what it takes.
    """,
    """
    import torch
    from torch.nn import functional as F

    F.max_pool2d(torch.zeros(1, 3, 8, 8), kernel_size=(2, 2, 2))
    """,
    """
    import torch
    from torch.nn import functional as F

    F.max_pool2d(torch.zeros(1, 3, 8, 8), kernel_size=(2, 2))
    """,
)

EXPAND = entry(
    "SF220",
    "expand",
    "an axis is expanded that is not of size 1",
    """
    expand repeats an axis without copying it, which is possible for size 1 only; every other axis
    keeps its size, written as such or as -1. See Tensor.expand; Tensor.repeat copies any size.
    """,
    """
    import torch

    x = torch.zeros(4, 3)
    x.expand(4, 6)
    """,
    """
    import torch

    x = torch.zeros(4, 3)
    x.repeat(1, 2)
    """,
)

INPLACE = entry(
    "SF221",
    "inplace",
    "a result does not fit into the tensor it is written to",
    """
    An in-place operation keeps the shape of its target: the other operand may be broadcast, the
    target may not. The same holds for assignment to a part, x[...] = y. See "In-place semantics"
    in PyTorch's notes on broadcasting.
    """,
    """
    import torch

    total = torch.zeros(4, 1)
    total += torch.zeros(4, 3)
    """,
    """
    import torch

    total = torch.zeros(4, 1)
    total = total + torch.zeros(4, 3)
    """,
)

VALUES = entry(
    "SF222",
    "values",
    "there are too few values to compute with",
    """
    Some results need at least one value, or more: the maximum of an empty axis does not exist, a
    recurrent layer needs at least one step, and batch normalisation in training needs more than one
    value per channel, which a batch of one sample may not have. See the page of each operation.
    """,
    """
    import torch
    from torch import nn

    nn.BatchNorm1d(3)(torch.zeros(1, 3))
    """,
    """
    import torch
    from torch import nn

    nn.BatchNorm1d(3).eval()(torch.zeros(1, 3))
    """,
)

SIZE = entry(
    "SF223",
    "size",
    "a size is not what the operation needs",
    """
    A requirement on sizes that is peculiar to one operation: a matrix to be inverted must be
    square, the parts of torch.split must add up to the axis, a vector of torch.linalg.cross has
    three entries. The message names it, and the page of the operation states it.
    """,
    """
    import torch

    gates = torch.zeros(4, 6)
    gates.split([2, 3], dim=1)
    """,
    """
    import torch

    gates = torch.zeros(4, 6)
    gates.split([2, 4], dim=1)
    """,
)

ENTRIES = (
    BROADCAST, MATMUL, ELEMENTS, LAYOUT, JOIN, AXIS, INDEX, WINDOW, DIVISIBILITY, ARGUMENT, EXPAND,
    INPLACE, VALUES, SIZE,
)  # fmt: skip
