"""What each operation does to shapes, and what it demands: the rules, by family.

``lookup("torch.cat")`` is the rule of an operation; importing this package fills the table.
"""

from .call import Call, Fault
from .registry import Rule, lookup, op, rules
from .value import Value

__all__ = ["Call", "Fault", "Rule", "Value", "lookup", "op", "rules"]

from . import activation, elementwise, reduction, sorting  # noqa: F401,E402
from . import casts, permute, reshape, sizes  # noqa: F401,E402
from . import linalg, packed, recurrent  # noqa: F401,E402
