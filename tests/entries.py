"""What PyTorch says where it refuses a call for its entries, which no shape tells."""

from __future__ import annotations

OF_ENTRIES = (
    # integers divided by 0, and matrices that have no inverse or factors
    "RuntimeError: ZeroDivisionError", "singular", "full rank", "not positive", "converge",
    "Unknown error code", "would result in a division by zero",
    "weights sum to zero", "cannot be raised to a negative power",
    # numbers outside of what a function takes
    "probability", "probabilities", "non-finite", "must be finite", "is not finite", "infs or NaNs",
    "p_in >= 0", "between 0 and 1", "std >= 0.0", "negative entry", "greater than (p-1)/2",
    "weights cannot be negative", "between `quant_min` and `quant_max`", "in the range [0, 1]",
    # masks and lengths that say how many entries there are
    "indexing result of shape [0", "number of ones in mask",
    "rows of lengths along axis to sum to", "invalid max index", "have size 0 at dimension 0",
    # memory
    "out of memory", "not enough memory", "allocate memory", "allocated size does not match",
)  # fmt: skip
SHORT_FLOATS = ("not implemented for 'Half'", "not implemented for 'BFloat16'")
"""Kernels of the CPU are not all there for short floats, where other devices have them."""


def of_entries(message: object) -> bool:
    """Whether a refusal is for the sake of entries."""
    text = str(message)
    empty_mask = "broadcast together with shapes" in text and "[0]" in text
    return empty_mask or any(words in text for words in OF_ENTRIES)
