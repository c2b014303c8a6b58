"""The directive: a model, its inputs, and how it is shown."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, ClassVar

from docutils import nodes
from docutils.parsers.rst import directives
from sphinx.ext.graphviz import figure_wrapper
from sphinx.util.docutils import SphinxDirective

from ..core.errors import ShapeflowError
from ..core.writing import write
from ..documenting import Exhibit, Question, exhibit
from .figure import FORMS, folder_of, model_figure, table, tell

VIEWS = ("diagram", "table", "both", "signature", "report")
EXPECTED = ("ok", "conflict", "valid", "conditional", "unsatisfiable", "incomplete")


def _lines(text: str | None) -> tuple[str, ...]:
    """One item a line, or between semicolons."""
    parts = (text or "").replace("\n", ";").split(";")
    return tuple(part.strip() for part in parts if part.strip())


def _view(text: str) -> str:
    return str(directives.choice(text, VIEWS))


def _expected(text: str) -> str:
    return str(directives.choice(text, EXPECTED))


def _align(text: str) -> str:
    return str(directives.choice(text, ("left", "center", "right")))


class ModelDirective(SphinxDirective):
    """``.. shapeflow:: package.module:Model``, or with the code of a ``model`` as content.

    Options: ``input``, ``init`` and ``where`` (one a line, or between semicolons), ``returns``,
    ``train``, ``view``, ``depth``, ``expand``, ``no-fold``, ``unroll``, ``plumbing``, ``expect``,
    and ``caption``, ``name``, ``alt``, ``align``, ``class`` as figures have them.
    """

    has_content = True
    optional_arguments = 1
    final_argument_whitespace = False
    option_spec: ClassVar[Any] = {
        "input": directives.unchanged_required,
        "init": directives.unchanged_required,
        "where": directives.unchanged_required,
        "returns": directives.unchanged_required,
        "train": directives.flag,
        "view": _view,
        "depth": directives.positive_int,
        "expand": directives.unchanged_required,
        "no-fold": directives.flag,
        "unroll": directives.flag,
        "plumbing": directives.flag,
        "expect": _expected,
        "caption": directives.unchanged,
        "name": directives.unchanged,
        "alt": directives.unchanged,
        "align": _align,
        "class": directives.class_option,
    }

    def run(self) -> list[nodes.Node]:
        """The figure, the table, or both."""
        if bool(self.arguments) == bool(self.content):
            what = "both a target and content" if self.content else "neither a target nor content"
            return [self.complaint(f"the shapeflow directive has {what}: give one of them")]
        try:
            question = self.question()
            shown, _ = exhibit(question, folder_of(self.env), self.forms())
        except ShapeflowError as error:
            return [self.complaint(str(error))]
        for name in shown.files:
            self.env.note_dependency(name)
        if shown.problem and self.options.get("view", "diagram") in ("diagram", "both"):
            tell(shown.problem, self.get_location(), "picture")
        self.expect(shown)
        return self.shown(question, shown)

    def complaint(self, text: str) -> nodes.Node:
        """A warning, and the same text in the page."""
        tell(text, self.get_location(), "model")
        return table(f"{self.arguments[0] if self.arguments else 'model'}: {text}")

    def forms(self) -> tuple[str, ...]:
        """The pictures that this builder takes."""
        app = self.env._app if hasattr(self.env, "_app") else self.env.app
        form = FORMS.get(app.builder.format)
        wanted = self.options.get("view", "diagram") in ("diagram", "both")
        return (form,) if form is not None and wanted else ()

    def question(self) -> Question:
        """What the directive asks."""
        options, config = self.options, self.config
        style = {
            "depth": options.get("depth"),
            "expand": _lines(options.get("expand")),
            "fold": "no-fold" not in options,
            "unroll": "unroll" in options,
            "plumbing": "plumbing" in options,
            "theme": config.shapeflow_theme,
            "engine": config.shapeflow_engine,
            "seconds": float(config.shapeflow_seconds),
            "classes": True,
        }
        return Question(
            self.target(),
            _lines(options.get("input")),
            _lines(options.get("init")),
            _lines(options.get("where")),
            options.get("returns", ""),
            "train" in options,
            style,
        )

    def target(self) -> str:
        """The target; a file is seen from the page, and content becomes a file."""
        if self.content:
            code = "\n".join(self.content) + "\n"
            name = f"page_{hashlib.sha256(code.encode()).hexdigest()[:16]}.py"
            file = folder_of(self.env) / name
            if not file.is_file():
                file.parent.mkdir(parents=True, exist_ok=True)
                write(file, code.encode())
            return f"{file}:model"
        home, colon, name = str(self.arguments[0]).rpartition(":")
        if home.endswith(".py"):
            _, home = self.env.relfn2path(home)
            home = os.fspath(Path(home))
        return f"{home}{colon}{name}"

    def expect(self, shown: Exhibit) -> None:
        """Warns where the answer is not the one that the page promises."""
        wanted = self.options.get("expect")
        if wanted is None:
            return
        wrong = any(": error " in finding for finding in shown.findings)
        good = not wrong and shown.verdict != "incomplete"
        met = {"ok": good, "conflict": wrong}.get(wanted, shown.verdict == wanted)
        if not met:
            first = shown.findings[0] if shown.findings else shown.verdict
            tell(f"{shown.model} should be {wanted}: {first}", self.get_location(), "expect")

    def shown(self, question: Question, shown: Exhibit) -> list[nodes.Node]:
        """The nodes of a view."""
        view = self.options.get("view", "diagram")
        if view in ("table", "report"):
            return [table(shown.table if view == "table" else shown.text)]
        if view == "signature":
            return [nodes.paragraph("", "", nodes.literal(shown.signature, shown.signature))]
        number = self.env.new_serialno("shapeflow")
        prefix = f"{self.env.docname.replace('/', '-')}-shapeflow-{number}-"
        node: Any = model_figure(
            "",
            question=asdict(question),
            table=shown.table,
            alt=self.options.get("alt", shown.words),
            prefix=prefix,
            classes=self.options.get("class", []),
        )
        self.set_source_info(node)
        if "align" in self.options:
            node["align"] = self.options["align"]
        whole: nodes.Element = node
        if "caption" in self.options:
            whole = figure_wrapper(self, node, self.options["caption"])
        self.add_name(whole)
        return [whole, *self.below(shown, view)]

    def below(self, shown: Exhibit, view: str) -> Sequence[nodes.Node]:
        """What follows the picture."""
        return [table(shown.table)] if view == "both" else []


__all__ = ["ModelDirective"]
