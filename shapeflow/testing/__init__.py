"""A report held against PyTorch: whether what it says of all sizes is true at drawn ones.

::

    agreement = shapeflow.testing.against_torch(model, ("B T 3", "1 B 8"), n=500)
    assert agreement.ok, str(agreement)
"""

from .against import Agreement, Disagreement, against_torch, compare

__all__ = ["Agreement", "Disagreement", "against_torch", "compare"]
