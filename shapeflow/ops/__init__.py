"""What each operation does to shapes, and what it demands: the rules, by family.

``lookup("torch.cat")`` is the rule of an operation; importing this package fills the table.
"""

from .call import Call, Fault
from .registry import Rule, lookup, op, rules
from .value import Value

__all__ = ["Call", "Fault", "Rule", "Value", "lookup", "op", "rules"]

from . import (  # noqa: F401
    activation,
    attention,
    casts,
    classification,
    conv,
    copies,
    creation,
    data,
    diagonals,
    einsum,
    elementwise,
    embedding,
    entrywise,
    factors,
    fourier,
    gathering,
    grouped,
    indexing,
    joining,
    linalg,
    losses,
    masking,
    matrices,
    modules,
    norm,
    packed,
    padding,
    permute,
    pooling,
    recurrent,
    reduction,
    reshape,
    shorttime,
    sizes,
    sorting,
    statistics,
    twins,
)
