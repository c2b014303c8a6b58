"""Imports only point down the layers, and outside libraries stay in their places."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
LAYERS = [  # bottom first; names that share a line do not import one another
    *"core ops spec solve trace explore diagnose report render".split(),
    *"arguments loading ranks api testing checkpoints failures".split(),
    *"inference picturing documenting pages __init__".split(),
    "cli pytest_plugin sphinxext markdown inventory",
    "__main__",
]
TYPES_ONLY = {"TYPE_CHECKING", "typing.TYPE_CHECKING"}
RANK = {name: rank for rank, names in enumerate(LAYERS) for name in names.split()}
APART = {"solve": ["ops", "spec"], "trace": ["solve"]}
SEALED = {
    "torch": "trace testing inventory", "sympy": "core solve", "z3": "", "subprocess": "render",
    "rich": "cli render", "networkx": "diagnose render", "pytest": "pytest_plugin testing",
    "sphinx": "sphinxext", "docutils": "sphinxext",
}  # fmt: skip


def imports(tree: ast.AST, package: tuple[str, ...]) -> Iterator[str]:
    """Absolute dotted names imported anywhere in the code, but not for type checking only."""
    if isinstance(tree, ast.If) and ast.unparse(tree.test) in TYPES_ONLY:
        tree = ast.Module(tree.orelse, [])
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else ()
            stem = ".".join([*base, *filter(None, [node.module])])
            yield from (f"{stem}.{alias.name}" for alias in node.names)
        else:
            yield from imports(node, package)


def complaints(path: str, source: str) -> Iterator[str]:
    """What the imports of one file, named from the root, do against the picture."""
    package, own = Path(path).parent.parts, Path(path).with_suffix("").parts[1]
    own = "__main__" if Path(path).stem == "__main__" else own
    if own not in RANK:
        yield f"{path}: {own} is in no layer"
        return
    for name in imports(ast.parse(source), package):
        top, other, *_ = [*name.split("."), "__init__"]
        other = other if other in RANK else "__init__"
        wrong = own not in SEALED.get(top, own).split()
        if top == "shapeflow" and other != own:
            wrong = RANK[other] >= RANK[own] or other in APART.get(own, [])
        if wrong:
            yield f"{path}: {own} may not import {name}"


def test_imports_point_down() -> None:
    files = sorted((ROOT / "shapeflow").rglob("*.py"))
    found = [c for f in files for c in complaints(f"{f.relative_to(ROOT)}", f.read_text("utf-8"))]
    assert files
    assert not found, "\n".join(found)


@pytest.mark.parametrize(
    ("path", "source"),
    [
        ("shapeflow/util.py", ""),
        ("shapeflow/core/dims.py", "from shapeflow.report import Report"),
        ("shapeflow/core/dims.py", "from shapeflow import check"),
        ("shapeflow/solve/core.py", "from ..ops import call"),
        ("shapeflow/trace/guard.py", "def f():\n    from .. import solve"),
        ("shapeflow/testing.py", "from . import cli"),
        ("shapeflow/ops/__main__.py", "import torch"),
        ("shapeflow/ops/listing.py", "from ..inventory import main"),
        ("shapeflow/ops/conv.py", "try:\n    import torch.nn\nexcept ImportError: pass"),
        ("shapeflow/spec/spec.py", "if TYPE_CHECKING: pass\nelse: import sympy"),
    ],
)
def test_wrong_imports_are_seen(path: str, source: str) -> None:
    assert list(complaints(path, source))


def test_imports_for_types_only_are_free() -> None:
    source = "if typing.TYPE_CHECKING:\n    import torch\n    from ..report import Report"
    assert not list(complaints("shapeflow/core/dims.py", source))
