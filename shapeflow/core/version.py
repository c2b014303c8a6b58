"""The version of shapeflow that is installed."""

from __future__ import annotations

from functools import cache


@cache
def version() -> str:
    """The version, ``0`` for a checkout that was never installed."""
    from importlib import metadata

    try:
        return metadata.version("shapeflow")
    except metadata.PackageNotFoundError:
        return "0"
