"""The command line: arguments in, exit code out.

Exit codes: 0 nothing wrong, 1 findings, 2 the call itself was wrong, 3 incomplete.
"""

from __future__ import annotations

import argparse
import ast
import contextlib
import os
import re
import sys
import traceback
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, NoReturn

from .core.errors import ShapeflowError
from .diagnose.catalogue import CODES, Entry, by_code, by_slug

if TYPE_CHECKING:
    from .report import Report

RIGHT, FOUND, MISUSED, INCOMPLETE, INTERRUPTED = 0, 1, 2, 3, 130
WORDS = {"None": None, "True": True, "False": False}
NUMBER = re.compile(r"[+-]?(\d+|(\d+\.\d*|\.\d+)([eE][+-]?\d+)?|\d+[eE][+-]?\d+)")
BRACKETS = {"(": ")", "[": "]", "{": "}"}
TARGET = "path/to/file.py:Model or package.module:Model; an nn.Module, a class, or a function"


class _Parser(argparse.ArgumentParser):
    """A parser whose complaints are handled like all others."""

    def error(self, message: str) -> NoReturn:
        raise ShapeflowError(f"{message}; see {self.prog} --help")


def main(argv: Sequence[str] | None = None) -> int:
    """Runs one command.

    Args:
        argv: the arguments, those of the process without it.

    Returns:
        the exit code.
    """
    try:
        arguments = _parser().parse_args(argv)
        code: int = arguments.run(arguments)
        return code
    except ShapeflowError as error:
        _complain(" ".join(str(error).split()))
        return MISUSED
    except KeyboardInterrupt:
        return INTERRUPTED
    except Exception as error:
        traceback.print_exc()
        _complain(f"an internal fault (SF901), please report it: {type(error).__name__}: {error}")
        return INCOMPLETE


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="shapeflow",
        description="Proves which tensor sizes a PyTorch model may take, and explains the call "
        "that breaks.",
        epilog="Exit codes: 0 nothing wrong, 1 findings, 2 the call was wrong, 3 incomplete.",
        allow_abbrev=False,
    )
    parser.add_argument("--version", action="store_true", help="print the version and end")
    parser.set_defaults(run=partial(_without_command, parser))
    commands = parser.add_subparsers(title="commands", metavar="COMMAND")

    check = commands.add_parser(
        "check", help="check a model for declared inputs", allow_abbrev=False
    )
    _add_model(check)
    _add_check(check)
    check.set_defaults(run=_check)

    infer = commands.add_parser("infer", help="find the shapes a model takes", allow_abbrev=False)
    _add_model(infer)
    infer.set_defaults(run=_infer)

    weights = commands.add_parser(
        "weights", help="check whether a model takes saved weights", allow_abbrev=False
    )
    _add_model(weights)
    weights.add_argument("file", metavar="FILE", help="what torch.save or safetensors has written")
    weights.add_argument("--loose", action="store_true",
                         help="allow missing and surplus entries, like strict=False")  # fmt: skip
    weights.set_defaults(run=_weights)

    explain = commands.add_parser("explain", help="explain a code", allow_abbrev=False)
    explain.add_argument("code", nargs="?", help="such as SF204; all codes are listed without it")
    explain.set_defaults(run=_explain)
    return parser


