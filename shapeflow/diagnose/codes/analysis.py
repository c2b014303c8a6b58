"""SF1xx, SF3xx, SF4xx and SF901: the model itself, conditions, and the limits of the analysis."""

from __future__ import annotations

from ..entry import entry

RAISES = entry(
    "SF101",
    "raises",
    "the model raises an error of its own",
    """
    forward reaches a raise or an assert of the model's own code. Where the test is one of sizes,
    it is a condition on them; where no sizes pass it, the model cannot run. PyTorch demands nothing
    of the sizes here: the model does. A call that is given what PyTorch does not take at any size,
    such as a list for a tensor or None for a number, is told in PyTorch's words.
    """,
    """
    import torch


    def forward(x):
        assert x.size(-1) == 3, "three features are needed"
        return x.sum(-1)


    forward(torch.zeros(4, 7))
    """,
    """
    import torch


    def forward(x):
        assert x.size(-1) == 3, "three features are needed"
        return x.sum(-1)


    forward(torch.zeros(4, 3))
    """,
)

CONTRACT = entry(
    "SF102",
    "contract",
    "a result differs from what was promised",
    """
    The argument returns, or an annotation of the result, promises a shape, and for some sizes the
    model gives another. PyTorch runs such a model: only the promise shows that an axis was lost or
    swapped on the way. The finding stands at the operation where that happened.
    """,
    """
    import shapeflow


    def last_step(x):
        return x[-1]  # the last sequence of the batch


    shapeflow.check(last_step, "B T 3", returns="B 3").raise_if_failed()
    """,
    """
    import shapeflow


    def last_step(x):
        return x[:, -1]


    shapeflow.check(last_step, "B T 3", returns="B 3").raise_if_failed()
    """,
)

INPUT = entry(
    "SF103",
    "input",
    "an input is missing, or there is one too many",
    """
    Each parameter of forward without a default needs an argument, and no argument may be left
    over. PyTorch hands the arguments of a module on to its forward as they are, see
    nn.Module.forward; the mistake surfaces there as a TypeError of Python.
    """,
    """
    import torch
    from torch import nn


    class Tagger(nn.Module):
        def forward(self, words, lengths):
            return words * lengths[:, None]


    Tagger()(torch.zeros(4, 7))
    """,
    """
    import torch
    from torch import nn


    class Tagger(nn.Module):
        def forward(self, words, lengths):
            return words * lengths[:, None]


    Tagger()(torch.zeros(4, 7), torch.ones(4))
    """,
)

EQUATION = entry(
    "SF301",
    "equation",
    "the model needs two sizes to be equal that were declared as different",
    """
    The model runs only where a declared size equals another, or a fixed number, and the specs let
    them differ. No single operation of PyTorch demands it; the code around them does. If the
    equality is meant, use one name for both sizes or declare the fact with where.
    """,
    """
    import torch


    def halves(x):
        left, right = x  # goes along the first axis, which must be of size 2
        return left + right


    halves(torch.zeros(6, 3))
    """,
    """
    import torch


    def halves(x):
        left, right = x.chunk(2)
        return left + right


    halves(torch.zeros(6, 3))
    """,
)

CONDITION = entry(
    "SF302",
    "condition",
    "the model runs for some sizes only",
    """
    An inequality or a divisibility must hold, such as T >= 5 or H % 4 == 0. It is worth knowing
    and seldom a fault. Where the sizes are known to meet it, declare that with where, and the note
    is gone.
    """,
    """
    import torch
    from torch import nn

    T = 4
    nn.Conv1d(3, 8, kernel_size=5)(torch.zeros(2, 3, T))
    """,
    """
    import torch
    from torch import nn

    T = 5
    nn.Conv1d(3, 8, kernel_size=5)(torch.zeros(2, 3, T))
    """,
)

RULE = entry(
    "SF401",
    "rule",
    "an operation is not known",
    """
    There is no rule for the operation, and probing it, by running it at a few sizes, found no law
    of its result. What it computes can often be said with operations of PyTorch, whose shapes are
    known; an operator of one's own is made with torch.library.custom_op.
    """,
    """
    import shapeflow
    import torch


    @torch.library.custom_op("catalogue::positive", mutates_args=())
    def positive(x: torch.Tensor) -> torch.Tensor:
        return x[x > 0]


    shapeflow.check(lambda x: positive(x), "N").raise_if_failed()
    """,
    """
    import shapeflow
    import torch


    def positive(x):
        return torch.where(x > 0, x, 0)


    shapeflow.check(positive, "N").raise_if_failed()
    """,
)

