"""Real errors explained: what ``check`` says of a call that PyTorch has just refused."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from types import TracebackType
from typing import Any

from .api import check
from .checkpoints import weights_report
from .core.errors import ShapeflowError
from .report import Report
from .spec import literal
from .trace.failure import FailedLoad, failed_call, places_of
from .trace.source import here
from .trace.weights import read_weights

HEAD = "shapeflow explains:\n\n"


class explaining:
    """Explains errors of PyTorch's: ``with shapeflow.explaining(): model(x)``.

    An exception that leaves the block is raised as it is, with the explanation as a note (see
    ``BaseException.add_note``), where the outermost call of a module on its traceback, or a call of
    ``load_state_dict``, has a fault that ``check`` finds at the same place. The call is analysed
    with the shapes that it had, nothing is run again.
    """

    def __enter__(self) -> None:
        return None

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if isinstance(error, Exception):
            explain_error(error)


def explain_error(error: Exception) -> None:
    """Adds an explanation to an exception, where there is one and it has none yet."""
    if any(note.startswith(HEAD) for note in getattr(error, "__notes__", ())):
        return
    try:
        report = explained(error)
    except ShapeflowError as own:
        error.add_note(f"shapeflow cannot explain this: {own}")
    except Exception as own:  # the user's error must come through, whatever happens here
        error.add_note(f"shapeflow failed (SF901) to explain this: {type(own).__name__}: {own}")
    else:
        if report is not None:
            error.add_note(HEAD + str(report))


def explained(error: Exception) -> Report | None:
    """The analysis of the call that failed; None where it finds no fault on the traceback."""
    failed = failed_call(error.__traceback__)
    if failed is None:
        return None
    if isinstance(failed, FailedLoad):
        saved = read_weights(failed.entries)
        return weights_report(failed.model, saved, failed.strict, failed.location)
    specs = tuple(map(_spec, failed.arguments))
    report = check(failed.model, *specs, **{k: _spec(v) for k, v in failed.keywords.items()})
    asked = here()
    if asked is not None:  # what a layer does on its own stands where it is called
        findings = tuple(
            replace(f, location=failed.location) if f.location == asked.location else f
            for f in report.findings
        )
        report = replace(report, findings=findings)
    places = places_of(error.__traceback__)
    found = any(
        finding.severity == "error"
        and (finding.location is None or (finding.location.file, finding.location.line) in places)
        for finding in report.findings
    )
    return report if found else None


def _spec(item: Any) -> Any:
    """An argument as a spec: texts are meant as they are."""
    if isinstance(item, str):
        return literal(item)
    if isinstance(item, Mapping):
        return {key: _spec(part) for key, part in item.items()}
    if type(item) in (list, tuple):
        return type(item)(map(_spec, item))
    return item


@dataclass
class _Hook:
    """The handler of uncaught exceptions, with the one before it."""

    before: Callable[[type[BaseException], BaseException, TracebackType | None], Any]

    def __call__(
        self, kind: type[BaseException], error: BaseException, traceback: TracebackType | None
    ) -> None:
        if isinstance(error, Exception):
            explain_error(error)
        self.before(kind, error, traceback)


def install() -> Callable[[], None]:
    """Explains every error of PyTorch's that nobody catches, for this process or notebook.

    Returns:
        a function that takes it back.
    """
    shell = _shell()
    if shell is not None:
        shell.set_custom_exc((Exception,), _shown)
        return lambda: shell.set_custom_exc((), None)
    hook = sys.excepthook
    if not isinstance(hook, _Hook):
        hook = sys.excepthook = _Hook(hook)
    before = hook.before

    def uninstall() -> None:
        if isinstance(sys.excepthook, _Hook):
            sys.excepthook = before

    return uninstall


def _shell() -> Any:
    """The IPython that runs this, None outside of one."""
    ipython = sys.modules.get("IPython")
    return ipython.get_ipython() if ipython is not None else None


def _shown(shell: Any, kind: Any, error: Any, traceback: Any, tb_offset: Any = None) -> None:
    """What IPython calls for an uncaught exception."""
    explain_error(error)
    shell.showtraceback((kind, error, traceback), tb_offset=tb_offset)


__all__ = ["explain_error", "explaining", "install"]
