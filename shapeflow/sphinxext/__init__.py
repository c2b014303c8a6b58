"""The Sphinx extension: ``.. shapeflow:: package.module:Model`` draws a model with its shapes."""

from __future__ import annotations

from typing import Any

from ..core.version import version
from .directive import ModelDirective
from .docstrings import add_shapes
from .figure import VISITORS, TableInstead, model_figure

CONFIG: dict[str, tuple[Any, Any]] = {
    "shapeflow_theme": ("auto", str),
    "shapeflow_engine": ("auto", str),
    "shapeflow_seconds": (10.0, (int, float)),
    "shapeflow_autodoc": ({}, dict),
    "shapeflow_check_docstrings": (False, bool),
}
"""Values of ``conf.py`` with their defaults and types; a page is read again when one changes."""


def setup(app: Any) -> dict[str, Any]:
    """What Sphinx calls for an extension."""
    app.setup_extension("sphinx.ext.autodoc")
    app.add_node(model_figure, **VISITORS)
    app.add_directive("shapeflow", ModelDirective)
    app.add_post_transform(TableInstead)
    for name, (default, types) in CONFIG.items():
        app.add_config_value(name, default, "env", types)
    app.connect("autodoc-process-docstring", add_shapes)
    return {"version": version(), "parallel_read_safe": True, "parallel_write_safe": True}


__all__ = ["setup"]
