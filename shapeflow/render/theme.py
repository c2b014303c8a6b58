"""Colours by what they mean: two themes with the same keys."""

from __future__ import annotations

from collections.abc import Mapping

FAMILY_NAMES = (
    "embedding", "recurrent", "convolution", "matrix", "attention", "norm", "layout", "arithmetic",
    "input", "output", "closed",
)  # fmt: skip
SYMBOLS = 8
"""Colours of symbols; the ninth symbol has that of the first."""

LIGHT: Mapping[str, str] = {
    "page": "#ffffff", "ink": "#1f2328", "faint": "#57606a", "rule": "#d0d7de",
    "edge": "#6e7781", "cause": "#1f2328", "state": "#8250df", "unknown": "#8c959f",
    "conflict": "#cf222e", "conflict.fill": "#ffebe9", "warning": "#9a6700",
    "warning.fill": "#fff8c5", "good": "#1a7f37",
    "module": "#c9d1d9", "module.fill": "#f8fafc", "loop": "#8250df", "loop.fill": "#faf7ff",
    "stack": "#8c959f", "stack.fill": "#f8fafc",
    "embedding": "#b58900", "embedding.fill": "#fdf6dc",
    "recurrent": "#8250df", "recurrent.fill": "#f1eafe",
    "convolution": "#0969da", "convolution.fill": "#e3f0fd",
    "matrix": "#1f883d", "matrix.fill": "#e2f5e7",
    "attention": "#bf3989", "attention.fill": "#fdeaf5",
    "norm": "#57606a", "norm.fill": "#eef1f4",
    "layout": "#8c959f", "layout.fill": "#f6f8fa",
    "arithmetic": "#1b7c83", "arithmetic.fill": "#e0f4f5",
    "input": "#57606a", "input.fill": "#ffffff",
    "output": "#57606a", "output.fill": "#ffffff",
    "closed": "#57606a", "closed.fill": "#ffffff",
    "symbol0": "#0550ae", "symbol1": "#116329", "symbol2": "#6639ba", "symbol3": "#953800",
    "symbol4": "#0e6a70", "symbol5": "#99286e", "symbol6": "#4d5d00", "symbol7": "#3d4f66",
}  # fmt: skip
DARK: Mapping[str, str] = {
    "page": "#0d1117", "ink": "#e6edf3", "faint": "#9da7b1", "rule": "#30363d",
    "edge": "#848d97", "cause": "#e6edf3", "state": "#b794ff", "unknown": "#848d97",
    "conflict": "#ff7b72", "conflict.fill": "#3d1618", "warning": "#d29922",
    "warning.fill": "#2f2408", "good": "#3fb950",
    "module": "#3d444d", "module.fill": "#12171e", "loop": "#b794ff", "loop.fill": "#17132a",
    "stack": "#656d76", "stack.fill": "#12171e",
    "embedding": "#d4a72c", "embedding.fill": "#2a230c",
    "recurrent": "#b794ff", "recurrent.fill": "#241a3d",
    "convolution": "#58a6ff", "convolution.fill": "#0f2440",
    "matrix": "#3fb950", "matrix.fill": "#0f2a17",
    "attention": "#f778ba", "attention.fill": "#35152a",
    "norm": "#9da7b1", "norm.fill": "#1c2128",
    "layout": "#848d97", "layout.fill": "#161b22",
    "arithmetic": "#4cc3cb", "arithmetic.fill": "#0c2a2c",
    "input": "#9da7b1", "input.fill": "#0d1117",
    "output": "#9da7b1", "output.fill": "#0d1117",
    "closed": "#9da7b1", "closed.fill": "#0d1117",
    "symbol0": "#79b8ff", "symbol1": "#56d364", "symbol2": "#c8a6ff", "symbol3": "#ffa657",
    "symbol4": "#56d4dd", "symbol5": "#ff9bce", "symbol6": "#c6d65a", "symbol7": "#a9bcd3",
}  # fmt: skip
THEMES = {"light": LIGHT, "dark": DARK}


def contrast(first: str, second: str) -> float:
    """How far two colours are apart, from 1 to 21, as WCAG 2 defines it."""
    lighter, darker = sorted((_luminance(first), _luminance(second)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: str) -> float:
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
