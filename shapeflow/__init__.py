"""shapeflow: which sizes a PyTorch model takes, which call breaks that, why, and what to change.

::

    report = shapeflow.check(model, "B T 3", hx="1 B 3")
    print(report)
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .core.dims import Dim
from .core.errors import ShapeflowError

if TYPE_CHECKING:
    from .api import check
    from .checkpoints import check_state_dict
    from .core.constraint import Constraint
    from .diagnose.diagnostic import Finding, Fix, Verdict
    from .failures import explaining, install
    from .inference import infer_shapes
    from .picturing import draw, drawing_engine
    from .report import Report, ShapeError
    from .spec import literal

__version__ = "0.1.0"
__all__ = [
    "Constraint",
    "Dim",
    "Finding",
    "Fix",
    "Report",
    "ShapeError",
    "ShapeflowError",
    "Verdict",
    "check",
    "check_state_dict",
    "explaining",
    "draw",
    "drawing_engine",
    "infer_shapes",
    "install",
    "literal",
    "opaque",
]

_HOMES = {
    "check": "api",
    "check_state_dict": "checkpoints",
    "draw": "picturing",
    "drawing_engine": "picturing",
    "Constraint": "core.constraint",
    "explaining": "failures",
    "Finding": "diagnose.diagnostic",
    "Fix": "diagnose.diagnostic",
    "infer_shapes": "inference",
    "install": "failures",
    "Report": "report",
    "ShapeError": "report",
    "Verdict": "diagnose.diagnostic",
    "literal": "spec",
    "opaque": "trace",
}


def __getattr__(name: str) -> Any:
    """Public names are loaded when they are first used: importing shapeflow costs nothing."""
    if name not in _HOMES:
        raise AttributeError(f"module 'shapeflow' has no attribute {name!r}")
    from importlib import import_module

    value = getattr(import_module(f".{_HOMES[name]}", __name__), name)
    globals()[name] = value
    return value
