"""Rows of the zoo as lines, as totals, and as the page of the documentation."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from statistics import median

from .judge import Row

PAGE = Path(__file__).parents[2] / "docs" / "explanation" / "zoo.md"
START, END = "<!-- figures of python -m tests.zoo --compare --write -->", "<!-- end -->"


def lines(row: Row) -> Iterator[str]:
    """What is told of a row as it comes."""
    if row.crash:
        yield f"{row.name}: CRASH {row.crash}"
        return
    mark = "ok" if row.right else "BAD"
    yield (
        f"{row.name}: {mark} {row.verdict}, {row.paths} paths, {row.seconds * 1e3:.0f} ms, "
        f"agrees {row.agreed}/{row.asked}"
    )
    yield f"    {row.inputs} -> {row.outputs}"
    for words, items in (
        ("note", row.notes),
        ("probed", row.probed),
        ("stopped", row.stopped),
        ("differs", row.disagreements),
        ("pinned", row.pinned),
        ("sizes that data tells", row.unknown),
        ("the spec is narrower than the model", row.narrow),
        ("CHANGED", row.changed),
        ("WARNED", row.warnings),
    ):
        for item in items:
            yield f"    {words}: {item[:400]}"
    for name, peer in row.peers.items():
        if peer["ok"]:
            word = "right at all sizes" if peer["symbolic"] else "not right at all sizes"
            ratio = row.seconds / peer["seconds"]
            yield f"    {name}: {peer['seconds'] * 1e3:.0f} ms (ratio {ratio:.2f}), {word}"
        else:
            yield f"    {name}: {peer['why']}"


def totals(rows: Sequence[Row], missing: Iterable[str] = ()) -> Iterator[tuple[str, str, str]]:
    """(what, figure, wanted)."""
    count = len(rows)
    finished = [row for row in rows if row.finished]
    agreeing = [row for row in finished if not row.disagreements and row.agreed == row.asked]
    yield "models", str(count), "at least 60"
    yield "packages", str(len({row.name.partition("/")[0] for row in rows})), ""
    yield "analysed without `incomplete`", _part(len(finished), count), "at least 97 %"
    yield "of these, agree with PyTorch", _part(len(agreeing), len(finished)), "100 %"
    loose = [row for row in finished if not row.pinned]
    yield "every variable size is symbolic", _part(len(loose), len(finished)), "100 %"
    same = [row for row in rows if not row.changed and not row.crash]
    yield "model, modes and random states as before", _part(len(same), count), "100 %"
    quiet = [row for row in rows if not row.warnings]
    yield "no warning that is not deserved", _part(len(quiet), count), "100 %"
    yield "right in every respect", _part(sum(row.right for row in rows), count), ""
    if rows:
        yield "median time of a check", f"{median(row.seconds for row in rows) * 1e3:.0f} ms", ""
    for name, most in (("fx", "at most 1.5"), ("export", "at most 0.05")):
        asked = [row for row in rows if name in row.peers]
        got = [row for row in asked if row.peers[name]["ok"]]
        whole = [row for row in got if row.peers[name]["symbolic"]]
        if asked:
            tool = {"fx": "`torch.fx.symbolic_trace`", "export": "`torch.export`"}[name]
            yield f"{tool} gets through", _part(len(got), len(asked)), ""
            yield f"{tool} is right at the three sizes", _part(len(whole), len(asked)), ""
        ratios = [row.seconds / row.peers[name]["seconds"] for row in got if row.finished]
        if ratios:
            yield f"time / {tool}'s, median", f"{median(ratios):.2f}", most
    for name in missing:
        yield "not installed, left out", name, ""


def _part(some: int, of: int) -> str:
    return f"{some} of {of} ({100 * some / of:.0f} %)" if of else "none"


def page(rows: Sequence[Row]) -> str:
    """The figures as Markdown."""
    out = ["| | figure | wanted |", "| --- | --- | --- |"]
    out += [f"| {what} | {figure} | {wanted} |" for what, figure, wanted in totals(rows)]
    out += ["", "| model | verdict | inputs | outputs | paths | ms | fx | export | remarks |"]
    out += ["| --- " * 9 + "|"]
    for row in rows:
        cells = [
            row.name, row.verdict or "none", row.inputs, row.outputs, str(row.paths),
            f"{row.seconds * 1e3:.0f}", _peer(row, "fx"), _peer(row, "export"), _remarks(row),
        ]  # fmt: skip
        out.append("| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |")
    return "\n".join(out)


def _peer(row: Row, name: str) -> str:
    peer = row.peers.get(name)
    if peer is None:
        return ""
    if not peer["ok"]:
        return "fails"
    return f"{peer['seconds'] * 1e3:.0f}" + ("" if peer["symbolic"] else ", pinned")


def _remarks(row: Row) -> str:
    parts = [f"probed: {', '.join(row.probed)}"] if row.probed else []
    parts += row.stopped[:1]
    parts += [f"differs: {d}" for d in row.disagreements[:1]]
    parts += [f"pinned: {', '.join(row.pinned)}"] if row.pinned else []
    parts += [f"data tells: {', '.join(row.unknown)}"] if row.unknown else []
    parts += ["raises"] if row.crash else []
    parts += [note for note in row.notes if note.startswith("checked for")]
    return "; ".join(part[:160] for part in parts)


def write(rows: Sequence[Row]) -> None:
    """Puts the figures into the page of the documentation."""
    text = PAGE.read_text("utf-8")
    before, _, rest = text.partition(START)
    after = rest.partition(END)[2]
    PAGE.write_text(f"{before}{START}\n\n{page(rows)}\n\n{END}{after}", "utf-8", newline="\n")
