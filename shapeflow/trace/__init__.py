"""The model's own ``forward``, run once on symbolic tensors: the only place that imports torch."""

from __future__ import annotations

from .alike import alike
from .modules import prepared
from .opaque import opaque, refuted
from .original import forward_of, is_model_class, is_module, name_of_model, sources_of
from .record import NONLINEAR, Gap, Interruption, Record
from .run import Run, executable, trace
from .source import Span, asking_frame
from .steps import traced
from .watch import State, Watch, Watches

__all__ = [
    "NONLINEAR",
    "Gap",
    "Interruption",
    "Record",
    "Run",
    "Span",
    "State",
    "Watch",
    "Watches",
    "alike",
    "asking_frame",
    "executable",
    "forward_of",
    "is_model_class",
    "is_module",
    "name_of_model",
    "opaque",
    "prepared",
    "refuted",
    "sources_of",
    "trace",
    "traced",
]
