"""What a page of documentation shows of a model, kept in a cache: torch is imported only where
something has changed."""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace
from importlib.metadata import PackageNotFoundError
from importlib.metadata import version as version_of
from pathlib import Path
from typing import Any

from .arguments import assigned, read_input, read_literal
from .core.errors import ShapeflowError
from .core.notation import format_spec
from .core.shape import is_shape
from .core.version import version
from .core.writing import write
from .loading import loaded, locate

FORMAT = 2
"""Grows whenever what is kept changes its meaning."""
PREFIX = "shapeflow-id-"
"""Of all ids in a kept SVG, to be replaced by one that no other picture of a page has."""


@dataclass(frozen=True)
class Question:
    """A model as a page names it.

    Attributes:
        target: ``package.module:Model`` or ``path/to/file.py:Model``.
        inputs: ``name=spec`` of parameters of ``forward``; without any, shapes are inferred.
        init: ``name=value`` of arguments that build the model.
        where: facts about sizes.
        returns: the contract of the result; empty for none.
        train: whether it is analysed as in training.
        options: of the picture, by the names that ``draw`` gives them.
    """

    target: str
    inputs: tuple[str, ...] = ()
    init: tuple[str, ...] = ()
    where: tuple[str, ...] = ()
    returns: str = ""
    train: bool = False
    options: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Exhibit:
    """What is shown of a model: plain data.

    Attributes:
        model: its name.
        words: it in one sentence, for those who do not see the picture.
        signature: ``x (B, T, 3) -> (B, 2)``.
        verdict: the verdict.
        text: the report, as the command line prints it.
        table: the layers with their shapes.
        inputs, outputs: names of the arguments with their shapes, and the shapes of the result, in
            spec notation; what is nested stands in order.
        findings: one line for each.
        files: the Python files that it depends on.
        problem: why there is no picture; empty where there is one.
    """

    model: str
    words: str
    signature: str
    verdict: str
    text: str
    table: str
    inputs: tuple[tuple[str, str], ...]
    outputs: tuple[str, ...]
    findings: tuple[str, ...]
    files: tuple[str, ...]
    problem: str = ""


def exhibit(
    question: Question, folder: Path, forms: Iterable[str] = ("svg",)
) -> tuple[Exhibit, dict[str, bytes]]:
    """What a page shows of a model, with its pictures by their format.

    Args:
        question: which model, and for which inputs.
        folder: where answers are kept.
        forms: the formats of pictures that are needed.

    Raises:
        ShapeflowError: the model cannot be loaded, or an input cannot be.
    """
    key = _key(question)
    kept = folder / f"{key}.json"
    shown, pictures = _kept(kept, forms)
    if shown is not None:
        return shown, pictures
    shown, pictures = _answered(question, forms)
    folder.mkdir(parents=True, exist_ok=True)
    for form, content in pictures.items():
        write(folder / f"{key}.{form}", content)
    record = {"shown": asdict(shown), "stamps": _stamps(shown.files), "forms": sorted(pictures)}
    write(kept, json.dumps(record).encode())
    return shown, pictures


def with_prefix(svg: bytes, prefix: str) -> str:
    """A kept SVG with ids of its own."""
    return svg.decode().replace(PREFIX, prefix)


def _key(question: Question) -> str:
    """What an answer depends on, the files of the model apart."""
    parts = [FORMAT, asdict(question), version(), sys.version_info[:2]]
    for package in ("torch", "graphviz-pure"):
        try:
            parts.append(version_of(package))
        except PackageNotFoundError:
            parts.append("")
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()[:24]


def _stamps(files: Iterable[str]) -> dict[str, str]:
    """What tells whether files have changed; a file that is gone has an empty stamp."""
    stamps = {}
    for name in files:
        file = Path(name)
        known = file.is_file()
        stamps[name] = hashlib.sha256(file.read_bytes()).hexdigest() if known else ""
    return stamps


def _kept(kept: Path, forms: Iterable[str]) -> tuple[Exhibit | None, dict[str, bytes]]:
    """An answer from before, if nothing has changed since."""
    try:
        record = json.loads(kept.read_bytes())
        shown = record["shown"]
        if record["stamps"] != _stamps(record["stamps"]):
            return None, {}
        wanted = () if shown["problem"] else forms
        pictures = {form: kept.with_suffix(f".{form}").read_bytes() for form in wanted}
    except (OSError, ValueError, KeyError, TypeError):
        return None, {}
    shown["inputs"] = tuple(map(tuple, shown["inputs"]))
    for name in ("outputs", "findings", "files"):
        shown[name] = tuple(shown[name])
    return Exhibit(**shown), pictures


def _answered(question: Question, forms: Iterable[str]) -> tuple[Exhibit, dict[str, bytes]]:
    """The model loaded, analysed and drawn."""
    target = locate(question.target)
    inputs = dict(assigned("input", question.inputs, read_input))
    init = dict(assigned("init", question.init, read_literal))
    from .api import check  # torch comes in before the user's folders are on the path
    from .inference import infer_shapes
    from .trace import is_module, sources_of

    with loaded(target, init, tuple(inputs)) as model:
        if is_module(model):
            model.train(question.train)
        options: dict[str, Any] = {"where": question.where}
        if question.returns:
            options["returns"] = read_input(question.returns)
        report = check(model, **options, **inputs) if inputs else infer_shapes(model)
        shown = _exhibit(report, sources_of(model))
        return _drawn(report, shown, question.options, forms)


def _exhibit(report: Any, sources: Iterable[str]) -> Exhibit:
    from .render.signature import signatures
    from .render.text import to_short, to_text
    from .render.tree import to_tree

    signature = " or ".join(signatures(report))
    inputs = [(n, _spec(shape)) for n, tree in report.inputs.items() for shape in _shapes(tree)]
    return Exhibit(
        model=report.model,
        words=f"{report.model}: {signature}; {report.verdict}",
        signature=signature,
        verdict=str(report.verdict),
        text=to_text(report),
        table=to_tree(report).rstrip(),
        inputs=tuple(inputs),
        outputs=tuple(map(_spec, _shapes(report.outputs))),
        findings=tuple(to_short(report).splitlines()),
        files=tuple(sorted(sources)),
    )


def _drawn(
    report: Any, shown: Exhibit, options: Mapping[str, Any], forms: Iterable[str]
) -> tuple[Exhibit, dict[str, bytes]]:
    """The pictures; where none can be made, the exhibit says why."""
    from .picturing import drawn_as
    from .render.drawing import render

    wanted = {form: drawn_as(prefix=PREFIX, **_fitting(form, options)) for form in forms}
    try:
        pictures = {form: render(report, form, *how) for form, how in wanted.items()}
    except ShapeflowError as error:
        return replace(shown, problem=str(error)), {}
    return shown, pictures


def _fitting(form: str, options: Mapping[str, Any]) -> dict[str, Any]:
    """The options for one format: only an SVG is written into a page, which has themes and knows
    where classes are described."""
    if form == "svg":
        return dict(options)
    theme = options.get("theme", "light")
    return {**options, "theme": "light" if theme == "auto" else theme, "classes": False}


def _shapes(tree: Any) -> list[Any]:
    """The shapes in a structure, in order."""
    if is_shape(tree):
        return [tree]
    if isinstance(tree, Mapping):
        return [shape for part in tree.values() for shape in _shapes(part)]
    if isinstance(tree, list | tuple):
        return [shape for part in tree for shape in _shapes(part)]
    return []


def _spec(shape: Any) -> str:
    return format_spec(tuple(shape))


__all__ = ["Exhibit", "Question", "exhibit", "with_prefix"]
