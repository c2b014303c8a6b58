"""Saved weights beside a model's: what is missing, left over, or of another shape, and why."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..core.constraint import Location
from ..core.notation import format_shape
from ..ops import Value
from . import origins
from .catalogue import by_slug
from .diagnostic import Finding, Fix, Reason
from .hyperparameters import described

MOST_NAMED = 4
"""Entries that one sentence names."""

Own = Mapping[str, Value | None]
Saved = Mapping[str, Value]
Make = Callable[[str, Mapping[str, Any]], Own | None]
"""The entries of a layer of torch's, by its class and the arguments it is made with."""


@dataclass(frozen=True)
class Weights:
    """A model's entries and the saved ones.

    Attributes:
        root: the model.
        own: what the model's ``state_dict`` has; None where a shape is not known yet.
        saved: what was saved.
        strict: whether missing entries and such left over are errors.
        location: where the weights are loaded.
        said: PyTorch's own message.
        make: makes a layer, to see whether a repair fits.
    """

    root: Any
    own: Own
    saved: Saved
    strict: bool
    location: Location | None
    said: str
    make: Make

    @property
    def missing(self) -> tuple[str, ...]:
        """What the model has and the saved weights have not."""
        return tuple(name for name in self.own if name not in self.saved)

    @property
    def unexpected(self) -> tuple[str, ...]:
        """What only the saved weights have."""
        return tuple(name for name in self.saved if name not in self.own)

    @property
    def mismatched(self) -> tuple[str, ...]:
        """What both have, in different shapes."""
        return tuple(
            name
            for name, value in self.own.items()
            if value is not None and name in self.saved and self.saved[name] != value
        )


def weight_findings(weights: Weights) -> Iterator[Finding]:
    """What is wrong with saved weights, a finding for each layer and kind of fault."""
    wrong = weights.mismatched
    told: set[str] = set()
    for path, names in _by_owner((*wrong, *weights.missing, *weights.unexpected)).items():
        if any(name in wrong for name in names) or _is_made_otherwise(weights, path):
            told |= set(names)
            yield _layer(weights, path, names)
    renamed = _renamed(weights, [n for n in weights.missing if n not in told])
    for path, names in _by_owner(n for n in weights.missing if n not in told).items():
        hint = renamed.get(path)
        text = f"{_name(weights.root, path)}: the saved weights have no {_listed(names)}"
        text += f", but those of {hint} have the same shapes" if hint is not None else ""
        yield _finding(weights, "missing", text, path, names)
    for path, names in _by_owner(n for n in weights.unexpected if n not in told).items():
        if path not in renamed.values():
            text = f"the saved weights have {_listed(names)}, the model has not"
            yield _finding(weights, "unexpected", text, path, names)


def common_prefix(weights: Weights) -> tuple[str, str]:
    """What to take off and what to put before every saved name, so that most names agree."""
    best, most = ("", ""), len(set(weights.own) & set(weights.saved))
    for name in weights.saved:
        for other in _endings(name):
            if other in weights.own:
                change = (name[: len(name) - len(other)], "")
                best, most = _better(weights, change, best, most)
        break
    for name in weights.own:
        for other in _endings(name):
            if other in weights.saved:
                change = ("", name[: len(name) - len(other)])
                best, most = _better(weights, change, best, most)
        break
    return best


def without_prefix(saved: Saved, taken: str, put: str) -> dict[str, Value]:
    """The saved weights under changed names."""
    return {put + name.removeprefix(taken): value for name, value in saved.items()}


def prefix_finding(weights: Weights, taken: str, put: str) -> Finding:
    """That all names differ by a prefix."""
    if taken:
        text = f"the names of the saved weights begin with {taken!r}, those of the model do not"
        change = f"name.removeprefix({taken!r})"
    else:
        text = f"the names of the model begin with {put!r}, those of the saved weights do not"
        change = f"{put!r} + name"
    fix = f"load {{{change}: tensor for name, tensor in weights.items()}}"
    verified = not without_prefix(weights.saved, taken, put).keys() ^ weights.own.keys()
    return Finding(
        by_slug("missing").code,
        _severity(weights, "missing"),
        text,
        weights.location,
        pytorch_message=_line(weights.said, ("Missing key", "Unexpected key")),
        fixes=(Fix(fix, weights.location, verified),),
        operation="load_state_dict",
    )


