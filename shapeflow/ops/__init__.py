"""What each operation does to shapes, and what it demands: the rules, by family.

``lookup("torch.cat")`` is the rule of an operation; importing this package fills the table.
"""

from .call import Call, Fault
from .registry import Rule, lookup, op, rules
from .value import Value

__all__ = ["Call", "Fault", "Rule", "Value", "lookup", "op", "rules"]

from . import activation, classification, conv, elementwise, losses, norm, padding, pooling, reduction, sorting  # noqa: F401,E402
from . import casts, creation, data, gathering, indexing, joining, masking, permute, reshape, sizes  # noqa: F401,E402
from . import attention, diagonals, einsum, embedding, linalg, matrices, packed, recurrent  # noqa: F401,E402
