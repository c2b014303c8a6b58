"""Picture -> PNG, by resvg."""

from __future__ import annotations

import warnings
from importlib.resources import as_file, files

from .fonts import FACES
from .picture import Picture
from .svg import to_svg

LARGEST = 32_000
"""Pixels that a side may have; many programs open no more than 32,767."""
MOST = 150_000_000
"""Pixels that a picture may have."""
INCH = 72.0


def to_png(picture: Picture, theme: str = "light", dpi: float = 144.0) -> bytes:
    """The picture as pixels; a picture that would be too large has fewer, with a warning."""
    import resvg_py

    scale = dpi / INCH
    width, height = picture.width, picture.height
    largest = min(LARGEST / max(width, height), (MOST / (width * height)) ** 0.5)
    if scale > largest:
        scale = largest
        warnings.warn(
            f"the picture has {width:.0f} x {height:.0f} pt: the PNG has {scale * INCH:.0f} dpi "
            f"instead of {dpi:g}, to stay below {LARGEST} pixels a side and {MOST} in all; PDF and "
            "SVG have no such limit",
            stacklevel=2,
        )
    svg = to_svg(picture, theme).replace('pt"', 'px"', 2)
    with as_file(files(f"{__package__}.fonts")) as folder:
        answer = resvg_py.svg_to_bytes(
            svg_string=svg,
            zoom=scale,
            skip_system_fonts=True,
            font_files=[str(folder / name) for name in FACES.values()],
        )
    return bytes(answer)