def _better(
    weights: Weights, change: tuple[str, str], best: tuple[str, str], most: int
) -> tuple[tuple[str, str], int]:
    agreeing = len(set(weights.own) & set(without_prefix(weights.saved, *change)))
    return (change, agreeing) if agreeing > most else (best, most)


def _endings(name: str) -> Iterator[str]:
    """A dotted name without its first parts."""
    while "." in name:
        name = name.partition(".")[2]
        yield name


def _by_owner(names: Iterable[str]) -> dict[str, list[str]]:
    """Names of entries by the path of the layer that they belong to."""
    found: dict[str, list[str]] = {}
    for name in names:
        found.setdefault(name.rpartition(".")[0], []).append(name)
    return found


def _is_made_otherwise(weights: Weights, path: str) -> bool:
    """Whether a recurrent layer was saved with other layers or directions, which changes names."""
    own, saved = _of(weights.own, path), _of(weights.saved, path)
    return bool(set(own) & set(saved)) and set(own) != set(saved) and "weight_ih_l0" in own


# -- a layer whose weights differ ------------------------------------------------------------------


def _layer(weights: Weights, path: str, names: list[str]) -> Finding:
    """One sentence on a layer that was made in another way than the saved one."""
    kind, groups = _kind(weights.root, path)
    own, saved = _of(weights.own, path), _of(weights.saved, path)
    now, then = described(kind, own, groups), described(kind, saved, groups)
    place = origins.definition(weights.root, path) if path else None
    fixes: tuple[Fix, ...] = ()
    title = _name(weights.root, path)
    if now is None or then is None or now == then:
        differing = [n for n in names if n in weights.mismatched]
        text = f"{title}: the saved {_listed(differing)} have other shapes"
        if len(differing) == 1:
            ours, theirs = weights.own[differing[0]], weights.saved[differing[0]]
            text = f"{title}: {_tail(differing[0], path)} is {format_shape(ours or ())}"
            text += f", but was saved as {format_shape(theirs)}"
    else:
        text, fixes = _made_with(weights, path, now, then, groups, place)
        text = f"{title}: {text}"
    return Finding(
        by_slug("weights").code,
        "error",
        text,
        weights.location,
        related=((place, f"{path} is made here"),) if place is not None else (),
        because=_entries(weights, path, names),
        pytorch_message=_line(weights.said, [f"for {n}:" for n in names] + ["Missing", "Unexp"]),
        fixes=fixes,
        operation="load_state_dict",
    )


def _made_with(
    weights: Weights, path: str, now: Any, then: Any, groups: int, place: Location | None
) -> tuple[str, tuple[Fix, ...]]:
    """How a layer was made when it was saved, and the change that makes it so again."""
    (kind, mine), (saved_kind, theirs) = now, then
    wanted = {k: v for k, v in theirs.items() if mine.get(k) != v}
    wanted |= {k: 0 for k in mine if k not in theirs}  # no projection
    told = ", ".join(f"{k}={v}" for k, v in wanted.items())
    has = ", ".join(f"{k}={mine.get(k, 0)}" for k in wanted)
    text = f"the weights were saved from nn.{saved_kind}"
    if saved_kind == kind:
        text = f"the weights were saved with {told}, this nn.{kind} has {has}"
    elif told:
        text += f" with {told}, this is nn.{kind} with {has}"
    else:
        text += f", this is nn.{kind}"
    with_groups = {"groups": groups} if groups > 1 else {}
    made = weights.make(saved_kind, {**theirs, **with_groups})
    fits = made is not None and made == _of(weights.saved, path)
    change = f"make {path or 'it'} with {told}" if saved_kind == kind else (
        f"make {path or 'it'} an nn.{saved_kind}" + (f" with {told}" if told else "")
    )  # fmt: skip
    return text, (Fix(change, place, fits),)


