"""Details of the text: underlining, wrapping, colours, and texts that are not meant kindly."""

import io
from dataclasses import replace

import pytest
from rich.console import Console

from shapeflow.core.constraint import Location, never
from shapeflow.core.dims import symbol
from shapeflow.diagnose.diagnostic import Finding, Reason, Verdict
from shapeflow.render.lines import clean, paragraph, plain, snippet, table, whereabouts
from shapeflow.render.text import to_short, to_terminal, to_text, tree_text
from shapeflow.report import Report
from tests.render.samples import BATCH, CALL, SAMPLES, report

B = symbol("B")


def mark(column: int, end: int, text: str, end_line: int = 7) -> str:
    """What is underlined in one source line, with the line above it."""
    place = Location("net.py", 7, column, end_line, end, text)
    _, code, under = plain(snippet(place, "error")).splitlines()
    return f"{code[4:]}\n{under[4:]}"


@pytest.mark.parametrize(
    ("column", "end", "text", "underline"),
    [
        (5, 9, "y = f(x)", "    ^^^^"),
        (1, 9, "  y = f()", "  ^^^^^^"),  # a whole line, from its first word
        (5, 0, "y = f(x)", "    ^^^^"),  # no end is known
        (5, 99, "y = f(x)", "    ^^^^"),
        (99, 120, "y = f(x)", "^^^^^^^^"),  # the file has changed
        (6, 10, "\ty = f(x)", "        ^^^^"),
        (8, 12, 'é("日") f(x)', "        ^^^^"),  # two columns for a wide character
    ],
)
def test_underline(column: int, end: int, text: str, underline: str) -> None:
    assert mark(column, end, text).splitlines()[1] == underline


def test_call_over_several_lines_is_underlined_to_the_end_of_its_first() -> None:
    assert mark(5, 2, "y = view(  ", end_line=9) == "y = view(\n    ^^^^^"


def test_place_without_source_has_no_snippet() -> None:
    assert not list(snippet(Location("net.py", 7), "error"))


def test_code_is_never_wrapped_and_other_text_is() -> None:
    code = "        y = f(" + ", ".join(["x"] * 80) + ")"
    long = replace(CALL, text=code, column=13, end_column=len(code) + 1)
    finding = replace(BATCH, location=long, message="a b " * 60, pytorch_message="c d " * 60)
    lines = to_text(report(Verdict.CONDITIONAL, findings=(finding,))).splitlines()
    assert f"31 | {code}" in lines
    assert all(len(line) <= 100 for line in lines if "f(x" not in line and "^" not in line)


@pytest.mark.parametrize("width", [40, 60, 100])
def test_paragraph_keeps_its_width_and_its_words(width: int) -> None:
    for head in ("note: ", "  at B=2, T=1, N=3 PyTorch says: "):
        lines = plain(paragraph([(head, "")], "word " * 50, width)).splitlines()
        assert all(len(line) <= width for line in lines)
        assert "".join(lines).count("word") == 50


def test_long_word_stays_whole() -> None:
    assert plain(paragraph([("", "")], "x" * 300, 80)) == "x" * 300


def test_table_aligns_places() -> None:
    rows = [("1", "short", "line 31"), ("2", "rather longer", "line 32"), ("3", "nowhere", "")]
    assert plain(table(rows, 80)) == (
        "    1  short          line 31\n    2  rather longer  line 32\n    3  nowhere"
    )


def test_places_in_few_words() -> None:
    assert whereabouts(None) == ""
    assert whereabouts(CALL) == "net.py:31"
    assert whereabouts(CALL, "net.py") == "line 31"
    assert whereabouts(Location(f"{'deep/' * 9}net.py", 3)) == "net.py:3"


def test_places_are_told_once() -> None:
    text = to_text(report(findings=(replace(BATCH, related=BATCH.related * 2),)))
    assert text.count("  see ") == 1


def test_what_nothing_satisfies_is_not_called_a_need() -> None:
    text = to_text(report(findings=(replace(BATCH, because=(), constraints=(never(),)),)))
    assert "never" not in text


def test_control_characters_do_not_reach_the_terminal() -> None:
    evil = "\x1b[31mred\r\n\x07\u202eback"
    place = Location(evil, 1, 1, 1, 9, f"x = 1 # {evil}")
    finding = Finding(
        "SF204", "error", evil, place, pytorch_message=evil, because=(Reason(evil, place),)
    )
    one = replace(SAMPLES["valid"], findings=(finding,), model=evil, notes=(evil,))
    for text in (to_text(one), to_short(one)):
        assert not any(c in text for c in "\x1b\r\x07\u202e")


def test_clean_keeps_letters_of_all_languages() -> None:
    assert clean("größe 日本 λ = 3") == "größe 日本 λ = 3"


def terminal(one: Report, **options: object) -> str:
    """What is printed on a terminal."""
    console = Console(file=io.StringIO(), **options)  # type: ignore[arg-type]
    to_terminal(one, console)
    return console.file.getvalue()  # type: ignore[attr-defined, no-any-return]


@pytest.mark.parametrize("name", SAMPLES)
def test_terminal_without_colours_prints_the_plain_text(name: str) -> None:
    assert terminal(SAMPLES[name], width=100) == to_text(SAMPLES[name]) + "\n"


def test_terminal_has_colours_and_keeps_its_width() -> None:
    text = terminal(
        SAMPLES["conditional"],
        width=72,
        force_terminal=True,
        color_system="standard",
        no_color=False,
    )
    assert "\x1b[1;31merror[SF204]\x1b[0m" in text
    narrow = terminal(SAMPLES["conditional"], width=72)
    assert all(len(line) <= 72 for line in narrow.splitlines())


def test_markup_in_messages_is_not_read() -> None:
    one = report(findings=(Finding("SF204", "error", "got [1, 3] in [bold]x[/bold]"),))
    assert "got [1, 3] in [bold]x[/bold]" in terminal(one, width=100)


@pytest.mark.parametrize(
    ("tree", "text"),
    [
        ((), "()"),
        ((B,), "(B,)"),
        (((B, 3),), "((B, 3),)"),
        ([(B, 3), None], "[(B, 3), None]"),
        ({"a": (B, 3)}, "{a: (B, 3)}"),
        (B + 1, "B+1"),
        ("mean", "'mean'"),
        (True, "True"),
    ],
)
def test_tree(tree: object, text: str) -> None:
    assert tree_text(tree) == text


def test_many_ways_are_cut() -> None:
    ways = SAMPLES["ways"]
    text = to_text(replace(ways, paths=ways.paths * 4))
    assert "and on 4 more ways" in text
