"""The picture of a model in a document, and how each builder writes it."""

from __future__ import annotations

import hashlib
import re
from html import escape
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.util import logging

from ..core.errors import ShapeflowError
from ..core.writing import write
from ..documenting import Exhibit, Question, exhibit, with_prefix
from .links import linked

logger = logging.getLogger(__name__)

FORMS = {"html": "svg", "latex": "pdf", "texinfo": "png"}
"""The pictures that builders take, by their format."""
SIZE = re.compile(r'<svg ([^>]*?)width="([\d.]+)pt" height="[\d.]+pt"')
WIDE = 900.0
"""A picture that is wider, in points, keeps its size and can be scrolled."""


class model_figure(nodes.General, nodes.Inline, nodes.Element):
    """A picture of a model: the question, what it says in words, and the table in its place."""


class TableInstead(SphinxPostTransform):
    """Builders that take no picture show the table."""

    default_priority = 400

    def run(self, **kwargs: Any) -> None:
        """Replaces the pictures of one document."""
        if self.app.builder.format in FORMS:
            return
        for node in list(self.document.findall(model_figure)):
            node.replace_self(table(node["table"]))


def table(text: str) -> nodes.literal_block:
    """Text in its own columns."""
    return nodes.literal_block(text, text, language="none")


def picture_of(node: nodes.Element, form: str, folder: Path) -> bytes | None:
    """A picture that is kept, or made now; None where it cannot be, which is told."""
    try:
        shown, pictures = exhibit(Question(**node["question"]), folder, (form,))
    except ShapeflowError as error:
        tell(str(error), node, "model")
        return None
    if shown.problem:
        tell(shown.problem, node, "picture")
        return None
    return pictures[form]


def tell(text: str, place: Any, subtype: str) -> None:
    """A warning of Sphinx's with its place; ``suppress_warnings`` knows it by its type."""
    logger.warning("%s", text, location=place, type="shapeflow", subtype=subtype)


def folder_of(env: Any) -> Path:
    """Where answers are kept between builds."""
    return Path(env.doctreedir) / "shapeflow"


def sized(svg: str) -> str:
    """An SVG that is no wider than the column, unless it is a large one; links in it are not
    underlined."""
    svg = svg.replace("<a href=", '<a style="text-decoration:none" href=')
    match = SIZE.search(svg)
    if match is None or float(match[2]) > WIDE:
        return svg
    return svg.replace("<svg ", '<svg style="max-width:100%;height:auto" ', 1)


def _html(self: Any, node: nodes.Element) -> None:
    """An SVG in the page, so that links, colours and searching work."""
    env = self.builder.env
    content = picture_of(node, "svg", folder_of(env))
    if content is None:
        self.body.append(f"<pre>{escape(node['table'])}</pre>")
    else:
        svg = sized(with_prefix(linked(content, self.builder), node["prefix"]))
        classes = " ".join(["shapeflow-figure", *node["classes"]])
        self.body.append(
            f'<div class="{escape(classes)}" style="overflow-x:auto" role="img" '
            f'aria-label="{escape(node["alt"])}">{svg}</div>'
        )
    raise nodes.SkipNode


def _file(self: Any, node: nodes.Element, form: str) -> str | None:
    """The name of a picture in the folder that is written to."""
    content = picture_of(node, form, folder_of(self.builder.env))
    if content is None:
        return None
    name = f"shapeflow-{hashlib.sha256(content).hexdigest()[:16]}.{form}"
    write(Path(self.builder.outdir) / name, content)
    return name


def _latex(self: Any, node: nodes.Element) -> None:
    name = _file(self, node, "pdf")
    if name is None:
        lines = "\n".join(["", "\\begin{sphinxVerbatim}", node["table"], "\\end{sphinxVerbatim}"])
        self.body.append(lines + "\n")
    else:
        self.body.append(f"\n\\noindent\\sphinxincludegraphics{{{name}}}\n")
    raise nodes.SkipNode


def _texinfo(self: Any, node: nodes.Element) -> None:
    name = _file(self, node, "png")
    if name is None:
        self.body.append(f"\n@example\n{self.escape(node['table'])}\n@end example\n")
    else:
        stem, alt = name.rpartition(".")[0], self.escape_arg(node["alt"])
        self.body.append(f"\n@float\n@image{{{stem},,,{alt},.png}}\n@end float\n")
    raise nodes.SkipNode


def _text(self: Any, node: nodes.Element) -> None:
    """Never reached where the table stands in its place; other translators ask nevertheless."""
    self.add_text(node["table"])
    raise nodes.SkipNode


VISITORS: dict[str, Any] = {
    "html": (_html, None),
    "latex": (_latex, None),
    "texinfo": (_texinfo, None),
}

__all__ = ["VISITORS", "Exhibit", "TableInstead", "model_figure", "table", "tell"]
