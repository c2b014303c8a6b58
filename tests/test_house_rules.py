"""The house rules that no linter knows: each is a function from a file to its complaints."""

import ast
import re
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

import pytest

from shapeflow.diagnose.catalogue import CODES

ROOT = Path(__file__).parents[1]
FILE, FUNCTION, OP_RULE = 400, 60, 25  # lines
NOT_RULES = {"__init__.py", "registry.py", "call.py", "probing.py"}
LONG_RULES: set[str] = set()  # rules in shapeflow/ops that may be longer, each with its reason
BY_SLUG = {entry.slug for entry in CODES.values()}
UNSAFE = {"eval", "exec", "sympify", "parse_expr"}
MACHINE_PATH = re.compile(r"(?<![\w.~-])/(work|root|opt)/")

Definition = ast.FunctionDef | ast.ClassDef
Node = TypeVar("Node", bound=ast.AST)


def find(kind: type[Node], source: str) -> Iterator[Node]:
    """All nodes of one kind in a source text."""
    return (node for node in ast.walk(ast.parse(source)) if isinstance(node, kind))


def span(node: ast.stmt) -> int:
    """Lines that a statement takes."""
    return (node.end_lineno or node.lineno) - node.lineno + 1


def too_long(source: str, limit: int) -> Iterator[tuple[ast.FunctionDef, int]]:
    """Functions over the limit and their lines, docstrings and decorators not counted."""
    for node in find(ast.FunctionDef, source):
        lines = span(node) - (span(node.body[0]) if ast.get_docstring(node) else 0)
        if lines > limit:
            yield node, lines


def long_file(path: str, source: str) -> Iterator[str]:
    """A file has at most 400 lines; case tables are as long as their family."""
    lines = len(source.splitlines())
    if lines > FILE and not Path(path).match("tests/ops/cases_*.py"):
        yield f"{path}: {lines} lines, at most {FILE} allowed"


def long_function(path: str, source: str) -> Iterator[str]:
    """A function has at most 60 lines."""
    for node, lines in too_long(source, FUNCTION):
        yield f"{path}:{node.lineno}: {node.name} has {lines} lines, at most {FUNCTION} allowed"


def long_rule(path: str, source: str) -> Iterator[str]:
    """A rule in shapeflow/ops, or a helper beside it, has at most 25 lines."""
    if not path.startswith("shapeflow/ops/") or Path(path).name in NOT_RULES:
        return
    for node, lines in too_long(source, OP_RULE):
        if node.name not in LONG_RULES:
            yield f"{path}:{node.lineno}: {node.name} has {lines} lines, at most {OP_RULE} allowed"


def no_docstring(path: str, source: str) -> Iterator[str]:
    """What is public says what it is; a method of one statement may speak for itself."""
    if not path.startswith("shapeflow/"):
        return
    public = [n for n in ast.parse(source).body if isinstance(n, Definition) and n.name[0] != "_"]
    for parent in [n for n in public if isinstance(n, ast.ClassDef)]:
        methods = [m for m in parent.body if isinstance(m, ast.FunctionDef) and len(m.body) > 1]
        public += [m for m in methods if m.name[0] != "_"]
    for node in public:
        if not ast.get_docstring(node):
            yield f"{path}:{node.lineno}: {node.name} has no docstring"


def swallowed_error(path: str, source: str) -> Iterator[str]:
    """No bare `except`, and no `except Exception` that does nothing."""
    for node in find(ast.ExceptHandler, source):
        caught = ast.unparse(node.type) if node.type else "BaseException"
        idle = all(ast.unparse(step) in ("pass", "continue", "...") for step in node.body)
        if not node.type or (idle and re.search(r"\b(Base)?Exception\b", caught)):
            yield f"{path}:{node.lineno}: swallows every error"


def evaluated_text(path: str, source: str) -> Iterator[str]:
    """The package never evaluates text, neither by Python nor by sympy."""
    for node in find(ast.AST, source if path.startswith("shapeflow/") else ""):
        match node:
            case ast.Name(id=name) | ast.alias(name=name) if name in UNSAFE:
                yield f"{path}:{node.lineno}: uses {name}"
            case ast.Attribute(attr="sympify" | "parse_expr" as name):
                yield f"{path}:{node.lineno}: uses {name}"


