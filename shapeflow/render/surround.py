"""What stands above and below a picture: signature, symbols, conditions, argument, notes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from .measure import SMALL, Block, Measure, Row, Span
from .scene import Scene
from .signature import brief_text, tree_text

HEAD = 13.0
VERDICTS = {
    "valid": "good",
    "conditional": "warning",
    "unsatisfiable": "conflict",
    "incomplete": "warning",
}
BRIEF = 120
"""Characters of a result that is written in full."""
MOST = 8
"""Conditions and notes that are listed."""


def title(scene: Scene, measure: Measure, room: float) -> Block:
    """The signature and the verdict."""
    name = Span(scene.model or "model", "bold", HEAD, "ink")
    spans = [name, Span("   ", "regular", HEAD, "ink")]
    for i, (key, tree) in enumerate(scene.inputs):
        spans += [Span((", " if i else "") + f"{key} ", "regular", 10, "faint")]
        spans += measure.coloured(tree_text(tree), 10)
    if scene.outputs is not None:
        spans.append(Span("  →  ", "regular", 10, "faint"))
        spans += measure.coloured(brief_text(scene.outputs, BRIEF), 10)
    verdict, sentence = scene.verdict
    paint = VERDICTS.get(verdict, "faint")
    told = [Span("● ", "regular", SMALL, paint), Span(f"{verdict}: ", "bold", SMALL, paint)]
    told.append(Span(sentence, "regular", SMALL, "faint"))
    return Block((*measure.paragraph(spans, room, 12), *measure.paragraph(told, room, 12)))


def below(scene: Scene, measure: Measure, room: float) -> Block:
    """Legend, conditions, the argument, notes."""
    return Block(tuple(_below(scene, measure, room)))


def _below(scene: Scene, measure: Measure, room: float) -> Iterator[Row]:
    chips = []
    for name, home in scene.symbols:
        chip = [*measure.coloured(name, SMALL, "bold")]
        if home:
            chip.append(Span(f"  {home}", "regular", SMALL, "faint"))
        chips.append([*chip, Span("      ", "regular", SMALL, "faint")])
    yield from flowed(chips, room)
    long = [
        [
            *measure.coloured(name, SMALL, "bold"),
            *measure.coloured(f" = {size}      ", SMALL),
        ]
        for name, size in measure.names.legend
    ]
    yield from flowed(long, room)
    yield from _list("holds where", scene.constraints, measure, room)
    if scene.reasons:
        yield Row((Span("because", "bold", SMALL, "conflict"),), True)
        for i, reason in enumerate(scene.reasons, 1):
            head = Span(f"{i}  ", "bold", SMALL, "conflict")
            yield from measure.paragraph([head, *measure.coloured(reason, SMALL)], room, 12)
    for note in scene.notes[:MOST]:
        paint = "conflict" if note.startswith("error ") else "faint"
        yield from measure.paragraph([Span(note, "regular", SMALL, paint)], room, 12)


def _list(head: str, items: Sequence[str], measure: Measure, room: float) -> Iterator[Row]:
    if not items:
        return
    spans = [Span(f"{head}  ", "bold", SMALL, "faint")]
    for i, item in enumerate(items[:MOST]):
        spans += measure.coloured((",  " if i else "") + item, SMALL)
    if len(items) > MOST:
        spans.append(Span(f"  and {len(items) - MOST} more", "regular", SMALL, "faint"))
    yield from measure.paragraph(spans, room, 12)


def flowed(spans: Sequence[Sequence[Span]], room: float) -> tuple[Row, ...]:
    """Pieces side by side, on further lines where they do not fit."""
    rows: list[list[Span]] = [[]]
    for piece in spans:
        width = sum(span.width for span in piece)
        if rows[-1] and sum(span.width for span in rows[-1]) + width > room:
            rows.append([])
        rows[-1] += piece
    return tuple(Row(tuple(row), True) for row in rows if row)