def _add_model(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("target", metavar="TARGET", help=TARGET)
    parser.add_argument(
        "--init", action="append", default=[], metavar="NAME=VALUE",
        help="an argument for the class or function that builds the model, a Python literal",
    )  # fmt: skip
    parser.add_argument("--format", choices=["text", "short", "json", "sarif", "github"],
                        default="text", help="how to print the report (default: text)")  # fmt: skip
    parser.add_argument("--strict", action="store_true", help="exit with 1 for warnings, too")
    mode = parser.add_mutually_exclusive_group()
    mode.add_argument("--eval", dest="train", action="store_false", default=False,
                      help="analyse the model as in evaluation (default)")  # fmt: skip
    mode.add_argument("--train", action="store_true", help="analyse it as in training")


def _add_check(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--input", action="append", default=[], metavar="NAME=SPEC",
        help='the spec of a parameter of forward, such as x="B T 3", hx="(1 B 5, 1 B 5)" or '
        "mask=None",
    )  # fmt: skip
    parser.add_argument("--where", action="append", default=[], metavar="FACT",
                        help='a fact about sizes, such as "H %% 8 == 0"')  # fmt: skip
    parser.add_argument("--returns", metavar="SPEC", help="what the result should be")


def _without_command(parser: argparse.ArgumentParser, arguments: argparse.Namespace) -> int:
    if arguments.version:
        from .core.version import version

        _print(f"shapeflow {version()}")
        return RIGHT
    raise ShapeflowError("a command is needed, such as check; see shapeflow --help")


def _check(arguments: argparse.Namespace) -> int:
    inputs = dict(_assigned("--input", arguments.input, read_input))
    for name in sorted({"model", "where", "returns"} & set(inputs)):
        raise ShapeflowError(f"a parameter called {name!r} cannot be given a spec by --input")
    options: dict[str, Any] = {"where": tuple(arguments.where)}
    if arguments.returns is not None:
        options["returns"] = read_input(arguments.returns)

    def analyse(model: Any) -> Report:
        from .api import check

        return check(model, **options, **inputs)

    return _analysed(arguments, analyse, tuple(inputs))


def _infer(arguments: argparse.Namespace) -> int:
    def analyse(model: Any) -> Report:
        from .inference import infer_shapes

        return infer_shapes(model)

    return _analysed(arguments, analyse)


def _weights(arguments: argparse.Namespace) -> int:
    def analyse(model: Any) -> Report:
        from .checkpoints import check_state_dict

        return check_state_dict(model, arguments.file, strict=not arguments.loose)

    return _analysed(arguments, analyse)


def _analysed(
    arguments: argparse.Namespace, analyse: Callable[[Any], Report], inputs: tuple[str, ...] = ()
) -> int:
    """Loads the model, analyses it and prints the report; the user's own prints go to stderr."""
    from .loading import loaded, locate

    init = dict(_assigned("--init", arguments.init, _literal))
    target = locate(arguments.target)
    from . import api  # noqa: F401 - torch comes in before the user's folders are on the path
    from .trace import is_module

    with contextlib.redirect_stdout(sys.stderr), loaded(target, init, inputs) as model:
        if is_module(model):
            model.train(arguments.train)
        try:
            report = analyse(model)
        except SystemExit as error:
            raise ShapeflowError(f"{target} ends the program (SystemExit: {error.code})") from error
    _print(_rendered(report, arguments.format))
    return exit_code(report, arguments.strict)


def exit_code(report: Report, strict: bool = False) -> int:
    """1 for findings on the model, else 3 for an incomplete analysis, else 0."""
    wrong = ("error", "warning") if strict else ("error",)
    limits = ("SF4", "SF9")  # these say that something could not be analysed, not that it fails
    for finding in report.findings:
        if finding.severity in wrong and not finding.code.startswith(limits):
            return FOUND
    if report.verdict == "incomplete":
        return INCOMPLETE
    return FOUND if any(finding.severity in wrong for finding in report.findings) else RIGHT


def read_input(text: str) -> Any:
    """The value of ``--input``: a spec, None, a bool, a number, or a quoted literal text.

    ``(a, b)`` is a tuple, ``[a, b]`` a list and ``{k=a, l=b}`` a dict of such values. A spec of one
    fixed size is written with its dtype, ``3:float32``.

    Raises:
        ShapeflowError: the brackets do not match, or an item is empty.
    """
    text = text.strip()
    if text in WORDS:
        return WORDS[text]
    if NUMBER.fullmatch(text):
        return int(text) if text.lstrip("+-").isdecimal() else float(text)
    if len(text) > 1 and text[0] == text[-1] and text[0] in "'\"":
        from .spec import literal

        return literal(text[1:-1])
    parts = _parts(text)
    if len(parts) > 1 and not text.startswith(tuple(BRACKETS)):
        raise ShapeflowError(f"cannot read {text!r}: several specs are written ({text})")
    closing = BRACKETS.get(text[:1], "")
    if not closing or not _encloses(text):
        return text
    items = _parts(text[1:-1])
    if closing == ")" and len(items) == 1 and items[0].strip():
        return text  # a size in brackets
    if items and not items[-1].strip():
        items.pop()  # behind the last comma
    if not all(item.strip() for item in items):
        raise ShapeflowError(f"cannot read {text!r}: an item is empty")
    if closing == "}":
        return dict(_assigned(text, items, read_input))
    values = [read_input(item) for item in items]
    return tuple(values) if closing == ")" else values


def _parts(text: str) -> list[str]:
    """The text cut at commas outside brackets."""
    parts, open_brackets = [""], []
    for letter in text:
        if letter in BRACKETS:
            open_brackets.append(BRACKETS[letter])
        elif letter in BRACKETS.values() and (not open_brackets or open_brackets.pop() != letter):
            raise ShapeflowError(f"cannot read {text!r}: the brackets do not match")
        if letter == "," and not open_brackets:
            parts.append("")
        else:
            parts[-1] += letter
    if open_brackets:
        raise ShapeflowError(f"cannot read {text!r}: the brackets do not match")
    return parts


def _encloses(text: str) -> bool:
    """Whether the first bracket is closed by the last letter."""
    depth = 0
    for number, letter in enumerate(text, 1):
        depth += (letter in BRACKETS) - (letter in BRACKETS.values())
        if depth == 0:
            return number == len(text)
    return False


def _assigned(
    option: str, items: Iterable[str], read: Callable[[str], Any]
) -> Iterator[tuple[str, Any]]:
    seen = set()
    for item in items:
        name, sign, text = item.partition("=")
        name = name.strip()
        if not sign or not name.isidentifier():
            raise ShapeflowError(f"{option} {item!r} should be a name, '=' and a value")
        if name in seen:
            raise ShapeflowError(f"{option} gives {name!r} twice")
        seen.add(name)
        try:
            yield name, read(text)
        except ShapeflowError as error:
            raise ShapeflowError(f"{option} {name}: {error}") from error


def _literal(text: str) -> Any:
    try:
        return ast.literal_eval(text.strip())
    except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
        example = '64, 0.5, True, None, \'"text"\' or "[3, 4]"'
        raise ShapeflowError(f"{text!r} is not a literal such as {example}") from None


def _rendered(report: Report, form: str) -> str:
    from .render import FORMATS
    from .render.sarif import to_sarif

    if form == "sarif":
        return to_sarif(report, CODES)
    if form == "text":
        from rich.console import Console

        from .render.text import to_terminal

        console = Console()
        if console.is_terminal:
            with console.capture() as capture:
                to_terminal(report, console)
            return capture.get().rstrip("\n")
    return FORMATS[form](report)


def _explain(arguments: argparse.Namespace) -> int:
    if arguments.code is None:
        _print("\n".join(f"{e.code}  {e.slug:<12}  {e.title}" for e in CODES.values()))
    else:
        code = arguments.code
        _print(_explanation(by_code(code) if code[-1:].isdigit() else by_slug(code)))
    return RIGHT


def _explanation(entry: Entry) -> str:
    import textwrap

    parts = [f"{entry.code} {entry.slug}: {entry.title}", textwrap.fill(entry.why, 79)]
    if entry.example:
        parts += ["this fails", textwrap.indent(entry.example, "    ").rstrip()]
        parts += ["this runs", textwrap.indent(entry.repair, "    ").rstrip()]
    return "\n\n".join(parts)


def _print(text: str) -> None:
    """Prints on a pipe that may be closed, in an encoding that may lack letters."""
    if not text:
        return
    encoding = getattr(sys.stdout, "encoding", None) or "utf-8"
    try:
        print(text.encode(encoding, "backslashreplace").decode(encoding), flush=True)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _complain(message: str) -> None:
    encoding = getattr(sys.stderr, "encoding", None) or "utf-8"
    told = f"shapeflow: {message}".encode(encoding, "backslashreplace").decode(encoding)
    with contextlib.suppress(BrokenPipeError):
        print(told, file=sys.stderr)
