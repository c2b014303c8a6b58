"""The command line: arguments in, exit code out.

Exit codes: 0 nothing wrong, 1 findings, 2 the call itself was wrong, 3 incomplete.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import sys
import traceback
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, NoReturn

from .arguments import assigned, read_input, read_literal, read_number
from .core.errors import ShapeflowError
from .diagnose.catalogue import CODES, Entry, by_code, by_slug

if TYPE_CHECKING:
    from .report import Report

RIGHT, FOUND, MISUSED, INCOMPLETE, INTERRUPTED = 0, 1, 2, 3, 130
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
    _add_report(check)
    _add_check(check)
    check.set_defaults(run=_check)

    infer = commands.add_parser("infer", help="find the shapes a model takes", allow_abbrev=False)
    _add_model(infer)
    _add_report(infer)
    infer.add_argument("--seconds", metavar="N", help="for how long to look (default: 60)")
    infer.set_defaults(run=_infer)

    weights = commands.add_parser(
        "weights", help="check whether a model takes saved weights", allow_abbrev=False
    )
    _add_model(weights)
    _add_report(weights)
    weights.add_argument("file", metavar="FILE", help="what torch.save or safetensors has written")
    weights.add_argument("--loose", action="store_true",
                         help="allow missing and surplus entries, like strict=False")  # fmt: skip
    weights.set_defaults(run=_weights)

    draw = commands.add_parser("draw", help="draw a model with its shapes", allow_abbrev=False)
    _add_model(draw)
    _add_check(draw)
    _add_draw(draw)
    draw.set_defaults(run=_draw)

    docs = commands.add_parser("docs", help="write a page for each model", allow_abbrev=False)
    docs.add_argument("package", metavar="PACKAGE", help="a package, a module, or a Python file")
    docs.add_argument("-o", "--output", metavar="FOLDER", required=True, help="where pages go")
    docs.add_argument("--check", action="store_true",
                      help="write nothing, and exit with 1 where pages are stale")  # fmt: skip
    docs.set_defaults(run=_docs)

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
    mode = parser.add_mutually_exclusive_group()
    mode.add_argument("--eval", dest="train", action="store_false", default=False,
                      help="analyse the model as in evaluation (default)")  # fmt: skip
    mode.add_argument("--train", action="store_true", help="analyse it as in training")


def _add_report(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--format", choices=["text", "short", "json", "sarif", "github"],
                        default="text", help="how to print the report (default: text)")  # fmt: skip
    parser.add_argument("--strict", action="store_true", help="exit with 1 for warnings, too")


def _add_check(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--input", action="append", default=[], metavar="NAME=SPEC",
        help='the spec of a parameter of forward, such as x="B T 3", hx="(1 B 5, 1 B 5)" or '
        "mask=None",
    )  # fmt: skip
    parser.add_argument("--where", action="append", default=[], metavar="FACT",
                        help='a fact about sizes, such as "H %% 8 == 0"')  # fmt: skip
    parser.add_argument("--returns", metavar="SPEC", help="what the result should be")
    parser.add_argument("--ignore", action="append", default=[], metavar="CODE",
                        help="the code of a warning that is not wanted, such as SF501")  # fmt: skip
    parser.add_argument("--calls", metavar="N",
                        help="call it that often in a row, each time at other sizes")  # fmt: skip
    parser.add_argument("--paths", metavar="N", help="ways through forward at most (default: 64)")
    parser.add_argument("--seconds", metavar="N", help="for how long at most (default: 60)")


def _add_draw(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("-o", "--output", required=True, metavar="FILE",
                        help="the file to write; its suffix is the format")  # fmt: skip
    parser.add_argument("--depth", type=int, metavar="N", help="levels of modules that are open")
    parser.add_argument("--expand", action="append", default=[], metavar="PATH",
                        help="a module that stays open, such as encoder.layers.0")  # fmt: skip
    parser.add_argument("--no-fold", dest="fold", action="store_false",
                        help="draw every layer of a stack")  # fmt: skip
    parser.add_argument("--unroll", action="store_true", help="draw every step of a loop")
    parser.add_argument("--plumbing", action="store_true",
                        help="draw calls that only pass tensors on, too")  # fmt: skip
    parser.add_argument("--theme", default="light", help="light (default), dark or auto")
    parser.add_argument("--engine", default="auto", help="auto (default), graphviz-pure or dot")
    parser.add_argument("--dpi", type=float, default=144.0, help="of PNG (default: 144)")


def _without_command(parser: argparse.ArgumentParser, arguments: argparse.Namespace) -> int:
    if arguments.version:
        from .core.version import version

        _print(f"shapeflow {version()}")
        return RIGHT
    raise ShapeflowError("a command is needed, such as check; see shapeflow --help")


def _check(arguments: argparse.Namespace) -> int:
    return _told(arguments, _checked(arguments))


def _checked(arguments: argparse.Namespace) -> Report:
    """The report for the inputs that were declared."""
    inputs = dict(assigned("--input", arguments.input, read_input))
    reserved = {"model", "where", "returns", "calls", "paths", "seconds", "ignore"}
    for name in sorted(reserved & set(inputs)):
        raise ShapeflowError(f"a parameter called {name!r} cannot be given a spec by --input")
    options: dict[str, Any] = {"where": tuple(arguments.where)}
    options.update(_limits(arguments, "calls", "paths", "seconds"))
    if arguments.ignore:
        options["ignore"] = tuple(arguments.ignore)
    if arguments.returns is not None:
        options["returns"] = read_input(arguments.returns)

    def analyse(model: Any) -> Report:
        from .api import check

        return check(model, **options, **inputs)

    return _analysed(arguments, analyse, tuple(inputs))


def _limits(arguments: argparse.Namespace, *names: str) -> Iterator[tuple[str, int | float]]:
    """The options of these names that were given."""
    for name in names:
        text = vars(arguments).get(name)
        if text is not None:
            yield name, read_number(f"--{name}", text, whole=name != "seconds")


def _infer(arguments: argparse.Namespace) -> int:
    return _told(arguments, _inferred(arguments))


def _inferred(arguments: argparse.Namespace) -> Report:
    """The report for the inputs that were found."""
    options = dict(_limits(arguments, "seconds"))

    def analyse(model: Any) -> Report:
        from .inference import infer_shapes

        return infer_shapes(model, **options)

    return _analysed(arguments, analyse)


def _weights(arguments: argparse.Namespace) -> int:
    def analyse(model: Any) -> Report:
        from .checkpoints import check_state_dict

        return check_state_dict(model, arguments.file, strict=not arguments.loose)

    return _told(arguments, _analysed(arguments, analyse))


def _draw(arguments: argparse.Namespace) -> int:
    from .picturing import draw, expect_format

    expect_format(arguments.output)
    report = _checked(arguments) if arguments.input else _inferred(arguments)
    names = "depth expand fold unroll plumbing theme engine dpi"
    draw(report, arguments.output, **{name: getattr(arguments, name) for name in names.split()})
    return exit_code(report)


def _docs(arguments: argparse.Namespace) -> int:
    from pathlib import Path

    from .pages import stale_pages, write_pages

    work = stale_pages if arguments.check else write_pages
    with contextlib.redirect_stdout(sys.stderr):
        names = work(arguments.package, Path(arguments.output))
    word = "stale" if arguments.check else "written"
    _print("\n".join(f"{word}: {name}" for name in names))
    return FOUND if arguments.check and names else RIGHT


def _told(arguments: argparse.Namespace, report: Report) -> int:
    """Prints the report."""
    _print(_rendered(report, arguments.format))
    return exit_code(report, arguments.strict)


def _analysed(
    arguments: argparse.Namespace, analyse: Callable[[Any], Report], inputs: tuple[str, ...] = ()
) -> Report:
    """Loads the model and analyses it; the user's own prints go to stderr."""
    from .loading import loaded, locate

    init = dict(assigned("--init", arguments.init, read_literal))
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
    return report


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
        for title, program in zip(entry.titles, (entry.example, entry.repair), strict=True):
            parts += [title.lower(), textwrap.indent(program, "    ").rstrip()]
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