OPAQUE = entry(
    "SF402",
    "opaque",
    "the data leaves PyTorch",
    """
    Tensors are followed through operations of PyTorch. What happens to numbers behind numpy(),
    data_ptr() or the memory of another library is not seen, so nothing is known of what comes back.
    Tensor.numpy documents that it shares memory with the array.
    """,
    """
    import numpy as np
    import shapeflow
    import torch


    def squash(x):
        return torch.from_numpy(np.tanh(x.numpy()))


    shapeflow.check(squash, "B T").raise_if_failed()
    """,
    """
    import shapeflow
    import torch


    def squash(x):
        return torch.tanh(x)


    shapeflow.check(squash, "B T").raise_if_failed()
    """,
)

PATHS = entry(
    "SF403",
    "paths",
    "there are more ways through the model than were explored",
    """
    Each branch on a size that the specs leave open doubles the ways through forward, and their
    number is limited. What lies on the ways left out is not known. A fact given with where settles
    branches; so does one test in place of many.
    """,
    """
    import shapeflow


    def forward(x):
        for axis, size in enumerate(x.shape):
            x = x.narrow(axis, 0, 10) if size > 10 else x
        return x


    shapeflow.check(forward, "A B C D E F G").raise_if_failed()
    """,
    """
    import shapeflow


    def forward(x):
        return x[:10, :10, :10, :10, :10, :10, :10]


    shapeflow.check(forward, "A B C D E F G").raise_if_failed()
    """,
)

NUMBER = entry(
    "SF404",
    "number",
    "a number is needed that depends on the data",
    """
    Python asks for a number that is known only when the model runs, as float() of a tensor does, or
    counts with one in a way that follows no law. No values are computed here, so the way behind it
    is not known. Sizes are known: taking the number from a shape is the usual way out.
    """,
    """
    import math

    import shapeflow


    def shorten(x, rate):
        return x[:, : math.ceil(float(rate) * x.size(1))]


    shapeflow.check(shorten, "B T 3", "").raise_if_failed()
    """,
    """
    import shapeflow


    def shorten(x):
        return x[:, : (x.size(1) + 1) // 2]


    shapeflow.check(shorten, "B T 3").raise_if_failed()
    """,
)

UNDECIDED = entry(
    "SF405",
    "undecided",
    "whether a condition can hold was not decided",
    """
    A condition was neither proved nor refuted, and no small sizes were found that meet it. This
    happens with products of several unknown sizes. A fact given with where, or sizes written with
    fewer names, settles most of them.
    """,
    """
    import shapeflow


    def forward(x, cube):
        return x.view(cube.shape)


    shapeflow.check(forward, "A*A*A+B*B*B", "C C C").raise_if_failed()
    """,
    """
    import shapeflow


    def forward(x, cube):
        return x.view(cube.shape)


    shapeflow.check(forward, "C*C*C", "C C C").raise_if_failed()
    """,
)

RECURSION = entry(
    "SF406",
    "recursion",
    "the model calls itself too often",
    """
    The calls of forward lie deeper in one another than Python allows, or than was followed. A
    recursion over sizes must end for every size. The limit of Python is sys.getrecursionlimit.
    """,
    """
    import torch


    def total(x):
        return x[0] + total(x[1:])


    total(torch.zeros(4))
    """,
    """
    import torch


    def total(x):
        return x[0] + total(x[1:]) if x.size(0) > 1 else x[0]


    total(torch.zeros(4))
    """,
)

INTERNAL = entry(
    "SF901",
    "internal",
    "shapeflow itself failed",
    """
    The fault is not in the model but in shapeflow: a part of it raised an error, or a rule refuses
    what PyTorch accepts, so no verdict can be given for what comes behind. Please report it with
    the message and, if possible, the smallest model that shows it.
    """,
)

ENTRIES = (
    RAISES, CONTRACT, INPUT, EQUATION, CONDITION, RULE, OPAQUE, PATHS, NUMBER, UNDECIDED, RECURSION,
    INTERNAL,
)  # fmt: skip
