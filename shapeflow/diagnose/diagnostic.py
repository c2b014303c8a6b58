"""What a person reads: findings as plain records, without logic."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from ..core.constraint import Constraint, Location

SEVERITIES = ("error", "warning", "note")


class Verdict(StrEnum):
    """What holds of the model for the declared sizes; compares equal to its text."""

    VALID = "valid"
    CONDITIONAL = "conditional"
    UNSATISFIABLE = "unsatisfiable"
    INCOMPLETE = "incomplete"


@dataclass(frozen=True)
class Fix:
    """A change that would help.

    Attributes:
        text: the change, in one line.
        location: where to make it.
        verified: True only if it was applied, analysed again, and the finding was gone.
    """

    text: str
    location: Location | None = None
    verified: bool = False


@dataclass(frozen=True)
class Reason:
    """One step of the argument: what is so, and where that is written."""

    text: str
    location: Location | None = None


@dataclass(frozen=True)
class Finding:
    """What a person reads about one fault or condition.

    Attributes:
        code: stable, such as ``SF204``.
        severity: ``error`` raises in PyTorch (always, or wherever a condition that equates declared
            sizes does not hold), ``warning`` runs and is probably wrong, ``note`` is a condition
            worth knowing.
        message: one line that stands alone.
        location: where it surfaces in the user's source.
        related: (location, text) pairs: where the sizes came from, where a person would edit.
        because: the chain of reasons, in program order.
        constraints: the core: what cannot hold together.
        witness: small sizes at which PyTorch fails.
        pytorch_message: what PyTorch says at these sizes.
        fixes: changes that help, best first.
        operation: the call's name as a person knows it, such as ``nn.LSTM`` or ``torch.cat``.
        signature: the shape law of the operation.
        operands: (name, shape) of each tensor of the call, shapes in spec notation.
        node: name of the call's node in the recorded graph.
    """

    code: str
    severity: str
    message: str
    location: Location | None = None
    related: tuple[tuple[Location, str], ...] = ()
    because: tuple[Reason, ...] = ()
    constraints: tuple[Constraint, ...] = ()
    witness: Mapping[str, int] = field(default_factory=dict)
    pytorch_message: str = ""
    fixes: tuple[Fix, ...] = ()
    operation: str = ""
    signature: str = ""
    operands: tuple[tuple[str, str], ...] = ()
    node: str = ""
