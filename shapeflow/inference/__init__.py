"""The most general inputs of a model, found without any spec."""

from .infer import infer_shapes

__all__ = ["infer_shapes"]
