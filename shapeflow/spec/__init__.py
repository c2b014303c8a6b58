"""What the user declares: specs of inputs, facts, and how they meet ``forward``'s parameters."""

from .bind import Bound, bind
from .readers import annotated
from .spec import (
    Spec,
    SpecError,
    leading_counts,
    leads,
    literal,
    mapped,
    parse_spec,
    read,
    read_facts,
    values_in,
)

__all__ = [
    "Bound",
    "Spec",
    "SpecError",
    "annotated",
    "bind",
    "leading_counts",
    "leads",
    "literal",
    "mapped",
    "parse_spec",
    "read",
    "read_facts",
    "values_in",
]