def machine_path(path: str, source: str) -> Iterator[str]:
    """No text names a place on the machine where it was written."""
    for number, line in enumerate(source.splitlines(), 1):
        if found := MACHINE_PATH.search(line):
            yield f"{path}:{number}: names {found[0]}"


def unknown_kind(path: str, source: str) -> Iterator[str]:
    """A rule in shapeflow/ops names faults as the catalogue of findings does."""
    if not path.startswith("shapeflow/ops/"):
        return
    for call in find(ast.Call, source):
        for given in call.keywords:
            value = given.value.value if isinstance(given.value, ast.Constant) else None
            if given.arg == "kind" and value not in (None, *BY_SLUG):
                yield f"{path}:{call.lineno}: no finding is called {value!r}"


def texts() -> Iterator[tuple[str, str]]:
    """Every text file of the checkout that git does not ignore: its path and its content."""
    if not (ROOT / ".git").exists():
        pytest.skip("needs a git checkout")
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, check=True, capture_output=True).stdout
    for path in sorted(set(listed.decode().split("\0"))):
        content = (ROOT / path).read_bytes() if (ROOT / path).is_file() else b"\0"
        if b"\0" not in content:
            yield path, content.decode("utf-8")


Rule = Callable[[str, str], Iterator[str]]
RULES: list[Rule] = [
    long_file,
    long_function,
    long_rule,
    no_docstring,
    swallowed_error,
    evaluated_text,
    machine_path,
    unknown_kind,
]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_rule_is_kept(rule: Rule) -> None:
    read = [(p, t) for p, t in texts() if p.endswith(".py") or rule is machine_path]
    found = [complaint for path, text in read for complaint in rule(path, text)]
    assert read
    assert not found, "\n".join(found)


LINES = "    x = 1\n" * 30
BROKEN = [  # rule, path, text that breaks it
    (long_file, "examples/net.py", "\n" * 401),
    (long_function, "tests/test_net.py", f"class A:\n  def f():\n{LINES}{LINES}"),
    (long_rule, "shapeflow/ops/conv.py", f"def conv(call):\n    '''a -> b'''\n{LINES}"),
    (no_docstring, "shapeflow/api.py", "def check(): pass"),
    (no_docstring, "shapeflow/api.py", "class Dim:\n  'd'\n  def f(s):\n    s.x = 1\n    g()"),
    (swallowed_error, "shapeflow/api.py", "try: f()\nexcept: g()"),
    (swallowed_error, "shapeflow/api.py", "try: f()\nexcept (OSError, Exception): pass"),
    (evaluated_text, "shapeflow/spec/spec.py", "value = eval(text)"),
    (evaluated_text, "shapeflow/core/dims.py", "from sympy import sympify as parse"),
    (evaluated_text, "shapeflow/core/dims.py", "sympy.parsing.sympy_parser.parse_expr(text)"),
    (machine_path, "README.md", "see `" + "/work" + "/notes.md`"),
    (unknown_kind, "shapeflow/ops/conv.py", "call.equal(a, b, kind='channels')"),
]


@pytest.mark.parametrize(("rule", "path", "source"), BROKEN)
def test_broken_rule_is_seen(rule: Rule, path: str, source: str) -> None:
    assert list(rule(path, source))


@pytest.mark.parametrize(
    ("rule", "path", "source"),
    [
        (long_file, "tests/ops/cases_conv.py", "\n" * 401),
        (long_rule, "shapeflow/ops/conv.py", f"def conv(call):\n    '''{LINES}'''"),
        (no_docstring, "shapeflow/core/dims.py", "class Dim:\n  'd'\n  def size(s): return 1"),
        (swallowed_error, "shapeflow/api.py", "try: f()\nexcept KeyError: pass"),
        (evaluated_text, "shapeflow/trace/trace.py", "model.eval()"),
        (unknown_kind, "shapeflow/ops/conv.py", "call.equal(a, b, kind='features')"),
        (machine_path, "README.md", "https://example.org/work/notes and ./opt/x and frame/work/"),
    ],
)
def test_kept_rule_is_silent(rule: Rule, path: str, source: str) -> None:
    assert not list(rule(path, source))
