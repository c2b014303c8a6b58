"""How the documentation is built: ``sphinx-build -W -b html docs docs/_build/html``."""

from shapeflow.core.version import version as _version

project = "shapeflow"
author = "The shapeflow authors"
copyright = "The shapeflow authors"
release = _version()
extensions = ["myst_parser", "shapeflow.sphinxext"]
source_suffix = {".md": "markdown"}
exclude_patterns = ["_build"]
html_theme = "furo"
html_title = "shapeflow"
myst_heading_anchors = 3
suppress_warnings = ["misc.highlighting_failure"]
latex_engine = "xelatex"
