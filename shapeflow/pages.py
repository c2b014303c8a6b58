"""A page for each model of a package: its picture, its layers, its conditions."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

from .core.errors import ShapeflowError
from .core.writing import write
from .documenting import Exhibit, Question, exhibit, with_prefix
from .loading import models_in

INDEX = "index.md"


def write_pages(package: str, folder: Path) -> tuple[str, ...]:
    """Writes the pages and what they show; files that are right stay as they are.

    Args:
        package: dotted name of a package or module, or the path of a file.
        folder: where the pages go; it is made if need be.

    Returns:
        names of the files that were written.

    Raises:
        ShapeflowError: the package cannot be imported, or has no models.
    """
    made = dict(_pages(package))
    stale = _stale(made, folder)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ShapeflowError(f"{str(folder)!r} cannot be made: {error.strerror}") from error
    for name in stale:
        write(folder / name, made[name])
    return stale


def stale_pages(package: str, folder: Path) -> tuple[str, ...]:
    """Names of the files that ``write_pages`` would write."""
    return _stale(dict(_pages(package)), folder)


def _stale(made: dict[str, bytes], folder: Path) -> tuple[str, ...]:
    files = {name: folder / name for name in made}
    return tuple(
        name
        for name, file in files.items()
        if not file.is_file() or file.read_bytes() != made[name]
    )


def _pages(package: str) -> Iterator[tuple[str, bytes]]:
    """Names of files with their content."""
    lines = [f"# Models of {package}", "", "| model | sizes | verdict |", "| --- | --- | --- |"]
    found = models_in(package)
    if not found:
        raise ShapeflowError(f"{package} defines no nn.Module")
    for target, missing in found:
        name = target.rpartition(":")[2]
        if missing:
            lines.append(f"| {name} | needs {' and '.join(missing)} | |")
            continue
        stem = target.replace(":", ".").replace("/", ".")
        try:
            with tempfile.TemporaryDirectory() as kept:
                shown, pictures = exhibit(Question(target), Path(kept), ("svg",))
        except ShapeflowError as error:
            lines.append(f"| {name} | {_cell(str(error))} | |")
            continue
        lines.append(f"| [{name}]({stem}.md) | `{_cell(shown.signature)}` | {shown.verdict} |")
        for form, content in pictures.items():
            yield f"{stem}.{form}", with_prefix(content, "").encode()
        yield f"{stem}.md", _page(target, shown, f"{stem}.svg" if pictures else "").encode()
    yield INDEX, ("\n".join(lines) + "\n").encode()


def _page(target: str, shown: Exhibit, picture: str) -> str:
    parts = [f"# {shown.model}", f"`{target}`"]
    if picture:
        words = shown.words.replace("[", "(").replace("]", ")")
        parts.append(f"![{words}]({picture})")
    parts += [f"```text\n{shown.text}\n```"]
    if shown.table != shown.text:
        parts += [f"```text\n{shown.table}\n```"]
    return "\n\n".join(parts) + "\n"


def _cell(text: str) -> str:
    return " ".join(text.replace("|", "\\|").split())


__all__ = ["stale_pages", "write_pages"]
