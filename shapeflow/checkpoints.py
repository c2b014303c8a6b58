"""Whether a model takes saved weights: asked of shapes alone, before anything is loaded."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from .core.constraint import Location
from .core.errors import ShapeflowError
from .diagnose.catalogue import by_slug
from .diagnose.diagnostic import Finding, Verdict
from .diagnose.weights import (
    Weights,
    common_prefix,
    prefix_finding,
    weight_findings,
    without_prefix,
)
from .render import FORMATS
from .report import Report
from .trace import is_module, name_of_model
from .trace.source import here
from .trace.weights import Saved, made_on_meta, read_weights, refusal, weights_of


def check_state_dict(model: Any, state_dict_or_path: Any, *, strict: bool = True) -> Report:
    """Checks whether ``model.load_state_dict`` takes saved weights, and explains what differs.

    The shapes are read without loading a tensor and without running code that a file may hold:
    the header of a safetensors file, or ``torch.load(weights_only=True, mmap=True)`` on ``meta``.
    For the layers of ``torch.nn`` the arguments that the saved ones were made with are read off the
    shapes and compared with the model's.

    Args:
        model: an ``nn.Module``.
        state_dict_or_path: a ``state_dict``, or the path of a file that ``torch.save`` has written,
            of a safetensors file, or of the index (``.json``) of several.
        strict: as of ``torch.nn.Module.load_state_dict``, which demands what is checked here:
            missing entries and such left over are errors.

    Returns:
        The report: ``valid`` where the weights fit, else ``unsatisfiable``.

    Raises:
        ShapeflowError: it is no model, or the file holds no weights or would have to run code.
    """
    if not is_module(model):
        raise ShapeflowError(f"weights are loaded by an nn.Module, not {type(model).__name__}")
    saved = read_weights(state_dict_or_path)
    span = here()
    return weights_report(model, saved, strict, span.location if span else None)


def weights_report(model: Any, saved: Saved, strict: bool, location: Location | None) -> Report:
    """The report on weights of known shapes, loaded at a place."""
    said = refusal(model, saved, strict)
    weights = Weights(
        model, weights_of(model), saved.entries, strict, location, said or "", made_on_meta
    )
    findings: list[Finding] = []
    taken, put = common_prefix(weights)
    if taken or put:
        findings.append(prefix_finding(weights, taken, put))
        renamed = without_prefix(saved.entries, taken, put)
        again = refusal(model, Saved(renamed, metadata=saved.metadata), strict)
        weights = replace(weights, saved=renamed, said=again or "")
    findings += weight_findings(weights)
    findings = _judged(findings, said, location)
    wrong = any(finding.severity == "error" for finding in findings)
    return Report(
        verdict=Verdict.UNSATISFIABLE if wrong else Verdict.VALID,
        findings=tuple(sorted(findings, key=lambda f: f.severity != "error")),
        constraints=(),
        inputs={},
        outputs=None,
        symbols=(),
        notes=(f"the weights stand under {saved.key!r} in the file",) if saved.key else (),
        model=name_of_model(model),
        summary="does not take the saved weights" if wrong else "takes the saved weights",
        renderers=FORMATS,
    )


def _judged(findings: list[Finding], said: str | None, location: Location | None) -> list[Finding]:
    """The findings after PyTorch's own answer, where the model could be asked for it."""
    errors = [finding for finding in findings if finding.severity == "error"]
    if said == "":  # hooks of the model may put names right
        return [finding for finding in findings if finding not in errors]
    if said and not errors:
        first = " ".join(said.split())
        told = Finding(by_slug("weights").code, "error", first, location, pytorch_message=first)
        return [told, *findings]
    return findings


__all__ = ["check_state_dict", "weights_report"]