def _entries(weights: Weights, path: str, names: Sequence[str]) -> tuple[Reason, ...]:
    """The entries that differ, the first ones of many."""
    told = names if len(names) <= MOST_NAMED + 1 else names[:MOST_NAMED]
    reasons = [Reason(_entry(weights, name, path)) for name in told]
    if told is not names:
        reasons.append(Reason(f"and {len(names) - MOST_NAMED} more"))
    return tuple(reasons)


def _entry(weights: Weights, name: str, path: str) -> str:
    ours, theirs = weights.own.get(name), weights.saved.get(name)
    if theirs is None:
        return f"{_tail(name, path)} was not saved"
    if name not in weights.own:
        return f"{_tail(name, path)} is not in the model, saved as {format_shape(theirs)}"
    shape = "unknown" if ours is None else format_shape(ours)
    return f"{_tail(name, path)} is {shape} in the model, saved as {format_shape(theirs)}"


# -- names that differ ---------------------------------------------------------------------------


def _renamed(weights: Weights, missing: Iterable[str]) -> dict[str, str]:
    """Layers that were saved under another path: the same entries with the same shapes."""
    found: dict[str, str] = {}
    left = {
        path: _of(weights.saved, path)
        for path, names in _by_owner(weights.unexpected).items()
        if len(names) == len(_of(weights.saved, path))
    }
    for path in _by_owner(missing):
        alike = [other for other, entries in left.items() if entries == _of(weights.own, path)]
        if len(alike) == 1:
            found[path] = alike[0]
            del left[alike[0]]
    return found


def _finding(weights: Weights, slug: str, text: str, path: str, names: Sequence[str]) -> Finding:
    place = origins.definition(weights.root, path) if path and slug == "missing" else None
    starts = ("Missing key",) if slug == "missing" else ("Unexpected key",)
    return Finding(
        by_slug(slug).code,
        _severity(weights, slug),
        text,
        weights.location,
        related=((place, f"{path} is made here"),) if place is not None else (),
        because=_entries(weights, path, names),
        pytorch_message=_line(weights.said, starts),
        operation="load_state_dict",
    )


def _severity(weights: Weights, slug: str) -> str:
    return "error" if weights.strict or slug == "weights" else "note"


def _of(entries: Mapping[str, Any], path: str) -> dict[str, Any]:
    """The entries of one layer, without its path."""
    start = f"{path}." if path else ""
    names = (name for name in entries if name.startswith(start))
    return {name[len(start) :]: entries[name] for name in names if "." not in name[len(start) :]}


def _kind(root: Any, path: str) -> tuple[str, int]:
    """The class of torch's that a layer is of, and its groups."""
    layer = origins.submodule(root, path)
    for base in type(layer).__mro__:
        if base.__module__.startswith("torch.nn"):
            return base.__name__, getattr(layer, "groups", 1)
    return type(layer).__name__, 1


def _name(root: Any, path: str) -> str:
    kind = type(origins.submodule(root, path)).__name__
    return f"{path} (nn.{kind})" if _kind(root, path)[0] == kind and path else path or kind


def _tail(name: str, path: str) -> str:
    return name[len(path) + 1 :] if path else name


def _listed(names: Sequence[str]) -> str:
    rest = len(names) - MOST_NAMED
    if rest > 1:
        return f"{', '.join(names[:MOST_NAMED])} and {rest} more"
    *before, last = names
    return f"{', '.join(before)} and {last}" if before else last


def _line(said: str, marks: Iterable[str]) -> str:
    """The first line of PyTorch's message that has one of the marks."""
    for mark in marks:
        for line in said.splitlines():
            if mark in line:
                return line.strip()
    return ""


__all__ = ["Weights", "common_prefix", "prefix_finding", "weight_findings", "without_prefix"]
